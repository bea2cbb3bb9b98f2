/*
 * store_cancel: what people do to an announcement that is under way: cancel
 * it, try what failed again. Sends nothing itself. Called by the engine for
 * litfass cancel and litfass retry.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "litfass/plugin.h"
#include "store/store_private.h"

/* Row id of the newest version, 0 when unknown. */
static int64_t
newest(struct db *d, const char *uid)
{
	return db_int(d, 0, "SELECT id FROM announcement WHERE uid = ?1"
	    " ORDER BY version DESC LIMIT 1", DB_T(uid));
}

static int
unknown(struct err *e, const char *action, const char *uid)
{
	return err_set(e, ERR_NOT_FOUND, "%s %s: no such announcement: see "
	    "litfass status", action, uid);
}

/* -------------------------------------------------------------- cancel -- */

struct cancel_op {
	struct change change;
	char *uid, *actor;
	char **retract;
	size_t n_retract;
	int64_t now;
};

/* One job of any version of the announcement. */
struct part {
	int64_t id;
	uint32_t action;
	bool active, scheduled;
	bool replaced;		/* by another one of its chain */
	char channel[40];
};

static struct part *
read_parts(struct db *d, const char *uid, int64_t now, size_t *n_r)
{
	struct part *list = NULL, *p;
	sqlite3_stmt *st;
	size_t n = 0;

	st = db_query(d, "SELECT j.id, j.action, j.state = 0,"
	    " j.not_before > ?2, j.channel, EXISTS (SELECT 1 FROM job o"
	    "  CROSS JOIN announcement b ON b.id = o.ann WHERE"
	    "  o.chain = j.chain AND o.channel = j.channel AND o.id > j.id"
	    "  AND o.not_before <= ?2 AND b.uid <> ?1) FROM announcement a"
	    " CROSS JOIN job j ON j.ann = a.id WHERE a.uid = ?1"
	    " ORDER BY a.version, j.id", DB_T(uid), DB_I(now));
	while (db_row(d, st)) {
		list = xreallocarray(list, n + 1, sizeof(*list));
		p = &list[n++];
		memset(p, 0, sizeof(*p));
		p->id = sqlite3_column_int64(st, 0);
		p->action = (uint32_t)sqlite3_column_int64(st, 1);
		p->active = sqlite3_column_int(st, 2) != 0;
		p->scheduled = sqlite3_column_int(st, 3) != 0;
		sqlite3_snprintf(sizeof(p->channel), p->channel, "%s",
		    db_text(st, 4));
		p->replaced = sqlite3_column_int(st, 5) != 0;
	}
	*n_r = n;
	return list;
}

static bool
can_retract(const struct cancel_op *c, const char *channel)
{
	for (size_t i = 0; i < c->n_retract; i++)
		if (strcmp(c->retract[i], channel) == 0)
			return true;
	return false;
}

static void
add_retract(struct db *d, const struct cancel_op *c, const struct part *p,
    struct err *e)
{
	char *audience = xasprintf("{\"reached\":%lld}", (long long)p->id);
	char channel[40], chain[72] = "";
	struct job_new j = { .channel = channel, .audience = audience,
		.action = LF_RETRACT, .doubt = STORE_DOUBT_RESEND,
		.source = p->id };
	sqlite3_stmt *st;

	memcpy(channel, p->channel, sizeof(channel));
	st = db_query(d, "SELECT chain, lane FROM announcement WHERE id = ?1",
	    DB_I(c->change.out.ann));
	if (db_row(d, st)) {
		sqlite3_snprintf(sizeof(chain), chain, "%s", db_text(st, 0));
		j.lane = (enum store_lane)sqlite3_column_int(st, 1);
		db_end(st);
	}
	(void)job_add(d, c->change.out.ann, chain, c->now, &j, e);
	free(audience);
}

/* Somebody was reached, or may have been, or may yet be. */
static bool
is_out(struct db *d, int64_t job)
{
	return db_int(d, 0, "SELECT n_accepted + n_delivered + n_unknown + out"
	    " FROM job WHERE id = ?1", DB_I(job)) > 0;
}

/* How many jobs were ended or made. What was planned to be taken back later
 * is taken back now. */
static size_t
cancel_part(struct db *d, const struct cancel_op *c, const struct part *p,
    struct err *e)
{
	bool back = can_retract(c, p->channel);
	size_t n = 0;

