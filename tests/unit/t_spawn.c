/*
 * t_spawn: what a child of ours gets and what it does not. A small shell
 * script stands in for litfassd.
 */
#include "config.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/spawn.h"

struct stand {
	char dir[64];
	char program[80];
};

static const char script[] =
    "#!/bin/sh\n"
    "case $1 in\n"
    "--worker)\n"
	"printf '%s|%s|' \"$(pwd)\" \"$LITFASS_TEST\" >&3\n"
	"test -e /proc/self/fd/77 && printf leaked >&3\n"
	"exit 0;;\n"
    "--describe)\n"
	"case $2 in\n"
	"good) printf '{\"name\":\"%s\"}' \"$2\";;\n"
	"junk) printf 'hello';;\n"
	"huge) exec cat /dev/zero;;\n"
	"*) exit 3;;\n"
	"esac;;\n"
    "esac\n";

static int
set_up(void **state)
{
	struct stand *st = calloc(1, sizeof(*st));
	FILE *f;

	strcpy(st->dir, "/tmp/t_spawn.XXXXXX");
	assert_non_null(mkdtemp(st->dir));
	snprintf(st->program, sizeof(st->program), "%s/litfassd", st->dir);
	f = fopen(st->program, "we");
	assert_non_null(f);
	fputs(script, f);
	fclose(f);
	assert_int_equal(chmod(st->program, 0700), 0);
	*state = st;
	return 0;
}

static int
tear_down(void **state)
{
	struct stand *st = *state;

	unlink(st->program);
	rmdir(st->dir);
	free(st);
	return 0;
}

/* All packets until the child has closed its end. */
static void
read_all(int fd, char *out, size_t size)
{
	size_t len = 0;
	ssize_t n;

	while ((n = read(fd, out + len, size - len - 1)) > 0)
		len += (size_t)n;
	out[len] = '\0';
}

static void
a_worker_gets_its_socket_and_nothing_else(void **state)
{
	const struct stand *st = *state;
	struct err e = { ERR_OK, "" };
	char got[256];
	pid_t pid;
	int fd, status;

	setenv("LITFASS_TEST", "secret", 1);
	assert_int_equal(fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 77), 77);
	assert_int_equal(spawn_worker(st->program, &fd, &pid, &e), 0);
	read_all(fd, got, sizeof(got));
	assert_string_equal(got, "/||");
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
	close(77);
}

static void
an_absent_program_is_said(void **state)
{
	struct err e = { ERR_OK, "" };
	pid_t pid;
	int fd;

	(void)state;
	assert_int_equal(spawn_worker("/nowhere/litfassd", &fd, &pid, &e),
	    -1);
	assert_int_equal(e.code, ERR_FAILED);
	assert_string_equal(e.text, "start worker: /nowhere/litfassd: No such "
	    "file or directory: check that litfassd is installed there");
}

static void
a_plugin_describes_itself(void **state)
{
	const struct stand *st = *state;
	json_t *meta = NULL;
	struct err e = { ERR_OK, "" };

	assert_int_equal(spawn_describe(st->program, "good", &meta, &e), 0);
	assert_string_equal(json_string_value(json_object_get(meta, "name")),
	    "good");
	json_decref(meta);
}

static void
bad_descriptions_are_refused(void **state)
{
	static const char *const bad[][2] = {
		{ "junk", "is not JSON" },
		{ "huge", "no whole answer in time" },
		{ "absent", "exit status 3" },
	};
	const struct stand *st = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err e = { ERR_OK, "" };
		json_t *meta = NULL;

		assert_int_equal(spawn_describe(st->program, bad[i][0],
		    &meta, &e), -1);
		assert_int_equal(e.code, ERR_INVALID);
		assert_non_null(strstr(e.text, bad[i][1]));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_worker_gets_its_socket_and_nothing_else),
		cmocka_unit_test(an_absent_program_is_said),
		cmocka_unit_test(a_plugin_describes_itself),
		cmocka_unit_test(bad_descriptions_are_refused),
	};

	return cmocka_run_group_tests_name("spawn", tests, set_up, tear_down);
}
