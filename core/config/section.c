/*
 * section: collect the settings of one table from several files. Each key is
 * set once: a drop-in that silently wins over another file would be a riddle
 * for whoever comes next. Called by conf and its parts.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/near.h"
#include "config/section.h"
#include "config/value.h"

#define WORDS_MAX	128
#define SECTION_NAME	160	/* room for the full name of a key */

void
section_init(struct section *s, const struct table *t, const char *prefix)
{
	s->table = t;
	s->prefix = prefix;
	s->values = json_object();
	s->origins = json_object();
	s->refused = json_object();
}

void
section_fini(struct section *s)
{
	json_decref(s->values);
	json_decref(s->origins);
	json_decref(s->refused);
	memset(s, 0, sizeof(*s));
}

/* What the setting is called in messages: with _file where it was written. */
static const char *
full_name(const struct section *s, const struct table_row *row,
    const struct setting *from, char *out)
{
	const char *dot = strrchr(row->key, '.');
	int group = dot == NULL ? 0 : (int)(dot + 1 - row->key);

	snprintf(out, SECTION_NAME, "%s%.*s%s", s->prefix, group, row->key,
	    from->key);
	return out;
}

void
section_set(struct section *s, const struct table_row *row,
    const struct setting *from, struct faults *p)
{
	char name[SECTION_NAME];
	const char *before = json_string_value(json_object_get(s->origins,
	    row->key));
	json_t *value;

	full_name(s, row, from, name);
	if (before != NULL) {
		faults_add(p, from->file, from->line, "%s: already set at "
		    "%s: each key is set once: remove one of the two", name,
		    before);
		return;
	}
	json_object_set_new(s->origins, row->key, json_sprintf("%s:%u",
	    from->file, from->line));
	value = table_check(row, name, from, p);
	if (value != NULL)
		json_object_set_new(s->values, row->key, value);
	else
		json_object_set_new(s->refused, row->key, json_true());
}

struct words {
	char text[WORDS_MAX][40];
	const char *list[WORDS_MAX];
	size_t n;
};

static void
add_word(struct words *w, const char *s, size_t len)
{
	if (w->n == WORDS_MAX || len >= sizeof(w->text[0]))
		return;
	memcpy(w->text[w->n], s, len);
	w->text[w->n][len] = '\0';
	for (size_t i = 0; i < w->n; i++)
		if (strcmp(w->text[i], w->text[w->n]) == 0)
			return;
	w->list[w->n] = w->text[w->n];
	w->n++;
}

/* The words that may stand directly in a group of the table. */
static void
words_in(const struct table *t, const char *group, struct words *w)
{
	char word[64];
	size_t skip = strlen(group);

	for (size_t i = 0; i < t->n; i++) {
		const struct table_row *row = &t->rows[i];

		if (strncmp(row->key, group, skip) != 0)
			continue;
		snprintf(word, sizeof(word), "%s%s", row->key + skip,
		    row->type == TABLE_SECRET ? "_file" : "");
		add_word(w, word, strcspn(word, "."));
	}
}

static void
join(const struct words *w, char *out, size_t size)
{
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < w->n && len < size; i++)
		len += (size_t)snprintf(out + len, size - len, "%s%s",
		    i == 0 ? "" : ", ", w->list[i]);
}

void
section_unknown(const struct section *s, const char *group,
    const struct setting *from, const char *const *more,
    struct faults *p)
{
	struct words w = { .n = 0 };
	char all[600];
	const char *word;

	words_in(s->table, group, &w);
	for (; more != NULL && *more != NULL; more++)
		add_word(&w, *more, strlen(*more));
	word = near_word(from->key, w.list, w.n);
	if (word != NULL) {
		faults_add(p, from->file, from->line, "%s%s%s: unknown key: "
		    "did you mean \"%s\"?", s->prefix, group, from->key,
		    word);
		return;
	}
	join(&w, all, sizeof(all));
	faults_add(p, from->file, from->line, "%s%s%s: unknown key: remove "
	    "it, or use one of: %s", s->prefix, group, from->key, all);
}

static void
fill(struct section *s, const struct table_row *row)
{
	struct err e;
	json_t *value = value_default(row, &e);

	if (value == NULL)
		log_bug("table: default of %s%s: %s", s->prefix, row->key,
		    e.text);
	json_object_set_new(s->values, row->key, value);
}

void
section_finish(struct section *s, const char *file, unsigned line,
    struct faults *p)
{
	for (size_t i = 0; i < s->table->n; i++) {
		const struct table_row *row = &s->table->rows[i];
		const char *suffix =
		    row->type == TABLE_SECRET ? "_file" : "";

		if (json_object_get(s->values, row->key) != NULL ||
		    json_object_get(s->refused, row->key) != NULL)
			continue;
		if ((row->flags & TABLE_REQUIRED) != 0)
			faults_add(p, file, line, "%s%s%s is missing: it has "
			    "no default: add it (%s)", s->prefix, row->key,
			    suffix, row->doc);
		else
			fill(s, row);
	}
}

json_t *
section_value(const struct section *s, const char *key)
{
	json_t *value = json_object_get(s->values, key);

	if (value == NULL)
		log_bug("conf: %s%s is not in its table", s->prefix, key);
	return value;
}

const char *
section_origin(const struct section *s, const char *key)
{
	json_t *origin = json_object_get(s->origins, key);

	return origin == NULL ? "default" : json_string_value(origin);
}
