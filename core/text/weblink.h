/*
 * weblink: bare web addresses in Markdown become links.
 *
 * md4c 0.4.8 can find them itself, but loses characters when an underscore
 * stands at their end, so the addresses are put in <> before it reads.
 */
#ifndef TEXT_WEBLINK_H
#define TEXT_WEBLINK_H

struct buf;

/* Add md with every bare http or https address, outside code, in <>. */
void
weblink_wrap(const char *md, struct buf *out);

#endif
