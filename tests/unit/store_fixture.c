/*
 * store_fixture: see its header. Inline stores run on virtual time, threaded
 * ones on the real loop.
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
#include "store/store_private.h"
#include "unit/store_fixture.h"

void
fx_init(struct fx *f, bool threaded)
{
	memset(f, 0, sizeof(*f));
	f->threaded = threaded;
	snprintf(f->dir, sizeof(f->dir), "/tmp/t_store.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/litfass.db", f->dir);
	fx_open(f);
}

void
fx_open(struct fx *f)
{
	struct err e = { ERR_OK, "" };

	f->loop = f->threaded ? loop_new() :
	    loop_new_virtual((struct wall){ FX_NOW });
	if (store_open(f->path, f->loop, f->threaded ? 0 : STORE_INLINE,
	    &f->store, &e) == -1)
		fail_msg("%s", e.text);
}

void
fx_close(struct fx *f)
{
	store_close(&f->store);
	loop_free(&f->loop);
}

void
fx_fini(struct fx *f)
{
	static const char *const tails[] = { "", "-wal", "-shm", ".lock",
		".reserve" };
	char path[128];

	fx_close(f);
	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", f->path, tails[i]);
		unlink(path);
	}
	assert_int_equal(rmdir(f->dir), 0);
}

sqlite3 *
fx_lock(struct fx *f)
{
	sqlite3 *db;

	sqlite3_busy_timeout(f->store->wdb.conn, 0);
	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL,
	    NULL), SQLITE_OK);
	return db;
}

void
fx_wait(struct fx *f)
{
	int before = f->answers;

	while (f->answers == before)
		loop_once(f->loop, f->threaded ? CLOCK_SECOND : 0);
}

void
fx_settle(struct fx *f)
{
	store_audit(f->store, "test", "settle", "", "", FX_NOW);
	if (!f->threaded)
		loop_run(f->loop);
}

/* -------------------------------------------------------------- answers -- */

static void
answer(struct fx *f, const struct err *e)
{
	f->answers++;
	f->err = *e;
}

void
fx_answer(void *arg, const struct err *e)
{
	answer(arg, e);
}

void
fx_answer_change(void *arg, const struct err *e, const struct store_change *c)
{
	struct fx *f = arg;

	answer(f, e);
	f->ann = c->ann;
	f->n = c->n;
	f->duplicate = c->duplicate;
	assert_true(c->n_jobs <= sizeof(f->jobs) / sizeof(f->jobs[0]));
	if (c->n_jobs == 0)
		return;
	memcpy(f->jobs, c->jobs, c->n_jobs * sizeof(*c->jobs));
	f->n_jobs = c->n_jobs;
}

static void
answer_claim(void *arg, const struct err *e, const struct store_batch *b)
{
	struct fx *f = arg;

	answer(f, e);
	assert_true(b->n <= FX_MAX);
	f->n_targets = b->n;
	if (b->n > 0)
		memcpy(f->targets, b->targets, b->n * sizeof(*b->targets));
	f->lease = b->lease;
	f->exhausted = b->exhausted;
	f->done = b->job_done;
	f->next_retry = b->next_retry;
}

static void
answer_record(void *arg, const struct err *e, const struct store_progress *p,
    size_t n)
{
	struct fx *f = arg;

	answer(f, e);
	assert_true(n <= FX_MAX);
	f->n_progress = n;
	if (n > 0)
		memcpy(f->progress, p, n * sizeof(*p));
}

/* ---------------------------------------------------------------- calls -- */

static size_t
make_jobs(struct store_new_job *jobs, const struct fx_new *n,
    const json_t *audience)
{
	static const char *const channels[] = { "a", "b", "c", "d" };
	size_t count = n->n_jobs == 0 ? 1 : (size_t)n->n_jobs;

	for (size_t i = 0; i < count; i++)
		jobs[i] = (struct store_new_job){ .channel = channels[i],
			.action = n->action == 0 ? LF_SEND : n->action,
			.lane = STORE_NORMAL, .doubt = n->doubt,
			.not_before = n->not_before, .expires = n->expires,
			.audience = audience };
	return count;
}

