/*
 * store_accept: takes an announcement and its jobs in one commit, and counts
 * their audiences afterwards, slice by slice. Never says yes before the
 * commit. Called by the engine for every publish.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/crash.h"
#include "base/mem.h"
#include "litfass/plugin.h"
#include "store/store_private.h"

struct accept_op {
	struct change change;
	struct store_new in;	/* its strings are ours */
	unsigned char hash[32];
	struct job_new *jobs;
	struct store *store;
};

/* ----------------------------------------------------------------- job -- */

/* Total and highest target of a new job; counted is NULL when total is
 * known. */
static void
measure(struct db *d, const struct audience *a, int64_t *total, int64_t *hwm)
{
	*total = a->type == AUDIENCE_LIST ? (int64_t)a->n : 0;
	*hwm = *total;
	if (a->type == AUDIENCE_REACHED) {
		*hwm = INT64_MAX;
		*total = db_int(d, 0, "SELECT n_accepted + n_delivered +"
		    " n_unknown FROM job WHERE id = ?1", DB_I(a->source));
	} else if (a->type == AUDIENCE_PEOPLE)
		*hwm = db_int(d, 0, "SELECT max(id) FROM subscriber WHERE"
		    " id > ?1", DB_I(0));
}

int64_t
job_add(struct db *d, int64_t ann, const char *chain, int64_t now,
    const struct job_new *j, struct err *e)
{
	json_t *json = json_loads(j->audience, 0, NULL);
	int64_t total, hwm;
	struct audience a;
	bool people;
	int rc;

	rc = audience_parse(json, &a, e);
	measure(d, &a, &total, &hwm);
	people = a.type == AUDIENCE_PEOPLE;
	audience_fini(&a);
	json_decref(json);
	if (rc == -1)
		return -1;
	if (strlen(j->channel) >= sizeof(((struct store_job *)0)->channel))
		return err_set(e, ERR_INVALID, "accept: channel %s: the name "
		    "is longer than 39 bytes: rename it", j->channel);
	db_run(d, "INSERT INTO job(ann, chain, channel, action, lane, doubt,"
	    " not_before, expires, accepted, audience, source, hwm, total,"
	    " counted) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,"
	    " ?12, ?13, CASE ?14 WHEN 1 THEN 0 END)", DB_I(ann), DB_T(chain),
	    DB_T(j->channel), DB_I(j->action), DB_I(j->lane), DB_I(j->doubt),
	    DB_I(j->not_before), DB_I(j->expires), DB_I(now),
	    DB_T(j->audience), DB_I(j->source), DB_I(hwm), DB_I(total),
	    DB_I(people));
	return db_ok(d) ? sqlite3_last_insert_rowid(d->conn) : -1;
}

/* -------------------------------------------------------------- accept -- */

/* An announcement with the same key, or the same id and version; its row id
 * or 0. */
static int64_t
find_twin(struct db *d, const struct store_new *n, bool *same_r)
{
	sqlite3_stmt *st = NULL;
	int64_t id = 0;

	if (n->idem_key != NULL)
		st = db_query(d, "SELECT id, hash FROM announcement WHERE"
		    " idem_key = ?1", DB_T(n->idem_key));
	if (st == NULL || !db_row(d, st)) {
		st = db_query(d, "SELECT id, hash FROM announcement WHERE"
		    " uid = ?1 AND version = ?2", DB_T(n->uid),
		    DB_I(n->version));
		if (!db_row(d, st))
			return 0;
	}
	id = sqlite3_column_int64(st, 0);
	*same_r = sqlite3_column_bytes(st, 1) == 32 &&
	    memcmp(sqlite3_column_blob(st, 1), n->hash, 32) == 0;
	db_end(st);
	return id;
}

