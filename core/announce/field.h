/*
 * field: rows that describe the members of a JSON object, and their checks.
 * Only for schema.
 */
#ifndef ANNOUNCE_FIELD_H
#define ANNOUNCE_FIELD_H

#include <jansson.h>

#include "announce/problem.h"

#define FIELDS_MAX	40	/* rows of one table */
#define FIELD_REQUIRED	0x100u

struct walk {
	struct problems *problems;
	struct place at;
};

struct field;
struct fields {
	const struct field *list;
	size_t n;
};

/* Report what is wrong with v, which is at w->at. */
typedef void field_check(struct walk *w, const struct field *f, json_t *v);

struct field {
	const char *key;
	field_check *check;
	const char *slug;	/* of a bad value; NULL: "bad-value" */
	const char *words;	/* the words allowed, "a|b|c" */
	const struct fields *fields;	/* of an object */
	size_t max;		/* code points, or the largest number */
	unsigned flags;		/* PROSE_* and FIELD_REQUIRED */
};

/* Every member of o: unknown, missing, bad. */
void
fields_check(struct walk *w, const struct fields *fields, json_t *o);

field_check field_any, field_ars_list, field_bool, field_circles,
    field_content, field_file, field_groups, field_id, field_ids, field_int,
    field_objects, field_one_object, field_polygons, field_string,
    field_strings, field_text_or_texts, field_time, field_url, field_word;

#endif
