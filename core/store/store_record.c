/*
 * store_record: what became of deliveries. Moves them only forward: a final
 * state is never taken back by a late report. A report that fits nothing is
 * logged and ignored, because it came from another process. Called by the
 * engine with the results of workers.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/crash.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/store_private.h"

struct record_op {
	struct op op;
	struct store_outcome *list;	/* its strings are ours */
	size_t n;
	struct store_progress *progress;
	size_t n_progress;
	store_record_cb *cb;
	void *arg;
};

/* A lease in use. Its row is read once and written once a round. */
struct lease {
	int64_t id, job, first, last, used;
};

/* One run of an op. */
struct round {
	struct store *store;
	struct db *db;
	struct tallies tallies;
	struct job job;		/* the last one seen */
	struct lease lease;	/* the last one seen, id 0 none */
};

/* What a report may still make of a delivery that has an outcome. */
static const unsigned follows[STORE_STATES] = {
	[STORE_ACCEPTED] = 1u << STORE_DELIVERED | 1u << STORE_FAILED,
	[STORE_UNKNOWN] = 1u << STORE_ACCEPTED | 1u << STORE_DELIVERED |
	    1u << STORE_FAILED,
};

/* ---------------------------------------------------------------- rows -- */

void
target_final(struct db *d, const struct store_outcome *o)
{
	db_run(d, "INSERT INTO outcome(job, target, state, attempt, at,"
	    " outcome, code, peer_id, text) VALUES(?1, ?2, ?3, ?4, ?5, ?6,"
	    " ?7, ?8, ?9)", DB_I(o->job), DB_I(o->target), DB_I(o->state),
	    DB_I(o->attempt), DB_I(o->at), DB_I(o->outcome), DB_I(o->code),
	    DB_T(o->peer_id), DB_T(o->text));
}

void
target_retry(struct db *d, const struct store_outcome *o, uint32_t charged)
{
	db_run(d, "INSERT INTO retry(job, target, attempt, in_doubt, due, at,"
	    " outcome, code, peer_id, text) VALUES(?1, ?2, ?3, ?4, ?5, ?6,"
	    " ?7, ?8, ?9, ?10)", DB_I(o->job), DB_I(o->target),
	    DB_I(charged), DB_I(o->in_doubt), DB_I(o->due), DB_I(o->at),
	    DB_I(o->outcome), DB_I(o->code), DB_T(o->peer_id),
	    DB_T(o->text));
}

void
target_attempt(struct db *d, const struct store_outcome *o)
{
	db_run(d, "INSERT OR REPLACE INTO attempt(job, target, n, at, state,"
	    " counts, in_doubt, outcome, code, peer_id, text) VALUES(?1, ?2,"
	    " ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)", DB_I(o->job),
	    DB_I(o->target), DB_I(o->attempt), DB_I(o->at), DB_I(o->state),
	    DB_I(o->counts), DB_I(o->in_doubt), DB_I(o->outcome),
	    DB_I(o->code), DB_T(o->peer_id), DB_T(o->text));
}

/* --------------------------------------------------------------- steps -- */

static void
ignored(const struct store_outcome *o, const char *why)
{
	log_warn("record delivery %lld.%lld: %s: the report is ignored",
	    (long long)o->job, (long long)o->target, why);
}

static bool
reached(enum store_state st)
{
	return st == STORE_ACCEPTED || st == STORE_DELIVERED;
}

static bool
may_be_there(enum store_state st)
{
	return reached(st) || st == STORE_UNKNOWN;
}

void
target_there(struct db *d, const struct store_outcome *o, struct tallies *t)
{
	struct store_outcome late = { .target = o->target, .at = o->at,
		.due = o->at };
	int64_t *ids;
	struct job j;
	size_t n;

	if (!may_be_there(o->state))
		return;
	ids = job_followers(d, o->job, &n);
	for (size_t i = 0; i < n; i++) {
		late.job = ids[i];
		if (!job_load(d, ids[i], &j) ||
		    (!j.exhausted && j.cursor < o->target) ||
		    j.state != STORE_JOB_ACTIVE)
			continue;
		target_retry(d, &late, 0);
		tallies_of(t, ids[i])->n[STORE_RETRY]++;
	}
	free(ids);
}

/* What may have arrived was not stopped in time, whatever the report says. */
static bool
ends_in_doubt(const struct store_outcome *o, bool before)
{
	if (o->state == STORE_EXPIRED || o->state == STORE_CANCELLED ||
	    o->state == STORE_SUPERSEDED)
		return o->in_doubt || before;
	return o->state == STORE_FAILED && o->in_doubt;
}

