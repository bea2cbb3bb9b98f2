/*
 * store_deliveries: single deliveries for people: lists by page, and the
 * story of one. Shows an address only in its redacted shape; the name of a
 * display group is nobody's address. Reader only.
 * Called for litfass deliveries and litfass trace.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "litfass/plugin.h"
#include "store/store_private.h"

/* "17.4" is target 4 of job 17. */
static bool
parse_key(const char *s, int64_t *job, int64_t *target)
{
	char rest;

	*job = *target = 0;
	return sscanf(s, "%18" SCNd64 ".%18" SCNd64 "%c", job, target,
	    &rest) == 2;
}

void
store_target_shape(struct store *s, int64_t job, int64_t target,
    char out[STORE_ADDRESS_SHAPE])
{
	const struct audience *a = audience_of(&s->rdb, &s->raudience, job);
	struct store_target t;

	if (a != NULL && a->type == AUDIENCE_REACHED)
		a = a->origin;
	out[0] = '\0';
	if (audience_target(&s->rdb, a, target, true, &t) != AUDIENCE_YES)
		return;
	if (a->type == AUDIENCE_LIST)
		snprintf(out, STORE_ADDRESS_SHAPE, "%.*s",
		    STORE_ADDRESS_SHAPE - 1, t.address);
	else
		log_redact(t.address, out, STORE_ADDRESS_SHAPE);
}

/* ---------------------------------------------------------------- lists -- */

struct page {
	struct store *store;
	json_t *list;
	int state;		/* -1 all */
	int limit;
};

/* Both halves come in target order by their primary keys: a merge. */
static const char rows[] =
    "SELECT target, state, attempt, code, text, peer_id, at, 0 FROM outcome"
    " WHERE job = ?1 AND target > ?2 AND (?3 < 0 OR state = ?3)"
    " UNION ALL SELECT target, 1, attempt, code, text, peer_id, at, due"
    " FROM retry WHERE job = ?1 AND target > ?2 AND ?3 IN (-1, 1)"
    " ORDER BY target LIMIT ?4";

/* By the partial index: a million successes are not looked at. */
static const char bad_rows[] =
    "SELECT target, state, attempt, code, text, peer_id, at, 0 FROM outcome"
    " WHERE job = ?1 AND state > 3 AND state = ?3 AND target > ?2"
    " ORDER BY target LIMIT ?4";

static const char retry_rows[] =
    "SELECT target, 1, attempt, code, text, peer_id, at, due FROM retry"
    " WHERE job = ?1 AND target > ?2 AND ?3 = 1 ORDER BY target LIMIT ?4";

/* The query that finds rows of this state (-1 all) without a look at all. */
static const char *
rows_of(int state)
{
	if (state == STORE_QUEUED || state == STORE_RETRY)
		return retry_rows;	/* queued ones have no row */
	return state > STORE_DELIVERED ? bad_rows : rows;
}

static void
set_text(json_t *j, const char *key, sqlite3_stmt *st, int col)
{
	if (sqlite3_column_type(st, col) != SQLITE_NULL)
		json_object_set_new(j, key, json_string(db_text(st, col)));
}

static const char *
action_word(int action)
{
	return action == LF_RETRACT ? "retract" : "send";
}

static json_t *
row_json(struct store *s, int64_t job, sqlite3_stmt *st)
{
	int64_t target = sqlite3_column_int64(st, 0);
	char key[48], shape[STORE_ADDRESS_SHAPE];
	json_t *j;

	snprintf(key, sizeof(key), "%lld.%lld", (long long)job,
	    (long long)target);
	store_target_shape(s, job, target, shape);
	j = json_pack("{s:s, s:I, s:s, s:s, s:I, s:I, s:I, s:I}",
	    "delivery", key, "target", (json_int_t)target, "address", shape,
	    "state", store_state_name(
	    (enum store_state)sqlite3_column_int(st, 1)),
	    "attempt", (json_int_t)sqlite3_column_int64(st, 2),
	    "code", (json_int_t)sqlite3_column_int64(st, 3),
	    "at", (json_int_t)sqlite3_column_int64(st, 6),
	    "due", (json_int_t)sqlite3_column_int64(st, 7));
	set_text(j, "text", st, 4);
	set_text(j, "peer_id", st, 5);
	return j;
}

/* of: what all deliveries of the job have in common. */
static void
read_page(struct page *p, int64_t job, json_t *of, int64_t after)
{
	struct db *d = &p->store->rdb;
	int left = p->limit - (int)json_array_size(p->list);
	sqlite3_stmt *st;

	if (left <= 0)
		return;
	st = db_query(d, rows_of(p->state), DB_I(job), DB_I(after),
	    DB_I(p->state), DB_I(left));
	while (db_row(d, st)) {
		json_t *row = row_json(p->store, job, st);

		json_object_update(row, of);
		json_array_append_new(p->list, row);
	}
}