	if (p->action == LF_RETRACT) {
		if (p->active && p->scheduled && back)
			(void)job_end(d, p->id, STORE_JOB_CANCELLED, c->now);
		return 0;
	}
	if (p->active && job_end(d, p->id, STORE_JOB_CANCELLED, c->now))
		n++;
	if (back && !p->replaced && is_out(d, p->id)) {
		add_retract(d, c, p, e);
		n++;
	}
	return n;
}

static int
check_cancel(struct db *d, const struct cancel_op *c,
    const struct part *list, size_t n, struct err *e)
{
	if (db_int(d, 0, "SELECT cancelled FROM announcement WHERE id = ?1",
	    DB_I(c->change.out.ann)) != 0)
		return err_set(e, ERR_STATE, "cancel %s: it is cancelled "
		    "already", c->uid);
	if (db_int(d, 0, "SELECT expires <> 0 AND expires <= ?2 FROM"
	    " announcement WHERE id = ?1", DB_I(c->change.out.ann),
	    DB_I(c->now)) == 0)
		return 0;
	for (size_t i = 0; i < n; i++)
		if (list[i].active && list[i].action == LF_SEND)
			return 0;
	return err_set(e, ERR_STATE, "cancel %s: it has expired: there is "
	    "nothing to cancel", c->uid);
}

static int
nothing_left(struct db *d, const struct cancel_op *c, struct err *e)
{
	sqlite3_stmt *st;

	st = db_query(d, "SELECT b.uid FROM announcement a CROSS JOIN job o"
	    " ON o.chain = a.chain CROSS JOIN announcement b ON"
	    " b.id = o.ann WHERE a.id = ?1 AND"
	    " b.id > a.id AND b.uid <> a.uid AND b.not_before <= ?2"
	    " ORDER BY b.id DESC LIMIT 1", DB_I(c->change.out.ann),
	    DB_I(c->now));
	if (db_row(d, st)) {
		err_set(e, ERR_STATE, "cancel %s: %s has taken its place: "
		    "cancel that one", c->uid, db_text(st, 0));
		db_end(st);
		return -1;
	}
	return err_set(e, ERR_STATE, "cancel %s: it is out and no channel can "
	    "take it back: publish a correction", c->uid);
}

static int
cancel_run(struct store *s, struct op *op, struct err *e)
{
	struct cancel_op *c = (struct cancel_op *)op;
	struct db *d = &s->wdb;
	struct part *list;
	size_t n, done = 0;
	int rc;

	if ((c->change.out.ann = newest(d, c->uid)) == 0)
		return unknown(e, "cancel", c->uid);
	list = read_parts(d, c->uid, c->now, &n);
	rc = check_cancel(d, c, list, n, e);
	for (size_t i = 0; i < n && rc == 0; i++)
		done += cancel_part(d, c, &list[i], e);
	free(list);
	if (rc == -1)
		return -1;
	if (done == 0)
		return nothing_left(d, c, e);
	db_run(d, "UPDATE announcement SET cancelled = ?2 WHERE id = ?1",
	    DB_I(c->change.out.ann), DB_I(c->now));
	audit_add(d, c->actor, "cancel", c->uid, "", c->now);
	change_jobs(d, &c->change);
	return 0;
}

static void
cancel_fini(struct op *op)
{
	struct cancel_op *c = (struct cancel_op *)op;

	for (size_t i = 0; i < c->n_retract; i++)
		free(c->retract[i]);
	free(c->retract);
	free(c->uid);
	free(c->actor);
	change_fini(&c->change);
}

void
store_cancel(struct store *s, const char *uid, const char *const *retract,
    size_t n_retract, const char *actor, int64_t now, store_change_cb *cb,
    void *arg)
{
	struct cancel_op *c = xcalloc(1, sizeof(*c));

	c->change = (struct change){ .op = { .run = cancel_run,
	    .done = change_done, .fini = cancel_fini }, .cb = cb,
	    .arg = arg };
	c->uid = xstrdup(uid);
	c->actor = xstrdup(actor);
	c->retract = xcalloc(n_retract + 1, sizeof(*c->retract));
	c->n_retract = n_retract;
	for (size_t i = 0; i < n_retract; i++)
		c->retract[i] = xstrdup(retract[i]);
	c->now = now;
	writer_add(s->writer, &c->change.op);
}

