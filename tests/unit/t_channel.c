/*
 * t_channel: one channel with a worker that does as it is told. After each
 * story the store is asked what is true.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "litfass/plugin.h"
#include "unit/house.h"
#include "unit/stub_twin.h"

static void
drained(void *arg)
{
	((struct house *)arg)->drained = true;
}

/* ------------------------------------------------------------- outcomes -- */

static void
accepted_deliveries_end_their_job(void **state)
{
	struct house h;

	(void)state;
	house_open(&h, "", 0);
	house_publish(&h, (struct publish){ .uid = "x", .targets = 3 });
	assert_int_equal(stub.n, 3);
	assert_int_equal(stub.renders, 1);
	house_count(&h, "x", "queued", 3);
	stub_accept_all();
	house_pass(&h, 0);
	house_count(&h, "x", "accepted", 3);
	fx_state_is(&h.fx, "x", "done");
	assert_null(h.ch->jobs);
	assert_true(channel_idle(h.ch));
	assert_int_equal(h.ch->in_ledger, 0);
	assert_true(h.moved > 0);
	house_close(&h);
}

static void
a_failed_try_is_tried_again_after_its_delay(void **state)
{
	struct house h;

	(void)state;
	house_open(&h, "", 0);
	house_publish(&h, (struct publish){ .uid = "x" });
	stub_result(0, LF_TEMPFAIL, 100);
	house_pass(&h, SECONDS(99));
	assert_int_equal(stub.n, 1);
	house_count(&h, "x", "retry", 1);
	house_pass(&h, SECONDS(2));
	assert_int_equal(stub.n, 2);
	assert_int_equal(stub.sent[1].attempt, 2);
	assert_string_equal(stub.sent[1].key, stub.sent[0].key);
	assert_int_equal(stub.sent[1].flags, 0);
	stub_accept_all();
	house_pass(&h, 0);
	fx_state_is(&h.fx, "x", "done");
	house_close(&h);
}

static void
a_permanent_failure_hurts_nobody_else(void **state)
{
	struct house h;

	(void)state;
	house_open(&h, "", 0);
	house_publish(&h, (struct publish){ .uid = "x", .targets = 2 });
	stub_result(0, LF_PERMFAIL, 0);
	stub_accept_all();
	house_pass(&h, 0);
	house_count(&h, "x", "failed", 1);
	house_count(&h, "x", "accepted", 1);
	assert_null(h.ch->jobs);
	house_close(&h);
}

static void
in_doubt_is_resent_or_held_as_the_job_says(void **state)
{
	struct house h;

	(void)state;
	house_open(&h, "", 0);
	house_publish(&h, (struct publish){ .uid = "hold",
	    .doubt = STORE_DOUBT_HOLD });
	house_publish(&h, (struct publish){ .uid = "resend" });
	stub_result(0, LF_UNKNOWN, 0);
	stub_result(1, LF_UNKNOWN, 0);
	house_pass(&h, SECONDS(2));
	house_count(&h, "hold", "unknown", 1);
	assert_int_equal(stub.n, 3);
	assert_int_equal(stub.sent[2].flags, LF_DLV_RESEND);
	stub_accept_all();
	house_pass(&h, 0);
	house_count(&h, "resend", "accepted", 1);
	house_close(&h);
}

static void
a_refused_rendition_fails_and_says_why(void **state)
{
	struct house h;
	json_t *list;

	(void)state;
	house_open(&h, "", 0);
	snprintf(stub.refuse, sizeof(stub.refuse), "too-long");
	house_publish(&h, (struct publish){ .uid = "x" });
	house_pass(&h, 0);
	house_count(&h, "x", "failed", 1);
	list = store_deliveries(h.fx.store, "x", NULL, -1, "", 10);
	assert_string_equal(json_string_value(json_object_get(
	    json_array_get(list, 0), "text")), "too-long: ");
	json_decref(list);
	house_close(&h);
}

static void
two_jobs_that_end_in_one_packet(void **state)
{
	static const size_t order[] = { 0, 2, 1, 3 };
	struct house h;

	(void)state;
	house_open(&h, "", 0);
	house_publish(&h, (struct publish){ .uid = "x", .targets = 2 });
	house_publish(&h, (struct publish){ .uid = "y", .targets = 2 });
	assert_int_equal(stub.n, 4);
	stub_results(order, 4, LF_ACCEPTED);
	house_pass(&h, 0);
	fx_state_is(&h.fx, "x", "done");
	fx_state_is(&h.fx, "y", "done");
	assert_null(h.ch->jobs);
	house_close(&h);
}

