/*
 * t_when: times as machines and people write them, and the nights on which
 * the clocks change.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/when.h"
#include "base/zone_rule.h"

static struct zone *berlin;

static int64_t
seconds(const char *s)
{
	struct err e = { ERR_OK, "" };
	struct wall w = { 0 };

	if (when_parse(s, &w, &e) < 0)
		fail_msg("%s", e.text);
	return w.us / CLOCK_SECOND;
}

static void
times_have_an_offset(void **state)
{
	struct wall w = { 0 };
	struct err e;

	(void)state;
	assert_int_equal(seconds("1970-01-01T00:00:00Z"), 0);
	assert_int_equal(seconds("2026-03-02T09:15:00+01:00"), 1772439300);
	assert_int_equal(seconds("2026-03-02t08:15:00.5z"), 1772439300);
	assert_int_equal(seconds("2026-03-02T08:15:00-00:00"), 1772439300);
	assert_int_equal(when_parse("2026-03-02T08:15:00.25Z", &w, NULL), 0);
	assert_int_equal(w.us % CLOCK_SECOND, 250000);
	assert_int_equal(when_parse("2026-03-02T09:15:00", &w, &e), -1);
	assert_string_equal(e.text, "read time: \"2026-03-02T09:15:00\": the "
	    "offset is missing: add one, such as +01:00");
}

static void
impossible_times_are_refused(void **state)
{
	static const char *const bad[] = { "", "x", "2026-02-30T00:00:00Z",
		"2025-02-29T00:00:00Z", "2100-02-29T00:00:00Z",
		"2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
		"2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z",
		"2026-01-01T00:00:61Z", "2026-01-01T00:00:00+15:00",
		"2026-01-01T00:00:00+1:00", "2026-01-01T00:00:00+01:00x",
		"2026-01-01 00:00:00Z", "2026-01-01T00:00:00.Z",
		"1969-12-31T23:59:59Z", "2026-01-01T00:00:00+0100",
		"2026-1-01T00:00:00Z" };
	struct wall w;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (when_parse(bad[i], &w, NULL) == 0)
			fail_msg("accepted: %s", bad[i]);
	assert_int_equal(seconds("2024-02-29T00:00:00Z"), 1709164800);
	assert_int_equal(seconds("2000-02-29T00:00:00Z"), 951782400);
}

static void
leap_second_is_read_as_59(void **state)
{
	struct when_form f;
	struct wall w;

	(void)state;
	assert_int_equal(when_scan("2016-12-31T23:59:60Z", &w, &f, NULL), 0);
	assert_true(f.leap);
	assert_int_equal(w.us / CLOCK_SECOND, seconds("2016-12-31T23:59:59Z"));
}

static void
odd_spellings_are_told_apart(void **state)
{
	struct when_form f;
	struct wall w;

	(void)state;
	assert_int_equal(when_scan("2026-03-01T10:00:00+0100", &w, &f, NULL),
	    0);
	assert_true(f.offset && !f.colon && !f.zulu);
	assert_int_equal(when_scan("2026-03-01T10:00:00", &w, &f, NULL), 0);
	assert_false(f.offset);
}

static const char *
berlin_time(const char *utc)
{
	static char out[WHEN_MAX];

	return when_format_zone((struct wall){ seconds(utc) * CLOCK_SECOND },
	    berlin, out, sizeof(out));
}

static void
berlin_changes_its_clocks(void **state)
{
	(void)state;
	assert_string_equal(berlin_time("2026-03-29T00:59:59Z"),
	    "2026-03-29T01:59:59+01:00");
	assert_string_equal(berlin_time("2026-03-29T01:00:00Z"),
	    "2026-03-29T03:00:00+02:00");
	assert_string_equal(berlin_time("2026-10-25T00:59:59Z"),
	    "2026-10-25T02:59:59+02:00");
	assert_string_equal(berlin_time("2026-10-25T01:00:00Z"),
	    "2026-10-25T02:00:00+01:00");
	/* Far behind the table: the rule at the end of the file. */
	assert_string_equal(berlin_time("2096-07-01T12:00:00Z"),
	    "2096-07-01T14:00:00+02:00");
	assert_string_equal(berlin_time("2096-12-01T12:00:00Z"),
	    "2096-12-01T13:00:00+01:00");
	/* Before the first rule, in 1970. */
	assert_string_equal(berlin_time("1970-07-01T12:00:00Z"),
	    "1970-07-01T13:00:00+01:00");
}

