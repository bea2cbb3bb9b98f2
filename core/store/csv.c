/*
 * csv: reads a table of subscribers and says everything that is wrong with
 * it, line by line. Opens no file and no database. Called by litfass
 * subscriber import.
 */
#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "store/csv.h"
#include "store/subscriber.h"

#define FIELD_MAX	65536	/* bytes */
#define FIELDS_MAX	32	/* of a row */

enum column { COL_REF, COL_EMAIL, COL_SMS, COL_WHATSAPP, COL_LANGUAGES,
	COL_TOPICS, COL_ARS, COLUMNS, COL_NONE };

static const char *const names[COLUMNS] = { "ref", "email", "sms",
	"whatsapp", "languages", "topics", "ars" };

struct csv {
	const char *p, *end;
	int line;		/* of p */
	int row_line;		/* where the row began */
	struct buf fields[FIELDS_MAX];
	size_t n;
	enum column order[FIELDS_MAX];
	size_t n_order;
	json_t *problems;
	json_t *seen;		/* {"email ADDRESS": line} */
	json_t *out, *lines;
};

static void
problem(struct csv *c, const char *text)
{
	json_array_append_new(c->problems, json_pack("{s:i, s:s}", "line",
	    c->row_line, "text", text));
}

/* -------------------------------------------------------------- fields -- */

/* Behind the opening quote. */
static bool
read_quoted(struct csv *c, struct buf *b)
{
	while (c->p < c->end) {
		char ch = *c->p++;

		if (ch == '\n')
			c->line++;
		if (ch != '"') {
			buf_chr(b, ch);
			continue;
		}
		if (c->p == c->end || *c->p != '"')
			return true;
		buf_chr(b, *c->p++);
	}
	problem(c, "a quote is never closed: close it or remove it");
	return false;
}

static bool
at_end_of_field(const struct csv *c)
{
	return c->p == c->end || *c->p == ',' || *c->p == '\n' ||
	    (*c->p == '\r' && c->p + 1 < c->end && c->p[1] == '\n');
}

static bool
read_field(struct csv *c, struct buf *b)
{
	bool ok = true;

	buf_clear(b);
	if (c->p < c->end && *c->p == '"') {
		c->p++;
		ok = read_quoted(c, b);
		if (ok && !at_end_of_field(c)) {
			problem(c, "text follows a closing quote: put the "
			    "whole field into quotes, double those inside");
			ok = false;
		}
	}
	while (!at_end_of_field(c))
		buf_chr(b, *c->p++);
	return ok;
}

static bool
is_utf8(const struct buf *b)
{
	json_t *s = json_stringn(buf_cstr(b), b->len);
	bool ok = s != NULL && strlen(buf_cstr(b)) == b->len;

	json_decref(s);
	return ok;
}

/* One problem a row is enough. */
static bool
check_fields(struct csv *c)
{
	for (size_t i = 0; i < c->n; i++) {
		if (buf_ok(&c->fields[i]) && is_utf8(&c->fields[i]))
			continue;
		problem(c, buf_ok(&c->fields[i]) ?
		    "not UTF-8: save the table as CSV UTF-8" :
		    "a field is longer than 64 KiB: shorten it");
		return false;
	}
	return true;
}

/* False when the row is not usable; the text goes on behind it. */
static bool
read_row(struct csv *c)
{
	bool ok = true;

	c->n = 0;
	c->row_line = c->line;
	for (;;) {
		if (c->n == FIELDS_MAX) {
			if (ok)
				problem(c, "more than 32 fields: remove some");
			ok = false;
			c->n--;
		}
		ok = read_field(c, &c->fields[c->n++]) && ok;
		if (c->p == c->end || *c->p != ',')
			break;
		c->p++;
	}
	if (c->p < c->end && *c->p == '\r')
		c->p++;
	if (c->p < c->end && *c->p == '\n') {
		c->p++;
		c->line++;
	}
	return ok && check_fields(c);
}

/* Spreadsheets write their empty rows as commas. */
static bool
is_blank(const struct csv *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->fields[i].len > 0)
			return false;
	return true;
}

/* -------------------------------------------------------------- header -- */

static enum column
column_of(const char *name)
{
	for (int i = 0; i < COLUMNS; i++)
		if (strcmp(names[i], name) == 0)
			return (enum column)i;
	return COL_NONE;
}

/* A table without a first row begins with somebody's address: name columns
 * by number. */
