/*
 * prose: what a text of an announcement may contain.
 *
 * Texts are shown on screens, read aloud and put into mail headers. So: no
 * control characters, no characters that turn the reading direction around
 * behind the reader's back, no HTML, and links only to where people can see
 * that they lead. Lengths are Unicode code points.
 */
#ifndef ANNOUNCE_PROSE_H
#define ANNOUNCE_PROSE_H

#include <stdbool.h>
#include <stddef.h>

struct problems;

#define PROSE_LINE	1u	/* one line: no line break, no bidi controls */
#define PROSE_MARKUP	2u	/* Markdown: look into its links */

/* Report everything that is wrong with s (UTF-8), up to max code points. */
void
prose_check(const char *s, unsigned flags, size_t max, const char *pointer,
    struct problems *p);

/* Is there nothing in it to see? */
bool
prose_blank(const char *s);
/* A table that would be shown as the signs it is written with, because a
 * column is marked with fewer than three dashes or colons. */
bool
prose_table_broken(const char *s);

/* Absolute, http or https, with a host and without credentials. */
bool
prose_url_ok(const char *url);
/* The host of such a URL; not NUL-terminated. */
const char *
prose_url_host(const char *url, size_t *len_r);

/* Every link target in a text, also bare ones. url is not NUL-terminated. */
typedef void prose_link_cb(void *arg, const char *url, size_t len);
void
prose_links(const char *s, prose_link_cb *cb, void *arg);

/* A text that says both Sie and du (German). */
struct prose_address {
	bool formal, informal;
};
void
prose_address(const char *s, struct prose_address *a);

/* Next code point of valid UTF-8, 0 at the end; *s moves behind it. */
unsigned
prose_next(const char **s);

#endif
