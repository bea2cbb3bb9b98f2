/*
 * gsm7: SMS encoding, transliteration and segmentation. Never loses a
 * character silently and never splits a pair. Called by compose and by the
 * host service "sms".
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "base/buf.h"
#include "base/mem.h"
#include "litfass/plugin.h"
#include "text/gsm7.h"
#include "text/utf8.h"

#define MIDDLE_DOT	0xb7
#define DEGREE		0xb0
#define TEXT_MAX	((size_t)16 << 20)	/* bytes of a changed text */
#define MARKS_MAX	30	/* on one letter: UAX 15, stream-safe text */

struct gsm7_char {
	int32_t cp;
	uint32_t septets;
};

struct gsm7_swap {
	int32_t cp;
	const char *text;
};

#include "text/gsm7_table.h"

struct limits {
	uint32_t alone, each;
};

static const struct limits gsm7_limits = { 160, 153 };
static const struct limits ucs2_limits = { 70, 67 };

/* Both tables begin with the code point and are sorted by it. */
static int
by_cp(const void *key, const void *row)
{
	int32_t a = *(const int32_t *)key, b = *(const int32_t *)row;

	return a < b ? -1 : a > b;
}

/* 0 when cp is not in the alphabet. */
static uint32_t
septets(int32_t cp)
{
	const struct gsm7_char *c = bsearch(&cp, gsm7_chars,
	    sizeof(gsm7_chars) / sizeof(gsm7_chars[0]),
	    sizeof(gsm7_chars[0]), by_cp);

	return c == NULL ? 0 : c->septets;
}

static const char *
swap_of(int32_t cp)
{
	const struct gsm7_swap *s = bsearch(&cp, gsm7_swaps,
	    sizeof(gsm7_swaps) / sizeof(gsm7_swaps[0]),
	    sizeof(gsm7_swaps[0]), by_cp);

	return s == NULL ? NULL : s->text;
}

bool
gsm7_is_plain(const char *text)
{
	size_t len = strlen(text);
	int32_t cp;

	for (size_t i = 0; i < len; ) {
		i += utf8_decode(text + i, len - i, &cp);
		if (septets(cp) == 0)
			return false;
	}
	return true;
}

static uint32_t
units_of(const char *s, size_t len, uint32_t encoding)
{
	uint32_t units = 0;
	int32_t cp;

	for (size_t i = 0; i < len; ) {
		i += utf8_decode(s + i, len - i, &cp);
		if (encoding == LF_SMS_GSM7)
			units += septets(cp);
		else
			units += cp > 0xffff ? 2 : 1;
	}
	return units;
}

/* A part being filled, and the room for those that are done. */
struct split {
	struct gsm7_part *parts;
	size_t max, n;
	struct gsm7_part now;
};

static void
split_close(struct split *sp)
{
	if (sp->n < sp->max)
		sp->parts[sp->n] = sp->now;
	sp->n++;
	sp->now.start = sp->now.end;
	sp->now.units = 0;
}

static void
split_add(struct split *sp, size_t bytes, uint32_t units, uint32_t each)
{
	if (sp->now.units + units > each && sp->now.units > 0)
		split_close(sp);
	sp->now.end += bytes;
	sp->now.units += units;
}

static void
split_cluster(struct split *sp, const char *s, size_t n, uint32_t encoding,
    uint32_t each)
{
	uint32_t units = units_of(s, n, encoding);
	int32_t cp;
	size_t k;

	if (units <= each) {
		split_add(sp, n, units, each);
		return;
	}
	for (size_t i = 0; i < n; i += k) {
		k = utf8_decode(s + i, n - i, &cp);
		split_add(sp, k, units_of(s + i, k, encoding), each);
	}
}

size_t
gsm7_split(const char *text, uint32_t encoding, struct gsm7_part *parts,
    size_t max)
{
	const struct limits *l = encoding == LF_SMS_GSM7 ? &gsm7_limits :
	    &ucs2_limits;
	struct split sp = { .parts = parts, .max = max };
	size_t len = strlen(text), n;
	uint32_t all = units_of(text, len, encoding);

	if (len == 0)
		return 0;
	if (all <= l->alone) {
		sp.now.end = len;
		sp.now.units = all;
		split_close(&sp);
		return sp.n;
	}
	for (size_t i = 0; i < len; i += n) {
		n = utf8_cluster(text + i, len - i);
		split_cluster(&sp, text + i, n, encoding, l->each);
	}
	split_close(&sp);
	return sp.n;
}

/* Line ends as LF, no blanks before them or at the end. */
static void
tidy(struct buf *out, const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '\r' && s[1] == '\n')
			continue;
		if (*s == '\n' || *s == '\r') {
			while (out->len > 0 && out->data[out->len - 1] == ' ')
				buf_cut(out, out->len - 1);
			buf_chr(out, '\n');
		} else
			buf_chr(out, *s);
	}
	while (out->len > 0 && out->data[out->len - 1] == ' ')
		buf_cut(out, out->len - 1);
}

