/*
 * fault: everything that is wrong with a configuration, not just the
 * first thing.
 *
 * A text reads "FILE:LINE: what is wrong: why: what to do"; without a line
 * when the whole file is meant. A notice is worth saying but refuses nothing.
 */
#ifndef CONFIG_FAULT_H
#define CONFIG_FAULT_H

#include <stdbool.h>
#include <stddef.h>

struct fault {
	char *text;
	bool notice;
};

struct faults {
	struct fault *list;	/* in the order they were found */
	size_t n;
	size_t errors;		/* without the notices */
};

void
faults_init(struct faults *p);
void
faults_fini(struct faults *p);
/* Returns -1, for one-line failure paths. line 0: none. The number of texts
 * is capped; what comes later is counted and not kept. */
int
faults_add(struct faults *p, const char *file, unsigned line,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void
faults_notice(struct faults *p, const char *file, unsigned line,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

#endif
