/*
 * rate: GCRA with a tolerance per lane. Pure; time is passed in. Called by
 * sched.
 */
#include "config.h"

#include "engine/rate.h"

/* Percent of the burst that a lane may use. */
static const int share[STORE_LANES] = {
	[STORE_WARNING] = 100, [STORE_URGENT] = 90,
	[STORE_NORMAL] = 50, [STORE_BULK] = 50,
};

void
rate_change(struct rate *r, int64_t interval_us, uint32_t burst)
{
	if (interval_us < r->interval)
		r->tat -= r->interval - interval_us;
	r->interval = interval_us;
	r->tolerance = interval_us * (burst > 0 ? burst - 1 : 0);
}

void
rate_init(struct rate *r, int64_t interval_us, uint32_t burst)
{
	*r = (struct rate){ .tat = INT64_MIN / 2, .paused = INT64_MIN / 2 };
	rate_change(r, interval_us, burst);
}

int64_t
rate_wait(const struct rate *r, enum store_lane lane, struct mono now)
{
	int64_t early = r->tat - r->tolerance * share[lane] / 100;

	if (early < r->paused)
		early = r->paused;
	return early > now.us ? early - now.us : 0;
}

void
rate_take(struct rate *r, struct mono now)
{
	if (r->interval == 0)
		return;
	r->tat = (r->tat > now.us ? r->tat : now.us) + r->interval;
}

void
rate_pause(struct rate *r, struct mono until)
{
	if (r->paused < until.us)
		r->paused = until.us;
	if (r->tat < until.us + r->tolerance)
		r->tat = until.us + r->tolerance;
}
