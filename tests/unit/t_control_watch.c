/*
 * t_control_watch: requests of the control socket that last.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "control_stand.h"

static const char *
state_heard(struct control_stand *st, int fd, bool *more_r)
{
	static char text[32];
	json_t *answer = cs_hear(st, fd);

	assert_non_null(answer);
	*more_r = json_is_true(json_object_get(answer, "more"));
	snprintf(text, sizeof(text), "%s", json_string_value(json_object_get(
	    json_object_get(answer, "result"), "state")));
	json_decref(answer);
	return text;
}

static void
a_watch_follows_until_the_end(void **state)
{
	struct control_stand *st = *state;
	struct engine *e = &st->engine;
	bool more;
	int fd = cs_dial(st);

	cs_say(st, fd, "{\"v\":1,\"cmd\":\"watch\",\"id\":\"lf-1\"}\n");
	assert_string_equal(state_heard(st, fd, &more), "dispatching");
	assert_true(more);
	st->store.state = "live";
	for (int i = 0; i < 100; i++)
		e->moved(e->moved_arg, i % 2 ? "lf-1" : "lf-2");
	assert_null(cs_hear(st, fd));
	cs_pass(st, CLOCK_SECOND / 5);
	assert_string_equal(state_heard(st, fd, &more), "live");
	assert_true(more);
	assert_null(cs_hear(st, fd));
	cs_pass(st, 2 * CLOCK_SECOND);
	assert_string_equal(state_heard(st, fd, &more), "live");
	st->store.state = "partial";
	cs_pass(st, 2 * CLOCK_SECOND);
	do {
		assert_non_null(state_heard(st, fd, &more));
	} while (more);
	cs_expect(cs_ask(st, fd, "{\"v\":1,\"cmd\":\"trace\",\"delivery\":"
	    "\"1.1\"}\n"), "{\"ok\":true,\"result\":[],\"v\":1}");
	close(fd);
}

static void
a_watch_may_end_when_all_is_sent(void **state)
{
	struct control_stand *st = *state;
	bool more;
	int fd = cs_dial(st);

	st->store.state = "live";
	cs_say(st, fd, "{\"v\":1,\"cmd\":\"watch\",\"id\":\"lf-1\",\"until\":"
	    "\"live\"}\n");
	assert_string_equal(state_heard(st, fd, &more), "live");
	assert_false(more);
	close(fd);
}

static void
idle_is_said_when_it_is_true(void **state)
{
	struct control_stand *st = *state;
	int fd = cs_dial(st);

	st->engine.busy = true;
	cs_say(st, fd, "{\"v\":1,\"cmd\":\"idle\"}\n");
	cs_pass(st, CLOCK_SECOND);
	assert_null(cs_hear(st, fd));
	st->engine.busy = false;
	cs_pass(st, CLOCK_SECOND);
	cs_expect(cs_hear(st, fd), "{\"ok\":true,\"v\":1}");
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CONTROL_TEST(a_watch_follows_until_the_end),
		CONTROL_TEST(a_watch_may_end_when_all_is_sent),
		CONTROL_TEST(idle_is_said_when_it_is_true),
	};

	return cmocka_run_group_tests_name("control_watch", tests, NULL, NULL);
}
