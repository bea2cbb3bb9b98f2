/*
 * t_control: the control socket against an engine and a store that only
 * remember what they were asked.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "control.h"
#include "engine/engine.h"
#include "store/store.h"

/* ----------------------------------------------------- engine and store -- */

struct engine {
	engine_listener *moved;
	void *moved_arg;
	engine_cb *cb;		/* the call that waits for its answer */
	void *arg;
	char actor[32];
	bool busy;
};

struct store {
	const char *state;	/* of announcement lf-1 */
	int lists;		/* how often store_list() was called */
	size_t list_bytes;
	char audit[64];
};

static void
asked(struct engine *e, const char *actor, engine_cb *cb, void *arg)
{
	assert_null(e->cb);
	snprintf(e->actor, sizeof(e->actor), "%s", actor);
	e->cb = cb;
	e->arg = arg;
}

#define ENGINE_CALL(name)						\
void									\
name(struct engine *e, const json_t *request, const char *actor,	\
    engine_cb *cb, void *arg)						\
{									\
	assert_true(json_is_object(request));				\
	asked(e, actor, cb, arg);					\
}

ENGINE_CALL(engine_publish)
ENGINE_CALL(engine_cancel)
ENGINE_CALL(engine_retry)
ENGINE_CALL(engine_pause)
ENGINE_CALL(engine_resume)

void
engine_plan(struct engine *e, const json_t *request, engine_cb *cb,
    void *arg)
{
	assert_true(json_is_object(request));
	asked(e, "", cb, arg);
}

static void
engine_answers(struct engine *e, enum err_code code, const char *text,
    json_t *result)
{
	struct err err;
	engine_cb *cb = e->cb;

	assert_non_null(cb);
	e->cb = NULL;
	err_set(&err, code, "%s", text);
	cb(e->arg, &err, result);
}

json_t *
engine_channels(const struct engine *e)
{
	(void)e;
	return json_pack("[{s:s}]", "channel", "mqtt");
}

void
engine_listen(struct engine *e, engine_listener *cb, void *arg)
{
	e->moved = cb;
	e->moved_arg = arg;
}

bool
engine_idle(const struct engine *e)
{
	return !e->busy;
}

json_t *
store_status(struct store *s, const char *uid)
{
	if (strcmp(uid, "lf-1") != 0)
		return NULL;
	return json_pack("{s:s,s:s}", "id", uid, "state", s->state);
}

json_t *
store_list(struct store *s, int limit)
{
	char *text = xmalloc(s->list_bytes + 1);
	json_t *list;

	memset(text, 'x', s->list_bytes);
	text[s->list_bytes] = '\0';
	list = json_pack("[i,i,s]", ++s->lists, limit, text);
	free(text);
	return list;
}

int64_t
store_find(struct store *s, const char *uid)
{
	(void)s;
	return strcmp(uid, "lf-1") == 0;
}

char *
store_body(struct store *s, int64_t ann)
{
	(void)s;
	assert_int_equal(ann, 1);
	return xstrdup("{\"id\":\"lf-1\"}");
}

const char *
store_state_name(enum store_state st)
{
	static const char *const names[STORE_STATES] = { "queued", "retry",
		"accepted", "delivered", "failed", "expired", "unknown",
		"cancelled", "superseded", "suppressed" };

	return names[st];
}

json_t *
store_deliveries(struct store *s, const char *uid, const char *channel,
    int state, const char *after, int limit)
{
	(void)s;
	return json_pack("[s,s?,i,s,i]", uid, channel, state, after, limit);
}

json_t *
store_trace(struct store *s, const char *delivery)
{
	(void)s;
	return strcmp(delivery, "1.1") == 0 ? json_array() : NULL;
}

void
store_subscriber_put(struct store *s, const json_t *subscriber,
    const char *actor, int64_t now, store_cb *cb, void *arg)
{
	struct err e = { ERR_OK, "" };

	(void)s;
	(void)subscriber;
	(void)actor;
	(void)now;
	cb(arg, &e);
}

void
store_subscriber_import(struct store *s, const json_t *subscribers,
    const char *actor, int64_t now, store_count_cb *cb, void *arg)
{
	struct err e = { ERR_OK, "" };

	(void)s;
	(void)actor;
	(void)now;
	cb(arg, &e, (int64_t)json_array_size(subscribers));
}

