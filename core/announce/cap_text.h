/*
 * cap_text: texts of CAP messages as plain text. Only for cap*.c.
 */
#ifndef ANNOUNCE_CAP_TEXT_H
#define ANNOUNCE_CAP_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * CAP texts are plain, but many offices send HTML: tags become line breaks or
 * vanish, a link keeps its address, entities are decoded once. Characters
 * that control or deceive are dropped, blanks are collapsed. line: one line
 * only. *odd_r becomes true when there was any of these (blanks do not
 * count); it is never set to false. Given.
 */
char *
cap_text(const char *s, bool line, bool *odd_r);

/* Plain text as Markdown that shows the same; links: web addresses in it
 * become links. Given. */
char *
cap_markdown(const char *s, bool links);

/* Cut at max (2 or more) code points, at a word when one is near, with an
 * ellipsis. Returns true when something was cut. */
bool
cap_text_cut(char *s, size_t max);

#endif
