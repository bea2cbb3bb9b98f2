/*
 * entity: decodes character references. Knows the names people write, not
 * all 2231 of HTML. Called by the Markdown reader.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "text/entity.h"
#include "text/utf8.h"

struct name {
	const char *name;
	int32_t cp;
};

static const struct name names[] = {
	{ "amp", '&' }, { "lt", '<' }, { "gt", '>' }, { "quot", '"' },
	{ "apos", '\'' }, { "nbsp", 0xa0 }, { "shy", 0xad },
	{ "Auml", 0xc4 }, { "Ouml", 0xd6 }, { "Uuml", 0xdc },
	{ "auml", 0xe4 }, { "ouml", 0xf6 }, { "uuml", 0xfc },
	{ "szlig", 0xdf }, { "eacute", 0xe9 }, { "egrave", 0xe8 },
	{ "agrave", 0xe0 }, { "ccedil", 0xe7 }, { "sect", 0xa7 },
	{ "deg", 0xb0 }, { "middot", 0xb7 }, { "times", 0xd7 },
	{ "copy", 0xa9 }, { "reg", 0xae }, { "frac12", 0xbd },
	{ "laquo", 0xab }, { "raquo", 0xbb }, { "euro", 0x20ac },
	{ "ndash", 0x2013 }, { "mdash", 0x2014 }, { "hellip", 0x2026 },
	{ "bull", 0x2022 }, { "lsquo", 0x2018 }, { "rsquo", 0x2019 },
	{ "sbquo", 0x201a }, { "ldquo", 0x201c }, { "rdquo", 0x201d },
	{ "bdquo", 0x201e }, { "rarr", 0x2192 }, { "larr", 0x2190 },
	{ "zwj", 0x200d }, { "zwnj", 0x200c },
};

/* The number of "#228;" or "#xe4;"; md4c has checked its digits. */
static int32_t
number(const char *s, size_t n)
{
	char digits[16];
	int base = 10;
	long cp;

	if (n > 1 && (s[1] == 'x' || s[1] == 'X'))
		base = 16;
	s += base == 16 ? 2 : 1;
	n -= base == 16 ? 2 : 1;
	if (n >= sizeof(digits))
		return UTF8_BAD;
	memcpy(digits, s, n);
	digits[n] = '\0';
	cp = strtol(digits, NULL, base);
	return cp <= 0 || cp > 0x10ffff ? UTF8_BAD : (int32_t)cp;
}

static void
put(int32_t cp, struct buf *out)
{
	if (cp >= ' ' && (cp < 0x7f || cp > 0x9f))
		utf8_put(out, cp);
}

void
entity_decode(const char *s, size_t n, struct buf *out)
{
	const char *name = s + 1;
	size_t len;

	if (n < 3) {
		buf_add(out, s, n);
		return;
	}
	len = n - 2;	/* without '&' and ';' */
	if (name[0] == '#') {
		put(number(name, len), out);
		return;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i].name) == len &&
		    memcmp(names[i].name, name, len) == 0) {
			utf8_put(out, names[i].cp);
			return;
		}
	buf_add(out, s, n);
}
