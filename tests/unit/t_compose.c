/*
 * t_compose: templates over announcements, and texts made to fit. The last
 * test takes all announcements, languages, forms and many limits.
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

#include "announce/announce.h"
#include "announce/issuer.h"
#include "announce/problem.h"
#include "announce/view.h"
#include "base/mem.h"
#include "text/compose.h"
#include "text/utf8.h"
#include "unit/fixture.h"

#define FULL								\
	"{{#mark}}[{{mark}}] {{/mark}}{{headline}}\n"			\
	"{{#teaser}}\n\n{{teaser}}\n{{/teaser}}\n"			\
	"{{#body}}\n\n{{body}}\n{{/body}}\n"				\
	"{{#instruction}}\n\n{{instruction}}\n{{/instruction}}\n"	\
	"{{#link}}\n\n{{link}}\n{{/link}}\n"

static struct issuer *issuer;
static json_t *fixtures;
static struct buf notes;	/* slugs, a space behind each */

static void
note(void *arg, const char *slug, const char *text)
{
	(void)arg;
	assert_true(*text != '\0');
	buf_fmt(&notes, "%s ", slug);
}

static void
when(void *arg, const char *lang, int64_t t, bool brief, struct buf *out)
{
	(void)arg;
	buf_fmt(out, "%s%s%lld", lang, brief ? "~" : "@", (long long)t);
}

static const struct lf_announcement empty = {
	.size = sizeof(struct lf_announcement), .version = 1,
	.id = "x-1", .chain = "x-1", .kind = "event", .msg_type = "alert",
	.status = "actual", .lane = "normal", .category = "Other",
	.severity = "info", .urgency = "", .certainty = "", .lang = "de",
	.wanted = "de", .dir = "ltr", .mark = "", .headline = "",
	.teaser = "", .body = "", .instruction = "", .sms = "", .sign = "",
	.voice = "", .sender = "Stadt Lindenfurt",
	.sender_short = "Lindenfurt", .sender_domain = "", .office = "",
	.area = "", .link = "", .link_label = "", .question = "",
};

/* The text, given; NULL when it cannot be made. */
static char *
make(const struct lf_announcement *a, const char *template, uint32_t form,
    uint32_t unit, uint32_t max)
{
	const struct compose c = { template, form, unit, max, when, note,
		NULL };
	struct err e;
	struct buf out;

	buf_clear(&notes);
	buf_init(&out, COMPOSE_MAX);
	if (compose(&c, a, &out, &e) == 0)
		return buf_steal(&out);
	buf_fini(&out);
	return NULL;
}

static void
expect(const struct lf_announcement *a, const char *template, uint32_t form,
    uint32_t max, const char *text, const char *slugs)
{
	char *s = make(a, template, form,
	    max == 0 ? LF_UNIT_NONE : LF_UNIT_CHARS, max);

	assert_non_null(s);
	assert_string_equal(s, text);
	assert_string_equal(buf_cstr(&notes), slugs);
	free(s);
}

static void
names_have_values(void **state)
{
	static const struct lf_option options[] = { { "a", "Ja" },
		{ "b", "Nein" } };
	static const struct lf_attachment files[] = { {
		sizeof(files[0]), "image", "", "plan.png", "image/png",
		"Ein Plan" } };
	struct lf_announcement a = empty;

	(void)state;
	a.kind = "warning";
	a.severity = "severe";
	a.headline = "Sturm";
	a.question = "Gut?";
	a.options = options;
	a.n_options = 2;
	a.attachments = files;
	a.n_attachments = 1;
	a.expires = 7;
	expect(&a, "{{#is_warning}}{{w.warning}}{{/is_warning}}"
	    "{{#is_update}}no{{/is_update}}: {{headline}}", LF_FORM_PLAIN, 0,
	    "Warnung: Sturm", "");
	expect(&a, "{{question}}{{#options}} {{number}}. {{label}}"
	    "{{/options}}", LF_FORM_PLAIN, 0, "Gut? 1. Ja 2. Nein", "");
	expect(&a, "{{#attachments}}{{type}} {{file}}: {{alt}}"
	    "{{/attachments}}", LF_FORM_PLAIN, 0,
	    "image plan.png: Ein Plan", "");
	expect(&a, "{{w.until}} {{expires}} {{expires_brief}}{{#starts}}!"
	    "{{/starts}}", LF_FORM_PLAIN, 0, "Bis de@7 de~7", "");
	expect(&a, "{{severity_text}}", LF_FORM_PLAIN, 0, "große Gefahr", "");
}

