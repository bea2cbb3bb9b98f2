/*
 * t_lang: which tags are languages, and which text a reader gets.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "announce/lang.h"

static void
tags_are_judged(void **state)
{
	static const char *const good[] = { "de", "DE", "de-DE", "de_AT",
		"de-simple", "de-LS", "de-x-ls", "en-US", "es-419",
		"sr-Latn-RS", "zh-Hant", "dsb", "kmr" };
	static const char *const bad[] = { "", "d", "xx", "xx-invalid", "de-",
		"-de", "de--DE", "deutsch", "de-DE-verylongsubtag", "d1",
		"de DE", "german", "x-ls",
		"de-a-b-c-d-e-f-g-h-i-j-k-l-m-n-o-p-q-r-s-t-u" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (!lang_known(good[i]))
			fail_msg("refused: %s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (lang_known(bad[i]))
			fail_msg("accepted: %s", bad[i]);
}

static void
easy_german_has_one_name(void **state)
{
	char out[LANG_MAX];

	(void)state;
	assert_string_equal(lang_normal("de-LS", out), "de-simple");
	assert_string_equal(lang_normal("DE_x_ls", out), "de-simple");
	assert_string_equal(lang_normal("en_US", out), "en-us");
	assert_true(lang_same("de-ls", "de-simple"));
	assert_true(lang_special("de-LS"));
	assert_false(lang_special("de-AT"));
}

static void
directions_are_known(void **state)
{
	(void)state;
	assert_string_equal(lang_dir("ar"), "rtl");
	assert_string_equal(lang_dir("FA-ir"), "rtl");
	assert_string_equal(lang_dir("de-simple"), "ltr");
	assert_string_equal(lang_dir("arabic"), "ltr");
}

static const char *const have[] = { "de-simple", "de", "en-GB", "tr" };

static const char *
choose(const char *first, const char *second, bool *fallback_r)
{
	const char *const wanted[] = { first, second };
	struct lang_choice c;

	c = lang_choose(wanted, second == NULL ? 1 : 2, have, 4, "de");
	*fallback_r = c.fallback;
	return have[c.index];
}

static void
readers_get_the_nearest_text(void **state)
{
	static const struct {
		const char *first, *second, *got;
		bool fallback;
	} t[] = {
		{ "tr", NULL, "tr", false },
		{ "DE", NULL, "de", false },
		{ "de-AT", NULL, "de", false },
		{ "en", NULL, "en-GB", false },
		{ "en-US", NULL, "en-GB", false },
		{ "de-LS", NULL, "de-simple", false },
		{ "uk", "tr", "tr", false },
		{ "uk", NULL, "de", true },
		{ "fr", "ar", "de", true },
	};
	bool fallback;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		assert_string_equal(choose(t[i].first, t[i].second,
		    &fallback), t[i].got);
		assert_int_equal(fallback, t[i].fallback);
	}
}

static void
easy_language_is_never_a_surprise(void **state)
{
	static const char *const simple[] = { "de-simple", "fr" };
	static const char *const plain[] = { "fr", "de" };
	const char *de = "de", *easy = "de-simple";
	struct lang_choice c;

	(void)state;
	/* Not for a reader who did not ask for it, while there is other. */
	c = lang_choose(&de, 1, simple, 2, "fr");
	assert_int_equal(c.index, 1);
	assert_true(c.fallback);
	/* Who asked for it is told that the text is not easy. */
	c = lang_choose(&easy, 1, plain, 2, "fr");
	assert_int_equal(c.index, 1);
	assert_true(c.fallback);
}

static void
nothing_to_choose_from(void **state)
{
	static const char *const odd[] = { "sv" };
	const char *de = "de";

	(void)state;
	assert_int_equal(lang_choose(&de, 1, NULL, 0, NULL).index, -1);
	assert_int_equal(lang_choose(NULL, 0, odd, 1, NULL).index, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tags_are_judged),
		cmocka_unit_test(easy_german_has_one_name),
		cmocka_unit_test(directions_are_known),
		cmocka_unit_test(readers_get_the_nearest_text),
		cmocka_unit_test(easy_language_is_never_a_surprise),
		cmocka_unit_test(nothing_to_choose_from),
	};

	return cmocka_run_group_tests_name("lang", tests, NULL, NULL);
}
