/*
 * control_peer: one client of the control socket: lines in, lines out. Holds
 * one request at a time and a bounded number of bytes, and takes only a few
 * requests a turn, whatever the client does. Created by control when it
 * accepts.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "control_private.h"

#define ANSWER_MAX	(16 * 1024 * 1024)	/* bytes of one answer */
#define OUT_MAX		(2 * ANSWER_MAX + OUT_ENOUGH)
#define OUT_ENOUGH	(1024 * 1024)	/* unread: no further request */
#define READ_AHEAD	(64 * 1024)	/* while a request is in progress */
#define BURST		16		/* requests in one turn of the loop */
#define IDLE_LIMIT	(60 * CLOCK_SECOND)

struct control_peer {
	struct control_peer *next, **self;
	struct control *control;
	int fd;
	struct loop_fd *watch;
	struct loop_timer *idle;
	struct buf in, out;
	size_t taken;		/* bytes of in that were lines */
	size_t sent;		/* bytes of out that have gone */
	struct control_request *request;
	char actor[24];
	bool pumping;
	bool eof;		/* the client writes no more */
	bool last;		/* nothing further is read: close when sent */
	bool dead;
};

static size_t
unsent(const struct control_peer *p)
{
	return p->out.len - p->sent;
}

bool
control_peer_drained(const struct control_peer *p)
{
	return unsent(p) == 0;
}

struct control_peer *
control_peer_next(struct control_peer *p)
{
	return p->next;
}

/* ------------------------------------------------------------ requests -- */

static struct control_request *
request_new(struct control_peer *p)
{
	struct control *c = p->control;
	struct control_request *r = xcalloc(1, sizeof(*r));

	r->control = c;
	r->peer = p;
	r->actor = p->actor;
	r->next = c->requests;
	r->self = &c->requests;
	if (r->next != NULL)
		r->next->self = &r->next;
	c->requests = r;
	p->request = r;
	return r;
}

static void
request_free(struct control_request *r)
{
	if (r->peer != NULL)
		r->peer->request = NULL;
	*r->self = r->next;
	if (r->next != NULL)
		r->next->self = r->self;
	control_watch_free(&r->watch);
	free(r);
}

/* The peer has gone: a watch ends, anything else waits for its callback. */
static void
request_orphan(struct control_request *r)
{
	r->peer = NULL;
	r->actor = NULL;
	if (r->watch != NULL)
		request_free(r);
}

/* -------------------------------------------------------------- output -- */

static void
flush(struct control_peer *p)
{
	ssize_t n;

	while (unsent(p) > 0) {
		n = send(p->fd, p->out.data + p->sent, unsent(p),
		    MSG_NOSIGNAL);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1) {
			p->dead = errno != EAGAIN && errno != EWOULDBLOCK;
			return;
		}
		p->sent += (size_t)n;
	}
	buf_fini(&p->out);
	buf_init(&p->out, OUT_MAX);
	p->sent = 0;
}

/* Make room: forget what has gone, once it is worth the move. */
static void
drop_sent(struct control_peer *p)
{
	if (p->sent <= unsent(p))
		return;
	memmove(p->out.data, p->out.data + p->sent, unsent(p));
	buf_cut(&p->out, unsent(p));
	p->sent = 0;
}

static json_t *
answer_json(const struct err *e, json_t *result, bool more)
{
	bool ok = e == NULL || e->code == ERR_OK;
	json_t *a;

	a = json_pack("{s:i,s:b}", "v", CONTROL_PROTO, "ok", ok);
	if (!ok)
		json_object_set_new(a, "error", json_pack("{s:s,s:s}",
		    "code", err_name(e->code), "text", e->text));
	if (result != NULL)
		json_object_set_new(a, "result", result);
	if (more)
		json_object_set_new(a, "more", json_true());
	return a;
}

static void
put_line(struct control_peer *p, json_t *answer)
{
	struct err e;
	char *s;

	drop_sent(p);
	s = json_dumps(answer, JSON_COMPACT);
	json_decref(answer);
	if (s == NULL || strlen(s) >= ANSWER_MAX) {
		free(s);
		err_set(&e, ERR_FAILED, "answer: it is too large for the "
		    "control socket: ask for less with limit");
		answer = answer_json(&e, NULL, false);
		s = json_dumps(answer, JSON_COMPACT);
		json_decref(answer);
	}
	buf_str(&p->out, s);
	buf_chr(&p->out, '\n');
	if (!buf_ok(&p->out))
		p->dead = true;
	free(s);
}

/* --------------------------------------------------------------- input -- */

static void
fill(struct control_peer *p)
{
	char part[16 * 1024];
	ssize_t n;

	do {
		n = recv(p->fd, part, sizeof(part), 0);
	} while (n == -1 && errno == EINTR);
	if (n > 0)
		buf_add(&p->in, part, (size_t)n);
	else if (n == 0)
		p->eof = true;
	else
		p->dead = errno != EAGAIN && errno != EWOULDBLOCK;
}

static void
drop_taken(struct control_peer *p)
{
	if (p->taken == 0)
		return;
	memmove(p->in.data, p->in.data + p->taken, p->in.len - p->taken);
	buf_cut(&p->in, p->in.len - p->taken);
	p->taken = 0;
}

