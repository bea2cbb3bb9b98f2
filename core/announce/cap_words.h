/*
 * cap_words: the few sentences we add to a warning, by language. Only for
 * cap*.c.
 */
#ifndef ANNOUNCE_CAP_WORDS_H
#define ANNOUNCE_CAP_WORDS_H

#include <stddef.h>

/* What to do, for a responseType; NULL when we do not speak the language or
 * there is nothing to do. */
const char *
cap_words_response(const char *lang, const char *response);
/* "Entwarnung"; NULL when we do not speak the language. */
const char *
cap_words_all_clear(const char *lang);
/* "und 17 weitere". Returns out. */
const char *
cap_words_more(const char *lang, size_t n, char *out, size_t size);

#endif
