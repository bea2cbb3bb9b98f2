/*
 * control_stand: the control socket against an engine and a store that only
 * remember what they were asked, and a client of it. Only for tests.
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
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "control_stand.h"

/* ----------------------------------------------------- engine and store -- */

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
ENGINE_CALL(engine_test)
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

void
cs_answer(struct engine *e, enum err_code code, const char *text,
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

	if (s->interrupt != NULL)
		loop_stop(s->interrupt);
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
    bool only_try, const char *actor, int64_t now, store_import_cb *cb,
    void *arg)
{
	struct store_import done = { .added = only_try ? 0 : 1,
		.unchanged = (int64_t)json_array_size(subscribers),
		.refused = s->refused };
	struct err e = { ERR_OK, "" };

	(void)actor;
	(void)now;
	if (json_array_size(s->refused) > 0)
		err_set(&e, ERR_STATE, "row 7");
	cb(arg, &e, &done);
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

static int
reload(void *arg, control_reloaded_fn *done, void *done_arg, struct err *e)
{
	struct control_stand *st = arg;

	if (st->reload != ERR_OK)
		return err_set(e, st->reload, "litfass.conf:3: wrong");
	done(done_arg, e);
	return 0;
}

int
cs_listen(struct control_stand *st, const char *path, struct err *e)
{
	const struct control_with with = {
		.loop = st->loop, .engine = &st->engine,
		.store = &st->store, .path = path,
		.reload = reload, .reload_arg = st,
	};

	return control_new(&with, &st->control, e);
}

int
cs_set_up(void **state)
{
	struct control_stand *st = xcalloc(1, sizeof(*st));
	struct err e;

	strcpy(st->dir, "/tmp/t_control.XXXXXX");
	assert_non_null(mkdtemp(st->dir));
	snprintf(st->path, sizeof(st->path), "%s/socket", st->dir);
	st->loop = loop_new_virtual((struct wall){ 1000 });
	st->store.state = "dispatching";
	assert_int_equal(cs_listen(st, st->path, &e), 0);
	*state = st;
	return 0;
}

int
cs_tear_down(void **state)
{
	struct control_stand *st = *state;

	control_free(&st->control);
	loop_free(&st->loop);
	rmdir(st->dir);
	free(st);
	return 0;
}

void
cs_turn(struct control_stand *st)
{
	for (int i = 0; i < 4; i++)
		loop_once(st->loop, 0);
}

void
cs_pass(struct control_stand *st, int64_t us)
{
	for (int i = 0; i < 10; i++)
		loop_once(st->loop, us / 10);
}

int
cs_dial(struct control_stand *st)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(sa.sun_path, st->path);
	assert_int_equal(connect(fd, (const struct sockaddr *)&sa,
	    sizeof(sa)), 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	cs_turn(st);
	return fd;
}

void
cs_say(struct control_stand *st, int fd, const char *text)
{
	size_t len = strlen(text), done = 0;
	ssize_t n;

	for (int i = 0; done < len && i < 10000; i++) {
		n = send(fd, text + done, len - done, MSG_NOSIGNAL);
		if (n > 0)
			done += (size_t)n;
		cs_turn(st);
	}
	cs_turn(st);
}

/* The next answer, given; NULL when there is none now or the end. */
json_t *
cs_hear(struct control_stand *st, int fd)
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
			cs_turn(st);
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

json_t *
cs_ask(struct control_stand *st, int fd, const char *line)
{
	cs_say(st, fd, line);
	return cs_hear(st, fd);
}

bool
cs_closed(struct control_stand *st, int fd)
{
	char c;

	cs_turn(st);
	return recv(fd, &c, 1, 0) == 0;
}

const char *
cs_error_of(const json_t *answer)
{
	const json_t *e = json_object_get(answer, "error");

	assert_true(json_is_false(json_object_get(answer, "ok")));
	return json_string_value(json_object_get(e, "code"));
}

/* Compare an answer with its bytes in canonical form; takes answer. */
void
cs_expect(json_t *answer, const char *want)
{
	char *s;

	assert_non_null(answer);
	s = json_dumps(answer, JSON_COMPACT | JSON_SORT_KEYS);
	assert_string_equal(s, want);
	free(s);
	json_decref(answer);
}
