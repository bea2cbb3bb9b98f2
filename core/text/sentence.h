/*
 * sentence: where a sentence ends, well enough to shorten a text.
 *
 * Made for German, English, Turkish, Ukrainian, Polish, French and Arabic.
 * When in doubt two sentences stay together: a shortened text may lose one
 * sentence too many, but never ends after "z. B." or "9."
 */
#ifndef TEXT_SENTENCE_H
#define TEXT_SENTENCE_H

#include <stddef.h>

/*
 * Bytes of the first sentence of s with the blanks behind it; 0 only when
 * len is 0. Empty lines and list items end a sentence as well.
 */
size_t
sentence_next(const char *s, size_t len);

#endif