/* ------------------------------------------------------------ the worker -- */

static void
a_dead_worker_leaves_doubt_and_two_make_poison(void **state)
{
	struct house h;

	(void)state;
	house_open(&h, "", 0);
	house_publish(&h, (struct publish){ .uid = "x" });
	stub_die();
	house_pass(&h, SECONDS(60));
	assert_int_equal(stub.n, 2);
	assert_int_equal(stub.sent[1].flags, LF_DLV_RESEND);
	stub_die();
	house_pass(&h, SECONDS(60));
	assert_int_equal(stub.n, 2);
	house_count(&h, "x", "unknown", 1);
	assert_int_equal(h.ch->in_ledger, 0);
	house_close(&h);
}

/* Three die together; each then goes alone, and only the guilty is held. */
static void
one_that_kills_workers_is_found_among_others(void **state)
{
	struct house h;

	(void)state;
	house_open(&h, "", 0);
	house_publish(&h, (struct publish){ .uid = "x", .targets = 3 });
	stub_die();
	house_pass(&h, SECONDS(4));
	assert_int_equal(stub.n, 4);
	house_publish(&h, (struct publish){ .uid = "y" });
	assert_int_equal(stub.n, 4);	/* not beside a suspect */
	stub_die();
	house_pass(&h, SECONDS(4));
	house_count(&h, "x", "unknown", 1);
	while (fx_count(&h.fx, "x", 0, "accepted") < 2) {
		stub_accept_all();
		house_pass(&h, SECONDS(1));
	}
	house_count(&h, "y", "accepted", 1);
	assert_int_equal(h.ch->suspects, 0);
	assert_int_equal(h.ch->in_ledger, 0);
	assert_null(h.ch->jobs);
	house_close(&h);
}

/* A suspect waits until those before it have landed. */
static void
a_suspect_waits_for_those_in_flight(void **state)
{
	struct house h;

	(void)state;
	house_open(&h, "", 0);
	house_publish(&h, (struct publish){ .uid = "x", .targets = 2,
	    .lane = STORE_URGENT });
	stub_die();
	house_pass(&h, SECONDS(1));	/* up again, before the next try */
	house_publish(&h, (struct publish){ .uid = "y", .targets = 2 });
	house_pass(&h, SECONDS(4));
	assert_int_equal(stub.n, 4);
	stub_result(2, LF_ACCEPTED, 0);
	house_pass(&h, 0);
	assert_int_equal(stub.n, 4);
	stub_result(3, LF_ACCEPTED, 0);
	house_pass(&h, 0);
	assert_int_equal(stub.n, 5);
	stub_result(4, LF_ACCEPTED, 0);
	house_pass(&h, 0);
	assert_int_equal(stub.n, 6);
	stub_accept_all();
	house_pass(&h, 0);
	fx_state_is(&h.fx, "x", "done");
	house_close(&h);
}

static void
a_worker_can_not_fill_the_disk_with_state(void **state)
{
	struct house h;
	char packet[64];
	int n;

	(void)state;
	house_open(&h, "", 0);
	for (n = 0; n < 1000 && stub.kills == 0; n++) {
		snprintf(packet, sizeof(packet),
		    "{\"key\":\"k%d\",\"value\":\"v\"}", n);
		(void)stub_packet("state", packet);
		house_pass(&h, 0);
	}
	assert_int_equal(n, 257);
	house_pass(&h, SECONDS(2));
	assert_int_equal(stub_packet("state",
	    "{\"key\":\"k7\",\"value\":\"new\"}"), 0);
	house_close(&h);
}

/* It never left, so it is not in doubt and no try is charged. */
static void
a_packet_that_does_not_leave_is_no_doubt(void **state)
{
	struct house h;

	(void)state;
	house_open(&h, "", 0);
	stub.clogged = true;
	house_publish(&h, (struct publish){ .uid = "x", .targets = 2,
	    .doubt = STORE_DOUBT_HOLD });
	assert_int_equal(stub.n, 0);
	house_count(&h, "x", "retry", 2);
	assert_int_equal(h.ch->in_ledger, 0);
	stub.clogged = false;
	house_pass(&h, SECONDS(2));
	assert_int_equal(stub.n, 2);
	assert_int_equal(stub.sent[0].flags, 0);
	assert_int_equal(stub.sent[0].attempt, 1);
	stub_accept_all();
	house_pass(&h, 0);
	house_count(&h, "x", "accepted", 2);
	house_close(&h);
}

