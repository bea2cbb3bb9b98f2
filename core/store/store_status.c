/*
 * store_status: how an announcement stands, from the counters of its jobs;
 * never from its deliveries, however many there are. Reader only. Called for
 * litfass status.
 */
#include "config.h"

#include <string.h>

#include "litfass/plugin.h"
#include "store/store_private.h"

/* What its jobs add up to. */
struct sum {
	bool sends;		/* there is a job that sends */
	bool active, begun, short_of;
	bool expired, reached;
};

static const char *const lanes[STORE_LANES] = { "warning", "urgent",
	"normal", "bulk" };

static const char *const job_states[] = {
	[STORE_JOB_ACTIVE] = "dispatching", [STORE_JOB_DONE] = "done",
	[STORE_JOB_CANCELLED] = "cancelled",
	[STORE_JOB_SUPERSEDED] = "superseded",
	[STORE_JOB_EXPIRED] = "expired",
};

/* ----------------------------------------------------------------- jobs -- */

#define COUNTS	7	/* first column of the counters in JOB_QUERY */

#define JOB_QUERY							\
	"SELECT channel, action, state, not_before, total,"		\
	" counted IS NULL, open, n_retry, n_accepted, n_delivered,"	\
	" n_failed, n_expired, n_unknown, n_cancelled, n_superseded,"	\
	" n_suppressed, first_at, last_at, id FROM job WHERE ann = ?1"	\
	" ORDER BY id"

/* What nobody touched shares the fate of its job. */
static enum store_state
rest_state(enum store_job_state st)
{
	return st == STORE_JOB_ACTIVE || st == STORE_JOB_DONE ?
	    STORE_QUEUED : job_end_state(st);
}

static void
read_counts(sqlite3_stmt *st, int64_t n[STORE_STATES], int64_t *total)
{
	enum store_job_state state =
	    (enum store_job_state)sqlite3_column_int(st, 2);
	int64_t sum = 0, rest;

	memset(n, 0, sizeof(int64_t) * STORE_STATES);
	for (int i = STORE_RETRY; i < STORE_STATES; i++) {
		n[i] = sqlite3_column_int64(st, COUNTS + i - STORE_RETRY);
		sum += n[i];
	}
	rest = sqlite3_column_int64(st, 4) - sum;
	if (state == STORE_JOB_DONE || rest < 0)
		rest = 0;
	n[rest_state(state)] += rest;
	*total = sum + rest;
}

static json_t *
job_json(struct db *d, sqlite3_stmt *st, const int64_t n[STORE_STATES],
    int64_t total, int64_t now)
{
	int state = sqlite3_column_int(st, 2);
	bool later = state == STORE_JOB_ACTIVE &&
	    sqlite3_column_int64(st, 3) > now;
	int64_t next = job_next_retry(d, sqlite3_column_int64(st, 18));
	json_t *j;

	j = json_pack("{s:s, s:s, s:s}", "channel", db_text(st, 0), "action",
	    sqlite3_column_int(st, 1) == LF_RETRACT ? "retract" : "send",
	    "state", later ? "scheduled" : job_states[state]);
	if (sqlite3_column_int(st, 5) != 0 || state == STORE_JOB_DONE)
		json_object_set_new(j, "total", json_integer(total));
	for (int i = 0; i < STORE_STATES; i++)
		json_object_set_new(j, store_state_name((enum store_state)i),
		    json_integer(n[i]));
	json_object_set_new(j, "first",
	    json_integer(sqlite3_column_int64(st, 16)));
	json_object_set_new(j, "last",
	    json_integer(sqlite3_column_int64(st, 17)));
	json_object_set_new(j, "next_retry", json_integer(next));
	return j;
}

static void
sum_up(struct sum *sum, sqlite3_stmt *st, const int64_t n[STORE_STATES],
    int64_t now)
{
	int state = sqlite3_column_int(st, 2);

	if (sqlite3_column_int(st, 1) != LF_SEND)
		return;
	sum->sends = true;
	sum->active |= sqlite3_column_int(st, 6) != 0;
	sum->begun |= sqlite3_column_int64(st, 3) <= now;
	sum->expired |= state == STORE_JOB_EXPIRED;
	sum->reached |= n[STORE_ACCEPTED] + n[STORE_DELIVERED] > 0;
	for (int i = STORE_FAILED; i < STORE_STATES; i++)
		sum->short_of |= n[i] > 0;
}

static json_t *
read_channels(struct db *d, int64_t ann, int64_t now, struct sum *sum)
{
	int64_t n[STORE_STATES], total;
	json_t *list = json_array();
	sqlite3_stmt *st;

	memset(sum, 0, sizeof(*sum));
	st = db_query(d, JOB_QUERY, DB_I(ann));
	while (db_row(d, st)) {
		read_counts(st, n, &total);
		sum_up(sum, st, n, now);
		json_array_append_new(list, job_json(d, st, n, total, now));
	}
	return list;
}

/* -------------------------------------------------------- announcement -- */

static const char *
state_of(const struct sum *sum, bool cancelled, int64_t expires, int64_t now)
{
	if (cancelled)
		return "cancelled";
	if (sum->active)
		return sum->begun ? "dispatching" : "scheduled";
	if (sum->expired && !sum->reached)
		return "expired";
	if (sum->short_of)
		return "partial";
	return expires > now ? "live" : "done";
}

#define ANN_COLUMNS							\
	"SELECT id, uid, version, chain, lane, accepted, not_before,"	\
	" expires, cancelled FROM announcement "

static json_t *
announcement_json(struct store *s, sqlite3_stmt *st, bool channels)
{
	int64_t now = loop_wall(s->loop).us;
	int64_t expires = sqlite3_column_int64(st, 7);
	struct sum sum;
	json_t *jobs, *j;

	jobs = read_channels(&s->rdb, sqlite3_column_int64(st, 0), now, &sum);
	j = json_pack("{s:s, s:I, s:s, s:s, s:s, s:I, s:I, s:I}",
	    "id", db_text(st, 1),
	    "version", (json_int_t)sqlite3_column_int64(st, 2),
	    "chain", db_text(st, 3),
	    "state", state_of(&sum, sqlite3_column_int64(st, 8) != 0,
	    expires, now),
	    "lane", lanes[sqlite3_column_int(st, 4) % STORE_LANES],
	    "accepted", (json_int_t)sqlite3_column_int64(st, 5),
	    "not_before", (json_int_t)sqlite3_column_int64(st, 6),
	    "expires", (json_int_t)expires);
	if (channels)
		json_object_set_new(j, "channels", jobs);
	else
		json_decref(jobs);
	return j;
}

json_t *
store_status(struct store *s, const char *uid)
{
	struct db *d = store_reader(s);
	sqlite3_stmt *st;
	json_t *j = NULL;

	st = db_query(d, ANN_COLUMNS "WHERE uid = ?1 ORDER BY version DESC"
	    " LIMIT 1", DB_T(uid));
	if (db_row(d, st)) {
		j = announcement_json(s, st, true);
		db_end(st);
	}
	return j;
}

json_t *
store_list(struct store *s, int limit)
{
	struct db *d = store_reader(s);
	json_t *list = json_array();
	sqlite3_stmt *st;

	st = db_query(d, ANN_COLUMNS "WHERE id > 0 ORDER BY id DESC LIMIT ?1",
	    DB_I(limit));
	while (db_row(d, st))
		json_array_append_new(list, announcement_json(s, st, false));
	return list;
}
