/*
 * value: check, fill in and write single values. Knows types, not keys and
 * not files: it says what is wrong, table says where. Called by table and by
 * the dump.
 */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/near.h"
#include "base/units.h"
#include "config/url.h"
#include "config/value.h"

#define STRING_MAX	4096	/* bytes of a string on one line */
#define CHOICES_MAX	32	/* words of an enum */
#define QUOTED_MAX	(1024 * 1024)

typedef json_t *value_fn(const struct table_row *, json_t *, struct err *);

static json_t *
refuse(struct err *e, const char *text)
{
	err_set(e, ERR_INVALID, "%s", text);
	return NULL;
}

static json_t *
check_range(const struct table_row *row, int64_t n, struct err *e)
{
	json_t *least, *most;
	char *from, *to;

	if (row->min == 0 && row->max == 0)
		return json_integer(n);
	if (n >= row->min && n <= row->max)
		return json_integer(n);
	least = json_integer(row->min);
	most = json_integer(row->max);
	from = value_text(row, least);
	to = value_text(row, most);
	err_set(e, ERR_INVALID, "out of range: write a value from %s to %s",
	    from, to);
	free(from);
	free(to);
	json_decref(least);
	json_decref(most);
	return NULL;
}

static json_t *
check_int(const struct table_row *row, json_t *raw, struct err *e)
{
	if (!json_is_integer(raw))
		return refuse(e, "must be a whole number without quotes, "
		    "like 5");
	return check_range(row, json_integer_value(raw), e);
}

static json_t *
check_bool(const struct table_row *row, json_t *raw, struct err *e)
{
	(void)row;
	if (!json_is_boolean(raw))
		return refuse(e, "must be true or false, without quotes");
	return json_boolean(json_is_true(raw));
}

static json_t *
check_duration(const struct table_row *row, json_t *raw, struct err *e)
{
	int64_t ms;

	if (!json_is_string(raw))
		return refuse(e, "must be a duration in quotes, with a unit: "
		    "\"30s\", \"10m\"");
	if (units_duration(json_string_value(raw), &ms, e) != 0)
		return NULL;
	return check_range(row, ms, e);
}

static json_t *
check_size(const struct table_row *row, json_t *raw, struct err *e)
{
	int64_t bytes;

	if (!json_is_string(raw))
		return refuse(e, "must be a size in quotes, with a unit: "
		    "\"64KiB\", \"16MB\"");
	if (units_size(json_string_value(raw), &bytes, e) != 0)
		return NULL;
	return check_range(row, bytes, e);
}

static json_t *
check_rate(const struct table_row *row, json_t *raw, struct err *e)
{
	double rate;

	(void)row;
	if (json_is_number(raw) && json_number_value(raw) >= 0)
		return json_real(json_number_value(raw));
	if (!json_is_string(raw))
		return refuse(e, "must be a rate: a number per second, or "
		    "\"80/s\", \"10/m\", \"500/h\"");
	if (units_rate(json_string_value(raw), &rate, e) != 0)
		return NULL;
	return json_real(rate);
}

static json_t *
check_text(const struct table_row *row, json_t *raw, struct err *e)
{
	(void)row;
	if (!json_is_string(raw))
		return refuse(e, "must be text in quotes");
	if (json_string_length(raw) > TABLE_TEXT_MAX)
		return refuse(e, "is longer than 64 KiB: shorten it");
	return json_string(json_string_value(raw));
}

