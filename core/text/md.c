/*
 * md: Markdown to the forms of a channel: hands it to the writer of the form.
 * Never judges a text. Called by compose and by the host service "markdown".
 */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "litfass/plugin.h"
#include "text/chatmark.h"
#include "text/escape.h"
#include "text/md.h"
#include "text/md_private.h"
#include "text/utf8.h"

int
md_render_until(const char *md, uint32_t form, size_t stop, struct buf *out,
    struct err *e)
{
	int rc;

	if (form < LF_FORM_PLAIN || form > LF_FORM_SIGN)
		return err_set(e, ERR_INVALID, "markdown: form %u: unknown: "
		    "use LF_FORM_PLAIN to LF_FORM_SIGN", (unsigned)form);
	if (stop == 0)
		return 0;
	if (form == LF_FORM_HTML)
		rc = md_html(md, stop, out);
	else
		rc = md_plain(md, form, stop, out);
	if (rc == 0 && buf_ok(out))
		return 0;
	return err_set(e, ERR_INVALID, "markdown: the text: becomes too long "
	    "in this form: use fewer table columns, links and nested lists");
}

int
md_render(const char *md, uint32_t form, struct buf *out, struct err *e)
{
	return md_render_until(md, form, MD_ALL, out, e);
}

static void
flatten(const char *s, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++)
		buf_chr(out, s[i] == '\n' ? ' ' : s[i]);
}

void
md_escape(const char *s, uint32_t form, struct buf *out)
{
	struct buf clean;

	buf_init(&clean, SIZE_MAX / 2);
	md_clean(s, strlen(s), &clean);
	s = buf_cstr(&clean);
	if (form == LF_FORM_HTML)
		escape_write(s, clean.len, LF_ESC_HTML, out);
	else if (form == LF_FORM_WHATSAPP)
		chatmark_write(s, clean.len, out);
	else if (form == LF_FORM_LINE)
		flatten(s, clean.len, out);
	else if (form == LF_FORM_SIGN)
		utf8_drop_emoji(s, clean.len, out);
	else
		buf_add(out, s, clean.len);
	buf_fini(&clean);
}
