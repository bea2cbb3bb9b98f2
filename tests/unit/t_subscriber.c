/*
 * t_subscriber: who is let in, and whom a job meets.
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

#include "base/log.h"
#include "store/audience.h"
#include "store/subscriber.h"
#include "unit/store_fixture.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))

/* --------------------------------------------------------------- check -- */

static int
check(const char *text, struct err *e)
{
	json_t *j = json_loads(text, JSON_DECODE_ANY, NULL);
	int rc;

	assert_non_null(j);
	rc = subscriber_check(j, e);
	json_decref(j);
	return rc;
}

static int
check_address(const char *kind, const char *address)
{
	json_t *j = json_pack("{s:s, s:{s:s}}", "ref", "x", "addresses", kind,
	    address);
	struct err e;
	int rc = subscriber_check(j, &e);

	if (rc == -1)
		assert_null(strstr(e.text, address));
	json_decref(j);
	return rc;
}

static void
good_addresses_are_taken(void **state)
{
	static const char *const mail[] = { "a@b", "amt@stadt.example",
		"o'neil+x@example.co.uk", "jürgen@müller.example" };

	(void)state;
	for (size_t i = 0; i < LEN(mail); i++)
		assert_int_equal(check_address("email", mail[i]), 0);
	assert_int_equal(check_address("sms", "+4930123"), 0);
	assert_int_equal(check_address("sms", "+491701234567890"), 0);
	assert_int_equal(check_address("whatsapp", "+393331234567"), 0);
	assert_int_equal(check_address("signal", "@city.42"), 0);
}

static void
bad_addresses_are_refused_without_naming_them(void **state)
{
	static const char *const mail[] = { "nobody", "@example.net", "a@",
		"a b@example.net", "a@b@c", "<a@example.net>",
		"a@example.net,b@example.net", "a@example.net\r\nBcc: x@y",
		"a@-x.example", "a@x..example", ".a@example.net",
		"a.@example.net", "a@ex_ample.net",
		"0123456789012345678901234567890123456789012345678901234567890"
		"1234@example.net" };
	static const char *const phone[] = { "0301234567", "+49 30 12345",
		"+123456", "+1234567890123456", "+49-30-123456",
		"4930777777", "+0301234567" };

	(void)state;
	for (size_t i = 0; i < LEN(mail); i++)
		assert_int_equal(check_address("email", mail[i]), -1);
	for (size_t i = 0; i < LEN(phone); i++)
		assert_int_equal(check_address("sms", phone[i]), -1);
	assert_int_equal(check_address("E-Mail", "a@example.net"), -1);
	assert_int_equal(check_address("signal", "a\nb"), -1);
}

static void
each_member_is_checked(void **state)
{
	static const char *const bad[] = { "[]", "{}", "{\"ref\":\"x\"}",
		"{\"ref\":\"x\",\"addresses\":{}}",
		"{\"ref\":\"\",\"addresses\":{\"sms\":\"+4930123\"}}",
		"{\"ref\":7,\"addresses\":{\"sms\":\"+4930123\"}}",
		"{\"ref\":\"x\",\"addresses\":{\"sms\":4930123}}",
		"{\"ref\":\"x\",\"addresses\":{\"sms\":\"+4930123\"},"
		"\"topics\":[\"Müll\"]}",
		"{\"ref\":\"x\",\"addresses\":{\"sms\":\"+4930123\"},"
		"\"topics\":\"verkehr\"}",
		"{\"ref\":\"x\",\"addresses\":{\"sms\":\"+4930123\"},"
		"\"languages\":[\"german\"]}",
		"{\"ref\":\"x\",\"addresses\":{\"sms\":\"+4930123\"},"
		"\"ars\":\"9900\"}",
		"{\"ref\":\"x\",\"addresses\":{\"sms\":\"+4930123\"},"
		"\"ars\":990010000000}",
		"{\"ref\":\"x\",\"addresses\":{\"sms\":\"+4930123\"},"
		"\"lang\":[\"de\"]}" };
	struct err e;

	(void)state;
	for (size_t i = 0; i < LEN(bad); i++) {
		assert_int_equal(check(bad[i], &e), -1);
		assert_int_equal(e.code, ERR_INVALID);
	}
	assert_int_equal(check("{\"ref\":\"x\",\"addresses\":"
	    "{\"sms\":\"+4930123\"},\"topics\":[\"verkehr\",\"a-b_2\"],"
	    "\"languages\":[\"de-simple\",\"zh-Hans\"],"
	    "\"ars\":\"990010000000\"}", &e), 0);
}

