/*
 * mime: writes the tree of a MIME message, RFC 2045 and 2046. The same tree
 * gives the same bytes. All pointers are borrowed.
 */
#ifndef EMAIL_MIME_H
#define EMAIL_MIME_H

#include <stddef.h>
#include <stdio.h>

enum mime_encoding {
	MIME_MULTIPART,		/* body is that of parts */
	MIME_QP,
	MIME_BASE64,
};

struct mime_part {
	const char *type;	/* "text/plain; charset=utf-8" */
	const char *boundary;	/* of a multipart; must not occur inside */
	const char *start;	/* the type parameter of multipart/related */
	const char *lang;	/* Content-Language, or NULL */
	const char *cid;	/* Content-ID without brackets, or NULL */
	const char *disposition;	/* "inline", "attachment" or NULL */
	const char *file;	/* its name, UTF-8; with a disposition */
	const char *file_ascii;	/* the name for old readers, or NULL */
	enum mime_encoding encoding;
	const char *body;
	size_t len;
	const struct mime_part *parts;
	size_t n_parts;
};

/* Headers of the part, an empty line and its body. */
void
mime_write(FILE *, const struct mime_part *);

#endif
