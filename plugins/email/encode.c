/*
 * encode: how text and bytes become mail. It must never let a control byte
 * of a stranger into a header. Called by mime and message.
 */
#include "config.h"

#include <string.h>

#include "common/escape.h"
#include "encode.h"

#define LINE_MAX_LEN	76	/* RFC 2045, RFC 2047 */
#define LINE_BYTES	(LINE_MAX_LEN / 4 * 3)	/* of base64 on one line */
#define FOLD_AT		78	/* RFC 5322 2.1.1 */
#define WORD_BYTES	39	/* of text in one encoded word: 52 letters,
				 * far from the 75 a word may have */
#define WORD_FRAME	12	/* "=?utf-8?B?" and "?=" */

static const char hex[] = "0123456789ABCDEF";

bool
encode_is_slot(char c)
{
	return c == SLOT_ADDRESS || c == SLOT_ADDRESS_URL || c == SLOT_KEY;
}

static bool
is_control(char c)
{
	unsigned char u = (unsigned char)c;

	return u < 0x20 || u == 0x7f;
}

void
encode_clean(FILE *f, const char *s)
{
	for (; *s != '\0'; s++)
		if (!is_control(*s) || *s == '\n' || *s == '\t')
			putc_unlocked(*s, f);
}

static bool
ends_line(const char *s, size_t n, size_t i)
{
	return i == n || s[i] == '\n' ||
	    (s[i] == '\r' && i + 1 < n && s[i + 1] == '\n');
}

/* The code of one byte in quoted-printable; its length. */
static size_t
qp_code(const char *s, size_t n, size_t i, size_t col, char code[4])
{
	unsigned char c = (unsigned char)s[i];
	bool blank = c == ' ' || c == '\t';
	bool plain = (c > 0x20 && c < 0x7f && c != '=') ||
	    (blank && !ends_line(s, n, i + 1));

	/* mbox writers put '>' before such a line and break signatures. */
	if (col == 0 && c == 'F' && n - i >= 5 &&
	    memcmp(s + i, "From ", 5) == 0)
		plain = false;
	if (plain) {
		code[0] = (char)c;
		return 1;
	}
	code[0] = '=';
	code[1] = hex[c >> 4];
	code[2] = hex[c & 15];
	return 3;
}

void
encode_qp(FILE *f, const char *s, size_t n)
{
	size_t col = 0, len;
	char code[4];

	for (size_t i = 0; i < n; i++) {
		if (s[i] == '\r' && i + 1 < n && s[i + 1] == '\n')
			continue;
		if (s[i] == '\n') {
			fputs("\r\n", f);
			col = 0;
			continue;
		}
		if (encode_is_slot(s[i])) {
			fprintf(f, "%s%c=\r\n", col > 0 ? "=\r\n" : "", s[i]);
			col = 0;
			continue;
		}
		len = qp_code(s, n, i, col, code);
		if (col + len > LINE_MAX_LEN - 1) {
			fputs("=\r\n", f);
			len = qp_code(s, n, i, 0, code);
			col = 0;
		}
		fwrite(code, 1, len, f);
		col += len;
	}
}

void
encode_base64(FILE *f, const void *p, size_t n)
{
	const char *b = p;

	for (; n > LINE_BYTES; n -= LINE_BYTES, b += LINE_BYTES) {
		escape_base64(f, b, LINE_BYTES);
		fputs("\r\n", f);
	}
	escape_base64(f, b, n);
}

/* A header value without control bytes, as RFC 2047 words need them. */
static size_t
word_bytes(const char *s, size_t room)
{
	size_t n = strlen(s);

	if (n <= room)
		return n;
	n = room;
	while (n > 0 && ((unsigned char)s[n] & 0xc0) == 0x80)
		n--;
	return n > 0 ? n : room;
}

static void
word_write(FILE *f, const char *s, size_t n)
{
	char flat[WORD_BYTES];

	for (size_t i = 0; i < n; i++)
		flat[i] = is_control(s[i]) ? ' ' : s[i];
	fputs("=?utf-8?B?", f);
	escape_base64(f, flat, n);
	fputs("?=", f);
}

