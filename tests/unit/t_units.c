/*
 * t_units: durations, sizes and rates both ways, and did-you-mean.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/near.h"
#include "base/units.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

struct sample {
	const char *text;
	int64_t value;
	const char *back;	/* NULL: the same text */
};

static const struct sample durations[] = {
	{ "0", 0, "0ms" },
	{ "250ms", 250, NULL },
	{ "30s", 30000, NULL },
	{ "90s", 90000, NULL },
	{ "10m", 600000, NULL },
	{ "120m", 7200000, "2h" },
	{ "3d", 259200000, NULL },
	{ "9223372036854775807ms", INT64_MAX, NULL },
};

static const struct sample sizes[] = {
	{ "0", 0, "0B" },
	{ "1000B", 1000, "1kB" },
	{ "1024B", 1024, "1KiB" },
	{ "64KiB", 65536, NULL },
	{ "16MB", 16000000, NULL },
	{ "16MiB", 16777216, NULL },
	{ "5GB", INT64_C(5000000000), NULL },
	{ "8GiB", INT64_C(8589934592), NULL },
};

static void
durations_go_both_ways(void **state)
{
	char out[UNITS_TEXT];
	struct err e;
	int64_t ms;

	(void)state;
	for (size_t i = 0; i < COUNT(durations); i++) {
		const struct sample *s = &durations[i];

		assert_int_equal(units_duration(s->text, &ms, &e), 0);
		assert_int_equal(ms, s->value);
		assert_string_equal(units_duration_text(ms, out),
		    s->back == NULL ? s->text : s->back);
	}
}

static void
sizes_go_both_ways(void **state)
{
	char out[UNITS_TEXT];
	struct err e;
	int64_t n;

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		const struct sample *s = &sizes[i];

		assert_int_equal(units_size(s->text, &n, &e), 0);
		assert_int_equal(n, s->value);
		assert_string_equal(units_size_text(n, out),
		    s->back == NULL ? s->text : s->back);
	}
}

static void
rates_are_per_second(void **state)
{
	struct err e;
	double r;

	(void)state;
	assert_int_equal(units_rate("80/s", &r, &e), 0);
	assert_true(r > 79.999 && r < 80.001);
	assert_int_equal(units_rate("30/m", &r, &e), 0);
	assert_true(r > 0.499 && r < 0.501);
	assert_int_equal(units_rate("0", &r, &e), 0);
	assert_true(r < 0.001);
	assert_int_equal(units_rate("80", &r, &e), -1);
	assert_string_equal(e.text, "\"80\" is not a rate: write a whole "
	    "number and /s, /m or /h, like \"80/s\"");
}

static void
junk_is_refused(void **state)
{
	static const char *const junk[] = { "", "s", "30", "30 s", " 30s",
		"30s ", "-5s", "+5s", "1.5h", "1h30m", "0x10s", "30S",
		"99999999999999999999s", "16mb", "5/s" };
	struct err e;
	int64_t n;

	(void)state;
	for (size_t i = 0; i < COUNT(junk); i++) {
		assert_int_equal(units_duration(junk[i], &n, &e), -1);
		assert_int_equal(units_size(junk[i], &n, &e), -1);
	}
	units_duration("30", &n, &e);
	assert_string_equal(e.text, "\"30\" is not a duration: write a whole "
	    "number and ms, s, m, h or d, like \"30s\"");
}

static void
overflow_is_refused(void **state)
{
	struct err e;
	int64_t n;

	(void)state;
	assert_int_equal(units_duration("9223372036854775807s", &n, &e), -1);
	assert_string_equal(e.text, "\"9223372036854775807s\" is too large: "
	    "it does not fit into 64 bits");
	assert_int_equal(units_size("9223372036854775807GiB", &n, &e), -1);
}

static void
near_words_are_found(void **state)
{
	static const char *const known[] = { "store", "control", "log",
		"channels", NULL, "drain_timeout", "path" };
	static const char *const asked[][2] = {
		{ "stroe", "store" }, { "stor", "store" },
		{ "channel", "channels" }, { "drain", "drain_timeout" },
		{ "control_socket", "control" }, { "lgo", "log" },
		{ "paht", "path" }, { "smtp", NULL }, { "x", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(asked); i++) {
		const char *got = near_word(asked[i][0], known, COUNT(known));

		if (asked[i][1] == NULL)
			assert_null(got);
		else
			assert_string_equal(got, asked[i][1]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations_go_both_ways),
		cmocka_unit_test(sizes_go_both_ways),
		cmocka_unit_test(rates_are_per_second),
		cmocka_unit_test(junk_is_refused),
		cmocka_unit_test(overflow_is_refused),
		cmocka_unit_test(near_words_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
