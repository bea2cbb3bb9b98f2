/*
 * t_manual: litfass-plugin(7) knows every word that a plugin may ask for,
 * and every name that a template may use.
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

#include "announce/view.h"
#include "text/fields.h"
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
no_time(void *arg, const char *lang, int64_t t, bool brief,
    struct buf *out)
{
	(void)arg;
	(void)lang;
	(void)t;
	(void)brief;
	(void)out;
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

/* Members of lists are named beside their list, words have their own table. */
static void
every_name_of_a_template_is_in_the_manual(void **state)
{
	json_t *root = json_load_file(TEST_DATA "/announcements.json", 0,
	    NULL), *city, *all, *names, *value;
	struct problems problems;
	struct announce *a = NULL;
	struct issuer *issuer;
	struct view *view;
	const char *key;

	(void)state;
	problems_init(&problems);
	all = announce_split(root, &city);
	issuer = issuer_new(city, NULL);
	assert_int_equal(announce_from_json(json_array_get(all, 0), &a,
	    &problems), 0);
	view = view_new(a, issuer, &(struct view_for){ .lang = "de" });
	names = fields_json(view_get(view), no_time, NULL);
	json_object_foreach(names, key, value)
		if (strcmp(key, "w") != 0 && !is_listed(key))
			fail_msg("litfass-plugin(7) lacks the name %s", key);
	json_decref(names);
	view_free(&view);
	issuer_free(&issuer);
	announce_free(&a);
	problems_fini(&problems);
	json_decref(all);
	json_decref(root);
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
		cmocka_unit_test(every_name_of_a_template_is_in_the_manual),
		cmocka_unit_test(every_word_is_in_the_manual),
	};

	return cmocka_run_group_tests_name("manual", tests, read_page, NULL);
}