static void
results_nobody_asked_for_end_the_worker(void **state)
{
	struct house h;

	(void)state;
	house_open(&h, "", 0);
	house_publish(&h, (struct publish){ .uid = "x", .targets = 2 });
	assert_int_equal(stub_result(0, LF_ACCEPTED, 0), 0);
	assert_int_equal(stub_result(0, LF_ACCEPTED, 0), -1);
	house_pass(&h, SECONDS(3));
	assert_int_equal(stub_result(2, LF_ACCEPTED, 0), 0);
	assert_int_equal(stub_packet("result", "{\"d\":[1,2]}"), -1);
	house_pass(&h, SECONDS(3));
	assert_int_equal(stub_packet("result", "{\"d\":[0,2,0,0,0,0]}"), -1);
	house_pass(&h, SECONDS(3));
	assert_int_equal(stub_packet("nonsense", "{}"), -1);
	assert_int_equal(stub.kills, 4);
	fx_state_is(&h.fx, "x", "done");
	house_count(&h, "x", "accepted", 2);
	house_close(&h);
}

static void
an_overdue_delivery_is_cancelled_then_the_worker_killed(void **state)
{
	struct house h;

	(void)state;
	house_open(&h, "", 0);
	house_publish(&h, (struct publish){ .uid = "x" });
	house_pass(&h, SECONDS(11));
	assert_int_equal(stub.cancels, 1);
	assert_int_equal(stub.kills, 0);
	house_pass(&h, SECONDS(5));
	assert_int_equal(stub.kills, 1);
	house_pass(&h, SECONDS(2));
	assert_int_equal(stub.n, 2);
	stub_accept_all();
	house_pass(&h, 0);
	fx_state_is(&h.fx, "x", "done");
	house_close(&h);
}

static void
a_text_that_kills_workers_fails_and_others_go_on(void **state)
{
	struct house h;

	(void)state;
	house_open(&h, "", 0);
	stub.die_at_render = true;
	house_publish(&h, (struct publish){ .uid = "x", .targets = 2 });
	house_pass(&h, SECONDS(5));
	assert_int_equal(stub.renders, 2);
	house_count(&h, "x", "failed", 2);
	assert_null(h.ch->jobs);
	stub.die_at_render = false;
	house_publish(&h, (struct publish){ .uid = "y" });
	assert_int_equal(stub.n, 1);
	stub_accept_all();
	house_pass(&h, 0);
	fx_state_is(&h.fx, "y", "done");
	house_close(&h);
}

/* A peer may ask for an hour and no more; nobody may ask for ever. */
static void
a_peer_can_not_ask_for_ever(void **state)
{
	struct house h;

	(void)state;
	house_open(&h, "", 0);
	house_publish(&h, (struct publish){ .uid = "x" });
	stub_result(0, LF_CHANNEL_DOWN, INT64_C(4000000000));
	house_pass(&h, SECONDS(3599));
	assert_int_equal(stub.n, 1);
	house_pass(&h, SECONDS(3));
	assert_int_equal(stub.n, 2);
	stub_result(1, LF_CHANNEL_DOWN, -1);
	house_pass(&h, SECONDS(11));
	assert_int_equal(stub.n, 3);
	stub_accept_all();
	house_pass(&h, 0);
	fx_state_is(&h.fx, "x", "done");
	house_close(&h);
}

/* ---------------------------------------------------- breaker and pause -- */

static void
a_channel_that_is_down_is_probed_by_one(void **state)
{
	struct house h;

	(void)state;
	house_open(&h, "", 0);
	house_publish(&h, (struct publish){ .uid = "x", .targets = 4 });
	for (size_t i = 0; i < 4; i++)
		stub_result(i, LF_CHANNEL_DOWN, 0);
	house_pass(&h, SECONDS(2));
	assert_int_equal(stub.n, 4);
	house_pass(&h, SECONDS(4));
	assert_int_equal(stub.n, 5);
	assert_int_equal(stub.sent[4].attempt, 1);
	/* the probe dies with its worker: another one goes */
	stub_die();
	house_pass(&h, SECONDS(3));
	assert_int_equal(stub.n, 6);
	stub_result(5, LF_ACCEPTED, 0);
	house_pass(&h, SECONDS(2));
	stub_accept_all();
	house_pass(&h, 0);		/* what was with it goes alone */
	stub_accept_all();
	house_pass(&h, 0);
	assert_int_equal(stub.n, 9);
	house_count(&h, "x", "accepted", 4);
	house_close(&h);
}