json_t *
store_subscribers(struct store *s, int64_t after, int limit, bool reveal)
{
	(void)s;
	return json_pack("[I,i,b]", (json_int_t)after, limit, reveal);
}

void
store_audit(struct store *s, const char *actor, const char *what,
    const char *object, const char *data, int64_t now)
{
	(void)actor;
	(void)now;
	snprintf(s->audit, sizeof(s->audit), "%s %s %s", what, object, data);
}

json_t *
store_stats(struct store *s)
{
	(void)s;
	return json_pack("{s:i}", "commits", 7);
}

/* --------------------------------------------------------------- stand -- */

struct stand {
	char dir[64];
	char path[80];
	struct loop *loop;
	struct engine engine;
	struct store store;
	struct control *control;
	enum err_code reload;
};

static int
reload(void *arg, struct err *e)
{
	struct stand *st = arg;

	if (st->reload == ERR_OK)
		return 0;
	return err_set(e, st->reload, "litfass.conf:3: wrong");
}

static int
listen_there(struct stand *st, const char *path, struct err *e)
{
	const struct control_with with = {
		.loop = st->loop, .engine = &st->engine,
		.store = &st->store, .path = path,
		.reload = reload, .reload_arg = st,
	};

	return control_new(&with, &st->control, e);
}

static int
set_up(void **state)
{
	struct stand *st = xcalloc(1, sizeof(*st));
	struct err e;

	strcpy(st->dir, "/tmp/t_control.XXXXXX");
	assert_non_null(mkdtemp(st->dir));
	snprintf(st->path, sizeof(st->path), "%s/socket", st->dir);
	st->loop = loop_new_virtual((struct wall){ 1000 });
	st->store.state = "dispatching";
	assert_int_equal(listen_there(st, st->path, &e), 0);
	*state = st;
	return 0;
}

static int
tear_down(void **state)
{
	struct stand *st = *state;

	control_free(&st->control);
	loop_free(&st->loop);
	rmdir(st->dir);
	free(st);
	return 0;
}

static void
turn(struct stand *st)
{
	for (int i = 0; i < 4; i++)
		loop_once(st->loop, 0);
}

static void
pass(struct stand *st, int64_t us)
{
	for (int i = 0; i < 10; i++)
		loop_once(st->loop, us / 10);
}

static int
dial(struct stand *st)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(sa.sun_path, st->path);
	assert_int_equal(connect(fd, (const struct sockaddr *)&sa,
	    sizeof(sa)), 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	turn(st);
	return fd;
}

static void
say(struct stand *st, int fd, const char *text)
{
	size_t len = strlen(text), done = 0;
	ssize_t n;

	for (int i = 0; done < len && i < 10000; i++) {
		n = send(fd, text + done, len - done, MSG_NOSIGNAL);
		if (n > 0)
			done += (size_t)n;
		turn(st);
	}
	turn(st);
}

/* The next answer, given; NULL when there is none now or the end. */
static json_t *
hear(struct stand *st, int fd)
{
	static char part[65536];
	struct buf b;
	json_t *answer = NULL;
	const char *end = NULL;
	ssize_t n;

	buf_init(&b, 64 * 1024 * 1024);
	for (int idle = 0; end == NULL && idle < 20;) {
		n = recv(fd, part, sizeof(part), MSG_PEEK);
		if (n <= 0) {
			turn(st);
			idle++;
			continue;
		}
		end = memchr(part, '\n', (size_t)n);
		n = end == NULL ? n : end - part + 1;
		buf_add(&b, part, (size_t)recv(fd, part, (size_t)n, 0));
	}
	if (end != NULL)
		answer = json_loadb(b.data, b.len, JSON_REJECT_DUPLICATES,
		    NULL);
	buf_fini(&b);
	return answer;
}

static json_t *
ask(struct stand *st, int fd, const char *line)
{
	say(st, fd, line);
	return hear(st, fd);
}

static bool
closed(struct stand *st, int fd)
{
	char c;

	turn(st);
	return recv(fd, &c, 1, 0) == 0;
}

static const char *
error_of(const json_t *answer)
{
	const json_t *e = json_object_get(answer, "error");

	assert_true(json_is_false(json_object_get(answer, "ok")));
	return json_string_value(json_object_get(e, "code"));
}

