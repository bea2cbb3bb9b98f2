/*
 * zone: the local time of one IANA zone, read from tzfile(5).
 *
 * The C library knows only one zone a process (TZ); a press office needs
 * that of its city, whatever the server runs on. Version 2 files and newer
 * (RFC 8536) with their rule for the years behind the table are read. Leap
 * seconds are not: nobody's wall clock shows them.
 */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include "base/civil.h"
#include "base/clock.h"
#include "base/err.h"

struct zone;

/* name as in "Europe/Berlin"; given, NULL on error. */
struct zone *
zone_load(const char *name, struct err *e);
/* The same from the bytes of a file. */
struct zone *
zone_parse(const char *name, const void *data, size_t len, struct err *e);
void
zone_free(struct zone **z);
/* Borrowed. */
const char *
zone_name(const struct zone *z);

/* Seconds east of Greenwich at that moment. */
int32_t
zone_offset(const struct zone *z, struct wall w);
void
zone_civil(const struct zone *z, struct wall w, struct civil *c_r);

enum zone_fit {
	ZONE_ONCE,	/* that local time exists once */
	ZONE_GAP,	/* clocks jump over it: the first moment after the
			 * gap is meant */
	ZONE_TWICE	/* clocks show it twice: the first is meant */
};

/* The moment at which local clocks show c (valid). */
struct wall
zone_moment(const struct zone *z, const struct civil *c,
    enum zone_fit *fit_r);

#endif
