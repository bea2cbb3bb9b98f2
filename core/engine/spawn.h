/*
 * spawn: start litfassd again in another role. A child gets an empty
 * environment, "/" as folder, /dev/null as input, our standard error, a
 * session of its own (a Ctrl-C at the terminal is core's business) and no
 * other descriptor.
 */
#ifndef ENGINE_SPAWN_H
#define ENGINE_SPAWN_H

#include <jansson.h>
#include <sys/types.h>

#include "base/err.h"

/*
 * Start "program --worker" with one end of a SOCK_SEQPACKET pair on its
 * descriptor 3. The other end (close-on-exec, blocking) is given in *fd_r;
 * the child must be reaped by the caller.
 */
int
spawn_worker(const char *program, int *fd_r, pid_t *pid_r, struct err *e);

/*
 * Start "program --check" for this configuration (NULL: its own choice). What
 * it writes can be read from *fd_r (given); the child must be reaped by the
 * caller.
 */
int
spawn_check(const char *program, const char *config, int *fd_r, pid_t *pid_r,
    struct err *e);

/*
 * What "program --describe plugin" says about a plugin: its metadata and
 * parameters as JSON, given. Waits at most 10 s, reads at most 1 MiB.
 * ERR_INVALID when the plugin can't be loaded; the child has said why on
 * standard error.
 */
int
spawn_describe(const char *program, const char *plugin, json_t **meta_r,
    struct err *e);

#endif
