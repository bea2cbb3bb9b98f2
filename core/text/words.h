/*
 * words: the fixed words around an announcement, in the languages a German
 * city writes in: German, easy German, English, Turkish, Ukrainian, Arabic,
 * French, Polish, Russian. litfass-plugin(7) lists the keys.
 */
#ifndef TEXT_WORDS_H
#define TEXT_WORDS_H

#include <stddef.h>

enum words_lang {
	WORDS_DE, WORDS_SIMPLE, WORDS_EN, WORDS_TR, WORDS_UK, WORDS_AR,
	WORDS_FR, WORDS_PL, WORDS_RU,
	WORDS_OTHER,	/* none of them */
	WORDS_LANGS
};

/*
 * Which of them a tag means. "de-AT" is German; "de-simple", "de-LS" and
 * "de-x-ls" are easy German.
 */
enum words_lang
words_lang(const char *lang);

/*
 * The word of a key, static; NULL when there is no such key. Easy German
 * takes from German what it has no word of its own for; other languages get
 * English.
 */
const char *
words_get(const char *lang, const char *key);

/* The keys, for tests and manuals: NULL behind the last. Static. */
const char *
words_key(size_t i);

#endif