static void
the_label_says_what_the_headline_does_not(void **state)
{
	static const struct {
		const char *kind, *msg_type, *lang, *headline, *label;
	} t[] = {
		{ "warning", "alert", "de", "Bombenfund", "Warnung" },
		{ "warning", "alert", "de", "STURMWARNUNG", "" },
		{ "warning", "update", "de", "Sturm", "Aktualisierung" },
		{ "event", "update", "en", "Festival is off", "Update" },
		{ "event", "alert", "de", "Fest", "" },
		{ "all_clear", "cancel", "en", "All clear: bomb gone", "" },
		{ "all_clear", "cancel", "de", "Bombe weg", "Entwarnung" },
		{ "all_clear", "info", "de", "Mann ist da", "" },
		{ "all_clear", "update", "de", "Bombe weg", "Entwarnung" },
		{ "warning", "alert", "uk", "ПОПЕРЕДЖЕННЯ: шторм", "" },
		{ "correction", "cancel", "de-simple", "Ein Fehler!", "" },
	};
	struct lf_announcement a = empty;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		a.kind = t[i].kind;
		a.msg_type = t[i].msg_type;
		a.severity = strcmp(a.msg_type, "info") == 0 ? "info" : "minor";
		a.lang = t[i].lang;
		a.headline = t[i].headline;
		expect(&a, "{{label}}", LF_FORM_PLAIN, 0, t[i].label, "");
	}
}

static void
a_missing_language_is_told_in_that_language(void **state)
{
	struct lf_announcement a = empty;

	(void)state;
	expect(&a, "[{{fallback_hint}}]", LF_FORM_PLAIN, 0, "[]", "");
	a.flags = LF_ANN_FALLBACK;
	a.wanted = "en";
	expect(&a, "{{#is_fallback}}{{fallback_hint}}{{/is_fallback}}",
	    LF_FORM_PLAIN, 0, "This text is not available in English.", "");
}

static void
each_form_shows_texts_as_they_are(void **state)
{
	struct lf_announcement a = empty;

	(void)state;
	a.headline = "Rock & *Roll*";
	a.body = "Ein **Fest**.\n\nFür alle.";
	expect(&a, "<h1>{{headline}}</h1>{{body}}", LF_FORM_HTML, 0,
	    "<h1>Rock &amp; *Roll*</h1><p>Ein <strong>Fest</strong>.</p>\n"
	    "<p>Für alle.</p>", "");
	expect(&a, "{{headline}}\n{{body}}", LF_FORM_PLAIN, 0,
	    "Rock & *Roll*\nEin Fest.\n\nFür alle.", "");
	expect(&a, "\n{{headline}}:\n\n {{teaser}} {{body}}\n", LF_FORM_LINE,
	    0, "Rock & *Roll*: Ein Fest. Für alle.", "");
	expect(&a, "{{body}}", LF_FORM_WHATSAPP, 0,
	    "Ein *Fest*.\n\nFür alle.", "");
}

static void
the_mark_comes_first_and_only_once(void **state)
{
	struct lf_announcement a = empty;

	(void)state;
	a.mark = "ÜBUNG";
	a.headline = "Alarm";
	expect(&a, "{{headline}}", LF_FORM_PLAIN, 0, "[ÜBUNG] Alarm", "");
	expect(&a, "[{{mark}}] {{headline}}", LF_FORM_PLAIN, 0,
	    "[ÜBUNG] Alarm", "");
	expect(&a, "\n*{{mark}}: {{headline}}*", LF_FORM_WHATSAPP, 0,
	    "\n*ÜBUNG: Alarm*", "");
	expect(&a, "<p class=\"x\"><b>{{mark}}</b></p>{{headline}}",
	    LF_FORM_HTML, 0, "<p class=\"x\"><b>ÜBUNG</b></p>Alarm", "");
	expect(&a, "<p>{{headline}}</p>", LF_FORM_HTML, 0,
	    "<p><strong>[ÜBUNG]</strong></p>\n<p>Alarm</p>", "");
	expect(&a, "{{headline}} ({{mark}})", LF_FORM_LINE, 0,
	    "[ÜBUNG] Alarm (ÜBUNG)", "");
	a.headline = "ÜBUNG: Alarm";
	expect(&a, "{{#mark}}[{{mark}}] {{/mark}}{{headline}}",
	    LF_FORM_PLAIN, 0, "ÜBUNG: Alarm", "");
	a.headline = "ÜBUNGSPLATZ offen";
	expect(&a, "{{headline}}", LF_FORM_PLAIN, 0,
	    "[ÜBUNG] ÜBUNGSPLATZ offen", "");
	expect(&a, "", LF_FORM_PLAIN, 0, "[ÜBUNG] ", "");
}

