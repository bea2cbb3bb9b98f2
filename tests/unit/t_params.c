/*
 * t_params: what a channel tells its plugin, against the plugin's schema.
 */
#include "config.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "unit/conf_text.h"

#define SCHEMA	"[{\"key\":\"url\",\"type\":6,\"flags\":1}," \
	"{\"key\":\"wait\",\"type\":4,\"default\":\"30s\"," \
	    "\"min\":1000,\"max\":60000}," \
	"{\"key\":\"size\",\"type\":5,\"default\":null}," \
	"{\"key\":\"tls\",\"type\":8,\"default\":\"tls\"," \
	    "\"choices\":\"off|starttls|tls\"}," \
	"{\"key\":\"password\",\"type\":7}," \
	"{\"key\":\"page\",\"type\":\"text\",\"default\":\"{{headline}}\"}," \
	"{\"key\":\"window\",\"type\":2,\"default\":\"7\"}," \
	"{\"key\":\"clean\",\"type\":3,\"default\":\"true\"}]"

static const struct bad bad_params[] = {
	{ "url = \"ftp://a\";", "url: must be an absolute URL: begin it with "
	    "https://, smtp://, smtps://, mqtt:// or mqtts://\n" },
	{ "url = \"mqtt://u:p@a\";", "url: has a user or password in it: URLs "
	    "end up in logs: use the keys for user and password of the "
	    "plugin\n" },
	{ "url = \"https://:80/\";", "url: has no valid host: write "
	    "https://HOST/ or https://HOST:PORT/\n" },
	{ "url = \"https://a:70000/\";", "url: has no valid port: write a "
	    "number from 1 to 65535 behind the host\n" },
	{ "url = \"https://a/b c\";", "url: has a space or a character in it "
	    "that no URL may have: write it as %20 and so on\n" },
	{ "url = \"\";", "url: must not be empty: fill it in\n" },
	{ "url = \"mqtt://a\"; wait = \"2m\";", "wait: out of range: write a "
	    "value from \"1s\" to \"1m\"\n" },
	{ "url = \"mqtt://a\"; wiat = \"2s\";", "wiat: unknown key: did you "
	    "mean \"wait\"?\n" },
	{ "url = \"mqtt://a\"; enabeld = true;", "enabeld: unknown key: did "
	    "you mean \"enabled\"?\n" },
	{ "url = \"mqtt://a\"; pasword_file = \"/x\";", "pasword_file: "
	    "unknown key: did you mean \"password_file\"?\n" },
	{ "url = \"mqtt://a\"; password = \"geheim\";", "password: a secret "
	    "does not belong into the configuration, which many may read: put "
	    "it into a file with mode 0600 and write password_file = "
	    "\"/path/of/the/file\"\n" },
	{ "url = \"mqtt://a\"; password_file = \"/nowhere/x\";",
	    "password_file: open secret: /nowhere/x: no such file: create it "
	    "with mode 0600\n" },
	{ "url = \"mqtt://a\"; password_file = 5;", "password_file: must be a "
	    "path in quotes\n" },
	{ "url = \"mqtt://a\"; page = \"x\"; page_file = \"/x\";", "page_file:"
	    " already set at x.conf:2: each key is set once: remove one of "
	    "the two\n" },
	{ "url = \"mqtt://a\"; page_file = \"/nowhere/x\";", "page_file: read "
	    "/nowhere/x: No such file or directory: check the path\n" },
	{ "url = \"mqtt://a\nb\";", "url: has a line break or control "
	    "character in it: write it on one line\n" },
	{ "url = \"mqtt://a\"; tls = \"starttsl\";", "tls: \"starttsl\" is "
	    "not one of off|starttls|tls: did you mean \"starttls\"?\n" },
};

static json_t *
checked(const char *params, const char *schema, struct faults *p)
{
	char *text = xasprintf(HEAD "channels: { m: { plugin = \"mqtt\"; %s "
	    "}; };\n", params);
	json_t *parsed = json_loads(schema, 0, NULL), *values;
	struct conf *c = good(text);

	values = conf_check_channel(c, "m", parsed, p);
	assert_null(conf_check_channel(c, "none", parsed, p));
	json_decref(parsed);
	conf_free(&c);
	free(text);
	return values;
}