/* ----------------------------------------------------------------- ars -- */

/* covers: the significant digits of a begin s. */
static bool
touches(const char *a, const char *b)
{
	char x[13], y[13];

	assert_true(audience_ars(a, x));
	assert_true(audience_ars(b, y));
	return audience_touches(x, y);
}

static void
ars_match_level_by_level(void **state)
{
	char x[13];

	(void)state;
	assert_false(touches("100000000000", "110000000000"));
	assert_false(touches("053700000000", "053740000000"));
	assert_true(touches("053700000000", "053700004004"));
	assert_true(touches("000000000000", "145215115430"));
	assert_true(touches("034040000000", "030000000000"));
	assert_false(touches("034590000000", "034040000000"));
	assert_true(audience_ars("053700000000", x));
	assert_string_equal(x, "05370");
	assert_true(audience_ars("100000000000", x));
	assert_string_equal(x, "10");
	assert_false(audience_ars("10", x));
	assert_false(audience_ars("10000000000x", x));
}

/* -------------------------------------------------------------- people -- */

static void
put(struct fx *f, const char *ref, const char *rest)
{
	char json[256];

	snprintf(json, sizeof(json), "{\"ref\":\"%s\",\"addresses\":{"
	    "\"email\":\"%s@example.net\"}%s}", ref, ref, rest);
	assert_int_equal(fx_subscriber(f, json), ERR_OK);
}

/* What would be met can be counted before, and the count has an end. */
static void
reaches(struct fx *f, const char *audience, int64_t n)
{
	json_t *a = json_loads(audience, 0, NULL);
	bool more;

	assert_int_equal(store_reach(f->store, a, 100, &more), n);
	assert_false(more);
	assert_in_range(store_reach(f->store, a, 1, &more), 0, n > 0);
	assert_true(more || n < 2);
	json_decref(a);
}

/* Claim all of a new announcement for this audience: "anna,bert". */
static void
meets(struct fx *f, const char *audience, const char *who)
{
	static int serial;
	char uid[16], got[256] = "";
	int64_t job;

	snprintf(uid, sizeof(uid), "lf-%d", serial++);
	assert_int_equal(fx_accept(f, (struct fx_new){ .uid = uid,
	    .audience = audience }), ERR_OK);
	job = fx_job(f, "a");
	do {
		assert_int_equal(fx_claim(f, job, 2, FX_NOW), ERR_OK);
		for (size_t i = 0; i < f->n_targets; i++) {
			char *a = f->targets[i].address;

			a[strcspn(a, "@")] = '\0';
			strncat(got, a, 20);
			strncat(got, ",", 2);
		}
	} while (!f->exhausted);
	if (got[0] != '\0')
		got[strlen(got) - 1] = '\0';
	assert_string_equal(got, who);
	while (fx_count(f, uid, 0, "total") == -1)
		loop_once(f->loop, 0);
	assert_int_equal(fx_count(f, uid, 0, "total"), who[0] == '\0' ? 0 :
	    1 + (int)(strlen(who) - strcspn(who, ",") > 0) +
	    (strchr(who, ',') != strrchr(who, ',')));
	reaches(f, audience, fx_count(f, uid, 0, "total"));
}

