/*
 * progress: how far an announcement is, on standard error: a bar on a
 * terminal, a JSON object a line with --progress=jsonl, otherwise nothing.
 */
#ifndef LITFASS_PROGRESS_H
#define LITFASS_PROGRESS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "command.h"

struct progress {
	enum { PROGRESS_OFF, PROGRESS_BAR, PROGRESS_JSONL } how;
	int64_t began;		/* monotonic us of the first state */
	int64_t done_then;	/* what was done at that time */
	bool drawn;
};

/* Sums over the channels of a status. */
struct progress_sum {
	int64_t total;		/* 0 until counted */
	int64_t done;		/* with an outcome, whatever it is */
	int64_t arrived;	/* accepted or delivered */
	int64_t failed;		/* failed, expired or in doubt */
};

void
progress_init(struct progress *p, const struct cli *c);
/* status as store_status() gives it; borrowed. now: monotonic us. */
void
progress_show(struct progress *p, const json_t *status, int64_t now);
/* Leave the line of the bar. */
void
progress_end(struct progress *p);
void
progress_sum(const json_t *status, struct progress_sum *sum_r);
/*
 * What the bar says, without the bar: "120/5000  40/s  2 min left  3
 * failed". rate < 0: unknown. out has room for n bytes; returns out.
 */
const char *
progress_text(const struct progress_sum *sum, double rate, char *out,
    size_t n);

#endif
