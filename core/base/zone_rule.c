/*
 * zone_rule: parse and apply the POSIX rule of a zone. Total: any text gives
 * a rule or -1. Called by zone.
 */
#include "config.h"

#include <ctype.h>
#include <string.h>

#include "base/civil.h"
#include "base/zone_rule.h"

#define DAY	86400

struct text {
	const char *p, *end;
};

static bool
eat(struct text *t, char c)
{
	if (t->p == t->end || *t->p != c)
		return false;
	t->p++;
	return true;
}

static int
number(struct text *t, int max, int *n_r)
{
	int n = 0;
	const char *begin = t->p;

	while (t->p < t->end && isdigit((unsigned char)*t->p)) {
		n = n * 10 + (*t->p++ - '0');
		if (n > max)
			return -1;
	}
	*n_r = n;
	return t->p == begin ? -1 : 0;
}

/* "CET" or "<+0330>" */
static int
abbreviation(struct text *t)
{
	const char *begin = t->p;

	if (eat(t, '<')) {
		while (t->p < t->end && *t->p != '>')
			t->p++;
		return eat(t, '>') ? 0 : -1;
	}
	while (t->p < t->end && isalpha((unsigned char)*t->p))
		t->p++;
	return t->p - begin >= 3 ? 0 : -1;
}

/* [+-]h[h[h]][:mm[:ss]] */
static int
clock_time(struct text *t, int32_t *seconds_r)
{
	int sign = 1, h, m = 0, s = 0;

	if (eat(t, '-'))
		sign = -1;
	else
		(void)eat(t, '+');
	if (number(t, 167, &h) < 0)
		return -1;
	if (eat(t, ':') && number(t, 59, &m) < 0)
		return -1;
	if (eat(t, ':') && number(t, 59, &s) < 0)
		return -1;
	*seconds_r = sign * (h * 3600 + m * 60 + s);
	return 0;
}

static int
change_date(struct text *t, struct zone_change *c)
{
	if (eat(t, 'M')) {
		c->kind = 'M';
		if (number(t, 12, &c->month) < 0 || !eat(t, '.') ||
		    number(t, 5, &c->week) < 0 || !eat(t, '.') ||
		    number(t, 6, &c->day) < 0)
			return -1;
		return c->month >= 1 && c->week >= 1 ? 0 : -1;
	}
	if (eat(t, 'J')) {
		c->kind = 'J';
		return number(t, 365, &c->day) == 0 && c->day >= 1 ? 0 : -1;
	}
	c->kind = 'N';
	return number(t, 365, &c->day);
}

static int
change(struct text *t, struct zone_change *c)
{
	if (!eat(t, ',') || change_date(t, c) < 0)
		return -1;
	c->time = 2 * 3600;
	return eat(t, '/') ? clock_time(t, &c->time) : 0;
}

int
zone_rule_parse(const char *s, size_t len, struct zone_rule *rule_r)
{
	struct text t = { s, s + len };
	struct zone_rule r = { .known = true };

	memset(rule_r, 0, sizeof(*rule_r));
	if (len == 0)
		return 0;
	if (abbreviation(&t) < 0 || clock_time(&t, &r.std) < 0)
		return -1;
	r.std = -r.std;		/* POSIX counts to the west */
	if (t.p < t.end) {
		r.has_dst = true;
		r.dst = r.std + 3600;
		if (abbreviation(&t) < 0)
			return -1;
		if (t.p < t.end && *t.p != ',') {
			if (clock_time(&t, &r.dst) < 0)
				return -1;
			r.dst = -r.dst;
		}
		if (change(&t, &r.start) < 0 || change(&t, &r.end) < 0)
			return -1;
	}
	if (t.p != t.end)
		return -1;
	*rule_r = r;
	return 0;
}

/* Local seconds of the change in that year. */
static int64_t
change_in(const struct zone_change *c, int year)
{
	struct civil first = { .year = year, .month = 1, .day = 1 };
	int64_t at;
	int day;

	if (c->kind != 'M') {
		day = c->kind == 'J' ? c->day - 1 : c->day;
		if (c->kind == 'J' && c->day >= 60 &&
		    civil_month_days(year, 2) == 29)
			day++;
		return civil_to_seconds(&first) + (int64_t)day * DAY + c->time;
	}
	first.month = c->month;
	at = civil_to_seconds(&first);
	day = (c->day - civil_weekday(at) + 7) % 7 + (c->week - 1) * 7;
	if (day >= civil_month_days(year, c->month))
		day -= 7;
	return at + (int64_t)day * DAY + c->time;
}

int32_t
zone_rule_offset(const struct zone_rule *rule, int64_t seconds)
{
	struct civil c;
	int64_t start, end;
	bool dst;

	if (!rule->has_dst)
		return rule->std;
	civil_from_seconds(seconds + rule->std, &c);
	start = change_in(&rule->start, c.year) - rule->std;
	end = change_in(&rule->end, c.year) - rule->dst;
	if (start < end)
		dst = seconds >= start && seconds < end;
	else
		dst = seconds >= start || seconds < end;
	return dst ? rule->dst : rule->std;
}
