/*
 * t_engine: one channel with a worker that does as it is told, on virtual
 * time. After each story the store is asked what is true.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/channel_private.h"
#include "litfass/plugin.h"
#include "store/flight.h"
#include "unit/conf_text.h"
#include "unit/store_fixture.h"
#include "unit/stub_twin.h"

#define SECONDS(n)	((int64_t)(n) * CLOCK_SECOND)

struct house {
	struct fx fx;
	struct conf *conf;
	struct channel_with with;
	struct channel *ch;
	char ledger[96];
	unsigned moved;
	bool drained;
	int64_t ann;
};

static void
moved(void *arg, const char *uid)
{
	struct house *h = arg;

	assert_non_null(uid);
	h->moved++;
}

/* more: configuration of the channel. */
static void
open_house(struct house *h, const char *more, unsigned caps)
{
	struct err e = { ERR_OK, "" };
	json_t *meta = json_pack("{ss si si si}", "address_kind", "group",
	    "caps", (int)caps, "max_inflight", 8, "send_timeout", 10);
	struct flight *flight;
	char text[1024];

	memset(h, 0, sizeof(*h));
	stub_reset();
	fx_init(&h->fx, false);
	snprintf(text, sizeof(text), HEAD "channels: { a: { plugin = \"file\";"
	    " %s }; };\n", more);
	h->conf = good(text);
	h->with = (struct channel_with){ .loop = h->fx.loop,
	    .store = h->fx.store, .program = "none", .moved = moved,
	    .arg = h };
	snprintf(h->ledger, sizeof(h->ledger), "%s/flight.a", h->fx.dir);
	assert_int_equal(flight_open(h->ledger, channel_flight_slots(
	    conf_channel(h->conf, "a"), meta), &flight, &e), 0);
	h->ch = channel_new(&h->with, h->conf, "a", meta, flight, &e);
	assert_non_null(h->ch);
	json_decref(meta);
	channel_start(h->ch);
}

static void
close_house(struct house *h)
{
	channel_free(&h->ch);
	conf_free(&h->conf);
	unlink(h->ledger);
	fx_fini(&h->fx);
}

/* Let this much time pass. */
static void
pass(struct house *h, int64_t us)
{
	loop_once(h->fx.loop, us);
}

static void
accepted(void *arg, const struct err *e, int64_t ann, bool duplicate)
{
	struct house *h = arg;

	(void)duplicate;
	assert_int_equal(e->code, ERR_OK);
	h->ann = ann;
}

struct publish {
	const char *uid, *chain;
	uint32_t version;	/* 0 means 1 */
	int targets;		/* 0 means 1 */
	enum store_lane lane;
	enum store_doubt doubt;
	int64_t at, expires;	/* seconds from the beginning, 0 none */
	bool take_back;		/* when it expires */
	bool only_retract;
};

static int64_t
wall(int64_t s)
{
	return s == 0 ? 0 : FX_NOW + SECONDS(s);
}

static json_t *
audience(int n)
{
	json_t *list = json_array();
	char name[16];

	for (int i = 1; i <= (n == 0 ? 1 : n); i++) {
		snprintf(name, sizeof(name), "g%d", i);
		json_array_append_new(list, json_string(name));
	}
	return json_pack("{so}", "list", list);
}

/* Accept it, and hand its jobs to the channel as the engine would. */
static void
publish(struct house *h, struct publish p)
{
	json_t *who = audience(p.targets);
	struct store_new_job jobs[2] = { { .channel = "a",
	    .action = p.only_retract ? LF_RETRACT : LF_SEND, .lane = p.lane,
	    .doubt = p.doubt, .not_before = wall(p.at),
	    .expires = wall(p.expires), .audience = who } };
	unsigned char hash[32] = { (unsigned char)p.version };
	struct store_new n = { .uid = p.uid, .version = p.version > 0 ?
	    p.version : 1, .chain = p.chain != NULL ? p.chain : p.uid,
	    .hash = hash, .body = "{\"content\":{\"de\":{}}}",
	    .actor = "uid:1000", .lane = p.lane,
	    .now = loop_wall(h->fx.loop).us, .not_before = wall(p.at),
	    .expires = wall(p.expires), .jobs = jobs,
	    .n_jobs = p.take_back ? 2 : 1 };
	struct store_job *list;
	struct err e;
	size_t count;

	jobs[1] = jobs[0];
	jobs[1].action = LF_RETRACT;
	jobs[1].not_before = jobs[0].expires;
	jobs[1].expires = 0;
	h->ann = 0;
	store_accept(h->fx.store, &n, accepted, h);
	while (h->ann == 0)
		loop_once(h->fx.loop, 0);
	json_decref(who);
	assert_int_equal(store_jobs_of(h->fx.store, h->ann, &list, &count,
	    &e), 0);
	for (size_t i = 0; i < count; i++)
		channel_job_add(h->ch, &list[i]);
	free(list);
	pass(h, 0);
}

