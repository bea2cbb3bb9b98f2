/*
 * sink: the quickest HTTP server that still reads what it is sent.
 */
#ifndef BENCH_SINK_H
#define BENCH_SINK_H

#include <stddef.h>

#include "base/loop.h"

struct sink;

/* Listens on 127.0.0.1; answers each request with 200 and this body (kept).
 * seen, if any, is called at the first byte of each request. */
struct sink *
sink_new(struct loop *l, const char *answer, loop_cb *seen, void *arg);
void
sink_free(struct sink **s);
/* Chosen by the kernel. */
int
sink_port(const struct sink *s);
/* Requests answered. */
size_t
sink_served(const struct sink *s);

#endif