/* The delivery has left the hands of a worker: write where it goes. before:
 * an earlier try may have arrived. */
static void
put(struct round *r, const struct job *j, struct store_outcome o, bool before)
{
	struct tally *t = tallies_of(&r->tallies, o.job);

	if (o.state == STORE_RETRY && j->state != STORE_JOB_ACTIVE) {
		target_attempt(r->db, &o);
		o.state = j->state == STORE_JOB_DONE ? STORE_UNKNOWN :
		    job_end_state(j->state);
	} else if (o.attempt != 1 || !reached(o.state) || o.in_doubt)
		target_attempt(r->db, &o);
	t->out--;
	if (o.state == STORE_RETRY) {
		target_retry(r->db, &o, o.counts || o.attempt == 0 ?
		    o.attempt : o.attempt - 1);
		t->n[STORE_RETRY]++;
		return;
	}
	if (ends_in_doubt(&o, before))
		o.state = STORE_UNKNOWN;
	target_final(r->db, &o);
	tally_final(t, o.state, o.at);
	target_there(r->db, &o, &r->tallies);
}

static void
drop_retry(struct round *r, const struct store_outcome *o)
{
	db_run(r->db, "DELETE FROM retry WHERE job = ?1 AND target = ?2",
	    DB_I(o->job), DB_I(o->target));
	tallies_of(&r->tallies, o->job)->n[STORE_RETRY]--;
}

/* It has an outcome: only some may follow. */
static void
move_on(struct round *r, const struct store_outcome *o,
    enum store_state from)
{
	struct tally *t;

	if ((follows[from] & 1u << o->state) == 0) {
		if (from != o->state)
			ignored(o, "it is final already");
		return;
	}
	db_run(r->db, "UPDATE outcome SET state = ?3, at = ?4, outcome = ?5,"
	    " code = ?6, peer_id = coalesce(?7, peer_id), text = ?8"
	    " WHERE job = ?1 AND target = ?2", DB_I(o->job), DB_I(o->target),
	    DB_I(o->state), DB_I(o->at), DB_I(o->outcome), DB_I(o->code),
	    DB_T(o->peer_id), DB_T(o->text));
	target_attempt(r->db, o);
	t = tallies_of(&r->tallies, o->job);
	t->n[from]--;
	tally_final(t, o->state, o->at);
	if (!may_be_there(from))
		target_there(r->db, o, &r->tallies);
}

static void
lease_write(struct round *r)
{
	const struct lease *l = &r->lease;

	if (l->used == 0)
		return;
	db_run(r->db, "UPDATE lease SET remain = remain - ?2 WHERE id = ?1",
	    DB_I(l->id), DB_I(l->used));
	db_run(r->db, "DELETE FROM lease WHERE id = ?1 AND remain <= 0",
	    DB_I(l->id));
}

static void
lease_read(struct round *r, int64_t id)
{
	sqlite3_stmt *st;

	lease_write(r);
	memset(&r->lease, 0, sizeof(r->lease));
	st = db_query(r->db, "SELECT id, job, first, last FROM lease WHERE"
	    " id = ?1 AND epoch = ?2", DB_I(id), DB_I(r->store->epoch));
	if (!db_row(r->db, st))
		return;
	r->lease.id = sqlite3_column_int64(st, 0);
	r->lease.job = sqlite3_column_int64(st, 1);
	r->lease.first = sqlite3_column_int64(st, 2);
	r->lease.last = sqlite3_column_int64(st, 3);
	db_end(st);
}

/* True when this target was handed out under this lease, which then has one
 * less to wait for. */
static bool
use_lease(struct round *r, const struct store_outcome *o)
{
	struct lease *l = &r->lease;

	if (l->id != o->lease)
		lease_read(r, o->lease);
	if (l->id == 0 || l->job != o->job || o->target < l->first ||
	    o->target > l->last)
		return false;
	l->used++;
	return true;
}

/* What the store knows of a delivery. */
struct standing {
	enum store_state state;	/* STORE_QUEUED without a row */
	int64_t taken;		/* STORE_RETRY: by this epoch, 0 waiting */
	bool in_doubt;
};

static void
put_retried(struct round *r, const struct job *j,
    const struct store_outcome *o, const struct standing *row)
{
	if (o->lease != 0 || (row->taken == 0 && !reached(o->state))) {
		ignored(o, "it waits for its next try");
		return;
	}
	drop_retry(r, o);
	if (row->taken == 0)	/* a receipt for a try that was in doubt */
		tallies_of(&r->tallies, o->job)->out++;
	put(r, j, *o, row->in_doubt);
}

