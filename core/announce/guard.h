/*
 * guard: JSON from people and networks, read safely.
 *
 * Size and depth are counted before a parser sees the text, so a hostile
 * nesting costs one pass over the bytes and no stack. Keys that come twice,
 * bytes that are not UTF-8 and NUL characters are refused.
 */
#ifndef ANNOUNCE_GUARD_H
#define ANNOUNCE_GUARD_H

#include <jansson.h>
#include <stddef.h>

struct problems;

#define GUARD_DEPTH		16		/* nested objects, arrays */
#define GUARD_ANNOUNCEMENT	(256 * 1024)	/* bytes of one */
#define GUARD_FILE		(8 * 1024 * 1024) /* bytes of a collection */

/* Is this JSON short and flat enough? -1 and an error in p if not. */
int
guard_check(const char *text, size_t len, size_t max, struct problems *p);
/* An object, given; NULL when p has an error. */
json_t *
guard_load(const char *text, size_t len, size_t max, struct problems *p);

#endif
