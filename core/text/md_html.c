/*
 * md_html: writes Markdown as HTML. Never lets a byte of the writer's text
 * become markup. Called by md.
 */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "litfass/plugin.h"
#include "text/escape.h"
#include "text/md_private.h"

#define HEADING_LAST	6u

struct html {
	struct buf *out;
	bool verbatim;		/* inside pre: line ends stay line ends */
};

struct tag {
	const char *open, *close;
};

static const struct tag block_tags[] = {
	[MD_BLOCK_DOC] = { "", "" },
	[MD_BLOCK_QUOTE] = { "<blockquote>\n", "</blockquote>\n" },
	[MD_BLOCK_UL] = { "<ul>\n", "</ul>\n" },
	[MD_BLOCK_OL] = { "<ol>\n", "</ol>\n" },
	[MD_BLOCK_LI] = { "<li>", "</li>\n" },
	[MD_BLOCK_HR] = { "", "" },
	[MD_BLOCK_H] = { "", "" },
	[MD_BLOCK_CODE] = { "<pre><code>", "</code></pre>\n" },
	[MD_BLOCK_HTML] = { "", "" },
	[MD_BLOCK_P] = { "<p>", "</p>\n" },
	[MD_BLOCK_TABLE] = { "<table>\n", "</table>\n" },
	[MD_BLOCK_THEAD] = { "<thead>\n", "</thead>\n" },
	[MD_BLOCK_TBODY] = { "<tbody>\n", "</tbody>\n" },
	[MD_BLOCK_TR] = { "<tr>", "</tr>\n" },
	[MD_BLOCK_TH] = { "<th scope=\"col\">", "</th>" },
	[MD_BLOCK_TD] = { "<td>", "</td>" },
};

/* Links need their address; a picture is its description. */
static const struct tag span_tags[] = {
	[MD_SPAN_EM] = { "<em>", "</em>" },
	[MD_SPAN_STRONG] = { "<strong>", "</strong>" },
	[MD_SPAN_A] = { "", "" },
	[MD_SPAN_IMG] = { "", "" },
	[MD_SPAN_CODE] = { "<code>", "</code>" },
	[MD_SPAN_DEL] = { "<del>", "</del>" },
};

/* The headline of the page is h1, so that ours begin at h2. */
static unsigned
heading(const void *detail)
{
	unsigned level = ((const MD_BLOCK_H_DETAIL *)detail)->level + 1;

	return level > HEADING_LAST ? HEADING_LAST : level;
}

static void
enter_block(void *self, MD_BLOCKTYPE type, const void *detail)
{
	struct html *h = self;
	unsigned start;

	h->verbatim |= type == MD_BLOCK_CODE;
	if (type == MD_BLOCK_H) {
		buf_fmt(h->out, "<h%u>", heading(detail));
		return;
	}
	if (type == MD_BLOCK_OL) {
		start = ((const MD_BLOCK_OL_DETAIL *)detail)->start;
		if (start != 1) {
			buf_fmt(h->out, "<ol start=\"%u\">\n", start);
			return;
		}
	}
	buf_str(h->out, block_tags[type].open);
}

static void
leave_block(void *self, MD_BLOCKTYPE type, const void *detail)
{
	struct html *h = self;

	if (type == MD_BLOCK_CODE)
		h->verbatim = false;
	if (type == MD_BLOCK_H)
		buf_fmt(h->out, "</h%u>\n", heading(detail));
	else
		buf_str(h->out, block_tags[type].close);
}

static void
enter_link(struct html *h, const void *detail)
{
	struct buf href;

	buf_init(&href, MD_HREF_MAX);
	if (md_href(detail, &href)) {
		buf_str(h->out, "<a href=\"");
		escape_write(href.data, href.len, LF_ESC_HTML, h->out);
		buf_str(h->out, "\">");
	}
	buf_fini(&href);
}

static void
enter_span(void *self, MD_SPANTYPE type, const void *detail)
{
	struct html *h = self;

	if (type == MD_SPAN_A)
		enter_link(h, detail);
	else
		buf_str(h->out, span_tags[type].open);
}

static void
leave_span(void *self, MD_SPANTYPE type, const void *detail)
{
	struct html *h = self;
	struct buf href;

	buf_init(&href, MD_HREF_MAX);
	if (type == MD_SPAN_A && md_href(detail, &href))
		buf_str(h->out, "</a>");
	else
		buf_str(h->out, span_tags[type].close);
	buf_fini(&href);
}

static void
text(void *self, const char *s, size_t n)
{
	struct html *h = self;

	if (n == 1 && s[0] == '\n' && !h->verbatim)
		buf_str(h->out, "<br>\n");
	else
		escape_write(s, n, LF_ESC_HTML, h->out);
}

int
md_html(const char *md, size_t stop, struct buf *out)
{
	static const struct md_ops ops = {
		enter_block, leave_block, enter_span, leave_span, text,
	};
	struct html h = { .out = out };
	size_t start = out->len;
	int rc = md_walk(md, LF_FORM_HTML, stop, &ops, &h);

	if (out->len > start && out->data[out->len - 1] == '\n')
		buf_cut(out, out->len - 1);
	return rc;
}
