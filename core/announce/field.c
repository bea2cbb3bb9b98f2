/*
 * field: judge single members and walk over tables of them. Knows no
 * announcement. Called by schema.
 */
#include "config.h"

#include <string.h>

#include "announce/field.h"
#include "announce/geo.h"
#include "announce/lang.h"
#include "announce/prose.h"
#include "announce/schema.h"
#include "base/near.h"
#include "base/when.h"

#define TEXT_MAX	500	/* of texts without a limit of their own */
#define LIST_MAX	2000

static const char *
slug_of(const struct field *f)
{
	return f->slug == NULL ? "bad-value" : f->slug;
}

static void
wrong_type(struct walk *w, const char *wanted)
{
	problem_add(w->problems, PROBLEM_ERROR, w->at.text, "wrong-type",
	    "this must be %s: correct it", wanted);
}

/* --------------------------------------------------------------- values -- */

void
field_string(struct walk *w, const struct field *f, json_t *v)
{
	size_t max = f->max == 0 ? TEXT_MAX : f->max;
	unsigned flags = f->flags & ~FIELD_REQUIRED;

	if (!json_is_string(v)) {
		wrong_type(w, "a string");
		return;
	}
	if (flags == 0)
		flags = PROSE_LINE;
	prose_check(json_string_value(v), flags, max, w->at.text,
	    w->problems);
}

void
field_bool(struct walk *w, const struct field *f, json_t *v)
{
	(void)f;
	if (!json_is_boolean(v))
		wrong_type(w, "true or false");
}

void
field_int(struct walk *w, const struct field *f, json_t *v)
{
	if (!json_is_integer(v))
		wrong_type(w, "a whole number");
	else if (json_integer_value(v) < 0 ||
	    (f->max > 0 && json_integer_value(v) > (json_int_t)f->max))
		problem_add(w->problems, PROBLEM_ERROR, w->at.text,
		    slug_of(f), "%lld is out of range: give a number from 0 "
		    "to %zu", (long long)json_integer_value(v), f->max);
}

static bool
word_listed(const char *words, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = words; p != NULL; p = strchr(p, '|')) {
		p += *p == '|';
		if (strncmp(p, word, n) == 0 && (p[n] == '|' || p[n] == '\0'))
			return n > 0;
	}
	return false;
}

void
field_word(struct walk *w, const struct field *f, json_t *v)
{
	if (!json_is_string(v))
		wrong_type(w, "a string");
	else if (!word_listed(f->words, json_string_value(v)))
		problem_add(w->problems, PROBLEM_ERROR, w->at.text,
		    slug_of(f), "\"%.40s\" is not known here: use one of %s",
		    json_string_value(v), f->words);
}

void
field_time(struct walk *w, const struct field *f, json_t *v)
{
	struct err e = { ERR_OK, "" };
	struct wall t;

	(void)f;
	if (!json_is_string(v))
		wrong_type(w, "a string with a time");
	else if (when_parse(json_string_value(v), &t, &e) < 0)
		problem_add(w->problems, PROBLEM_ERROR, w->at.text,
		    "bad-time", "%s", e.text);
}

void
field_url(struct walk *w, const struct field *f, json_t *v)
{
	(void)f;
	if (!json_is_string(v))
		wrong_type(w, "a string with an address");
	else if (!prose_url_ok(json_string_value(v)))
		problem_add(w->problems, PROBLEM_ERROR, w->at.text,
		    "bad-link", "this is not a full address: write it with "
		    "http:// or https:// and without user names");
}

void
field_id(struct walk *w, const struct field *f, json_t *v)
{
	if (!json_is_string(v))
		wrong_type(w, "a string");
	else if (!schema_id_ok(json_string_value(v)))
		problem_add(w->problems, PROBLEM_ERROR, w->at.text,
		    slug_of(f), "an id has 1 to %d letters, digits, dots, "
		    "dashes and underscores and begins with a letter or "
		    "digit", SCHEMA_ID_MAX);
}

