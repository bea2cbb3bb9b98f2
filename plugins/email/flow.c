/*
 * flow: format=flowed. It must never change a word. Called by message.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "flow.h"

#define WIDTH	72	/* characters, with the space at the end */

/* Characters, not bytes. */
static size_t
width(const char *s, size_t n)
{
	size_t w = 0;

	for (size_t i = 0; i < n; i++)
		w += ((unsigned char)s[i] & 0xc0) != 0x80;
	return w;
}

/* RFC 3676 4.4: what a reader would take for a quote or a space of ours. */
static void
stuff(FILE *f, const char *s)
{
	if (*s == ' ' || *s == '>' || strncmp(s, "From ", 5) == 0)
		fputc(' ', f);
}

static void
line_write(FILE *f, const char *s, size_t n)
{
	size_t col = 0, word;

	/* The signature mark is no flowed line; other ends lose spaces. */
	if (n == 3 && memcmp(s, "-- ", 3) == 0) {
		fwrite(s, 1, n, f);
		return;
	}
	while (n > 0 && s[n - 1] == ' ')
		n--;
	stuff(f, s);
	for (size_t i = 0; i < n; i += word) {
		for (word = 0; i + word < n && s[i + word] == ' '; word++)
			continue;
		for (; i + word < n && s[i + word] != ' '; word++)
			continue;
		if (col > 0 && col + width(s + i, word) > WIDTH - 1) {
			fputs(" \n", f);
			for (; s[i] == ' '; i++, word--)
				continue;
			stuff(f, s + i);
			col = 0;
		}
		fwrite(s + i, 1, word, f);
		col += width(s + i, word);
	}
}

char *
flow_make(const char *text)
{
	char *out = NULL;
	size_t len, n;
	FILE *f = open_memstream(&out, &len);

	if (f == NULL)
		return NULL;
	for (; *text != '\0'; text += n + (text[n] == '\n')) {
		n = strcspn(text, "\n");
		line_write(f, text, n);
		if (text[n] == '\n')
			fputc('\n', f);
	}
	fclose(f);
	return out;
}
