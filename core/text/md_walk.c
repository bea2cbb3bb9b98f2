/*
 * md_walk: reads Markdown with md4c and tells it to a writer. Never passes
 * on control characters, unsafe addresses or, but for HTML, raw HTML. Called
 * by the writers of the forms.
 */
#include "config.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "litfass/plugin.h"
#include "text/entity.h"
#include "text/md_private.h"
#include "text/utf8.h"
#include "text/weblink.h"

/* Callbacks per byte of input: empty cells of a wide table cost most. */
#define STEPS_PER_BYTE	16u
#define STEPS_MIN	4096u
#define INPUT_MAX	((size_t)16 << 20)	/* bytes */

struct walk {
	const struct md_ops *ops;
	void *self;
	size_t pos, stop;	/* bytes of text passed on, and their limit */
	size_t skip;		/* enters left out behind the stop */
	size_t steps;		/* callbacks that are left */
};

/* Blocks and spans that begin behind the stop are left out as a whole. */
static bool
skip_enter(struct walk *w)
{
	if (w->pos < w->stop)
		return false;
	w->skip++;
	return true;
}

static bool
skip_leave(struct walk *w)
{
	if (w->skip == 0)
		return false;
	w->skip--;
	return true;
}

static int
step(struct walk *w)
{
	if (w->steps == 0)
		return -1;
	w->steps--;
	return 0;
}

static int
on_enter_block(MD_BLOCKTYPE type, void *detail, void *arg)
{
	struct walk *w = arg;

	if (!skip_enter(w))
		w->ops->enter_block(w->self, type, detail);
	return step(w);
}

static int
on_leave_block(MD_BLOCKTYPE type, void *detail, void *arg)
{
	struct walk *w = arg;

	if (!skip_leave(w))
		w->ops->leave_block(w->self, type, detail);
	return step(w);
}

static int
on_enter_span(MD_SPANTYPE type, void *detail, void *arg)
{
	struct walk *w = arg;

	if (!skip_enter(w))
		w->ops->enter_span(w->self, type, detail);
	return step(w);
}

static int
on_leave_span(MD_SPANTYPE type, void *detail, void *arg)
{
	struct walk *w = arg;

	if (!skip_leave(w))
		w->ops->leave_span(w->self, type, detail);
	return step(w);
}

static void
pass_on(struct walk *w, const char *s, size_t n)
{
	if (w->pos >= w->stop)
		return;
	if (n > w->stop - w->pos)
		n = w->stop - w->pos;
	w->ops->text(w->self, s, n);
	w->pos += n;
	if (w->pos == w->stop)
		w->ops->text(w->self, " " UTF8_ELLIPSIS,
		    sizeof(" " UTF8_ELLIPSIS) - 1);
}

static int
on_text(MD_TEXTTYPE type, const MD_CHAR *s, MD_SIZE n, void *arg)
{
	struct walk *w = arg;
	struct buf text;

	buf_init(&text, (size_t)n + 8);
	switch (type) {
	case MD_TEXT_BR:
	case MD_TEXT_SOFTBR:
		buf_chr(&text, '\n');
		break;
	case MD_TEXT_NULLCHAR:
		utf8_put(&text, UTF8_BAD);
		break;
	case MD_TEXT_ENTITY:
		entity_decode(s, n, &text);
		break;
	case MD_TEXT_HTML:
		break;
	default:
		md_clean(s, n, &text);
	}
	if (text.len > 0)
		pass_on(w, text.data, text.len);
	buf_fini(&text);
	return step(w);
}

int
md_walk(const char *md, uint32_t form, size_t stop, const struct md_ops *ops,
    void *self)
{
	struct walk w = { ops, self, 0, stop, 0, 0 };
	struct buf linked;
	int rv = -1;
	const MD_PARSER parser = {
		.flags = MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH |
		    MD_FLAG_NOINDENTEDCODEBLOCKS | MD_FLAG_NOHTMLBLOCKS |
		    (form == LF_FORM_HTML ? MD_FLAG_NOHTMLSPANS : 0),
		.enter_block = on_enter_block,
		.leave_block = on_leave_block,
		.enter_span = on_enter_span,
		.leave_span = on_leave_span,
		.text = on_text,
	};

	buf_init(&linked, INPUT_MAX);
	weblink_wrap(md, &linked);
	w.steps = STEPS_MIN + linked.len * STEPS_PER_BYTE;
	if (buf_ok(&linked))
		rv = md_parse(buf_cstr(&linked), (MD_SIZE)linked.len,
		    &parser, &w);
	buf_fini(&linked);
	return rv == 0 ? 0 : -1;
}

void
md_clean(const char *s, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '\t')
			buf_chr(out, ' ');
		else if ((unsigned char)s[i] >= ' ' || s[i] == '\n')
			if (s[i] != 0x7f)
				buf_chr(out, s[i]);
	}
}

static bool
safe_scheme(const char *url)
{
	static const char *const schemes[] = {
		"https://", "http://", "mailto:", "tel:",
	};

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (strncasecmp(url, schemes[i], strlen(schemes[i])) == 0)
			return true;
	return false;
}

static bool
has_blank(const struct buf *b)
{
	for (size_t i = 0; i < b->len; i++)
		if ((unsigned char)b->data[i] <= ' ')
			return true;
	return false;
}

bool
md_href(const MD_SPAN_A_DETAIL *a, struct buf *out)
{
	const MD_ATTRIBUTE *h = &a->href;
	size_t from, n;

	for (size_t i = 0; h->size > 0 && h->substr_offsets[i] < h->size;
	    i++) {
		from = h->substr_offsets[i];
		n = h->substr_offsets[i + 1] - from;
		if (h->substr_types[i] == MD_TEXT_ENTITY)
			entity_decode(h->text + from, n, out);
		else
			buf_add(out, h->text + from, n);
	}
	return buf_ok(out) && !has_blank(out) && safe_scheme(buf_cstr(out));
}
