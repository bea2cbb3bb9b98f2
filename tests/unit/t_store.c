/*
 * t_store: opening, accepting, group commit and recovery of the store.
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

#include "litfass/plugin.h"
#include "unit/store_fixture.h"

static void
instance_stays_over_restarts(void **state)
{
	char first[16];
	struct fx f;

	(void)state;
	fx_init(&f, false);
	snprintf(first, sizeof(first), "%s", store_instance(f.store));
	assert_int_equal(strlen(first), 8);
	fx_close(&f);
	fx_open(&f);
	assert_string_equal(store_instance(f.store), first);
	fx_fini(&f);
}

static void
second_opener_is_refused(void **state)
{
	struct store *other = NULL;
	struct err e = { ERR_OK, "" };
	struct fx f;

	(void)state;
	fx_init(&f, true);
	assert_int_equal(store_open(f.path, f.loop, 0, &other, &e), -1);
	assert_int_equal(e.code, ERR_STATE);
	assert_non_null(strstr(e.text, "in use by another litfassd"));
	fx_fini(&f);
}

static void
damaged_file_is_named(void **state)
{
	struct store *s = NULL;
	struct err e = { ERR_OK, "" };
	struct fx f;
	FILE *file;

	(void)state;
	fx_init(&f, false);
	store_close(&f.store);
	file = fopen(f.path, "w");
	for (int i = 0; i < 8192; i++)
		fputc('x', file);
	fclose(file);
	assert_int_equal(store_open(f.path, f.loop, STORE_INLINE, &s, &e),
	    -1);
	assert_non_null(strstr(e.text, "damaged or not ours"));
	assert_non_null(strstr(e.text, f.path));
	fx_fini(&f);
}

static void
missing_folder_is_named(void **state)
{
	struct loop *l = loop_new_virtual((struct wall){ 0 });
	struct err e = { ERR_OK, "" };
	struct store *s = NULL;

	(void)state;
	assert_int_equal(store_open("/nonexistent/x.db", l, STORE_INLINE, &s,
	    &e), -1);
	assert_non_null(strstr(e.text, "/nonexistent/x.db"));
	loop_free(&l);
}

static void
accepted_survives_a_restart(void **state)
{
	struct store_job *jobs;
	struct err e;
	struct fx f;
	size_t n;

	(void)state;
	fx_init(&f, true);
	assert_int_equal(fx_accept(&f, (struct fx_new){ .uid = "lf-1",
	    .n_jobs = 2, .expires = FX_NOW + 5 }), ERR_OK);
	fx_close(&f);
	fx_open(&f);
	assert_int_equal(store_jobs(f.store, &jobs, &n, &e), 0);
	assert_int_equal(n, 2);
	assert_string_equal(jobs[0].uid, "lf-1");
	assert_string_equal(jobs[1].channel, "b");
	assert_int_equal(jobs[0].expires, FX_NOW + 5);
	assert_int_equal(jobs[0].accepted, FX_NOW);
	assert_int_equal(jobs[0].state, STORE_JOB_ACTIVE);
	free(jobs);
	fx_fini(&f);
}

static void
same_key_is_a_duplicate(void **state)
{
	struct fx_new n = { .uid = "lf-1", .key = "k" };
	int64_t first;
	struct fx f;

	(void)state;
	fx_init(&f, false);
	assert_int_equal(fx_accept(&f, n), ERR_OK);
	assert_false(f.duplicate);
	first = f.ann;
	assert_int_equal(fx_accept(&f, n), ERR_OK);
	assert_true(f.duplicate);
	assert_int_equal(f.ann, first);
	n.hash = 1;
	assert_int_equal(fx_accept(&f, n), ERR_STATE);
	n.key = NULL;
	assert_int_equal(fx_accept(&f, n), ERR_STATE);
	n.hash = 0;
	assert_int_equal(fx_accept(&f, n), ERR_OK);
	assert_true(f.duplicate);
	fx_fini(&f);
}

static void
older_version_is_refused(void **state)
{
	struct fx f;

	(void)state;
	fx_init(&f, false);
	assert_int_equal(fx_accept(&f, (struct fx_new){ .uid = "lf-1",
	    .version = 2 }), ERR_OK);
	assert_int_equal(fx_accept(&f, (struct fx_new){ .uid = "lf-1",
	    .version = 1 }), ERR_STATE);
	fx_fini(&f);
}

static void
bad_audience_leaves_nothing(void **state)
{
	static const char *const bad[] = { "[]", "{}", "{\"list\":1}",
		"{\"list\":[1]}", "{\"kind\":\"\"}", "{\"reached\":\"x\"}",
		"{\"kind\":\"sms\",\"topics\":7}",
		"{\"kind\":\"sms\",\"ars\":\"12\"}",
		"{\"kind\":\"sms\",\"ars\":[\"12\"]}" };
	struct store_job *jobs;
	struct err e;
	struct fx f;
	size_t n;

	(void)state;
	fx_init(&f, false);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(fx_accept(&f, (struct fx_new){
		    .uid = "lf-1", .audience = bad[i] }), ERR_INVALID);
		assert_int_equal(store_jobs(f.store, &jobs, &n, &e), 0);
		assert_int_equal(n, 0);
	}
	fx_fini(&f);
}

static void
update_supersedes_the_same_channel(void **state)
{
	int64_t a, b;
	struct fx f;

	(void)state;
	fx_init(&f, false);
	fx_accept(&f, (struct fx_new){ .uid = "lf-1", .n_jobs = 2 });
	a = fx_job(&f, "a");
	b = fx_job(&f, "b");
	assert_int_equal(fx_claim(&f, a, 1, FX_NOW), ERR_OK);
	fx_put(&f, a, 1, STORE_RETRY);
	fx_accept(&f, (struct fx_new){ .uid = "lf-2", .chain = "lf-1" });
	assert_int_equal(fx_job_row(&f, a).state, STORE_JOB_SUPERSEDED);
	assert_int_equal(fx_job_row(&f, a).next_retry, 0);
	assert_int_equal(fx_job_row(&f, b).state, STORE_JOB_ACTIVE);
	assert_int_equal(fx_claim(&f, a, 1, FX_NOW), ERR_STATE);
	assert_int_equal(fx_claim(&f, b, 1, FX_NOW), ERR_OK);
	fx_fini(&f);
}

static void
many_accepts_share_commits(void **state)
{
	char uid[16];
	struct fx f;
	json_t *st;

	(void)state;
	fx_init(&f, false);
	for (int i = 0; i < 100; i++) {
		snprintf(uid, sizeof(uid), "lf-%d", i);
		fx_send(&f, (struct fx_new){ .uid = uid });
	}
	fx_send(&f, (struct fx_new){ .uid = "lf-3", .hash = 9 });
	while (f.answers < 100)
		fx_wait(&f);
	assert_int_equal(f.answers, 101);
	assert_int_equal(f.err.code, ERR_STATE);
	st = store_stats(f.store);
	assert_true(json_integer_value(json_object_get(st, "commits")) < 5);
	assert_true(json_integer_value(json_object_get(st, "ops")) >= 101);
	json_decref(st);
	fx_fini(&f);
}

static void
recovery_gives_leases_back(void **state)
{
	struct store_flight started = { 0, 2 };
	struct err e;
	int64_t job;
	struct fx f;
	size_t n;

	(void)state;
	fx_init(&f, false);
	fx_accept(&f, (struct fx_new){ .uid = "lf-1" });
	job = started.job = fx_job(&f, "a");
	fx_claim(&f, job, 3, FX_NOW);
	assert_int_equal(f.n_targets, 3);
	assert_true(f.exhausted);
	fx_put(&f, job, 1, STORE_ACCEPTED);
	fx_close(&f);
	fx_open(&f);
	assert_int_equal(store_recover(f.store, &started, 1, true, FX_NOW, &n,
	    &e), 0);
	assert_int_equal(n, 1);
	fx_claim(&f, job, 9, FX_NOW);
	assert_int_equal(f.n_targets, 2);
	assert_int_equal(f.targets[0].target, 2);
	assert_true(f.targets[0].in_doubt);
	assert_int_equal(f.targets[0].attempt, 2);
	assert_int_equal(f.targets[1].target, 3);
	assert_false(f.targets[1].in_doubt);
	assert_int_equal(f.targets[1].attempt, 1);
	fx_fini(&f);
}

static void
doubt_is_held_when_the_job_says_so(void **state)
{
	struct err e;
	int64_t job;
	struct fx f;
	size_t n;

	(void)state;
	fx_init(&f, false);
	fx_accept(&f, (struct fx_new){ .uid = "lf-1",
	    .doubt = STORE_DOUBT_HOLD });
	job = fx_job(&f, "a");
	fx_claim(&f, job, 2, FX_NOW);
	fx_close(&f);
	fx_open(&f);
	assert_int_equal(store_recover(f.store, NULL, 0, false, FX_NOW, &n,
	    &e), 0);
	assert_int_equal(n, 2);
	fx_claim(&f, job, 9, FX_NOW);
	assert_int_equal(f.n_targets, 1);
	assert_int_equal(f.targets[0].target, 3);
	fx_put(&f, job, 3, STORE_ACCEPTED);
	assert_int_equal(fx_job_row(&f, job).state, STORE_JOB_DONE);
	fx_fini(&f);
}

/* ------------------------------------------------------------- recovery -- */

