/*
 * trial: try a configuration in a process of its own, "litfassd --check",
 * which opens the plugins as well.
 */
#ifndef CORE_TRIAL_H
#define CORE_TRIAL_H

#include <stdbool.h>

#include "base/err.h"
#include "base/loop.h"

struct trial;

/* Once, from the loop; the trial may be freed in it. */
typedef void trial_cb(void *arg, bool fit);

/*
 * Start it. config NULL: what the program takes by itself. After ms it counts
 * as unfit. What it finds goes to our log. program, config and arg are kept.
 */
int
trial_new(struct loop *l, const char *program, const char *config, int64_t ms,
    trial_cb *cb, void *arg, struct trial **t_r, struct err *e);
/* Ends one that is under way; no callback follows. */
void
trial_free(struct trial **t);

#endif
