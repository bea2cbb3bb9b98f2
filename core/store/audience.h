/*
 * audience: whom a job is for, as walked by its cursor.
 *
 * Three kinds: {"list":["a","b"]} has targets 1, 2 ...;
 * {"kind":"email","topics":[...],"ars":"..." or [...]} has subscriber ids,
 * {"kind":"email","ref":"17"} the only one of this ref;
 * {"reached":JOB} has those targets of another job that were accepted or
 * delivered, or may have been. An audience never changes once its job is
 * accepted, so it is parsed once and kept, one that follows another job
 * together with the audience of that job. ars levels: cap rules 13.2 and
 * 13.3, see audience_ars().
 */
#ifndef STORE_AUDIENCE_H
#define STORE_AUDIENCE_H

#include <jansson.h>
#include <stdbool.h>

#include "store/db.h"
#include "store/store.h"

#define AUDIENCE_TOPICS	64	/* at most, of one job */
#define AUDIENCE_CACHE	16

enum audience_type { AUDIENCE_LIST, AUDIENCE_PEOPLE, AUDIENCE_REACHED };

struct audience {
	int64_t job;
	enum audience_type type;
	json_t *json;		/* owns the strings below */
	const char *kind;
	const char *ref;	/* NULL: not only one */
	const char *topics[AUDIENCE_TOPICS + 1];	/* the first is "" */
	size_t n_topics;	/* 0: everybody */
	size_t n;		/* of a list */
	int64_t source;
	struct audience *origin;	/* that of source, ours; may be NULL */
};

struct audience_cache {
	struct audience known[AUDIENCE_CACHE];
	unsigned next;
};

/* json is borrowed; audience_fini() in any case. */
int
audience_parse(const json_t *json, struct audience *a, struct err *e);
void
audience_fini(struct audience *a);
/* That of a job. NULL when there is no such job. Borrowed until the next
 * call. */
const struct audience *
audience_of(struct db *d, struct audience_cache *c, int64_t job);
void
audience_cache_fini(struct audience_cache *c);

/*
 * The next target ids above cursor up to hwm, ascending, at most max;
 * candidates that audience_target() may still turn down. Fewer than max:
 * that was all.
 */
size_t
audience_walk(struct db *d, const struct audience *a, int64_t cursor,
    int64_t hwm, int64_t *ids, size_t max);

enum audience_answer {
	AUDIENCE_YES,
	AUDIENCE_NO,	/* not among those meant */
	AUDIENCE_GONE,	/* was meant, can't be reached any more */
};

/*
 * Fill address and langs of one target. chosen: it was chosen before, only
 * ask for the address.
 */
enum audience_answer
audience_target(struct db *d, const struct audience *a, int64_t target,
    bool chosen, struct store_target *t);

/*
 * How many are meant among the next ids above *cursor, which moves on; it is
 * hwm when that was all. A slice takes about a millisecond.
 */
int64_t
audience_count(struct db *d, const struct audience *a, int64_t hwm,
    int64_t *cursor);

/*
 * The significant digits of an ARS of 12 digits: level 12 Gemeinde, 9
 * Gemeindeverband, 5 Kreis, 3 Regierungsbezirk, 2 Land, or none for the
 * whole country. False when it is no ARS.
 */
bool
audience_ars(const char *ars, char out[13]);
/* One of two significant ARS lies within the other. */
bool
audience_touches(const char *a, const char *b);

#endif
