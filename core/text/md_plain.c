/*
 * md_plain: writes Markdown as text: plain, WhatsApp, one line, or the lines
 * of a display. Never keeps markup the form does not have. Called by md.
 */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "litfass/plugin.h"
#include "text/chatmark.h"
#include "text/md_private.h"
#include "text/utf8.h"

#define LISTS_MAX	8u	/* deeper lists are written like the eighth */
#define QUOTES_MAX	3u
#define BULLET		(-1L)
#define HEAD_MAX	80u	/* bytes of a table head repeated in rows */

struct plain {
	struct buf *out;
	uint32_t form;
	struct buf leaf;	/* the text block being read */
	size_t label;		/* where the label of a link begins in leaf */
	unsigned gap;		/* line feeds due before the next block */
	bool empty;		/* nothing was written yet */
	bool joined;		/* several blocks became one line */
	/* Lists: the next number, BULLET for none. */
	long next[LISTS_MAX];
	unsigned lists;
	bool item;		/* the next block begins an item */
	bool item_before;	/* the block before was part of a list */
	unsigned quotes;
	/* Tables: the heads, each with its NUL, and the row so far. */
	struct buf heads, row;
	size_t head;
	bool in_head;
	unsigned spans[CHATMARK_LAST + 1];	/* open spans by their mark */
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\n';
}

static void
trim_end(struct buf *b)
{
	while (b->len > 0 && is_blank(b->data[b->len - 1]))
		buf_cut(b, b->len - 1);
}

static void
want_gap(struct plain *p, unsigned gap)
{
	if (p->gap < gap)
		p->gap = gap;
}

static unsigned
list_level(const struct plain *p)
{
	return p->lists > LISTS_MAX ? LISTS_MAX : p->lists;
}

static void
pad(struct buf *out, unsigned n)
{
	while (n-- > 0)
		buf_chr(out, ' ');
}

/* ------------------------------------------------------ between blocks -- */

static bool
ends_with(const char *s, size_t len, const char *const *tails, size_t n,
    size_t *size_r)
{
	for (size_t i = 0; i < n; i++) {
		*size_r = strlen(tails[i]);
		if (len >= *size_r &&
		    memcmp(s + len - *size_r, tails[i], *size_r) == 0)
			return true;
	}
	return false;
}

/* Also before what closes a quotation or a bracket. */
static bool
ends_with_punctuation(const char *s, size_t len)
{
	static const char *const marks[] = {
		".", "!", "?", ":", ";", ",", "…", "؟", "،", "؛", "۔",
	};
	static const char *const closers[] = {
		")", "]", "\"", "“", "”", "’", "»", "«",
	};
	size_t n;

	while (ends_with(s, len, closers,
	    sizeof(closers) / sizeof(closers[0]), &n))
		len -= n;
	return ends_with(s, len, marks, sizeof(marks) / sizeof(marks[0]),
	    &n);
}

/* A full stop behind an address would be taken for a part of it. */
static bool
ends_with_address(const char *s, size_t len)
{
	size_t at = len;

	while (at > 0 && !is_blank(s[at - 1]))
		at--;
	return len - at > 8 && (memcmp(s + at, "https://", 8) == 0 ||
	    memcmp(s + at, "http://", 7) == 0);
}

/* On one line, a block that has no punctuation of its own gets some. */
static void
punctuate(struct plain *p, char mark)
{
	const char *s = buf_cstr(p->out);
	size_t len = p->out->len;

	if (!ends_with_punctuation(s, len) && !ends_with_address(s, len))
		buf_chr(p->out, mark);
}

static void
join_line(struct plain *p)
{
	punctuate(p, p->item_before && p->lists > 0 ? ';' : '.');
	buf_chr(p->out, ' ');
	p->joined = true;
}

static void
separate(struct plain *p)
{
	unsigned gap = p->form == LF_FORM_SIGN ? 1 : p->gap;

	if (p->empty)
		return;
	if (p->form == LF_FORM_LINE) {
		join_line(p);
		return;
	}
	while (gap-- > 0)
		buf_chr(p->out, '\n');
}

/* --------------------------------------------------------------- a block -- */

static bool
has_margin(const struct plain *p)
{
	return p->form == LF_FORM_PLAIN || p->form == LF_FORM_WHATSAPP;
}

/* What stands before the first line of an item. */
static void
write_bullet(struct plain *p, unsigned level)
{
	long *next = &p->next[level - 1];

	if (has_margin(p))
		pad(p->out, (level - 1) * 2);
	if (*next != BULLET)
		buf_fmt(p->out, "%ld. ", (*next)++);
	else if (has_margin(p))
		buf_str(p->out, "- ");
}