/* Add s, but no second blank behind a blank. */
static void
add_swap(struct buf *out, const char *s)
{
	if (s[0] == ' ' && out->len > 0 && out->data[out->len - 1] == ' ')
		s++;
	buf_str(out, s);
}

/* The middle dot of easy language ("Trink·wasser") stands between letters. */
static bool
joins_word(int32_t before, const char *after, size_t len)
{
	int32_t next;

	utf8_decode(after, len, &next);
	return utf8_is_word(before) && utf8_is_word(next);
}

/* "37 °C" is read as "37 C" in every language; "Grad" is only German. */
static bool
names_scale(const char *after, size_t len)
{
	return len > 0 && (after[0] == 'C' || after[0] == 'F');
}

/* False when there is no way to write cp, which stands before after. */
static bool
swap_char(struct buf *out, int32_t before, int32_t cp, const char *after,
    size_t len)
{
	const char *swap = swap_of(cp);

	if (cp == MIDDLE_DOT && joins_word(before, after, len))
		return true;
	if (cp == DEGREE && names_scale(after, len))
		return true;
	if (swap != NULL)
		add_swap(out, swap);
	return swap != NULL || utf8_is_emoji(cp);
}

/* Write text in the alphabet; false when some character has no kin there. */
static bool
transliterate(struct buf *out, const char *text)
{
	size_t len = strlen(text), n;
	int32_t cp, before = 0;

	for (size_t i = 0; i < len; i += n, before = cp) {
		n = utf8_decode(text + i, len - i, &cp);
		if (cp == ' ' && before != ' ' && septets(before) == 0)
			add_swap(out, " ");
		else if (septets(cp) > 0)
			buf_add(out, text + i, n);
		else if (!swap_char(out, before, cp, text + i + n,
		    len - i - n))
			return false;
	}
	return true;
}

static void
count(struct gsm7_sms *sms)
{
	sms->encoding = gsm7_is_plain(sms->text) ? LF_SMS_GSM7 : LF_SMS_UCS2;
	sms->units = units_of(sms->text, strlen(sms->text), sms->encoding);
	sms->parts = (uint32_t)gsm7_split(sms->text, sms->encoding, NULL, 0);
}

/* The text as an alternative in the alphabet; false when there is none. */
static bool
alternative(const char *text, struct gsm7_sms *sms_r)
{
	struct buf swapped, out;
	bool ok;

	buf_init(&swapped, TEXT_MAX);
	buf_init(&out, TEXT_MAX);
	ok = transliterate(&swapped, text) && buf_ok(&swapped);
	tidy(&out, buf_cstr(&swapped));
	buf_fini(&swapped);
	sms_r->text = buf_steal(&out);
	sms_r->changed = true;
	count(sms_r);
	return ok;
}

static bool
is_combining(int32_t cp)
{
	utf8proc_category_t c = utf8proc_category(cp);

	return c >= UTF8PROC_CATEGORY_MN && c <= UTF8PROC_CATEGORY_ME;
}

/* utf8proc sorts the marks on a letter, in quadratic time. */
static bool
has_heap_of_marks(const char *text)
{
	size_t len = strlen(text), marks = 0;
	int32_t cp;

	for (size_t i = 0; i < len && marks <= MARKS_MAX;) {
		i += utf8_decode(text + i, len - i, &cp);
		marks = is_combining(cp) ? marks + 1 : 0;
	}
	return marks > MARKS_MAX;
}

/* The composed form, given; what is no text of people stays as it is. */
static char *
composed(const char *text)
{
	utf8proc_uint8_t *nfc = NULL;

	if (!has_heap_of_marks(text))
		nfc = utf8proc_NFC((const utf8proc_uint8_t *)text);
	return nfc != NULL ? (char *)nfc : xstrdup(text);
}

void
gsm7_measure(const char *text, uint32_t translit, struct gsm7_sms *sms_r)
{
	char *nfc = composed(text);
	struct gsm7_sms other;
	struct buf clean;

	memset(sms_r, 0, sizeof(*sms_r));
	buf_init(&clean, TEXT_MAX);
	tidy(&clean, nfc);
	free(nfc);
	sms_r->text = buf_steal(&clean);
	count(sms_r);
	if (translit == GSM7_NEVER || sms_r->encoding == LF_SMS_GSM7)
		return;
	if (alternative(sms_r->text, &other) &&
	    (translit == GSM7_ALWAYS || other.parts < sms_r->parts)) {
		gsm7_fini(sms_r);
		*sms_r = other;
	} else
		gsm7_fini(&other);
}

void
gsm7_fini(struct gsm7_sms *sms)
{
	free(sms->text);
	memset(sms, 0, sizeof(*sms));
}
