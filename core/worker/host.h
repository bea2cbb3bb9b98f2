/*
 * host: the services of plugin.h, and the channel they belong to.
 *
 * Private to this room. A broken rule of the contract ends the process with
 * a line that names the plugin and the rule: core sees the worker die, keeps
 * the deliveries and pauses the channel.
 */
#ifndef WORKER_HOST_H
#define WORKER_HOST_H

#include <stdbool.h>

#include <jansson.h>

#include "base/loop.h"
#include "base/zone.h"
#include "litfass/plugin.h"
#include "worker/params.h"
#include "worker/transfer.h"

#define HOST_STATE	(64 * 1024)	/* bytes of keys and values as JSON */
#define HOST_NAME	64		/* bytes of a key, or of a counter's
					 * name */
#define HOST_CALL_US	50000		/* a plugin call that takes longer
					 * is logged */

/* What the channel tells its worker. arg is the worker. */
struct host_events {
	void (*done)(void *arg, struct lf_delivery *,
	    const struct lf_outcome *);
	void (*state)(void *arg, const char *key, const char *value);
	void (*metric)(void *arg, const char *name, int64_t n);
};

struct lf_channel {
	char *name;
	struct loop *loop;			/* borrowed */
	const struct lf_plugin *plugin;		/* borrowed */
	struct params *params;
	struct transfers *transfers;
	struct zone *zone;			/* NULL: UTC */
	json_t *state;				/* key: text */
	struct lf_out *out;
	const struct host_events *events;	/* borrowed */
	void *arg;				/* borrowed */
	const char *call;			/* running, or NULL */
	struct mono call_since;
	char redacted[64];
};

extern const struct lf_host host_table;

struct host_origin {
	const json_t *state;	/* key: text; NULL: none yet */
	const char *timezone;	/* "Europe/Berlin"; NULL or unknown: UTC */
};

/* A channel called name. params is given, also on failure; origin is only
 * read. NULL when a URL among the parameters is malformed. */
struct lf_channel *
host_new(const char *name, struct loop *loop, const struct lf_plugin *plugin,
    struct params *params, const struct host_origin *origin,
    const struct host_events *events, void *arg, struct err *e);
void
host_free(struct lf_channel **cp);

/* Around every call of the plugin: never nested, and measured. */
void
host_enter(struct lf_channel *ch, const char *call);
void
host_leave(struct lf_channel *ch);

/* The plugin broke rule number rule of plugin.h (0: not one of those). */
void
host_broken(const struct lf_channel *ch, int rule, const char *fmt, ...)
    __attribute__((format(printf, 3, 4), noreturn));

#endif
