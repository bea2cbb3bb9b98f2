/*
 * breaker: stops sending into a peer that is down, and probes it with single
 * deliveries until it is back. While it is open no attempts are used up.
 */
#ifndef ENGINE_BREAKER_H
#define ENGINE_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

enum breaker_state { BREAKER_CLOSED, BREAKER_OPEN, BREAKER_HALF_OPEN };

struct breaker {
	enum breaker_state state;
	uint32_t fails;		/* in a row */
	uint32_t limit;		/* this many open it */
	uint32_t opened;	/* times in a row, for the back-off */
	struct mono tripped, reopen;
};

/* window: deliveries in flight at most; a burst of that many failures may be
 * one event, so two windows of failures in a row open the breaker. */
void
breaker_init(struct breaker *b, uint32_t window);
void
breaker_ok(struct breaker *b);
/* A try failed and the peer may be to blame. random: any 32 bits. True when
 * this opened the breaker. */
bool
breaker_fail(struct breaker *b, struct mono now, uint32_t random);
/* The peer said that the whole channel is down. */
void
breaker_trip(struct breaker *b, struct mono now, uint32_t random);
/*
 * us until something may be sent, 0 for now, at most patience after it
 * opened. When the wait is over the breaker is half open: the caller sends
 * one delivery and no more until breaker_ok() or breaker_fail().
 */
int64_t
breaker_wait(struct breaker *b, struct mono now, int64_t patience);
/* A person says it is repaired. */
void
breaker_reset(struct breaker *b);
const char *
breaker_name(const struct breaker *b);

#endif
