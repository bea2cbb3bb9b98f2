/*
 * t_flight: the flight ledger, and what it tells after a kill -9.
 */
#include "config.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/flight.h"

struct ledger {
	char dir[64], path[96];
};

static void
begin(struct ledger *l)
{
	snprintf(l->dir, sizeof(l->dir), "/tmp/t_flight.XXXXXX");
	assert_non_null(mkdtemp(l->dir));
	snprintf(l->path, sizeof(l->path), "%s/flight.a", l->dir);
}

static void
finish(struct ledger *l)
{
	unlink(l->path);
	assert_int_equal(rmdir(l->dir), 0);
}

static struct flight *
open_ledger(const struct ledger *l, size_t slots)
{
	struct flight *f = NULL;
	struct err e = { ERR_OK, "" };

	if (flight_open(l->path, slots, &f, &e) == -1)
		fail_msg("%s", e.text);
	return f;
}

static size_t
read_ledger(const struct ledger *l, struct store_flight **list, bool *trusted)
{
	struct err e = { ERR_OK, "" };
	size_t n;

	if (flight_read(l->path, list, &n, trusted, &e) == -1)
		fail_msg("%s", e.text);
	return n;
}

static void
missing_file_means_nothing_in_flight(void **state)
{
	struct store_flight *list;
	struct ledger l;
	bool trusted;

	(void)state;
	begin(&l);
	assert_int_equal(read_ledger(&l, &list, &trusted), 0);
	assert_true(trusted);
	finish(&l);
}

static void
slots_are_bounded_and_reused(void **state)
{
	struct flight *f;
	struct ledger l;
	int a, b;

	(void)state;
	begin(&l);
	f = open_ledger(&l, 2);
	assert_int_equal(flight_slots(f), 2);
	a = flight_start(f, 1, 1, 1);
	b = flight_start(f, 1, 2, 1);
	assert_true(a >= 0 && b >= 0 && a != b);
	assert_int_equal(flight_start(f, 1, 3, 1), -1);
	flight_end(f, a);
	assert_int_equal(flight_start(f, 1, 3, 1), a);
	flight_close(&f);
	assert_null(f);
	finish(&l);
}

/* In the child: leave targets 1 and 3 of job 7 in flight. */
static void
die_in_flight(const struct ledger *l)
{
	struct flight *f = open_ledger(l, 8);
	int done;

	(void)flight_start(f, 7, 1, 1);
	done = flight_start(f, 7, 2, 1);
	(void)flight_start(f, 7, 3, 2);
	flight_end(f, done);
	kill(getpid(), SIGKILL);
}

static void
killed_process_leaves_its_flights(void **state)
{
	struct store_flight *list;
	struct ledger l;
	bool trusted;
	pid_t pid;
	int status;

	(void)state;
	begin(&l);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0)
		die_in_flight(&l);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(read_ledger(&l, &list, &trusted), 2);
	assert_true(trusted);
	assert_int_equal(list[0].job, 7);
	assert_int_equal(list[0].target + list[1].target, 4);
	free(list);
	finish(&l);
}

/* Overwrite bytes of the file at an offset. */
static void
scribble(const struct ledger *l, long at, const char *text)
{
	FILE *f = fopen(l->path, "r+");

	assert_non_null(f);
	fseek(f, at, SEEK_SET);
	fputs(text, f);
	fclose(f);
}

static void
other_boot_is_not_trusted(void **state)
{
	struct store_flight *list;
	struct flight *f;
	struct ledger l;
	bool trusted;

	(void)state;
	begin(&l);
	f = open_ledger(&l, 8);
	(void)flight_start(f, 7, 1, 1);
	flight_close(&f);
	scribble(&l, 20, "00000000");
	(void)read_ledger(&l, &list, &trusted);
	assert_false(trusted);
	free(list);
	finish(&l);
}

static void
damaged_file_is_not_trusted(void **state)
{
	struct store_flight *list;
	struct ledger l;
	bool trusted;
	FILE *file;

	(void)state;
	begin(&l);
	file = fopen(l.path, "w");
	fputs("short", file);
	fclose(file);
	assert_int_equal(read_ledger(&l, &list, &trusted), 0);
	assert_false(trusted);
	free(list);
	finish(&l);
}

static void
reopened_ledger_is_empty(void **state)
{
	struct store_flight *list;
	struct flight *f;
	struct ledger l;
	bool trusted;

	(void)state;
	begin(&l);
	f = open_ledger(&l, 8);
	(void)flight_start(f, 7, 1, 1);
	flight_close(&f);
	f = open_ledger(&l, 4);
	assert_int_equal(read_ledger(&l, &list, &trusted), 0);
	assert_true(trusted);
	free(list);
	flight_close(&f);
	finish(&l);
}

static void
unusable_path_is_named(void **state)
{
	struct store_flight *list;
	struct err e = { ERR_OK, "" };
	struct flight *f;
	bool trusted;
	size_t n;

	(void)state;
	assert_int_equal(flight_open("/nonexistent/f", 4, &f, &e), -1);
	assert_non_null(strstr(e.text, "/nonexistent/f"));
	assert_int_equal(flight_read("/dev/null/f", &list, &n, &trusted, &e),
	    -1);
	assert_non_null(strstr(e.text, "/dev/null/f"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(missing_file_means_nothing_in_flight),
		cmocka_unit_test(slots_are_bounded_and_reused),
		cmocka_unit_test(killed_process_leaves_its_flights),
		cmocka_unit_test(other_boot_is_not_trusted),
		cmocka_unit_test(damaged_file_is_not_trusted),
		cmocka_unit_test(reopened_ledger_is_empty),
		cmocka_unit_test(unusable_path_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
