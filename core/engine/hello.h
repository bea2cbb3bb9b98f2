/*
 * hello: what a worker is told at its start, from a channel's configuration
 * and its plugin's own description.
 */
#ifndef ENGINE_HELLO_H
#define ENGINE_HELLO_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct conf;
struct conf_channel;
struct faults;

/* Path of the plugin's file below plugins.dir. Given. */
char *
hello_path(const struct conf *c, const char *plugin);

/*
 * Ask the plugin of a channel what it is ("program --describe"). meta is
 * given. -1 when it can't be loaded.
 */
int
hello_describe(const struct conf *c, const struct conf_channel *cc,
    const char *program, json_t **meta_r, struct err *e);

/*
 * The hello packet, given, with one descriptor (given) per secret in fds,
 * which has room for 16. kept: durable values of the channel, members
 * "state.KEY" go to the worker; may be NULL. live false: a preview, secrets
 * may be absent. NULL when the parameters or a secret are wrong.
 */
json_t *
hello_new(const struct conf *c, const struct conf_channel *cc,
    const json_t *meta, const json_t *kept, bool live, int *fds,
    size_t *n_r, struct err *e);

#endif
