/*
 * conf: the parameters and secrets of one channel, typed, with defaults.
 */
#ifndef WORKER_CONF_H
#define WORKER_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/err.h"
#include "litfass/plugin.h"

#define CONF_SECRET	(16 * 1024)	/* bytes */

struct conf;

/*
 * values (borrowed) maps keys to typed JSON: texts, integers (ms, bytes),
 * booleans. What is absent gets the plugin's default. NULL when a value has
 * the wrong type, is unknown, or a required one is missing.
 */
struct conf *
conf_new(const struct lf_plugin *plugin, const json_t *values,
    struct err *e);
/* Wipes the secrets. */
void
conf_free(struct conf **cp);

/* Read a secret from its file, without the line end. fd is borrowed. */
int
conf_add_secret(struct conf *c, const char *key, int fd, struct err *e);

/* The row of a key; NULL when the plugin has no such parameter. */
const struct lf_param *
conf_param(const struct conf *c, const char *key);
/* Row number i in the order of the plugin, NULL behind the last. */
const struct lf_param *
conf_param_at(const struct conf *c, uint32_t i);

/* Borrowed until conf_free(); "" or 0 when it is not of that type. */
const char *
conf_str(const struct conf *c, const char *key);
int64_t
conf_int(const struct conf *c, const char *key);
/* NULL when not configured. */
const char *
conf_secret(const struct conf *c, const char *key);

#endif
