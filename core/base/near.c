/*
 * near: did you mean. Only ever suggests, never decides. Called where people
 * write words of ours: configuration keys, choices, subcommands.
 */
#include "config.h"

#include <string.h>

#include "base/near.h"

#define LONGEST	64	/* longer words are not compared */

static size_t
min3(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

/* Optimal string alignment: Levenshtein with swaps of neighbours. */
static size_t
distance(const char *a, const char *b)
{
	size_t rows[3][LONGEST + 1], *last = rows[0], *now = rows[1];
	size_t *before = rows[2], *spare, n = strlen(a), m = strlen(b);

	for (size_t j = 0; j <= m; j++)
		last[j] = j;
	for (size_t i = 1; i <= n; i++) {
		now[0] = i;
		for (size_t j = 1; j <= m; j++) {
			now[j] = min3(last[j] + 1, now[j - 1] + 1,
			    last[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] && before[j - 2] < now[j])
				now[j] = before[j - 2] + 1;
		}
		spare = before;
		before = last;
		last = now;
		now = spare;
	}
	return last[m];
}

static int
begins(const char *s, const char *with)
{
	size_t n = strlen(with);

	return n >= 3 && strncmp(s, with, n) == 0;
}

static const char *
by_prefix(const char *word, const char *const *known, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (known[i] != NULL && (begins(known[i], word) ||
		    begins(word, known[i])))
			return known[i];
	return NULL;
}

const char *
near_word(const char *word, const char *const *known, size_t n)
{
	size_t len = strlen(word), least = 3, d;
	const char *best = NULL;

	if (len == 0 || len > LONGEST)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		if (known[i] == NULL || strlen(known[i]) > LONGEST)
			continue;
		d = distance(word, known[i]);
		if (d < least && d * 2 < len) {
			least = d;
			best = known[i];
		}
	}
	return best != NULL ? best : by_prefix(word, known, n);
}
