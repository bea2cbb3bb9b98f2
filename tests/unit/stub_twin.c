/*
 * stub_twin: see its header.
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

#include "base/mem.h"
#include "litfass/plugin.h"
#include "unit/stub_twin.h"
#include "worker/wire.h"

struct twin {
	struct loop *loop;
	const struct twin_ops *ops;
	void *arg;
	enum twin_state state;
	struct loop_timer *timer;
};

struct stub stub;

void
stub_reset(void)
{
	memset(&stub, 0, sizeof(stub));
}

static void
on_timer(void *arg)
{
	struct twin *t = arg;

	if (t->state == TWIN_WAITING) {
		twin_start(t);
	} else if (t->state == TWIN_STARTING) {
		t->state = TWIN_UP;
		t->ops->ready(t->arg, NULL);
	} else if (t->state == TWIN_DRAINING) {
		t->state = TWIN_OFF;
		t->ops->gone(t->arg, "drained");
		t->ops->stopped(t->arg);
	}
}

struct twin *
twin_new(struct loop *l, const char *name, const char *program,
    const struct twin_ops *ops, void *arg)
{
	struct twin *t = xcalloc(1, sizeof(*t));

	(void)name;
	(void)program;
	t->loop = l;
	t->ops = ops;
	t->arg = arg;
	t->timer = loop_timer_new(l, on_timer, t);
	stub.twin = t;
	return t;
}

void
twin_free(struct twin **t)
{
	loop_timer_free(&(*t)->timer);
	free(*t);
	*t = NULL;
	stub.twin = NULL;
}

void
twin_start(struct twin *t)
{
	stub.starts++;
	t->state = TWIN_STARTING;
	loop_timer_set(t->timer, 0);
}

void
twin_stop(struct twin *t, int64_t ms)
{
	(void)ms;
	t->state = TWIN_DRAINING;
	loop_timer_set(t->timer, 0);
}

void
stub_die(void)
{
	struct twin *t = stub.twin;

	for (size_t i = 0; i < stub.n; i++)
		stub.sent[i].landed = true;
	t->state = TWIN_WAITING;
	loop_timer_set(t->timer, CLOCK_SECOND);
	t->ops->gone(t->arg, "it died");
}

void
twin_kill(struct twin *t, const char *why)
{
	assert_ptr_equal(t, stub.twin);
	assert_int_not_equal(t->state, TWIN_OFF);
	stub.kills++;
	snprintf(stub.killed, sizeof(stub.killed), "%s", why);
	stub_die();
}

void
twin_again(struct twin *t)
{
	if (t->state == TWIN_WAITING)
		twin_start(t);
}

/* ------------------------------------------------------- from the core -- */

static void
take_submit(const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i += 7) {
		struct stub_sent *s = &stub.sent[stub.n++];

		assert_true(stub.n < STUB_SENT);
		s->id = json_integer_value(json_array_get(list, i));
		s->action = (uint32_t)json_integer_value(
		    json_array_get(list, i + 2));
		s->flags = (uint32_t)json_integer_value(
		    json_array_get(list, i + 3));
		s->attempt = (uint32_t)json_integer_value(
		    json_array_get(list, i + 4));
		snprintf(s->key, sizeof(s->key), "%s",
		    json_string_value(json_array_get(list, i + 5)));
		snprintf(s->address, sizeof(s->address), "%s",
		    json_string_value(json_array_get(list, i + 6)));
		s->landed = false;
	}
}

/* An answer to render, on the next turn as from a real worker. */
struct answer {
	struct twin *t;
	json_int_t id;
};

static void
answer_render(void *arg)
{
	struct answer *a = arg;
	struct err e = { ERR_OK, "" };
	bool ok = stub.refuse[0] == '\0';
	json_t *p = json_pack("{sI sb ss}", "id", a->id, "ok", ok, "slug",
	    stub.refuse);
	int fd = ok ? wire_blob_new("{\"body\":\"x\"}", 12, &e) : -1;

	if (a->t == stub.twin && a->t->state == TWIN_UP) {
		if (stub.die_at_render)
			stub_die();
		else
			assert_int_equal(a->t->ops->packet(a->t->arg,
			    "rendered", p, &fd, ok ? 1 : 0, &e), 0);
	}
	if (fd >= 0)
		close(fd);
	json_decref(p);
	free(a);
}

static void
take_render(struct twin *t, const json_t *packet)
{
	struct answer *a;

	stub.renders++;
	if (stub.mute)
		return;
	a = xcalloc(1, sizeof(*a));
	a->t = t;
	a->id = json_integer_value(json_object_get(packet, "id"));
	loop_defer(t->loop, answer_render, a);
}

int
twin_send(struct twin *t, const json_t *packet, const int *fds, size_t n)
{
	const char *type = json_string_value(json_object_get(packet, "t"));

	wire_close_fds(fds, n);
	if (t->state != TWIN_UP ||
	    (stub.clogged && strcmp(type, "submit") == 0))
		return -1;
	if (strcmp(type, "submit") == 0)
		take_submit(json_object_get(packet, "d"));
	else if (strcmp(type, "render") == 0)
		take_render(t, packet);
	else if (strcmp(type, "cancel") == 0)
		stub.cancels++;
	else if (strcmp(type, "forget") == 0)
		stub.forgets++;
	return 0;
}

/* --------------------------------------------------------- to the core -- */

/* As twin.c does with a packet that breaks the rules. */
static int
tell(const char *type, const json_t *p)
{
	struct twin *t = stub.twin;
	struct err e = { ERR_OK, "" };
	int rc = t->ops->packet(t->arg, type, p, NULL, 0, &e);

	if (rc != 0)
		twin_kill(t, e.text);
	return rc;
}

static void
add_result(json_t *list, size_t at, int outcome, int64_t retry_after)
{
	json_t *r = json_pack("[I i i I s s]", (json_int_t)stub.sent[at].id,
	    outcome, 250, (json_int_t)retry_after, "peer", "said so");

	json_array_extend(list, r);
	json_decref(r);
	stub.sent[at].landed = true;
}

static int
tell_results(json_t *list)
{
	json_t *p = json_pack("{so}", "d", list);
	int rc = tell("result", p);

	json_decref(p);
	return rc;
}

int
stub_result(size_t at, int outcome, int64_t retry_after)
{
	json_t *list = json_array();

	assert_true(at < stub.n);
	add_result(list, at, outcome, retry_after);
	return tell_results(list);
}

int
stub_results(const size_t *at, size_t n, int outcome)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		add_result(list, at[i], outcome, 0);
	return tell_results(list);
}

void
stub_accept_all(void)
{
	for (size_t i = 0; i < stub.n; i++)
		if (!stub.sent[i].landed)
			assert_int_equal(stub_result(i, LF_ACCEPTED, 0), 0);
}

int
stub_packet(const char *type, const char *json)
{
	json_t *p = json_loads(json, 0, NULL);
	int rc;

	assert_non_null(p);
	rc = tell(type, p);
	json_decref(p);
	return rc;
}

/* -------------------------------------------------------------- answers -- */

enum twin_state
twin_state(const struct twin *t)
{
	return t->state;
}

const char *
twin_state_name(enum twin_state st)
{
	return st == TWIN_UP ? "up" : "not up";
}

pid_t
twin_pid(const struct twin *t)
{
	return t->state == TWIN_UP ? 1 : 0;
}

unsigned
twin_restarts(const struct twin *t)
{
	(void)t;
	return stub.starts > 0 ? stub.starts - 1 : 0;
}

const char *
twin_cause(const struct twin *t)
{
	(void)t;
	return "";
}
