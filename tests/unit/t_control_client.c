/*
 * t_control_client: clients of the control socket that leave, flood, do not
 * read or say nothing: they cost little and harm nobody.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "control_stand.h"

static void
a_half_closed_client_gets_its_answer(void **state)
{
	struct control_stand *st = *state;
	int fd = cs_dial(st);

	cs_say(st, fd, "{\"v\":1,\"cmd\":\"cancel\",\"id\":\"lf-1\"}\n");
	shutdown(fd, SHUT_WR);
	cs_turn(st);
	cs_answer(&st->engine, ERR_OK, "", NULL);
	cs_expect(cs_hear(st, fd), "{\"ok\":true,\"v\":1}");
	assert_true(cs_closed(st, fd));
	close(fd);
}

static void
a_client_that_left_harms_nobody(void **state)
{
	struct control_stand *st = *state;
	int fd = cs_dial(st);

	cs_say(st, fd, "{\"v\":1,\"cmd\":\"cancel\",\"id\":\"lf-1\"}\n");
	close(fd);
	cs_turn(st);
	cs_answer(&st->engine, ERR_OK, "", json_object());
	cs_turn(st);
	assert_int_equal(control_clients(st->control), 0);
	fd = cs_dial(st);
	cs_say(st, fd, "{\"v\":1,\"cmd\":\"watch\",\"id\":\"lf-1\"}\n");
	close(fd);
	cs_pass(st, 3 * CLOCK_SECOND);
	assert_int_equal(control_clients(st->control), 0);
}

static void
a_line_without_end_is_refused(void **state)
{
	struct control_stand *st = *state;
	size_t len = CONTROL_LINE + 100;
	char *text = xmalloc(len + 1);
	json_t *answer;
	int fd = cs_dial(st);

	memset(text, 'x', len);
	text[len] = '\0';
	cs_say(st, fd, text);
	answer = cs_hear(st, fd);
	assert_string_equal(cs_error_of(answer), "usage");
	json_decref(answer);
	assert_int_equal(control_clients(st->control), 0);
	free(text);
	close(fd);
}

static void
a_client_that_does_not_read_costs_little(void **state)
{
	static const char line[] = "{\"v\":1,\"cmd\":\"list\"}\n";
	struct control_stand *st = *state;
	json_t *answer;
	int fd = cs_dial(st);

	st->store.list_bytes = 300000;
	for (int i = 0; i < 200; i++)
		assert_int_equal(send(fd, line, strlen(line), 0),
		    strlen(line));
	cs_turn(st);
	assert_true(st->store.lists < 10);
	for (int i = 1; i <= 200; i++) {
		answer = cs_hear(st, fd);
		assert_int_equal(json_integer_value(json_array_get(
		    json_object_get(answer, "result"), 0)), i);
		json_decref(answer);
	}
	close(fd);
}

/* Lines without a pause must not keep the core from anything else. */
static void
a_flood_is_served_a_few_at_a_time(void **state)
{
	static const char line[] = "{\"v\":1,\"cmd\":\"list\"}\n";
	struct control_stand *st = *state;
	int fd = cs_dial(st);
	struct buf all;
	json_t *answer;

	buf_init(&all, 64 * 1024);
	for (int i = 0; i < 400; i++)
		buf_str(&all, line);
	assert_int_equal(send(fd, all.data, all.len, 0), all.len);
	buf_fini(&all);
	shutdown(fd, SHUT_WR);
	st->store.interrupt = st->loop;
	loop_once(st->loop, 0);
	assert_in_range(st->store.lists, 1, 20);
	st->store.interrupt = NULL;
	for (int i = 1; i <= 400; i++) {
		answer = cs_hear(st, fd);
		assert_int_equal(json_integer_value(json_array_get(
		    json_object_get(answer, "result"), 0)), i);
		json_decref(answer);
	}
	assert_true(cs_closed(st, fd));
	close(fd);
}

static void
too_large_an_answer_becomes_an_error(void **state)
{
	struct control_stand *st = *state;
	json_t *answer;
	int fd = cs_dial(st);

	st->store.list_bytes = 17 * 1024 * 1024;
	answer = cs_ask(st, fd, "{\"v\":1,\"cmd\":\"list\"}\n");
	assert_string_equal(cs_error_of(answer), "failed");
	json_decref(answer);
	close(fd);
}

static void
silent_clients_are_dropped(void **state)
{
	struct control_stand *st = *state;
	int quiet = cs_dial(st), waits = cs_dial(st);

	cs_say(st, waits, "{\"v\":1,\"cmd\":\"cancel\",\"id\":\"lf-1\"}\n");
	cs_pass(st, 61 * CLOCK_SECOND);
	assert_true(cs_closed(st, quiet));
	assert_int_equal(control_clients(st->control), 1);
	cs_answer(&st->engine, ERR_OK, "", NULL);
	cs_expect(cs_hear(st, waits), "{\"ok\":true,\"v\":1}");
	close(quiet);
	close(waits);
}

static void
only_so_many_clients_are_served(void **state)
{
	struct control_stand *st = *state;
	int fds[CONTROL_CLIENTS], extra;
	json_t *answer;

	for (int i = 0; i < CONTROL_CLIENTS; i++)
		fds[i] = cs_dial(st);
	extra = cs_dial(st);
	answer = cs_hear(st, extra);
	assert_string_equal(cs_error_of(answer), "unreachable");
	json_decref(answer);
	assert_true(cs_closed(st, extra));
	close(extra);
	for (int i = 0; i < CONTROL_CLIENTS; i++)
		close(fds[i]);
	cs_turn(st);
	assert_int_equal(control_clients(st->control), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CONTROL_TEST(a_half_closed_client_gets_its_answer),
		CONTROL_TEST(a_client_that_left_harms_nobody),
		CONTROL_TEST(a_line_without_end_is_refused),
		CONTROL_TEST(a_client_that_does_not_read_costs_little),
		CONTROL_TEST(a_flood_is_served_a_few_at_a_time),
		CONTROL_TEST(too_large_an_answer_becomes_an_error),
		CONTROL_TEST(silent_clients_are_dropped),
		CONTROL_TEST(only_so_many_clients_are_served),
	};

	return cmocka_run_group_tests_name("control_client", tests, NULL, NULL);
}
