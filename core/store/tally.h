/*
 * tally: what one operation changes in the counters of its jobs, summed up
 * so that each job row is written once.
 */
#ifndef STORE_TALLY_H
#define STORE_TALLY_H

#include "store/db.h"
#include "store/store.h"

struct tally {
	int64_t job;
	int64_t n[STORE_STATES];	/* by state; [STORE_QUEUED] unused */
	int64_t out;			/* targets under way */
	int64_t first, last;		/* time of outcomes, 0 none */
};

struct tallies {
	struct tally *list;
	size_t n;
};

void
tallies_init(struct tallies *t);
void
tallies_fini(struct tallies *t);
/* That of this job, made if need be. Borrowed until the next call. */
struct tally *
tallies_of(struct tallies *t, int64_t job);
/* One more outcome of this state at this time. */
void
tally_final(struct tally *t, enum store_state st, int64_t at);
void
tally_write(struct db *d, const struct tally *t);
/* All of them; then it is as after tallies_fini(). */
void
tallies_write(struct db *d, struct tallies *t);

#endif
