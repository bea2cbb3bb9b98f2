/*
 * csv: read rows from text. Knows nothing of subscribers.
 */
#include "config.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "csv.h"

#define FIELD_MAX	4096
#define COLUMNS_MAX	64

struct csv {
	const char *at, *end;
	char comma;
	int line;
	struct err *e;
};

static bool
at_end_of_row(const struct csv *c)
{
	return c->at == c->end || *c->at == '\n' ||
	    (*c->at == '\r' && c->at + 1 < c->end && c->at[1] == '\n');
}

static int
quoted(struct csv *c, struct buf *out)
{
	int begun = c->line;

	for (c->at++; c->at < c->end; c->at++) {
		if (*c->at == '"' && (c->at + 1 == c->end ||
		    c->at[1] != '"')) {
			c->at++;
			return 0;
		}
		if (*c->at == '"')
			c->at++;
		if (*c->at == '\n')
			c->line++;
		buf_chr(out, *c->at);
	}
	return err_set(c->e, ERR_INVALID, "line %d: a quote is never closed: "
	    "add one", begun);
}

static int
field(struct csv *c, struct buf *out)
{
	buf_clear(out);
	if (c->at < c->end && *c->at == '"') {
		if (quoted(c, out) == -1)
			return -1;
	} else {
		while (!at_end_of_row(c) && *c->at != c->comma)
			buf_chr(out, *c->at++);
	}
	if (!buf_ok(out))
		return err_set(c->e, ERR_INVALID, "line %d: a field is longer "
		    "than %d bytes: shorten it", c->line, FIELD_MAX);
	if (!at_end_of_row(c) && *c->at != c->comma)
		return err_set(c->e, ERR_INVALID, "line %d: text behind a "
		    "closed quote: put the whole field in quotes", c->line);
	return 0;
}

/* The fields of the next row, given; NULL on error. */
static json_t *
row(struct csv *c)
{
	json_t *fields = json_array(), *text;
	struct buf b;
	int rc = 0;

	buf_init(&b, FIELD_MAX);
	while (rc == 0 && json_array_size(fields) < COLUMNS_MAX) {
		rc = field(c, &b);
		if (rc == 0 && (text = json_string(buf_cstr(&b))) == NULL)
			rc = err_set(c->e, ERR_INVALID, "line %d: this is "
			    "not UTF-8: save the file as UTF-8", c->line);
		if (rc == 0)
			json_array_append_new(fields, text);
		if (rc != 0 || at_end_of_row(c))
			break;
		c->at++;
	}
	buf_fini(&b);
	if (rc == 0 && !at_end_of_row(c))
		rc = err_set(c->e, ERR_INVALID, "line %d: more than %d "
		    "fields: is a quote missing?", c->line, COLUMNS_MAX);
	if (rc == 0)
		return fields;
	json_decref(fields);
	return NULL;
}

static void
next_row(struct csv *c)
{
	if (c->at < c->end && *c->at == '\r')
		c->at++;
	if (c->at < c->end)
		c->at++;
	c->line++;
}

static json_t *
name_fields(const struct csv *c, const json_t *heads, const json_t *fields,
    int line)
{
	json_t *object, *value;
	size_t i;

	if (json_array_size(heads) != json_array_size(fields)) {
		err_set(c->e, ERR_INVALID, "line %d: %zu fields where the "
		    "first line has %zu: is a comma missing?", line,
		    json_array_size(fields), json_array_size(heads));
		return NULL;
	}
	object = json_object();
	json_array_foreach(fields, i, value)
		json_object_set(object, json_string_value(json_array_get(
		    heads, i)), value);
	json_object_set_new(object, "line", json_integer(line));
	return object;
}

static int
rows(struct csv *c, const json_t *heads, json_t *all)
{
	json_t *fields, *object;
	int line;

	for (; c->at < c->end; next_row(c)) {
		if (at_end_of_row(c))
			continue;
		line = c->line;
		fields = row(c);
		if (fields == NULL)
			return -1;
		object = name_fields(c, heads, fields, line);
		json_decref(fields);
		if (object == NULL)
			return -1;
		json_array_append_new(all, object);
	}
	return 0;
}

static char
find_comma(const char *text)
{
	const char *p = text + strcspn(text, ",;\n");

	return *p == ';' ? ';' : ',';
}

json_t *
csv_parse(const char *text, size_t len, struct err *e)
{
	struct csv c = { .at = text, .end = text + len, .line = 1, .e = e };
	json_t *heads, *all;

	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		c.at += 3;
	c.comma = find_comma(c.at);
	heads = row(&c);
	if (heads == NULL)
		return NULL;
	next_row(&c);
	all = json_array();
	if (rows(&c, heads, all) == -1) {
		json_decref(all);
		all = NULL;
	}
	json_decref(heads);
	return all;
}
