/*
 * retry: when to try again. Exponential with floored full jitter per lane;
 * the peer's own wish is honoured up to an hour; never past the end of the
 * delivery's use.
 */
#ifndef ENGINE_RETRY_H
#define ENGINE_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "store/store.h"

/* Delay in us before try number attempt + 1. random: any 32 bits. */
int64_t
retry_delay(enum store_lane lane, uint32_t attempt, uint32_t retry_after_s,
    uint32_t random);
/* After this nobody tries again: expires, or some time after acceptance that
 * the lane sets when there is no expires (0). */
struct wall
retry_give_up(enum store_lane lane, struct wall accepted,
    struct wall expires);

#endif