static void
bad_parameters_are_refused_with_advice(void **state)
{
	struct faults p;
	char *text, *expected;

	(void)state;
	for (size_t i = 0; i < COUNT(bad_params); i++) {
		faults_init(&p);
		assert_null(checked(bad_params[i].text, SCHEMA, &p));
		text = told(&p);
		expected = xasprintf("x.conf:2: channels.m.%s",
		    bad_params[i].message);
		assert_string_equal(text, expected);
		free(text);
		free(expected);
		faults_fini(&p);
	}
}

static void
missing_parameter_names_its_channel(void **state)
{
	struct faults p;
	char *text;

	(void)state;
	faults_init(&p);
	assert_null(checked("", SCHEMA, &p));
	text = told(&p);
	assert_string_equal(text, "x.conf:2: channels.m.url is missing: it "
	    "has no default: add it (see its man page)\n");
	free(text);
	faults_fini(&p);
}

static void
parameters_become_typed_values(void **state)
{
	char path[] = "/tmp/t_config.XXXXXX";
	int fd = mkstemp(path);
	struct faults p;
	json_t *values;
	char *params, *text;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "x\n", 2), 2);
	close(fd);
	params = xasprintf("url = \"mqtts://[::1]:8883\"; wait = \"2s\"; "
	    "size = \"64KiB\"; password_file = \"%s\"; page_file = \"%s\"; "
	    "window = 9; rate = 5;", path, path);
	faults_init(&p);
	values = checked(params, SCHEMA, &p);
	free(params);
	assert_non_null(values);
	params = xasprintf("{\"url\":\"mqtts://[::1]:8883\",\"wait\":2000,"
	    "\"size\":65536,\"password\":{\"$secret\":\"%s\"},"
	    "\"page\":\"x\\n\",\"window\":9,\"tls\":\"tls\",\"clean\":true}",
	    path);
	text = json_dumps(values, JSON_COMPACT);
	assert_string_equal(text, params);
	free(text);
	free(params);
	json_decref(values);
	faults_fini(&p);
	unlink(path);
}

static void
defaults_are_filled_in(void **state)
{
	struct faults p;
	json_t *values;
	char *text;

	(void)state;
	faults_init(&p);
	values = checked("url = \"http://a\";", SCHEMA, &p);
	text = json_dumps(values, JSON_COMPACT);
	assert_string_equal(text, "{\"url\":\"http://a\",\"wait\":30000,"
	    "\"size\":0,\"tls\":\"tls\",\"page\":\"{{headline}}\","
	    "\"window\":7,\"clean\":true}");
	free(text);
	json_decref(values);
	faults_fini(&p);
}

static void
broken_schema_blames_its_author(void **state)
{
	static const char *const schemas[][2] = {
		{ "{}", "no list of at most 256 parameters" },
		{ "[5]", "a parameter has no name" },
		{ "[{\"key\":\"A\"}]", "a parameter has no name" },
		{ "[{\"key\":\"a\"}]", "parameter a has no type" },
		{ "[{\"key\":\"a\",\"type\":33}]", "parameter a has no type" },
		{ "[{\"key\":\"a\",\"type\":8}]",
		    "parameter a has no choices" },
		{ "[{\"key\":\"a\",\"type\":4,\"default\":\"5\"}]",
		    "default of parameter a: \"5\" is not a duration: write a "
		    "whole number and ms, s, m, h or d, like \"30s\"" },
		{ "[{\"key\":\"a\",\"type\":2,\"default\":\"x\"}]",
		    "default of parameter a: must be a whole number without "
		    "quotes, like 5" },
	};
	struct faults p;
	char *text, *expected;

	(void)state;
	for (size_t i = 0; i < COUNT(schemas); i++) {
		faults_init(&p);
		assert_null(checked("", schemas[i][0], &p));
		text = told(&p);
		expected = xasprintf("x.conf:2: channels.m: the parameters of "
		    "plugin mqtt make no sense: %s: tell its author\n",
		    schemas[i][1]);
		assert_string_equal(text, expected);
		free(text);
		free(expected);
		faults_fini(&p);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_parameters_are_refused_with_advice),
		cmocka_unit_test(missing_parameter_names_its_channel),
		cmocka_unit_test(parameters_become_typed_values),
		cmocka_unit_test(defaults_are_filled_in),
		cmocka_unit_test(broken_schema_blames_its_author),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
