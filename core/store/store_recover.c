/*
 * store_recover: gives back what earlier epochs had in their hands. Runs
 * before the first claim. Never sends or drops anything: each target ends on
 * the list of retries, or is held for a person. Called once at start.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/store_private.h"

#define WALK_CHUNK	512

struct recover_op {
	struct op op;
	const struct store_flight *started;
	size_t n;
	bool trusted;
	int64_t now;
	size_t doubts;
};

/* A lease, or a retry row that was taken (first is last). */
struct held {
	int64_t id, job, first, last;
	uint32_t charged;
	bool in_doubt;
};

/* Where a target goes whose job may have ended meanwhile. doubt: this try may
 * have arrived; an earlier one was resent because somebody said so. */
static enum store_state
state_after(const struct job *j, const struct store_outcome *o, bool doubt)
{
	if (j->state == STORE_JOB_ACTIVE)
		return doubt && j->doubt == STORE_DOUBT_HOLD ? STORE_UNKNOWN :
		    STORE_RETRY;
	return j->state == STORE_JOB_DONE || o->in_doubt ? STORE_UNKNOWN :
	    job_end_state(j->state);
}

/* doubt: this try may have arrived. before: an earlier one may. */
static void
give_back(struct store *s, struct recover_op *r, int64_t job, int64_t target,
    uint32_t charged, bool doubt, bool before)
{
	struct store_outcome o = { .job = job, .target = target,
		.attempt = charged + 1, .counts = doubt,
		.in_doubt = doubt || before, .at = r->now, .due = r->now };
	struct db *d = &s->wdb;
	struct tallies t;
	struct job j;

	if (!job_load(d, job, &j))
		return;
	tallies_init(&t);
	o.state = state_after(&j, &o, doubt);
	if (doubt) {
		o.text = "the process ended during this try";
		target_attempt(d, &o);
	}
	if (o.state == STORE_RETRY) {
		target_retry(d, &o, doubt ? charged + 1 : charged);
		tallies_of(&t, job)->n[STORE_RETRY]++;
	} else {
		target_final(d, &o);
		tally_final(tallies_of(&t, job), o.state, o.at);
		target_there(d, &o, &t);
	}
	tallies_write(d, &t);
	r->doubts += doubt;
}

/* True when the target is still in the hands of the lease. */
static bool
is_open(struct db *d, int64_t job, int64_t target)
{
	return db_int(d, 0, "SELECT 1 FROM outcome WHERE job = ?1 AND"
	    " target = ?2 UNION ALL SELECT 1 FROM retry WHERE job = ?1 AND"
	    " target = ?2", DB_I(job), DB_I(target)) == 0;
}

/* ------------------------------------------------------------- retries -- */

static bool
is_started(const struct recover_op *r, int64_t job, int64_t target)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->started[i].job == job && r->started[i].target == target)
			return true;
	return !r->trusted;
}

static struct held *
read_held(struct db *d, sqlite3_stmt *st, size_t *n_r)
{
	struct held *list = NULL, *h;
	size_t n = 0;

	while (db_row(d, st)) {
		list = xreallocarray(list, n + 1, sizeof(*list));
		h = &list[n++];
		h->id = sqlite3_column_int64(st, 0);
		h->job = sqlite3_column_int64(st, 1);
		h->first = sqlite3_column_int64(st, 2);
		h->last = sqlite3_column_int64(st, 3);
		h->charged = (uint32_t)sqlite3_column_int64(st, 4);
		h->in_doubt = sqlite3_column_int(st, 5) != 0;
	}
	*n_r = n;
	return list;
}

