/*
 * chatmark: decides which marks of a text work in a messenger. Never lets
 * text become markup by accident. Called by the WhatsApp form.
 */
#include "config.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "text/chatmark.h"
#include "text/utf8.h"

#define NO_CHAR		0	/* before the first, behind the last */
#define ZERO_WIDTH	"\xe2\x80\x8b"	/* U+200B */
#define KINDS		4

static const char *const marks[KINDS] = { "*", "_", "~", "```" };

static bool
is_mark(char c)
{
	return c >= CHATMARK_BOLD && c <= CHATMARK_LAST;
}

static bool
is_opener(char c)
{
	return is_mark(c) && c % 2 == 1;
}

static int
kind_of(char c)
{
	return (c - 1) / 2;
}

static bool
is_space(int32_t cp)
{
	return cp == NO_CHAR || cp == ' ' || cp == '\n' || cp == 0xa0;
}

/* What a reader sees next at s[at], or NO_CHAR at the end. */
static int32_t
char_at(const char *s, size_t n, size_t at)
{
	int32_t cp;

	while (at < n && is_mark(s[at]))
		at++;
	return at < n && utf8_decode(s + at, n - at, &cp) > 0 ? cp : NO_CHAR;
}

/* ---------------------------------------------- marks stay on their line -- */

/* The kinds that are open, outermost first. */
struct stack {
	int kind[KINDS];
	int n;
};

static void
stack_mark(struct stack *st, char c)
{
	int kept = 0;

	if (is_opener(c)) {
		if (st->n < KINDS)
			st->kind[st->n++] = kind_of(c);
		return;
	}
	for (int i = 0; i < st->n; i++)
		if (st->kind[i] != kind_of(c))
			st->kind[kept++] = st->kind[i];
	st->n = kept;
}

static void
break_line(struct buf *out, const struct stack *st)
{
	while (out->len > 0 && out->data[out->len - 1] == ' ')
		buf_cut(out, out->len - 1);
	for (int i = st->n - 1; i >= 0; i--)
		buf_chr(out, (char)(2 * st->kind[i] + 2));
	buf_chr(out, '\n');
	for (int i = 0; i < st->n; i++)
		buf_chr(out, (char)(2 * st->kind[i] + 1));
}

/* Code is always innermost. */
static bool
in_code(const struct stack *st)
{
	return st->n > 0 && st->kind[st->n - 1] == kind_of(CHATMARK_CODE);
}

/* Close what is open before a line break and open it again behind it. */
static void
split_lines(const char *s, size_t n, struct buf *out)
{
	struct stack open = { .n = 0 };

	for (size_t i = 0; i < n; i++) {
		if (is_mark(s[i]))
			stack_mark(&open, s[i]);
		if (s[i] == '\n' && !in_code(&open))
			break_line(out, &open);
		else
			buf_chr(out, s[i]);
	}
}

/* ----------------------------------------------------- which marks work -- */

struct pair {
	size_t at;		/* of the opener */
	int32_t before;		/* the character before it */
	bool open;
};

/* last stands before the closer, next behind it. */
static bool
pair_works(const struct pair *p, const char *s, size_t close, int32_t last,
    int32_t next)
{
	size_t inside = p->at + 1;

	if (!p->open || utf8_is_word(p->before) || is_space(last) ||
	    utf8_is_word(next))
		return false;
	if (s[p->at] == CHATMARK_CODE)
		return memmem(s + inside, close - inside, "`", 1) == NULL;
	return !is_space(char_at(s, close, inside));
}

/* Set keep[i] for every mark that is to be written. */
static void
choose(const char *s, size_t n, bool *keep)
{
	struct pair pairs[KINDS] = { { 0, NO_CHAR, false } };
	int32_t last = NO_CHAR, next = NO_CHAR;
	bool in_run = false;	/* of marks: all of them have the same next */
	struct pair *p;
	size_t k;

	for (size_t i = 0; i < n; i += k) {
		if (!is_mark(s[i])) {
			k = utf8_decode(s + i, n - i, &last);
			in_run = false;
			continue;
		}
		k = 1;
		if (!in_run)
			next = char_at(s, n, i);
		in_run = true;
		p = &pairs[kind_of(s[i])];
		if (is_opener(s[i])) {
			*p = (struct pair){ i, last, true };
			continue;
		}
		if (pair_works(p, s, i, last, next))
			keep[p->at] = keep[i] = true;
		p->open = false;
	}
}

/* ------------------------------------------------------- literal marks -- */

static void
write_literal(struct buf *out, char c, int32_t before, int32_t after)
{
	bool opens = !utf8_is_word(before) && !is_space(after);
	bool closes = !is_space(before) && !utf8_is_word(after);

	if (closes)
		buf_str(out, ZERO_WIDTH);
	buf_chr(out, c);
	if (opens)
		buf_str(out, ZERO_WIDTH);
}

/* Bytes of the address at s, 0 when there is none. */
static size_t
address(const char *s, size_t n)
{
	size_t at = 0;

	if (n < 8 || (memcmp(s, "https://", 8) != 0 &&
	    memcmp(s, "http://", 7) != 0))
		return 0;
	while (at < n && !is_mark(s[at]) && !is_space(s[at]))
		at++;
	return at;
}

static void
write_all(const char *s, size_t n, const bool *keep, struct buf *out)
{
	int32_t last = NO_CHAR;
	bool code = false;
	size_t k;

	for (size_t i = 0; i < n; i += k) {
		k = 1;
		if (is_mark(s[i])) {
			if (keep[i])
				buf_str(out, marks[kind_of(s[i])]);
			if (s[i] >= CHATMARK_CODE)
				code = keep[i] && is_opener(s[i]);
			continue;
		}
		k = address(s + i, n - i);
		if (k > 0) {
			buf_add(out, s + i, k);
			last = 'a';
			continue;
		}
		if (!code && strchr("*_~`", s[i]) != NULL) {
			k = 1;
			write_literal(out, s[i], last,
			    char_at(s, n, i + 1));
			last = s[i];
			continue;
		}
		k = utf8_decode(s + i, n - i, &last);
		buf_add(out, s + i, k);
	}
}

void
chatmark_write(const char *s, size_t n, struct buf *out)
{
	struct buf lines;
	bool *keep;

	buf_init(&lines, SIZE_MAX / 2);
	split_lines(s, n, &lines);
	keep = xcalloc(lines.len + 1, sizeof(*keep));
	choose(buf_cstr(&lines), lines.len, keep);
	write_all(buf_cstr(&lines), lines.len, keep, out);
	free(keep);
	buf_fini(&lines);
}