static void
jobs_meet_whom_they_mean(void **state)
{
	struct fx f;

	(void)state;
	fx_init(&f, false);
	put(&f, "anna", ",\"topics\":[\"verkehr\",\"muell\"]");
	put(&f, "bert", ",\"topics\":[\"kultur\"],\"ars\":\"053700004004\"");
	put(&f, "cara", ",\"ars\":\"053740000000\"");
	assert_int_equal(fx_subscriber(&f, "{\"ref\":\"dora\",\"addresses\":"
	    "{\"sms\":\"+4930123456\"}}"), ERR_OK);
	meets(&f, "{\"kind\":\"email\"}", "anna,bert,cara");
	meets(&f, "{\"kind\":\"sms\"}", "+4930123456");
	meets(&f, "{\"kind\":\"whatsapp\"}", "");
	meets(&f, "{\"kind\":\"email\",\"topics\":[\"verkehr\"]}",
	    "anna,cara");
	meets(&f, "{\"kind\":\"email\",\"topics\":[\"verkehr\",\"muell\","
	    "\"kultur\"]}", "anna,bert,cara");
	meets(&f, "{\"kind\":\"email\",\"topics\":[\"unbekannt\"]}", "cara");
	meets(&f, "{\"kind\":\"email\",\"ars\":\"053700000000\"}",
	    "anna,bert");
	meets(&f, "{\"kind\":\"email\",\"ars\":[\"053740000000\","
	    "\"100000000000\"]}", "anna,cara");
	meets(&f, "{\"kind\":\"email\",\"topics\":[\"kultur\"],"
	    "\"ars\":\"000000000000\"}", "bert,cara");
	meets(&f, "{\"kind\":\"email\",\"ref\":\"bert\"}", "bert");
	meets(&f, "{\"kind\":\"email\",\"ref\":\"nobody\"}", "");
	meets(&f, "{\"kind\":\"sms\",\"ref\":\"bert\"}", "");
	fx_fini(&f);
}

/* A question may not keep the others waiting: it looks at so many only. */
static void
a_rare_audience_is_not_searched_for(void **state)
{
	json_t *a = json_pack("{s:s, s:s}", "kind", "email", "ars",
	    "053740000000");
	char name[16];
	struct fx f;
	bool more;

	(void)state;
	fx_init(&f, false);
	for (int i = 0; i < 5; i++) {
		snprintf(name, sizeof(name), "k%d", i);
		put(&f, name, i == 4 ? ",\"ars\":\"053740000000\"" :
		    ",\"ars\":\"053700000000\"");
	}
	assert_int_equal(store_reach(f.store, a, 4, &more), 0);
	assert_true(more);
	assert_int_equal(store_reach(f.store, a, 5, &more), 1);
	assert_false(more);
	json_decref(a);
	fx_fini(&f);
}

static void
who_comes_later_is_not_met(void **state)
{
	struct fx f;
	int64_t job;

	(void)state;
	fx_init(&f, false);
	put(&f, "anna", "");
	fx_accept(&f, (struct fx_new){ .uid = "x",
	    .audience = "{\"kind\":\"email\"}" });
	job = fx_job(&f, "a");
	put(&f, "bert", "");
	fx_claim(&f, job, 9, FX_NOW);
	assert_int_equal(f.n_targets, 1);
	assert_true(f.exhausted);
	fx_fini(&f);
}

static void
who_lost_his_address_is_suppressed(void **state)
{
	struct fx f;
	int64_t job;

	(void)state;
	fx_init(&f, false);
	put(&f, "anna", "");
	fx_accept(&f, (struct fx_new){ .uid = "x",
	    .audience = "{\"kind\":\"email\"}" });
	job = fx_job(&f, "a");
	fx_claim(&f, job, 9, FX_NOW);
	fx_put(&f, job, 1, STORE_RETRY);
	assert_int_equal(fx_subscriber(&f, "{\"ref\":\"anna\",\"addresses\":"
	    "{\"sms\":\"+4930123456\"}}"), ERR_OK);
	fx_claim(&f, job, 9, FX_NOW + CLOCK_SECOND);
	assert_int_equal(f.n_targets, 0);
	assert_true(f.done);
	assert_int_equal(fx_count(&f, "x", 0, "suppressed"), 1);
	assert_int_equal(fx_count(&f, "x", 0, "retry"), 0);
	fx_fini(&f);
}

