/*
 * when: points in time as people and machines write them.
 *
 * Machines: RFC 3339 with an offset, which is also the dateTime of CAP 1.2
 * section 3.3.2. Days that do not exist are refused. Second 60 is read as
 * 59: a leap second cannot be scheduled.
 * People: what follows --at, in the time zone of the issuer.
 */
#ifndef BASE_WHEN_H
#define BASE_WHEN_H

#include <stdbool.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/zone.h"

#define WHEN_MAX	40	/* bytes that hold every formatted time */

/* How a time was written, for readers that warn about odd spellings. */
struct when_form {
	bool offset;	/* it has one; without, the time is of no use */
	bool zulu;	/* Z or z */
	bool fraction;
	bool colon;	/* in the offset */
	bool leap;	/* second 60 */
};

/* Any of the spellings above; 0 also without an offset (read as UTC). */
int
when_scan(const char *s, struct wall *w_r, struct when_form *form_r,
    struct err *e);
/* RFC 3339, nothing else. */
int
when_parse(const char *s, struct wall *w_r, struct err *e);
/*
 * "now", "+90s", "+30m", "+2h", "+3d", "7:00" (the next one),
 * "today 18:00", "tomorrow 7:00", "2026-12-01 08:00", RFC 3339. A local time
 * that is skipped when clocks go forward means the first minute after the
 * gap; one that comes twice means the first.
 */
int
when_parse_human(const char *s, struct wall now, const struct zone *z,
    struct wall *w_r, struct err *e);

/* "2026-03-02T08:15:00Z"; a fraction is left out. Returns out. */
const char *
when_format(struct wall w, char *out, size_t n);
/* "2026-03-02T09:15:00+01:00". Returns out. */
const char *
when_format_zone(struct wall w, const struct zone *z, char *out, size_t n);

#endif