/* --------------------------------------------------------------- retry -- */

struct retry_op {
	struct change change;
	char *uid, *channel, *actor;
	enum store_state state;
	int64_t now;
};

/* Jobs that may be opened again: not expired, not of what was cancelled but
 * for taking it back, and nothing newer of the chain began on the channel. */
static int64_t *
read_retriable(struct db *d, const struct retry_op *r, size_t *n_r)
{
	sqlite3_stmt *st;
	int64_t *ids = NULL;
	size_t n = 0;

	st = db_query(d, "SELECT j.id FROM job j CROSS JOIN announcement a ON"
	    " a.id = j.ann WHERE j.ann = ?1 AND"
	    " (?2 IS NULL OR j.channel = ?2) AND j.state IN (0, 1) AND"
	    " (j.expires = 0 OR j.expires > ?3) AND"
	    " (a.cancelled = 0 OR j.action <> ?4) AND NOT EXISTS (SELECT 1"
	    "  FROM job k WHERE k.chain = j.chain AND"
	    "  k.channel = j.channel AND k.ann > j.ann AND k.action = ?4"
	    "  AND k.not_before <= ?3)",
	    DB_I(r->change.out.ann), DB_T(r->channel), DB_I(r->now),
	    DB_I(LF_SEND));
	while (db_row(d, st)) {
		ids = xreallocarray(ids, n + 1, sizeof(*ids));
		ids[n++] = sqlite3_column_int64(st, 0);
	}
	*n_r = n;
	return ids;
}

static int64_t
retry_job(struct db *d, const struct retry_op *r, int64_t job)
{
	struct tally t = { .job = job };
	int64_t n;

	db_run(d, "INSERT INTO retry(job, target, attempt, in_doubt, due, at,"
	    " outcome, code, peer_id, text) SELECT job, target, attempt,"
	    " ?3, ?4, at, outcome, code, peer_id, text FROM outcome WHERE"
	    " job = ?1 AND state > 3 AND state = ?2", DB_I(job),
	    DB_I(r->state), DB_I(r->state == STORE_UNKNOWN), DB_I(r->now));
	n = db_changes(d);
	if (n == 0)
		return 0;
	db_run(d, "DELETE FROM outcome WHERE job = ?1 AND state > 3 AND"
	    " state = ?2", DB_I(job), DB_I(r->state));
	t.n[STORE_RETRY] = n;
	t.n[r->state] = -n;
	tally_write(d, &t);
	db_run(d, "UPDATE job SET state = 0, open = 1 WHERE id = ?1",
	    DB_I(job));
	return n;
}

static int
retry_run(struct store *s, struct op *op, struct err *e)
{
	struct retry_op *r = (struct retry_op *)op;
	struct store_change *out = &r->change.out;
	struct db *d = &s->wdb;
	int64_t *ids;
	size_t n;

	out->n = 0;
	if (r->state != STORE_FAILED && r->state != STORE_UNKNOWN)
		return err_set(e, ERR_USAGE, "retry %s: only failed and "
		    "unknown deliveries can be tried again", r->uid);
	if ((out->ann = newest(d, r->uid)) == 0)
		return unknown(e, "retry", r->uid);
	ids = read_retriable(d, r, &n);
	for (size_t i = 0; i < n; i++)
		out->n += retry_job(d, r, ids[i]);
	free(ids);
	if (out->n > 0)
		audit_add(d, r->actor, "retry", r->uid,
		    store_state_name(r->state), r->now);
	change_jobs(d, &r->change);
	return 0;
}

static void
retry_fini(struct op *op)
{
	struct retry_op *r = (struct retry_op *)op;

	free(r->uid);
	free(r->channel);
	free(r->actor);
	change_fini(&r->change);
}

void
store_retry(struct store *s, const char *uid, const char *channel,
    enum store_state state, const char *actor, int64_t now,
    store_change_cb *cb, void *arg)
{
	struct retry_op *r = xcalloc(1, sizeof(*r));

	r->change = (struct change){ .op = { .run = retry_run,
	    .done = change_done, .fini = retry_fini }, .cb = cb,
	    .arg = arg };
	r->uid = xstrdup(uid);
	r->channel = xstrdup(channel);
	r->actor = xstrdup(actor);
	r->state = state;
	r->now = now;
	writer_add(s->writer, &r->change.op);
}