/* What the store says of the sending job, or of another one of uid. */
static void
assert_count(struct house *h, const char *uid, const char *counter,
    int64_t n)
{
	int64_t got = fx_count(&h->fx, uid, 0, counter);

	if (got != n)
		fail_msg("%s: %s is %lld instead of %lld", uid, counter,
		    (long long)got, (long long)n);
}

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
	open_house(&h, "", 0);
	publish(&h, (struct publish){ .uid = "x", .targets = 3 });
	assert_int_equal(stub.n, 3);
	assert_int_equal(stub.renders, 1);
	assert_count(&h, "x", "queued", 3);
	stub_accept_all();
	pass(&h, 0);
	assert_count(&h, "x", "accepted", 3);
	fx_state_is(&h.fx, "x", "done");
	assert_null(h.ch->jobs);
	assert_true(channel_idle(h.ch));
	assert_int_equal(h.ch->in_ledger, 0);
	assert_true(h.moved > 0);
	close_house(&h);
}

static void
a_failed_try_is_tried_again_after_its_delay(void **state)
{
	struct house h;

	(void)state;
	open_house(&h, "", 0);
	publish(&h, (struct publish){ .uid = "x" });
	stub_result(0, LF_TEMPFAIL, 100);
	pass(&h, SECONDS(99));
	assert_int_equal(stub.n, 1);
	assert_count(&h, "x", "retry", 1);
	pass(&h, SECONDS(2));
	assert_int_equal(stub.n, 2);
	assert_int_equal(stub.sent[1].attempt, 2);
	assert_string_equal(stub.sent[1].key, stub.sent[0].key);
	assert_int_equal(stub.sent[1].flags, 0);
	stub_accept_all();
	pass(&h, 0);
	fx_state_is(&h.fx, "x", "done");
	close_house(&h);
}

static void
a_permanent_failure_hurts_nobody_else(void **state)
{
	struct house h;

	(void)state;
	open_house(&h, "", 0);
	publish(&h, (struct publish){ .uid = "x", .targets = 2 });
	stub_result(0, LF_PERMFAIL, 0);
	stub_accept_all();
	pass(&h, 0);
	assert_count(&h, "x", "failed", 1);
	assert_count(&h, "x", "accepted", 1);
	assert_null(h.ch->jobs);
	close_house(&h);
}

static void
in_doubt_is_resent_or_held_as_the_job_says(void **state)
{
	struct house h;

	(void)state;
	open_house(&h, "", 0);
	publish(&h, (struct publish){ .uid = "hold",
	    .doubt = STORE_DOUBT_HOLD });
	publish(&h, (struct publish){ .uid = "resend" });
	stub_result(0, LF_UNKNOWN, 0);
	stub_result(1, LF_UNKNOWN, 0);
	pass(&h, SECONDS(2));
	assert_count(&h, "hold", "unknown", 1);
	assert_int_equal(stub.n, 3);
	assert_int_equal(stub.sent[2].flags, LF_DLV_RESEND);
	stub_accept_all();
	pass(&h, 0);
	assert_count(&h, "resend", "accepted", 1);
	close_house(&h);
}

