/*
 * lang: language tags, and which of the languages there are to take.
 *
 * Tags are BCP 47, compared without regard to case, "_" the same as "-".
 * Easy German has one name here, "de-simple"; "de-LS" (as federal warnings
 * write it) and "de-x-ls" mean the same.
 */
#ifndef ANNOUNCE_LANG_H
#define ANNOUNCE_LANG_H

#include <stdbool.h>
#include <stddef.h>

#define LANG_MAX	36	/* bytes of a tag, with its NUL */
#define LANG_SIMPLE	"de-simple"

/* Is the tag well-formed, and its language one that ISO 639 knows? */
bool
lang_known(const char *tag);
/* Lower case, "-", easy German under its one name. Returns out. */
const char *
lang_normal(const char *tag, char out[LANG_MAX]);
bool
lang_same(const char *a, const char *b);
/* The same language, whatever script, region or variant: "de-AT" and "de". */
bool
lang_related(const char *a, const char *b);
/* Written for a special audience, and never taken for the plain language. */
bool
lang_special(const char *tag);
/* "ltr" or "rtl". */
const char *
lang_dir(const char *tag);

struct lang_choice {
	int index;	/* into have; -1 when have is empty */
	bool fallback;	/* not a wanted language, or not its easy form */
};

/*
 * The best of what there is: for each wanted tag in order the same, a shorter
 * one (RFC 4647 section 3.4), any of the same language; then def, German,
 * English, the first. def may be NULL.
 */
struct lang_choice
lang_choose(const char *const *wanted, size_t n_wanted,
    const char *const *have, size_t n_have, const char *def);

#endif
