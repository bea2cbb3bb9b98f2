/*
 * entity: HTML character references as CommonMark allows them in text.
 */
#ifndef TEXT_ENTITY_H
#define TEXT_ENTITY_H

#include <stddef.h>

struct buf;

/*
 * Add what "&auml;", "&#228;" or "&#xe4;" stands for. A name we do not know
 * is added as it is written; a number that is no character as U+FFFD, a
 * control character not at all.
 */
void
entity_decode(const char *s, size_t n, struct buf *out);

#endif
