/*
 * t_store_job: claims and outcomes, until a job is done.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/log.h"
#include "unit/store_fixture.h"

#define LATER	(FX_NOW + 10 * CLOCK_SECOND)

static void
cursor_gives_each_target_once(void **state)
{
	struct fx f;
	int64_t job = fx_begin(&f);

	(void)state;
	assert_int_equal(fx_claim(&f, job, 2, FX_NOW), ERR_OK);
	assert_int_equal(f.n_targets, 2);
	assert_string_equal(f.targets[0].address, "one");
	assert_int_equal(f.targets[0].attempt, 1);
	assert_false(f.targets[0].retry);
	assert_false(f.exhausted);
	assert_int_not_equal(f.lease, 0);
	fx_claim(&f, job, 2, FX_NOW);
	assert_int_equal(f.n_targets, 1);
	assert_string_equal(f.targets[0].address, "three");
	assert_true(f.exhausted);
	fx_claim(&f, job, 2, FX_NOW);
	assert_int_equal(f.n_targets, 0);
	assert_false(f.done);
	fx_fini(&f);
}

static void
empty_list_is_done_at_once(void **state)
{
	struct fx f;

	(void)state;
	fx_init(&f, false);
	fx_accept(&f, (struct fx_new){ .uid = "lf-1",
	    .audience = "{\"list\":[]}" });
	fx_claim(&f, fx_job(&f, "a"), 5, FX_NOW);
	assert_int_equal(f.n_targets, 0);
	assert_true(f.done);
	fx_state_is(&f, "lf-1", "done");
	fx_fini(&f);
}

static void
scheduled_job_waits(void **state)
{
	struct fx f;

	(void)state;
	fx_init(&f, false);
	fx_accept(&f, (struct fx_new){ .uid = "lf-1",
	    .not_before = LATER });
	fx_state_is(&f, "lf-1", "scheduled");
	assert_int_equal(fx_claim(&f, fx_job(&f, "a"), 5, FX_NOW), ERR_STATE);
	assert_int_equal(fx_claim(&f, fx_job(&f, "a"), 5, LATER), ERR_OK);
	assert_int_equal(f.n_targets, 3);
	assert_int_equal(fx_claim(&f, 99, 5, LATER), ERR_NOT_FOUND);
	fx_fini(&f);
}

static void
last_outcome_ends_the_job(void **state)
{
	struct fx f;
	int64_t job = fx_begin(&f);

	(void)state;
	fx_claim(&f, job, 3, FX_NOW);
	fx_put(&f, job, 1, STORE_ACCEPTED);
	fx_put(&f, job, 2, STORE_DELIVERED);
	assert_false(f.progress[0].done);
	fx_state_is(&f, "lf-1", "dispatching");
	fx_put(&f, job, 3, STORE_ACCEPTED);
	assert_int_equal(f.n_progress, 1);
	assert_int_equal(f.progress[0].job, job);
	assert_true(f.progress[0].done);
	fx_state_is(&f, "lf-1", "live");
	assert_int_equal(fx_count(&f, "lf-1", 0, "accepted"), 2);
	assert_int_equal(fx_count(&f, "lf-1", 0, "delivered"), 1);
	assert_int_equal(fx_count(&f, "lf-1", 0, "total"), 3);
	assert_int_equal(fx_count(&f, "lf-1", 0, "queued"), 0);
	fx_fini(&f);
}

static void
retry_waits_until_due(void **state)
{
	struct fx f;
	int64_t job = fx_begin(&f);
	struct store_outcome o = { .job = job, .target = 1,
		.state = STORE_ACCEPTED, .attempt = 2, .counts = true,
		.at = LATER };

	(void)state;
	fx_claim(&f, job, 3, FX_NOW);
	fx_put(&f, job, 2, STORE_ACCEPTED);
	fx_put(&f, job, 3, STORE_ACCEPTED);
	fx_put(&f, job, 1, STORE_RETRY);
	assert_int_equal(f.progress[0].next_retry, FX_NOW + CLOCK_SECOND);
	assert_int_equal(fx_job_row(&f, job).next_retry,
	    FX_NOW + CLOCK_SECOND);
	assert_int_equal(fx_count(&f, "lf-1", 0, "retry"), 1);
	fx_claim(&f, job, 3, FX_NOW);
	assert_int_equal(f.n_targets, 0);
	assert_int_equal(f.next_retry, FX_NOW + CLOCK_SECOND);
	fx_claim(&f, job, 3, FX_NOW + CLOCK_SECOND);
	assert_int_equal(f.n_targets, 1);
	assert_true(f.targets[0].retry);
	assert_int_equal(f.targets[0].attempt, 2);
	assert_int_equal(f.lease, 0);
	fx_record(&f, &o, 1);
	assert_true(f.progress[0].done);
	assert_int_equal(fx_count(&f, "lf-1", 0, "retry"), 0);
	fx_fini(&f);
}

static void
uncharged_try_keeps_its_number(void **state)
{
	struct fx f;
	int64_t job = fx_begin(&f);
	struct store_outcome o = { .job = job, .target = 1,
		.state = STORE_RETRY, .attempt = 1, .counts = false,
		.at = FX_NOW, .due = FX_NOW };

	(void)state;
	fx_claim(&f, job, 1, FX_NOW);
	o.lease = f.lease;
	fx_record(&f, &o, 1);
	fx_claim(&f, job, 1, FX_NOW);
	assert_int_equal(f.targets[0].target, 1);
	assert_int_equal(f.targets[0].attempt, 1);
	fx_fini(&f);
}

/* Put target 1 into a state, then report another; what stays? */
static enum store_state
after(enum store_state from, enum store_state to)
{
	struct fx f;
	int64_t job = fx_begin(&f), n[STORE_STATES], sum = 0;
	enum store_state got = STORE_QUEUED;

	fx_claim(&f, job, 1, FX_NOW);
	fx_put(&f, job, 1, from);
	if (from == STORE_RETRY)
		fx_claim(&f, job, 1, FX_NOW + CLOCK_SECOND);
	f.lease = 0;
	fx_put(&f, job, 1, to);
	for (int i = STORE_RETRY; i < STORE_STATES; i++) {
		n[i] = fx_count(&f, "lf-1", 0,
		    store_state_name((enum store_state)i));
		assert_in_range(n[i], 0, 1);
		sum += n[i];
		if (n[i] == 1)
			got = (enum store_state)i;
	}
	assert_int_equal(sum, 1);
	assert_int_equal(fx_count(&f, "lf-1", 0, "queued"), 2);
	fx_fini(&f);
	return got;
}

