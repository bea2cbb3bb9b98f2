/*
 * house: one channel over a real store, with a worker that does as it is
 * told, on virtual time. Only for tests.
 */
#ifndef TESTS_UNIT_HOUSE_H
#define TESTS_UNIT_HOUSE_H

#include "engine/channel_private.h"
#include "unit/store_fixture.h"

#define SECONDS(n)	((int64_t)(n) * CLOCK_SECOND)

struct house {
	struct fx fx;
	struct conf *conf;
	struct channel_with with;
	struct channel *ch;
	char ledger[96];
	unsigned moved;
	bool drained;
	struct store_job jobs[2];	/* of the last publish */
	size_t n_jobs;
};

/* more: configuration of the channel. */
void
house_open(struct house *h, const char *more, unsigned caps);
void
house_close(struct house *h);
/* Let this much time pass. */
void
house_pass(struct house *h, int64_t us);

struct publish {
	const char *uid, *chain;
	uint32_t version;	/* 0 means 1 */
	int targets;		/* 0 means 1 */
	enum store_lane lane;
	enum store_doubt doubt;
	int64_t at, expires;	/* seconds from the beginning, 0 none */
	bool take_back;		/* when it expires */
	bool only_retract;
};

/* Accept it, and hand its jobs to the channel as the engine would. */
void
house_publish(struct house *h, struct publish p);
/* What the store says of the sending job, or of another one of uid. */
void
house_count(struct house *h, const char *uid, const char *counter,
    int64_t n);

#endif
