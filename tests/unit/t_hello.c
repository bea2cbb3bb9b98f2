/*
 * t_hello: what a worker is told at its start, and what must not be sent.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/hello.h"
#include "unit/conf_text.h"
#include "worker/wire.h"

static char secret[] = "/tmp/t_hello.XXXXXX";

static int
make_secret(void **state)
{
	int fd = mkstemp(secret);	/* mode 0600 */

	(void)state;
	if (fd < 0 || write(fd, "s3cret\n", 7) != 7)
		return -1;
	return close(fd);
}

static int
drop_secret(void **state)
{
	(void)state;
	return unlink(secret);
}

/* A channel with n secrets, and what its plugin would say of itself. */
static struct conf *
channel_with(int n, json_t **meta_r)
{
	char text[4096];
	json_t *params = json_array();
	size_t len;

	len = (size_t)snprintf(text, sizeof(text),
	    HEAD "channels: { a: { plugin = \"p\"; ");
	for (int i = 0; i < n; i++) {
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "s%d_file = \"%s\"; ", i, secret);
		json_array_append_new(params, json_pack("{so ss ss}", "key",
		    json_sprintf("s%d", i), "type", "secret", "help", "x"));
	}
	snprintf(text + len, sizeof(text) - len, "}; };\n");
	*meta_r = json_pack("{so}", "params", params);
	return good(text);
}

static void
secrets_travel_as_opened_files(void **state)
{
	struct err e = { ERR_OK, "" };
	char line[16] = "";
	int fds[WIRE_FDS];
	json_t *meta, *hello;
	struct conf *c = channel_with(2, &meta);
	char *text;
	size_t n;

	(void)state;
	hello = hello_new(c, conf_channel(c, "a"), meta, NULL, true, fds, &n,
	    &e);
	assert_non_null(hello);
	assert_int_equal(n, 2);
	assert_int_equal(json_array_size(json_object_get(hello, "secrets")),
	    2);
	assert_int_equal(read(fds[1], line, sizeof(line) - 1), 7);
	assert_string_equal(line, "s3cret\n");
	text = json_dumps(hello, 0);
	assert_null(strstr(text, "s3cret"));
	assert_null(strstr(text, secret));
	free(text);
	wire_close_fds(fds, n);
	json_decref(hello);
	json_decref(meta);
	conf_free(&c);
}

static void
more_secrets_than_descriptors_are_refused(void **state)
{
	struct err e = { ERR_OK, "" };
	int fds[WIRE_FDS];
	json_t *meta;
	struct conf *c = channel_with(WIRE_FDS + 1, &meta);
	size_t n;

	(void)state;
	assert_null(hello_new(c, conf_channel(c, "a"), meta, NULL, true, fds,
	    &n, &e));
	assert_int_equal(e.code, ERR_INVALID);
	assert_non_null(strstr(e.text, "more than 16 secrets"));
	json_decref(meta);
	conf_free(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(secrets_travel_as_opened_files),
		cmocka_unit_test(more_secrets_than_descriptors_are_refused),
	};

	return cmocka_run_group_tests_name("hello", tests, make_secret,
	    drop_secret);
}
