/*
 * utf8: measuring and cutting at cluster bounds. Never splits a cluster and
 * never fails. Called by every form of text.
 */
#include "config.h"

#include <string.h>

#include <utf8proc.h>

#include "base/buf.h"
#include "litfass/plugin.h"
#include "text/utf8.h"

struct range {
	int32_t first, last;
};

/* Blocks of pictographs, and what glues them (Unicode emoji-data). */
static const struct range emoji[] = {
	{ 0x200d, 0x200d },	/* zero width joiner */
	{ 0x20e3, 0x20e3 },	/* keycap */
	{ 0x231a, 0x231b }, { 0x23e9, 0x23f3 }, { 0x23f8, 0x23fa },
	{ 0x25fb, 0x25fe }, { 0x2600, 0x27bf }, { 0x2b05, 0x2b07 },
	{ 0x2b1b, 0x2b1c }, { 0x2b50, 0x2b55 },
	{ 0xfe0e, 0xfe0f },	/* variation selectors */
	{ 0x1f000, 0x1faff },
	{ 0xe0020, 0xe007f },	/* tags of regional flags */
};

bool
utf8_valid(const char *s, size_t len)
{
	const utf8proc_uint8_t *p = (const utf8proc_uint8_t *)s;
	utf8proc_int32_t cp;
	utf8proc_ssize_t n;

	for (size_t i = 0; i < len; i += (size_t)n) {
		n = 1;
		if (p[i] < 0x80)
			continue;
		n = utf8proc_iterate(p + i, (utf8proc_ssize_t)(len - i), &cp);
		if (n <= 0)
			return false;
	}
	return true;
}

size_t
utf8_decode(const char *s, size_t len, int32_t *cp_r)
{
	const utf8proc_uint8_t *p = (const utf8proc_uint8_t *)s;
	utf8proc_int32_t cp;
	utf8proc_ssize_t n;

	*cp_r = UTF8_BAD;
	if (len == 0)
		return 0;
	if (p[0] < 0x80) {
		*cp_r = p[0];
		return 1;
	}
	n = utf8proc_iterate(p, (utf8proc_ssize_t)len, &cp);
	if (n <= 0)
		return 1;
	*cp_r = cp;
	return (size_t)n;
}

void
utf8_put(struct buf *out, int32_t cp)
{
	utf8proc_uint8_t bytes[4];
	utf8proc_ssize_t n;

	if (!utf8proc_codepoint_valid(cp))
		cp = UTF8_BAD;
	n = utf8proc_encode_char(cp, bytes);
	buf_add(out, bytes, (size_t)n);
}

size_t
utf8_cluster(const char *s, size_t len)
{
	utf8proc_int32_t state = 0;
	int32_t cp, next;
	size_t at, n;

	at = utf8_decode(s, len, &cp);
	if (at == 0 || at == len)
		return at;
	/* Two plain ASCII characters always part, CR LF never does. */
	if ((unsigned char)s[0] < 0x80 && (unsigned char)s[1] < 0x80)
		return s[0] == '\r' && s[1] == '\n' ? 2 : 1;
	while (at < len) {
		n = utf8_decode(s + at, len - at, &next);
		if (utf8proc_grapheme_break_stateful(cp, next, &state))
			break;
		cp = next;
		at += n;
	}
	return at;
}

bool
utf8_is_word(int32_t cp)
{
	utf8proc_category_t c = utf8proc_category(cp);

	return c >= UTF8PROC_CATEGORY_LU && c <= UTF8PROC_CATEGORY_NO;
}

bool
utf8_is_emoji(int32_t cp)
{
	for (size_t i = 0; i < sizeof(emoji) / sizeof(emoji[0]); i++)
		if (cp >= emoji[i].first && cp <= emoji[i].last)
			return true;
	return false;
}

/* Keep the "1" of a keycap, but not what makes it one. */
static void
drop_marks(const char *s, size_t len, struct buf *out)
{
	int32_t cp;
	size_t n;

	for (size_t i = 0; i < len; i += n) {
		n = utf8_decode(s + i, len - i, &cp);
		if (cp != 0xfe0e && cp != 0xfe0f && cp != 0x20e3)
			buf_add(out, s + i, n);
	}
}

static bool
ends_with_blank(const struct buf *b)
{
	return b->len == 0 || strchr(" \n", b->data[b->len - 1]) != NULL;
}

void
utf8_drop_emoji(const char *s, size_t len, struct buf *out)
{
	bool dropped = false;
	int32_t cp;
	size_t n;

	for (size_t i = 0; i < len; i += n) {
		n = utf8_cluster(s + i, len - i);
		utf8_decode(s + i, n, &cp);
		if (cp == ' ' && ends_with_blank(out))
			continue;
		if (utf8_is_emoji(cp)) {
			dropped = true;
			continue;
		}
		if (dropped && cp < 0x80 && strchr(".,;:!?)", cp) != NULL &&
		    out->len > 0 && out->data[out->len - 1] == ' ')
			buf_cut(out, out->len - 1);
		drop_marks(s + i, n, out);
		dropped = false;
	}
}

static uint64_t
units16(const char *s, size_t len)
{
	uint64_t units = 0;
	int32_t cp;

	for (size_t i = 0; i < len; units++) {
		i += utf8_decode(s + i, len - i, &cp);
		units += cp > 0xffff;
	}
	return units;
}

static uint64_t
cluster_units(const char *s, size_t n, uint32_t unit)
{
	if (unit == LF_UNIT_CHARS)
		return 1;
	return unit == LF_UNIT_UTF16 ? units16(s, n) : n;
}

uint64_t
utf8_length(const char *s, uint32_t unit)
{
	size_t len = strlen(s);
	uint64_t units = 0;

	if (unit == LF_UNIT_UTF16)
		return units16(s, len);
	if (unit != LF_UNIT_CHARS)
		return len;
	for (size_t i = 0; i < len; units++)
		i += utf8_cluster(s + i, len - i);
	return units;
}

size_t
utf8_fit(const char *s, size_t len, uint32_t unit, uint64_t max)
{
	uint64_t units = 0;
	size_t i = 0, n;

	while (i < len) {
		n = utf8_cluster(s + i, len - i);
		units += cluster_units(s + i, n, unit);
		if (units > max)
			break;
		i += n;
	}
	return i;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/*
 * The end of the last whole word in the first len bytes, or len when that
 * would throw away more than half: one long word is better cut than lost.
 */
static size_t
word_end(const char *s, size_t len)
{
	size_t end = len;

	if (!is_blank(s[len]))
		while (end > 0 && !is_blank(s[end - 1]))
			end--;
	while (end > 0 && (is_blank(s[end - 1]) ||
	    strchr(",;:-(", s[end - 1]) != NULL))
		end--;
	return end * 2 < len ? len : end;
}

bool
utf8_cut(const char *s, uint32_t unit, uint64_t max, struct buf *out)
{
	uint64_t mark = utf8_length(UTF8_ELLIPSIS, unit);
	size_t len = strlen(s), keep;

	if (unit == LF_UNIT_NONE || utf8_fit(s, len, unit, max) == len) {
		buf_add(out, s, len);
		return false;
	}
	if (max < mark)
		return true;
	keep = utf8_fit(s, len, unit, max - mark);
	buf_add(out, s, word_end(s, keep));
	buf_str(out, UTF8_ELLIPSIS);
	return true;
}
