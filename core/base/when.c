/*
 * when: parse and format points in time. Never reads a clock and never
 * touches TZ. Called by announce, cap, config and the command line.
 */
#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/when.h"

#define DAY	INT64_C(86400)

/* Read exactly n digits. */
static int
digits(const char **p, int n, int *value_r)
{
	int v = 0;

	for (int i = 0; i < n; i++, (*p)++) {
		if (!isdigit((unsigned char)**p))
			return -1;
		v = v * 10 + (**p - '0');
	}
	*value_r = v;
	return 0;
}

static bool
eat(const char **p, char c)
{
	if (**p != c)
		return false;
	(*p)++;
	return true;
}

static int
scan_date(const char **p, struct civil *c)
{
	return digits(p, 4, &c->year) < 0 || !eat(p, '-') ||
	    digits(p, 2, &c->month) < 0 || !eat(p, '-') ||
	    digits(p, 2, &c->day) < 0 ? -1 : 0;
}

static int
scan_time(const char **p, struct civil *c)
{
	return digits(p, 2, &c->hour) < 0 || !eat(p, ':') ||
	    digits(p, 2, &c->minute) < 0 || !eat(p, ':') ||
	    digits(p, 2, &c->second) < 0 ? -1 : 0;
}

/* Microseconds behind the point; digits behind the sixth do not count. */
static int
scan_fraction(const char **p, struct when_form *f, int64_t *us_r)
{
	int64_t unit = CLOCK_SECOND / 10;

	*us_r = 0;
	f->fraction = eat(p, '.');
	if (!f->fraction)
		return 0;
	if (!isdigit((unsigned char)**p))
		return -1;
	for (; isdigit((unsigned char)**p); (*p)++, unit /= 10)
		*us_r += (**p - '0') * unit;
	return 0;
}

/* Seconds east of Greenwich. XML Schema ends at 14 hours. */
static int
scan_offset(const char **p, struct when_form *f, int *seconds_r)
{
	int sign, h, m;

	*seconds_r = 0;
	f->zulu = eat(p, 'Z') || eat(p, 'z');
	f->offset = f->zulu || **p != '\0';
	if (f->zulu || **p == '\0')
		return 0;
	sign = **p == '-' ? -1 : 1;
	if (!eat(p, '-') && !eat(p, '+'))
		return -1;
	if (digits(p, 2, &h) < 0)
		return -1;
	f->colon = eat(p, ':');
	if (digits(p, 2, &m) < 0 || h > 14 || m > 59 || h * 60 + m > 14 * 60)
		return -1;
	*seconds_r = sign * (h * 3600 + m * 60);
	return 0;
}

static int
not_a_time(const char *s, struct err *e)
{
	return err_set(e, ERR_INVALID, "read time: \"%.40s\": not of the form "
	    "2026-03-02T09:15:00+01:00: write date, T, time and offset", s);
}

int
when_scan(const char *s, struct wall *w_r, struct when_form *form_r,
    struct err *e)
{
	struct when_form f = { 0 };
	struct civil c;
	const char *p = s;
	int64_t us;
	int offset;

	if (scan_date(&p, &c) < 0 || (!eat(&p, 'T') && !eat(&p, 't')) ||
	    scan_time(&p, &c) < 0 || scan_fraction(&p, &f, &us) < 0 ||
	    scan_offset(&p, &f, &offset) < 0 || *p != '\0')
		return not_a_time(s, e);
	f.leap = c.second == 60;
	if (f.leap)
		c.second = 59;
	if (!civil_valid(&c) || c.year < 1970)
		return err_set(e, ERR_INVALID, "read time: \"%.40s\": there "
		    "is no such day or time: correct it", s);
	w_r->us = (civil_to_seconds(&c) - offset) * CLOCK_SECOND + us;
	*form_r = f;
	return 0;
}

int
when_parse(const char *s, struct wall *w_r, struct err *e)
{
	struct when_form f;
	struct wall w;

	if (when_scan(s, &w, &f, e) < 0)
		return -1;
	if (!f.offset)
		return err_set(e, ERR_INVALID, "read time: \"%.40s\": the "
		    "offset is missing: add one, such as +01:00", s);
	if (!f.zulu && !f.colon)
		return not_a_time(s, e);
	*w_r = w;
	return 0;
}

static const struct {
	char letter;
	int seconds;
} spans[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };

