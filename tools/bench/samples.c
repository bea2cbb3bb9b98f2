/*
 * samples: keep every duration, so that a percentile is one that was really
 * seen. Never judges. Called by all probes.
 */
#include "config.h"

#include <sys/resource.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/mem.h"
#include "samples.h"

#define NS	INT64_C(1000000000)

int64_t
samples_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * NS + t.tv_nsec;
}

static double
cpu_us(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 +
	    (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

void
samples_init(struct samples *s, size_t max, long seconds)
{
	*s = (struct samples){ .max = max, .limit = seconds * NS,
		.cpu_us = cpu_us() };
	s->ns = xcalloc(max + 1, sizeof(*s->ns));
	s->begun = s->last = samples_now();
}

void
samples_fini(struct samples *s)
{
	free(s->ns);
	s->ns = NULL;
}

void
samples_add(struct samples *s, int64_t begun)
{
	s->last = samples_now();
	if (s->n < s->max)
		s->ns[s->n++] = s->last - begun;
}

bool
samples_over(const struct samples *s)
{
	return s->n >= s->max || samples_now() - s->begun >= s->limit;
}

static int
compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static double
percentile(const struct samples *s, size_t percent)
{
	return s->n == 0 ? 0 :
	    (double)s->ns[(s->n - 1) * percent / 100] / 1e3;
}

void
samples_print(struct samples *s, size_t scale, const char *prefix)
{
	double took = (double)(s->last - s->begun) / (double)NS;
	double things = (double)(s->n * scale);
	double cpu = cpu_us() - s->cpu_us;

	qsort(s->ns, s->n, sizeof(*s->ns), compare);
	printf("{\"%sn\":%.0f,\"%sper_s\":%.1f,\"%sp50_us\":%.1f,"
	    "\"%sp99_us\":%.1f,\"%scpu_us\":%.2f}\n", prefix, things, prefix,
	    took > 0 ? things / took : 0, prefix, percentile(s, 50), prefix,
	    percentile(s, 99), prefix, things > 0 ? cpu / things : 0);
	fflush(stdout);
}
