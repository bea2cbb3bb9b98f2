/*
 * problem: what is wrong with an announcement, for people and for machines.
 *
 * Every finding names the place (JSON Pointer, RFC 6901; "" is the whole
 * document), a stable slug that scripts may match, and a message that says
 * what is wrong, why it matters and what to do.
 */
#ifndef ANNOUNCE_PROBLEM_H
#define ANNOUNCE_PROBLEM_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define PROBLEMS_MAX	100	/* further ones are only counted */

enum problem_level {
	PROBLEM_WARN,	/* may go out; somebody should look at it */
	PROBLEM_ERROR	/* is refused */
};

struct problem {
	enum problem_level level;
	char *pointer;
	const char *slug;	/* a literal */
	char *message;
};

struct problems {
	struct problem *items;
	size_t n;
	size_t errors, warnings;	/* all of them, also dropped ones */
};

void
problems_init(struct problems *p);
void
problems_fini(struct problems *p);
bool
problems_ok(const struct problems *p);
bool
problems_has(const struct problems *p, const char *slug);
/* slug is kept and must be a literal; pointer is copied. Returns -1. */
int
problem_add(struct problems *p, enum problem_level level,
    const char *pointer, const char *slug, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
/* [{"level","pointer","slug","message"}], given. */
json_t *
problems_json(const struct problems *p);

/* A JSON Pointer that grows and shrinks with a walk. */
struct place {
	char text[256];
	size_t len;
};

/* Go to a member or element; the return value is for place_back(). */
size_t
place_key(struct place *at, const char *key);
size_t
place_index(struct place *at, size_t i);
void
place_back(struct place *at, size_t mark);

#endif
