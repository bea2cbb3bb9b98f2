/*
 * params: the parameters and secrets of one channel, typed, with defaults.
 */
#ifndef WORKER_PARAMS_H
#define WORKER_PARAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/err.h"
#include "litfass/plugin.h"

#define PARAMS_SECRET	(16 * 1024)	/* bytes */

struct params;

/*
 * values (borrowed) maps keys to typed JSON: texts, integers (ms, bytes),
 * booleans. What is absent gets the plugin's default. NULL when a value has
 * the wrong type, is unknown, or a required one is missing.
 */
struct params *
params_new(const struct lf_plugin *plugin, const json_t *values,
    struct err *e);
/* Wipes the secrets. */
void
params_free(struct params **cp);

/* Read a secret from its file, without the line end. fd is borrowed. */
int
params_add_secret(struct params *c, const char *key, int fd, struct err *e);

/* The row of a key; NULL when the plugin has no such parameter. */
const struct lf_param *
params_param(const struct params *c, const char *key);
/* Row number i in the order of the plugin, NULL behind the last. */
const struct lf_param *
params_param_at(const struct params *c, uint32_t i);

/* Borrowed until params_free(); "" or 0 when it is not of that type. */
const char *
params_str(const struct params *c, const char *key);
int64_t
params_int(const struct params *c, const char *key);
/* NULL when not configured. */
const char *
params_secret(const struct params *c, const char *key);

#endif
