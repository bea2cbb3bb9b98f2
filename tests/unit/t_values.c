/*
 * t_values: what a plugin sees of its configuration and its secrets.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "worker/params.h"
#include "worker/wire.h"

static const struct lf_param rows[] = {
	{ .key = "url", .type = LF_PARAM_URL, .flags = LF_REQUIRED },
	{ .key = "name", .type = LF_PARAM_STRING, .def = "litfass" },
	{ .key = "mode", .type = LF_PARAM_ENUM, .def = "b",
	  .choices = "a|b|cc" },
	{ .key = "wait", .type = LF_PARAM_DURATION, .def = "2m" },
	{ .key = "room", .type = LF_PARAM_SIZE, .def = "1KiB" },
	{ .key = "window", .type = LF_PARAM_INT, .def = "100", .min = 1,
	  .max = 500 },
	{ .key = "strict", .type = LF_PARAM_BOOL, .def = "true" },
	{ .key = "token", .type = LF_PARAM_SECRET },
};

static const struct lf_plugin plugin = {
	LF_PLUGIN_HEAD, .name = "test", .params = rows,
	.n_params = sizeof(rows) / sizeof(rows[0]) };

static struct params *
read_text(const char *text, struct err *e)
{
	json_t *json = json_loads(text, 0, NULL);
	struct params *p = params_new(&plugin, json, e);

	json_decref(json);
	return p;
}

static void
defaults_are_filled_in(void **state)
{
	struct params *p = read_text("{\"url\":\"http://x/\"}", NULL);

	(void)state;
	assert_non_null(p);
	assert_string_equal(params_str(p, "url"), "http://x/");
	assert_string_equal(params_str(p, "name"), "litfass");
	assert_string_equal(params_str(p, "mode"), "b");
	assert_int_equal(params_int(p, "wait"), 120000);
	assert_int_equal(params_int(p, "room"), 1024);
	assert_int_equal(params_int(p, "window"), 100);
	assert_int_equal(params_int(p, "strict"), 1);
	assert_null(params_secret(p, "token"));
	params_free(&p);
}

static void
given_values_win(void **state)
{
	struct params *p = read_text("{\"url\":\"u\",\"wait\":5,"
	    "\"strict\":false,\"mode\":\"cc\",\"window\":500}", NULL);

	(void)state;
	assert_non_null(p);
	assert_int_equal(params_int(p, "wait"), 5);
	assert_int_equal(params_int(p, "strict"), 0);
	assert_string_equal(params_str(p, "mode"), "cc");
	assert_int_equal(params_int(p, "window"), 500);
	params_free(&p);
}

static void
what_does_not_fit_is_refused(void **state)
{
	static const struct {
		const char *text, *words;
	} bad[] = {
		{ "{}", "parameter url is missing" },
		{ "{\"url\":1}", "parameter url has a value" },
		{ "{\"url\":\"u\",\"mode\":\"c\"}", "parameter mode" },
		{ "{\"url\":\"u\",\"mode\":\"\"}", "parameter mode" },
		{ "{\"url\":\"u\",\"window\":0}", "parameter window" },
		{ "{\"url\":\"u\",\"window\":501}", "parameter window" },
		{ "{\"url\":\"u\",\"wait\":\"5s\"}", "parameter wait" },
		{ "{\"url\":\"u\",\"strict\":1}", "parameter strict" },
		{ "{\"url\":\"u\",\"token\":\"abc\"}", "parameter token" },
		{ "{\"url\":\"u\",\"other\":1}", "has no parameter other" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err e = { ERR_OK, "" };

		assert_null(read_text(bad[i].text, &e));
		if (strstr(e.text, bad[i].words) == NULL)
			fail_msg("\"%s\" is not in: %s", bad[i].words,
			    e.text);
	}
}

static void
secrets_lose_their_line_end(void **state)
{
	struct params *p = read_text("{\"url\":\"u\"}", NULL);
	struct err e = { ERR_OK, "" };
	int fd = wire_blob_new("s3cret\r\n\n", 9, &e);

	(void)state;
	assert_int_equal(params_add_secret(p, "name", fd, &e), -1);
	assert_int_equal(params_add_secret(p, "token", fd, &e), 0);
	assert_string_equal(params_secret(p, "token"), "s3cret");
	close(fd);
	params_free(&p);
	assert_null(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_filled_in),
		cmocka_unit_test(given_values_win),
		cmocka_unit_test(what_does_not_fit_is_refused),
		cmocka_unit_test(secrets_lose_their_line_end),
	};

	return cmocka_run_group_tests_name("values", tests, NULL, NULL);
}
