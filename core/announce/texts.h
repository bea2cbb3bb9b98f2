/*
 * texts: one text in several languages, {"de": "...", "en": "..."}.
 */
#ifndef ANNOUNCE_TEXTS_H
#define ANNOUNCE_TEXTS_H

#include <jansson.h>

#define TEXTS_MAX	64	/* languages of one text */

/*
 * The text for lang, else for the default, else German, English, the first
 * by tag. A plain string is for everybody. "" when there is none. Borrowed;
 * def may be NULL.
 */
const char *
texts_pick(json_t *texts, const char *lang, const char *def);

#endif
