/*
 * sandbox: what a worker gives up before foreign code runs in it.
 *
 * Always: new privileges, core files, being traced by others, descriptors
 * it was not given. With Landlock (kernel 5.13): all files but those that
 * name resolution, TLS and libraries need, and the paths in the channel's
 * own parameters: STRINGs whose key ends in "_file" (read) or is or ends in
 * "dir" (read and write).
 */
#ifndef WORKER_SANDBOX_H
#define WORKER_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum sandbox_mode { SANDBOX_OFF, SANDBOX_BEST_EFFORT, SANDBOX_REQUIRED };

struct sandbox_path {
	const char *path;	/* borrowed */
	bool writable;
};

/* "off", "best-effort", "required"; -1 for another word. */
int
sandbox_mode(const char *word);

/* Close everything but 0, 1, 2 and keep; read and print nowhere. */
void
sandbox_descriptors(int keep);

/*
 * Give up. *what_r says in one line what is enforced (borrowed, static).
 * paths, n: what this channel needs besides; those that do not exist are
 * skipped. -1 when mode is SANDBOX_REQUIRED and the kernel can't.
 */
int
sandbox_enter(enum sandbox_mode mode, const struct sandbox_path *paths,
    size_t n, const char **what_r, struct err *e);

#endif
