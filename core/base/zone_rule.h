/*
 * zone_rule: the rule at the end of a tzfile, "CET-1CEST,M3.5.0,M10.5.0/3".
 *
 * POSIX.1-2017 section 8.3 (TZ), with the wider hours of RFC 8536 section
 * 3.3.1. Only for zone.c.
 */
#ifndef BASE_ZONE_RULE_H
#define BASE_ZONE_RULE_H

#include <stdbool.h>
#include <stdint.h>

struct zone_change {
	char kind;	/* 'M' month.week.day, 'J' day without 29 February,
			 * 'N' day from 0 */
	int month, week, day;
	int32_t time;	/* seconds of local time, may be negative */
};

struct zone_rule {
	bool known;
	bool has_dst;
	int32_t std, dst;	/* seconds east of Greenwich */
	struct zone_change start, end;
};

/* s is not NUL-terminated at len. 0, or -1 when it is not understood. */
int
zone_rule_parse(const char *s, size_t len, struct zone_rule *rule_r);
int32_t
zone_rule_offset(const struct zone_rule *rule, int64_t seconds);

#endif
