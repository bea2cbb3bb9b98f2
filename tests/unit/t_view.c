/*
 * t_view: an announcement as a plugin sees it: in one language and in all, and
 * never more of it than privacy allows.
 */
#include "config.h"

#include "announce/view.h"
#include "unit/eighteen.h"

/* Seen by this channel, which is called like its plugin. */
static struct view *
seen(const struct announce *a, const char *lang, const char *plugin)
{
	return view_new(a, issuer, &(struct view_for){ .lang = lang,
	    .channel = plugin, .plugin = plugin });
}

static void
plugins_see_every_language(void **state)
{
	struct announce *a = fixture(10);
	struct view *v = seen(a, "ar", "mqtt");
	const struct lf_announcement *l = view_get(v);

	(void)state;
	assert_int_equal(l->size, sizeof(*l));
	assert_int_equal(l->flags, 0);
	assert_string_equal(l->lang, "ar");
	assert_string_equal(l->wanted, "ar");
	assert_string_equal(l->dir, "rtl");
	assert_string_equal(l->headline, "العثور على قنبلة: إخلاء فوري");
	assert_string_equal(l->chain, "lf-2026-0010");
	assert_string_equal(l->lane, "warning");
	assert_string_equal(l->sender, "Stadt Lindenfurt");
	assert_string_equal(l->sender_short, "Lindenfurt");
	assert_int_equal(l->sent, 1789893000);
	assert_int_equal(l->n_attachments, 1);
	/* No Arabic alt text: that of the issuer's language. */
	assert_int_equal(strncmp(l->attachments[0].alt, "Karte: ", 7), 0);
	assert_int_equal(l->n_all, 6);
	assert_string_equal(l->all[0].lang, "de");
	assert_string_equal(l->all[1].lang, "ar");
	assert_string_equal(l->all[5].lang, "uk");
	assert_int_equal(l->all[5].n_all, 0);
	assert_non_null(strstr(l->all[0].sign, "EVAKUIERUNG"));
	view_free(&v);
	announce_free(&a);
}

static void
missing_languages_are_said(void **state)
{
	struct announce *a = fixture(11);
	struct view *v = view_new(a, issuer, &(struct view_for){
	    .lang = "uk", .channel = "email", .plugin = "email",
	    .chain = "lf-2026-0010" });
	const struct lf_announcement *l = view_get(v);

	(void)state;
	assert_int_equal(l->flags, LF_ANN_FALLBACK);
	assert_string_equal(l->lang, "de");
	assert_string_equal(l->wanted, "uk");
	assert_string_equal(l->chain, "lf-2026-0010");
	assert_string_equal(l->references[0], "lf-2026-0010");
	view_free(&v);
	v = seen(a, "en-GB", "email");
	assert_int_equal(view_get(v)->flags, 0);
	assert_string_equal(view_get(v)->wanted, "en");
	view_free(&v);
	announce_free(&a);
}

static void
exercises_are_marked(void **state)
{
	struct announce *a = fixture(17);
	struct view *v = seen(a, "de-simple", NULL);

	(void)state;
	assert_int_equal(view_get(v)->flags, LF_ANN_EXERCISE);
	assert_string_equal(view_get(v)->mark, "ÜBUNG");
	view_free(&v);
	announce_free(&a);
	assert_string_equal(view_mark("exercise", "tr"), "TATBİKAT");
	assert_string_equal(view_mark("exercise", "sv"), "EXERCISE");
	assert_string_equal(view_mark("test", "ru"), "ТЕСТ");
	assert_string_equal(view_mark("actual", "de"), "");
}

static void
personal_data_stays_behind_the_link(void **state)
{
	static const struct {
		const char *plugin;
		bool full;
	} t[] = { { "whatsapp", false }, { "sms_http", false },
		{ "email", false }, { "mqtt", true }, { "exec", false } };
	struct announce *a = fixture(15);

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct view *v = seen(a, "de", t[i].plugin);
		const struct lf_announcement *l = view_get(v);

		assert_int_equal((l->flags & LF_ANN_LINK_ONLY) == 0,
		    t[i].full);
		assert_int_equal(l->body[0] != '\0', t[i].full);
		assert_int_equal(l->instruction[0] != '\0', t[i].full);
		assert_int_equal(l->n_attachments, t[i].full ? 1 : 0);
		assert_int_equal(l->all[1].body[0] != '\0', t[i].full);
		assert_true(l->headline[0] != '\0' && l->teaser[0] != '\0');
		assert_true(l->link[0] != '\0');
		view_free(&v);
	}
	announce_free(&a);
}

static void
full_texts_need_permission(void **state)
{
	static const struct {
		const char *privacy;
		bool sms, mail;		/* seen in full by sms_http, email */
	} t[] = {
		{ "{\"contains_personal_data\":false}", true, true },
		/* In neither list. */
		{ "{\"contains_personal_data\":true}", false, false },
		{ "{\"contains_personal_data\":true,"
		    "\"link_only_channels\":[\"whatsapp\"]}", false, false },
		{ "{\"full_text_channels\":[\"email\"]}", false, true },
		{ "{\"link_only_channels\":[\"SMS\"]}", false, true },
		{ "{\"link_only_channels\":[\"sms_http\"]}", false, true },
		/* By the name of the channel, and link_only wins. */
		{ "{\"link_only_channels\":[\"Amt-mail\"]}", true, false },
		{ "{\"full_text_channels\":[\"sms\",\"email\"],"
		    "\"link_only_channels\":[\"amt-mail\"]}", true, false },
		/* Only begins like a plugin. */
		{ "{\"link_only_channels\":[\"em\"]}", true, true },
	};
	char change[256];
	struct announce *a;
	struct problems p;
	json_t *j;

	(void)state;
	problems_init(&p);
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		snprintf(change, sizeof(change), "{\"privacy\":%s}",
		    t[i].privacy);
		j = changed(change);
		assert_int_equal(announce_from_json(j, &a, &p), 0);
		if (announce_in_full(a, "x", "sms_http") != t[i].sms ||
		    announce_in_full(a, "amt-mail", "email") != t[i].mail)
			fail_msg("%s", t[i].privacy);
		announce_free(&a);
		json_decref(j);
	}
	problems_fini(&p);
}

static void
polls_have_their_options(void **state)
{
	struct announce *a = fixture(9);
	struct view *v = seen(a, "en", "whatsapp");
	const struct lf_announcement *l = view_get(v);

	(void)state;
	assert_string_equal(l->question,
	    "What should the new playground in Nordpark offer?");
	assert_int_equal(l->n_options, 4);
	assert_string_equal(l->options[3].id, "ruhe");
	assert_string_equal(l->options[3].label, "Shaded seating");
	view_free(&v);
	announce_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plugins_see_every_language),
		cmocka_unit_test(missing_languages_are_said),
		cmocka_unit_test(exercises_are_marked),
		cmocka_unit_test(personal_data_stays_behind_the_link),
		cmocka_unit_test(full_texts_need_permission),
		cmocka_unit_test(polls_have_their_options),
	};

	return cmocka_run_group_tests_name("view", tests, setup, teardown);
}
