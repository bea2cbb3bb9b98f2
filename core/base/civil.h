/*
 * civil: calendar days and clock times without any time zone.
 *
 * The proleptic Gregorian calendar of ISO 8601. Seconds count from
 * 1970-01-01 00:00 of the same clock; leap seconds do not exist here.
 */
#ifndef BASE_CIVIL_H
#define BASE_CIVIL_H

#include <stdbool.h>
#include <stdint.h>

struct civil {
	int year;	/* 1 to 9999 */
	int month;	/* 1 to 12 */
	int day;	/* 1 to 31 */
	int hour;	/* 0 to 23 */
	int minute;	/* 0 to 59 */
	int second;	/* 0 to 59 */
};

/* Is there such a day and such a time? */
bool
civil_valid(const struct civil *c);
int
civil_month_days(int year, int month);
/* c must be valid. */
int64_t
civil_to_seconds(const struct civil *c);
/* Seconds outside the years 1 to 9999 give the first or last of them. */
void
civil_from_seconds(int64_t seconds, struct civil *c_r);
/* 0 is Sunday. */
int
civil_weekday(int64_t seconds);

#endif