static void
parts_are_cut_in_order(void **state)
{
	static const char tmpl[] = "{{headline}}|{{teaser}}|{{body}}|"
	    "{{instruction}}|{{link}}";
	struct lf_announcement a = empty;

	(void)state;
	a.headline = "Die Brücke über den Fluss ist wegen Bauarbeiten zu";
	a.teaser = "Bis Mai.";
	a.body = "Erster Satz. Zweiter Satz. Dritter Satz.";
	a.instruction = "Bleiben Sie weg. Fahren Sie außen herum.";
	a.link = "https://l.example/b";
	expect(&a, tmpl, LF_FORM_LINE, 161,
	    "Die Brücke über den Fluss ist wegen Bauarbeiten zu|Bis Mai.|"
	    "Erster Satz. Zweiter Satz. Dritter Satz.|"
	    "Bleiben Sie weg. Fahren Sie außen herum.|https://l.example/b",
	    "");
	expect(&a, tmpl, LF_FORM_LINE, 160,
	    "Die Brücke über den Fluss ist wegen Bauarbeiten zu|Bis Mai.|"
	    "Erster Satz. Zweiter Satz. …|"
	    "Bleiben Sie weg. Fahren Sie außen herum.|https://l.example/b",
	    "body-shortened ");
	expect(&a, tmpl, LF_FORM_LINE, 130,
	    "Die Brücke über den Fluss ist wegen Bauarbeiten zu|Bis Mai.||"
	    "Bleiben Sie weg. Fahren Sie außen herum.|https://l.example/b",
	    "body-dropped ");
	expect(&a, tmpl, LF_FORM_LINE, 115,
	    "Die Brücke über den Fluss ist wegen Bauarbeiten zu|||"
	    "Bleiben Sie weg. Fahren Sie außen herum.|https://l.example/b",
	    "body-dropped teaser-dropped ");
	expect(&a, tmpl, LF_FORM_LINE, 110,
	    "Die Brücke über den Fluss ist wegen…|||"
	    "Bleiben Sie weg. Fahren Sie außen herum.|https://l.example/b",
	    "body-dropped teaser-dropped headline-shortened ");
	expect(&a, tmpl, LF_FORM_LINE, 95,
	    "Die Brücke über den Fluss ist wegen Bauarbeiten zu|||"
	    "Bleiben Sie weg. …|https://l.example/b",
	    "body-dropped teaser-dropped instruction-shortened ");
	expect(&a, tmpl, LF_FORM_LINE, 50, "Die Brücke über den Fluss…||||"
	    "https://l.example/b", "body-dropped teaser-dropped "
	    "headline-shortened instruction-dropped ");
	assert_null(make(&a, tmpl, LF_FORM_LINE, LF_UNIT_CHARS, 30));
}

static void
what_is_not_shown_is_not_told(void **state)
{
	struct lf_announcement a = empty;

	(void)state;
	a.headline = "Kurz";
	a.teaser = "Lang, sehr lang.";
	a.body = "Noch länger.";
	expect(&a, "{{headline}} {{teaser}}", LF_FORM_LINE, 10, "Kurz",
	    "teaser-dropped ");
	expect(&a, "{{headline}} {{headlin}}", LF_FORM_LINE, 10, "Kurz",
	    "template-unknown-name ");
}

