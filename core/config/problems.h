/*
 * problems: everything that is wrong with a configuration, not just the
 * first thing.
 *
 * A text reads "FILE:LINE: what is wrong: why: what to do"; without a line
 * when the whole file is meant. A notice is worth saying but refuses nothing.
 */
#ifndef CONFIG_PROBLEMS_H
#define CONFIG_PROBLEMS_H

#include <stdbool.h>
#include <stddef.h>

struct problem {
	char *text;
	bool notice;
};

struct problems {
	struct problem *list;	/* in the order they were found */
	size_t n;
	size_t errors;		/* without the notices */
};

void
problems_init(struct problems *p);
void
problems_fini(struct problems *p);
/* Returns -1, for one-line failure paths. line 0: none. The number of texts
 * is capped; what comes later is counted and not kept. */
int
problems_add(struct problems *p, const char *file, unsigned line,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void
problems_notice(struct problems *p, const char *file, unsigned line,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

#endif
