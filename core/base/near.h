/*
 * near: the known word somebody may have meant.
 */
#ifndef BASE_NEAR_H
#define BASE_NEAR_H

#include <stddef.h>

/*
 * The nearest of n known words: the one with the fewest insertions, removals,
 * replacements and swaps of neighbours, at most two and fewer than half of
 * the letters; otherwise one that begins with word, or word with it. NULL
 * when none is near. Borrowed from known; entries may be NULL.
 */
const char *
near_word(const char *word, const char *const *known, size_t n);

#endif