static json_t *
check_string(const struct table_row *row, json_t *raw, struct err *e)
{
	(void)row;
	if (!json_is_string(raw))
		return refuse(e, "must be text in quotes");
	if (json_string_length(raw) > STRING_MAX)
		return refuse(e, "is longer than 4096 bytes: shorten it");
	for (const char *s = json_string_value(raw); *s != '\0'; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return refuse(e, "has a line break or control "
			    "character in it: write it on one line");
	return json_string(json_string_value(raw));
}

static json_t *
check_url(const struct table_row *row, json_t *raw, struct err *e)
{
	json_t *value = check_string(row, raw, e);

	if (value == NULL || *json_string_value(value) == '\0' ||
	    url_check(json_string_value(value), e) == 0)
		return value;
	json_decref(value);
	return NULL;
}

static json_t *
check_path(const struct table_row *row, json_t *raw, struct err *e)
{
	json_t *value = check_string(row, raw, e);

	if (value == NULL || *json_string_value(value) == '/')
		return value;
	json_decref(value);
	return refuse(e, "must be an absolute path: litfassd does not keep "
	    "the folder it was started in: begin it with /");
}

static json_t *
check_word(const struct table_row *row, json_t *raw, struct err *e)
{
	(void)row;
	if (!json_is_string(raw) || !table_is_word(json_string_value(raw)))
		return refuse(e, "must be a word in quotes of at most 32 "
		    "characters: a-z, 0-9, - and _");
	return json_string(json_string_value(raw));
}

static json_t *
check_choice(const struct table_row *row, const char *s, struct err *e)
{
	const char *words[CHOICES_MAX], *nearest;
	char *copy = xstrdup(row->choices), *rest = copy, *word;
	size_t n = 0;

	while (n < CHOICES_MAX && (word = strsep(&rest, "|")) != NULL) {
		if (strcmp(word, s) == 0) {
			free(copy);
			return json_string(s);
		}
		words[n++] = word;
	}
	nearest = near_word(s, words, n);
	if (nearest != NULL)
		err_set(e, ERR_INVALID, "\"%.64s\" is not one of %s: did you "
		    "mean \"%s\"?", s, row->choices, nearest);
	else
		err_set(e, ERR_INVALID, "\"%.64s\" is not one of %s: choose "
		    "one of them", s, row->choices);
	free(copy);
	return NULL;
}

static json_t *
check_enum(const struct table_row *row, json_t *raw, struct err *e)
{
	if (json_is_string(raw))
		return check_choice(row, json_string_value(raw), e);
	err_set(e, ERR_INVALID, "must be one of %s, in quotes", row->choices);
	return NULL;
}

static json_t *
check_element(const struct table_row *row, json_t *raw, struct err *e)
{
	json_t *value = check_string(row, raw, e);

	if (value == NULL)
		return refuse(e, "must be a list of texts: [\"one\", "
		    "\"two\"]");
	if (row->choices == NULL && table_is_name(json_string_value(value)))
		return value;
	json_decref(value);
	if (row->choices != NULL)
		return check_choice(row, json_string_value(raw), e);
	err_set(e, ERR_INVALID, "\"%.64s\" is no name: use at most 64 letters, "
	    "digits, - and _", json_string_value(raw));
	return NULL;
}

static json_t *
check_list(const struct table_row *row, json_t *raw, struct err *e)
{
	json_t *list, *element;
	size_t n = json_array_size(raw);

	if (!json_is_array(raw))
		return refuse(e, "must be a list of texts: [\"one\", "
		    "\"two\"]");
	list = json_array();
	for (size_t i = 0; i < n; i++) {
		element = check_element(row, json_array_get(raw, i), e);
		if (element == NULL) {
			json_decref(list);
			return NULL;
		}
		json_array_append_new(list, element);
	}
	return list;
}

static json_t *
check_texts(const struct table_row *row, json_t *raw, struct err *e)
{
	json_t *value, *texts, *one;
	const char *key;

	if (!json_is_object(raw))
		return refuse(e, "must be a group of texts by language: "
		    "{ de = \"...\"; en = \"...\"; }");
	texts = json_object();
	json_object_foreach(raw, key, value) {
		one = check_string(row, value, e);
		if (one == NULL) {
			err_prefix(e, "%s", key);
			json_decref(texts);
			return NULL;
		}
		json_object_set_new(texts, key, one);
	}
	return texts;
}

static value_fn *
checker(uint32_t type)
{
	switch (type) {
	case TABLE_INT:
		return check_int;
	case TABLE_BOOL:
		return check_bool;
	case TABLE_DURATION:
		return check_duration;
	case TABLE_SIZE:
		return check_size;
	case TABLE_URL:
		return check_url;
	case TABLE_ENUM:
		return check_enum;
	case TABLE_TEXT:
		return check_text;
	case TABLE_WORD:
		return check_word;
	case TABLE_PATH:
		return check_path;
	case TABLE_RATE:
		return check_rate;
	case TABLE_LIST:
		return check_list;
	case TABLE_TEXTS:
		return check_texts;
	default:
		return check_string;
	}
}

json_t *
value_check(const struct table_row *row, json_t *raw, struct err *e)
{
	return checker(row->type)(row, raw, e);
}

static json_t *
words_of(const char *s)
{
	json_t *list = json_array();
	char *copy = xstrdup(s), *rest = copy, *word;

	while ((word = strsep(&rest, " ")) != NULL)
		if (*word != '\0')
			json_array_append_new(list, json_string(word));
	free(copy);
	return list;
}

static json_t *
default_raw(const struct table_row *row)
{
	const char *def = row->def;

	switch (row->type) {
	case TABLE_INT:
		return json_loads(def, JSON_DECODE_ANY, NULL);
	case TABLE_BOOL:
		return json_boolean(strcmp(def, "true") == 0);
	case TABLE_LIST:
		return words_of(def);
	default:
		return json_string(def);
	}
}

static json_t *
default_none(const struct table_row *row)
{
	switch (row->type) {
	case TABLE_SECRET:
		return json_null();
	case TABLE_INT:
	case TABLE_DURATION:
	case TABLE_SIZE:
		return json_integer(0);
	case TABLE_BOOL:
		return json_false();
	case TABLE_RATE:
		return json_real(0);
	case TABLE_LIST:
		return json_array();
	case TABLE_TEXTS:
		return json_object();
	default:
		return json_string("");
	}
}

json_t *
value_default(const struct table_row *row, struct err *e)
{
	json_t *raw, *value;

	if (row->def == NULL || row->type == TABLE_SECRET)
		return default_none(row);
	raw = default_raw(row);
	value = value_check(row, raw, e);
	json_decref(raw);
	return value;
}

char *
value_quoted(const char *s)
{
	struct buf b;

	buf_init(&b, QUOTED_MAX);
	buf_chr(&b, '"');
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			buf_chr(&b, '\\');
		if ((unsigned char)*s >= 0x20)
			buf_chr(&b, *s);
		else
			buf_fmt(&b, "\\x%02x", (unsigned char)*s);
	}
	buf_chr(&b, '"');
	return buf_steal(&b);
}

