/*
 * t_gsm7: the segmentation vectors, the counts of our announcements, and
 * when a text is transliterated.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/buf.h"
#include "litfass/plugin.h"
#include "text/gsm7.h"

#define PARTS	8
#define HOSTILE	((size_t)256 * 1024)

static json_t *
load(const char *name)
{
	char path[512];
	json_t *root;

	snprintf(path, sizeof(path), "%s/%s", TEST_DATA, name);
	root = json_load_file(path, 0, NULL);
	assert_non_null(root);
	return root;
}

static const char *
str(const json_t *obj, const char *key)
{
	const char *s = json_string_value(json_object_get(obj, key));

	return s == NULL ? "" : s;
}

static json_int_t
num(const json_t *obj, const char *key)
{
	return json_integer_value(json_object_get(obj, key));
}

static void
check_vector(const json_t *v)
{
	const json_t *each = json_object_get(v, "per_segment");
	const char *text = str(v, "text");
	struct gsm7_part parts[PARTS];
	size_t n, at = 0;
	json_int_t units = 0;
	bool plain = strcmp(str(v, "encoding"), "gsm7") == 0;

	assert_int_equal(gsm7_is_plain(text), plain);
	n = gsm7_split(text, plain ? LF_SMS_GSM7 : LF_SMS_UCS2, parts, PARTS);
	assert_int_equal(n, num(v, "segments"));
	assert_int_equal(n, json_array_size(each));
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(parts[i].start, at);
		assert_int_equal(parts[i].units,
		    json_integer_value(json_array_get(each, i)));
		units += parts[i].units;
		at = parts[i].end;
	}
	assert_int_equal(at, strlen(text));
	assert_int_equal(units, num(v, "units"));
}

static void
every_vector_is_split_as_given(void **state)
{
	json_t *all = load("sms_vectors.json");

	(void)state;
	assert_true(json_array_size(all) >= 30);
	for (size_t i = 0; i < json_array_size(all); i++)
		check_vector(json_array_get(all, i));
	json_decref(all);
}

static void
expect_cost(const json_t *fact, const char *text)
{
	struct gsm7_sms sms;

	gsm7_measure(text, GSM7_NEVER, &sms);
	assert_string_equal(sms.encoding == LF_SMS_GSM7 ? "GSM7" : "UCS2",
	    str(fact, "enc"));
	assert_int_equal(sms.units, num(fact, "units"));
	assert_int_equal(sms.parts, num(fact, "parts"));
	gsm7_fini(&sms);
}

/* "<headline>. <instruction without ** marks>", as the facts say. */
static void
check_content(const json_t *content, const json_t *fact)
{
	const char *s = str(content, "instruction");
	struct buf b;

	buf_init(&b, 10000);
	buf_fmt(&b, "%s. ", str(content, "headline"));
	for (; *s != '\0'; s++)
		if (*s != '*')
			buf_chr(&b, *s);
	if (json_object_get(fact, "auto_sms") != NULL)
		expect_cost(json_object_get(fact, "auto_sms"), buf_cstr(&b));
	if (json_object_get(fact, "own_sms") != NULL)
		expect_cost(json_object_get(fact, "own_sms"),
		    str(content, "sms"));
	buf_fini(&b);
}

static void
our_announcements_cost_what_the_facts_say(void **state)
{
	json_t *all = load("announcements.json"), *a, *content;
	json_t *root = load("announcements.facts.json"), *fact;
	const char *lang;
	size_t i;

	(void)state;
	json_array_foreach(json_object_get(all, "announcements"), i, a) {
		fact = json_object_get(json_object_get(root, "facts"),
		    str(a, "id"));
		assert_non_null(fact);
		json_object_foreach(json_object_get(a, "content"), lang,
		    content)
			check_content(content, json_object_get(fact, lang));
	}
	json_decref(root);
	json_decref(all);
}

