/*
 * store_claim: hands out the next targets of a job. What it hands out is
 * durable before the caller sees it, so a crash knows what was under way.
 * Called by the engine whenever a channel has room.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/crash.h"
#include "base/mem.h"
#include "store/store_private.h"

#define CLAIM_MAX	4096	/* targets of one batch */
#define WALK_CHUNK	512	/* candidates of one query */
#define WALK_MAX	8192	/* candidates of one commit: a rare topic
				 * must not hold up the others */

struct claim_op {
	struct op op;
	struct store_batch batch;
	struct store_target *targets;
	size_t max, n_retry;	/* n_retry of them are from retry rows */
	int64_t now;
	store_claim_cb *cb;
	void *arg;
};

static void
suppress(struct db *d, struct tally *t, int64_t job, int64_t target,
    uint32_t attempt, int64_t now)
{
	struct store_outcome o = { .job = job, .target = target,
		.state = STORE_SUPPRESSED, .attempt = attempt, .at = now,
		.text = "the subscriber is gone" };

	target_final(d, &o);
	tally_final(t, STORE_SUPPRESSED, now);
}

/* Read first, write then: a query must not meet its own changes. */
static void
read_due(struct db *d, struct claim_op *c)
{
	sqlite3_stmt *st;

	st = db_query(d, "SELECT target, attempt, in_doubt FROM retry WHERE"
	    " job = ?1 AND taken = 0 AND due <= ?2 ORDER BY due LIMIT ?3",
	    DB_I(c->batch.job), DB_I(c->now), DB_I(c->max));
	while (db_row(d, st)) {
		struct store_target *t = &c->targets[c->batch.n++];

		t->target = sqlite3_column_int64(st, 0);
		t->attempt = (uint32_t)sqlite3_column_int64(st, 1) + 1;
		t->in_doubt = sqlite3_column_int(st, 2) != 0;
		t->retry = true;
	}
}

static void
claim_retries(struct store *s, struct claim_op *c, const struct audience *a,
    struct tally *t)
{
	struct db *d = &s->wdb;
	size_t n, kept = 0;

	read_due(d, c);
	n = c->batch.n;
	for (size_t i = 0; i < n; i++) {
		struct store_target *x = &c->targets[i];

		if (audience_target(d, a, x->target, true, x) ==
		    AUDIENCE_YES) {
			db_run(d, "UPDATE retry SET taken = ?3 WHERE"
			    " job = ?1 AND target = ?2",
			    DB_I(c->batch.job), DB_I(x->target),
			    DB_I(s->epoch));
			c->targets[kept++] = *x;
			continue;
		}
		db_run(d, "DELETE FROM retry WHERE job = ?1 AND target = ?2",
		    DB_I(c->batch.job), DB_I(x->target));
		t->n[STORE_RETRY]--;
		suppress(d, t, c->batch.job, x->target, x->attempt - 1,
		    c->now);
	}
	c->batch.n = c->n_retry = kept;
}

/* Take the targets among these candidates until the batch is full; returns
 * how many candidates were used. */
static size_t
take(struct store *s, struct claim_op *c, const struct audience *a,
    struct tally *t, const int64_t *ids, size_t n)
{
	struct db *d = &s->wdb;
	size_t i;

	for (i = 0; i < n && c->batch.n < c->max; i++) {
		struct store_target *x = &c->targets[c->batch.n];
		enum audience_answer yes;

		x->attempt = 1;
		x->in_doubt = false;
		x->retry = false;
		yes = audience_target(d, a, ids[i], false, x);
		if (yes == AUDIENCE_YES)
			c->batch.n++;
		else if (yes == AUDIENCE_GONE)
			suppress(d, t, c->batch.job, ids[i], 0, c->now);
	}
	return i;
}

static void
claim_cursor(struct store *s, struct claim_op *c, const struct audience *a,
    struct tally *t, struct job *j)
{
	int64_t ids[WALK_CHUNK];
	size_t n, used, walked = 0;

