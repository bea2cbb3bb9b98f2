/*
 * twin: supervise one worker. Believes nothing it says: a packet that breaks
 * the protocol ends the worker, not the core. Never starts a worker in a
 * busy loop: 1, 2, 4 ... 60 s between deaths, and 15 minutes after five
 * deaths in ten. Called by channel.
 */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/log.h"
#include "base/mem.h"
#include "engine/spawn.h"
#include "engine/twin.h"
#include "worker/wire.h"

#define SECOND		CLOCK_SECOND
#define HANDSHAKE	(10 * SECOND)
#define PING_EVERY	(5 * SECOND)
#define PINGS_MISSED	3u
#define DELAY_MAX	(60 * SECOND)
#define HEALTHY		(600 * SECOND)
#define DEATHS_DOWN	5u
#define DOWN_FOR	(900 * SECOND)

struct twin {
	struct loop *loop;
	const char *name, *program;
	const struct twin_ops *ops;
	void *arg;
	enum twin_state state;
	struct wire *wire;
	pid_t pid;
	struct loop_timer *timer;	/* what it is for: state */
	struct mono born;
	struct mono first_death;	/* of the current series */
	unsigned deaths;
	unsigned starts;
	unsigned unanswered;		/* pings */
	char cause[256];
};

static const char *const state_names[] = {
	[TWIN_OFF] = "off", [TWIN_STARTING] = "starting", [TWIN_UP] = "up",
	[TWIN_DRAINING] = "draining", [TWIN_WAITING] = "waiting",
	[TWIN_DOWN] = "down",
};

static void
on_readable(void *arg);
static void
on_timer(void *arg);

struct twin *
twin_new(struct loop *l, const char *name, const char *program,
    const struct twin_ops *ops, void *arg)
{
	struct twin *t = xcalloc(1, sizeof(*t));

	t->loop = l;
	t->name = name;
	t->program = program;
	t->ops = ops;
	t->arg = arg;
	t->timer = loop_timer_new(l, on_timer, t);
	return t;
}

/* How the process ended, in words. It is dead or about to die. */
static void
reap(struct twin *t, char *how, size_t n)
{
	int status = 0;

	if (waitpid(t->pid, &status, WNOHANG) != t->pid) {
		kill(t->pid, SIGKILL);
		while (waitpid(t->pid, &status, 0) < 0 && errno == EINTR)
			continue;
	}
	t->pid = 0;
	if (WIFSIGNALED(status))
		snprintf(how, n, "killed by signal %d", WTERMSIG(status));
	else
		snprintf(how, n, "exit code %d", WEXITSTATUS(status));
}

static void
close_worker(struct twin *t, char *how, size_t n)
{
	wire_free(&t->wire);
	loop_timer_stop(t->timer);
	*how = '\0';
	if (t->pid > 0)
		reap(t, how, n);
}

void
twin_free(struct twin **tp)
{
	struct twin *t = *tp;
	char how[64];

	*tp = NULL;
	if (t == NULL)
		return;
	if (t->pid > 0)
		kill(t->pid, SIGKILL);
	close_worker(t, how, sizeof(how));
	loop_timer_free(&t->timer);
	free(t);
}

static int64_t
restart_delay(struct twin *t)
{
	int64_t delay;

	if (t->deaths == 0 ||
	    loop_mono(t->loop).us - t->first_death.us > HEALTHY) {
		t->deaths = 0;
		t->first_death = loop_mono(t->loop);
	}
	if (++t->deaths >= DEATHS_DOWN)
		return DOWN_FOR;
	delay = SECOND << (t->deaths - 1);
	return delay < DELAY_MAX ? delay : DELAY_MAX;
}

/* Whatever ended the worker: tell, and arrange the next start. */
static void
ended(struct twin *t, const char *why)
{
	bool stopping = t->state == TWIN_DRAINING;
	char how[64], text[sizeof(t->cause)];
	int64_t delay;

	snprintf(text, sizeof(text), "%s", why);
	close_worker(t, how, sizeof(how));
	snprintf(t->cause, sizeof(t->cause), "%.180s%s%s", text,
	    *how != '\0' ? ": " : "", how);
	if (stopping) {
		t->state = TWIN_OFF;
		t->ops->gone(t->arg, t->cause);
		t->ops->stopped(t->arg);
		return;
	}
	delay = restart_delay(t);
	t->state = delay == DOWN_FOR ? TWIN_DOWN : TWIN_WAITING;
	LOG_EVENT(LOG_LEVEL_WARN, "worker.gone", LOG_S("ch", t->name),
	    LOG_S("cause", t->cause), LOG_N("restart_ms", delay / 1000));
	loop_timer_set(t->timer, delay);
	t->ops->gone(t->arg, t->cause);
}

static int
say_hello(struct twin *t, struct err *e)
{
	int fds[WIRE_FDS], rc;
	json_t *hello;
	size_t n = 0;

	hello = t->ops->hello(t->arg, fds, &n, e);
	if (hello == NULL)
		return -1;
	rc = wire_send(t->wire, hello, fds, n, e);
	json_decref(hello);
	return rc;
}

void
twin_start(struct twin *t)
{
	struct err e = { ERR_OK, "" };
	int fd;

	if (t->pid != 0)
		return;
	t->starts++;
	t->unanswered = 0;
	t->state = TWIN_STARTING;
	if (spawn_worker(t->program, &fd, &t->pid, &e) != 0) {
		t->pid = 0;
		ended(t, e.text);
		return;
	}
	t->born = loop_mono(t->loop);
	t->wire = wire_new(fd);
	wire_attach(t->wire, t->loop, on_readable, t);
	loop_timer_set(t->timer, HANDSHAKE);
	if (say_hello(t, &e) != 0)
		twin_kill(t, e.text);
}

