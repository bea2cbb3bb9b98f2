/*
 * store: everything that must survive. The only room that knows SQL.
 *
 * One SQLite file (WAL, synchronous=FULL) with exactly one writer thread.
 * Writes are queued and committed in groups; a callback comes on the loop
 * after the commit, never inside the call, and not at all after
 * store_close(). Reads run on the loop's thread on a connection of their own
 * and are short. A failed commit with an I/O error ends the process with
 * EXIT_IOERR: what was acknowledged is on disk, the rest was never promised.
 *
 * Words: an *announcement* is accepted once, with one *job* per channel. A
 * job walks its *targets* (subscribers in id order, or a fixed list of
 * addresses) with a cursor. A claim takes the next targets under a *lease*.
 * Only leases, retries and outcomes are rows; an untouched target costs
 * nothing. A *delivery* is (job, target).
 *
 * Times are wall clock microseconds UTC; 0 means "none".
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/loop.h"

struct store;

#define STORE_INLINE	1u	/* no thread, no sync, no reserve: writes run
				 * on the loop, for simulation and unit
				 * tests; loop_on_wake() stays free */

/* e->code is ERR_OK on success. e is borrowed. */
typedef void store_cb(void *arg, const struct err *e);

/*
 * Open, create or upgrade. Begins a new epoch: rows of earlier epochs belong
 * to nobody until store_recover(). Refuses network file systems, and a file
 * that another process has open. Takes loop_on_wake() for itself.
 */
int
store_open(const char *path, struct loop *l, unsigned flags,
    struct store **s_r, struct err *e);
/* Finish what is queued, mark a clean stop, close. Not from within a
 * callback of the store. Sets *s to NULL. */
void
store_close(struct store **s);
/* Eight random hex digits made when the file was; part of delivery keys. */
const char *
store_instance(const struct store *s);

/* -------------------------------------------------------------- accept -- */

/* What becomes of deliveries that may have been sent when we died. */
enum store_doubt { STORE_DOUBT_RESEND, STORE_DOUBT_HOLD };

enum store_lane { STORE_WARNING, STORE_URGENT, STORE_NORMAL, STORE_BULK,
	STORE_LANES };

struct store_new_job {
	const char *channel;
	uint32_t action;	/* LF_SEND or LF_RETRACT */
	enum store_lane lane;
	enum store_doubt doubt;
	int64_t not_before;
	int64_t expires;
	/*
	 * Whom: {"list":["altstadt", ...]} or
	 * {"kind":"email","topics":["verkehr"],"ars":"990010000000"};
	 * no topics: all; no ars: everywhere. A subscriber without a topic or
	 * ars of his own gets everything. ARS match level by level, in both
	 * directions; an array of several is one area. At most 64 topics.
	 * {"kind":"email","ref":"17"} is the one subscriber of this ref.
	 * Borrowed.
	 */
	const json_t *audience;
};

struct store_new {
	const char *uid;	/* announcement id */
	uint32_t version;
	const char *chain;	/* id that began the chain */
	const char *idem_key;	/* NULL: uid and version are the key */
	const unsigned char *hash;	/* 32 bytes over the request */
	const char *body;	/* canonical JSON */
	const char *actor;	/* who, for the audit: "uid:1000" */
	enum store_lane lane;
	int64_t now, not_before, expires;
	const struct store_new_job *jobs;
	size_t n_jobs;
};

enum store_job_state { STORE_JOB_ACTIVE, STORE_JOB_DONE,
	STORE_JOB_CANCELLED, STORE_JOB_SUPERSEDED, STORE_JOB_EXPIRED };

/* A row of the job table with what the scheduler needs. */
struct store_job {
	int64_t id, ann;
	char uid[72], chain[72], channel[40];
	uint32_t version, action;
	enum store_lane lane;
	enum store_doubt doubt;
	enum store_job_state state;
	int64_t not_before, expires, accepted;
	int64_t next_retry;	/* earliest due of its retry rows, 0 none */
	bool exhausted;		/* the cursor has seen every target */
};

