/*
 * t_utf8: lengths, cuts and sentence bounds, on whole and on broken text.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "litfass/plugin.h"
#include "text/sentence.h"
#include "text/utf8.h"

#define FAMILY	"👨‍👩‍👧"	/* 3 people and 2 joiners: 18 bytes */
#define FLAG	"🇩🇪"
#define E_ACUTE	"e\xcc\x81"	/* e and a combining accent */

static void
bad_bytes_are_found(void **state)
{
	(void)state;
	assert_true(utf8_valid("Straße €", strlen("Straße €")));
	assert_true(utf8_valid("", 0));
	assert_false(utf8_valid("\xc3", 1));
	assert_false(utf8_valid("\xc0\xaf", 2));	/* not shortest */
	assert_false(utf8_valid("\xed\xa0\x80", 3));	/* surrogate */
	assert_false(utf8_valid("\xf4\x90\x80\x80", 4));
}

static void
each_unit_counts_its_own_way(void **state)
{
	(void)state;
	assert_int_equal(utf8_length("Straße", LF_UNIT_CHARS), 6);
	assert_int_equal(utf8_length("Straße", LF_UNIT_BYTES), 7);
	assert_int_equal(utf8_length("🌡️", LF_UNIT_UTF16), 3);
	assert_int_equal(utf8_length(FAMILY, LF_UNIT_CHARS), 1);
	assert_int_equal(utf8_length(FAMILY, LF_UNIT_UTF16), 8);
	assert_int_equal(utf8_length(FLAG FLAG, LF_UNIT_CHARS), 2);
	assert_int_equal(utf8_length(E_ACUTE "\r\n", LF_UNIT_CHARS), 2);
	assert_int_equal(utf8_length("a\xff\xffz", LF_UNIT_CHARS), 4);
}

static void
expect_cut(const char *s, uint32_t unit, uint64_t max, const char *want)
{
	struct buf b;

	buf_init(&b, 1000);
	assert_int_equal(utf8_cut(s, unit, max, &b), strcmp(s, want) != 0);
	assert_string_equal(buf_cstr(&b), want);
	buf_fini(&b);
}

static void
a_cut_falls_between_clusters(void **state)
{
	(void)state;
	expect_cut(FAMILY FAMILY FAMILY, LF_UNIT_CHARS, 2, FAMILY "…");
	expect_cut(FAMILY FAMILY, LF_UNIT_BYTES, 35, FAMILY "…");
	expect_cut(FLAG FLAG FLAG, LF_UNIT_UTF16, 9, FLAG FLAG "…");
	expect_cut(E_ACUTE E_ACUTE E_ACUTE, LF_UNIT_CHARS, 2, E_ACUTE "…");
	expect_cut("🌡️🌡️🌡️", LF_UNIT_UTF16, 5, "🌡️…");
}

static void
a_cut_prefers_the_end_of_a_word(void **state)
{
	(void)state;
	expect_cut("Stromausfall in der Nordstadt", LF_UNIT_CHARS, 24,
	    "Stromausfall in der…");
	expect_cut("Stromausfall in der Nordstadt", LF_UNIT_CHARS, 20,
	    "Stromausfall in der…");
	expect_cut("Heute, morgen", LF_UNIT_CHARS, 8, "Heute…");
	expect_cut("Unwetterwarnung", LF_UNIT_CHARS, 6, "Unwet…");
	expect_cut("Unwetterwarnung", LF_UNIT_CHARS, 15, "Unwetterwarnung");
}

static void
a_cut_without_room_adds_nothing(void **state)
{
	(void)state;
	expect_cut("Unwetter", LF_UNIT_CHARS, 1, "…");
	expect_cut("Unwetter", LF_UNIT_CHARS, 0, "");
	expect_cut("Unwetter", LF_UNIT_BYTES, 2, "");
	expect_cut("", LF_UNIT_CHARS, 0, "");
	expect_cut("Unwetter", LF_UNIT_NONE, 0, "Unwetter");
}

/* want: the sentences, each ended by a bar. */
static void
expect_sentences(const char *s, const char *want)
{
	size_t len = strlen(s), n;
	struct buf b;

	buf_init(&b, 10000);
	for (size_t i = 0; i < len; i += n) {
		n = sentence_next(s + i, len - i);
		assert_true(n > 0 && n <= len - i);
		buf_add(&b, s + i, n);
		buf_chr(&b, '|');
	}
	assert_string_equal(buf_cstr(&b), want);
	buf_fini(&b);
}

