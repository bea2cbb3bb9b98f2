/*
 * t_sandbox: in a child, the doors are really shut.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <fcntl.h>
#include <unistd.h>

#include <cmocka.h>

#include "worker/sandbox.h"

#define NO_LANDLOCK	77

static char folder[] = "/tmp/litfass-sandbox-XXXXXX";
static char other[] = "/tmp/litfass-other-XXXXXX";

static int
can(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static int
can_create(const char *dir)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/new", dir);
	return can(path, O_WRONLY | O_CREAT);
}

/* Runs in the child: 0, or the number of the line that does not hold. */
static int
inside(void)
{
	struct sandbox_path paths[] = { { folder, 1 } };
	struct err e = { ERR_OK, "" };
	struct rlimit core;
	const char *what;

	if (sandbox_enter(SANDBOX_REQUIRED, paths, 1, &what, &e) != 0)
		return NO_LANDLOCK;
	if (strstr(what, "Landlock ABI") == NULL)
		return 1;
	if (can("/etc/passwd", O_RDONLY) || can("/tmp", O_RDONLY))
		return 2;
	if (can_create(other))
		return 3;
	if (!can_create(folder))
		return 4;
	if (!can("/etc/hosts", O_RDONLY) || !can("/usr/lib", O_RDONLY))
		return 5;
	if (can("/usr/lib/litfass-test", O_WRONLY | O_CREAT))
		return 6;
	if (!can("/dev/null", O_WRONLY))
		return 7;
	if (getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_max != 0)
		return 8;
	return 0;
}

static int
in_child(int (*f)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(f());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
only_what_is_needed_can_be_reached(void **state)
{
	int rc = in_child(inside);
	char path[64];

	(void)state;
	snprintf(path, sizeof(path), "%s/new", folder);
	(void)unlink(path);
	if (rc == NO_LANDLOCK) {
		print_message("this kernel has no Landlock\n");
		skip();
	}
	assert_int_equal(rc, 0);
}

static int
off(void)
{
	struct err e = { ERR_OK, "" };
	const char *what;

	return sandbox_enter(SANDBOX_OFF, NULL, 0, &what, &e) == 0 &&
	    strstr(what, "nothing") != NULL && can("/etc/passwd", O_RDONLY) ?
	    0 : 1;
}

static void
off_shuts_nothing_and_says_so(void **state)
{
	(void)state;
	assert_int_equal(in_child(off), 0);
}

static int
descriptors(void)
{
	int keep = fcntl(STDERR_FILENO, F_DUPFD, 10);
	int stray = fcntl(STDERR_FILENO, F_DUPFD, 20);

	if (keep < 0 || stray < 0)
		return 1;
	sandbox_descriptors(keep);
	return fcntl(keep, F_GETFD) >= 0 && fcntl(stray, F_GETFD) < 0 &&
	    fcntl(9, F_GETFD) < 0 && fcntl(STDOUT_FILENO, F_GETFD) >= 0 ?
	    0 : 2;
}

static void
strange_descriptors_are_closed(void **state)
{
	(void)state;
	assert_int_equal(in_child(descriptors), 0);
}

static void
modes_are_words(void **state)
{
	(void)state;
	assert_int_equal(sandbox_mode("off"), SANDBOX_OFF);
	assert_int_equal(sandbox_mode("best-effort"), SANDBOX_BEST_EFFORT);
	assert_int_equal(sandbox_mode("required"), SANDBOX_REQUIRED);
	assert_int_equal(sandbox_mode("on"), -1);
}

static int
set_up(void **state)
{
	(void)state;
	return mkdtemp(folder) != NULL && mkdtemp(other) != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	return rmdir(folder) == 0 && rmdir(other) == 0 ? 0 : -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_is_needed_can_be_reached),
		cmocka_unit_test(off_shuts_nothing_and_says_so),
		cmocka_unit_test(strange_descriptors_are_closed),
		cmocka_unit_test(modes_are_words),
	};

	return cmocka_run_group_tests_name("sandbox", tests, set_up,
	    tear_down);
}