/* What was written of an announcement; all 0 after an error. */
struct store_change {
	int64_t ann;		/* row id of its newest version */
	bool duplicate;		/* accepted before: nothing was written */
	int64_t n;		/* deliveries to be tried again */
	const struct store_job *jobs;	/* its active ones. Borrowed. */
	size_t n_jobs;
};
typedef void store_change_cb(void *arg, const struct err *e,
    const struct store_change *c);

/*
 * Durable when cb says ERR_OK. Within the same transaction, unless it is
 * scheduled for later (not_before > now), every unfinished job of the same
 * chain and channel with another uid or an older version is superseded:
 * nothing more is claimed from it, its retry rows end as STORE_SUPERSEDED,
 * those in doubt as STORE_UNKNOWN. That goes for LF_RETRACT jobs, too: they
 * would take back the new one, so the new one brings a job for what it
 * leaves. Same key and hash again: ERR_OK, duplicate is true, nothing is
 * written. Same key with another hash, or a version below one that was
 * accepted: ERR_STATE. A wrong audience: ERR_INVALID. Disk full, or the
 * database held by another program: ERR_UNREACHABLE, and nothing is written.
 */
void
store_accept(struct store *s, const struct store_new *n, store_change_cb *cb,
    void *arg);

/*
 * How many an audience (as in store_new_job) would reach now; looks at max of
 * them and no further, then *more_r says that there are others. -1 when it is
 * no audience. Reads on the loop's thread: ask only when a person wants to
 * know.
 */
int64_t
store_reach(struct store *s, const json_t *audience, int64_t max,
    bool *more_r);

/* ---------------------------------------------------------------- jobs -- */

/* Unfinished jobs in order of acceptance: active ones, and ended ones with
 * leased targets that still owe an outcome. Array given (free it). */
int
store_jobs(struct store *s, struct store_job **jobs_r, size_t *n_r,
    struct err *e);

#define STORE_ADDRESS_MAX	320

struct store_target {
	int64_t target;
	uint32_t attempt;	/* of the try to come: 1, 2 ... */
	bool in_doubt;		/* an earlier try may have arrived */
	bool retry;		/* from a retry row, not from the cursor */
	char address[STORE_ADDRESS_MAX];
	char langs[64];		/* "tr,de", "" for lists */
};

/* All borrowed. */
struct store_batch {
	int64_t job;
	int64_t lease;		/* to be named when recording */
	size_t n;
	const struct store_target *targets;
	bool exhausted;
	int64_t next_retry;
	bool job_done;		/* nothing was left: the job is now done */
};
typedef void store_claim_cb(void *arg, const struct err *e,
    const struct store_batch *b);
/*
 * Lease up to n targets (at most 4096): due retry rows first, then from the
 * cursor. Targets whose subscriber is gone end as STORE_SUPPRESSED on the
 * way. A batch without targets means: nothing now, come back at next_retry,
 * or when somebody who is out has an outcome. ERR_STATE: the job has ended,
 * or not_before lies ahead.
 */
void
store_claim(struct store *s, int64_t job, size_t n, int64_t now,
    store_claim_cb *cb, void *arg);

/* ------------------------------------------------------------- outcomes -- */

/* How a delivery stands. Words for people in store_state_name(). */
enum store_state {
	STORE_QUEUED,		/* not touched yet, or claimed */
	STORE_RETRY,		/* failed-temporary: tried again at due */
	STORE_ACCEPTED,
	STORE_DELIVERED,
	STORE_FAILED,		/* failed-permanent */
	STORE_EXPIRED,
	STORE_UNKNOWN,		/* in doubt and held for a person */
	STORE_CANCELLED,
	STORE_SUPERSEDED,
	STORE_SUPPRESSED,
	STORE_STATES
};

const char *
store_state_name(enum store_state st);

