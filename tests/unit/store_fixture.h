/*
 * store_fixture: a store in a folder of its own, and each call of store.h as
 * one that waits for its answer. Only for tests.
 */
#ifndef TESTS_UNIT_STORE_FIXTURE_H
#define TESTS_UNIT_STORE_FIXTURE_H

#include <jansson.h>
#include <sqlite3.h>
#include <stdbool.h>

#include "base/err.h"
#include "base/loop.h"
#include "store/store.h"

#define FX_NOW	INT64_C(1773068400000000)	/* 2026-03-09 15:00 UTC */
#define FX_MAX	64

struct fx {
	char dir[64], path[96];
	bool threaded;
	struct loop *loop;
	struct store *store;
	/* The last answer. */
	int answers;
	struct err err;
	int64_t ann, n, lease;
	struct store_job jobs[4];	/* kept after an error */
	size_t n_jobs;
	bool duplicate, exhausted, done;
	int64_t next_retry;
	struct store_target targets[FX_MAX];
	size_t n_targets;
	struct store_progress progress[FX_MAX];
	size_t n_progress;
};

void
fx_init(struct fx *f, bool threaded);
/* Close, delete the folder. */
void
fx_fini(struct fx *f);
/* In the folder that is there. Fails the test on an error. */
void
fx_open(struct fx *f);
void
fx_close(struct fx *f);
/* Another program holds the lock until it is closed, and the store does not
 * wait for it. */
sqlite3 *
fx_lock(struct fx *f);
/* Turn the loop until one more answer has come. */
void
fx_wait(struct fx *f);
/* Turn the loop until nothing is queued. */
void
fx_settle(struct fx *f);

/* One announcement with one job per channel: "a", "b" ... each for this
 * audience (JSON text). Its uid is its chain unless given. */
struct fx_new {
	const char *uid, *chain, *key, *audience;
	uint32_t version;	/* 0 means 1 */
	int n_jobs;		/* 0 means 1 */
	int hash;
	uint32_t action;	/* 0 means LF_SEND */
	enum store_doubt doubt;
	int64_t not_before, expires;
};

/* Ask for it; the answer is not waited for. */
void
fx_send(struct fx *f, struct fx_new n);
enum err_code
fx_accept(struct fx *f, struct fx_new n);
/* A new store with lf-1 in it, which has ten seconds; its job. */
int64_t
fx_begin(struct fx *f);
/* The job of this channel that was made or opened last. */
int64_t
fx_job(struct fx *f, const char *channel);
/* Only its id, state, action and next_retry. */
struct store_job
fx_job_row(struct fx *f, int64_t job);
enum err_code
fx_claim(struct fx *f, int64_t job, size_t n, int64_t now);
enum err_code
fx_record(struct fx *f, const struct store_outcome *o, size_t n);
/* Record one state for one target under the last lease, first try. */
void
fx_put(struct fx *f, int64_t job, int64_t target, enum store_state st);
enum err_code
fx_end(struct fx *f, int64_t job, enum store_job_state how);
enum err_code
fx_subscriber(struct fx *f, const char *json);
/* retract: one channel or NULL. */
enum err_code
fx_cancel(struct fx *f, const char *uid, const char *retract);
enum err_code
fx_retry(struct fx *f, const char *uid, enum store_state st);
/* The state that store_status() tells. */
void
fx_state_is(struct fx *f, const char *uid, const char *state);
/* A number of job i in store_status(), -1 when absent. */
int64_t
fx_count(struct fx *f, const char *uid, size_t i, const char *counter);

/* For calls not wrapped here. */
store_cb fx_answer;
store_change_cb fx_answer_change;

#endif