static void
bad_column(struct csv *c, size_t i, const char *why)
{
	char text[160];

	snprintf(text, sizeof(text), "the name of column %zu is %s: there are "
	    "ref,email,sms,whatsapp,languages,topics,ars, separated by "
	    "commas", i + 1, why);
	problem(c, text);
}

static bool
read_header(struct csv *c)
{
	bool seen[COLUMNS] = { false };

	if (!read_row(c))
		return false;
	for (size_t i = 0; i < c->n; i++) {
		enum column col = column_of(buf_cstr(&c->fields[i]));

		if (col == COL_NONE || seen[col]) {
			bad_column(c, i, col == COL_NONE ? "not known" :
			    "there already");
			return false;
		}
		seen[col] = true;
		c->order[c->n_order++] = col;
	}
	if (!seen[COL_REF])
		problem(c, "there is no column ref: add one with your own "
		    "number of each person");
	return seen[COL_REF];
}

/* ---------------------------------------------------------------- rows -- */

static json_t *
words(const char *s)
{
	static const char gaps[] = " ;\t";
	json_t *list = json_array();

	for (s += strspn(s, gaps); *s != '\0'; s += strspn(s, gaps)) {
		size_t n = strcspn(s, gaps);

		json_array_append_new(list, json_stringn(s, n));
		s += n;
	}
	return list;
}

static json_t *
make_person(const struct csv *c)
{
	json_t *p = json_object(), *addresses = json_object();

	for (size_t i = 0; i < c->n && i < c->n_order; i++) {
		enum column col = c->order[i];
		const char *s = buf_cstr(&c->fields[i]);

		if (*s == '\0')
			continue;
		json_object_set_new(col >= COL_EMAIL && col <= COL_WHATSAPP ?
		    addresses : p, names[col], col == COL_LANGUAGES ||
		    col == COL_TOPICS ? words(s) : json_string(s));
	}
	json_object_set_new(p, "addresses", addresses);
	return p;
}

/* As the store compares addresses: ASCII letters in any case. */
static void
lower(char *s)
{
	for (; *s != '\0'; s++)
		if (*s >= 'A' && *s <= 'Z')
			*s = (char)(*s - 'A' + 'a');
}

/* The same ref, or the same address of a kind, twice in the file. */
static bool
is_repeated(struct csv *c, const char *kind, const char *value)
{
	char *key, text[120];
	json_t *first;

	key = xasprintf("%s %s", kind, value);
	if (strcmp(kind, "ref") != 0)
		lower(key);
	first = json_object_get(c->seen, key);
	if (first != NULL) {
		snprintf(text, sizeof(text), "%s: the same as in line %d: "
		    "remove one", kind, (int)json_integer_value(first));
		problem(c, text);
	} else
		json_object_set_new(c->seen, key, json_integer(c->row_line));
	free(key);
	return first != NULL;
}

static bool
repeats(struct csv *c, const json_t *p)
{
	json_t *addresses = json_object_get(p, "addresses"), *v;
	const char *kind;
	bool twice;

	twice = is_repeated(c, "ref", json_string_value(
	    json_object_get(p, "ref")));
	json_object_foreach(addresses, kind, v)
		twice = is_repeated(c, kind, json_string_value(v)) || twice;
	return twice;
}

static void
take_row(struct csv *c)
{
	struct err e = { ERR_OK, "" };
	json_t *p;

	if (c->n != c->n_order) {
		problem(c, "not as many fields as the first row: check "
		    "commas and quotes");
		return;
	}
	p = make_person(c);
	if (subscriber_check(p, &e) == -1)
		problem(c, e.text);
	else if (!repeats(c, p)) {
		json_array_append(c->out, p);
		json_array_append_new(c->lines, json_integer(c->row_line));
	}
	json_decref(p);
}

int
csv_subscribers(const char *text, size_t len, json_t **json_r,
    json_t **lines_r, json_t *problems)
{
	struct csv c = { .p = text, .end = text + len, .line = 1,
		.problems = problems };
	size_t before = json_array_size(problems);

	for (size_t i = 0; i < FIELDS_MAX; i++)
		buf_init(&c.fields[i], FIELD_MAX);
	c.out = json_array();
	c.lines = json_array();
	c.seen = json_object();
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		c.p += 3;
	if (read_header(&c))
		while (c.p < c.end)
			if (read_row(&c) && !is_blank(&c))
				take_row(&c);
	for (size_t i = 0; i < FIELDS_MAX; i++)
		buf_fini(&c.fields[i]);
	json_decref(c.seen);
	*json_r = c.out;
	*lines_r = c.lines;
	return json_array_size(problems) == before ? 0 : -1;
}