static void
a_refused_rendition_fails_and_says_why(void **state)
{
	struct house h;
	json_t *list;

	(void)state;
	open_house(&h, "", 0);
	snprintf(stub.refuse, sizeof(stub.refuse), "too-long");
	publish(&h, (struct publish){ .uid = "x" });
	pass(&h, 0);
	assert_count(&h, "x", "failed", 1);
	list = store_deliveries(h.fx.store, "x", NULL, -1, "", 10);
	assert_string_equal(json_string_value(json_object_get(
	    json_array_get(list, 0), "text")), "too-long: ");
	json_decref(list);
	close_house(&h);
}

static void
two_jobs_that_end_in_one_packet(void **state)
{
	static const size_t order[] = { 0, 2, 1, 3 };
	struct house h;

	(void)state;
	open_house(&h, "", 0);
	publish(&h, (struct publish){ .uid = "x", .targets = 2 });
	publish(&h, (struct publish){ .uid = "y", .targets = 2 });
	assert_int_equal(stub.n, 4);
	stub_results(order, 4, LF_ACCEPTED);
	pass(&h, 0);
	fx_state_is(&h.fx, "x", "done");
	fx_state_is(&h.fx, "y", "done");
	assert_null(h.ch->jobs);
	close_house(&h);
}

/* ------------------------------------------------------------ the worker -- */

static void
a_dead_worker_leaves_doubt_and_two_make_poison(void **state)
{
	struct house h;

	(void)state;
	open_house(&h, "", 0);
	publish(&h, (struct publish){ .uid = "x" });
	stub_die();
	pass(&h, SECONDS(60));
	assert_int_equal(stub.n, 2);
	assert_int_equal(stub.sent[1].flags, LF_DLV_RESEND);
	stub_die();
	pass(&h, SECONDS(60));
	assert_int_equal(stub.n, 2);
	assert_count(&h, "x", "unknown", 1);
	assert_int_equal(h.ch->in_ledger, 0);
	close_house(&h);
}

static void
results_nobody_asked_for_end_the_worker(void **state)
{
	struct house h;

	(void)state;
	open_house(&h, "", 0);
	publish(&h, (struct publish){ .uid = "x", .targets = 2 });
	assert_int_equal(stub_result(0, LF_ACCEPTED, 0), 0);
	assert_int_equal(stub_result(0, LF_ACCEPTED, 0), -1);
	pass(&h, SECONDS(3));
	assert_int_equal(stub_result(2, LF_ACCEPTED, 0), 0);
	assert_int_equal(stub_packet("result", "{\"d\":[1,2]}"), -1);
	pass(&h, SECONDS(3));
	assert_int_equal(stub_packet("result", "{\"d\":[0,2,0,0,0,0]}"), -1);
	pass(&h, SECONDS(3));
	assert_int_equal(stub_packet("nonsense", "{}"), -1);
	assert_int_equal(stub.kills, 4);
	fx_state_is(&h.fx, "x", "done");
	assert_count(&h, "x", "accepted", 2);
	close_house(&h);
}

static void
an_overdue_delivery_is_cancelled_then_the_worker_killed(void **state)
{
	struct house h;

	(void)state;
	open_house(&h, "", 0);
	publish(&h, (struct publish){ .uid = "x" });
	pass(&h, SECONDS(11));
	assert_int_equal(stub.cancels, 1);
	assert_int_equal(stub.kills, 0);
	pass(&h, SECONDS(5));
	assert_int_equal(stub.kills, 1);
	pass(&h, SECONDS(2));
	assert_int_equal(stub.n, 2);
	stub_accept_all();
	pass(&h, 0);
	fx_state_is(&h.fx, "x", "done");
	close_house(&h);
}

static void
a_text_that_kills_workers_fails_and_others_go_on(void **state)
{
	struct house h;

	(void)state;
	open_house(&h, "", 0);
	stub.die_at_render = true;
	publish(&h, (struct publish){ .uid = "x", .targets = 2 });
	pass(&h, SECONDS(5));
	assert_int_equal(stub.renders, 2);
	assert_count(&h, "x", "failed", 2);
	assert_null(h.ch->jobs);
	stub.die_at_render = false;
	publish(&h, (struct publish){ .uid = "y" });
	assert_int_equal(stub.n, 1);
	stub_accept_all();
	pass(&h, 0);
	fx_state_is(&h.fx, "y", "done");
	close_house(&h);
}