/* Compare an answer with its bytes in canonical form; takes answer. */
static void
expect(json_t *answer, const char *want)
{
	char *s;

	assert_non_null(answer);
	s = json_dumps(answer, JSON_COMPACT | JSON_SORT_KEYS);
	assert_string_equal(s, want);
	free(s);
	json_decref(answer);
}

/* --------------------------------------------------------------- tests -- */

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
		  "[{},{}]}\n", "{\"ok\":true,\"result\":{\"count\":2},"
		  "\"v\":1}" },
		{ "{\"v\":1,\"cmd\":\"subscriber-list\",\"after\":3}\n",
		  "{\"ok\":true,\"result\":[3,100,false],\"v\":1}" },
		{ "{\"v\":1,\"cmd\":\"stats\"}\n",
		  "{\"ok\":true,\"result\":{\"channels\":[{\"channel\":"
		  "\"mqtt\"}],\"clients\":1,\"store\":{\"commits\":7}},"
		  "\"v\":1}" },
		{ "{\"v\":1,\"cmd\":\"reload\"}\n", "{\"ok\":true,\"v\":1}" },
	};
	struct stand *st = *state;
	int fd = dial(st);

	for (size_t i = 0; i < sizeof(talk) / sizeof(talk[0]); i++)
		expect(ask(st, fd, talk[i][0]), talk[i][1]);
	assert_string_equal(st->store.audit, "reload config ok");
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
	struct stand *st = *state;
	int fd = dial(st);

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		json_t *answer = ask(st, fd, bad[i][0]);

		assert_string_equal(error_of(answer), bad[i][1]);
		json_decref(answer);
	}
	st->reload = ERR_INVALID;
	expect(ask(st, fd, "{\"v\":1,\"cmd\":\"reload\"}\n"),
	    "{\"error\":{\"code\":\"invalid\",\"text\":\"litfass.conf:3: "
	    "wrong\"},\"ok\":false,\"v\":1}");
	close(fd);
}

static void
a_publish_is_answered_by_the_engine(void **state)
{
	static const char line[] =
	    "{\"v\":1,\"cmd\":\"publish\",\"announcement\":{}}\n";
	struct stand *st = *state;
	char actor[32];
	int fd = dial(st);

	say(st, fd, line);
	assert_null(hear(st, fd));
	snprintf(actor, sizeof(actor), "uid:%ld", (long)getuid());
	assert_string_equal(st->engine.actor, actor);
	engine_answers(&st->engine, ERR_OK, "", json_pack("{s:s}", "id",
	    "lf-1"));
	expect(hear(st, fd), "{\"ok\":true,\"result\":{\"id\":\"lf-1\"},"
	    "\"v\":1}");
	say(st, fd, "{\"v\":1,\"cmd\":\"audience\",\"announcement\":{}}\n");
	engine_answers(&st->engine, ERR_OK, "", json_object());
	expect(hear(st, fd), "{\"ok\":true,\"result\":{},\"v\":1}");
	say(st, fd, line);
	engine_answers(&st->engine, ERR_INVALID, "refused", json_pack(
	    "{s:[]}", "problems"));
	expect(hear(st, fd), "{\"error\":{\"code\":\"invalid\",\"text\":"
	    "\"refused\"},\"ok\":false,\"result\":{\"problems\":[]},"
	    "\"v\":1}");
	close(fd);
}

static void
answers_keep_the_order_of_requests(void **state)
{
	struct stand *st = *state;
	int fd = dial(st);

	say(st, fd, "{\"v\":1,\"cmd\":\"cancel\",\"id\":\"lf-1\"}\n\n"
	    "{\"v\":1,\"cmd\":\"trace\",\"delivery\":\"1.1\"}\n"
	    "{\"v\":1,\"cmd\":\"resume\",\"channel\":\"mqtt\"}\n");
	assert_null(hear(st, fd));
	engine_answers(&st->engine, ERR_STATE, "too late", NULL);
	expect(hear(st, fd), "{\"error\":{\"code\":\"wrong-state\",\"text\":"
	    "\"too late\"},\"ok\":false,\"v\":1}");
	expect(hear(st, fd), "{\"ok\":true,\"result\":[],\"v\":1}");
	engine_answers(&st->engine, ERR_OK, "", NULL);
	expect(hear(st, fd), "{\"ok\":true,\"v\":1}");
	close(fd);
}