static bool
may_follow(enum store_state from, enum store_state to)
{
	if (from == STORE_RETRY)
		return true;
	if (from == STORE_ACCEPTED)
		return to == STORE_DELIVERED || to == STORE_FAILED;
	return from == STORE_UNKNOWN && (to == STORE_ACCEPTED ||
	    to == STORE_DELIVERED || to == STORE_FAILED);
}

static void
states_only_move_forward(void **state)
{
	(void)state;
	for (int i = STORE_RETRY; i < STORE_STATES; i++)
		for (int k = STORE_RETRY; k < STORE_STATES; k++) {
			enum store_state from = (enum store_state)i;
			enum store_state to = (enum store_state)k;

			assert_int_equal(after(from, to),
			    may_follow(from, to) ? to : from);
		}
}

static void
foreign_reports_are_ignored(void **state)
{
	struct fx f;
	int64_t job = fx_begin(&f);
	struct store_outcome o = { .job = job, .target = 1,
		.state = STORE_ACCEPTED, .attempt = 1, .at = FX_NOW };

	(void)state;
	fx_claim(&f, job, 2, FX_NOW);
	o.lease = f.lease + 1;
	assert_int_equal(fx_record(&f, &o, 1), ERR_OK);
	o.lease = f.lease;
	o.target = 3;		/* not handed out */
	fx_record(&f, &o, 1);
	o.target = -1;
	fx_record(&f, &o, 1);
	o.job = 4711;
	fx_record(&f, &o, 1);
	assert_int_equal(f.n_progress, 0);
	assert_int_equal(fx_count(&f, "lf-1", 0, "queued"), 3);
	fx_fini(&f);
}

static void
receipt_ends_a_retry_in_doubt(void **state)
{
	struct fx f;
	int64_t job = fx_begin(&f);

	(void)state;
	fx_claim(&f, job, 1, FX_NOW);
	fx_put(&f, job, 1, STORE_RETRY);
	f.lease = 0;
	fx_put(&f, job, 1, STORE_FAILED);	/* stale, not a receipt */
	assert_int_equal(fx_count(&f, "lf-1", 0, "retry"), 1);
	fx_put(&f, job, 1, STORE_DELIVERED);
	assert_int_equal(fx_count(&f, "lf-1", 0, "retry"), 0);
	assert_int_equal(fx_count(&f, "lf-1", 0, "delivered"), 1);
	fx_claim(&f, job, 9, FX_NOW + CLOCK_SECOND);
	assert_int_equal(f.n_targets, 2);
	fx_fini(&f);
}

static void
ended_job_finishes_what_is_out(void **state)
{
	struct fx f;
	int64_t job = fx_begin(&f);

	(void)state;
	fx_claim(&f, job, 2, FX_NOW);
	assert_int_equal(fx_end(&f, job, STORE_JOB_EXPIRED), ERR_OK);
	assert_int_equal(fx_end(&f, job, STORE_JOB_EXPIRED), ERR_STATE);
	fx_state_is(&f, "lf-1", "dispatching");
	fx_put(&f, job, 1, STORE_ACCEPTED);
	assert_false(f.progress[0].done);
	fx_put(&f, job, 2, STORE_RETRY);
	assert_true(f.progress[0].done);
	assert_int_equal(fx_count(&f, "lf-1", 0, "expired"), 2);
	assert_int_equal(fx_job_row(&f, job).state, STORE_JOB_EXPIRED);
	fx_state_is(&f, "lf-1", "partial");
	fx_fini(&f);
}

static void
waiting_retries_end_with_their_job(void **state)
{
	struct fx f;
	int64_t job = fx_begin(&f);

	(void)state;
	fx_claim(&f, job, 1, FX_NOW);
	fx_put(&f, job, 1, STORE_RETRY);
	fx_end(&f, job, STORE_JOB_SUPERSEDED);
	assert_int_equal(fx_count(&f, "lf-1", 0, "superseded"), 3);
	assert_int_equal(fx_count(&f, "lf-1", 0, "retry"), 0);
	fx_fini(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cursor_gives_each_target_once),
		cmocka_unit_test(empty_list_is_done_at_once),
		cmocka_unit_test(scheduled_job_waits),
		cmocka_unit_test(last_outcome_ends_the_job),
		cmocka_unit_test(retry_waits_until_due),
		cmocka_unit_test(uncharged_try_keeps_its_number),
		cmocka_unit_test(states_only_move_forward),
		cmocka_unit_test(foreign_reports_are_ignored),
		cmocka_unit_test(receipt_ends_a_retry_in_doubt),
		cmocka_unit_test(ended_job_finishes_what_is_out),
		cmocka_unit_test(waiting_retries_end_with_their_job),
	};

	log_init("t_store_job", LOG_TEXT, LOG_LEVEL_FATAL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