static void
a_peer_that_fails_all_the_time_is_given_a_cause(void **state)
{
	struct house h;
	size_t i;

	(void)state;
	house_open(&h, "", 0);
	house_publish(&h, (struct publish){ .uid = "x", .targets = 100 });
	for (i = 0; h.ch->sched.breaker.state == BREAKER_CLOSED; i++) {
		assert_string_equal(h.ch->trouble, "");
		assert_true(i < stub.n);
		stub_result(i, LF_TEMPFAIL, 3600);
		house_pass(&h, 0);
	}
	assert_string_equal(h.ch->trouble, "said so");
	for (; i < stub.n; i++)
		stub_result(i, LF_ACCEPTED, 0);
	house_pass(&h, 0);
	assert_string_equal(h.ch->trouble, "");
	house_close(&h);
}

static void
a_paused_channel_keeps_what_it_has_to_send(void **state)
{
	struct house h;

	(void)state;
	house_open(&h, "", 0);
	channel_pause(h.ch, "by hand");
	house_publish(&h, (struct publish){ .uid = "x" });
	house_pass(&h, SECONDS(3600));
	assert_int_equal(stub.n, 0);
	house_count(&h, "x", "queued", 1);
	channel_resume(h.ch);
	house_pass(&h, 0);
	assert_int_equal(stub.n, 1);
	stub_accept_all();
	house_pass(&h, 0);
	fx_state_is(&h.fx, "x", "done");
	house_close(&h);
}

/* ------------------------------------------------------------- the store -- */

static void
a_store_that_fails_is_asked_once_a_second(void **state)
{
	struct store_job ghost = { .id = 999, .channel = "a",
		.action = LF_SEND, .uid = "ghost", .chain = "ghost" };
	struct house h;

	(void)state;
	house_open(&h, "", 0);
	house_publish(&h, (struct publish){ .uid = "x" });
	stub_accept_all();
	ghost.ann = h.jobs[0].ann;
	channel_job_add(h.ch, &ghost);
	house_pass(&h, SECONDS(10));	/* does not spin */
	assert_non_null(h.ch->jobs);
	house_close(&h);
}

