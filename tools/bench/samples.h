/*
 * samples: how long each of many operations took, and what it comes to.
 */
#ifndef BENCH_SAMPLES_H
#define BENCH_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct samples {
	int64_t *ns;		/* durations, in order of their end */
	size_t n, max;
	int64_t begun, last;	/* ns, monotonic */
	int64_t limit;		/* ns after begun when no more is begun */
	double cpu_us;		/* of this process, when it began */
};

/* Monotonic, in ns. */
int64_t
samples_now(void);
/* For at most max operations, and at most so many seconds. */
void
samples_init(struct samples *s, size_t max, long seconds);
void
samples_fini(struct samples *s);
/* An operation that began at this time is over. Ignored when full. */
void
samples_add(struct samples *s, int64_t begun);
/* There is to be no more. */
bool
samples_over(const struct samples *s);
/*
 * One line of JSON on standard output, with a name before each member:
 * {"n","per_s","p50_us","p99_us","cpu_us"}; scale: how many things one
 * operation did; cpu_us is that of this process for one thing. prefix may be
 * "".
 */
void
samples_print(struct samples *s, size_t scale, const char *prefix);

#endif