/* The next whole line without its end, borrowed; NULL when there is none. */
static const char *
take_line(struct control_peer *p, size_t *len_r)
{
	const char *line, *end;
	size_t left = p->in.len - p->taken;

	if (left == 0)
		return NULL;
	line = p->in.data + p->taken;
	end = memchr(line, '\n', left);
	if (end == NULL)
		return NULL;
	*len_r = (size_t)(end - line);
	p->taken += *len_r + 1;
	return line;
}

static bool
line_waits(const struct control_peer *p)
{
	size_t left = p->in.len - p->taken;

	return left > 0 && memchr(p->in.data + p->taken, '\n', left) != NULL;
}

/* A line that never ends gets an answer and no more patience. */
static void
check_length(struct control_peer *p)
{
	struct err e;

	if (buf_ok(&p->in) && p->in.len <= CONTROL_LINE)
		return;
	err_set(&e, ERR_USAGE, "request: the line is longer than %d bytes: "
	    "send less at once", CONTROL_LINE);
	put_line(p, answer_json(&e, NULL, false));
	p->last = true;
}

static bool
may_ask(const struct control_peer *p)
{
	return p->request == NULL && !p->last && !p->dead &&
	    unsent(p) < OUT_ENOUGH;
}

/* At most *left_r lines. True when something was asked: there may be an
 * answer to send. */
static bool
ask_some(struct control_peer *p, unsigned *left_r)
{
	const char *line;
	size_t len = 0;
	bool asked = false;

	while (*left_r > 0 && may_ask(p) &&
	    (line = take_line(p, &len)) != NULL) {
		if (len > 0)
			control_command(request_new(p), line, len);
		asked = true;
		(*left_r)--;
	}
	drop_taken(p);
	if (may_ask(p) && !line_waits(p))
		check_length(p);
	return asked;
}

/* ---------------------------------------------------------------- life -- */

static bool
is_over(const struct control_peer *p)
{
	if (p->dead)
		return true;
	return (p->eof || p->last) && p->request == NULL &&
	    unsent(p) == 0 && !line_waits(p);
}

/* Lines that wait go on when the client can take an answer: next turn. */
static void
set_interest(struct control_peer *p)
{
	bool more = may_ask(p) && line_waits(p);
	unsigned events = 0;

	if (!p->eof && !p->last && !more && (p->request == NULL ||
	    p->in.len < READ_AHEAD) && unsent(p) < OUT_ENOUGH)
		events |= LOOP_READ;
	if (more || unsent(p) > 0)
		events |= LOOP_WRITE;
	loop_fd_set(p->watch, events);
	if (p->request == NULL || unsent(p) > 0)
		loop_timer_set(p->idle, IDLE_LIMIT);
	else
		loop_timer_stop(p->idle);
}

/* Do all that can be done now. May free the peer. */
static void
pump(struct control_peer *p)
{
	unsigned left = BURST;

	if (p->pumping)
		return;
	p->pumping = true;
	do
		flush(p);
	while (ask_some(p, &left));
	flush(p);
	p->pumping = false;
	if (is_over(p))
		control_peer_free(&p);
	else
		set_interest(p);
}

static void
peer_ready(void *arg, unsigned events)
{
	struct control_peer *p = arg;

	if (events & LOOP_READ)
		fill(p);
	pump(p);
}

static void
peer_idle(void *arg)
{
	struct control_peer *p = arg;

	log_debug("control: %s has been silent too long", p->actor);
	control_peer_free(&p);
}

void
control_peer_new(struct control *c, int fd, uid_t uid)
{
	struct control_peer *p = xcalloc(1, sizeof(*p));

	p->control = c;
	p->fd = fd;
	snprintf(p->actor, sizeof(p->actor), "uid:%ld", (long)uid);
	/* Room for the longest line and one part read behind it. */
	buf_init(&p->in, CONTROL_LINE + READ_AHEAD);
	buf_init(&p->out, OUT_MAX);
	p->watch = loop_fd_new(c->with.loop, fd, LOOP_READ, peer_ready, p);
	p->idle = loop_timer_new(c->with.loop, peer_idle, p);
	loop_timer_set(p->idle, IDLE_LIMIT);
	p->next = c->peers;
	p->self = &c->peers;
	if (p->next != NULL)
		p->next->self = &p->next;
	c->peers = p;
	c->n_peers++;
}

void
control_peer_free(struct control_peer **pp)
{
	struct control_peer *p = *pp;

	*pp = NULL;
	if (p->request != NULL)
		request_orphan(p->request);
	*p->self = p->next;
	if (p->next != NULL)
		p->next->self = p->self;
	p->control->n_peers--;
	loop_fd_free(&p->watch);
	loop_timer_free(&p->idle);
	buf_fini(&p->in);
	buf_fini(&p->out);
	close(p->fd);
	free(p);
}

/* ------------------------------------------------------------- answers -- */

void
control_answer(struct control_request *r, const struct err *e,
    json_t *result)
{
	struct control_peer *p = r->peer;

	request_free(r);
	if (p == NULL) {
		json_decref(result);
		return;
	}
	put_line(p, answer_json(e, result, false));
	pump(p);
}

void
control_answer_more(struct control_request *r, json_t *result)
{
	put_line(r->peer, answer_json(NULL, result, true));
	pump(r->peer);
}
