/*
 * t_words: the table of words, and times for people.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "text/date.h"
#include "text/utf8.h"
#include "text/words.h"

static const char *const langs[] = { "de", "de-simple", "en", "tr", "uk",
	"ar", "fr", "pl", "ru", "es" };

static void
every_language_has_every_word(void **state)
{
	const char *key, *word;

	(void)state;
	for (size_t i = 0; (key = words_key(i)) != NULL; i++)
		for (size_t j = 0; j < sizeof(langs) / sizeof(langs[0]); j++) {
			word = words_get(langs[j], key);
			assert_non_null(word);
			assert_true(*word != '\0');
			assert_true(utf8_valid(word, strlen(word)));
			/* Nothing but names is the same in all languages. */
			if (strcmp(langs[j], "es") != 0 &&
			    strcmp(key, "fallback_hint") == 0)
				assert_string_not_equal(word,
				    words_get("es", key));
		}
}

static void
tags_find_their_words(void **state)
{
	static const struct {
		const char *lang, *key, *word;
	} samples[] = {
		{ "de", "all_clear", "Entwarnung" },
		{ "de-AT", "all_clear", "Entwarnung" },
		{ "DE_de", "all_clear", "Entwarnung" },
		{ "de-simple", "all_clear", "Die Gefahr ist vorbei" },
		{ "de-LS", "all_clear", "Die Gefahr ist vorbei" },
		{ "de-x-ls", "all_clear", "Die Gefahr ist vorbei" },
		{ "de-simple", "warning", "Warnung" },
		{ "de-simplex", "all_clear", "Entwarnung" },
		{ "en-GB", "warning", "Warning" },
		{ "tr", "warning", "Uyarı" },
		{ "es", "warning", "Warning" },
		{ "dev", "warning", "Warning" },
		{ "", "warning", "Warning" },
		{ "tr", "fallback_hint", "Bu metnin Türkçesi yok." },
		{ "es", "fallback_hint",
		    "This text is not available in your language." },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		assert_string_equal(words_get(samples[i].lang,
		    samples[i].key), samples[i].word);
	assert_null(words_get("de", "nonsense"));
	assert_null(words_get("de", ""));
}

static void
times_read_as_people_write_them(void **state)
{
	static const struct {
		const char *lang, *text;
	} samples[] = {
		{ "de", "Montag, 9. März 2026, 6:05 Uhr" },
		{ "de-simple", "Montag, 9. März 2026, 6:05 Uhr" },
		{ "en", "Monday 9 March 2026, 06:05" },
		{ "tr", "9 Mart 2026 Pazartesi, 06.05" },
		{ "uk", "понеділок, 9 березня 2026 р., 06:05" },
		{ "ar", "الاثنين، 9 آذار/مارس 2026، الساعة 06:05" },
		{ "fr", "lundi 9 mars 2026, 6 h 05" },
		{ "pl", "poniedziałek, 9 marca 2026 r., godz. 06:05" },
		{ "ru", "понедельник, 9 марта 2026 г., 06:05" },
		{ "es", "Monday 9 March 2026, 06:05" },
	};
	const struct civil c = { 2026, 3, 9, 6, 5, 0 };
	struct buf b;

	(void)state;
	buf_init(&b, 200);
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		buf_clear(&b);
		date_write(samples[i].lang, &c, &b);
		assert_string_equal(buf_cstr(&b), samples[i].text);
	}
	buf_fini(&b);
}

static void
round_hours_and_first_days_are_special(void **state)
{
	const struct civil c = { 2026, 11, 1, 18, 0, 59 };
	struct buf b;

	(void)state;
	buf_init(&b, 200);
	date_write("de-simple", &c, &b);
	assert_string_equal(buf_cstr(&b), "Sonntag, 1. November 2026, 18 Uhr");
	buf_clear(&b);
	date_write("fr", &c, &b);
	assert_string_equal(buf_cstr(&b),
	    "dimanche 1er novembre 2026, 18 h 00");
	buf_fini(&b);
}

static void
brief_times_leave_out_weekday_and_year(void **state)
{
	const struct civil c = { 2026, 3, 9, 18, 0, 0 };
	struct buf b;

	(void)state;
	buf_init(&b, 200);
	date_write_brief("de", &c, &b);
	assert_string_equal(buf_cstr(&b), "9.3., 18:00 Uhr");
	buf_clear(&b);
	date_write_brief("en", &c, &b);
	assert_string_equal(buf_cstr(&b), "9 March, 18:00");
	buf_clear(&b);
	date_write_brief("de-simple", &c, &b);
	assert_string_equal(buf_cstr(&b), "9. März, 18 Uhr");
	buf_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_language_has_every_word),
		cmocka_unit_test(tags_find_their_words),
		cmocka_unit_test(times_read_as_people_write_them),
		cmocka_unit_test(brief_times_leave_out_weekday_and_year),
		cmocka_unit_test(round_hours_and_first_days_are_special),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