static void
address_belongs_to_one(void **state)
{
	struct fx f;

	(void)state;
	fx_init(&f, false);
	put(&f, "anna", "");
	put(&f, "anna", ",\"topics\":[\"a\"]");
	assert_int_equal(fx_subscriber(&f, "{\"ref\":\"bert\",\"addresses\":"
	    "{\"email\":\"anna@example.net\"}}"), ERR_STATE);
	assert_non_null(strstr(f.err.text, "subscriber anna"));
	assert_null(strstr(f.err.text, "example.net"));
	assert_int_equal(fx_subscriber(&f, "{\"ref\":\"bert\",\"addresses\":"
	    "{\"email\":\"Anna@Example.NET\"}}"), ERR_STATE);
	assert_int_equal(fx_subscriber(&f, "{\"ref\":\"anna\",\"addresses\":"
	    "{\"email\":\"Anna@Example.NET\"}}"), ERR_OK);
	assert_int_equal(fx_subscriber(&f, "{\"ref\":\"bert\"}"),
	    ERR_INVALID);
	fx_fini(&f);
}

struct import {
	struct fx *f;
	char text[256];		/* "added changed unchanged [refused]" */
};

static void
imported(void *arg, const struct err *e, const struct store_import *done)
{
	struct import *i = arg;
	char *refused = json_dumps(done->refused, JSON_COMPACT |
	    JSON_SORT_KEYS);

	snprintf(i->text, sizeof(i->text), "%lld %lld %lld %s",
	    (long long)done->added, (long long)done->changed,
	    (long long)done->unchanged, refused);
	free(refused);
	fx_answer(i->f, e);
}

/* Rows are "REF SMS"; what came of it is want. */
static enum err_code
import(struct fx *f, bool only_try, const char *rows, const char *want)
{
	struct import i = { .f = f };
	json_t *all = json_array();
	char ref[16], sms[16];
	int n;

	for (; sscanf(rows, "%15s %15s%n", ref, sms, &n) == 2; rows += n)
		json_array_append_new(all, json_pack("{s:s, s:{s:s}}", "ref",
		    ref, "addresses", "sms", sms));
	store_subscriber_import(f->store, all, only_try, "uid:1000", FX_NOW,
	    imported, &i);
	fx_wait(f);
	assert_string_equal(i.text, want);
	json_decref(all);
	return f->err.code;
}

static size_t
people_in(struct fx *f)
{
	json_t *list = store_subscribers(f->store, 0, 100, false);
	size_t n = json_array_size(list);

	json_decref(list);
	return n;
}

static void
umlauts_never_spoil_an_answer(void **state)
{
	char name[128] = "x", json[160];
	json_t *text, *list;
	struct fx f;

	(void)state;
	fx_init(&f, false);
	for (int i = 0; i < 40; i++)
		strcat(name, "ü");
	for (int i = 0; i < 2; i++) {
		snprintf(json, sizeof(json), "{\"ref\":\"%s\",\"%s\":1}",
		    i == 0 ? name : "k", i == 0 ? "addresses" : name);
		assert_int_equal(fx_subscriber(&f, json), ERR_INVALID);
		text = json_string(f.err.text);
		assert_non_null(text);
		json_decref(text);
	}
	assert_int_equal(fx_subscriber(&f, "{\"ref\":\"k\",\"addresses\":"
	    "{\"email\":\"ümit@example.net\"}}"), ERR_OK);
	fx_accept(&f, (struct fx_new){ .uid = "x",
	    .audience = "{\"kind\":\"email\"}" });
	fx_claim(&f, fx_job(&f, "a"), 9, FX_NOW);
	fx_put(&f, fx_job(&f, "a"), 1, STORE_FAILED);
	list = store_deliveries(f.store, "x", NULL, -1, "", 9);
	assert_int_equal(json_array_size(list), 1);
	json_decref(list);
	fx_fini(&f);
}

static void
import_is_all_or_none(void **state)
{
	struct fx f;

	(void)state;
	fx_init(&f, false);
	assert_int_equal(import(&f, false, "1 +4930123456 2 +4930123456",
	    "1 0 0 [{\"row\":1,\"text\":\"subscriber 2: sms: the address "
	    "is that of subscriber 1: remove it there first\"}]"),
	    ERR_STATE);
	assert_int_equal(people_in(&f), 0);
	assert_int_equal(import(&f, false, "1 +4930123456 2 030 3 040",
	    "1 0 0 [{\"row\":1,\"text\":\"2: subscriber: sms: not valid: "
	    "give a number like +4930123456\"},{\"row\":2,\"text\":\"3: "
	    "subscriber: sms: not valid: give a number like "
	    "+4930123456\"}]"), ERR_INVALID);
	assert_int_equal(people_in(&f), 0);
	assert_int_equal(import(&f, false, "1 +4930123456 2 +4930123457",
	    "2 0 0 []"), ERR_OK);
	assert_int_equal(people_in(&f), 2);
	fx_fini(&f);
}

