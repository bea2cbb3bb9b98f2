/*
 * t_store_job: claims, outcomes, cancelling, retrying and what status says.
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
#include "litfass/plugin.h"
#include "unit/store_fixture.h"

#define LATER	(FX_NOW + 10 * CLOCK_SECOND)

static int64_t
begin(struct fx *f)
{
	fx_init(f, false);
	assert_int_equal(fx_accept(f, (struct fx_new){ .uid = "lf-1",
	    .expires = LATER }), ERR_OK);
	return fx_job(f, "a");
}

static void
cursor_gives_each_target_once(void **state)
{
	struct fx f;
	int64_t job = begin(&f);

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
	int64_t job = begin(&f);

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
	int64_t job = begin(&f);
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
	int64_t job = begin(&f);
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
	int64_t job = begin(&f), n[STORE_STATES], sum = 0;
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
	int64_t job = begin(&f);
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
	int64_t job = begin(&f);

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
	int64_t job = begin(&f);

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
	int64_t job = begin(&f);

	(void)state;
	fx_claim(&f, job, 1, FX_NOW);
	fx_put(&f, job, 1, STORE_RETRY);
	fx_end(&f, job, STORE_JOB_SUPERSEDED);
	assert_int_equal(fx_count(&f, "lf-1", 0, "superseded"), 3);
	assert_int_equal(fx_count(&f, "lf-1", 0, "retry"), 0);
	fx_fini(&f);
}

/* Nobody knows whether targets 1 and 2 arrived: 1 waits for its next try, 2
 * is claimed for it, 3 has none to come. */
static int64_t
begin_in_doubt(struct fx *f)
{
	int64_t job = begin(f);
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
	int64_t job = begin(&f), back, lease;

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
	int64_t job = begin(&f), back, lease;

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
	int64_t job = begin(&f);

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
	int64_t job = begin(&f);

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
	int64_t job = begin(&f), back;

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
	int64_t job = begin(&f);

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

static void
deliveries_come_by_page(void **state)
{
	struct fx f;
	int64_t job = begin(&f);
	json_t *page, *j;

	(void)state;
	fx_claim(&f, job, 3, FX_NOW);
	fx_put(&f, job, 1, STORE_ACCEPTED);
	fx_put(&f, job, 2, STORE_RETRY);
	fx_put(&f, job, 3, STORE_FAILED);
	page = store_deliveries(f.store, "lf-1", NULL, -1, "", 2);
	assert_int_equal(json_array_size(page), 2);
	j = json_array_get(page, 1);
	assert_string_equal(json_string_value(json_object_get(j, "state")),
	    "retry");
	assert_string_equal(json_string_value(json_object_get(j, "action")),
	    "send");
	assert_string_equal(json_string_value(json_object_get(j,
	    "delivery")), "1.2");
	json_decref(page);
	page = store_deliveries(f.store, "lf-1", "a", -1, "1.2", 9);
	assert_int_equal(json_array_size(page), 1);
	json_decref(page);
	page = store_deliveries(f.store, "lf-1", "a", STORE_FAILED, "", 9);
	assert_int_equal(json_array_size(page), 1);
	json_decref(page);
	page = store_deliveries(f.store, "lf-1", NULL, STORE_RETRY, "", 9);
	assert_int_equal(json_array_size(page), 1);
	json_decref(page);
	page = store_deliveries(f.store, "lf-1", NULL, STORE_QUEUED, "", 9);
	assert_int_equal(json_array_size(page), 0);
	json_decref(page);
	page = store_deliveries(f.store, "lf-1", NULL, STORE_DELIVERED, "",
	    9);
	assert_int_equal(json_array_size(page), 0);
	json_decref(page);
	fx_put(&f, job, 1, STORE_DELIVERED);
	page = store_deliveries(f.store, "lf-1", NULL, STORE_DELIVERED, "",
	    9);
	assert_int_equal(json_array_size(page), 1);
	json_decref(page);
	page = store_deliveries(f.store, "lf-1", "b", -1, "", 9);
	assert_int_equal(json_array_size(page), 0);
	json_decref(page);
	fx_fini(&f);
}

static void
trace_tells_every_try(void **state)
{
	struct fx f;
	int64_t job = begin(&f);
	struct store_outcome o = { .job = job, .target = 1,
		.state = STORE_RETRY, .attempt = 1, .counts = true,
		.at = FX_NOW, .due = FX_NOW, .code = 503, .text = "busy" };
	json_t *j, *tries;

	(void)state;
	fx_claim(&f, job, 2, FX_NOW);
	o.lease = f.lease;
	fx_record(&f, &o, 1);
	fx_claim(&f, job, 1, FX_NOW);
	o = (struct store_outcome){ .job = job, .target = 1, .attempt = 2,
		.state = STORE_ACCEPTED, .at = FX_NOW + 1, .peer_id = "m1" };
	fx_record(&f, &o, 1);
	j = store_trace(f.store, "1.1");
	tries = json_object_get(j, "attempts");
	assert_int_equal(json_array_size(tries), 2);
	assert_string_equal(json_string_value(json_object_get(
	    json_array_get(tries, 0), "text")), "busy");
	assert_string_equal(json_string_value(json_object_get(j, "state")),
	    "accepted");
	assert_string_equal(json_string_value(json_object_get(j,
	    "peer_id")), "m1");
	json_decref(j);
	j = store_trace(f.store, "1.3");
	assert_string_equal(json_string_value(json_object_get(j, "state")),
	    "queued");
	json_decref(j);
	assert_null(store_trace(f.store, "1.4"));
	assert_null(store_trace(f.store, "2.1"));
	assert_null(store_trace(f.store, "1"));
	assert_null(store_trace(f.store, "1.1x"));
	fx_fini(&f);
}

static void
long_texts_are_cut_at_a_character(void **state)
{
	struct fx f;
	int64_t job = begin(&f);
	char text[300];
	struct store_outcome o = { .job = job, .target = 1, .attempt = 1,
		.state = STORE_FAILED, .at = FX_NOW, .text = text };
	const char *got;
	json_t *j;

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text + 254, "ä", 2);
	text[299] = '\0';
	fx_claim(&f, job, 1, FX_NOW);
	o.lease = f.lease;
	fx_record(&f, &o, 1);
	j = store_trace(f.store, "1.1");
	got = json_string_value(json_object_get(j, "text"));
	assert_int_equal(strlen(got), 254);
	json_decref(j);
	fx_fini(&f);
}

