/*
 * t_recheck: a configuration is tried beside the loop. A small shell script
 * stands in for litfassd.
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

#include "recheck.h"

static char dir[] = "/tmp/t_recheck.XXXXXX";
static char program[64], config[64];

static void
write_file(const char *path, const char *text, mode_t mode)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(chmod(path, mode), 0);
}

static int
set_up(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(program, sizeof(program), "%s/litfassd", dir);
	snprintf(config, sizeof(config), "%s/conf", dir);
	write_file(program, "#!/bin/sh\n"
	    "test \"$1 $2\" = \"--check --config\" || exit 9\n"
	    ". \"$3\"\n", 0700);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	unlink(program);
	unlink(config);
	return rmdir(dir);
}

struct verdict {
	struct loop *loop;
	struct recheck *recheck;
	int calls;
	bool fit;
};

static void
tried(void *arg, bool fit)
{
	struct verdict *v = arg;

	v->calls++;
	v->fit = fit;
	recheck_free(&v->recheck);
	loop_stop(v->loop);
}

/* The verdict on a configuration that is this script. */
static bool
try(const char *text, int64_t ms)
{
	struct verdict v = { .loop = loop_new() };
	struct err e;

	write_file(config, text, 0600);
	assert_int_equal(recheck_new(v.loop, program, config, ms, tried, &v,
	    &v.recheck, &e), 0);
	loop_run(v.loop);
	assert_int_equal(v.calls, 1);
	assert_null(v.recheck);
	loop_free(&v.loop);
	return v.fit;
}

static void
what_passes_is_fit(void **state)
{
	(void)state;
	assert_true(try("echo ok, 2 channels", 60000));
}

static void
what_fails_or_dies_is_not(void **state)
{
	(void)state;
	assert_false(try("echo 'a.conf:3: wrong' >&2; exit 78", 60000));
	assert_false(try("kill -9 $$", 60000));
	assert_false(try("while echo again; do :; done & kill $!; exit 1",
	    60000));
}

static void
what_hangs_is_ended(void **state)
{
	(void)state;
	assert_false(try("exec tail -f /dev/null", 50));
}

static void
what_can_not_begin_is_said(void **state)
{
	struct loop *l = loop_new();
	struct recheck *t;
	struct err e;

	(void)state;
	assert_int_equal(recheck_new(l, program, "/nowhere/conf", 1000, tried,
	    NULL, &t, &e), -1);
	assert_int_equal(e.code, ERR_INVALID);
	assert_int_equal(recheck_new(l, "/nowhere/litfassd", NULL, 1000, tried,
	    NULL, &t, &e), -1);
	assert_int_equal(e.code, ERR_FAILED);
	loop_free(&l);
}

static void
one_that_nobody_waits_for_is_ended(void **state)
{
	struct loop *l = loop_new();
	struct recheck *t;
	struct err e;

	(void)state;
	write_file(config, "exec tail -f /dev/null", 0600);
	assert_int_equal(recheck_new(l, program, config, 60000, tried, NULL, &t,
	    &e), 0);
	recheck_free(&t);
	assert_null(t);
	loop_free(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_passes_is_fit),
		cmocka_unit_test(what_fails_or_dies_is_not),
		cmocka_unit_test(what_hangs_is_ended),
		cmocka_unit_test(what_can_not_begin_is_said),
		cmocka_unit_test(one_that_nobody_waits_for_is_ended),
	};

	return cmocka_run_group_tests_name("recheck", tests, set_up, tear_down);
}
