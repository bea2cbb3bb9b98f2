/*
 * texts: pick by language. Called by view and issuer.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "announce/lang.h"
#include "announce/texts.h"

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char *
texts_pick(json_t *texts, const char *lang, const char *def)
{
	const char *have[TEXTS_MAX], *key, *s;
	struct lang_choice choice;
	json_t *value;
	size_t n = 0;

	if (json_is_string(texts))
		return json_string_value(texts);
	json_object_foreach(texts, key, value) {
		s = json_string_value(value);
		if (s != NULL && *s != '\0' && n < TEXTS_MAX)
			have[n++] = key;
	}
	/* The order in which a file was written must not matter. */
	qsort(have, n, sizeof(have[0]), by_name);
	choice = lang_choose(&lang, 1, have, n, def);
	if (choice.index < 0)
		return "";
	s = json_string_value(json_object_get(texts, have[choice.index]));
	return s == NULL ? "" : s;
}