static void
field_group(struct walk *w, const struct field *f, json_t *v)
{
	if (!json_is_string(v))
		wrong_type(w, "a string");
	else if (!schema_name_ok(json_string_value(v)))
		problem_add(w->problems, PROBLEM_ERROR, w->at.text,
		    slug_of(f), "such a name has 1 to 64 letters (a to z), "
		    "digits, dashes and underscores");
}

void
field_file(struct walk *w, const struct field *f, json_t *v)
{
	const char *s = json_string_value(v);

	if (s == NULL)
		wrong_type(w, "a string");
	else if (*s == '\0' || *s == '.' || strchr(s, '/') != NULL)
		problem_add(w->problems, PROBLEM_ERROR, w->at.text,
		    "bad-file", "give the name of a file in the media folder, "
		    "without a folder and not hidden");
	else
		field_string(w, f, v);
}

static void
field_ars(struct walk *w, const struct field *f, json_t *v)
{
	if (!json_is_string(v))
		wrong_type(w, "a string of digits");
	else if (!geo_ars_ok(json_string_value(v)))
		problem_add(w->problems, PROBLEM_ERROR, w->at.text,
		    slug_of(f), "\"%.20s\" has not 12 digits: write the full "
		    "Regionalschluessel with its zeros",
		    json_string_value(v));
}

static void
shape(struct walk *w, const char *fault)
{
	if (fault != NULL)
		problem_add(w->problems, PROBLEM_ERROR, w->at.text,
		    "bad-area", "%s: displays and apps can't place it: "
		    "correct it", fault);
}

static void
field_polygon(struct walk *w, const struct field *f, json_t *v)
{
	(void)f;
	if (!json_is_string(v))
		wrong_type(w, "a string of coordinates");
	else
		shape(w, geo_polygon_fault(json_string_value(v)));
}

static void
field_circle(struct walk *w, const struct field *f, json_t *v)
{
	(void)f;
	if (!json_is_string(v))
		wrong_type(w, "a string of coordinates and a radius");
	else
		shape(w, geo_circle_fault(json_string_value(v)));
}

void
field_any(struct walk *w, const struct field *f, json_t *v)
{
	(void)w;
	(void)f;
	(void)v;
}

/* ---------------------------------------------------------------- lists -- */

static void
each(struct walk *w, const struct field *f, json_t *v,
    field_check *check)
{
	size_t i, mark;
	json_t *item;

	if (!json_is_array(v)) {
		wrong_type(w, "a list");
		return;
	}
	if (json_array_size(v) > LIST_MAX) {
		problem_add(w->problems, PROBLEM_ERROR, w->at.text,
		    "too-long", "more than %d entries: name fewer", LIST_MAX);
		return;
	}
	json_array_foreach(v, i, item) {
		mark = place_index(&w->at, i);
		check(w, f, item);
		place_back(&w->at, mark);
	}
}

void
field_strings(struct walk *w, const struct field *f, json_t *v)
{
	each(w, f, v, field_string);
}

void
field_ids(struct walk *w, const struct field *f, json_t *v)
{
	each(w, f, v, field_id);
}

void
field_groups(struct walk *w, const struct field *f, json_t *v)
{
	each(w, f, v, field_group);
}

void
field_one_object(struct walk *w, const struct field *f, json_t *v)
{
	if (!json_is_object(v))
		wrong_type(w, "an object");
	else
		fields_check(w, f->fields, v);
}

void
field_objects(struct walk *w, const struct field *f, json_t *v)
{
	each(w, f, v, field_one_object);
}

/* One value, or a list of them. */
static void
one_or_many(struct walk *w, const struct field *f, json_t *v,
    field_check *check)
{
	if (json_is_array(v))
		each(w, f, v, check);
	else
		check(w, f, v);
}

void
field_ars_list(struct walk *w, const struct field *f, json_t *v)
{
	one_or_many(w, f, v, field_ars);
}