struct store_outcome {
	int64_t job, target;
	int64_t lease;		/* from the batch; 0 when retry was true */
	enum store_state state;	/* STORE_RETRY or a final one */
	uint32_t attempt;	/* the try this is about */
	bool counts;		/* false: the try is not charged (the channel
				 * was at fault, or nothing was started) */
	bool in_doubt;		/* STORE_RETRY: may have arrived */
	int64_t at;
	int64_t due;		/* STORE_RETRY */
	int32_t outcome;	/* LF_ACCEPTED ..., 0 none */
	int32_t code;
	const char *peer_id, *text;	/* may be NULL; copied */
};

/* Per job, after the commit. */
struct store_progress {
	int64_t job;
	bool done;		/* became STORE_JOB_DONE, or had been ended
				 * and nothing of it is out any more */
	int64_t next_retry;
};
/*
 * A job that walks what another one reached may be among them, too: late
 * outcomes of the other give it more to do, and its end lets it finish.
 */
typedef void store_record_cb(void *arg, const struct err *e,
    const struct store_progress *p, size_t n);
/*
 * Copied. Order between calls is kept. Deliveries only move forward: after a
 * final state only ACCEPTED may become DELIVERED or FAILED, and UNKNOWN one
 * of these three. A report for something that was not handed out is logged
 * and ignored. STORE_RETRY for a job that has ended ends as its job did.
 * What ends unsent but may have arrived at an earlier try is STORE_UNKNOWN.
 */
void
store_record(struct store *s, const struct store_outcome *o, size_t n,
    store_record_cb *cb, void *arg);

/*
 * End a job: nothing is claimed any more, its retry rows become outcomes of
 * the fitting state, those in doubt STORE_UNKNOWN. Leased targets keep their
 * right to an outcome.
 */
void
store_end_job(struct store *s, int64_t job, enum store_job_state how,
    int64_t now, store_cb *cb, void *arg);
/*
 * End every unfinished LF_SEND job of an announcement, in all its versions,
 * as cancelled, and add an LF_RETRACT job, due now, for each of its channels
 * named in retract (with the targets that were reached or may have been, and
 * those that still are, by what is under way). Retracts planned for later on
 * these channels end. Where another one of its chain has taken its place,
 * nothing is taken back. Calls back with ERR_NOT_FOUND or ERR_STATE when
 * there is nothing to cancel.
 */
void
store_cancel(struct store *s, const char *uid, const char *const *retract,
    size_t n_retract, const char *actor, int64_t now, store_change_cb *cb,
    void *arg);
/* Move final deliveries of this state (STORE_FAILED, STORE_UNKNOWN) of the
 * newest version back to retry rows due now; their jobs are active again.
 * Left out: jobs that have expired, were cancelled or superseded. channel
 * NULL: all. */
void
store_retry(struct store *s, const char *uid, const char *channel,
    enum store_state state, const char *actor, int64_t now,
    store_change_cb *cb, void *arg);

/* ------------------------------------------------------------- recovery -- */

struct store_flight {
	int64_t job, target;
};
/*
 * Give the leases and taken retries of earlier epochs back: targets without
 * an outcome become retry rows due now. Those listed in started (all of them
 * when trusted is false) are in doubt: resent or held as their job says.
 * Runs at once, before the loop; n_r: how many were in doubt.
 */
int
store_recover(struct store *s, const struct store_flight *started, size_t n,
    bool trusted, int64_t now, size_t *n_r, struct err *e);

/* ----------------------------------------------------------- renditions -- */

/* key: language, or "de+uk" when uk was wanted. text is copied. */
void
store_rendition_put(struct store *s, int64_t ann, const char *channel,
    const char *key, const char *text, store_cb *cb, void *arg);
/* Given, or NULL when absent. */
char *
store_rendition_get(struct store *s, int64_t ann, const char *channel,
    const char *key);
/* Canonical JSON of an announcement, given; NULL when absent. */
char *
store_body(struct store *s, int64_t ann);
/* The chain an id belongs to: its own id when unknown. Copied to out. */
void
store_chain_of(struct store *s, const char *uid, char *out, size_t n);
/*
 * What the unexpired ones of a chain were sent to on this channel, as far as
 * their audiences were lists; one may come twice. Given.
 */
json_t *
store_shown(struct store *s, const char *chain, const char *channel,
    int64_t now);