static int
check_new(struct db *d, const struct store_new *n, struct err *e)
{
	if (strlen(n->uid) >= sizeof(((struct store_job *)0)->uid) ||
	    strlen(n->chain) >= sizeof(((struct store_job *)0)->chain))
		return err_set(e, ERR_INVALID, "accept: an id is longer than "
		    "71 bytes: choose a shorter one");
	if (db_int(d, 0, "SELECT max(version) FROM announcement WHERE"
	    " uid = ?1", DB_T(n->uid)) > n->version)
		return err_set(e, ERR_STATE, "accept %s: a newer version was "
		    "accepted before: send a version above it", n->uid);
	return 0;
}

/* What this one replaces stops: its next claim finds nothing. What was to be
 * taken back goes too: it would take back this one. */
static void
supersede(struct db *d, const char *chain, const char *channel, int64_t ann,
    int64_t now)
{
	int64_t id;

	do {
		id = db_int(d, 0, "SELECT id FROM job WHERE chain = ?1 AND"
		    " channel = ?2 AND state = 0 AND ann <> ?3 LIMIT 1",
		    DB_T(chain), DB_T(channel), DB_I(ann));
	} while (id != 0 && job_end(d, id, STORE_JOB_SUPERSEDED, now));
}

static void
insert_announcement(struct db *d, const struct store_new *n)
{
	db_run(d, "INSERT INTO announcement(uid, version, chain, idem_key,"
	    " hash, lane, accepted, not_before, expires, body) VALUES(?1, ?2,"
	    " ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)", DB_T(n->uid),
	    DB_I(n->version), DB_T(n->chain), DB_T(n->idem_key),
	    DB_B(n->hash, 32), DB_I(n->lane), DB_I(n->now),
	    DB_I(n->not_before), DB_I(n->expires), DB_T(n->body));
}

static int
insert_jobs(struct db *d, struct accept_op *a, struct err *e)
{
	const struct store_new *n = &a->in;

	/* what is scheduled voids nothing before its time has come */
	for (size_t i = 0; i < n->n_jobs && n->not_before <= n->now; i++)
		supersede(d, n->chain, a->jobs[i].channel, a->change.out.ann,
		    n->now);
	for (size_t i = 0; i < n->n_jobs; i++)
		if (job_add(d, a->change.out.ann, n->chain, n->now,
		    &a->jobs[i], e) == -1)
			return -1;
	return 0;
}

static int
accept_run(struct store *s, struct op *op, struct err *e)
{
	struct accept_op *a = (struct accept_op *)op;
	struct store_change *out = &a->change.out;
	const struct store_new *n = &a->in;
	struct db *d = &s->wdb;
	bool same = false;

	memset(out, 0, sizeof(*out));
	out->ann = find_twin(d, n, &same);
	if (out->ann != 0) {
		out->duplicate = same;
		return same ? 0 : err_set(e, ERR_STATE, "accept %s: the same "
		    "key was used for another content: use a new key or "
		    "version", n->uid);
	}
	if (check_new(d, n, e) == -1)
		return -1;
	insert_announcement(d, n);
	out->ann = sqlite3_last_insert_rowid(d->conn);
	if (insert_jobs(d, a, e) == -1)
		return -1;
	change_jobs(d, &a->change);
	audit_add(d, n->actor, "accept", n->uid, "", n->now);
	crash_point("accept");
	return 0;
}

static void
accept_done(struct op *op)
{
	struct accept_op *a = (struct accept_op *)op;

	crash_point("accepted");
	if (op->err.code == ERR_OK && !a->change.out.duplicate)
		store_count(a->store);
	change_done(op);
}

static void
accept_fini(struct op *op)
{
	struct accept_op *a = (struct accept_op *)op;
	const char *const strings[] = { a->in.uid, a->in.chain,
		a->in.idem_key, a->in.body, a->in.actor };

	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
		free((void *)(uintptr_t)strings[i]);
	for (size_t i = 0; i < a->in.n_jobs; i++) {
		free(a->jobs[i].channel);
		free(a->jobs[i].audience);
	}
	free(a->jobs);
	change_fini(&a->change);
}