static void
write_margin(struct plain *p)
{
	unsigned level = list_level(p);
	unsigned quotes = p->quotes > QUOTES_MAX ? QUOTES_MAX : p->quotes;

	while (has_margin(p) && quotes-- > 0)
		buf_str(p->out, "> ");
	if (p->item && level > 0)
		write_bullet(p, level);
	else if (has_margin(p))
		pad(p->out, level * 2);
	p->item = false;
}

static void
write_lines(struct plain *p, const char *s, size_t n)
{
	const char *end;

	while (n > 0) {
		end = memchr(s, '\n', n);
		if (end != NULL && p->form == LF_FORM_LINE) {
			buf_add(p->out, s, (size_t)(end - s));
			buf_chr(p->out, ' ');
		} else {
			if (p->form != LF_FORM_LINE || p->item)
				write_margin(p);
			buf_add(p->out, s, end == NULL ? n :
			    (size_t)(end - s) + 1);
		}
		if (end == NULL)
			return;
		n -= (size_t)(end - s) + 1;
		s = end + 1;
	}
}

/* Write the block that was read, if there was any text in it. */
static void
flush(struct plain *p)
{
	const char *s = buf_cstr(&p->leaf);
	size_t n = p->leaf.len;
	struct buf marked;

	while (n > 0 && is_blank(s[n - 1]))
		n--;
	for (; n > 0 && is_blank(*s); n--)
		s++;
	p->out->failed |= !buf_ok(&p->leaf);
	if (n == 0) {
		buf_clear(&p->leaf);
		return;
	}
	separate(p);
	buf_init(&marked, 2 * MD_BLOCK_MAX);
	if (p->form == LF_FORM_WHATSAPP) {
		chatmark_write(s, n, &marked);
		s = buf_cstr(&marked);
		n = marked.len;
	}
	write_lines(p, s, n);
	buf_fini(&marked);
	buf_clear(&p->leaf);
	p->gap = 0;
	p->empty = false;
	p->item_before = p->lists > 0;
}

/* --------------------------------------------------------------- marks -- */

/* Only the outermost of equal spans is marked. */
static void
mark_open(struct plain *p, char mark)
{
	if (p->form == LF_FORM_WHATSAPP && p->spans[(int)mark]++ == 0)
		buf_chr(&p->leaf, mark);
}

static void
mark_close(struct plain *p, char mark)
{
	if (p->form == LF_FORM_WHATSAPP && --p->spans[(int)mark] == 0)
		buf_chr(&p->leaf, (char)(mark + 1));
}

static char
mark_of_span(MD_SPANTYPE type)
{
	switch (type) {
	case MD_SPAN_STRONG:
		return CHATMARK_BOLD;
	case MD_SPAN_EM:
		return CHATMARK_ITALIC;
	case MD_SPAN_DEL:
		return CHATMARK_STRIKE;
	case MD_SPAN_CODE:
		return CHATMARK_CODE;
	default:
		return 0;
	}
}

static char
mark_of_block(MD_BLOCKTYPE type)
{
	if (type == MD_BLOCK_H)
		return CHATMARK_BOLD;
	return type == MD_BLOCK_CODE ? CHATMARK_CODE : 0;
}

static void
enter_span(void *self, MD_SPANTYPE type, const void *detail)
{
	struct plain *p = self;
	char mark = mark_of_span(type);

	(void)detail;
	if (mark != 0)
		mark_open(p, mark);
	if (type == MD_SPAN_A)
		p->label = p->leaf.len;
}

/* The address without what people do not write: "mailto:", "tel:". */
static const char *
bare(const char *href)
{
	const char *colon = strchr(href, ':');

	return colon[1] == '/' ? href : colon + 1;
}

/* Nobody can click on a display, so there it is written as people say it. */
static void
write_address(struct plain *p, const char *to)
{
	const char *host = strstr(to, "://");
	size_t n;

	if (p->form == LF_FORM_SIGN && host != NULL)
		to = host + 3;
	n = strlen(to);
	if (p->form == LF_FORM_SIGN && n > 0 && to[n - 1] == '/')
		n--;
	buf_add(&p->leaf, to, n);
}

static void
leave_link(struct plain *p, const void *detail)
{
	struct buf href;
	const char *to, *label;

	buf_init(&href, MD_HREF_MAX);
	if (!md_href(detail, &href)) {
		buf_fini(&href);
		return;
	}
	to = bare(href.data);
	label = buf_cstr(&p->leaf) + p->label;
	if (strcmp(label, href.data) == 0)
		buf_cut(&p->leaf, p->label);
	if (p->leaf.len == p->label)
		write_address(p, to);
	else if (p->form != LF_FORM_SIGN && strcmp(label, to) != 0)
		buf_fmt(&p->leaf, " (%s)", to);
	buf_fini(&href);
}

