/*
 * rate: a limit of sends per time, as GCRA (ITU-T I.371): one timestamp, no
 * refill timer. The lanes see the same bucket with different tolerances, so a
 * warning finds burst left even while bulk runs at the limit; the long-term
 * rate is never exceeded.
 */
#ifndef ENGINE_RATE_H
#define ENGINE_RATE_H

#include <stdint.h>

#include "base/clock.h"
#include "store/store.h"

struct rate {
	int64_t interval;	/* us between sends; 0: no limit */
	int64_t tolerance;	/* us a full burst may run ahead */
	int64_t tat;		/* theoretical arrival time */
	int64_t paused;		/* until then */
};

/* burst: sends that may go at once, >= 1. */
void
rate_init(struct rate *r, int64_t interval_us, uint32_t burst);
/* New limits, same past; nobody waits for a slower rate that is gone. */
void
rate_change(struct rate *r, int64_t interval_us, uint32_t burst);
/* 0 when a send of this lane conforms now, else us to wait. Takes nothing. */
int64_t
rate_wait(const struct rate *r, enum store_lane lane, struct mono now);
void
rate_take(struct rate *r, struct mono now);
/* The peer asked for a pause: nothing conforms before `until`. */
void
rate_pause(struct rate *r, struct mono until);

#endif