/* What a process that died had in its hands, and in what condition. */
struct wreck {
	enum store_job_state job;
	enum store_doubt policy;
	bool retried, before;	/* a second try; the first is in doubt */
	bool started, trusted;	/* what the ledger says */
};

static void
crash_with(struct fx *f, const struct wreck *w)
{
	struct store_outcome o = { .target = 1, .state = STORE_RETRY,
		.attempt = 1, .counts = true, .in_doubt = w->before,
		.at = FX_NOW, .due = FX_NOW };

	fx_init(f, false);
	fx_accept(f, (struct fx_new){ .uid = "lf-1", .doubt = w->policy,
	    .audience = "{\"list\":[\"one\"]}" });
	o.job = fx_job(f, "a");
	fx_claim(f, o.job, 1, FX_NOW);
	o.lease = f->lease;
	if (w->retried) {
		fx_record(f, &o, 1);
		fx_claim(f, o.job, 1, FX_NOW);
		assert_int_equal(f->n_targets, 1);
	}
	if (w->job != STORE_JOB_ACTIVE)
		assert_int_equal(fx_end(f, o.job, w->job), ERR_OK);
	fx_close(f);
	fx_open(f);
}

static enum store_state
fate(const struct wreck *w, bool doubt)
{
	static const enum store_state ends[] = {
		[STORE_JOB_CANCELLED] = STORE_CANCELLED,
		[STORE_JOB_SUPERSEDED] = STORE_SUPERSEDED,
		[STORE_JOB_EXPIRED] = STORE_EXPIRED };

	if (w->job == STORE_JOB_ACTIVE)
		return doubt && w->policy == STORE_DOUBT_HOLD ?
		    STORE_UNKNOWN : STORE_RETRY;
	return doubt || w->before ? STORE_UNKNOWN : ends[w->job];
}

