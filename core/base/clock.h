/*
 * clock: wall time and monotonic time as two types that cannot be mixed.
 *
 * Wall time is microseconds since 1970 UTC and goes to disk. Monotonic time
 * is microseconds since some start, only for durations in this process.
 * Pure code gets its time passed in; only the loop and main read a clock.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

struct wall {
	int64_t us;
};

struct mono {
	int64_t us;
};

#define CLOCK_SECOND	INT64_C(1000000)

struct wall
clock_wall(void);
struct mono
clock_mono(void);

#endif
