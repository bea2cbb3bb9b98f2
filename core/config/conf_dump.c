/*
 * conf_dump: the configuration as it counts, with every default and where
 * each value came from. Never shows what looks like a secret, even where none
 * may be. Called by --dump-config.
 */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "config/conf_private.h"
#include "config/keys.h"
#include "config/value.h"

#define HIDDEN	"\"(hidden)\""

static void
indent(struct buf *out, unsigned depth)
{
	while (depth-- > 0)
		buf_chr(out, '\t');
}

static void
add_quoted(struct buf *out, const char *s)
{
	char *quoted = value_quoted(s);

	buf_str(out, quoted);
	free(quoted);
}

static void
dump_row(struct buf *out, const struct section *s,
    const struct table_row *row, unsigned depth)
{
	const char *dot = strrchr(row->key, '.');
	char *text = value_text(row, section_value(s, row->key));

	indent(out, depth);
	buf_fmt(out, "%s = %s;\t# %s\n", dot == NULL ? row->key : dot + 1,
	    text, section_origin(s, row->key));
	free(text);
}

/* Rows of a group stand together in the table. */
static void
dump_main(struct buf *out, const struct section *s)
{
	const char *group = "", *key;
	size_t n = 0, len;

	for (size_t i = 0; i < s->table->n; i++) {
		key = s->table->rows[i].key;
		len = strchr(key, '.') == NULL ? 0 : strcspn(key, ".");
		if (len != n || strncmp(key, group, len) != 0) {
			buf_str(out, n > 0 ? "};\n" : "");
			buf_fmt(out, "%.*s: {\n", (int)len, key);
			group = key;
			n = len;
		}
		dump_row(out, s, &s->table->rows[i], n > 0);
	}
	buf_str(out, n > 0 ? "};\n" : "");
}

static bool
holds(const char *s, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strstr(s, *words) != NULL)
			return true;
	return false;
}

/* "scheme://user:password@host"? */
static bool
has_userinfo(const char *s)
{
	const char *from = strstr(s, "://");

	if (from == NULL)
		return false;
	from += 3;
	return memchr(from, '@', strcspn(from, "/?#")) != NULL;
}

/* A path to a secret is none. */
static bool
names_secret(const char *key)
{
	static const char *const words[] = { "password", "passwd", "passphrase",
		"token", "secret", "credential", "apikey", "api_key", NULL };
	size_t n = strlen(key);

	if (n > 5 && strcmp(key + n - 5, "_file") == 0)
		return false;
	return holds(key, words);
}

static void
dump_json(struct buf *out, json_t *value);

static void
dump_member(struct buf *out, const char *key, json_t *value)
{
	buf_fmt(out, "%s = ", key);
	if (names_secret(key))
		buf_str(out, HIDDEN);
	else
		dump_json(out, value);
}

static void
dump_json(struct buf *out, json_t *value)
{
	json_t *member;
	const char *key;
	size_t i;
	int64_t n = json_integer_value(value);

	switch (json_typeof(value)) {
	case JSON_STRING:
		if (has_userinfo(json_string_value(value)))
			buf_str(out, HIDDEN);
		else
			add_quoted(out, json_string_value(value));
		break;
	case JSON_INTEGER:
		buf_fmt(out, "%" PRId64 "%s", n,
		    n > INT32_MAX || n < -INT32_MAX ? "L" : "");
		break;
	case JSON_REAL:
		buf_fmt(out, "%#.17g", json_real_value(value));
		break;
	case JSON_ARRAY:
		buf_chr(out, '(');
		json_array_foreach(value, i, member) {
			buf_str(out, i > 0 ? ", " : "");
			dump_json(out, member);
		}
		buf_chr(out, ')');
		break;
	case JSON_OBJECT:
		buf_str(out, "{ ");
		json_object_foreach(value, key, member) {
			dump_member(out, key, member);
			buf_str(out, "; ");
		}
		buf_chr(out, '}');
		break;
	default:
		buf_str(out, json_is_true(value) ? "true" : "false");
		break;
	}
}

static void
dump_setting(struct buf *out, const struct setting *s, unsigned depth)
{
	indent(out, depth);
	if (s->value == NULL) {
		buf_fmt(out, "%s: {\n", s->key);
		for (const struct setting *m = s->first; m != NULL;
		    m = m->next)
			dump_setting(out, m, depth + 1);
		indent(out, depth);
		buf_str(out, "};\n");
		return;
	}
	dump_member(out, s->key, s->value);
	buf_fmt(out, ";\t# %s:%u\n", s->file, s->line);
}

static void
dump_channel(struct buf *out, const struct conf_channel_own *ch)
{
	buf_fmt(out, "\t%s: {\n", ch->seen.name);
	for (size_t i = 0; i < keys_channel.n; i++)
		dump_row(out, &ch->section, &keys_channel.rows[i], 2);
	for (const struct setting *s = ch->group->first; s != NULL;
	    s = s->next)
		if (table_find(&keys_channel, s->key) == NULL)
			dump_setting(out, s, 2);
	buf_str(out, "\t};\n");
}

void
conf_dump(const struct conf *c, struct buf *out)
{
	dump_main(out, &c->main);
	buf_str(out, "channels: {\n");
	for (size_t i = 0; i < c->n_channels; i++)
		dump_channel(out, c->channels[i]);
	buf_str(out, "};\n");
}