static void
a_long_area_gives_way_before_headline_and_instruction(void **state)
{
	struct lf_announcement a = empty;

	(void)state;
	a.headline = "Amtliche Warnung vor dem Sturm in der nächsten Nacht";
	a.area = "Altstadt, Nordstadt, Südstadt, Weststadt, Oststadt, Hafen";
	a.instruction = "Bleiben Sie im Haus.";
	expect(&a, "{{headline}}. {{area}}. {{instruction}}", LF_FORM_LINE,
	    120, "Amtliche Warnung vor dem Sturm in der nächsten Nacht. "
	    "Altstadt, Nordstadt, Südstadt, Weststadt… "
	    "Bleiben Sie im Haus.", "area-shortened ");
	expect(&a, "{{headline}}.{{#area}} {{area}}.{{/area}} "
	    "{{instruction}}", LF_FORM_LINE, 90, "Amtliche Warnung vor dem "
	    "Sturm in der nächsten Nacht. Bleiben Sie im Haus.",
	    "area-dropped ");
}

static void
sms_are_counted_in_parts(void **state)
{
	struct lf_announcement a = empty;
	char *s;

	(void)state;
	a.headline = "Sturmwarnung";
	a.body = "Ein schwerer Sturm zieht auf. Er bringt Böen bis 110 km/h "
	    "aus West. Bäume können umstürzen. Dächer können Schaden nehmen. "
	    "Der Bahnverkehr wird eingestellt. Schulen bleiben geschlossen.";
	a.instruction = "Bleiben Sie im Haus.";
	s = make(&a, "{{headline}}. {{instruction}} {{body}}", LF_FORM_LINE,
	    LF_UNIT_SMS, 1);
	assert_non_null(s);
	assert_string_equal(s, "Sturmwarnung. Bleiben Sie im Haus. Ein "
	    "schwerer Sturm zieht auf. Er bringt Böen bis 110 km/h aus West. "
	    "Bäume können umstürzen. Dächer können Schaden nehmen. …");
	assert_int_equal(compose_length(s, LF_UNIT_SMS), 1);
	free(s);
}

/* 70 000 characters, as long as a body may be. */
static void
a_long_body_is_shortened(void **state)
{
	struct lf_announcement a = empty;
	struct buf body;
	char *s;

	(void)state;
	buf_init(&body, 80000);
	for (int i = 0; body.len < 70000; i++)
		buf_fmt(&body, "Das ist **Satz Nummer** %d davon. %s", i,
		    i % 7 == 0 ? "\n\n" : "");
	a.headline = "Sehr lang";
	a.body = buf_cstr(&body);
	s = make(&a, FULL, LF_FORM_WHATSAPP, LF_UNIT_UTF16, 4096);
	assert_non_null(s);
	assert_in_range(utf8_length(s, LF_UNIT_UTF16), 4000, 4096);
	assert_string_equal(buf_cstr(&notes), "body-shortened ");
	free(s);
	buf_fini(&body);
}

static void
any_bytes_are_taken(void **state)
{
	static const char text[] = "Ein **Fest** in [Ort](https://l.example)"
	    ".\n\n- eins\n- zwei\n\n|a|b|\n|---|---|\n|1|2|\n";
	char headline[sizeof(text)], body[sizeof(text)], tmpl[sizeof(FULL)];
	struct lf_announcement a = empty;
	uint32_t seed = 1;
	size_t n;

	(void)state;
	a.headline = headline;
	a.body = a.instruction = body;
	a.mark = "TEST";
	for (uint32_t i = 0; i < 3000; i++) {
		memcpy(headline, text, n = sizeof(text));
		fixture_mutate(headline, &n, &seed);
		headline[n - 1] = '\0';
		memcpy(body, text, n = sizeof(text));
		fixture_mutate(body, &n, &seed);
		body[n - 1] = '\0';
		memcpy(tmpl, FULL, n = sizeof(FULL));
		if (i % 2 == 0)
			fixture_mutate(tmpl, &n, &seed);
		tmpl[n - 1] = '\0';
		free(make(&a, tmpl, 1 + i % 5, i % 5, 10 + i % 100));
	}
}