/* A peer may ask for an hour and no more; nobody may ask for ever. */
static void
a_peer_can_not_ask_for_ever(void **state)
{
	struct house h;

	(void)state;
	open_house(&h, "", 0);
	publish(&h, (struct publish){ .uid = "x" });
	stub_result(0, LF_CHANNEL_DOWN, INT64_C(4000000000));
	pass(&h, SECONDS(3599));
	assert_int_equal(stub.n, 1);
	pass(&h, SECONDS(3));
	assert_int_equal(stub.n, 2);
	stub_result(1, LF_CHANNEL_DOWN, -1);
	pass(&h, SECONDS(11));
	assert_int_equal(stub.n, 3);
	stub_accept_all();
	pass(&h, 0);
	fx_state_is(&h.fx, "x", "done");
	close_house(&h);
}

/* ---------------------------------------------------- breaker and pause -- */

static void
a_channel_that_is_down_is_probed_by_one(void **state)
{
	struct house h;

	(void)state;
	open_house(&h, "", 0);
	publish(&h, (struct publish){ .uid = "x", .targets = 4 });
	for (size_t i = 0; i < 4; i++)
		stub_result(i, LF_CHANNEL_DOWN, 0);
	pass(&h, SECONDS(2));
	assert_int_equal(stub.n, 4);
	pass(&h, SECONDS(4));
	assert_int_equal(stub.n, 5);
	assert_int_equal(stub.sent[4].attempt, 1);
	/* the probe dies with its worker: another one goes */
	stub_die();
	pass(&h, SECONDS(3));
	assert_int_equal(stub.n, 6);
	stub_result(5, LF_ACCEPTED, 0);
	pass(&h, SECONDS(2));
	assert_int_equal(stub.n, 9);
	stub_accept_all();
	pass(&h, 0);
	assert_count(&h, "x", "accepted", 4);
	close_house(&h);
}

static void
a_paused_channel_keeps_what_it_has_to_send(void **state)
{
	struct house h;

	(void)state;
	open_house(&h, "", 0);
	channel_pause(h.ch, "by hand");
	publish(&h, (struct publish){ .uid = "x" });
	pass(&h, SECONDS(3600));
	assert_int_equal(stub.n, 0);
	assert_count(&h, "x", "queued", 1);
	channel_resume(h.ch);
	pass(&h, 0);
	assert_int_equal(stub.n, 1);
	stub_accept_all();
	pass(&h, 0);
	fx_state_is(&h.fx, "x", "done");
	close_house(&h);
}

/* ------------------------------------------------------- time and chains -- */

static void
what_expires_is_not_sent_and_is_taken_back(void **state)
{
	struct house h;

	(void)state;
	open_house(&h, "", LF_CAP_RETRACT);
	publish(&h, (struct publish){ .uid = "x", .targets = 2,
	    .expires = 600, .take_back = true });
	stub_result(0, LF_ACCEPTED, 0);
	stub_result(1, LF_TEMPFAIL, 900);
	pass(&h, SECONDS(601));
	assert_count(&h, "x", "expired", 1);
	assert_int_equal(stub.n, 4);
	assert_int_equal(stub.sent[2].action, LF_RETRACT);
	stub_accept_all();
	pass(&h, 0);
	assert_null(h.ch->jobs);
	close_house(&h);
}

static void
a_new_version_waits_for_the_old_one_in_flight(void **state)
{
	struct house h;

	(void)state;
	open_house(&h, "", 0);
	publish(&h, (struct publish){ .uid = "x", .targets = 2 });
	publish(&h, (struct publish){ .uid = "x", .version = 2,
	    .targets = 2 });
	assert_int_equal(stub.n, 2);
	stub_result(0, LF_ACCEPTED, 0);
	pass(&h, 0);
	assert_int_equal(stub.n, 2);
	stub_result(1, LF_TEMPFAIL, 0);
	pass(&h, 0);
	assert_int_equal(stub.n, 4);
	stub_accept_all();
	pass(&h, SECONDS(300));
	assert_int_equal(stub.n, 4);
	assert_count(&h, "x", "accepted", 2);
	assert_null(h.ch->jobs);
	close_house(&h);
}