static void
other_zones_are_right_too(void **state)
{
	static const struct {
		const char *zone, *utc, *local;
	} t[] = {
		{ "Asia/Kolkata", "2026-03-29T00:00:00Z",
		    "2026-03-29T05:30:00+05:30" },
		{ "America/St_Johns", "2050-01-01T00:00:00Z",
		    "2049-12-31T20:30:00-03:30" },
		{ "Australia/Sydney", "2050-01-01T00:00:00Z",
		    "2050-01-01T11:00:00+11:00" },
		{ "Africa/Casablanca", "2026-06-01T00:00:00Z",
		    "2026-06-01T01:00:00+01:00" },
	};
	char out[WHEN_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct zone *z = zone_load(t[i].zone, NULL);

		assert_non_null(z);
		when_format_zone((struct wall){ seconds(t[i].utc) *
		    CLOCK_SECOND }, z, out, sizeof(out));
		assert_string_equal(out, t[i].local);
		zone_free(&z);
	}
}

static void
zone_names_stay_in_their_folder(void **state)
{
	struct err e;

	(void)state;
	assert_null(zone_load("../../etc/passwd", &e));
	assert_null(zone_load("/etc/passwd", &e));
	assert_null(zone_load("", &e));
	assert_null(zone_load("Europe/Nowhere", &e));
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_null(zone_parse("x", "TZif2", 5, &e));
}

static void
broken_zone_files_are_refused(void **state)
{
	/* Headers of one type and no changes, then the rule. */
	unsigned char file[2 * 44 + 2 * 6 + 64] = "TZif2";
	size_t n = 44 + 6;
	struct zone *z;

	(void)state;
	file[39] = 1;
	memcpy(file + n, file, n);
	n *= 2;
	memcpy(file + n, "\nCET-1CEST,M3.5.0,M10.5.0/3\n", 28);
	n += 28;
	z = zone_parse("Test", file, n, NULL);
	assert_non_null(z);
	assert_string_equal(zone_name(z), "Test");
	zone_free(&z);
	for (size_t cut = 0; cut < n; cut++)
		assert_null(zone_parse("Test", file, cut, NULL));
	/* An offset of -2^31 seconds, whose amount no int holds. */
	file[2 * 44 + 6] = 0x80;
	assert_null(zone_parse("Test", file, n, NULL));
}

static void
rules_are_read_or_refused(void **state)
{
	static const char *const bad[] = { "C", "CET", "CET-1CEST", "CET-1x",
		"CET-1CEST,M13.1.0,M10.5.0", "CET-1CEST,M3.5.0",
		"CET-1CEST,M3.5.0,M10.5.0,", "<x", "CET-999", "CET-1:99",
		"CET-1CEST,J0,J1", "CET-1CEST,M3.0.0,M10.5.0" };
	struct zone_rule r;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (zone_rule_parse(bad[i], strlen(bad[i]), &r) == 0)
			fail_msg("accepted: %s", bad[i]);
	assert_int_equal(zone_rule_parse("XXX3YYY,J60/0,300/-1", 20, &r), 0);
	assert_int_equal(r.std, -3 * 3600);
	assert_int_equal(r.dst, -2 * 3600);
	assert_int_equal(zone_rule_offset(&r,
	    seconds("2024-03-01T03:00:00Z")), -2 * 3600);
	assert_int_equal(zone_rule_offset(&r,
	    seconds("2024-03-01T02:59:59Z")), -3 * 3600);
}

static const char *
human(const char *s, const char *now)
{
	static char out[WHEN_MAX];
	struct err e = { ERR_OK, "" };
	struct wall w;

	if (when_parse_human(s, (struct wall){ seconds(now) * CLOCK_SECOND },
	    berlin, &w, &e) < 0)
		return e.text[0] != '\0' ? NULL : "no reason";
	return when_format_zone(w, berlin, out, sizeof(out));
}