static struct job_new *
copy_jobs(const struct store_new_job *in, size_t n)
{
	struct job_new *jobs = xcalloc(n + 1, sizeof(*jobs));

	for (size_t i = 0; i < n; i++) {
		jobs[i].channel = xstrdup(in[i].channel);
		jobs[i].audience = json_dumps(in[i].audience, JSON_COMPACT |
		    JSON_ENCODE_ANY);
		if (jobs[i].audience == NULL)
			jobs[i].audience = xstrdup("null");
		jobs[i].action = in[i].action;
		jobs[i].lane = in[i].lane;
		jobs[i].doubt = in[i].doubt;
		jobs[i].not_before = in[i].not_before;
		jobs[i].expires = in[i].expires;
	}
	return jobs;
}

void
store_accept(struct store *s, const struct store_new *n, store_change_cb *cb,
    void *arg)
{
	struct accept_op *a = xcalloc(1, sizeof(*a));

	a->change = (struct change){ .op = { .run = accept_run,
	    .done = accept_done, .fini = accept_fini, .intake = true },
	    .cb = cb, .arg = arg };
	a->in = *n;
	a->in.uid = xstrdup(n->uid);
	a->in.chain = xstrdup(n->chain);
	a->in.idem_key = xstrdup(n->idem_key);
	a->in.body = xstrdup(n->body);
	a->in.actor = xstrdup(n->actor);
	memcpy(a->hash, n->hash, sizeof(a->hash));
	a->in.hash = a->hash;
	a->in.jobs = NULL;	/* ours are in a->jobs */
	a->jobs = copy_jobs(n->jobs, n->n_jobs);
	a->store = s;
	writer_add(s->writer, &a->change.op);
}

/* --------------------------------------------------------------- count -- */

struct count_op {
	struct op op;
	struct store *store;
};

#define COUNT_SPAN	1024	/* ids of one commit, then again */
#define COUNT_JOBS	64

/* One slice of the first job that waits: how many ids it covered, -1 when no
 * job waits. */
static int64_t
count_slice(struct store *s)
{
	struct db *d = &s->wdb;
	int64_t job, from, at, hwm, meant;
	const struct audience *a;
	sqlite3_stmt *st;

	st = db_query(d, "SELECT id, counted, hwm FROM job WHERE counted IS"
	    " NOT NULL AND id > ?1 ORDER BY id LIMIT 1", DB_I(0));
	if (!db_row(d, st))
		return -1;
	job = sqlite3_column_int64(st, 0);
	from = at = sqlite3_column_int64(st, 1);
	hwm = sqlite3_column_int64(st, 2);
	db_end(st);
	if ((a = audience_of(d, &s->waudience, job)) == NULL)
		return -1;
	meant = audience_count(d, a, hwm, &at);
	db_run(d, "UPDATE job SET total = total + ?2, counted = CASE WHEN"
	    " ?3 < hwm THEN ?3 END WHERE id = ?1", DB_I(job), DB_I(meant),
	    DB_I(at));
	return at - from;
}

/* Small ones share a commit: each costs a sync that others wait for. */
static int
count_run(struct store *s, struct op *op, struct err *e)
{
	int64_t ids = 0, n = 0;

	(void)e;
	for (int i = 0; i < COUNT_JOBS && ids < COUNT_SPAN && n >= 0; i++) {
		n = count_slice(s);
		ids += n;
	}
	op->again = n >= 0;
	return 0;
}

static void
count_done(struct op *op)
{
	((struct count_op *)op)->store->counting = false;
}

/* One op at a time walks all jobs that wait for it. */
void
store_count(struct store *s)
{
	struct count_op *c;

	if (s->counting)
		return;
	s->counting = true;
	c = xcalloc(1, sizeof(*c));
	c->op.run = count_run;
	c->op.done = count_done;
	c->store = s;
	writer_add_background(s->writer, &c->op);
}