static void
import_says_what_it_did(void **state)
{
	struct fx f;

	(void)state;
	fx_init(&f, false);
	import(&f, false, "1 +4930123451 2 +4930123452", "2 0 0 []");
	import(&f, false, "1 +4930123451 2 +4930123459 3 +4930123453",
	    "1 1 1 []");
	import(&f, false, "1 +4930123451 2 +4930123459 3 +4930123453",
	    "0 0 3 []");
	assert_int_equal(fx_subscriber(&f, "{\"ref\":\"1\",\"topics\":"
	    "[\"a\"],\"addresses\":{\"sms\":\"+4930123451\"}}"), ERR_OK);
	import(&f, false, "1 +4930123451", "0 1 0 []");
	fx_fini(&f);
}

static void
import_can_be_tried(void **state)
{
	struct fx f;

	(void)state;
	fx_init(&f, false);
	assert_int_equal(import(&f, true, "1 +4930123451 2 +4930123452",
	    "2 0 0 []"), ERR_OK);
	assert_int_equal(people_in(&f), 0);
	fx_fini(&f);
}

static void
import_moves_addresses(void **state)
{
	struct fx f;

	(void)state;
	fx_init(&f, false);
	import(&f, false, "1 +4930123451 2 +4930123452", "2 0 0 []");
	assert_int_equal(import(&f, false, "1 +4930123452 2 +4930123451",
	    "0 2 0 []"), ERR_OK);
	assert_int_equal(import(&f, false, "9 +4930123451 2 +4930123453",
	    "1 1 0 []"), ERR_OK);
	assert_int_equal(people_in(&f), 3);
	fx_fini(&f);
}

static void
list_hides_addresses(void **state)
{
	json_t *list, *want;
	struct fx f;

	(void)state;
	fx_init(&f, false);
	assert_int_equal(fx_subscriber(&f, "{\"ref\":\"k\",\"languages\":"
	    "[\"tr\",\"de\"],\"topics\":[\"b\",\"a\",\"b\"],\"ars\":"
	    "\"990010000000\",\"addresses\":{\"sms\":\"+493023125115\"}}"),
	    ERR_OK);
	list = store_subscribers(f.store, 0, 10, false);
	want = json_pack("[{s:i, s:s, s:[s, s], s:[s, s], s:s, s:{s:s}}]",
	    "id", 1, "ref", "k", "languages", "tr", "de", "topics", "a", "b",
	    "ars", "990010000000", "addresses", "sms", "+49…15");
	assert_true(json_equal(list, want));
	json_decref(list);
	json_decref(want);
	list = store_subscribers(f.store, 0, 10, true);
	assert_string_equal(json_string_value(json_object_get(
	    json_object_get(json_array_get(list, 0), "addresses"), "sms")),
	    "+493023125115");
	json_decref(list);
	list = store_subscribers(f.store, 1, 10, true);
	assert_int_equal(json_array_size(list), 0);
	json_decref(list);
	fx_fini(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_addresses_are_taken),
		cmocka_unit_test(
		    bad_addresses_are_refused_without_naming_them),
		cmocka_unit_test(each_member_is_checked),
		cmocka_unit_test(ars_match_level_by_level),
		cmocka_unit_test(jobs_meet_whom_they_mean),
		cmocka_unit_test(a_rare_audience_is_not_searched_for),
		cmocka_unit_test(who_comes_later_is_not_met),
		cmocka_unit_test(who_lost_his_address_is_suppressed),
		cmocka_unit_test(address_belongs_to_one),
		cmocka_unit_test(umlauts_never_spoil_an_answer),
		cmocka_unit_test(import_is_all_or_none),
		cmocka_unit_test(import_says_what_it_did),
		cmocka_unit_test(import_can_be_tried),
		cmocka_unit_test(import_moves_addresses),
		cmocka_unit_test(list_hides_addresses),
	};

	log_init("t_subscriber", LOG_TEXT, LOG_LEVEL_FATAL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
