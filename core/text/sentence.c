/*
 * sentence: sentence bounds by a few rules and one table of abbreviations.
 * Never ends a sentence inside a number, a date, a link or an abbreviation.
 * Called by the Markdown forms.
 */
#include "config.h"

#include <stdbool.h>
#include <string.h>

#include <utf8proc.h>

#include "text/sentence.h"
#include "text/utf8.h"

#define WORD_MAX	32	/* bytes of the longest word we look up */

/* Words that carry a dot and are followed by more. Single letters and words
 * before a small letter need no entry. */
static const char *const abbreviations[] = {
	/* German */
	"Nr", "Abs", "Art", "bzw", "ca", "Dr", "Prof", "evtl", "ggf",
	"inkl", "max", "min", "Tel", "St", "vgl", "Hr", "Fr", "Frl", "gem",
	"Mo", "Di", "Mi", "Do", "Sa", "So", "Kfz", "Std", "Hbf", "Bhf",
	"Jan", "Feb", "Apr", "Aug", "Sept", "Okt", "Nov", "Dez",
	/* English */
	"Mr", "Mrs", "Ms", "No", "approx", "vs", "Ave", "Rd", "Oct", "Dec",
	/* Turkish */
	"Cad", "Sok", "Mah", "Bul", "Sn", "Doç",
	/* Ukrainian, Russian */
	"вул", "ул", "тел", "буд", "обл", "просп", "ім", "им", "пл", "пр",
	/* Polish, French */
	"ul", "al", "godz", "tel", "pl", "Mme", "Mlle", "av", "bd",
};

/* What follows "9." or "2." when the dot makes it "the ninth". */
static const char *const ordinals[] = {
	"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli",
	"August", "September", "Oktober", "November", "Dezember", "Jan",
	"Feb", "Apr", "Aug", "Sept", "Okt", "Nov", "Dez", "Jänner",
	"Stock", "Obergeschoss", "Etage", "OG", "UG", "Klasse", "Woche",
	"Tag", "Bezirk", "Stadtbezirk", "Advent", "Quartal", "Halbjahr",
	"Bauabschnitt", "Liga", "Runde", "Auflage", "Mal",
};

static bool
listed(const char *const *table, size_t n, const char *s, size_t len)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(table[i]) == len && memcmp(table[i], s, len) == 0)
			return true;
	return false;
}

#define LISTED(table, s, len)						\
	listed((table), sizeof(table) / sizeof((table)[0]), (s), (len))

static bool
is_stop(int32_t cp)
{
	switch (cp) {
	case '.': case '!': case '?':
	case 0x2026:			/* ellipsis */
	case 0x061f: case 0x06d4:	/* Arabic question mark, full stop */
	case 0x3002: case 0xff01: case 0xff1f:
		return true;
	}
	return false;
}

/* Closing quotes and brackets belong to the sentence before them. */
static bool
is_closer(int32_t cp)
{
	switch (cp) {
	case '"': case '\'': case ')': case ']':
	case 0x201c: case 0x201d: case 0x2019: case 0xbb:
		return true;
	}
	return false;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static size_t
skip_blanks(const char *s, size_t len, size_t at)
{
	while (at < len && is_blank(s[at]))
		at++;
	return at;
}

/* Bytes of the word that begins at s. */
static size_t
word_after(const char *s, size_t len)
{
	size_t at = 0, n;
	int32_t cp;

	while (at < len && at < WORD_MAX) {
		n = utf8_decode(s + at, len - at, &cp);
		if (!utf8_is_word(cp))
			break;
		at += n;
	}
	return at;
}

/* Bytes of the word that ends right before end, at most WORD_MAX. */
static size_t
word_before(const char *s, size_t end)
{
	size_t at = end, from;
	int32_t cp;

	while (at > 0 && end - at < WORD_MAX) {
		from = at - 1;
		while (from > 0 && ((unsigned char)s[from] & 0xc0) == 0x80)
			from--;
		utf8_decode(s + from, at - from, &cp);
		if (!utf8_is_word(cp))
			break;
		at = from;
	}
	return end - at;
}

static bool
is_number(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (s[i] < '0' || s[i] > '9')
			return false;
	return len > 0;
}

static bool
is_letter(const char *s, size_t len)
{
	int32_t cp;

	return len > 0 && utf8_decode(s, len, &cp) == len &&
	    !is_number(s, len);
}

/* True when the dot at s[dot] belongs to the word before it. */
static bool
is_abbreviation(const char *s, size_t dot, const char *next, size_t len)
{
	size_t n = word_before(s, dot);
	const char *word = s + dot - n;

	if (is_letter(word, n) || LISTED(abbreviations, word, n))
		return true;
	if (n >= 3 && memcmp(word + n - 3, "str", 3) == 0)
		return true;
	if (!is_number(word, n) || n > 2)
		return false;
	if (n == dot || is_number(next, 1))
		return true;	/* a list item; "Mo 9.3. 6 Uhr" */
	return LISTED(ordinals, next, word_after(next, len));
}

static bool
begins_small(const char *s, size_t len)
{
	int32_t cp;

	return utf8_decode(s, len, &cp) > 0 &&
	    utf8proc_category(cp) == UTF8PROC_CATEGORY_LL;
}

/* A line break ends a sentence before an empty line and before a list. */
static bool
line_ends(const char *s, size_t len, size_t at)
{
	size_t next = skip_blanks(s, len, at), n;

	if (next == len || memchr(s + at + 1, '\n', next - at - 1) != NULL)
		return true;
	if (next + 1 < len && strchr("->*", s[next]) != NULL)
		return s[next + 1] == ' ';
	n = word_after(s + next, len - next);
	return is_number(s + next, n) && next + n < len &&
	    s[next + n] == '.';
}

/* Behind the stops and closers that begin at s[at]. */
static size_t
skip_stops(const char *s, size_t len, size_t at)
{
	int32_t cp;
	size_t n;

	while (at < len) {
		n = utf8_decode(s + at, len - at, &cp);
		if (!is_stop(cp) && !is_closer(cp))
			break;
		at += n;
	}
	return at;
}

/* True when the stop at s[dot], whose run ends at end, ends a sentence. */
static bool
stop_ends(const char *s, size_t len, size_t dot, size_t end)
{
	size_t next = skip_blanks(s, len, end);

	if (next == len)
		return true;
	if (next == end || begins_small(s + next, len - next))
		return false;
	return s[dot] != '.' ||
	    !is_abbreviation(s, dot, s + next, len - next);
}

/* Bytes of the sentence that begins right at s. */
static size_t
sentence_len(const char *s, size_t len)
{
	size_t n, end;
	int32_t cp;

	for (size_t at = 0; at < len; at += n) {
		n = utf8_decode(s + at, len - at, &cp);
		if (cp == '\n' && line_ends(s, len, at))
			return skip_blanks(s, len, at);
		if (!is_stop(cp))
			continue;
		end = skip_stops(s, len, at);
		if (stop_ends(s, len, at, end))
			return skip_blanks(s, len, end);
		n = end - at;
	}
	return len;
}

size_t
sentence_next(const char *s, size_t len)
{
	size_t blanks = skip_blanks(s, len, 0);

	return blanks + sentence_len(s + blanks, len - blanks);
}