void
field_polygons(struct walk *w, const struct field *f, json_t *v)
{
	one_or_many(w, f, v, field_polygon);
}

void
field_circles(struct walk *w, const struct field *f, json_t *v)
{
	one_or_many(w, f, v, field_circle);
}

/* ------------------------------------------------------------ languages -- */

static void
per_language(struct walk *w, const struct field *f, json_t *v,
    field_check *check)
{
	const char *tag;
	json_t *item;
	size_t mark;

	if (!json_is_object(v)) {
		wrong_type(w, "an object with one member per language");
		return;
	}
	json_object_foreach(v, tag, item) {
		mark = place_key(&w->at, tag);
		if (!lang_known(tag))
			problem_add(w->problems, PROBLEM_ERROR, w->at.text,
			    "unknown-language", "\"%.40s\" is no language "
			    "tag: use one such as de, de-simple, en or tr",
			    tag);
		check(w, f, item);
		place_back(&w->at, mark);
	}
}

static void
field_texts(struct walk *w, const struct field *f, json_t *v)
{
	per_language(w, f, v, field_string);
}

/* A plain string is for everybody. */
void
field_text_or_texts(struct walk *w, const struct field *f, json_t *v)
{
	if (json_is_string(v))
		field_string(w, f, v);
	else
		field_texts(w, f, v);
}

void
field_content(struct walk *w, const struct field *f, json_t *v)
{
	if (json_is_object(v) && json_object_size(v) == 0)
		problem_add(w->problems, PROBLEM_ERROR, w->at.text,
		    "missing-field", "there is no text: write one at least "
		    "in the language of the issuer");
	per_language(w, f, v, field_one_object);
}

/* ----------------------------------------------------------------- walk -- */

static const struct field *
find_field(const struct fields *fields, const char *key)
{
	for (size_t i = 0; i < fields->n; i++)
		if (strcmp(fields->list[i].key, key) == 0)
			return &fields->list[i];
	return NULL;
}

/*
 * A member that is nearly a known one was meant to be it, and would be lost
 * without a word: refused. Anything else is passed on unread.
 */
static void
unknown_field(struct walk *w, const struct fields *fields, const char *key)
{
	const char *known[FIELDS_MAX], *near;

	for (size_t i = 0; i < fields->n; i++)
		known[i] = fields->list[i].key;
	near = near_word(key, known, fields->n);
	if (near != NULL)
		problem_add(w->problems, PROBLEM_ERROR, w->at.text,
		    "unknown-field", "\"%.40s\" is not known and would be "
		    "lost: did you mean \"%s\"?", key, near);
	else
		problem_add(w->problems, PROBLEM_WARN, w->at.text,
		    "unknown-field", "\"%.40s\" is not known and has no "
		    "effect: remove it", key);
}

static void
check_present(struct walk *w, const struct fields *fields, json_t *o)
{
	for (size_t i = 0; i < fields->n; i++) {
		const struct field *f = &fields->list[i];
		json_t *v = json_object_get(o, f->key);
		const char *s = json_string_value(v);
		size_t mark;

		if (!(f->flags & FIELD_REQUIRED))
			continue;
		if (v != NULL && !json_is_null(v) &&
		    (s == NULL || !prose_blank(s)))
			continue;
		mark = place_key(&w->at, f->key);
		problem_add(w->problems, PROBLEM_ERROR, w->at.text,
		    "missing-field", "\"%s\" is missing: add it", f->key);
		place_back(&w->at, mark);
	}
}

void
fields_check(struct walk *w, const struct fields *fields, json_t *o)
{
	const char *key;
	json_t *v;

	check_present(w, fields, o);
	json_object_foreach(o, key, v) {
		const struct field *f = find_field(fields, key);
		size_t mark = place_key(&w->at, key);

		if (f == NULL)
			unknown_field(w, fields, key);
		else if (!json_is_null(v))
			f->check(w, f, v);
		place_back(&w->at, mark);
	}
}