static void
a_half_closed_client_gets_its_answer(void **state)
{
	struct stand *st = *state;
	int fd = dial(st);

	say(st, fd, "{\"v\":1,\"cmd\":\"cancel\",\"id\":\"lf-1\"}\n");
	shutdown(fd, SHUT_WR);
	turn(st);
	engine_answers(&st->engine, ERR_OK, "", NULL);
	expect(hear(st, fd), "{\"ok\":true,\"v\":1}");
	assert_true(closed(st, fd));
	close(fd);
}

static void
a_client_that_left_harms_nobody(void **state)
{
	struct stand *st = *state;
	int fd = dial(st);

	say(st, fd, "{\"v\":1,\"cmd\":\"cancel\",\"id\":\"lf-1\"}\n");
	close(fd);
	turn(st);
	engine_answers(&st->engine, ERR_OK, "", json_object());
	turn(st);
	assert_int_equal(control_clients(st->control), 0);
	fd = dial(st);
	say(st, fd, "{\"v\":1,\"cmd\":\"watch\",\"id\":\"lf-1\"}\n");
	close(fd);
	pass(st, 3 * CLOCK_SECOND);
	assert_int_equal(control_clients(st->control), 0);
}

static void
a_line_without_end_is_refused(void **state)
{
	struct stand *st = *state;
	size_t len = CONTROL_LINE + 100;
	char *text = xmalloc(len + 1);
	json_t *answer;
	int fd = dial(st);

	memset(text, 'x', len);
	text[len] = '\0';
	say(st, fd, text);
	answer = hear(st, fd);
	assert_string_equal(error_of(answer), "usage");
	json_decref(answer);
	assert_int_equal(control_clients(st->control), 0);
	free(text);
	close(fd);
}

static void
a_client_that_does_not_read_costs_little(void **state)
{
	static const char line[] = "{\"v\":1,\"cmd\":\"list\"}\n";
	struct stand *st = *state;
	json_t *answer;
	int fd = dial(st);

	st->store.list_bytes = 300000;
	for (int i = 0; i < 200; i++)
		assert_int_equal(send(fd, line, strlen(line), 0),
		    strlen(line));
	turn(st);
	assert_true(st->store.lists < 10);
	for (int i = 1; i <= 200; i++) {
		answer = hear(st, fd);
		assert_int_equal(json_integer_value(json_array_get(
		    json_object_get(answer, "result"), 0)), i);
		json_decref(answer);
	}
	close(fd);
}

static void
too_large_an_answer_becomes_an_error(void **state)
{
	struct stand *st = *state;
	json_t *answer;
	int fd = dial(st);

	st->store.list_bytes = 17 * 1024 * 1024;
	answer = ask(st, fd, "{\"v\":1,\"cmd\":\"list\"}\n");
	assert_string_equal(error_of(answer), "failed");
	json_decref(answer);
	close(fd);
}

static void
silent_clients_are_dropped(void **state)
{
	struct stand *st = *state;
	int quiet = dial(st), waits = dial(st);

	say(st, waits, "{\"v\":1,\"cmd\":\"cancel\",\"id\":\"lf-1\"}\n");
	pass(st, 61 * CLOCK_SECOND);
	assert_true(closed(st, quiet));
	assert_int_equal(control_clients(st->control), 1);
	engine_answers(&st->engine, ERR_OK, "", NULL);
	expect(hear(st, waits), "{\"ok\":true,\"v\":1}");
	close(quiet);
	close(waits);
}

static void
only_so_many_clients_are_served(void **state)
{
	struct stand *st = *state;
	int fds[CONTROL_CLIENTS], extra;
	json_t *answer;

	for (int i = 0; i < CONTROL_CLIENTS; i++)
		fds[i] = dial(st);
	extra = dial(st);
	answer = hear(st, extra);
	assert_string_equal(error_of(answer), "unreachable");
	json_decref(answer);
	assert_true(closed(st, extra));
	close(extra);
	for (int i = 0; i < CONTROL_CLIENTS; i++)
		close(fds[i]);
	turn(st);
	assert_int_equal(control_clients(st->control), 0);
}