static void
a_scheduled_update_replaces_nothing_before_its_time(void **state)
{
	struct house h;

	(void)state;
	open_house(&h, "", LF_CAP_RETRACT);
	publish(&h, (struct publish){ .uid = "x" });
	publish(&h, (struct publish){ .uid = "y", .chain = "x",
	    .at = 100 });
	stub_result(0, LF_TEMPFAIL, 50);
	pass(&h, SECONDS(60));
	assert_int_equal(stub.n, 2);
	stub_result(1, LF_TEMPFAIL, 600);
	pass(&h, SECONDS(41));
	assert_count(&h, "x", "superseded", 1);
	assert_int_equal(stub.n, 3);
	stub_accept_all();
	pass(&h, SECONDS(1000));
	assert_int_equal(stub.n, 3);
	fx_state_is(&h.fx, "y", "done");
	close_house(&h);
}

static void
a_cancelled_one_drops_what_waits(void **state)
{
	struct house h;

	(void)state;
	open_house(&h, "", 0);
	publish(&h, (struct publish){ .uid = "x", .targets = 20 });
	assert_int_equal(stub.n, 8);
	assert_int_equal(fx_cancel(&h.fx, "x", NULL), ERR_OK);
	channel_jobs_ended(h.ch, "x", STORE_JOB_CANCELLED);
	stub_accept_all();
	pass(&h, SECONDS(60));
	assert_int_equal(stub.n, 8);
	assert_count(&h, "x", "accepted", 8);
	assert_count(&h, "x", "cancelled", 12);
	assert_null(h.ch->jobs);
	close_house(&h);
}

static void
taking_back_that_has_begun_survives_a_cancel(void **state)
{
	struct house h;

	(void)state;
	open_house(&h, "", LF_CAP_RETRACT);
	publish(&h, (struct publish){ .uid = "x", .targets = 20,
	    .only_retract = true });
	assert_int_equal(stub.n, 8);
	channel_jobs_ended(h.ch, "x", STORE_JOB_CANCELLED);
	for (int i = 0; i < 4; i++) {
		stub_accept_all();
		pass(&h, 0);
	}
	assert_int_equal(stub.n, 20);
	assert_null(h.ch->jobs);
	close_house(&h);
}

/* Ten thousand that wait for their expiry are no work for a turn. */
static void
those_that_wait_for_their_time_are_in_order(void **state)
{
	struct house h;
	char uid[16];

	(void)state;
	open_house(&h, "", LF_CAP_RETRACT);
	for (int i = 0; i < 50; i++) {
		snprintf(uid, sizeof(uid), "u%d", i);
		publish(&h, (struct publish){ .uid = uid,
		    .expires = 1000 - i, .take_back = true });
		stub_accept_all();
		pass(&h, 0);
	}
	assert_int_equal(stub.n, 50);
	assert_null(h.ch->jobs);
	assert_non_null(h.ch->later);
	pass(&h, SECONDS(951));
	assert_int_equal(stub.n, 50 + 1);
	pass(&h, SECONDS(2));
	assert_int_equal(stub.n, 50 + 3);
	stub_accept_all();
	pass(&h, 0);
	assert_null(h.ch->jobs);
	close_house(&h);
}

/* ------------------------------------------------------------- the store -- */

static void
a_store_that_fails_is_asked_once_a_second(void **state)
{
	struct store_job ghost = { .id = 999, .channel = "a",
		.action = LF_SEND, .uid = "ghost", .chain = "ghost" };
	struct house h;

	(void)state;
	open_house(&h, "", 0);
	publish(&h, (struct publish){ .uid = "x" });
	stub_accept_all();
	ghost.ann = h.ann;
	channel_job_add(h.ch, &ghost);
	pass(&h, SECONDS(10));		/* comes back: it does not spin */
	assert_non_null(h.ch->jobs);
	close_house(&h);
}

