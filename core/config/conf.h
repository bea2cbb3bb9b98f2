/*
 * conf: the whole configuration, checked, with the place each value came
 * from. Read-only after loading: a reload makes a second one and swaps.
 *
 * Read are FILE, then conf.d/ and channels.d/ beside it, each *.conf in the
 * order of their names. conf.d holds the same groups as FILE; channels.d
 * holds channels, NAME: { plugin = ...; }. Each key is set once in all.
 * Includes are not followed. Keys and defaults: keys.c, litfass.conf(5).
 *
 * (The files are called conf, not config: autoconf's config.h has that name,
 * and config_ belongs to libconfig.)
 */
#ifndef CONFIG_CONF_H
#define CONFIG_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "base/buf.h"
#include "config/fault.h"

struct conf;

/* What is ours of a channel. Everything is borrowed from the conf. */
struct conf_channel {
	const char *name;
	const char *plugin;
	bool enabled;
	double rate;		/* deliveries per second, 0: no limit */
	int64_t burst;
	int64_t window;		/* deliveries in flight, 0: the plugin's */
	const json_t *languages;	/* strings, in order; empty: all */
	const json_t *kinds;		/* strings; empty: all */
	const json_t *default_groups;	/* strings */
	const char *min_severity;	/* "unknown": all */
	const char *in_doubt;	/* default, resend, hold */
	const char *file;	/* where it begins */
	unsigned line;
};

/* 0 and *c_r given, or -1 with every problem added and *c_r NULL. Notices
 * may be added either way. */
int
conf_load(const char *path, struct conf **c_r, struct faults *p);
/* The same from text, without drop-ins; name stands in messages. */
int
conf_load_text(const char *name, const char *text, struct conf **c_r,
    struct faults *p);
void
conf_free(struct conf **c);

/* Values outside of channels, by dotted key: "store.path". Borrowed. A key
 * that is not in the table, or of another type, is a bug. */
const char *
conf_str(const struct conf *c, const char *key);
bool
conf_bool(const struct conf *c, const char *key);
/* INT, DURATION in milliseconds, SIZE in bytes. */
int64_t
conf_int(const struct conf *c, const char *key);
/* An array of strings. */
const json_t *
conf_list(const struct conf *c, const char *key);
/* Where a key was set: "FILE:LINE", or "default". Borrowed. */
const char *
conf_origin(const struct conf *c, const char *key);
/* {"id", "name": {"de": ...}, "sender_short", "domain", "default_language",
 * "timezone", "ars"}; given. */
json_t *
conf_issuer(const struct conf *c);

/* Channels in the order they were read. Borrowed. */
size_t
conf_n_channels(const struct conf *c);
const struct conf_channel *
conf_channel_at(const struct conf *c, size_t i);
/* NULL when there is none of that name. */
const struct conf_channel *
conf_channel(const struct conf *c, const char *name);

/*
 * Check what a channel tells its plugin against the plugin's schema: an
 * array of {"key", "type", "flags", "default", "min", "max", "choices",
 * "doc"}, struct lf_param as JSON; type is the number or its word
 * ("duration"). The typed values, given: durations in ms, sizes in bytes,
 * defaults filled in, {"$secret": PATH} for a secret that is set. A parameter
 * with the name of one of our keys gets the same setting. NULL with
 * faults added when something is wrong.
 */
json_t *
conf_check_channel(const struct conf *c, const char *name,
    const json_t *schema, struct faults *p);

/* A complete configuration for a first try: one channel of the file plugin,
 * everything below the folder. Given. */
char *
conf_default(const char *folder);

/* Write the configuration with all defaults and origins. What looks like a
 * secret is hidden. What was written loads again with the same values. */
void
conf_dump(const struct conf *c, struct buf *out);

/* What a changed key needs to take effect. */
enum conf_effect {
	CONF_RELOAD,		/* nothing more */
	CONF_WORKER,		/* new workers: of its channel, or all */
	CONF_RESTART		/* a new litfassd */
};

struct conf_change {
	char *key;		/* "log.level", "channels.sms.url" */
	enum conf_effect effect;
};

/* The number of changed keys; *list_r is given, free with
 * conf_changes_free. A channel that came or went is its key alone. */
size_t
conf_diff(const struct conf *before, const struct conf *after,
    struct conf_change **list_r);
void
conf_changes_free(struct conf_change **list, size_t n);

#endif
