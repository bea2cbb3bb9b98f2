/*
 * clock: read the two clocks of the machine. LITFASS_TEST_TIME (an offset in
 * seconds) shifts the wall clock in tests of dated fixtures and nowhere else.
 * Called by the loop, by main functions, and by the store's own thread only.
 */
#include "config.h"

#include <stdlib.h>
#include <time.h>

#include "base/clock.h"

static int64_t
read_clock(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * CLOCK_SECOND + ts.tv_nsec / 1000;
}

static int64_t
test_offset(void)
{
	const char *s = getenv("LITFASS_TEST_TIME");

	return s == NULL ? 0 : strtoll(s, NULL, 10) * CLOCK_SECOND;
}

struct wall
clock_wall(void)
{
	return (struct wall){ read_clock(CLOCK_REALTIME) + test_offset() };
}

struct mono
clock_mono(void)
{
	return (struct mono){ read_clock(CLOCK_MONOTONIC) };
}
