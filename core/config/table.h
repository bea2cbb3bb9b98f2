/*
 * table: one row per parameter, and the engine that checks a setting against
 * its row.
 *
 * The rows are the only place where a key, its type, its default and its
 * bounds are written down: checking, --dump-config and the test of the man
 * page read them. The first types are those of a plugin (litfass/plugin.h).
 */
#ifndef CONFIG_TABLE_H
#define CONFIG_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "config/fault.h"
#include "config/tree.h"
#include "litfass/plugin.h"

enum table_type {
	TABLE_STRING = LF_PARAM_STRING,		/* one line of text */
	TABLE_INT = LF_PARAM_INT,
	TABLE_BOOL = LF_PARAM_BOOL,
	TABLE_DURATION = LF_PARAM_DURATION,	/* milliseconds */
	TABLE_SIZE = LF_PARAM_SIZE,		/* bytes */
	TABLE_URL = LF_PARAM_URL,
	TABLE_SECRET = LF_PARAM_SECRET,		/* only as KEY_file */
	TABLE_ENUM = LF_PARAM_ENUM,
	TABLE_TEXT = LF_PARAM_TEXT,		/* also as KEY_file */
	/* Only in our own tables. */
	TABLE_WORD = 32,	/* [a-z0-9_-]{1,32} */
	TABLE_PATH,		/* absolute */
	TABLE_RATE,		/* per second, a real number */
	TABLE_LIST,		/* of strings: each one of choices if given,
				 * else a name */
	TABLE_TEXTS,		/* a group: language tag = "text" */
};

#define TABLE_REQUIRED	LF_REQUIRED
#define TABLE_RELOAD	2u	/* a change needs no restart at all */
#define TABLE_RESTART	16u		/* a change needs a new litfassd */

#define TABLE_TEXT_MAX	(64 * 1024)	/* bytes of a text from a file */

struct table_row {
	const char *key;	/* with dots in our own tables: "store.path" */
	uint32_t type;
	uint32_t flags;
	const char *def;	/* as written in the file; a list separated by
				 * spaces; NULL: "", 0, false, empty */
	int64_t min, max;	/* INT, DURATION (ms), SIZE; both 0: no limit */
	const char *choices;	/* "text|json" */
	const char *doc;	/* one line, for the dump */
	const char *since;	/* version that brought it */
};

struct table {
	const struct table_row *rows;
	size_t n;
};

/* The row of a key, also written KEY_file for a SECRET or TEXT; or NULL.
 * Borrowed. */
const struct table_row *
table_find(const struct table *t, const char *key);

/* The word of a type for people and schemas ("duration"), borrowed; and the
 * type of such a word, 0 when there is none. */
const char *
table_type_name(uint32_t type);
uint32_t
table_type_of(const char *name);

/*
 * Check a setting against its row. Given is the typed value: strings,
 * integers (ms, bytes), booleans, a real for a rate, arrays, objects; a
 * secret becomes {"$secret": PATH}. NULL with problems added when refused.
 * name is how messages call it ("channels.mqtt.url"). The key of the setting
 * ends in "_file" for a SECRET and may for a TEXT, which is read here.
 */
json_t *
table_check(const struct table_row *row, const char *name,
    const struct setting *s, struct faults *p);

/* Is s a word as channel names and plugin names are: [a-z0-9_-]{1,32}? */
bool
table_is_word(const char *s);
/* Could an announcement name it: a group, a language? [A-Za-z0-9_-]{1,64} */
bool
table_is_name(const char *s);

#endif
