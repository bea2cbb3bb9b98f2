/*
 * load: from a file name to a plugin that may be called.
 *
 * A plugin is foreign code: it is loaded only in a worker or in a process
 * that just describes it, and it stays loaded until that process ends.
 */
#ifndef WORKER_LOAD_H
#define WORKER_LOAD_H

#include <jansson.h>

#include "base/err.h"
#include "litfass/plugin.h"

#define LOAD_NAME_MAX	32	/* bytes of a plugin's name */

/*
 * Check file and folder, load, check the plugin against the contract of
 * plugin.h. NULL with the reason and what to do in *e (never NULL). Borrowed
 * for the life of the process.
 */
const struct lf_plugin *
load_plugin(const char *path, struct err *e);

/* The checks on what was found in a file called NAME.so, for tests. */
int
load_check(const struct lf_plugin *p, const char *name, struct err *e);

/*
 * What is known about a plugin without opening it: name, version, summary,
 * licence, contact, abi "1.0", caps (number), can [words], address_kind,
 * max_inflight, send_timeout (s), params [{key, type, flags (the numbers of
 * plugin.h), default (as written in the file, or null), min, max, choices
 * (or null), doc}]. Given; NULL when a text of the plugin is not UTF-8.
 */
json_t *
load_describe(const struct lf_plugin *p);

/* Print that for a file and exit, for litfassd --describe. */
void
load_describe_main(const char *path) __attribute__((noreturn));

#endif
