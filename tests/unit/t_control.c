/*
 * t_control: what can be asked over the control socket, and what is said.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "control_stand.h"

static void
every_question_has_its_answer(void **state)
{
	static const char *const talk[][2] = {
		{ "{\"v\":1,\"cmd\":\"status\",\"id\":\"lf-1\"}\n",
		  "{\"ok\":true,\"result\":{\"id\":\"lf-1\",\"state\":"
		  "\"dispatching\"},\"v\":1}" },
		{ "{\"v\":1,\"cmd\":\"show\",\"id\":\"lf-1\"}\n",
		  "{\"ok\":true,\"result\":{\"id\":\"lf-1\"},\"v\":1}" },
		{ "{\"v\":1,\"cmd\":\"list\",\"limit\":5}\n",
		  "{\"ok\":true,\"result\":[1,5,\"\"],\"v\":1}" },
		{ "{\"v\":1,\"cmd\":\"deliveries\",\"id\":\"lf-1\","
		  "\"state\":\"failed\",\"limit\":99999}\n",
		  "{\"ok\":true,\"result\":[\"lf-1\",null,4,\"\",1000],"
		  "\"v\":1}" },
		{ "{\"v\":1,\"cmd\":\"trace\",\"delivery\":\"1.1\"}\n",
		  "{\"ok\":true,\"result\":[],\"v\":1}" },
		{ "{\"v\":1,\"cmd\":\"channels\"}\n",
		  "{\"ok\":true,\"result\":[{\"channel\":\"mqtt\"}],"
		  "\"v\":1}" },
		{ "{\"v\":1,\"cmd\":\"subscriber-add\",\"subscriber\":{}}\n",
		  "{\"ok\":true,\"v\":1}" },
		{ "{\"v\":1,\"cmd\":\"subscriber-import\",\"subscribers\":"
		  "[{},{}],\"check\":true}\n", "{\"ok\":true,\"result\":{"
		  "\"added\":0,\"changed\":0,\"refused\":[],\"unchanged\":2},"
		  "\"v\":1}" },
		{ "{\"v\":1,\"cmd\":\"subscriber-list\",\"after\":3}\n",
		  "{\"ok\":true,\"result\":[3,100,false],\"v\":1}" },
		{ "{\"v\":1,\"cmd\":\"stats\"}\n",
		  "{\"ok\":true,\"result\":{\"channels\":[{\"channel\":"
		  "\"mqtt\"}],\"clients\":1,\"store\":{\"commits\":7}},"
		  "\"v\":1}" },
		{ "{\"v\":1,\"cmd\":\"reload\"}\n", "{\"ok\":true,\"v\":1}" },
	};
	struct control_stand *st = *state;
	int fd = cs_dial(st);

	st->store.refused = json_array();
	for (size_t i = 0; i < sizeof(talk) / sizeof(talk[0]); i++)
		cs_expect(cs_ask(st, fd, talk[i][0]), talk[i][1]);
	assert_string_equal(st->store.audit, "reload config ok");
	json_array_append_new(st->store.refused, json_integer(7));
	cs_expect(cs_ask(st, fd, "{\"v\":1,\"cmd\":\"subscriber-import\","
	    "\"subscribers\":[{}]}\n"), "{\"error\":{\"code\":"
	    "\"wrong-state\",\"text\":\"row 7\"},\"ok\":false,\"result\":{"
	    "\"added\":1,\"changed\":0,\"refused\":[7],\"unchanged\":1},"
	    "\"v\":1}");
	json_decref(st->store.refused);
	close(fd);
}

static void
bad_requests_are_refused_and_the_next_is_served(void **state)
{
	static const char *const bad[][2] = {
		{ "hello\n", "usage" },
		{ "[]\n", "usage" },
		{ "{\"v\":1,\"v\":1,\"cmd\":\"ping\"}\n", "usage" },
		{ "{\"cmd\":\"ping\"}\n", "usage" },
		{ "{\"v\":2,\"cmd\":\"ping\"}\n", "usage" },
		{ "{\"v\":1}\n", "usage" },
		{ "{\"v\":1,\"cmd\":7}\n", "usage" },
		{ "{\"v\":1,\"cmd\":\"pong\"}\n", "usage" },
		{ "{\"v\":1,\"cmd\":\"publish\",\"announcement\":1}\n",
		  "usage" },
		{ "{\"v\":1,\"cmd\":\"status\"}\n", "usage" },
		{ "{\"v\":1,\"cmd\":\"status\",\"id\":\"x\"}\n",
		  "not-found" },
		{ "{\"v\":1,\"cmd\":\"show\",\"id\":\"x\"}\n",
		  "not-found" },
		{ "{\"v\":1,\"cmd\":\"deliveries\",\"id\":\"x\"}\n",
		  "not-found" },
		{ "{\"v\":1,\"cmd\":\"deliveries\",\"id\":\"lf-1\","
		  "\"state\":\"lost\"}\n", "usage" },
		{ "{\"v\":1,\"cmd\":\"trace\",\"delivery\":\"9.9\"}\n",
		  "not-found" },
		{ "{\"v\":1,\"cmd\":\"watch\",\"id\":\"x\"}\n",
		  "not-found" },
		{ "{\"v\":1,\"cmd\":\"watch\"}\n", "usage" },
		{ "{\"v\":1,\"cmd\":\"pause\"}\n", "usage" },
		{ "{\"v\":1,\"cmd\":\"retry\",\"id\":\"lf-1\"}\n", "usage" },
	};
	struct control_stand *st = *state;
	int fd = cs_dial(st);

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		json_t *answer = cs_ask(st, fd, bad[i][0]);

		assert_string_equal(cs_error_of(answer), bad[i][1]);
		json_decref(answer);
	}
	st->reload = ERR_INVALID;
	cs_expect(cs_ask(st, fd, "{\"v\":1,\"cmd\":\"reload\"}\n"),
	    "{\"error\":{\"code\":\"invalid\",\"text\":\"litfass.conf:3: "
	    "wrong\"},\"ok\":false,\"v\":1}");
	close(fd);
}

static void
a_publish_is_answered_by_the_engine(void **state)
{
	static const char line[] =
	    "{\"v\":1,\"cmd\":\"publish\",\"announcement\":{}}\n";
	struct control_stand *st = *state;
	char actor[32];
	int fd = cs_dial(st);

	cs_say(st, fd, line);
	assert_null(cs_hear(st, fd));
	snprintf(actor, sizeof(actor), "uid:%ld", (long)getuid());
	assert_string_equal(st->engine.actor, actor);
	cs_answer(&st->engine, ERR_OK, "", json_pack("{s:s}", "id",
	    "lf-1"));
	cs_expect(cs_hear(st, fd), "{\"ok\":true,\"result\":{\"id\":\"lf-1\"},"
	    "\"v\":1}");
	cs_say(st, fd, "{\"v\":1,\"cmd\":\"audience\",\"announcement\":{}}\n");
	cs_answer(&st->engine, ERR_OK, "", json_object());
	cs_expect(cs_hear(st, fd), "{\"ok\":true,\"result\":{},\"v\":1}");
	cs_say(st, fd, line);
	cs_answer(&st->engine, ERR_INVALID, "refused", json_pack(
	    "{s:[]}", "problems"));
	cs_expect(cs_hear(st, fd), "{\"error\":{\"code\":\"invalid\",\"text\":"
	    "\"refused\"},\"ok\":false,\"result\":{\"problems\":[]},"
	    "\"v\":1}");
	close(fd);
}

static void
answers_keep_the_order_of_requests(void **state)
{
	struct control_stand *st = *state;
	int fd = cs_dial(st);

	cs_say(st, fd, "{\"v\":1,\"cmd\":\"cancel\",\"id\":\"lf-1\"}\n\n"
	    "{\"v\":1,\"cmd\":\"trace\",\"delivery\":\"1.1\"}\n"
	    "{\"v\":1,\"cmd\":\"resume\",\"channel\":\"mqtt\"}\n");
	assert_null(cs_hear(st, fd));
	cs_answer(&st->engine, ERR_STATE, "too late", NULL);
	cs_expect(cs_hear(st, fd), "{\"error\":{\"code\":\"wrong-state\","
	    "\"text\":\"too late\"},\"ok\":false,\"v\":1}");
	cs_expect(cs_hear(st, fd), "{\"ok\":true,\"result\":[],\"v\":1}");
	cs_answer(&st->engine, ERR_OK, "", NULL);
	cs_expect(cs_hear(st, fd), "{\"ok\":true,\"v\":1}");
	close(fd);
}

static void
a_stale_socket_is_replaced_and_a_live_one_kept(void **state)
{
	struct control_stand *st = *state;
	struct control *first = st->control;
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	struct stat sb;
	struct err e;
	int fd;

	assert_int_equal(cs_listen(st, st->path, &e), -1);
	assert_int_equal(e.code, ERR_STATE);
	assert_int_equal(stat(st->path, &sb), 0);
	assert_int_equal(sb.st_mode & 0777, 0660);
	control_free(&first);
	assert_int_equal(access(st->path, F_OK), -1);

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	strcpy(sa.sun_path, st->path);
	assert_int_equal(bind(fd, (const struct sockaddr *)&sa, sizeof(sa)),
	    0);
	close(fd);
	assert_int_equal(cs_listen(st, st->path, &e), 0);
	fd = cs_dial(st);
	cs_expect(cs_ask(st, fd, "{\"v\":1,\"cmd\":\"trace\",\"delivery\":"
	    "\"1.1\"}\n"), "{\"ok\":true,\"result\":[],\"v\":1}");
	close(fd);
}

static void
a_place_for_something_else_is_not_taken(void **state)
{
	struct control_stand *st = *state;
	struct control *first = st->control;
	char longer[200];
	struct err e;

	assert_int_equal(cs_listen(st, st->dir, &e), -1);
	assert_int_equal(e.code, ERR_STATE);
	assert_int_equal(access(st->dir, F_OK), 0);
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(cs_listen(st, longer, &e), -1);
	assert_int_equal(e.code, ERR_INVALID);
	st->control = first;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CONTROL_TEST(every_question_has_its_answer),
		CONTROL_TEST(bad_requests_are_refused_and_the_next_is_served),
		CONTROL_TEST(a_publish_is_answered_by_the_engine),
		CONTROL_TEST(answers_keep_the_order_of_requests),
		CONTROL_TEST(a_stale_socket_is_replaced_and_a_live_one_kept),
		CONTROL_TEST(a_place_for_something_else_is_not_taken),
	};

	return cmocka_run_group_tests_name("control", tests, NULL, NULL);
}
