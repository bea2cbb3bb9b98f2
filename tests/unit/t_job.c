/*
 * t_job: the jobs of one channel: expiry, order within a chain, updates,
 * cancelling. After each story the store is asked what is true.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "litfass/plugin.h"
#include "unit/house.h"
#include "unit/stub_twin.h"

static void
what_expires_is_not_sent_and_is_taken_back(void **state)
{
	struct house h;

	(void)state;
	house_open(&h, "", LF_CAP_RETRACT);
	house_publish(&h, (struct publish){ .uid = "x", .targets = 2,
	    .expires = 600, .take_back = true });
	stub_result(0, LF_ACCEPTED, 0);
	stub_result(1, LF_TEMPFAIL, 900);
	house_pass(&h, SECONDS(601));
	house_count(&h, "x", "expired", 1);
	assert_int_equal(stub.n, 4);
	assert_int_equal(stub.sent[2].action, LF_RETRACT);
	stub_accept_all();
	house_pass(&h, 0);
	assert_null(h.ch->jobs);
	house_close(&h);
}

/* A broker that is away all day must not keep the warning for ever. */
static void
taking_back_outlasts_a_long_outage(void **state)
{
	struct house h;
	int n;

	(void)state;
	house_open(&h, "", LF_CAP_RETRACT);
	house_publish(&h, (struct publish){ .uid = "x", .expires = 600,
	    .lane = STORE_WARNING, .take_back = true });
	stub_result(0, LF_ACCEPTED, 0);
	house_pass(&h, SECONDS(601));
	for (n = 1; n < 30; n++) {
		assert_int_equal(stub.n, n + 1);
		assert_int_equal(stub.sent[n].action, LF_RETRACT);
		stub_result((size_t)n, LF_TEMPFAIL, 3600);
		house_pass(&h, SECONDS(3601));
	}
	stub_accept_all();
	house_pass(&h, 0);
	assert_null(h.ch->jobs);
	house_close(&h);
}

/* Otherwise a restart would find it alive, and send it. */
static void
an_end_that_the_store_can_not_take_is_told_again(void **state)
{
	struct house h;
	int64_t job;
	sqlite3 *db;

	(void)state;
	house_open(&h, "", 0);
	channel_pause(h.ch, "by hand");
	house_publish(&h, (struct publish){ .uid = "x", .expires = 600 });
	job = h.jobs[0].id;
	db = fx_lock(&h.fx);
	house_pass(&h, SECONDS(610));
	assert_int_equal(fx_job_row(&h.fx, job).state, STORE_JOB_ACTIVE);
	sqlite3_close(db);
	house_pass(&h, SECONDS(2));
	assert_int_equal(fx_job_row(&h.fx, job).state, STORE_JOB_EXPIRED);
	house_close(&h);
}

/* A plugin may wait for its peer with it; it has ten seconds otherwise. */
static void
what_expires_with_the_worker_is_asked_back(void **state)
{
	struct house h;

	(void)state;
	house_open(&h, "", 0);
	house_publish(&h, (struct publish){ .uid = "x", .expires = 4 });
	assert_int_equal(stub.n, 1);
	house_pass(&h, SECONDS(3));
	assert_int_equal(stub.cancels, 0);
	house_pass(&h, SECONDS(2));
	assert_int_equal(stub.cancels, 1);
	stub_result(0, LF_TEMPFAIL, 0);
	house_pass(&h, 0);
	house_count(&h, "x", "expired", 1);
	assert_int_equal(stub.kills, 0);
	assert_null(h.ch->jobs);
	house_close(&h);
}

static void
a_new_version_waits_for_the_old_one_in_flight(void **state)
{
	struct house h;

	(void)state;
	house_open(&h, "", 0);
	house_publish(&h, (struct publish){ .uid = "x", .targets = 2 });
	house_publish(&h, (struct publish){ .uid = "x", .version = 2,
	    .targets = 2 });
	assert_int_equal(stub.n, 2);
	stub_result(0, LF_ACCEPTED, 0);
	house_pass(&h, 0);
	assert_int_equal(stub.n, 2);
	stub_result(1, LF_TEMPFAIL, 0);
	house_pass(&h, 0);
	assert_int_equal(stub.n, 4);
	stub_accept_all();
	house_pass(&h, SECONDS(300));
	assert_int_equal(stub.n, 4);
	house_count(&h, "x", "accepted", 2);
	assert_null(h.ch->jobs);
	house_close(&h);
}