static void
list_has_the_newest_first(void **state)
{
	struct fx f;
	json_t *list;

	(void)state;
	fx_init(&f, false);
	fx_accept(&f, (struct fx_new){ .uid = "lf-1" });
	fx_accept(&f, (struct fx_new){ .uid = "lf-2" });
	list = store_list(f.store, 10);
	assert_int_equal(json_array_size(list), 2);
	assert_string_equal(json_string_value(json_object_get(
	    json_array_get(list, 0), "id")), "lf-2");
	assert_null(json_object_get(json_array_get(list, 0), "channels"));
	json_decref(list);
	assert_null(store_status(f.store, "lf-3"));
	fx_fini(&f);
}

static void
small_things_are_kept(void **state)
{
	char chain[72], *s;
	struct fx f;
	json_t *all;

	(void)state;
	fx_init(&f, false);
	fx_accept(&f, (struct fx_new){ .uid = "lf-2", .chain = "lf-1" });
	store_chain_of(f.store, "lf-2", chain, sizeof(chain));
	assert_string_equal(chain, "lf-1");
	store_chain_of(f.store, "lf-7", chain, sizeof(chain));
	assert_string_equal(chain, "lf-7");
	assert_int_equal(store_find(f.store, "lf-2"), f.ann);
	assert_int_equal(store_find(f.store, "lf-7"), 0);
	s = store_body(f.store, f.ann);
	assert_string_equal(s, "{}");
	free(s);
	store_rendition_put(f.store, f.ann, "a", "de", "[1]", fx_answer, &f);
	fx_wait(&f);
	s = store_rendition_get(f.store, f.ann, "a", "de");
	assert_string_equal(s, "[1]");
	free(s);
	assert_null(store_rendition_get(f.store, f.ann, "a", "uk"));
	store_channel_put(f.store, "a", "paused", "1", NULL, NULL);
	store_channel_put(f.store, "a", "cause", "x", NULL, NULL);
	store_channel_put(f.store, "a", "cause", NULL, fx_answer, &f);
	fx_wait(&f);
	all = store_channel_get(f.store, "a");
	assert_int_equal(json_object_size(all), 1);
	assert_string_equal(json_string_value(json_object_get(all,
	    "paused")), "1");
	json_decref(all);
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
		cmocka_unit_test(deliveries_come_by_page),
		cmocka_unit_test(trace_tells_every_try),
		cmocka_unit_test(long_texts_are_cut_at_a_character),
		cmocka_unit_test(list_has_the_newest_first),
		cmocka_unit_test(small_things_are_kept),
	};

	log_init("t_store_job", LOG_TEXT, LOG_LEVEL_FATAL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
