/*
 * store_job: the job row: loading, ending, closing, listing. Knows nothing
 * of time but what it is told. Called by all operations on deliveries, and
 * by the scheduler for its lists.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "store/store_private.h"

bool
job_load(struct db *d, int64_t id, struct job *j)
{
	sqlite3_stmt *st;

	memset(j, 0, sizeof(*j));
	st = db_query(d, "SELECT id, ann, source, cursor, hwm, out,"
	    " not_before, action, state, doubt, open, exhausted FROM job"
	    " WHERE id = ?1", DB_I(id));
	if (!db_row(d, st))
		return false;
	j->id = sqlite3_column_int64(st, 0);
	j->ann = sqlite3_column_int64(st, 1);
	j->source = sqlite3_column_int64(st, 2);
	j->cursor = sqlite3_column_int64(st, 3);
	j->hwm = sqlite3_column_int64(st, 4);
	j->out = sqlite3_column_int64(st, 5);
	j->not_before = sqlite3_column_int64(st, 6);
	j->action = (uint32_t)sqlite3_column_int64(st, 7);
	j->state = (enum store_job_state)sqlite3_column_int(st, 8);
	j->doubt = (enum store_doubt)sqlite3_column_int(st, 9);
	j->open = sqlite3_column_int(st, 10) != 0;
	j->exhausted = sqlite3_column_int(st, 11) != 0;
	db_end(st);
	return true;
}

enum store_state
job_end_state(enum store_job_state how)
{
	if (how == STORE_JOB_SUPERSEDED)
		return STORE_SUPERSEDED;
	if (how == STORE_JOB_EXPIRED)
		return STORE_EXPIRED;
	if (how != STORE_JOB_CANCELLED)
		log_bug("store: a job can't be ended as %d", (int)how);
	return STORE_CANCELLED;
}

bool
job_settle(struct db *d, int64_t id)
{
	db_run(d, "UPDATE job SET open = 0,"
	    " counted = CASE state WHEN 0 THEN NULL ELSE counted END,"
	    " state = CASE state WHEN 0 THEN 1 ELSE state END"
	    " WHERE id = ?1 AND open = 1 AND out = 0"
	    " AND (state <> 0 OR (exhausted = 1 AND n_retry = 0))"
	    " AND (state <> 0 OR NOT EXISTS (SELECT 1 FROM job j"
	    "  WHERE j.id = job.source AND j.open = 1))", DB_I(id));
	return db_changes(d) > 0;
}

int64_t *
job_followers(struct db *d, int64_t id, size_t *n_r)
{
	sqlite3_stmt *st;
	int64_t *ids = NULL;
	size_t n = 0;

	st = db_query(d, "SELECT id FROM job WHERE source = ?1 AND"
	    " source <> 0 AND open = 1", DB_I(id));
	while (db_row(d, st)) {
		ids = xreallocarray(ids, n + 1, sizeof(*ids));
		ids[n++] = sqlite3_column_int64(st, 0);
	}
	*n_r = n;
	return ids;
}

int64_t
job_next_retry(struct db *d, int64_t id)
{
	return db_int(d, 0, "SELECT min(due) FROM retry WHERE job = ?1 AND"
	    " taken = 0", DB_I(id));
}

/* Waiting retry rows, in doubt or not, become outcomes. */
static void
end_retries(struct db *d, struct tally *t, bool in_doubt,
    enum store_state st, int64_t now)
{
	int64_t n;

	db_run(d, "INSERT INTO outcome(job, target, state, attempt, at,"
	    " outcome, code, peer_id, text) SELECT job, target, ?2, attempt,"
	    " ?3, outcome, code, peer_id, text FROM retry WHERE job = ?1"
	    " AND taken = 0 AND in_doubt = ?4", DB_I(t->job), DB_I(st),
	    DB_I(now), DB_I(in_doubt));
	n = db_changes(d);
	t->n[STORE_RETRY] -= n;
	t->n[st] += n;
	if (n > 0)
		t->last = now;
}

bool
job_end(struct db *d, int64_t id, enum store_job_state how, int64_t now)
{
	struct tally t = { .job = id };

	db_run(d, "UPDATE job SET state = ?2 WHERE id = ?1 AND state = 0",
	    DB_I(id), DB_I(how));
	if (db_changes(d) == 0)
		return false;
	end_retries(d, &t, false, job_end_state(how), now);
	end_retries(d, &t, true, STORE_UNKNOWN, now);
	db_run(d, "DELETE FROM retry WHERE job = ?1 AND taken = 0", DB_I(id));
	tally_write(d, &t);
	(void)job_settle(d, id);
	return true;
}

