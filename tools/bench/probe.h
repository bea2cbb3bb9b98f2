/*
 * probe: one program that measures one thing at a time, for tools/bench/bench.
 * A probe prints lines of JSON and ends with 0, or ends the process with a
 * reason. argv[0] is its own name; the count of arguments has been checked.
 */
#ifndef BENCH_PROBE_H
#define BENCH_PROBE_H

#include <stddef.h>

#define PROBE_SECONDS	20	/* no probe takes longer */

typedef int probe_run(char **argv);

probe_run accepts_run, disk_run, latency_run, posts_run, sink_run,
    sqlite_run, store_accept_run, store_walk_run;

/* A whole number from 1 to max, or the end of the process. */
size_t
probe_number(const char *s, size_t max);
/* Ends the process: what failed, with errno. */
void
probe_fail(const char *what) __attribute__((noreturn));

#endif