void
twin_kill(struct twin *t, const char *why)
{
	if (t->pid == 0)
		return;
	kill(t->pid, SIGKILL);
	ended(t, why);
}

void
twin_again(struct twin *t)
{
	t->deaths = 0;
	if (t->state == TWIN_WAITING || t->state == TWIN_DOWN) {
		loop_timer_stop(t->timer);
		twin_start(t);
	}
}

void
twin_stop(struct twin *t, int64_t ms)
{
	json_t *drain;

	if (t->pid == 0) {
		loop_timer_stop(t->timer);
		t->state = TWIN_OFF;
		loop_defer(t->loop, t->ops->stopped, t->arg);
		return;
	}
	t->state = TWIN_DRAINING;
	loop_timer_set(t->timer, ms * 1000);
	drain = json_pack("{ss}", "t", "drain");
	twin_send(t, drain, NULL, 0);
	json_decref(drain);
}

int
twin_send(struct twin *t, const json_t *packet, const int *fds, size_t n)
{
	struct err e = { ERR_OK, "" };

	if (t->wire == NULL) {
		wire_close_fds(fds, n);
		return -1;
	}
	if (wire_send(t->wire, packet, fds, n, &e) == 0)
		return 0;
	log_warn("channel %s: %s", t->name, e.text);
	return -1;
}

static int
on_ready(struct twin *t, const json_t *packet, struct err *e)
{
	const json_t *proto = json_object_get(packet, "proto");

	if (t->state != TWIN_STARTING && t->state != TWIN_DRAINING)
		return err_set(e, ERR_INVALID, "a second ready");
	if (json_integer_value(proto) != WIRE_PROTO)
		return err_set(e, ERR_INVALID, "protocol %lld instead of %d",
		    (long long)json_integer_value(proto), WIRE_PROTO);
	if (t->state == TWIN_DRAINING)
		return 0;
	t->state = TWIN_UP;
	t->cause[0] = '\0';
	loop_timer_set(t->timer, PING_EVERY);
	t->ops->ready(t->arg, packet);
	return 0;
}

static int
dispatch(struct twin *t, const json_t *packet, const int *fds, size_t n,
    struct err *e)
{
	const char *type = json_string_value(json_object_get(packet, "t"));
	const char *text;

	if (strcmp(type, "ready") == 0)
		return on_ready(t, packet, e);
	if (strcmp(type, "pong") == 0) {
		t->unanswered = 0;
		return 0;
	}
	if (strcmp(type, "failed") == 0) {
		text = json_string_value(json_object_get(packet, "text"));
		return err_set(e, ERR_FAILED, "%.200s",
		    text != NULL ? text : "no reason given");
	}
	if (strcmp(type, "drained") == 0)
		return err_set(e, ERR_OK, "drained");
	if (t->state == TWIN_STARTING)
		return err_set(e, ERR_INVALID, "%.32s before ready", type);
	return t->ops->packet(t->arg, type, packet, fds, n, e);
}

/* A bounded number of packets a turn, so that one worker can't keep the loop
 * from the others. */
static void
on_readable(void *arg)
{
	struct twin *t = arg;
	struct err e = { ERR_OK, "" };
	int fds[WIRE_FDS], rc = 0;
	json_t *packet;
	size_t n;

	for (int i = 0; i < 16 && t->wire != NULL; i++) {
		rc = wire_recv(t->wire, &packet, fds, &n, &e);
		if (rc <= 0)
			break;
		rc = dispatch(t, packet, fds, n, &e);
		json_decref(packet);
		wire_close_fds(fds, n);
		if (rc != 0)
			break;
	}
	if (rc >= 0)
		return;
	if (e.code == ERR_INVALID || e.code == ERR_FAILED)
		twin_kill(t, e.text);
	else
		ended(t, e.code == ERR_OK ? "drained" : "worker ended");
}

static void
ping(struct twin *t)
{
	json_t *p;

	if (t->unanswered >= PINGS_MISSED) {
		twin_kill(t, "the worker hangs: three pings unanswered");
		return;
	}
	p = json_pack("{ss si}", "t", "ping", "n", (int)t->unanswered);
	t->unanswered++;
	twin_send(t, p, NULL, 0);
	json_decref(p);
	loop_timer_set(t->timer, PING_EVERY);
}

static void
on_timer(void *arg)
{
	struct twin *t = arg;

	switch (t->state) {
	case TWIN_STARTING:
		twin_kill(t, "no handshake within 10 s");
		break;
	case TWIN_UP:
		ping(t);
		break;
	case TWIN_DRAINING:
		twin_kill(t, "did not drain in time");
		break;
	case TWIN_WAITING:
	case TWIN_DOWN:
		twin_start(t);
		break;
	case TWIN_OFF:
		break;
	}
}

enum twin_state
twin_state(const struct twin *t)
{
	return t->state;
}

const char *
twin_state_name(enum twin_state st)
{
	return state_names[st];
}

pid_t
twin_pid(const struct twin *t)
{
	return t->pid;
}

unsigned
twin_restarts(const struct twin *t)
{
	return t->starts > 0 ? t->starts - 1 : 0;
}

const char *
twin_cause(const struct twin *t)
{
	return t->cause;
}