static void
a_job_that_ended_in_the_store_ends_here(void **state)
{
	struct house h;
	int64_t job;

	(void)state;
	open_house(&h, "", 0);
	publish(&h, (struct publish){ .uid = "x", .targets = 60 });
	h.fx.ann = h.ann;
	job = fx_job(&h.fx, "a");
	assert_int_equal(fx_end(&h.fx, job, STORE_JOB_SUPERSEDED), ERR_OK);
	for (int i = 0; i < 8; i++) {
		stub_accept_all();
		pass(&h, 0);
	}
	assert_null(h.ch->jobs);
	assert_true(stub.n < 60);
	assert_count(&h, "x", "accepted", (int64_t)stub.n);
	assert_count(&h, "x", "cancelled", 0);
	close_house(&h);
}

/* ---------------------------------------------------------------- drain -- */

static void
a_drain_gives_back_and_waits_for_what_is_in_flight(void **state)
{
	struct house h;

	(void)state;
	open_house(&h, "", 0);
	publish(&h, (struct publish){ .uid = "x", .targets = 20 });
	channel_drain(h.ch, 5000, drained, &h);
	pass(&h, SECONDS(1));
	assert_false(h.drained);
	stub_accept_all();
	pass(&h, SECONDS(1));
	assert_true(h.drained);
	assert_count(&h, "x", "accepted", 8);
	assert_count(&h, "x", "unknown", 0);
	assert_int_equal(h.ch->in_ledger, 0);
	close_house(&h);
}

static void
a_drain_ends_whatever_the_channel_does(void **state)
{
	struct house h;

	(void)state;
	open_house(&h, "", 0);		/* never answers */
	publish(&h, (struct publish){ .uid = "x",
	    .doubt = STORE_DOUBT_HOLD });
	channel_drain(h.ch, 5000, drained, &h);
	pass(&h, SECONDS(6));
	assert_true(h.drained);
	assert_count(&h, "x", "unknown", 1);
	close_house(&h);

	open_house(&h, "", 0);		/* is paused */
	channel_pause(h.ch, "by hand");
	publish(&h, (struct publish){ .uid = "x" });
	channel_drain(h.ch, 5000, drained, &h);
	pass(&h, SECONDS(1));
	assert_true(h.drained);
	close_house(&h);

	open_house(&h, "", 0);		/* has no worker */
	pass(&h, 0);
	stub_die();
	channel_drain(h.ch, 5000, drained, &h);
	pass(&h, SECONDS(1));
	assert_true(h.drained);
	close_house(&h);

	open_house(&h, "", 0);		/* the peer is down */
	publish(&h, (struct publish){ .uid = "x", .targets = 2 });
	stub_result(0, LF_CHANNEL_DOWN, 0);
	stub_result(1, LF_CHANNEL_DOWN, 0);
	pass(&h, SECONDS(2));
	channel_drain(h.ch, 5000, drained, &h);
	pass(&h, SECONDS(1));
	assert_true(h.drained);
	assert_count(&h, "x", "retry", 2);
	close_house(&h);
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
		cmocka_unit_test(results_nobody_asked_for_end_the_worker),
		cmocka_unit_test(
		    an_overdue_delivery_is_cancelled_then_the_worker_killed),
		cmocka_unit_test(a_peer_can_not_ask_for_ever),
		cmocka_unit_test(a_channel_that_is_down_is_probed_by_one),
		cmocka_unit_test(a_paused_channel_keeps_what_it_has_to_send),
		cmocka_unit_test(what_expires_is_not_sent_and_is_taken_back),
		cmocka_unit_test(a_new_version_waits_for_the_old_one_in_flight),
		cmocka_unit_test(
		    a_scheduled_update_replaces_nothing_before_its_time),
		cmocka_unit_test(a_cancelled_one_drops_what_waits),
		cmocka_unit_test(
		    a_text_that_kills_workers_fails_and_others_go_on),
		cmocka_unit_test(taking_back_that_has_begun_survives_a_cancel),
		cmocka_unit_test(those_that_wait_for_their_time_are_in_order),
		cmocka_unit_test(a_store_that_fails_is_asked_once_a_second),
		cmocka_unit_test(a_job_that_ended_in_the_store_ends_here),
		cmocka_unit_test(
		    a_drain_gives_back_and_waits_for_what_is_in_flight),
		cmocka_unit_test(a_drain_ends_whatever_the_channel_does),
	};

	return cmocka_run_group_tests_name("engine", tests, NULL, NULL);
}