/* Row id of the newest version of uid, 0 when unknown. */
int64_t
store_find(struct store *s, const char *uid);

/* ------------------------------------------------------------- channels -- */

/* Small durable values of a channel: "paused", "cause", "state.KEY". NULL
 * value deletes. */
void
store_channel_put(struct store *s, const char *channel, const char *key,
    const char *value, store_cb *cb, void *arg);
/* All values of a channel as an object, given. */
json_t *
store_channel_get(struct store *s, const char *channel);

/* --------------------------------------------------------------- people -- */

/*
 * {"ref":"kdnr-17","languages":["tr","de"],"topics":["verkehr"],
 *  "ars":"990010000000","addresses":{"email":"…","sms":"+49…"}}
 * ref names a person in the city's own list; the same ref again updates.
 */
void
store_subscriber_put(struct store *s, const json_t *subscriber,
    const char *actor, int64_t now, store_cb *cb, void *arg);
/* What an import did, or, if it was only tried, would do. */
struct store_import {
	int64_t added, changed, unchanged;
	const json_t *refused;	/* [{"row":17,"text":"…"}], row from 0;
				 * names no address; borrowed */
};
typedef void store_import_cb(void *arg, const struct err *e,
    const struct store_import *done);
/*
 * Many at once in one transaction: all, or none when one is refused; then e
 * is about the first. An address may go from one of them to another. only_try:
 * write nothing in any case.
 */
void
store_subscriber_import(struct store *s, const json_t *subscribers,
    bool only_try, const char *actor, int64_t now, store_import_cb *cb,
    void *arg);
/* Array by id after `after`, at most limit; addresses redacted unless reveal.
 * Given. */
json_t *
store_subscribers(struct store *s, int64_t after, int limit, bool reveal);

/* -------------------------------------------------------------- answers -- */

/*
 * One announcement: {"id","version","chain","state","lane","accepted",
 * "not_before","expires","channels":[{"channel","action","state","total"
 * (absent until counted),"queued","retry","accepted","delivered","failed",
 * "expired","unknown","cancelled","superseded","suppressed","first","last",
 * "next_retry"}]}. state is scheduled, dispatching, live (all sent, not yet
 * expired), done, partial, cancelled or expired. NULL when unknown. Given.
 * Times in microseconds, 0 none. state is that of the jobs that send:
 * partial when all have ended and a delivery is not accepted or delivered
 * (failed, expired, unknown, cancelled, superseded or suppressed); expired
 * when they ran out of time before anybody was reached. The state of a
 * channel is scheduled, dispatching, done, cancelled, superseded or expired.
 * action is send or retract.
 */
json_t *
store_status(struct store *s, const char *uid);
/* The newest first, without channels' details. Given. */
json_t *
store_list(struct store *s, int limit);
/*
 * Deliveries with an outcome or a retry: [{"delivery":"17.4","channel",
 * "target","address" (redacted),"state","attempt","code","text","peer_id",
 * "at","due"}]; text and peer_id may be absent; channel and state may be
 * NULL and -1; paged by key `after` ("" at first). Given.
 */
json_t *
store_deliveries(struct store *s, const char *uid, const char *channel,
    int state, const char *after, int limit);
/*
 * The story of delivery "JOB.TARGET": {"delivery","id","version","channel",
 * "action","accepted","not_before","expires","attempts":[{"attempt","at",
 * "state","counts","in_doubt","code","text","peer_id"}],"state"} and, once it
 * was touched, the members of store_deliveries(). A success at the first try
 * has no attempt. NULL when unknown. Given.
 */
json_t *
store_trace(struct store *s, const char *delivery);

/* Who did what to which object; kept as a chain of hashes. data may be
 * NULL. Nothing personal in it. */
void
store_audit(struct store *s, const char *actor, const char *what,
    const char *object, const char *data, int64_t now);

/* For metrics and benches: {"commits","ops","queued",
 * "database_bytes","wal_bytes"}. Given. */
json_t *
store_stats(struct store *s);

#endif
