/*
 * store_private: what the files of this room share. Only for core/store.
 *
 * Functions named job_, target_ and so on that take a struct db run within
 * an op of the writer; those of the reader say so.
 */
#ifndef STORE_PRIVATE_H
#define STORE_PRIVATE_H

#include "store/audience.h"
#include "store/db.h"
#include "store/store.h"
#include "store/tally.h"
#include "store/writer.h"

struct store {
	struct loop *loop;
	struct db wdb;		/* of the writer */
	struct db rdb;		/* of the loop's thread, read only */
	struct audience_cache waudience;	/* of the writer */
	struct audience_cache raudience;	/* of the loop's thread */
	struct writer *writer;
	char *path, *reserve;
	int lock_fd;
	int64_t epoch;
	int64_t leases;		/* made in this epoch */
	bool counting;		/* an op that counts audiences is queued */
	char instance[16];
};

#define STORE_TEXT_MAX	255	/* bytes of peer_id and text */

/* The reading connection; an earlier failure is logged and forgotten. */
struct db *
store_reader(struct store *s);
/* Copy at most STORE_TEXT_MAX bytes, cut at a character; NULL stays NULL.
 * Given. */
char *
store_text(const char *s);

#define STORE_ADDRESS_SHAPE	72

/* The redacted address of a target; "" when it is gone. Reader. */
void
store_target_shape(struct store *s, int64_t job, int64_t target,
    char out[STORE_ADDRESS_SHAPE]);

/* ------------------------------------------------------------ store_job -- */

/* A job as the writer sees it. */
struct job {
	int64_t id, ann, source, cursor, hwm, out;
	int64_t not_before;
	uint32_t action;
	enum store_job_state state;
	enum store_doubt doubt;
	bool open, exhausted;
};

bool
job_load(struct db *d, int64_t id, struct job *j_r);
/* What a delivery becomes that its ended job can't try again. */
enum store_state
job_end_state(enum store_job_state how);
/* False when it is not active. */
bool
job_end(struct db *d, int64_t id, enum store_job_state how, int64_t now);
/* Close the job if nothing of it is left; true when it did. Jobs that follow
 * its reached targets may then be closed too: see job_followers(). */
bool
job_settle(struct db *d, int64_t id);
/* Open jobs that walk the reached targets of this one. Array given. */
int64_t *
job_followers(struct db *d, int64_t id, size_t *n_r);
/* Begins an op that changes the jobs of an announcement. */
struct change {
	struct op op;
	struct store_change out;
	struct store_job *jobs;	/* those of out */
	store_change_cb *cb;
	void *arg;
};

/* What its owner is to know: read within the transaction, so that whoever
 * hears of a commit has its jobs as well. */
void
change_jobs(struct db *d, struct change *c);
void
change_done(struct op *op);
void
change_fini(struct change *c);
/* Earliest due of its waiting retry rows, 0 none. */
int64_t
job_next_retry(struct db *d, int64_t id);

/* --------------------------------------------------------- store_accept -- */

struct job_new {
	char *channel, *audience;	/* JSON text */
	uint32_t action;
	enum store_lane lane;
	enum store_doubt doubt;
	int64_t not_before, expires;
	int64_t source;		/* 0 unless it follows reached targets */
};

/* Insert one job; queue its counting with store_count(). */
int64_t
job_add(struct db *d, int64_t ann, const char *chain, int64_t now,
    const struct job_new *j, struct err *e);
/* Count the audiences that are not counted yet, in the background. */
void
store_count(struct store *s);

/* --------------------------------------------------------- store_record -- */

/* Write the last word on a delivery that has none; no counters. */
void
target_final(struct db *d, const struct store_outcome *o);
/* A row for one try. */
void
target_attempt(struct db *d, const struct store_outcome *o);
/* Put a delivery that has no retry row on the list; charged: tries so far. */
void
target_retry(struct db *d, const struct store_outcome *o, uint32_t charged);

/* It has arrived, or may have: a job that takes it back and has passed this
 * target gets it on its list of retries. */
void
target_there(struct db *d, const struct store_outcome *o, struct tallies *t);

/* ---------------------------------------------------------- store_audit -- */

void
audit_add(struct db *d, const char *actor, const char *what,
    const char *object, const char *data, int64_t now);

#endif
