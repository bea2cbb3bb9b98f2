/*
 * probe: a table of measurements, one a call. Called by tools/bench/bench.
 */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "probe.h"

static const struct {
	const char *name, *args;
	int n_args;
	probe_run *run;
} probes[] = {
	{ "accepts", "SOCKET CLIENTS COUNT TEMPLATE", 4, accepts_run },
	{ "disk", "FILE COUNT", 2, disk_run },
	{ "latency", "SOCKET COUNT TEMPLATE ANSWER (port on stdout, goes on "
	    "at a line on stdin)", 4, latency_run },
	{ "posts", "URL CONCURRENCY COUNT BYTES", 4, posts_run },
	{ "sink", "ANSWER (port on stdout, ends with stdin)", 1, sink_run },
	{ "sqlite", "FILE COUNT BATCH", 3, sqlite_run },
	{ "store-accept", "FILE OUTSTANDING COUNT", 3, store_accept_run },
	{ "store-walk", "FILE TARGETS BATCH", 3, store_walk_run },
};

#define N_PROBES	(sizeof(probes) / sizeof(probes[0]))

size_t
probe_number(const char *s, size_t max)
{
	char *end;
	unsigned long n = strtoul(s, &end, 10);

	if (*s < '0' || *s > '9' || *end != '\0' || n < 1 || n > max)
		log_fatal(EXIT_CONFIG, "probe: %s: give a number from 1 to "
		    "%zu", s, max);
	return n;
}

void
probe_fail(const char *what)
{
	log_fatal(EXIT_TEMPFAIL, "probe: %s: %s", what, strerror(errno));
}

int
main(int argc, char **argv)
{
	log_init("probe", LOG_TEXT, LOG_LEVEL_WARN);
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; argc > 1 && i < N_PROBES; i++)
		if (strcmp(probes[i].name, argv[1]) == 0 &&
		    probes[i].n_args == argc - 2)
			return probes[i].run(argv + 1);
	for (size_t i = 0; i < N_PROBES; i++)
		fprintf(stderr, "usage: probe %s %s\n", probes[i].name,
		    probes[i].args);
	return EXIT_CONFIG;
}