/* Encoded words behind col columns; the column behind the last. */
static size_t
words_write(FILE *f, const char *s, size_t col)
{
	size_t room, n;

	for (;;) {
		room = col + WORD_FRAME + 4 > LINE_MAX_LEN ? 3 :
		    (LINE_MAX_LEN - col - WORD_FRAME) / 4 * 3;
		n = word_bytes(s, room < WORD_BYTES ? room : WORD_BYTES);
		word_write(f, s, n);
		col += WORD_FRAME + (n + 2) / 3 * 4;
		s += n;
		if (*s == '\0')
			return col;
		fputs("\r\n ", f);
		col = 1;
	}
}

static bool
needs_words(const char *s)
{
	if (strstr(s, "=?") != NULL)
		return true;
	for (; *s != '\0'; s++)
		if (is_control(*s) || (unsigned char)*s > 0x7e)
			return true;
	return false;
}

/* ASCII text, folded at spaces. */
static size_t
fold_write(FILE *f, const char *s, size_t col)
{
	size_t n;
	bool tail;

	while (*s != '\0') {
		n = 1 + strcspn(s + 1, " ");
		/* A line of nothing but spaces is no header line. */
		tail = s[strspn(s, " ")] == '\0';
		if (*s == ' ' && col + n > FOLD_AT && !tail) {
			fputs("\r\n", f);
			col = 0;
		}
		fwrite(s, 1, n, f);
		col += n;
		s += n;
	}
	return col;
}

void
encode_text(FILE *f, const char *name, const char *text)
{
	size_t col = strlen(name) + 2;

	fprintf(f, "%s: ", name);
	if (needs_words(text))
		words_write(f, text, col);
	else
		fold_write(f, text, col);
	fputs("\r\n", f);
}

/* RFC 5322 3.2.5: a phrase of atoms, else a quoted string. */
static size_t
phrase_write(FILE *f, const char *s, size_t col)
{
	bool quote = s[strcspn(s, "()<>[]:;@\\,.\"")] != '\0';

	if (needs_words(s))
		return words_write(f, s, col);
	if (!quote)
		return fold_write(f, s, col);
	putc_unlocked('"', f);
	for (col += 2; *s != '\0'; s++, col++) {
		if (*s == '"' || *s == '\\') {
			putc_unlocked('\\', f);
			col++;
		}
		putc_unlocked(*s, f);
	}
	putc_unlocked('"', f);
	return col;
}

void
encode_mailbox(FILE *f, const char *name, const char *phrase,
    const char *address)
{
	size_t col = strlen(name) + 2;

	fprintf(f, "%s: ", name);
	if (phrase != NULL && *phrase != '\0') {
		col = phrase_write(f, phrase, col);
		col += 1 + strlen(address) + 2;
		fputs(col > FOLD_AT ? "\r\n " : " ", f);
	}
	fprintf(f, "<%s>\r\n", address);
}

void
encode_field(FILE *f, const char *name, const char *value)
{
	fprintf(f, "%s: ", name);
	for (; *value != '\0'; value++)
		if (!is_control(*value) || encode_is_slot(*value))
			putc_unlocked(*value, f);
	fputs("\r\n", f);
}

bool
encode_name_is_plain(const char *s)
{
	for (; *s != '\0'; s++)
		if (is_control(*s) || (unsigned char)*s > 0x7e || *s == '"' ||
		    *s == '\\')
			return false;
	return true;
}

void
encode_disposition(FILE *f, const char *kind, const char *file,
    const char *ascii)
{
	fprintf(f, "Content-Disposition: %s;", kind);
	if (encode_name_is_plain(file)) {
		fprintf(f, " filename=\"%s\"\r\n", file);
		return;
	}
	/* RFC 2231 lets more stand as it is, and all that this lets. */
	fputs("\r\n filename*=UTF-8''", f);
	escape_percent(f, file);
	if (ascii != NULL && encode_name_is_plain(ascii))
		fprintf(f, ";\r\n filename=\"%s\"", ascii);
	fputs("\r\n", f);
}
