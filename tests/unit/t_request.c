/*
 * t_request: what people ask of the engine, and what it makes of it: who is
 * shown what when announcements follow each other, and which requests are
 * refused. Virtual time, and a worker that does as it is told.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "litfass/plugin.h"
#include "unit/conf_text.h"
#include "unit/stub_twin.h"
#include "unit/town.h"

/* Publish id, after another one or "", for the groups of these letters. */
static void
show(struct town *t, const char *id, const char *after, const char *groups)
{
	json_t *list = json_array(), *members;

	for (; *groups != '\0'; groups++)
		json_array_append_new(list, json_stringn(groups, 1));
	members = json_pack("{s{so} s[]}", "area", "display_groups", list,
	    "references");
	if (*after != '\0')
		json_array_append_new(json_object_get(members, "references"),
		    json_string(after));
	town_ask(t, id, members, json_object());
	assert_int_equal(t->code, ERR_OK);
}

static void
begin(struct town *t)
{
	town_open(t, "group");
	town_start(t);
}

/* The delivery at this place of all that were sent. */
static void
assert_sent(size_t at, uint32_t action, const char *group)
{
	assert_true(at < stub.n);
	assert_int_equal(stub.sent[at].action, action);
	assert_string_equal(stub.sent[at].address, group);
}

/* Which place has the newest that was sent to this group; it is there. */
static size_t
newest(const char *group)
{
	size_t i = stub.n;

	while (i > 0 && strcmp(stub.sent[i - 1].address, group) != 0)
		i--;
	assert_int_not_equal(i, 0);
	return i - 1;
}

static void
land(struct town *t)
{
	for (int i = 0; i < 4; i++) {
		stub_accept_all();
		loop_once(t->fx.loop, 0);
	}
}

static void
what_an_update_leaves_is_taken_back(void **state)
{
	struct town t;

	(void)state;
	begin(&t);
	show(&t, "x-1", "", "ab");
	land(&t);
	show(&t, "x-2", "x-1", "b");
	land(&t);
	assert_int_equal(stub.n, 4);
	assert_sent(newest("a"), LF_RETRACT, "a");
	assert_sent(newest("b"), LF_SEND, "b");
	town_close(&t);
}

/* The display of a was away when x-2 left it, and x-3 never names it. */
static void
what_was_left_long_ago_is_still_taken_back(void **state)
{
	struct town t;

	(void)state;
	begin(&t);
	show(&t, "x-1", "", "ab");
	land(&t);
	show(&t, "x-2", "x-1", "b");
	stub_result(newest("b"), LF_ACCEPTED, 0);
	loop_once(t.fx.loop, 0);
	assert_sent(newest("a"), LF_RETRACT, "a");
	stub_result(newest("a"), LF_TEMPFAIL, 600);
	show(&t, "x-3", "x-2", "bc");
	land(&t);
	assert_sent(newest("a"), LF_RETRACT, "a");
	assert_true(stub.sent[newest("a")].landed);
	assert_sent(newest("c"), LF_SEND, "c");
	loop_once(t.fx.loop, 700 * CLOCK_SECOND);
	assert_int_equal(stub.n, 7);
	town_close(&t);
}

static void
taking_back_never_hits_a_later_one(void **state)
{
	struct town t;

	(void)state;
	begin(&t);
	show(&t, "x-1", "", "ab");
	land(&t);
	show(&t, "x-2", "x-1", "b");
	stub_result(newest("b"), LF_ACCEPTED, 0);
	loop_once(t.fx.loop, 0);
	stub_result(newest("a"), LF_TEMPFAIL, 600);
	show(&t, "x-3", "x-2", "ab");
	land(&t);
	assert_sent(newest("a"), LF_SEND, "a");
	loop_once(t.fx.loop, 700 * CLOCK_SECOND);
	assert_sent(newest("a"), LF_SEND, "a");
	town_close(&t);
}

/* Less severe now, so the channel is not for it: it must not go on showing
 * the old one. */
