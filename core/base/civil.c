/*
 * civil: days and seconds by counting, the same on every machine. Never asks
 * the C library for a time zone. Called by when and zone.
 */
#include "config.h"

#include "base/civil.h"

#define DAY	INT64_C(86400)

static bool
leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int
civil_month_days(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31,
		30, 31 };

	return month == 2 && leap(year) ? 29 : days[month - 1];
}

bool
civil_valid(const struct civil *c)
{
	if (c->year < 1 || c->year > 9999 || c->month < 1 || c->month > 12)
		return false;
	if (c->day < 1 || c->day > civil_month_days(c->year, c->month))
		return false;
	return c->hour >= 0 && c->hour <= 23 && c->minute >= 0 &&
	    c->minute <= 59 && c->second >= 0 && c->second <= 59;
}

/* Days from year 1 to the first of January of year. */
static int64_t
days_before_year(int year)
{
	int64_t y = year - 1;

	return y * 365 + y / 4 - y / 100 + y / 400;
}

#define EPOCH_DAYS	INT64_C(719162)	/* days_before_year(1970) */

int64_t
civil_to_seconds(const struct civil *c)
{
	int64_t days = days_before_year(c->year) - EPOCH_DAYS + c->day - 1;

	for (int m = 1; m < c->month; m++)
		days += civil_month_days(c->year, m);
	return days * DAY + c->hour * 3600 + c->minute * 60 + c->second;
}

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0 ? 1 : 0);
}

/* The years 1 to 9999. */
#define SECONDS_MIN	INT64_C(-62135596800)
#define SECONDS_MAX	INT64_C(253402300799)

static int64_t
clamp(int64_t seconds)
{
	if (seconds < SECONDS_MIN)
		return SECONDS_MIN;
	return seconds > SECONDS_MAX ? SECONDS_MAX : seconds;
}

void
civil_from_seconds(int64_t seconds, struct civil *c_r)
{
	int64_t days = floor_div(clamp(seconds), DAY);
	int64_t rest = clamp(seconds) - days * DAY;
	int year = (int)(1970 + floor_div(days, 366));
	int month = 1;

	days += EPOCH_DAYS;
	while (days_before_year(year + 1) <= days)
		year++;
	while (days_before_year(year) > days)
		year--;
	days -= days_before_year(year);
	while (days >= civil_month_days(year, month))
		days -= civil_month_days(year, month++);
	c_r->year = year;
	c_r->month = month;
	c_r->day = (int)days + 1;
	c_r->hour = (int)(rest / 3600);
	c_r->minute = (int)(rest / 60 % 60);
	c_r->second = (int)(rest % 60);
}

int
civil_weekday(int64_t seconds)
{
	int64_t days = floor_div(seconds, DAY) + 4;	/* 1970: Thursday */

	return (int)(days - 7 * floor_div(days, 7));
}
