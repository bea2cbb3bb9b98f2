/*
 * md_sentences: finds where Markdown can be cut. Never cuts itself. Called
 * by those who shorten a text.
 */
#include "config.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "text/md.h"
#include "text/md_private.h"
#include "text/sentence.h"

struct ends {
	struct buf text;	/* of the leaf block being read */
	size_t base;		/* where that text begins */
	bool head;		/* inside the head of a table */
	size_t *at;
	size_t n, cap;
};

static void
ends_add(struct ends *e, size_t at)
{
	if (e->n == e->cap) {
		e->cap = e->cap == 0 ? 16 : e->cap * 2;
		e->at = xreallocarray(e->at, e->cap, sizeof(*e->at));
	}
	e->at[e->n++] = at;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\n';
}

/* Add the end of text[from..to) unless it is blank. */
static void
ends_trim(struct ends *e, size_t from, size_t to)
{
	while (to > from && is_blank(e->text.data[to - 1]))
		to--;
	if (to > from)
		ends_add(e, e->base + to);
}

static void
ends_flush(struct ends *e, bool whole)
{
	size_t len = e->text.len, n;

	for (size_t i = 0; i < len; i += n) {
		n = whole ? len : sentence_next(e->text.data + i, len - i);
		ends_trim(e, i, i + n);
	}
	e->base += len;
	buf_clear(&e->text);
}

static void
ends_enter_block(void *self, MD_BLOCKTYPE type, const void *detail)
{
	struct ends *e = self;

	(void)detail;
	e->head |= type == MD_BLOCK_THEAD;
	if (type <= MD_BLOCK_TABLE)
		ends_flush(e, false);
}

/* A row is one sentence; the head alone says nothing, so it has no end. */
static void
ends_leave_block(void *self, MD_BLOCKTYPE type, const void *detail)
{
	struct ends *e = self;

	(void)detail;
	if (type == MD_BLOCK_THEAD) {
		e->base += e->text.len;
		buf_clear(&e->text);
		e->head = false;
	} else if (type == MD_BLOCK_TR && !e->head)
		ends_flush(e, true);
	else if (type <= MD_BLOCK_TABLE)
		ends_flush(e, false);
}

static void
ends_span(void *self, MD_SPANTYPE type, const void *detail)
{
	(void)self;
	(void)type;
	(void)detail;
}

static void
ends_text(void *self, const char *s, size_t n)
{
	buf_add(&((struct ends *)self)->text, s, n);
}

size_t
md_sentences(const char *md, uint32_t form, size_t **ends_r)
{
	static const struct md_ops ops = {
		ends_enter_block, ends_leave_block, ends_span, ends_span,
		ends_text,
	};
	struct ends e = { .head = false };

	buf_init(&e.text, SIZE_MAX / 2);
	if (md_walk(md, form, MD_ALL, &ops, &e) == -1)
		e.n = 0;
	if (e.n > 0)
		e.at[e.n - 1] = MD_ALL;
	buf_fini(&e.text);
	if (e.n == 0) {
		free(e.at);
		e.at = NULL;
	}
	*ends_r = e.at;
	return e.n;
}