	while (!j->exhausted && c->batch.n < c->max && walked < WALK_MAX) {
		n = audience_walk(&s->wdb, a, j->cursor, j->hwm, ids,
		    WALK_CHUNK);
		used = take(s, c, a, t, ids, n);
		if (used > 0)
			j->cursor = ids[used - 1];
		j->exhausted = used == n && n < WALK_CHUNK;
		walked += used;
	}
}

static void
write_lease(struct store *s, struct claim_op *c)
{
	size_t n = c->batch.n - c->n_retry;

	c->batch.lease = 0;
	if (n == 0)
		return;
	c->batch.lease = (s->epoch << 32) + ++s->leases;
	db_run(&s->wdb, "INSERT INTO lease(id, job, epoch, first, last,"
	    " remain, taken) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	    DB_I(c->batch.lease), DB_I(c->batch.job), DB_I(s->epoch),
	    DB_I(c->targets[c->n_retry].target),
	    DB_I(c->targets[c->batch.n - 1].target), DB_I(n), DB_I(c->now));
}

static int
check_job(const struct claim_op *c, const struct job *j, struct err *e)
{
	if (j->state != STORE_JOB_ACTIVE)
		return err_set(e, ERR_STATE, "claim job %lld: it has ended",
		    (long long)j->id);
	if (j->not_before > c->now)
		return err_set(e, ERR_STATE, "claim job %lld: it is scheduled"
		    " for later", (long long)j->id);
	return 0;
}

static int
claim_run(struct store *s, struct op *op, struct err *e)
{
	struct claim_op *c = (struct claim_op *)op;
	struct tally t = { .job = c->batch.job };
	struct db *d = &s->wdb;
	const struct audience *a;
	struct job j;

	c->batch.n = c->n_retry = 0;
	if (!job_load(d, c->batch.job, &j))
		return err_set(e, ERR_NOT_FOUND, "claim job %lld: no such job",
		    (long long)c->batch.job);
	if (check_job(c, &j, e) == -1)
		return -1;
	a = audience_of(d, &s->waudience, j.id);
	if (a == NULL)
		return -1;
	claim_retries(s, c, a, &t);
	claim_cursor(s, c, a, &t, &j);
	write_lease(s, c);
	t.out = (int64_t)c->batch.n;
	db_run(d, "UPDATE job SET cursor = ?2, exhausted = ?3 WHERE id = ?1",
	    DB_I(j.id), DB_I(j.cursor), DB_I(j.exhausted));
	tally_write(d, &t);
	c->batch.exhausted = j.exhausted;
	c->batch.job_done = job_settle(d, j.id);
	c->batch.next_retry = job_next_retry(d, j.id);
	op->again = c->batch.n == 0 && !j.exhausted;
	crash_point("claim");
	return 0;
}

static void
claim_done(struct op *op)
{
	struct claim_op *c = (struct claim_op *)op;

	crash_point("claimed");
	c->batch.targets = c->targets;
	if (op->err.code != ERR_OK)
		c->batch.n = 0;
	c->cb(c->arg, &op->err, &c->batch);
}

static void
claim_fini(struct op *op)
{
	free(((struct claim_op *)op)->targets);
}

void
store_claim(struct store *s, int64_t job, size_t n, int64_t now,
    store_claim_cb *cb, void *arg)
{
	struct claim_op *c = xcalloc(1, sizeof(*c));

	c->op.run = claim_run;
	c->op.done = claim_done;
	c->op.fini = claim_fini;
	c->max = n == 0 ? 1 : n < CLAIM_MAX ? n : CLAIM_MAX;
	c->targets = xcalloc(c->max + 1, sizeof(*c->targets));
	c->batch.job = job;
	c->now = now;
	c->cb = cb;
	c->arg = arg;
	writer_add(s->writer, &c->op);
}