static void
a_wrong_template_is_refused(void **state)
{
	struct lf_announcement a = empty;

	(void)state;
	assert_null(make(&a, "{{> other}}", LF_FORM_PLAIN, LF_UNIT_NONE, 0));
	assert_null(make(&a, "x", LF_FORM_PLAIN, LF_UNIT_CHARS, 0));
}

static void
bytes_that_are_no_text_are_replaced(void **state)
{
	struct lf_announcement a = empty;

	(void)state;
	a.headline = "a\xff" "b";
	a.body = "c\xc3 d";
	expect(&a, "{{headline}} {{body}}", LF_FORM_PLAIN, 0,
	    "a\xef\xbf\xbd" "b c\xef\xbf\xbd d", "");
}

/* One text under many limits: it fits, is UTF-8, and has link and mark. */
static void
check_limits(const struct lf_announcement *a, uint32_t form, uint32_t unit,
    uint32_t from, uint32_t step)
{
	uint32_t made = 0;
	char *s;

	for (uint32_t max = from, i = 0; i < 12; max += step, i++) {
		s = make(a, FULL, form, unit, max);
		if (s == NULL) {
			assert_int_equal(made, 0);
			continue;
		}
		made++;
		assert_true(utf8_valid(s, strlen(s)));
		assert_true(compose_length(s, unit) <= max);
		assert_non_null(strstr(s, a->mark));
		if (form != LF_FORM_HTML)
			assert_non_null(strstr(s, a->link));
		free(s);
	}
	assert_true(made > 0);
}

static void
check_announcement(const struct announce *a)
{
	static const char *const langs[] = { "de", "de-simple", "en", "tr",
		"uk", "ar" };
	struct view *v;

	for (size_t i = 0; i < sizeof(langs) / sizeof(langs[0]); i++) {
		v = view_new(a, issuer, &(struct view_for){
		    .lang = langs[i] });
		check_limits(view_get(v), LF_FORM_LINE, LF_UNIT_SMS, 1, 1);
		check_limits(view_get(v), LF_FORM_PLAIN, LF_UNIT_CHARS, 20,
		    93);
		check_limits(view_get(v), LF_FORM_WHATSAPP, LF_UNIT_UTF16, 60,
		    131);
		check_limits(view_get(v), LF_FORM_HTML, LF_UNIT_BYTES, 90,
		    257);
		check_limits(view_get(v), LF_FORM_SIGN, LF_UNIT_CHARS, 40,
		    57);
		view_free(&v);
	}
}

static void
every_announcement_fits_any_limit(void **state)
{
	struct problems p;
	struct announce *a;
	json_t *one;
	size_t i;

	(void)state;
	json_array_foreach(json_object_get(fixtures, "announcements"), i,
	    one) {
		problems_init(&p);
		assert_int_equal(announce_from_json(one, &a, &p), 0);
		check_announcement(a);
		announce_free(&a);
		problems_fini(&p);
	}
}

static int
set_up(void **state)
{
	(void)state;
	buf_init(&notes, 4096);
	fixtures = json_load_file(TEST_DATA "/announcements.json", 0, NULL);
	issuer = fixtures == NULL ? NULL :
	    issuer_new(json_object_get(fixtures, "issuer"), NULL);
	return issuer == NULL ? -1 : 0;
}

static int
tear_down(void **state)
{
	(void)state;
	buf_fini(&notes);
	issuer_free(&issuer);
	json_decref(fixtures);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_have_values),
		cmocka_unit_test(the_label_says_what_the_headline_does_not),
		cmocka_unit_test(a_missing_language_is_told_in_that_language),
		cmocka_unit_test(each_form_shows_texts_as_they_are),
		cmocka_unit_test(the_mark_comes_first_and_only_once),
		cmocka_unit_test(parts_are_cut_in_order),
		cmocka_unit_test(what_is_not_shown_is_not_told),
		cmocka_unit_test(
		    a_long_area_gives_way_before_headline_and_instruction),
		cmocka_unit_test(sms_are_counted_in_parts),
		cmocka_unit_test(a_long_body_is_shortened),
		cmocka_unit_test(any_bytes_are_taken),
		cmocka_unit_test(a_wrong_template_is_refused),
		cmocka_unit_test(bytes_that_are_no_text_are_replaced),
		cmocka_unit_test(every_announcement_fits_any_limit),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
