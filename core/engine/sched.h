/*
 * sched: which delivery of a channel goes next, and if none, when to ask
 * again. Pure: the clock is passed in, nothing is read or written.
 *
 * Lanes: a warning goes first and has slots and tokens that nobody else may
 * use; the others share by weight. Inside a lane the jobs take turns.
 */
#ifndef ENGINE_SCHED_H
#define ENGINE_SCHED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "engine/breaker.h"
#include "engine/rate.h"
#include "store/store.h"

/* First member of whatever waits to be sent. */
struct sched_item {
	struct sched_item *next;
};

/* The waiting deliveries of one job. Embedded in the job. */
struct sched_queue {
	struct sched_queue *next;	/* ring of the lane; NULL: not in it */
	struct sched_item *head, **tail;
	uint32_t n;
	enum store_lane lane;
	bool blocked;		/* order barrier: an earlier version of the
				 * chain is still in flight */
};

struct sched {
	uint32_t window;	/* in flight at most */
	uint32_t inflight;
	struct rate rate;
	struct breaker breaker;
	bool paused;
	struct sched_queue *ring[STORE_LANES];	/* last served */
	struct sched_queue *next;	/* between a look and its take */
	uint32_t credit[STORE_LANES];
};

void
sched_init(struct sched *s, uint32_t window, int64_t interval_us,
    uint32_t burst);
/* New limits; what is in flight stays counted. */
void
sched_limits(struct sched *s, uint32_t window, int64_t interval_us,
    uint32_t burst);

void
sched_queue_init(struct sched_queue *q, enum store_lane lane);
void
sched_push(struct sched *s, struct sched_queue *q, struct sched_item *item);
/* Take everything out of the queue: a list by next. */
struct sched_item *
sched_empty(struct sched *s, struct sched_queue *q);
void
sched_block(struct sched *s, struct sched_queue *q, bool blocked);

enum sched_verdict {
	SCHED_SEND,	/* *item_r may go now */
	SCHED_WAIT,	/* ask again after *wait_us_r */
	SCHED_FULL,	/* ask again when something in flight has ended */
	SCHED_IDLE,	/* nothing to send, or paused */
};

/* Whose turn it is; he stays in his queue and is the next one until the
 * clock, an end or another lane says otherwise. */
enum sched_verdict
sched_look(struct sched *s, struct mono now, struct sched_item **item_r,
    int64_t *wait_us_r);
/* Take what sched_look() has just shown out of its queue, into flight. */
void
sched_take(struct sched *s, struct mono now);

/* How a delivery in flight ended, as far as the peer's health goes. */
enum sched_end {
	SCHED_OK,	/* the peer answered sensibly */
	SCHED_FAIL,	/* a try failed */
	SCHED_DOWN,	/* the whole channel is down */
	SCHED_NEUTRAL,	/* says nothing about the peer */
};

/* retry_after_s: the peer asked everybody to wait. True when this opened the
 * breaker. random: any 32 bits. */
bool
sched_ended(struct sched *s, enum sched_end how, uint32_t retry_after_s,
    struct mono now, uint32_t random);

#endif
