/*
 * cap_text: from the HTML that offices write to plain text, and from there to
 * Markdown. Total: any text gives a text. Called by cap_rules and cap_map.
 */
#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "announce/cap_text.h"
#include "announce/prose.h"
#include "base/buf.h"
#include "base/mem.h"

#define TEXT_MAX	(32 * 1024 * 1024)
#define ENTITY_MAX	11	/* bytes of "&#x10ffff;" and some more */
#define TAG_MAX		2000	/* bytes; a "<" without an end is a text */

struct convert {
	struct buf out;
	bool line, odd;
	int breaks;		/* line breaks waiting */
	bool space;		/* a blank is waiting */
	unsigned last;		/* code point before */
	const char *href;	/* of the open link, or NULL */
	size_t href_len;
};

static void
put_code(struct buf *b, unsigned c)
{
	if (c < 0x80) {
		buf_chr(b, (char)c);
	} else if (c < 0x800) {
		buf_chr(b, (char)(0xc0 | c >> 6));
		buf_chr(b, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		buf_chr(b, (char)(0xe0 | c >> 12));
		buf_chr(b, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_chr(b, (char)(0x80 | (c & 0x3f)));
	} else {
		buf_chr(b, (char)(0xf0 | c >> 18));
		buf_chr(b, (char)(0x80 | (c >> 12 & 0x3f)));
		buf_chr(b, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_chr(b, (char)(0x80 | (c & 0x3f)));
	}
}

static void
newline(struct convert *v)
{
	if (v->line)
		v->space = true;
	else if (v->breaks < 2)
		v->breaks++;
}

/* What waits is written only before the next character: no blanks at the
 * ends, none around line breaks. */
static void
flush(struct convert *v)
{
	if (v->out.len > 0) {
		for (int i = 0; i < v->breaks; i++)
			buf_chr(&v->out, '\n');
		if (v->breaks == 0 && v->space)
			buf_chr(&v->out, ' ');
	}
	v->breaks = 0;
	v->space = false;
}

static bool
deceives(unsigned c)
{
	return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) ||
	    c == 0x200b || c == 0xfeff || c == 0x2060;
}

/* Joiners shape letters of many scripts, and emoji; elsewhere they hide. */
static bool
unwanted(const struct convert *v, unsigned c)
{
	if (c == 0x200c || c == 0x200d)
		return v->last < 0x600;
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || deceives(c);
}

static bool
is_break(unsigned c)
{
	return c == '\n' || c == 0x2028 || c == 0x2029 || c == 0x85;
}

static void
put(struct convert *v, unsigned c)
{
	if (c == 0xad || c == '\r')	/* soft hyphen */
		return;
	if (is_break(c)) {
		newline(v);
	} else if (c == ' ' || c == '\t' || c == 0xa0) {
		v->space = true;
	} else if (unwanted(v, c)) {
		v->odd = true;
	} else {
		flush(v);
		put_code(&v->out, c);
		v->last = c;
	}
}

static void
put_text(struct convert *v, const char *s, size_t len)
{
	const char *end = s + len;

	while (s < end)
		put(v, prose_next(&s));
}

/* --------------------------------------------------------------- entities */

static const struct {
	const char *name;
	unsigned code;
} entities[] = {
	{ "amp", '&' }, { "lt", '<' }, { "gt", '>' }, { "quot", '"' },
	{ "apos", '\'' }, { "nbsp", ' ' }, { "auml", 0xe4 },
	{ "ouml", 0xf6 }, { "uuml", 0xfc }, { "Auml", 0xc4 },
	{ "Ouml", 0xd6 }, { "Uuml", 0xdc }, { "szlig", 0xdf },
	{ "deg", 0xb0 }, { "ndash", 0x2013 }, { "mdash", 0x2014 },
	{ "bdquo", 0x201e }, { "ldquo", 0x201c }, { "rdquo", 0x201d },
	{ "euro", 0x20ac }, { "hellip", 0x2026 },
};

static unsigned
numeric(const char *s)
{
	int base = *s == 'x' || *s == 'X' ? 16 : 10;
	unsigned long n;
	char *end;

	s += base == 16;
	if (!isxdigit((unsigned char)*s))
		return 0;
	n = strtoul(s, &end, base);
	if (*end != ';' || n > 0x10ffff || (n >= 0xd800 && n <= 0xdfff))
		return 0;
	return (unsigned)n;
}

/* Bytes of the entity at s ("&amp;"), 0 when it is a plain "&". */
static size_t
entity_at(const char *s, unsigned *code_r)
{
	const char *end = memchr(s, ';', strnlen(s, ENTITY_MAX));
	size_t n = end == NULL ? 0 : (size_t)(end - s);

	if (n < 2)
		return 0;
	if (s[1] == '#') {
		*code_r = numeric(s + 2);
		return *code_r == 0 ? 0 : n + 1;
	}
	for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++)
		if (strlen(entities[i].name) == n - 1 &&
		    memcmp(entities[i].name, s + 1, n - 1) == 0) {
			*code_r = entities[i].code;
			return n + 1;
		}
	return 0;
}

/* ------------------------------------------------------------------- tags */

/* Bytes of the tag at s, 0 when "<" is a text ("<80 km/h"). */
static size_t
tag_at(const char *s)
{
	const char *p = s + 1 + (s[1] == '/');
	size_t n;

	if (!isalpha((unsigned char)*p))
		return 0;
	while (isalnum((unsigned char)*p))
		p++;
	if (*p != '>' && *p != '/' && !isspace((unsigned char)*p))
		return 0;
	n = strcspn(p, "<>");
	if (p[n] != '>' || n > TAG_MAX)
		return 0;
	return (size_t)(p - s) + n + 1;
}

static bool
tag_is(const char *name, size_t n, const char *what)
{
	return strlen(what) == n && strncasecmp(name, what, n) == 0;
}

/* Remember where a link leads; only to the web. */
static void
open_link(struct convert *v, const char *tag, size_t len)
{
	const char *p = memmem(tag, len, "href=", 5);
	const char *end = tag + len;

	v->href = NULL;
	if (p == NULL)
		return;
	p += 5;
	p += *p == '"' || *p == '\'';
	if (strncasecmp(p, "http://", 7) != 0 &&
	    strncasecmp(p, "https://", 8) != 0)
		return;
	v->href = p;
	v->href_len = strcspn(p, "\"' >");
	if (p + v->href_len > end)
		v->href = NULL;
}

static void
close_link(struct convert *v)
{
	if (v->href == NULL)
		return;
	put_text(v, " (", 2);
	put_text(v, v->href, v->href_len);
	put(v, ')');
	v->href = NULL;
}

static const char *const line_tags[] = { "br", "p", "div", "tr", "ul", "ol",
	"h1", "h2", "h3", "h4" };

static void
tag(struct convert *v, const char *s, size_t len)
{
	bool closing = s[1] == '/';
	const char *name = s + 1 + closing;
	size_t n = 0;

	v->odd = true;
	while (isalnum((unsigned char)name[n]))
		n++;
	for (size_t i = 0; i < sizeof(line_tags) / sizeof(line_tags[0]); i++)
		if (tag_is(name, n, line_tags[i]))
			newline(v);
	if (tag_is(name, n, "a") && closing)
		close_link(v);
	else if (tag_is(name, n, "a"))
		open_link(v, s, len);
	if (!tag_is(name, n, "li") || closing)
		return;
	if (v->breaks == 0)
		newline(v);
	put(v, '-');
	v->space = true;
}

char *
cap_text(const char *s, bool line, bool *odd_r)
{
	struct convert v = { .line = line };
	unsigned code;
	size_t n;

	buf_init(&v.out, TEXT_MAX);
	while (*s != '\0') {
		if (*s == '<' && (n = tag_at(s)) > 0) {
			tag(&v, s, n);
			s += n;
		} else if (*s == '&' && (n = entity_at(s, &code)) > 0) {
			v.odd = true;
			put(&v, code);
			s += n;
		} else {
			put(&v, prose_next(&s));
		}
	}
	if (v.odd)
		*odd_r = true;
	return buf_steal(&v.out);
}

/* --------------------------------------------------------------- Markdown */

/* "- item" stays: a list is meant as such. A number does not: "12. Dezember"
 * below "10. Dezember" would be counted on as 11. */
static bool
must_escape(const char *s, bool line_start)
{
	if (strchr("\\`*_[]<>|~&", *s) != NULL)
		return true;
	if (!line_start)
		return false;
	return *s == '#' || *s == '=' || (*s == '+' && s[1] == ' ') ||
	    (*s == '-' && s[1] != ' ');
}

/* Bytes of "12" when a point or bracket would make it an item. */
static size_t
item_number(const char *s)
{
	size_t n = strspn(s, "0123456789");

	return n > 0 && (s[n] == '.' || s[n] == ')') ? n : 0;
}

/* Bytes of a web address at s. In pointed brackets it needs no escapes, at
 * which a link made from it would end. */
static size_t
address_at(const char *s)
{
	size_t n;

	if (strncasecmp(s, "http://", 7) != 0 &&
	    strncasecmp(s, "https://", 8) != 0)
		return 0;
	n = strcspn(s, " \n<>\"\\`|");
	while (strchr(".,;:!?'*])", s[n - 1]) != NULL &&
	    (s[n - 1] != ')' || memchr(s, '(', n) == NULL))
		n--;
	/* An entity could hide where it leads: that is shown, not linked. */
	return n > 8 && memmem(s, n, "&#", 2) == NULL ? n : 0;
}

char *
cap_markdown(const char *s, bool links)
{
	bool line_start = true, word_start = true;
	struct buf out;
	size_t n;

	buf_init(&out, TEXT_MAX * 2);
	while (*s != '\0') {
		if (links && word_start && (n = address_at(s)) > 0) {
			buf_fmt(&out, "<%.*s>", (int)n, s);
		} else if (line_start && (n = item_number(s)) > 0) {
			buf_add(&out, s, n);
			buf_chr(&out, '\\');
		} else {
			n = 1;
			if (must_escape(s, line_start))
				buf_chr(&out, '\\');
			buf_chr(&out, *s);
		}
		s += n;
		line_start = s[-1] == '\n';
		word_start = !isalnum((unsigned char)s[-1]);
	}
	return buf_steal(&out);
}

bool
cap_text_cut(char *s, size_t max)
{
	static const char ellipsis[] = "\xe2\x80\xa6";
	const char *p = s, *word = NULL, *at = s, *before = s;
	size_t n = 0;

	for (const char *begin = p; n <= max && prose_next(&p) != 0;
	    begin = p) {
		if (++n == max)
			at = begin;
		else if (n + 1 == max)
			before = begin;
		if (n < max && (*begin == ' ' || *begin == '\n'))
			word = begin;
	}
	if (n <= max)
		return false;
	/* The ellipsis is written over what is cut: it must fit. */
	if (strlen(at) < sizeof(ellipsis) - 1)
		at = before;
	if (word != NULL && at > word && at - word < 24)
		at = word;
	memcpy(s + (at - s), ellipsis, sizeof(ellipsis));
	return true;
}