static void
a_channel_that_is_left_out_shows_nothing_old(void **state)
{
	struct town t;

	(void)state;
	town_open(&t, "group");
	conf_free(&t.conf);
	t.conf = good(CONF("min_severity = \"minor\";"));
	town_start(&t);
	show(&t, "x-1", "", "ab");
	land(&t);
	town_ask(&t, "x-2", json_pack("{s[s] ss ss}", "references", "x-1",
	    "severity", "info", "priority", "normal"), json_object());
	assert_int_equal(t.code, ERR_OK);
	land(&t);
	assert_int_equal(stub.n, 4);
	assert_sent(newest("a"), LF_RETRACT, "a");
	assert_sent(newest("b"), LF_RETRACT, "b");
	town_close(&t);
}

static void
cancelling_spares_what_took_the_place(void **state)
{
	json_t *request = json_pack("{ss}", "id", "x-1");
	struct town t;
	int before;

	(void)state;
	begin(&t);
	show(&t, "x-1", "", "a");
	land(&t);
	show(&t, "x-2", "x-1", "a");
	land(&t);
	before = t.answers;
	engine_cancel(t.engine, request, "uid:1000", town_answered, &t);
	town_wait(&t, before);
	assert_int_equal(t.code, ERR_STATE);
	assert_non_null(strstr(t.text, "x-2 has taken its place"));
	land(&t);
	assert_int_equal(stub.n, 2);
	json_object_set_new(request, "id", json_string("x-2"));
	before = t.answers;
	engine_cancel(t.engine, request, "uid:1000", town_answered, &t);
	town_wait(&t, before);
	assert_int_equal(t.code, ERR_OK);
	land(&t);
	assert_sent(newest("a"), LF_RETRACT, "a");
	json_decref(request);
	town_close(&t);
}

static void
refused(struct town *t, json_t *request, const char *slug)
{
	town_ask(t, "x-1", json_object(), request);
	assert_int_equal(t->code, ERR_INVALID);
	if (strstr(t->text, slug) == NULL)
		fail_msg("%s instead of %s", t->text, slug);
	assert_int_equal(stub.n, 0);
}

static void
requests_that_make_no_sense_are_refused(void **state)
{
	struct town t;

	(void)state;
	begin(&t);
	refused(&t, json_pack("{ss}", "at", "soon"), "bad-at");
	refused(&t, json_pack("{si}", "at", -1), "bad-at");
	refused(&t, json_pack("{sI}", "at", (json_int_t)INT64_MAX), "bad-at");
	refused(&t, json_pack("{sI}", "at", (json_int_t)4102444800),
	    "expires-before-it-begins");
	refused(&t, json_pack("{s[s]}", "channels", "b"), "unknown-channel");
	refused(&t, json_pack("{s[i]}", "channels", 1), "unknown-channel");
	refused(&t, json_pack("{ss}", "channels", "a"), "unknown-channel");
	refused(&t, json_pack("{s[]}", "channels"), "no-channel");
	town_close(&t);
}

static void
only_what_has_failed_is_tried_again(void **state)
{
	static const char *const states[] = { "accepted", "", NULL };
	struct town t;

	(void)state;
	begin(&t);
	show(&t, "x-1", "", "a");
	land(&t);
	for (size_t i = 0; states[i] != NULL; i++) {
		json_t *request = json_pack("{ss ss}", "id", "x-1", "state",
		    states[i]);
		int before = t.answers;

		engine_retry(t.engine, request, "uid:1000", town_answered,
		    &t);
		json_decref(request);
		town_wait(&t, before);
		assert_int_equal(t.code, ERR_INVALID);
	}
	assert_int_equal(stub.n, 1);
	town_close(&t);
}

/* Does the last answer name this problem? */
static bool
warned(const struct town *t, const char *slug)
{
	json_t *p;
	size_t i;

	json_array_foreach(json_object_get(t->result, "problems"), i, p)
		if (strcmp(json_string_value(json_object_get(p, "slug")),
		    slug) == 0)
			return true;
	return false;
}