static void
sentences_end_at_stops(void **state)
{
	(void)state;
	expect_sentences("Bleiben Sie im Haus. Notruf 112 nur im Notfall.",
	    "Bleiben Sie im Haus. |Notruf 112 nur im Notfall.|");
	expect_sentences("Hilfe? Ja! „Sofort.“ Danke",
	    "Hilfe? |Ja! |„Sofort.“ |Danke|");
	expect_sentences("Angerweg 9. Pendelbusse fahren.",
	    "Angerweg 9. |Pendelbusse fahren.|");
	expect_sentences("Duş almak güvenlidir. Suyu kaynatın.",
	    "Duş almak güvenlidir. |Suyu kaynatın.|");
	expect_sentences("Візьміть документи. Допомога: 030.",
	    "Візьміть документи. |Допомога: 030.|");
	expect_sentences("هل تحتاج مساعدة؟ غادروا الآن.",
	    "هل تحتاج مساعدة؟ |غادروا الآن.|");
}

static void
abbreviations_and_dates_end_nothing(void **state)
{
	(void)state;
	expect_sentences("Ab 9. März, z. B. in der Nr. 7, d. h. bald.",
	    "Ab 9. März, z. B. in der Nr. 7, d. h. bald.|");
	expect_sentences("Mo 9.3. 6h bis Fr 13.3. 18h gesperrt.",
	    "Mo 9.3. 6h bis Fr 13.3. 18h gesperrt.|");
	expect_sentences("Gartenstr. 12, Hauptstr. Ecke Ring. Danke.",
	    "Gartenstr. 12, Hauptstr. Ecke Ring. |Danke.|");
	expect_sentences("Rund 4.200 Haushalte. Siehe https://a.example/b.c",
	    "Rund 4.200 Haushalte. |Siehe https://a.example/b.c|");
	expect_sentences("Saat 14.00’e kadar. Адреса: вул. Садова 5",
	    "Saat 14.00’e kadar. |Адреса: вул. Садова 5|");
	expect_sentences("Im 2. Obergeschoss. Dr. Müller",
	    "Im 2. Obergeschoss. |Dr. Müller|");
}

static void
lists_and_empty_lines_end_a_sentence(void **state)
{
	(void)state;
	expect_sentences("Es gilt:\n- eins\n- zwei\n\nEnde",
	    "Es gilt:\n|- eins\n|- zwei\n\n|Ende|");
	expect_sentences("Ein Satz\nüber zwei Zeilen.",
	    "Ein Satz\nüber zwei Zeilen.|");
	expect_sentences("1. Haushalt\n2. Radweg", "1. Haushalt\n|2. Radweg|");
}

static void
broken_text_harms_nobody(void **state)
{
	char s[64];
	struct buf b;

	(void)state;
	srand(7);
	buf_init(&b, 1000);
	for (int round = 0; round < 20000; round++) {
		size_t len = (size_t)(rand() % 40);

		for (size_t i = 0; i < len; i++)
			s[i] = (char)(rand() % 3 ? rand() % 255 + 1 :
			    ". \n\xf0\xe2"[rand() % 5]);
		s[len] = '\0';
		for (uint32_t unit = 1; unit <= 3; unit++) {
			buf_clear(&b);
			utf8_cut(s, unit, 9, &b);
			assert_true(utf8_length(buf_cstr(&b), unit) <= 9);
		}
		for (size_t i = 0, n; i < len; i += n) {
			n = sentence_next(s + i, len - i);
			assert_true(n > 0 && n <= len - i);
		}
	}
	buf_fini(&b);
}

static void
pictographs_go_with_their_blank(void **state)
{
	static const char text[] = "🔥 Hot 🌡️ day 👨‍👩‍👧 at 1️⃣ "
	    "(№ 3, 37 °C) 🇩🇪!\n🔥 Go 🙂.";
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	utf8_drop_emoji(text, sizeof(text) - 1, &b);
	assert_string_equal(buf_cstr(&b), "Hot day at 1 (№ 3, 37 °C)!\n"
	    "Go.");
	buf_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_bytes_are_found),
		cmocka_unit_test(each_unit_counts_its_own_way),
		cmocka_unit_test(a_cut_falls_between_clusters),
		cmocka_unit_test(a_cut_prefers_the_end_of_a_word),
		cmocka_unit_test(a_cut_without_room_adds_nothing),
		cmocka_unit_test(sentences_end_at_stops),
		cmocka_unit_test(abbreviations_and_dates_end_nothing),
		cmocka_unit_test(lists_and_empty_lines_end_a_sentence),
		cmocka_unit_test(pictographs_go_with_their_blank),
		cmocka_unit_test(broken_text_harms_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
