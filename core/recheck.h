/*
 * recheck: try a configuration in a process of its own, "litfassd --check",
 * which opens the plugins as well.
 */
#ifndef CORE_RECHECK_H
#define CORE_RECHECK_H

#include <stdbool.h>

#include "base/err.h"
#include "base/loop.h"

struct recheck;

/* Once, from the loop; it may be freed in it. */
typedef void recheck_cb(void *arg, bool fit);

/*
 * Start it. config NULL: what the program takes by itself. After ms it counts
 * as unfit. What it finds goes to our log. program, config and arg are kept.
 */
int
recheck_new(struct loop *l, const char *program, const char *config,
    int64_t ms, recheck_cb *cb, void *arg, struct recheck **t_r, struct err *e);
/* Ends one that is under way; no callback follows. */
void
recheck_free(struct recheck **t);

#endif