/* Displays tell by the time of sending which of two is the newer. */
static void
an_update_as_old_as_what_it_follows_is_told(void **state)
{
	struct town t;

	(void)state;
	begin(&t);
	show(&t, "x-1", "", "a");
	assert_false(warned(&t, "sent-not-later"));
	show(&t, "x-2", "x-1", "a");
	assert_true(warned(&t, "sent-not-later"));
	town_ask(&t, "x-3", json_pack("{s[s] ss}", "references", "x-1",
	    "sent", "2026-12-24T18:00:00Z"), json_object());
	assert_false(warned(&t, "sent-not-later"));
	town_close(&t);
}

/* A test of channel a on one: what is answered. */
static enum err_code
try_on(struct town *t, const char *to)
{
	json_t *request = json_pack("{ss ss}", "channel", "a", "to", to);
	int before = t->answers;

	engine_test(t->engine, request, "uid:1000", town_answered, t);
	json_decref(request);
	town_wait(t, before);
	return t->code;
}

static void
a_test_reaches_one_person_and_nobody_else(void **state)
{
	struct town t;

	(void)state;
	town_open(&t, "email");
	fx_subscriber(&t.fx, "{\"ref\":\"1\",\"addresses\":{\"email\":"
	    "\"anna@example.net\"}}");
	fx_subscriber(&t.fx, "{\"ref\":\"2\",\"topics\":[\"muell\"],"
	    "\"ars\":\"053740000000\",\"addresses\":{\"email\":"
	    "\"bert@example.net\"}}");
	fx_subscriber(&t.fx, "{\"ref\":\"3\",\"addresses\":{\"sms\":"
	    "\"+4930123456\"}}");
	town_start(&t);
	assert_int_equal(try_on(&t, "2"), ERR_OK);
	land(&t);
	assert_int_equal(stub.n, 1);
	assert_sent(0, LF_SEND, "bert@example.net");
	assert_int_equal(try_on(&t, "3"), ERR_NOT_FOUND);
	assert_int_equal(try_on(&t, "4"), ERR_NOT_FOUND);
	assert_null(strstr(t.text, "example.net"));
	assert_int_equal(try_on(&t, ""), ERR_USAGE);
	land(&t);
	assert_int_equal(stub.n, 1);
	town_close(&t);
}

static void
a_display_shows_a_test_for_a_short_time(void **state)
{
	struct town t;

	(void)state;
	begin(&t);
	show(&t, "x-1", "", "ab");
	land(&t);
	assert_int_equal(try_on(&t, "b"), ERR_OK);
	land(&t);
	assert_int_equal(stub.n, 3);
	assert_sent(2, LF_SEND, "b");
	loop_once(t.fx.loop, 121 * CLOCK_SECOND);
	land(&t);
	assert_int_equal(stub.n, 4);
	assert_sent(3, LF_RETRACT, "b");
	assert_int_equal(try_on(&t, "b/#"), ERR_INVALID);
	town_close(&t);
}

static void
a_test_on_nobody_by_name_says_so(void **state)
{
	struct town t;

	(void)state;
	town_open(&t, "none");
	town_start(&t);
	assert_int_equal(try_on(&t, "1"), ERR_USAGE);
	assert_int_equal(try_on(&t, "*"), ERR_OK);
	land(&t);
	assert_int_equal(stub.n, 1);
	town_close(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_an_update_leaves_is_taken_back),
		cmocka_unit_test(what_was_left_long_ago_is_still_taken_back),
		cmocka_unit_test(taking_back_never_hits_a_later_one),
		cmocka_unit_test(a_channel_that_is_left_out_shows_nothing_old),
		cmocka_unit_test(cancelling_spares_what_took_the_place),
		cmocka_unit_test(requests_that_make_no_sense_are_refused),
		cmocka_unit_test(only_what_has_failed_is_tried_again),
		cmocka_unit_test(an_update_as_old_as_what_it_follows_is_told),
		cmocka_unit_test(a_test_reaches_one_person_and_nobody_else),
		cmocka_unit_test(a_display_shows_a_test_for_a_short_time),
		cmocka_unit_test(a_test_on_nobody_by_name_says_so),
	};

	return cmocka_run_group_tests_name("request", tests, NULL, NULL);
}