static void
add_quoted(struct buf *b, const json_t *s)
{
	char *quoted = value_quoted(json_string_value(s));

	buf_str(b, quoted);
	free(quoted);
}

static char *
list_text(const json_t *list)
{
	struct buf b;

	buf_init(&b, QUOTED_MAX);
	buf_chr(&b, '[');
	for (size_t i = 0; i < json_array_size(list); i++) {
		if (i > 0)
			buf_str(&b, ", ");
		add_quoted(&b, json_array_get(list, i));
	}
	buf_chr(&b, ']');
	return buf_steal(&b);
}

static char *
texts_text(json_t *texts)
{
	struct buf b;
	const char *key;
	json_t *value;

	buf_init(&b, QUOTED_MAX);
	buf_str(&b, "{ ");
	json_object_foreach(texts, key, value) {
		buf_fmt(&b, "%s = ", key);
		add_quoted(&b, value);
		buf_str(&b, "; ");
	}
	buf_chr(&b, '}');
	return buf_steal(&b);
}

char *
value_text(const struct table_row *row, json_t *value)
{
	char out[UNITS_TEXT];
	int64_t n = json_integer_value(value);

	switch (row->type) {
	case TABLE_INT:
		return xasprintf("%" PRId64 "%s", n,
		    n > INT32_MAX || n < INT32_MIN ? "L" : "");
	case TABLE_BOOL:
		return xstrdup(json_is_true(value) ? "true" : "false");
	case TABLE_DURATION:
		return xasprintf("\"%s\"", units_duration_text(n, out));
	case TABLE_SIZE:
		return xasprintf("\"%s\"", units_size_text(n, out));
	case TABLE_RATE:
		return xasprintf("%.17g", json_real_value(value));
	case TABLE_LIST:
		return list_text(value);
	case TABLE_TEXTS:
		return texts_text(value);
	default:
		return value_quoted(json_string_value(value));
	}
}