static void
leave_span(void *self, MD_SPANTYPE type, const void *detail)
{
	struct plain *p = self;
	char mark = mark_of_span(type);

	if (mark != 0)
		mark_close(p, mark);
	if (type == MD_SPAN_A)
		leave_link(p, detail);
}

/* -------------------------------------------------------------- tables -- */

static void
keep_head(struct plain *p)
{
	size_t n = utf8_fit(buf_cstr(&p->leaf), p->leaf.len, LF_UNIT_BYTES,
	    HEAD_MAX);

	buf_add(&p->heads, buf_cstr(&p->leaf), n);
	buf_add(&p->heads, "", 1);
	buf_clear(&p->leaf);
}

static void
keep_cell(struct plain *p)
{
	const char *head = "";

	if (p->head < p->heads.len) {
		head = p->heads.data + p->head;
		p->head += strlen(head) + 1;
	}
	if (p->leaf.len > 0) {
		if (p->row.len > 0)
			buf_str(&p->row, "; ");
		if (*head != '\0')
			buf_fmt(&p->row, "%s: ", head);
		buf_add(&p->row, p->leaf.data, p->leaf.len);
	}
	buf_clear(&p->leaf);
}

static void
write_row(struct plain *p)
{
	if (!p->in_head) {
		buf_add(&p->leaf, buf_cstr(&p->row), p->row.len);
		flush(p);
		want_gap(p, 1);
	}
	buf_clear(&p->row);
	p->head = 0;
}

/* -------------------------------------------------------------- blocks -- */

static void
enter_list(struct plain *p, long start)
{
	if (p->lists < LISTS_MAX)
		p->next[p->lists] = start;
	p->lists++;
	want_gap(p, p->lists == 1 ? 2 : 1);
}

static void
enter_block(void *self, MD_BLOCKTYPE type, const void *detail)
{
	struct plain *p = self;

	if (type <= MD_BLOCK_TABLE)
		flush(p);
	if (type == MD_BLOCK_UL)
		enter_list(p, BULLET);
	else if (type == MD_BLOCK_OL)
		enter_list(p, ((const MD_BLOCK_OL_DETAIL *)detail)->start);
	else if (type == MD_BLOCK_LI) {
		want_gap(p, 1);
		p->item = true;
	} else if (type == MD_BLOCK_QUOTE)
		p->quotes++;
	else if (type == MD_BLOCK_THEAD)
		p->in_head = true;
	if (type < MD_BLOCK_THEAD)
		want_gap(p, p->lists > 0 ? 1 : 2);
	if (mark_of_block(type) != 0)
		mark_open(p, mark_of_block(type));
}

static void
leave_table_part(struct plain *p, MD_BLOCKTYPE type)
{
	switch (type) {
	case MD_BLOCK_TH:
		keep_head(p);
		break;
	case MD_BLOCK_TD:
		keep_cell(p);
		break;
	case MD_BLOCK_TR:
		write_row(p);
		break;
	case MD_BLOCK_THEAD:
		p->in_head = false;
		break;
	case MD_BLOCK_TABLE:
		buf_clear(&p->heads);
		break;
	default:
		break;
	}
}

static void
leave_block(void *self, MD_BLOCKTYPE type, const void *detail)
{
	struct plain *p = self;

	(void)detail;
	if (type == MD_BLOCK_CODE)
		trim_end(&p->leaf);
	if (mark_of_block(type) != 0)
		mark_close(p, mark_of_block(type));
	leave_table_part(p, type);
	if (type <= MD_BLOCK_TABLE)
		flush(p);
	if (type == MD_BLOCK_UL || type == MD_BLOCK_OL)
		p->lists--;
	else if (type == MD_BLOCK_QUOTE)
		p->quotes--;
	else if (type == MD_BLOCK_LI)
		p->item = false;
	if (type < MD_BLOCK_THEAD)
		want_gap(p, p->lists > 0 ? 1 : 2);
}

static void
text(void *self, const char *s, size_t n)
{
	struct plain *p = self;

	if (p->form == LF_FORM_SIGN)
		utf8_drop_emoji(s, n, &p->leaf);
	else
		buf_add(&p->leaf, s, n);
}

int
md_plain(const char *md, uint32_t form, size_t stop, struct buf *out)
{
	static const struct md_ops ops = {
		enter_block, leave_block, enter_span, leave_span, text,
	};
	struct plain p = { .out = out, .form = form, .empty = true };
	int rv;

	buf_init(&p.leaf, MD_BLOCK_MAX);
	buf_init(&p.heads, MD_BLOCK_MAX);
	buf_init(&p.row, MD_BLOCK_MAX);
	rv = md_walk(md, form, stop, &ops, &p);
	if (p.joined)
		punctuate(&p, '.');
	buf_fini(&p.leaf);
	buf_fini(&p.heads);
	buf_fini(&p.row);
	return rv;
}