static void
people_say_when(void **state)
{
	static const char now[] = "2026-11-30T20:30:00+01:00";
	static const char *const t[][2] = {
		{ "now", "2026-11-30T20:30:00+01:00" },
		{ "+2h", "2026-11-30T22:30:00+01:00" },
		{ "+90s", "2026-11-30T20:31:30+01:00" },
		{ "+3d", "2026-12-03T20:30:00+01:00" },
		{ "tomorrow 7:00", "2026-12-01T07:00:00+01:00" },
		{ "Today 21:15", "2026-11-30T21:15:00+01:00" },
		{ "21:15", "2026-11-30T21:15:00+01:00" },
		{ "7:00", "2026-12-01T07:00:00+01:00" },
		{ "2026-12-24 08:00", "2026-12-24T08:00:00+01:00" },
		{ "2026-12-24T08:00", "2026-12-24T08:00:00+01:00" },
		{ "2026-12-24T08:00:30", "2026-12-24T08:00:30+01:00" },
		{ "2026-12-24T08:00:00Z", "2026-12-24T09:00:00+01:00" },
	};
	static const char *const bad[] = { "", "soon", "+2", "+2w", "+-2h",
		"25:00", "tomorrow", "tomorrow 7", "2026-02-30 08:00",
		"2026-12-24", "7:0", "+99999999h", "tomorrow 7:00 x" };

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		assert_string_equal(human(t[i][0], now), t[i][1]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (human(bad[i], now) != NULL)
			fail_msg("accepted: %s", bad[i]);
}

static void
nights_with_a_change_are_safe(void **state)
{
	(void)state;
	/* 02:30 does not exist: the first minute after the gap. */
	assert_string_equal(human("2026-03-29 02:30", "2026-03-01T00:00:00Z"),
	    "2026-03-29T03:00:00+02:00");
	assert_string_equal(human("tomorrow 3:00", "2026-03-28T12:00:00Z"),
	    "2026-03-29T03:00:00+02:00");
	/* 02:30 comes twice: the first. */
	assert_string_equal(human("2026-10-25 02:30", "2026-03-01T00:00:00Z"),
	    "2026-10-25T02:30:00+02:00");
	assert_string_equal(human("2026-10-25 03:00", "2026-03-01T00:00:00Z"),
	    "2026-10-25T03:00:00+01:00");
}

static void
days_are_counted_both_ways(void **state)
{
	struct civil c;

	(void)state;
	for (int64_t s = -62135596800; s < INT64_C(253402300800);
	    s += 86400 * 13 + 12345) {
		civil_from_seconds(s, &c);
		assert_true(civil_valid(&c));
		assert_int_equal(civil_to_seconds(&c), s);
	}
	civil_from_seconds(INT64_MIN, &c);
	assert_int_equal(c.year, 1);
	civil_from_seconds(INT64_MAX, &c);
	assert_int_equal(c.year, 9999);
	assert_int_equal(civil_weekday(seconds("2026-03-09T06:00:00Z")), 1);
	assert_int_equal(civil_weekday(-1), 3);
}

static int
load_berlin(void **state)
{
	(void)state;
	berlin = zone_load("Europe/Berlin", NULL);
	return berlin == NULL ? -1 : 0;
}

static int
drop_berlin(void **state)
{
	(void)state;
	zone_free(&berlin);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_have_an_offset),
		cmocka_unit_test(impossible_times_are_refused),
		cmocka_unit_test(leap_second_is_read_as_59),
		cmocka_unit_test(odd_spellings_are_told_apart),
		cmocka_unit_test(berlin_changes_its_clocks),
		cmocka_unit_test(other_zones_are_right_too),
		cmocka_unit_test(zone_names_stay_in_their_folder),
		cmocka_unit_test(broken_zone_files_are_refused),
		cmocka_unit_test(rules_are_read_or_refused),
		cmocka_unit_test(people_say_when),
		cmocka_unit_test(nights_with_a_change_are_safe),
		cmocka_unit_test(days_are_counted_both_ways),
	};

	return cmocka_run_group_tests_name("when", tests, load_berlin,
	    drop_berlin);
}