void
fx_send(struct fx *f, struct fx_new n)
{
	json_t *audience = json_loads(n.audience == NULL ?
	    "{\"list\":[\"one\",\"two\",\"three\"]}" : n.audience, 0, NULL);
	struct store_new_job jobs[4];
	unsigned char hash[32];
	struct store_new in = { .uid = n.uid, .chain = n.uid,
		.version = n.version == 0 ? 1 : n.version,
		.idem_key = n.key, .hash = hash, .body = "{}",
		.actor = "uid:1000", .lane = STORE_NORMAL, .now = FX_NOW,
		.not_before = n.not_before, .expires = n.expires,
		.jobs = jobs };

	memset(hash, n.hash, sizeof(hash));
	if (n.chain != NULL)
		in.chain = n.chain;
	in.n_jobs = make_jobs(jobs, &n, audience);
	store_accept(f->store, &in, fx_answer_change, f);
	json_decref(audience);
}

enum err_code
fx_accept(struct fx *f, struct fx_new n)
{
	fx_send(f, n);
	fx_wait(f);
	return f->err.code;
}

int64_t
fx_begin(struct fx *f)
{
	fx_init(f, false);
	assert_int_equal(fx_accept(f, (struct fx_new){ .uid = "lf-1",
	    .expires = FX_NOW + 10 * CLOCK_SECOND }), ERR_OK);
	return fx_job(f, "a");
}

int64_t
fx_job(struct fx *f, const char *channel)
{
	for (size_t i = f->n_jobs; i-- > 0;)
		if (strcmp(f->jobs[i].channel, channel) == 0)
			return f->jobs[i].id;
	fail_msg("no job of channel %s", channel);
	return 0;
}

struct store_job
fx_job_row(struct fx *f, int64_t id)
{
	struct db *d = store_reader(f->store);
	struct job j;

	assert_true(job_load(d, id, &j));
	return (struct store_job){ .id = id, .state = j.state,
	    .action = j.action, .next_retry = job_next_retry(d, id) };
}

enum err_code
fx_claim(struct fx *f, int64_t job, size_t n, int64_t now)
{
	store_claim(f->store, job, n, now, answer_claim, f);
	fx_wait(f);
	return f->err.code;
}

enum err_code
fx_record(struct fx *f, const struct store_outcome *o, size_t n)
{
	store_record(f->store, o, n, answer_record, f);
	fx_wait(f);
	return f->err.code;
}

void
fx_put(struct fx *f, int64_t job, int64_t target, enum store_state st)
{
	struct store_outcome o = { .job = job, .target = target,
		.lease = f->lease, .state = st, .attempt = 1, .counts = true,
		.at = FX_NOW, .due = FX_NOW + CLOCK_SECOND };

	assert_int_equal(fx_record(f, &o, 1), ERR_OK);
}

enum err_code
fx_end(struct fx *f, int64_t job, enum store_job_state how)
{
	store_end_job(f->store, job, how, FX_NOW, fx_answer, f);
	fx_wait(f);
	return f->err.code;
}

enum err_code
fx_subscriber(struct fx *f, const char *json)
{
	json_t *p = json_loads(json, 0, NULL);

	assert_non_null(p);
	store_subscriber_put(f->store, p, "uid:1000", FX_NOW, fx_answer, f);
	json_decref(p);
	fx_wait(f);
	return f->err.code;
}

enum err_code
fx_cancel(struct fx *f, const char *uid, const char *retract)
{
	store_cancel(f->store, uid, &retract, retract == NULL ? 0 : 1,
	    "uid:1000", FX_NOW, fx_answer_change, f);
	fx_wait(f);
	return f->err.code;
}

enum err_code
fx_retry(struct fx *f, const char *uid, enum store_state st)
{
	store_retry(f->store, uid, NULL, st, "uid:1000", FX_NOW,
	    fx_answer_change, f);
	fx_wait(f);
	return f->err.code;
}

void
fx_state_is(struct fx *f, const char *uid, const char *state)
{
	json_t *st = store_status(f->store, uid);

	assert_non_null(st);
	assert_string_equal(json_string_value(json_object_get(st, "state")),
	    state);
	json_decref(st);
}

int64_t
fx_count(struct fx *f, const char *uid, size_t i, const char *counter)
{
	json_t *st = store_status(f->store, uid);
	json_t *v = json_object_get(json_array_get(json_object_get(st,
	    "channels"), i), counter);
	int64_t n = v == NULL ? -1 : json_integer_value(v);

	json_decref(st);
	return n;
}