json_t *
store_deliveries(struct store *s, const char *uid, const char *channel,
    int state, const char *after, int limit)
{
	struct db *d = store_reader(s);
	struct page p = { s, json_array(), state, limit };
	int64_t job, target, id;
	sqlite3_stmt *st;
	json_t *of;

	(void)parse_key(after, &job, &target);
	st = db_query(d, "SELECT j.id, j.channel, j.action FROM announcement a"
	    " CROSS JOIN job j ON j.ann = a.id WHERE a.uid = ?1 AND"
	    " j.id >= ?2 AND (?3 IS NULL OR j.channel = ?3) AND"
	    " (?4 <> ?5 OR j.n_delivered > 0) ORDER BY a.version, j.id",
	    DB_T(uid), DB_I(job), DB_T(channel), DB_I(state),
	    DB_I(STORE_DELIVERED));
	while (db_row(d, st)) {
		id = sqlite3_column_int64(st, 0);
		of = json_pack("{s:s, s:s}", "channel", db_text(st, 1),
		    "action", action_word(sqlite3_column_int(st, 2)));
		read_page(&p, id, of, id == job ? target : 0);
		json_decref(of);
	}
	return p.list;
}

/* ---------------------------------------------------------------- trace -- */

static json_t *
attempts_json(struct db *d, int64_t job, int64_t target)
{
	json_t *list = json_array(), *j;
	sqlite3_stmt *st;

	st = db_query(d, "SELECT n, at, state, counts, in_doubt, code, text,"
	    " peer_id FROM attempt WHERE job = ?1 AND target = ?2"
	    " ORDER BY n, at", DB_I(job), DB_I(target));
	while (db_row(d, st)) {
		j = json_pack("{s:I, s:I, s:s, s:b, s:b, s:I}",
		    "attempt", (json_int_t)sqlite3_column_int64(st, 0),
		    "at", (json_int_t)sqlite3_column_int64(st, 1),
		    "state", store_state_name(
		    (enum store_state)sqlite3_column_int(st, 2)),
		    "counts", sqlite3_column_int(st, 3),
		    "in_doubt", sqlite3_column_int(st, 4),
		    "code", (json_int_t)sqlite3_column_int64(st, 5));
		set_text(j, "text", st, 6);
		set_text(j, "peer_id", st, 7);
		json_array_append_new(list, j);
	}
	return list;
}

/* Untouched targets have no row: what they are follows from the job. */
static bool
add_standing(struct store *s, json_t *j, int64_t job, int64_t target)
{
	struct db *d = &s->rdb;
	json_t *row = NULL;
	sqlite3_stmt *st;
	struct job row_of;

	st = db_query(d, rows, DB_I(job), DB_I(target - 1), DB_I(-1),
	    DB_I(1));
	if (db_row(d, st)) {
		if (sqlite3_column_int64(st, 0) == target)
			row = row_json(s, job, st);
		db_end(st);
	}
	if (row != NULL) {
		json_object_update(j, row);
		json_decref(row);
		return true;
	}
	if (!job_load(d, job, &row_of) || target < 1 || target > row_of.hwm ||
	    row_of.state == STORE_JOB_DONE)
		return false;
	json_object_set_new(j, "state", json_string(store_state_name(
	    row_of.state == STORE_JOB_ACTIVE || target <= row_of.cursor ?
	    STORE_QUEUED : job_end_state(row_of.state))));
	return true;
}

json_t *
store_trace(struct store *s, const char *delivery)
{
	struct db *d = store_reader(s);
	int64_t job, target;
	sqlite3_stmt *st;
	json_t *j = NULL;

	if (!parse_key(delivery, &job, &target))
		return NULL;
	st = db_query(d, "SELECT a.uid, a.version, j.channel, j.action,"
	    " j.accepted, j.not_before, j.expires FROM job j CROSS JOIN"
	    " announcement a ON a.id = j.ann WHERE j.id = ?1", DB_I(job));
	if (!db_row(d, st))
		return NULL;
	j = json_pack("{s:s, s:s, s:I, s:s, s:s, s:I, s:I, s:I, s:o}",
	    "delivery", delivery, "id", db_text(st, 0),
	    "version", (json_int_t)sqlite3_column_int64(st, 1),
	    "channel", db_text(st, 2), "action",
	    action_word(sqlite3_column_int(st, 3)),
	    "accepted", (json_int_t)sqlite3_column_int64(st, 4),
	    "not_before", (json_int_t)sqlite3_column_int64(st, 5),
	    "expires", (json_int_t)sqlite3_column_int64(st, 6),
	    "attempts", attempts_json(d, job, target));
	db_end(st);
	if (add_standing(s, j, job, target))
		return j;
	json_decref(j);
	return NULL;
}
