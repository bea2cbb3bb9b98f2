/*
 * out: print data. Never prints talk. Called by every command.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "litfass/plugin.h"
#include "out.h"
#include "text/utf8.h"

#define GAP	2	/* blanks between columns */

/* --------------------------------------------------------------- values -- */

static bool
is_control(int32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == UTF8_BAD ||
	    cp == 0x2028 || cp == 0x2029 || (cp >= 0x202a && cp <= 0x202e) ||
	    (cp >= 0x2066 && cp <= 0x2069);
}

/* Copy s without what could steer a terminal. Given. */
static char *
safe(const char *s, bool lines)
{
	size_t len = strlen(s), n;
	struct buf b;
	int32_t cp;

	buf_init(&b, 2 * len + 4);
	for (; len > 0; s += n, len -= n) {
		n = utf8_decode(s, len, &cp);
		if (lines && cp == '\r' && s[1] == '\n')
			continue;	/* the line end of a mail */
		if (is_control(cp) && !(lines && cp == '\n'))
			buf_chr(&b, '?');
		else
			buf_add(&b, s, n);
	}
	buf_str(&b, "");
	return b.data == NULL ? xstrdup("") : buf_steal(&b);
}

void
out_safe(FILE *f, const char *s, bool lines)
{
	char *copy = safe(s, lines);

	fputs(copy, f);
	free(copy);
}

/* Given. */
static char *
time_text(json_int_t us)
{
	time_t t = (time_t)(us / 1000000);
	struct tm tm;
	char out[32];

	if (us == 0 || localtime_r(&t, &tm) == NULL)
		return xstrdup("");
	strftime(out, sizeof(out), "%Y-%m-%d %H:%M:%S", &tm);
	return xstrdup(out);
}

static char *
joined(const json_t *list)
{
	const json_t *item;
	struct buf b;
	size_t i;

	buf_init(&b, 64 * 1024);
	json_array_foreach(list, i, item)
		if (json_is_string(item))
			buf_fmt(&b, "%s%s", i > 0 ? "," : "",
			    json_string_value(item));
	return b.data == NULL ? xstrdup("") : buf_steal(&b);
}

static char *
value_text(const json_t *v)
{
	char *s;

	if (v == NULL || json_is_null(v))
		return xstrdup("");
	if (json_is_string(v))
		return xstrdup(json_string_value(v));
	if (json_is_array(v))
		return joined(v);
	s = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);
	return s == NULL ? xstrdup("?") : s;
}

/* A cell as a table shows it, given. c NULL: not translated. */
static char *
cell(const struct cli *c, const json_t *row, const struct out_column *col)
{
	const json_t *v = json_object_get(row, col->key);
	char *raw, *text;

	if (col->kind == OUT_TIME && json_is_integer(v))
		return time_text(json_integer_value(v));
	raw = value_text(v);
	if (col->kind == OUT_STATE && c != NULL)
		text = safe(out_word(c, raw), false);
	else
		text = safe(raw, false);
	free(raw);
	return text;
}

/* ---------------------------------------------------------------- table -- */

static bool
use_colour(void)
{
	const char *no = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && (no == NULL || *no == '\0');
}

static const char *
colour_of(const char *state)
{
	static const struct {
		const char *state, *colour;
	} colours[] = {
		{ "accepted", "\033[32m" }, { "delivered", "\033[32m" },
		{ "done", "\033[32m" }, { "live", "\033[32m" },
		{ "up", "\033[32m" }, { "retry", "\033[33m" },
		{ "unknown", "\033[33m" }, { "paused", "\033[33m" },
		{ "partial", "\033[33m" }, { "failed", "\033[31m" },
		{ "down", "\033[31m" }, { "expired", "\033[31m" },
	};

	for (size_t i = 0; i < sizeof(colours) / sizeof(colours[0]); i++)
		if (strcmp(colours[i].state, state) == 0)
			return colours[i].colour;
	return "";
}

static void
print_padded(const char *s, const char *colour, size_t width, bool right,
    bool last)
{
	size_t have = (size_t)utf8_length(s, LF_UNIT_CHARS);
	int pad = have < width ? (int)(width - have) : 0;

	if (right)
		printf("%*s", pad, "");
	printf("%s%s%s", colour, s, *colour == '\0' ? "" : "\033[0m");
	if (!right && !last)
		printf("%*s", pad, "");
	if (last)
		putchar('\n');
	else
		printf("%*s", GAP, "");
}

static size_t
column_width(const struct cli *c, const json_t *rows,
    const struct out_column *col)
{
	size_t width, n, i;
	const json_t *row;
	char *s;

	width = (size_t)utf8_length(out_word(c, col->key), LF_UNIT_CHARS);
	json_array_foreach(rows, i, row) {
		s = cell(c, row, col);
		n = (size_t)utf8_length(s, LF_UNIT_CHARS);
		width = n > width ? n : width;
		free(s);
	}
	return width;
}

