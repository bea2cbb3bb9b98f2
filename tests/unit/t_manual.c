/*
 * t_manual: litfass-plugin(7) knows every word that a plugin may ask for.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "text/words.h"

#define PAGE_MAX	65536

static char page[PAGE_MAX];

/* As a whole word: "test" is not found in "tests". */
static bool
is_listed(const char *word)
{
	static const char ends[] = " \n\t,.";
	size_t len = strlen(word);

	for (const char *p = page; (p = strstr(p, word)) != NULL; p += len)
		if (p > page && strchr(ends, p[-1]) != NULL &&
		    strchr(ends, p[len]) != NULL)
			return true;
	return false;
}

static void
every_word_is_in_the_manual(void **state)
{
	const char *key;

	(void)state;
	for (size_t i = 0; (key = words_key(i)) != NULL; i++)
		if (!is_listed(key))
			fail_msg("litfass-plugin(7) lacks the word %s", key);
}

static int
read_page(void **state)
{
	FILE *f = fopen(MANUAL, "r");

	(void)state;
	if (f == NULL)
		return -1;
	page[fread(page, 1, sizeof(page) - 1, f)] = '\0';
	return fclose(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_word_is_in_the_manual),
	};

	return cmocka_run_group_tests_name("manual", tests, read_page, NULL);
}