static void
recover_from(const struct wreck *w)
{
	struct store_flight flight = { 1, 1 };
	bool doubt = w->started || !w->trusted;
	enum store_state want = fate(w, doubt);
	struct store_job *jobs;
	struct err e;
	struct fx f;
	size_t n;

	crash_with(&f, w);
	assert_int_equal(store_recover(f.store, &flight, w->started, w->trusted,
	    FX_NOW, &n, &e), 0);
	assert_int_equal(n, doubt);
	assert_int_equal(fx_count(&f, "lf-1", 0, store_state_name(want)), 1);
	assert_int_equal(fx_count(&f, "lf-1", 0, "total"), 1);
	assert_int_equal(store_jobs(f.store, &jobs, &n, &e), 0);
	free(jobs);
	assert_int_equal(n, want == STORE_RETRY);
	if (want == STORE_RETRY) {
		fx_claim(&f, 1, 9, FX_NOW);
		assert_int_equal(f.n_targets, 1);
		assert_int_equal(f.targets[0].in_doubt, doubt || w->before);
		assert_int_equal(f.targets[0].attempt,
		    1 + w->retried + doubt);
	}
	fx_fini(&f);
}

static void
recovery_is_right_for_every_wreck(void **state)
{
	static const enum store_job_state jobs[] = { STORE_JOB_ACTIVE,
		STORE_JOB_CANCELLED, STORE_JOB_SUPERSEDED,
		STORE_JOB_EXPIRED };

	(void)state;
	for (unsigned i = 0; i < 4 * 32; i++) {
		struct wreck w = { .job = jobs[i / 32],
			.policy = i & 1 ? STORE_DOUBT_HOLD :
			STORE_DOUBT_RESEND, .retried = i & 2, .before = i & 4,
			.started = i & 8, .trusted = i & 16 };

		if (w.retried || !w.before)
			recover_from(&w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(instance_stays_over_restarts),
		cmocka_unit_test(second_opener_is_refused),
		cmocka_unit_test(damaged_file_is_named),
		cmocka_unit_test(missing_folder_is_named),
		cmocka_unit_test(accepted_survives_a_restart),
		cmocka_unit_test(same_key_is_a_duplicate),
		cmocka_unit_test(older_version_is_refused),
		cmocka_unit_test(bad_audience_leaves_nothing),
		cmocka_unit_test(update_supersedes_the_same_channel),
		cmocka_unit_test(many_accepts_share_commits),
		cmocka_unit_test(recovery_gives_leases_back),
		cmocka_unit_test(doubt_is_held_when_the_job_says_so),
		cmocka_unit_test(recovery_is_right_for_every_wreck),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