static void
set_body(struct house *h, const char *body)
{
	char sql[128];
	sqlite3 *db;

	snprintf(sql, sizeof(sql), "UPDATE announcement SET body = '%s'",
	    body);
	assert_int_equal(sqlite3_open(h->fx.path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

/* A damaged row holds its own announcement, and nothing else. */
static void
what_the_store_can_not_give_back_waits(void **state)
{
	struct house h;

	(void)state;
	house_open(&h, "", 0);
	channel_pause(h.ch, "by hand");
	house_publish(&h, (struct publish){ .uid = "x" });
	set_body(&h, "");
	channel_resume(h.ch);
	house_pass(&h, SECONDS(10));
	assert_int_equal(stub.n, 0);
	house_count(&h, "x", "retry", 1);
	house_publish(&h, (struct publish){ .uid = "y" });
	assert_int_equal(stub.n, 1);
	stub_accept_all();
	set_body(&h, "{\"content\":{\"de\":{}}}");
	house_pass(&h, SECONDS(2));
	assert_int_equal(stub.n, 2);
	stub_accept_all();
	house_pass(&h, 0);
	house_count(&h, "x", "accepted", 1);
	house_close(&h);
}

static void
a_job_that_ended_in_the_store_ends_here(void **state)
{
	struct house h;

	(void)state;
	house_open(&h, "", 0);
	house_publish(&h, (struct publish){ .uid = "x", .targets = 60 });
	assert_int_equal(fx_end(&h.fx, h.jobs[0].id, STORE_JOB_SUPERSEDED),
	    ERR_OK);
	for (int i = 0; i < 8; i++) {
		stub_accept_all();
		house_pass(&h, 0);
	}
	assert_null(h.ch->jobs);
	assert_true(stub.n < 60);
	house_count(&h, "x", "accepted", (int64_t)stub.n);
	house_count(&h, "x", "cancelled", 0);
	house_close(&h);
}

/* ---------------------------------------------------------------- drain -- */

static void
a_drain_gives_back_and_waits_for_what_is_in_flight(void **state)
{
	struct house h;

	(void)state;
	house_open(&h, "", 0);
	house_publish(&h, (struct publish){ .uid = "x", .targets = 20 });
	channel_drain(h.ch, 5000, drained, &h);
	house_pass(&h, SECONDS(1));
	assert_false(h.drained);
	stub_accept_all();
	house_pass(&h, SECONDS(1));
	assert_true(h.drained);
	house_count(&h, "x", "accepted", 8);
	house_count(&h, "x", "unknown", 0);
	assert_int_equal(h.ch->in_ledger, 0);
	house_close(&h);
}

static void
a_drain_ends_whatever_the_channel_does(void **state)
{
	struct house h;

	(void)state;
	house_open(&h, "", 0);		/* never answers */
	house_publish(&h, (struct publish){ .uid = "x",
	    .doubt = STORE_DOUBT_HOLD });
	channel_drain(h.ch, 5000, drained, &h);
	house_pass(&h, SECONDS(6));
	assert_true(h.drained);
	house_count(&h, "x", "unknown", 1);
	house_close(&h);

	house_open(&h, "", 0);		/* is paused */
	channel_pause(h.ch, "by hand");
	house_publish(&h, (struct publish){ .uid = "x" });
	channel_drain(h.ch, 5000, drained, &h);
	house_pass(&h, SECONDS(1));
	assert_true(h.drained);
	house_close(&h);

	house_open(&h, "", 0);		/* has no worker */
	house_pass(&h, 0);
	stub_die();
	channel_drain(h.ch, 5000, drained, &h);
	house_pass(&h, SECONDS(1));
	assert_true(h.drained);
	house_close(&h);

	house_open(&h, "", 0);		/* the peer is down */
	house_publish(&h, (struct publish){ .uid = "x", .targets = 2 });
	stub_result(0, LF_CHANNEL_DOWN, 0);
	stub_result(1, LF_CHANNEL_DOWN, 0);
	house_pass(&h, SECONDS(2));
	channel_drain(h.ch, 5000, drained, &h);
	house_pass(&h, SECONDS(1));
	assert_true(h.drained);
	house_count(&h, "x", "retry", 2);
	house_close(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepted_deliveries_end_their_job),
		cmocka_unit_test(a_failed_try_is_tried_again_after_its_delay),
		cmocka_unit_test(a_permanent_failure_hurts_nobody_else),
		cmocka_unit_test(in_doubt_is_resent_or_held_as_the_job_says),
		cmocka_unit_test(a_refused_rendition_fails_and_says_why),
		cmocka_unit_test(two_jobs_that_end_in_one_packet),
		cmocka_unit_test(
		    a_dead_worker_leaves_doubt_and_two_make_poison),
		cmocka_unit_test(
		    one_that_kills_workers_is_found_among_others),
		cmocka_unit_test(a_suspect_waits_for_those_in_flight),
		cmocka_unit_test(a_worker_can_not_fill_the_disk_with_state),
		cmocka_unit_test(a_packet_that_does_not_leave_is_no_doubt),
		cmocka_unit_test(results_nobody_asked_for_end_the_worker),
		cmocka_unit_test(
		    an_overdue_delivery_is_cancelled_then_the_worker_killed),
		cmocka_unit_test(
		    a_text_that_kills_workers_fails_and_others_go_on),
		cmocka_unit_test(a_peer_can_not_ask_for_ever),
		cmocka_unit_test(a_channel_that_is_down_is_probed_by_one),
		cmocka_unit_test(
		    a_peer_that_fails_all_the_time_is_given_a_cause),
		cmocka_unit_test(a_paused_channel_keeps_what_it_has_to_send),
		cmocka_unit_test(a_store_that_fails_is_asked_once_a_second),
		cmocka_unit_test(what_the_store_can_not_give_back_waits),
		cmocka_unit_test(a_job_that_ended_in_the_store_ends_here),
		cmocka_unit_test(
		    a_drain_gives_back_and_waits_for_what_is_in_flight),
		cmocka_unit_test(a_drain_ends_whatever_the_channel_does),
	};

	return cmocka_run_group_tests_name("channel", tests, NULL, NULL);
}
