/*
 * t_store_cancel: jobs that are ended or taken up again: what is in doubt, what
 * is taken back, what may be tried once more.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/log.h"
#include "litfass/plugin.h"
#include "unit/store_fixture.h"

#define LATER	(FX_NOW + 10 * CLOCK_SECOND)

/* Nobody knows whether targets 1 and 2 arrived: 1 waits for its next try, 2
 * is claimed for it, 3 has none to come. */
static int64_t
begin_in_doubt(struct fx *f)
{
	int64_t job = fx_begin(f);
	struct store_outcome o[2] = { { .job = job, .target = 1,
		.state = STORE_RETRY, .attempt = 1, .counts = true,
		.in_doubt = true, .at = FX_NOW, .due = LATER } };

	fx_claim(f, job, 3, FX_NOW);
	o[0].lease = f->lease;
	o[1] = o[0];
	o[1].target = 2;
	o[1].due = FX_NOW;
	fx_record(f, o, 2);
	fx_put(f, job, 3, STORE_FAILED);
	fx_claim(f, job, 1, FX_NOW);
	assert_int_equal(f->targets[0].target, 2);
	return job;
}

static void
doubt_outlives_the_job(void **state)
{
	static const struct {
		enum store_job_state how;
		enum store_state report;
	} ways[] = {
		{ STORE_JOB_EXPIRED, STORE_EXPIRED },
		{ STORE_JOB_SUPERSEDED, STORE_SUPERSEDED },
		{ STORE_JOB_CANCELLED, STORE_CANCELLED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct fx f;
		int64_t job = begin_in_doubt(&f);

		assert_int_equal(fx_end(&f, job, ways[i].how), ERR_OK);
		f.lease = 0;
		fx_put(&f, job, 2, ways[i].report);
		assert_int_equal(fx_count(&f, "lf-1", 0, "unknown"), 2);
		assert_int_equal(fx_count(&f, "lf-1", 0,
		    store_state_name(ways[i].report)), 0);
		assert_int_equal(fx_count(&f, "lf-1", 0, "failed"), 1);
		fx_fini(&f);
	}
}

/* A display may show what nobody knows of: it is told as well. */
static void
cancel_takes_back_what_may_be_there(void **state)
{
	struct fx f;
	int64_t job = begin_in_doubt(&f), back;

	(void)state;
	assert_int_equal(fx_cancel(&f, "lf-1", "a"), ERR_OK);
	back = fx_job(&f, "a");
	fx_claim(&f, back, 9, FX_NOW);
	assert_int_equal(f.n_targets, 1);
	assert_int_equal(f.targets[0].target, 1);
	fx_put(&f, back, 1, STORE_ACCEPTED);
	f.lease = 0;
	fx_put(&f, job, 2, STORE_CANCELLED);
	fx_claim(&f, back, 9, FX_NOW);
	assert_int_equal(f.n_targets, 1);
	assert_int_equal(f.targets[0].target, 2);
	fx_put(&f, back, 2, STORE_ACCEPTED);
	assert_true(f.progress[0].done);
	fx_put(&f, job, 2, STORE_ACCEPTED);	/* and now it is known */
	assert_int_equal(fx_count(&f, "lf-1", 0, "accepted"), 1);
	fx_fini(&f);
}

static void
cancel_takes_back_what_was_reached(void **state)
{
	struct fx f;
	int64_t job = fx_begin(&f), back, lease;

	(void)state;
	fx_claim(&f, job, 2, FX_NOW);
	lease = f.lease;
	fx_put(&f, job, 1, STORE_ACCEPTED);
	assert_int_equal(fx_cancel(&f, "lf-1", "a"), ERR_OK);
	fx_state_is(&f, "lf-1", "cancelled");
	assert_int_equal(fx_cancel(&f, "lf-1", "a"), ERR_STATE);
	assert_int_equal(fx_cancel(&f, "lf-2", "a"), ERR_NOT_FOUND);
	back = fx_job(&f, "a");
	assert_int_not_equal(back, job);
	assert_int_equal(fx_job_row(&f, back).action, LF_RETRACT);
	fx_claim(&f, back, 9, FX_NOW);
	assert_int_equal(f.n_targets, 1);
	assert_string_equal(f.targets[0].address, "one");
	fx_put(&f, back, 1, STORE_ACCEPTED);
	assert_false(f.progress[0].done);	/* target 2 is still out */
	f.lease = lease;
	fx_put(&f, job, 2, STORE_ACCEPTED);
	fx_claim(&f, back, 9, FX_NOW);
	assert_int_equal(f.n_targets, 1);
	assert_string_equal(f.targets[0].address, "two");
	f.lease = 0;
	fx_put(&f, back, 2, STORE_ACCEPTED);
	assert_true(f.progress[0].done);
	fx_fini(&f);
}

static void
follower_ends_when_nothing_comes(void **state)
{
	struct fx f;
	int64_t job = fx_begin(&f), back, lease;

	(void)state;
	fx_claim(&f, job, 1, FX_NOW);
	lease = f.lease;
	assert_int_equal(fx_cancel(&f, "lf-1", "a"), ERR_OK);
	back = fx_job(&f, "a");
	fx_claim(&f, back, 9, FX_NOW);
	assert_int_equal(f.n_targets, 0);
	assert_true(f.exhausted);
	assert_false(f.done);
	f.lease = lease;
	fx_put(&f, job, 1, STORE_FAILED);
	assert_int_equal(f.n_progress, 2);
	assert_int_equal(f.progress[1].job, back);
	assert_true(f.progress[1].done);
	fx_fini(&f);
}

/* A subscriber who lives there; once more: he moved. */
static void
put_sms(struct fx *f, int who, const char *ars)
{
	char json[128];

	snprintf(json, sizeof(json), "{\"ref\":\"k%d\",\"ars\":\"%s\","
	    "\"addresses\":{\"sms\":\"+493023125%03d\"}}", who, ars, who);
	assert_int_equal(fx_subscriber(f, json), ERR_OK);
}

/* However many jobs were looked at in between. */
static void
who_was_reached_and_moved_is_told_as_well(void **state)
{
	struct fx f;
	char uid[16];
	int64_t job, back;

	(void)state;
	fx_init(&f, false);
	for (int i = 1; i <= 3; i++)
		put_sms(&f, i, "053700000000");
	fx_accept(&f, (struct fx_new){ .uid = "lf-0", .audience =
	    "{\"kind\":\"sms\",\"ars\":\"053700000000\"}" });
	job = fx_job(&f, "a");
	fx_claim(&f, job, 3, FX_NOW);
	for (int i = 1; i <= 3; i++)
		fx_put(&f, job, i, STORE_ACCEPTED);
	assert_int_equal(fx_cancel(&f, "lf-0", "a"), ERR_OK);
	back = fx_job(&f, "a");
	fx_claim(&f, back, 1, FX_NOW);
	put_sms(&f, 3, "053740000000");
	for (int i = 1; i < 16; i++) {
		snprintf(uid, sizeof(uid), "lf-%d", i);
		fx_accept(&f, (struct fx_new){ .uid = uid });
		fx_claim(&f, fx_job(&f, "a"), 1, FX_NOW);
	}
	fx_claim(&f, back, 9, FX_NOW);
	assert_int_equal(f.n_targets, 2);
	fx_fini(&f);
}

static void
nothing_to_cancel_is_said(void **state)
{
	struct fx f;
	int64_t job = fx_begin(&f);

	(void)state;
	fx_claim(&f, job, 3, FX_NOW);
	for (int i = 1; i <= 3; i++)
		fx_put(&f, job, i, STORE_ACCEPTED);
	assert_int_equal(fx_cancel(&f, "lf-1", NULL), ERR_STATE);
	fx_state_is(&f, "lf-1", "live");
	fx_fini(&f);
}

static void
failed_are_tried_again_on_demand(void **state)
{
	struct fx f;
	int64_t job = fx_begin(&f);

	(void)state;
	fx_claim(&f, job, 3, FX_NOW);
	fx_put(&f, job, 1, STORE_FAILED);
	fx_put(&f, job, 2, STORE_UNKNOWN);
	fx_put(&f, job, 3, STORE_ACCEPTED);
	fx_state_is(&f, "lf-1", "partial");
	assert_int_equal(fx_retry(&f, "lf-1", STORE_FAILED), ERR_OK);
	assert_int_equal(f.n, 1);
	assert_int_equal(fx_retry(&f, "lf-1", STORE_UNKNOWN), ERR_OK);
	assert_int_equal(f.n, 1);
	assert_int_equal(fx_retry(&f, "lf-1", STORE_ACCEPTED), ERR_USAGE);
	assert_int_equal(fx_retry(&f, "lf-9", STORE_FAILED), ERR_NOT_FOUND);
	fx_claim(&f, job, 9, FX_NOW);
	assert_int_equal(f.n_targets, 2);
	assert_int_equal(f.targets[0].attempt, 2);
	assert_false(f.targets[0].in_doubt);
	assert_true(f.targets[1].in_doubt);
	fx_state_is(&f, "lf-1", "dispatching");
	fx_fini(&f);
}

/* Two failed, the rest is out; then it is called back, and that fails, too:
 * only the calling back is tried again. */
static void
what_was_cancelled_is_not_sent_again(void **state)
{
	struct fx f;
	int64_t job = fx_begin(&f), back;

	(void)state;
	fx_claim(&f, job, 3, FX_NOW);
	fx_put(&f, job, 1, STORE_FAILED);
	fx_put(&f, job, 2, STORE_FAILED);
	fx_put(&f, job, 3, STORE_ACCEPTED);
	assert_int_equal(fx_cancel(&f, "lf-1", "a"), ERR_OK);
	back = fx_job(&f, "a");
	fx_claim(&f, back, 9, FX_NOW);
	fx_put(&f, back, 3, STORE_FAILED);
	assert_int_equal(fx_retry(&f, "lf-1", STORE_FAILED), ERR_OK);
	assert_int_equal(f.n, 1);
	assert_int_equal(f.n_jobs, 1);
	assert_int_equal(f.jobs[0].id, back);
	assert_int_equal(fx_claim(&f, job, 9, FX_NOW), ERR_STATE);
	fx_fini(&f);
}

/* What comes tomorrow does not stand in the way of today's. */
static void
a_planned_successor_lets_failed_be_tried_again(void **state)
{
	struct fx f;
	int64_t job = fx_begin(&f);

	(void)state;
	fx_claim(&f, job, 3, FX_NOW);
	fx_put(&f, job, 1, STORE_FAILED);
	fx_accept(&f, (struct fx_new){ .uid = "lf-2", .chain = "lf-1",
	    .not_before = LATER });
	assert_int_equal(fx_retry(&f, "lf-1", STORE_FAILED), ERR_OK);
	assert_int_equal(f.n, 1);
	fx_accept(&f, (struct fx_new){ .uid = "lf-3", .chain = "lf-1" });
	fx_claim(&f, job, 3, FX_NOW);
	fx_put(&f, job, 2, STORE_FAILED);
	assert_int_equal(fx_retry(&f, "lf-1", STORE_FAILED), ERR_OK);
	assert_int_equal(f.n, 0);
	fx_fini(&f);
}

static void
planned_retract_goes_with_its_announcement(void **state)
{
	struct fx f;
	int64_t back;

	(void)state;
	fx_init(&f, false);
	fx_accept(&f, (struct fx_new){ .uid = "lf-1", .action = LF_RETRACT,
	    .not_before = LATER });
	back = fx_job(&f, "a");
	fx_accept(&f, (struct fx_new){ .uid = "lf-2", .chain = "lf-1" });
	assert_int_equal(fx_job_row(&f, back).state, STORE_JOB_SUPERSEDED);
	fx_fini(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(doubt_outlives_the_job),
		cmocka_unit_test(cancel_takes_back_what_may_be_there),
		cmocka_unit_test(cancel_takes_back_what_was_reached),
		cmocka_unit_test(follower_ends_when_nothing_comes),
		cmocka_unit_test(who_was_reached_and_moved_is_told_as_well),
		cmocka_unit_test(nothing_to_cancel_is_said),
		cmocka_unit_test(failed_are_tried_again_on_demand),
		cmocka_unit_test(what_was_cancelled_is_not_sent_again),
		cmocka_unit_test(
		    a_planned_successor_lets_failed_be_tried_again),
		cmocka_unit_test(planned_retract_goes_with_its_announcement),
	};

	log_init("t_store_cancel", LOG_TEXT, LOG_LEVEL_FATAL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
