/*
 * err: one error, owned by the caller, filled by whoever fails.
 *
 * A failing function returns -1 and says: action: object: reason: what to do.
 * The codes are also the exit codes of litfass(1), so an error that crosses
 * the control socket keeps its meaning.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stddef.h>

enum err_code {
	ERR_OK = 0,
	ERR_FAILED = 1,		/* anything not named below */
	ERR_USAGE = 2,		/* wrong options or arguments */
	ERR_INVALID = 3,	/* refused by validation, lint or policy */
	ERR_NOT_FOUND = 4,
	ERR_DENIED = 5,
	ERR_STATE = 6,		/* wrong state, conflict */
	ERR_UNREACHABLE = 7,	/* daemon or network */
	ERR_PARTIAL = 8,	/* some deliveries failed */
	ERR_DEADLINE = 9,
	ERR_CODES
};

struct err {
	enum err_code code;
	char text[512];
};

/* Fill e (may be NULL) and return -1, for one-line failure paths. */
int
err_set(struct err *e, enum err_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Put "prefix: " before the text that is there; returns -1. */
int
err_prefix(struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The stable name of a code ("not-found"), for JSON answers. Borrowed. */
const char *
err_name(enum err_code code);

/* The code of a name; ERR_FAILED for a name we do not know. */
enum err_code
err_from_name(const char *name);

#endif
