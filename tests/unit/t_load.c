/*
 * t_load: every reason not to load a plugin has its own words.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "worker/load.h"

static int
fake_open(const struct lf_host *host, struct lf_channel *ch, void **self_r)
{
	(void)host;
	(void)ch;
	(void)self_r;
	return 0;
}

static int
fake_render(void *self, const struct lf_announcement *a, struct lf_out *out)
{
	(void)self;
	(void)a;
	(void)out;
	return 0;
}

static void
fake_submit(void *self, struct lf_delivery *d)
{
	(void)self;
	(void)d;
}

static void
fake_close(void *self)
{
	(void)self;
}

static const struct lf_param good_param = {
	.key = "url", .type = LF_PARAM_URL, .flags = LF_REQUIRED,
	.doc = "where to" };

static const struct lf_plugin good = {
	LF_PLUGIN_HEAD, .name = "good", .version = "1", .summary = "s",
	.licence = "MIT", .contact = "c", .address_kind = "none",
	.caps = LF_CAP_TEXT | LF_CAP_POLL,
	.params = &good_param, .n_params = 1,
	.max_inflight = 1, .send_timeout = 1, .open = fake_open,
	.render = fake_render, .submit = fake_submit, .close = fake_close };

static void
refused(const struct lf_plugin *p, const char *words)
{
	struct err e = { ERR_OK, "" };

	assert_int_equal(load_check(p, "good", &e), -1);
	if (strstr(e.text, words) == NULL)
		fail_msg("\"%s\" is not in: %s", words, e.text);
}

static void
a_good_plugin_passes(void **state)
{
	struct err e = { ERR_OK, "" };

	(void)state;
	assert_int_equal(load_check(&good, "good", &e), 0);
}

static void
a_wrong_description_is_refused_by_its_first_fault(void **state)
{
	struct lf_plugin p;

	(void)state;
#define BAD(member, value, words) do {					\
	p = good;							\
	p.member = (value);						\
	refused(&p, (words));						\
} while (0)
	BAD(magic, 1, "wrong magic 0x1");
	BAD(abi_major, 2, "made for ABI 2.0, this litfass has 1.0");
	BAD(abi_minor, 1, "newer than 1.0");
	BAD(size, 8, "8 bytes where ABI 1.0 has");
	BAD(name, "other", "calls itself \"other\"");
	BAD(name, NULL, "calls itself \"\"");
	BAD(licence, NULL, "are needed");
	BAD(address_kind, "Mail Address", "address_kind has to be a word");
	BAD(submit, NULL, "are needed");
	BAD(max_inflight, 0, "at least 1");
	BAD(send_timeout, 0, "at least 1");
	BAD(flags, 4, "unknown flags 0x4");
	BAD(params, NULL, "table of parameters");
	BAD(param_size, 8, "table of parameters");
#undef BAD
}

static void
a_wrong_parameter_is_refused(void **state)
{
	struct lf_plugin p = good;
	struct lf_param q[2];

	(void)state;
	p.params = q;
#define BAD(member, value, words) do {					\
	q[0] = good_param;						\
	q[0].member = (value);						\
	refused(&p, (words));						\
} while (0)
	BAD(key, "Big", "a key is 1 to 32");
	BAD(key, "with-minus", "a key is 1 to 32");
	BAD(type, 10, "unknown type 10");
	BAD(doc, "", "no doc");
	BAD(type, LF_PARAM_ENUM, "needs choices");
	BAD(min, 3, "min is above max");
	BAD(def, "x", "has no default");
#undef BAD
	q[0] = q[1] = good_param;
	p.n_params = 2;
	refused(&p, "parameter url is there twice");
}

static void
a_description_names_everything(void **state)
{
	json_t *d = load_describe(&good), *param;

	(void)state;
	assert_non_null(d);
	assert_string_equal(json_string_value(json_object_get(d, "abi")),
	    "1.0");
	assert_int_equal(json_array_size(json_object_get(d, "can")), 2);
	param = json_array_get(json_object_get(d, "params"), 0);
	assert_string_equal(json_string_value(json_object_get(param, "key")),
	    "url");
	assert_int_equal(json_integer_value(json_object_get(param, "type")),
	    LF_PARAM_URL);
	assert_true(json_is_null(json_object_get(param, "default")));
	json_decref(d);
}

static void
not_loaded(const char *path, const char *words)
{
	struct err e = { ERR_OK, "" };

	assert_null(load_plugin(path, &e));
	if (strstr(e.text, words) == NULL)
		fail_msg("\"%s\" is not in: %s", words, e.text);
}

static void
a_file_is_judged_before_it_is_loaded(void **state)
{
	char folder[] = "/tmp/litfass-load-XXXXXX", path[64];
	FILE *f;

	(void)state;
	not_loaded("plugins/file.so", "has to begin with '/'");
	not_loaded("/nowhere/file.txt", "is called NAME.so");
	not_loaded("/nowhere/FILE.so", "is called NAME.so");
	not_loaded("/nowhere/.so", "is called NAME.so");
	not_loaded("/nowhere/file.so", "No such file");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/text.so", folder);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs("not an object", f);
	fclose(f);
	assert_int_equal(chmod(path, 0666), 0);
	not_loaded(path, "may be changed by others: chmod go-w");
	assert_int_equal(chmod(path, 01666), 0);
	not_loaded(path, "may be changed by others: chmod go-w");
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(chmod(folder, 0777), 0);
	not_loaded(path, "may be changed by others: chmod go-w");
	assert_int_equal(chmod(folder, 0755), 0);
	not_loaded(path, "text.so");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_plugin_passes),
		cmocka_unit_test(
		    a_wrong_description_is_refused_by_its_first_fault),
		cmocka_unit_test(a_wrong_parameter_is_refused),
		cmocka_unit_test(a_description_names_everything),
		cmocka_unit_test(a_file_is_judged_before_it_is_loaded),
	};

	return cmocka_run_group_tests_name("load", tests, NULL, NULL);
}