static void
recover_retries(struct store *s, struct recover_op *r)
{
	struct db *d = &s->wdb;
	struct held *list;
	size_t n;

	list = read_held(d, db_query(d, "SELECT 0, job, target, target,"
	    " attempt, in_doubt FROM retry WHERE taken <> 0 AND taken < ?1",
	    DB_I(s->epoch)), &n);
	for (size_t i = 0; i < n; i++) {
		const struct held *h = &list[i];
		struct tally t = { .job = h->job };

		db_run(d, "DELETE FROM retry WHERE job = ?1 AND target = ?2",
		    DB_I(h->job), DB_I(h->first));
		t.n[STORE_RETRY] = -1;
		tally_write(d, &t);
		give_back(s, r, h->job, h->first, h->charged,
		    is_started(r, h->job, h->first), h->in_doubt);
	}
	free(list);
}

/* -------------------------------------------------------------- leases -- */

static void
recover_lease(struct store *s, struct recover_op *r, const struct held *h)
{
	int64_t ids[WALK_CHUNK], at = h->first - 1;
	const struct audience *a;
	size_t n;

	/* First those in the ledger: they count even if the subscriber has
	 * left the audience meanwhile. */
	for (size_t i = 0; i < r->n; i++) {
		const struct store_flight *f = &r->started[i];

		if (f->job == h->job && f->target >= h->first &&
		    f->target <= h->last &&
		    is_open(&s->wdb, f->job, f->target))
			give_back(s, r, f->job, f->target, 0, true, false);
	}
	a = audience_of(&s->wdb, &s->waudience, h->job);
	do {
		n = a == NULL ? 0 : audience_walk(&s->wdb, a, at, h->last,
		    ids, WALK_CHUNK);
		for (size_t i = 0; i < n && ids[i] <= h->last; i++) {
			struct store_target t;

			if (audience_target(&s->wdb, a, ids[i], false, &t) !=
			    AUDIENCE_NO &&
			    is_open(&s->wdb, h->job, ids[i]))
				give_back(s, r, h->job, ids[i], 0,
				    !r->trusted, false);
		}
		at = n > 0 ? ids[n - 1] : h->last;
	} while (n == WALK_CHUNK && at < h->last);
	db_run(&s->wdb, "DELETE FROM lease WHERE id = ?1", DB_I(h->id));
}

static void
recover_leases(struct store *s, struct recover_op *r)
{
	struct db *d = &s->wdb;
	struct held *list;
	size_t n;

	/* The epoch is the upper half of their ids. */
	list = read_held(d, db_query(d, "SELECT id, job, first, last, 0, 0"
	    " FROM lease WHERE id < ?1", DB_I(s->epoch << 32)), &n);
	for (size_t i = 0; i < n; i++)
		recover_lease(s, r, &list[i]);
	free(list);
}

/* Nothing is out now. Those that others follow come first. */
static void
close_jobs(struct db *d)
{
	sqlite3_stmt *st;
	int64_t *ids = NULL;
	size_t n = 0;

	db_run(d, "UPDATE job SET out = 0 WHERE open = 1 AND id > ?1",
	    DB_I(0));
	st = db_query(d, "SELECT id FROM job WHERE open = 1 AND id > ?1"
	    " ORDER BY id", DB_I(0));
	while (db_row(d, st)) {
		ids = xreallocarray(ids, n + 1, sizeof(*ids));
		ids[n++] = sqlite3_column_int64(st, 0);
	}
	for (size_t i = 0; i < n; i++)
		(void)job_settle(d, ids[i]);
	free(ids);
}

static int
recover_run(struct store *s, struct op *op, struct err *e)
{
	struct recover_op *r = (struct recover_op *)op;

	(void)e;
	r->doubts = 0;
	recover_retries(s, r);
	recover_leases(s, r);
	close_jobs(&s->wdb);
	return 0;
}

int
store_recover(struct store *s, const struct store_flight *started, size_t n,
    bool trusted, int64_t now, size_t *n_r, struct err *e)
{
	struct recover_op r = { .op = { .run = recover_run },
		.started = started, .n = n, .trusted = trusted, .now = now };

	writer_now(s->writer, &r.op);
	*n_r = r.doubts;
	if (r.op.err.code == ERR_OK)
		return 0;
	if (e != NULL)
		*e = r.op.err;
	return -1;
}
