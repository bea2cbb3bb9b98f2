/*
 * weblink: finds web addresses that stand alone in a text. Never touches one
 * that is already part of a link or of code. Called by the Markdown reader.
 */
#include "config.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "text/utf8.h"
#include "text/weblink.h"

struct scan {
	bool fenced;		/* inside a block of code */
	bool code;		/* inside backticks on this line */
	unsigned labels;	/* inside so many brackets on this line: a
				 * link in the label of a link breaks both */
};

/* An address may follow these; in "](" it already is a link. */
static bool
may_begin(const char *md, size_t at)
{
	if (at == 0 || (unsigned char)md[at - 1] >= 0x80)
		return true;
	if (md[at - 1] == '(')
		return at < 2 || md[at - 2] != ']';
	return strchr(" \t\n\r*|:", md[at - 1]) != NULL;
}

static bool
ends_address(const char *s, size_t *n_r)
{
	int32_t cp;

	*n_r = utf8_decode(s, strnlen(s, 4), &cp);
	if (cp < 0x80)
		return cp <= ' ' || cp == 0x7f ||
		    strchr("<>[]\"`*|\\", cp) != NULL;
	return !utf8_is_word(cp);
}

/* Punctuation at the end belongs to the sentence, not to the address. */
static size_t
trim_end(const char *s, size_t n)
{
	size_t open = 0, closed = 0;

	for (size_t i = 0; i < n; i++) {
		open += s[i] == '(';
		closed += s[i] == ')';
	}
	while (n > 0) {
		if (s[n - 1] == ')' && closed > open)
			closed--;
		else if (strchr(".,;:!?'", s[n - 1]) == NULL)
			break;
		n--;
	}
	return n;
}

/* Bytes of the address at s, 0 when there is none. */
static size_t
address(const char *s)
{
	size_t scheme = strncmp(s, "https://", 8) == 0 ? 8 :
	    strncmp(s, "http://", 7) == 0 ? 7 : 0;
	size_t n = scheme, step;

	if (scheme == 0)
		return 0;
	while (!ends_address(s + n, &step))
		n += step;
	n = trim_end(s, n);
	return n > scheme ? n : 0;
}

static bool
is_fence(const char *line)
{
	line += strspn(line, " >");
	return strncmp(line, "```", 3) == 0 || strncmp(line, "~~~", 3) == 0;
}

static void
look(struct scan *sc, const char *md, size_t at)
{
	if (at == 0 || md[at - 1] == '\n') {
		sc->code = false;
		sc->labels = 0;
		sc->fenced ^= is_fence(md + at);
	}
	/* A run of backticks opens or closes code as one. */
	sc->code ^= md[at] == '`' && (at == 0 || md[at - 1] != '`');
	if (md[at] == '[')
		sc->labels++;
	else if (md[at] == ']' && sc->labels > 0)
		sc->labels--;
}

void
weblink_wrap(const char *md, struct buf *out)
{
	struct scan sc = { false, false, 0 };
	size_t n;

	for (size_t i = 0; md[i] != '\0'; i += n) {
		n = 1;
		look(&sc, md, i);
		if (md[i] == 'h' && !sc.fenced && !sc.code &&
		    sc.labels == 0 && may_begin(md, i) &&
		    (n = address(md + i)) > 0) {
			buf_chr(out, '<');
			buf_add(out, md + i, n);
			buf_chr(out, '>');
			continue;
		}
		n = 1;
		buf_chr(out, md[i]);
	}
}