/* -------------------------------------------------------------- ending -- */

struct end_op {
	struct op op;
	int64_t job, now;
	enum store_job_state how;
	store_cb *cb;
	void *arg;
};

static int
end_run(struct store *s, struct op *op, struct err *e)
{
	const struct end_op *o = (struct end_op *)op;

	if (job_end(&s->wdb, o->job, o->how, o->now))
		return 0;
	return err_set(e, ERR_STATE, "end job %lld: it has ended already",
	    (long long)o->job);
}

static void
end_done(struct op *op)
{
	const struct end_op *o = (struct end_op *)op;

	if (o->cb != NULL)
		o->cb(o->arg, &op->err);
}

void
store_end_job(struct store *s, int64_t job, enum store_job_state how,
    int64_t now, store_cb *cb, void *arg)
{
	struct end_op *o = xcalloc(1, sizeof(*o));

	(void)job_end_state(how);
	o->op.run = end_run;
	o->op.done = end_done;
	o->job = job;
	o->how = how;
	o->now = now;
	o->cb = cb;
	o->arg = arg;
	writer_add(s->writer, &o->op);
}

/* --------------------------------------------------------------- lists -- */

#define JOB_LIST							\
	"SELECT j.id, j.ann, a.uid, j.chain, j.channel, a.version,"	\
	" j.action, j.lane, j.doubt, j.state, j.not_before, j.expires,"	\
	" j.accepted, (SELECT min(due) FROM retry r WHERE r.job = j.id"	\
	"  AND r.taken = 0), j.exhausted FROM job j"			\
	" CROSS JOIN announcement a ON a.id = j.ann WHERE "

static void
read_job(sqlite3_stmt *st, struct store_job *j)
{
	memset(j, 0, sizeof(*j));
	j->id = sqlite3_column_int64(st, 0);
	j->ann = sqlite3_column_int64(st, 1);
	snprintf(j->uid, sizeof(j->uid), "%s", db_text(st, 2));
	snprintf(j->chain, sizeof(j->chain), "%s", db_text(st, 3));
	snprintf(j->channel, sizeof(j->channel), "%s", db_text(st, 4));
	j->version = (uint32_t)sqlite3_column_int64(st, 5);
	j->action = (uint32_t)sqlite3_column_int64(st, 6);
	j->lane = (enum store_lane)sqlite3_column_int(st, 7);
	j->doubt = (enum store_doubt)sqlite3_column_int(st, 8);
	j->state = (enum store_job_state)sqlite3_column_int(st, 9);
	j->not_before = sqlite3_column_int64(st, 10);
	j->expires = sqlite3_column_int64(st, 11);
	j->accepted = sqlite3_column_int64(st, 12);
	j->next_retry = sqlite3_column_int64(st, 13);
	j->exhausted = sqlite3_column_int(st, 14) != 0;
}

static struct store_job *
read_jobs(struct db *d, sqlite3_stmt *st, size_t *n_r)
{
	struct store_job *list = NULL;
	size_t n = 0;

	while (db_row(d, st)) {
		list = xreallocarray(list, n + 1, sizeof(*list));
		read_job(st, &list[n++]);
	}
	*n_r = n;
	return list;
}

int
store_jobs(struct store *s, struct store_job **jobs_r, size_t *n_r,
    struct err *e)
{
	struct db *d = store_reader(s);

	*jobs_r = read_jobs(d, db_query(d, JOB_LIST "j.open = 1 AND j.id > ?1"
	    " ORDER BY j.id", DB_I(0)), n_r);
	if (db_ok(d))
		return 0;
	free(*jobs_r);
	*jobs_r = NULL;
	*n_r = 0;
	return err_set(e, ERR_FAILED, "read jobs: %s: check the disk", d->why);
}

/* -------------------------------------------------------------- change -- */

void
change_jobs(struct db *d, struct change *c)
{
	free(c->jobs);
	c->jobs = read_jobs(d, db_query(d, JOB_LIST "j.ann = ?1 AND"
	    " j.state = 0 ORDER BY j.id", DB_I(c->out.ann)), &c->out.n_jobs);
	c->out.jobs = c->jobs;
}

void
change_done(struct op *op)
{
	static const struct store_change nothing;
	struct change *c = (struct change *)op;

	c->cb(c->arg, &op->err, op->err.code == ERR_OK ? &c->out : &nothing);
}

void
change_fini(struct change *c)
{
	free(c->jobs);
}