static void
a_scheduled_update_replaces_nothing_before_its_time(void **state)
{
	struct house h;

	(void)state;
	house_open(&h, "", LF_CAP_RETRACT);
	house_publish(&h, (struct publish){ .uid = "x" });
	house_publish(&h, (struct publish){ .uid = "y", .chain = "x",
	    .at = 100 });
	stub_result(0, LF_TEMPFAIL, 50);
	house_pass(&h, SECONDS(60));
	assert_int_equal(stub.n, 2);
	stub_result(1, LF_TEMPFAIL, 600);
	house_pass(&h, SECONDS(41));
	house_count(&h, "x", "superseded", 1);
	assert_int_equal(stub.n, 3);
	stub_accept_all();
	house_pass(&h, SECONDS(1000));
	assert_int_equal(stub.n, 3);
	fx_state_is(&h.fx, "y", "done");
	house_close(&h);
}

static void
a_cancelled_one_drops_what_waits(void **state)
{
	struct house h;

	(void)state;
	house_open(&h, "", 0);
	house_publish(&h, (struct publish){ .uid = "x", .targets = 20 });
	assert_int_equal(stub.n, 8);
	assert_int_equal(fx_cancel(&h.fx, "x", NULL), ERR_OK);
	channel_jobs_ended(h.ch, "x", STORE_JOB_CANCELLED);
	stub_accept_all();
	house_pass(&h, SECONDS(60));
	assert_int_equal(stub.n, 8);
	house_count(&h, "x", "accepted", 8);
	house_count(&h, "x", "cancelled", 12);
	assert_null(h.ch->jobs);
	house_close(&h);
}

static void
taking_back_that_has_begun_survives_a_cancel(void **state)
{
	struct house h;

	(void)state;
	house_open(&h, "", LF_CAP_RETRACT);
	house_publish(&h, (struct publish){ .uid = "x", .targets = 20,
	    .only_retract = true });
	assert_int_equal(stub.n, 8);
	channel_jobs_ended(h.ch, "x", STORE_JOB_CANCELLED);
	for (int i = 0; i < 4; i++) {
		stub_accept_all();
		house_pass(&h, 0);
	}
	assert_int_equal(stub.n, 20);
	assert_null(h.ch->jobs);
	house_close(&h);
}

/* Ten thousand that wait for their expiry are no work for a turn. */
static void
those_that_wait_for_their_time_are_in_order(void **state)
{
	struct house h;
	char uid[16];

	(void)state;
	house_open(&h, "", LF_CAP_RETRACT);
	for (int i = 0; i < 50; i++) {
		snprintf(uid, sizeof(uid), "u%d", i);
		house_publish(&h, (struct publish){ .uid = uid,
		    .expires = 1000 - i, .take_back = true });
		stub_accept_all();
		house_pass(&h, 0);
	}
	assert_int_equal(stub.n, 50);
	assert_null(h.ch->jobs);
	assert_non_null(h.ch->later);
	house_pass(&h, SECONDS(951));
	assert_int_equal(stub.n, 50 + 1);
	house_pass(&h, SECONDS(2));
	assert_int_equal(stub.n, 50 + 3);
	stub_accept_all();
	house_pass(&h, 0);
	assert_null(h.ch->jobs);
	house_close(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_expires_is_not_sent_and_is_taken_back),
		cmocka_unit_test(taking_back_outlasts_a_long_outage),
		cmocka_unit_test(
		    an_end_that_the_store_can_not_take_is_told_again),
		cmocka_unit_test(what_expires_with_the_worker_is_asked_back),
		cmocka_unit_test(a_new_version_waits_for_the_old_one_in_flight),
		cmocka_unit_test(
		    a_scheduled_update_replaces_nothing_before_its_time),
		cmocka_unit_test(a_cancelled_one_drops_what_waits),
		cmocka_unit_test(taking_back_that_has_begun_survives_a_cancel),
		cmocka_unit_test(those_that_wait_for_their_time_are_in_order),
	};

	return cmocka_run_group_tests_name("job", tests, NULL, NULL);
}
