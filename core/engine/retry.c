/*
 * retry: delays and the point of giving up, one row per lane. Pure; time and
 * chance are passed in. Called by channel.
 */
#include "config.h"

#include "engine/retry.h"

#define SECOND	CLOCK_SECOND
#define HOUR	(3600 * CLOCK_SECOND)

static const struct {
	int64_t base, cap, give_up;
} lanes[STORE_LANES] = {
	[STORE_WARNING] = { 1 * SECOND, 30 * SECOND, 6 * HOUR },
	[STORE_URGENT] = { 3 * SECOND, 120 * SECOND, 24 * HOUR },
	[STORE_NORMAL] = { 30 * SECOND, 1 * HOUR, 24 * HOUR },
	[STORE_BULK] = { 300 * SECOND, 4 * HOUR, 72 * HOUR },
};

#define RETRY_AFTER_MAX	3600u

int64_t
retry_delay(enum store_lane lane, uint32_t attempt, uint32_t retry_after_s,
    uint32_t random)
{
	int64_t floor = lanes[lane].base / 2, top = lanes[lane].base, delay;
	int64_t asked;

	for (uint32_t i = 1; i < attempt && top < lanes[lane].cap; i++)
		top *= 2;
	if (top > lanes[lane].cap)
		top = lanes[lane].cap;
	delay = floor + (int64_t)((double)random / UINT32_MAX *
	    (double)(top - floor));
	if (retry_after_s > RETRY_AFTER_MAX)
		retry_after_s = RETRY_AFTER_MAX;
	asked = (int64_t)retry_after_s * SECOND;
	return delay > asked ? delay : asked;
}

struct wall
retry_give_up(enum store_lane lane, struct wall accepted,
    struct wall expires)
{
	if (expires.us != 0)
		return expires;
	return (struct wall){ accepted.us + lanes[lane].give_up };
}