static struct standing
read_standing(struct db *d, const struct store_outcome *o)
{
	struct standing row = { STORE_QUEUED, 0, false };
	sqlite3_stmt *st;

	st = db_query(d, "SELECT state, 0, 0 FROM outcome WHERE job = ?1 AND"
	    " target = ?2 UNION ALL SELECT 1, taken, in_doubt FROM retry"
	    " WHERE job = ?1 AND target = ?2", DB_I(o->job),
	    DB_I(o->target));
	if (db_row(d, st)) {
		row.state = (enum store_state)sqlite3_column_int(st, 0);
		row.taken = sqlite3_column_int64(st, 1);
		row.in_doubt = sqlite3_column_int(st, 2) != 0;
		db_end(st);
	}
	return row;
}

static void
record_one(struct round *r, const struct store_outcome *o)
{
	struct standing row;

	if (r->job.id != o->job && !job_load(r->db, o->job, &r->job)) {
		ignored(o, "no such job");
		return;
	}
	row = read_standing(r->db, o);
	if (row.state == STORE_RETRY)
		put_retried(r, &r->job, o, &row);
	else if (row.state != STORE_QUEUED)
		move_on(r, o, row.state);
	else if (use_lease(r, o))
		put(r, &r->job, *o, false);
	else
		ignored(o, "it was not handed out");
}

/* ------------------------------------------------------------------ op -- */

static void
progress(struct round *r, struct record_op *op)
{
	for (size_t i = 0; i < r->tallies.n; i++)
		tally_write(r->db, &r->tallies.list[i]);
	op->progress = xreallocarray(op->progress, r->tallies.n + 1,
	    sizeof(*op->progress));
	op->n_progress = r->tallies.n;
	for (size_t i = 0; i < r->tallies.n; i++) {
		struct store_progress *p = &op->progress[i];

		p->job = r->tallies.list[i].job;
		p->done = job_settle(r->db, p->job);
		p->next_retry = job_next_retry(r->db, p->job);
	}
}

/* A closed job lets those that follow it close: they come behind it. */
static void
settle_followers(struct round *r, struct record_op *op)
{
	for (size_t i = 0; i < op->n_progress; i++) {
		int64_t *ids;
		size_t n = 0;

		if (!op->progress[i].done)
			continue;
		ids = job_followers(r->db, op->progress[i].job, &n);
		op->progress = xreallocarray(op->progress,
		    op->n_progress + n + 1, sizeof(*op->progress));
		for (size_t k = 0; k < n; k++)
			if (job_settle(r->db, ids[k]))
				op->progress[op->n_progress++] =
				    (struct store_progress){ ids[k], true, 0 };
		free(ids);
	}
}

static int
record_run(struct store *s, struct op *op, struct err *e)
{
	struct record_op *o = (struct record_op *)op;
	struct round r = { .store = s, .db = &s->wdb };

	(void)e;
	tallies_init(&r.tallies);
	for (size_t i = 0; i < o->n; i++)
		record_one(&r, &o->list[i]);
	lease_write(&r);
	progress(&r, o);
	settle_followers(&r, o);
	tallies_fini(&r.tallies);
	crash_point("record");
	return 0;
}

static void
record_done(struct op *op)
{
	struct record_op *o = (struct record_op *)op;

	crash_point("recorded");
	if (o->cb != NULL)
		o->cb(o->arg, &op->err, o->progress,
		    op->err.code == ERR_OK ? o->n_progress : 0);
}

static void
record_fini(struct op *op)
{
	struct record_op *o = (struct record_op *)op;

	for (size_t i = 0; i < o->n; i++) {
		free((void *)(uintptr_t)o->list[i].peer_id);
		free((void *)(uintptr_t)o->list[i].text);
	}
	free(o->list);
	free(o->progress);
}

void
store_record(struct store *s, const struct store_outcome *list, size_t n,
    store_record_cb *cb, void *arg)
{
	struct record_op *o = xcalloc(1, sizeof(*o));

	o->op.run = record_run;
	o->op.done = record_done;
	o->op.fini = record_fini;
	o->list = xcalloc(n + 1, sizeof(*o->list));
	o->n = n;
	for (size_t i = 0; i < n; i++) {
		if (list[i].state < STORE_RETRY ||
		    list[i].state >= STORE_STATES)
			log_bug("record: state %d", (int)list[i].state);
		o->list[i] = list[i];
		o->list[i].peer_id = store_text(list[i].peer_id);
		o->list[i].text = store_text(list[i].text);
	}
	o->cb = cb;
	o->arg = arg;
	writer_add(s->writer, &o->op);
}