static void
print_row(const struct cli *c, const json_t *row,
    const struct out_column *columns, const size_t *widths, size_t n)
{
	bool colours = use_colour();

	for (size_t i = 0; i < n; i++) {
		const char *raw, *colour = "";
		char *s = cell(c, row, &columns[i]);

		raw = json_string_value(json_object_get(row,
		    columns[i].key));
		if (colours && columns[i].kind == OUT_STATE && raw != NULL)
			colour = colour_of(raw);
		print_padded(s, colour, widths[i],
		    columns[i].kind == OUT_NUMBER, i == n - 1);
		free(s);
	}
}

static void
print_table(const struct cli *c, const json_t *rows,
    const struct out_column *columns, size_t n)
{
	size_t *widths = xcalloc(n, sizeof(*widths)), i;
	const json_t *row;

	for (i = 0; i < n; i++)
		widths[i] = column_width(c, rows, &columns[i]);
	for (i = 0; i < n; i++)
		print_padded(out_word(c, columns[i].key), "", widths[i],
		    columns[i].kind == OUT_NUMBER, i == n - 1);
	json_array_foreach(rows, i, row)
		print_row(c, row, columns, widths, n);
	free(widths);
}

void
out_rows(const struct cli *c, const json_t *rows,
    const struct out_column *columns, size_t n, const char *id_key)
{
	const json_t *row;
	size_t i;

	if (out_json(c, rows))
		return;
	if (c->format == OUT_TABLE) {
		print_table(c, rows, columns, n);
		return;
	}
	json_array_foreach(rows, i, row) {
		char *s = value_text(json_object_get(row, id_key));

		puts(s);
		free(s);
	}
}

/* ----------------------------------------------------------- other forms -- */

/* What could steer a terminal is escaped, also where JSON need not. */
static void
print_json(const json_t *data, size_t flags)
{
	char *s = json_dumps(data, flags | JSON_SORT_KEYS | JSON_ENCODE_ANY);
	size_t left = s == NULL ? 0 : strlen(s), n;
	const char *p = s;
	int32_t cp;

	for (; left > 0; p += n, left -= n) {
		n = utf8_decode(p, left, &cp);
		if (is_control(cp) && cp > 0x20)
			printf("\\u%04x", (unsigned)cp);
		else
			fwrite(p, 1, n, stdout);
	}
	puts(s == NULL ? "null" : "");
	free(s);
}

bool
out_json(const struct cli *c, const json_t *data)
{
	const json_t *row;
	size_t i;

	if (c->format == OUT_JSON)
		print_json(data, JSON_INDENT(2));
	else if (c->format == OUT_JSONL && json_is_array(data))
		json_array_foreach(data, i, row)
			print_json(row, JSON_COMPACT);
	else if (c->format == OUT_JSONL)
		print_json(data, JSON_COMPACT);
	else
		return false;
	return true;
}

static void
print_csv_field(const char *s, bool last)
{
	if (strpbrk(s, ",\"\r\n") == NULL)
		fputs(s, stdout);
	else {
		putchar('"');
		for (; *s != '\0'; s++) {
			if (*s == '"')
				putchar('"');
			putchar(*s);
		}
		putchar('"');
	}
	fputs(last ? "\r\n" : ",", stdout);
}

void
out_csv(const json_t *rows, const struct out_column *columns, size_t n)
{
	const json_t *row;
	size_t i;

	for (i = 0; i < n; i++)
		print_csv_field(columns[i].key, i == n - 1);
	json_array_foreach(rows, i, row) {
		for (size_t k = 0; k < n; k++) {
			char *s = cell(NULL, row, &columns[k]);

			print_csv_field(s, k == n - 1);
			free(s);
		}
	}
}

void
out_field(const struct cli *c, const json_t *object, const char *key,
    enum out_kind kind)
{
	const struct out_column col = { key, kind };
	char *s = cell(c, object, &col);

	if (*s != '\0')
		print_padded(out_word(c, key), "", 12, false, false);
	if (*s != '\0')
		puts(s);
	free(s);
}

const char *
out_text(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	return s == NULL ? "" : s;
}

void
out_problems(const json_t *problems)
{
	const json_t *p;
	size_t i;

	json_array_foreach(problems, i, p) {
		fprintf(stderr, "%s: ", out_text(p, "level"));
		out_safe(stderr, out_text(p, "pointer"), false);
		fprintf(stderr, "%s%s: ", *out_text(p, "pointer") == '\0' ?
		    "" : ": ", out_text(p, "slug"));
		out_safe(stderr, out_text(p, "message"), false);
		fputc('\n', stderr);
	}
}
