/*
 * md: Markdown to the forms of a channel (LF_FORM_* of litfass/plugin.h).
 *
 * CommonMark 0.30 with tables, strikethrough and bare web links; no raw HTML:
 * the HTML form shows it as text, the others drop the tags. A line break of
 * the writer stays a line break, for easy language is written in lines. Links
 * keep their address only when it is http, https, mailto or tel. Pictures are
 * replaced by their description.
 *
 *	PLAIN	 "- " and "1. " lists, "> " quotes, "label (address)",
 *		 a row of a table is "head: cell; head: cell"
 *	WHATSAPP the same with *bold* _italic_ ~struck~ ```code```
 *	HTML	 p ul ol li strong em del code a table blockquote br; headings
 *		 begin at h2
 *	LINE	 everything on one line, with punctuation between blocks
 *	SIGN	 a line per block, no pictographs, no addresses behind labels
 *
 * A column of a table needs three dashes below its head. All functions are
 * pure and take linear time.
 */
#ifndef TEXT_MD_H
#define TEXT_MD_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct buf;

#define MD_ALL	SIZE_MAX

/*
 * Add md in a form, without a line feed at the end. -1 when the form is
 * unknown, or when the text would blow up (thousands of columns, addresses
 * repeated endlessly) or does not fit the buffer; what out then holds is of
 * no use.
 */
int
md_render(const char *md, uint32_t form, struct buf *out, struct err *e);

/*
 * The same up to a place. stop is MD_ALL or one of the ends of
 * md_sentences(): what comes behind it is left out and an ellipsis stands
 * for it; 0 adds nothing at all. The result is well formed in any case.
 */
int
md_render_until(const char *md, uint32_t form, size_t stop, struct buf *out,
    struct err *e);

/*
 * Where md can be cut in a form: the ends of its sentences, list items and
 * table rows, ascending; the last one is MD_ALL. The array is given, NULL
 * when there is none. Returns their number.
 */
size_t
md_sentences(const char *md, uint32_t form, size_t **ends_r);

/* Add plain text so that it shows as it is in a form. */
void
md_escape(const char *s, uint32_t form, struct buf *out);

#endif