/* "+2h": true durations, "+1d" is 24 hours. */
static int
parse_span(const char *p, struct wall now, struct wall *w_r)
{
	int64_t n = 0;

	if (!isdigit((unsigned char)*p))
		return -1;
	for (; isdigit((unsigned char)*p); p++) {
		n = n * 10 + (*p - '0');
		if (n > 1000000)
			return -1;
	}
	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
		if (p[0] != spans[i].letter || p[1] != '\0')
			continue;
		w_r->us = now.us + n * spans[i].seconds * CLOCK_SECOND;
		return 0;
	}
	return -1;
}

/* "7:00", "07:00" or "07:00:30" up to the end. */
static int
parse_clock(const char *p, struct civil *c)
{
	int n = isdigit((unsigned char)p[0]) && p[1] == ':' ? 1 : 2;

	c->second = 0;
	if (digits(&p, n, &c->hour) < 0 || !eat(&p, ':') ||
	    digits(&p, 2, &c->minute) < 0)
		return -1;
	if (eat(&p, ':') && digits(&p, 2, &c->second) < 0)
		return -1;
	return *p == '\0' ? 0 : -1;
}

static void
add_day(struct civil *c)
{
	civil_from_seconds(civil_to_seconds(c) + DAY, c);
}

static const char *
behind_word(const char *s, const char *word)
{
	size_t n = strlen(word);

	if (strncasecmp(s, word, n) != 0 || s[n] != ' ')
		return NULL;
	return s + n + 1;
}

/* A date and a clock time in the zone; the date may be a word. */
static int
parse_local(const char *s, struct wall now, const struct zone *z,
    struct wall *w_r)
{
	const char *p = s, *rest;
	enum zone_fit fit;
	struct civil c;
	bool next = false;

	zone_civil(z, now, &c);
	if ((rest = behind_word(s, "today")) != NULL) {
		p = rest;
	} else if ((rest = behind_word(s, "tomorrow")) != NULL) {
		p = rest;
		add_day(&c);
	} else if (strlen(s) > 8) {
		if (scan_date(&p, &c) < 0 || (!eat(&p, ' ') && !eat(&p, 'T')))
			return -1;
	} else {
		next = true;
	}
	if (parse_clock(p, &c) < 0 || !civil_valid(&c))
		return -1;
	*w_r = zone_moment(z, &c, &fit);
	if (next && w_r->us <= now.us) {
		add_day(&c);
		*w_r = zone_moment(z, &c, &fit);
	}
	return 0;
}

int
when_parse_human(const char *s, struct wall now, const struct zone *z,
    struct wall *w_r, struct err *e)
{
	struct when_form f;

	if (strcasecmp(s, "now") == 0) {
		*w_r = now;
		return 0;
	}
	if (*s == '+' && parse_span(s + 1, now, w_r) == 0)
		return 0;
	if (when_scan(s, w_r, &f, NULL) == 0 && f.offset)
		return 0;
	if (parse_local(s, now, z, w_r) == 0)
		return 0;
	return err_set(e, ERR_USAGE, "read time: \"%.40s\": not understood: "
	    "write \"+2h\", \"tomorrow 7:00\", \"2026-12-01 08:00\" or "
	    "\"2026-12-01T08:00:00+01:00\"", s);
}

static int64_t
whole_seconds(struct wall w)
{
	return w.us / CLOCK_SECOND - (w.us % CLOCK_SECOND < 0 ? 1 : 0);
}

const char *
when_format(struct wall w, char *out, size_t n)
{
	struct civil c;

	civil_from_seconds(whole_seconds(w), &c);
	snprintf(out, n, "%04d-%02d-%02dT%02d:%02d:%02dZ", c.year, c.month,
	    c.day, c.hour, c.minute, c.second);
	return out;
}

const char *
when_format_zone(struct wall w, const struct zone *z, char *out, size_t n)
{
	int offset = zone_offset(z, w) / 60;
	char sign = offset < 0 ? '-' : '+';
	struct civil c;

	zone_civil(z, w, &c);
	if (offset < 0)
		offset = -offset;
	snprintf(out, n, "%04d-%02d-%02dT%02d:%02d:%02d%c%02d:%02d", c.year,
	    c.month, c.day, c.hour, c.minute, c.second, sign, offset / 60,
	    offset % 60);
	return out;
}
