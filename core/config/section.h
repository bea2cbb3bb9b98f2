/*
 * section: the checked values of one table, each with the place it was set.
 */
#ifndef CONFIG_SECTION_H
#define CONFIG_SECTION_H

#include <jansson.h>

#include "config/fault.h"
#include "config/table.h"
#include "config/tree.h"

struct section {
	const struct table *table;	/* kept */
	const char *prefix;		/* kept; "" or "channels.mqtt." */
	json_t *values;		/* key to typed value */
	json_t *origins;	/* key to "FILE:LINE", only what was set */
	json_t *refused;	/* keys that were set but not well */
};

void
section_init(struct section *s, const struct table *t, const char *prefix);
void
section_fini(struct section *s);

/* Check a setting and keep its value. A key that was set before, in another
 * file or as KEY_file, is a problem. */
void
section_set(struct section *s, const struct table_row *row,
    const struct setting *from, struct faults *p);

/* The key, which no row has, is a problem: name what may be meant. Words are
 * looked for among the rows that begin with group and in more (a NULL ends
 * it; may be NULL). */
void
section_unknown(const struct section *s, const char *group,
    const struct setting *from, const char *const *more,
    struct faults *p);

/* Fill in the defaults. What is required and missing is a problem at file and
 * line. */
void
section_finish(struct section *s, const char *file, unsigned line,
    struct faults *p);

/* Borrowed. The caller knows that the key is in the table. */
json_t *
section_value(const struct section *s, const char *key);
/* "FILE:LINE" or "default". Borrowed. */
const char *
section_origin(const struct section *s, const char *key);

#endif
