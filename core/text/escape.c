/*
 * escape: writes text so that it stays text where it is put. Never looks
 * further than a byte. Called by the Markdown forms, for recipients' slots and
 * by the host service "escape".
 */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "litfass/plugin.h"
#include "text/escape.h"

static void
json_byte(unsigned char c, struct buf *out)
{
	if (c == '"' || c == '\\')
		buf_fmt(out, "\\%c", c);
	else if (c < 0x20)
		buf_fmt(out, "\\u%04x", c);
	else
		buf_chr(out, (char)c);
}

static void
html_byte(unsigned char c, struct buf *out)
{
	switch (c) {
	case '&':
		buf_str(out, "&amp;");
		break;
	case '<':
		buf_str(out, "&lt;");
		break;
	case '>':
		buf_str(out, "&gt;");
		break;
	case '"':
		buf_str(out, "&quot;");
		break;
	case '\'':
		buf_str(out, "&#39;");
		break;
	default:
		buf_chr(out, (char)c);
	}
}

/* RFC 3986 section 2.3: unreserved characters stay. */
static void
url_byte(unsigned char c, struct buf *out)
{
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || (c != 0 && strchr("-._~", c) != NULL))
		buf_chr(out, (char)c);
	else
		buf_fmt(out, "%%%02X", c);
}

void
escape_write(const char *s, size_t n, uint32_t how, struct buf *out)
{
	static void (*const by_kind[])(unsigned char, struct buf *) = {
		[LF_ESC_JSON] = json_byte,
		[LF_ESC_HTML] = html_byte,
		[LF_ESC_URL] = url_byte,
	};

	if (how == LF_ESC_NONE || how > LF_ESC_URL) {
		buf_add(out, s, n);
		return;
	}
	for (size_t i = 0; i < n; i++)
		by_kind[how]((unsigned char)s[i], out);
}