static void
expect_text(const char *text, uint32_t translit, uint32_t parts,
    const char *want)
{
	struct gsm7_sms sms;

	gsm7_measure(text, translit, &sms);
	assert_string_equal(sms.text, want);
	assert_int_equal(sms.parts, parts);
	gsm7_fini(&sms);
}

static void
transliteration_must_save_a_part(void **state)
{
	const char *typo = "Sturmwarnung für „Musterstadt“ – bitte meiden Sie "
	    "Parks … Gültig bis 18:00 Uhr.";

	(void)state;
	expect_text(typo, GSM7_NEVER, 2, typo);
	expect_text(typo, GSM7_SAVES, 1, "Sturmwarnung für \"Musterstadt\" - "
	    "bitte meiden Sie Parks ... Gültig bis 18:00 Uhr.");
	expect_text("„kurz“", GSM7_SAVES, 1, "„kurz“");
	expect_text("„kurz“", GSM7_ALWAYS, 1, "\"kurz\"");
	expect_text("Şahin, Łódź", GSM7_ALWAYS, 1, "Sahin, Lodz");
}

static void
what_has_no_kin_stays(void **state)
{
	const char *uk = "Негайно залиште житло. Візьміть документи та ліки.";

	(void)state;
	expect_text(uk, GSM7_ALWAYS, 1, uk);
	expect_text("10 € 漢", GSM7_ALWAYS, 1, "10 € 漢");
}

static void
easy_language_and_pictures_lose_their_marks(void **state)
{
	(void)state;
	expect_text("Das Trink·wasser", GSM7_ALWAYS, 1, "Das Trinkwasser");
	expect_text("a · b", GSM7_ALWAYS, 1, "a - b");
	expect_text("bis zu 37 °C heiß. 🌡️ Ja 🌡️", GSM7_ALWAYS, 1,
	    "bis zu 37 C heiß. Ja");
	expect_text("Kurve 90° links", GSM7_ALWAYS, 1,
	    "Kurve 90 Grad links");
}

static void
text_is_tidied_first(void **state)
{
	(void)state;
	expect_text("eins \r\nzwei\rdrei  ", GSM7_NEVER, 1,
	    "eins\nzwei\ndrei");
	expect_text("u\xcc\x88", GSM7_NEVER, 1, "ü");
	expect_text("", GSM7_SAVES, 0, "");
}

/* Sorting the marks of one letter would take a minute. */
static void
a_heap_of_marks_stays_as_it_is(void **state)
{
	struct gsm7_sms sms;
	struct buf b;

	(void)state;
	expect_text("u\xcc\xa3\xcc\x88 e\xcc\x81", GSM7_NEVER, 1,
	    "\xe1\xbb\xa5\xcc\x88 \xc3\xa9");
	buf_init(&b, HOSTILE + 10);
	buf_chr(&b, 'u');
	while (b.len < HOSTILE / 2)
		buf_str(&b, "\xcc\x88");
	while (b.len < HOSTILE)
		buf_str(&b, "\xcc\xa3");
	gsm7_measure(buf_cstr(&b), GSM7_NEVER, &sms);
	assert_string_equal(sms.text, buf_cstr(&b));
	gsm7_fini(&sms);
	buf_fini(&b);
}

static void
broken_text_is_counted(void **state)
{
	struct gsm7_sms sms;

	(void)state;
	gsm7_measure("a\xff\xc3", GSM7_ALWAYS, &sms);
	assert_int_equal(sms.encoding, LF_SMS_UCS2);
	assert_int_equal(sms.units, 3);
	gsm7_fini(&sms);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_vector_is_split_as_given),
		cmocka_unit_test(our_announcements_cost_what_the_facts_say),
		cmocka_unit_test(transliteration_must_save_a_part),
		cmocka_unit_test(what_has_no_kin_stays),
		cmocka_unit_test(easy_language_and_pictures_lose_their_marks),
		cmocka_unit_test(text_is_tidied_first),
		cmocka_unit_test(a_heap_of_marks_stays_as_it_is),
		cmocka_unit_test(broken_text_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