static const char *
state_heard(struct stand *st, int fd, bool *more_r)
{
	static char text[32];
	json_t *answer = hear(st, fd);

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
	struct stand *st = *state;
	struct engine *e = &st->engine;
	bool more;
	int fd = dial(st);

	say(st, fd, "{\"v\":1,\"cmd\":\"watch\",\"id\":\"lf-1\"}\n");
	assert_string_equal(state_heard(st, fd, &more), "dispatching");
	assert_true(more);
	st->store.state = "live";
	for (int i = 0; i < 100; i++)
		e->moved(e->moved_arg, i % 2 ? "lf-1" : "lf-2");
	assert_null(hear(st, fd));
	pass(st, CLOCK_SECOND / 5);
	assert_string_equal(state_heard(st, fd, &more), "live");
	assert_true(more);
	assert_null(hear(st, fd));
	pass(st, 2 * CLOCK_SECOND);
	assert_string_equal(state_heard(st, fd, &more), "live");
	st->store.state = "partial";
	pass(st, 2 * CLOCK_SECOND);
	do {
		assert_non_null(state_heard(st, fd, &more));
	} while (more);
	expect(ask(st, fd, "{\"v\":1,\"cmd\":\"trace\",\"delivery\":"
	    "\"1.1\"}\n"), "{\"ok\":true,\"result\":[],\"v\":1}");
	close(fd);
}

static void
a_watch_may_end_when_all_is_sent(void **state)
{
	struct stand *st = *state;
	bool more;
	int fd = dial(st);

	st->store.state = "live";
	say(st, fd, "{\"v\":1,\"cmd\":\"watch\",\"id\":\"lf-1\",\"until\":"
	    "\"live\"}\n");
	assert_string_equal(state_heard(st, fd, &more), "live");
	assert_false(more);
	close(fd);
}

static void
idle_is_said_when_it_is_true(void **state)
{
	struct stand *st = *state;
	int fd = dial(st);

	st->engine.busy = true;
	say(st, fd, "{\"v\":1,\"cmd\":\"idle\"}\n");
	pass(st, CLOCK_SECOND);
	assert_null(hear(st, fd));
	st->engine.busy = false;
	pass(st, CLOCK_SECOND);
	expect(hear(st, fd), "{\"ok\":true,\"v\":1}");
	close(fd);
}

static void
a_stale_socket_is_replaced_and_a_live_one_kept(void **state)
{
	struct stand *st = *state;
	struct control *first = st->control;
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	struct stat sb;
	struct err e;
	int fd;

	assert_int_equal(listen_there(st, st->path, &e), -1);
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
	assert_int_equal(listen_there(st, st->path, &e), 0);
	fd = dial(st);
	expect(ask(st, fd, "{\"v\":1,\"cmd\":\"trace\",\"delivery\":"
	    "\"1.1\"}\n"), "{\"ok\":true,\"result\":[],\"v\":1}");
	close(fd);
}

static void
a_place_for_something_else_is_not_taken(void **state)
{
	struct stand *st = *state;
	struct control *first = st->control;
	char longer[200];
	struct err e;

	assert_int_equal(listen_there(st, st->dir, &e), -1);
	assert_int_equal(e.code, ERR_STATE);
	assert_int_equal(access(st->dir, F_OK), 0);
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(listen_there(st, longer, &e), -1);
	assert_int_equal(e.code, ERR_INVALID);
	st->control = first;
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_question_has_its_answer),
		TEST(bad_requests_are_refused_and_the_next_is_served),
		TEST(a_publish_is_answered_by_the_engine),
		TEST(answers_keep_the_order_of_requests),
		TEST(a_half_closed_client_gets_its_answer),
		TEST(a_client_that_left_harms_nobody),
		TEST(a_line_without_end_is_refused),
		TEST(a_client_that_does_not_read_costs_little),
		TEST(too_large_an_answer_becomes_an_error),
		TEST(silent_clients_are_dropped),
		TEST(only_so_many_clients_are_served),
		TEST(a_watch_follows_until_the_end),
		TEST(a_watch_may_end_when_all_is_sent),
		TEST(idle_is_said_when_it_is_true),
		TEST(a_stale_socket_is_replaced_and_a_live_one_kept),
		TEST(a_place_for_something_else_is_not_taken),
	};

	return cmocka_run_group_tests_name("control", tests, NULL, NULL);
}
