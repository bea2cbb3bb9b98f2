/*
 * escape: base64 and percent-encoding. It must never let a byte through that
 * means something to the protocol around it. Called by plugins.
 */
#include "config.h"

#include <ctype.h>
#include <string.h>

#include "common/escape.h"

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void
base64_group(FILE *f, const unsigned char *p, size_t n)
{
	unsigned v = (unsigned)p[0] << 16;

	if (n > 1)
		v |= (unsigned)p[1] << 8;
	if (n > 2)
		v |= p[2];
	putc_unlocked(alphabet[v >> 18], f);
	putc_unlocked(alphabet[v >> 12 & 63], f);
	putc_unlocked(n > 1 ? alphabet[v >> 6 & 63] : '=', f);
	putc_unlocked(n > 2 ? alphabet[v & 63] : '=', f);
}

void
escape_base64(FILE *f, const void *p, size_t n)
{
	const unsigned char *b = p;

	for (size_t i = 0; i < n; i += 3)
		base64_group(f, b + i, n - i < 3 ? n - i : 3);
}

void
escape_percent(FILE *f, const char *s)
{
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if (isascii(c) && (isalnum(c) || strchr("-._~", c) != NULL))
			putc_unlocked(c, f);
		else
			fprintf(f, "%%%02X", c);
	}
}
