/*
 * breaker: closed, open, half open. Pure; time and chance are passed in.
 * Called by sched.
 */
#include "config.h"

#include "engine/breaker.h"

#define OPEN_BASE	(5 * CLOCK_SECOND)
#define OPEN_MAX	(300 * CLOCK_SECOND)
#define LIMIT_MIN	3u

void
breaker_init(struct breaker *b, uint32_t window)
{
	*b = (struct breaker){ .state = BREAKER_CLOSED };
	b->limit = 2 * window > LIMIT_MIN ? 2 * window : LIMIT_MIN;
}

void
breaker_reset(struct breaker *b)
{
	b->state = BREAKER_CLOSED;
	b->fails = 0;
	b->opened = 0;
}

void
breaker_ok(struct breaker *b)
{
	breaker_reset(b);
}

void
breaker_trip(struct breaker *b, struct mono now, uint32_t random)
{
	uint32_t k = b->opened < 6 ? b->opened : 6;
	int64_t us = OPEN_BASE << k;

	if (us > OPEN_MAX)
		us = OPEN_MAX;
	/* between half and all of it, so that channels do not probe in step */
	us = us / 2 + (int64_t)((double)random / UINT32_MAX * (double)us / 2);
	b->state = BREAKER_OPEN;
	b->tripped = now;
	b->reopen.us = now.us + us;
	b->opened++;
	b->fails = 0;
}

bool
breaker_fail(struct breaker *b, struct mono now, uint32_t random)
{
	if (b->state == BREAKER_OPEN)
		return false;
	if (b->state == BREAKER_CLOSED && ++b->fails < b->limit)
		return false;
	breaker_trip(b, now, random);
	return true;
}

int64_t
breaker_wait(struct breaker *b, struct mono now, int64_t patience)
{
	int64_t until = b->reopen.us;

	if (b->state != BREAKER_OPEN)
		return 0;
	if (until - b->tripped.us > patience)
		until = b->tripped.us + patience;
	if (now.us < until)
		return until - now.us;
	b->state = BREAKER_HALF_OPEN;
	return 0;
}

const char *
breaker_name(const struct breaker *b)
{
	static const char *const names[] = { "closed", "open", "half-open" };

	return names[b->state];
}
