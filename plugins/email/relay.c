/*
 * relay: shares connections among messages. It must never let a message
 * wait without a connection that works or is on its way. Called by email.
 */
#include "config.h"

#include <stdlib.h>

#include "relay.h"

/* A message that waits or is under way; d->data points to it. */
struct mail {
	struct lf_delivery *d;
	struct mail *next;	/* in the queue */
	struct conn *conn;	/* under way on it, or NULL */
	bool again;		/* put back once already */
};

#define GROW_AGAIN	100	/* messages after a refused connection */

struct relay {
	struct relay_conf conf;
	relay_cb *cb;
	void *arg;
	struct mail *head, *tail;
	unsigned n_waiting;
	struct line {
		struct conn *conn;
		struct mail *mail;
		bool up;	/* dialled */
	} lines[RELAY_CONNECTIONS_MAX];
	unsigned n_lines;	/* in use, at the front of lines */
	unsigned limit;		/* connections we dare to have now */
	unsigned patience;	/* messages before we dare to have more */
	bool draining;
};

static void
relay_pump(struct relay *r);
static void
dial_more(struct relay *r);

static void
queue_push(struct relay *r, struct mail *m)
{
	m->next = NULL;
	if (r->head == NULL)
		r->head = m;
	else
		r->tail->next = m;
	r->tail = m;
	r->n_waiting++;
}

static void
queue_push_front(struct relay *r, struct mail *m)
{
	m->conn = NULL;
	m->next = r->head;
	r->head = m;
	if (r->tail == NULL)
		r->tail = m;
	r->n_waiting++;
}

static struct mail *
queue_pop(struct relay *r)
{
	struct mail *m = r->head;

	r->head = m->next;
	if (r->head == NULL)
		r->tail = NULL;
	m->next = NULL;
	r->n_waiting--;
	return m;
}

static void
queue_drop(struct relay *r, const struct mail *m)
{
	struct mail **p = &r->head, *before = NULL;

	while (*p != m) {
		before = *p;
		p = &(*p)->next;
	}
	*p = m->next;
	if (r->tail == m)
		r->tail = before;
	r->n_waiting--;
}

static void
mail_done(struct relay *r, struct mail *m, const struct smtp_result *res)
{
	struct lf_delivery *d = m->d;

	d->data = NULL;
	free(m);
	r->cb(r->arg, d, res);
}

static struct line *
line_of(struct relay *r, const struct conn *c)
{
	for (unsigned i = 0; i < r->n_lines; i++)
		if (r->lines[i].conn == c)
			return &r->lines[i];
	abort();
}

static void
line_drop(struct relay *r, struct line *l)
{
	conn_free(&l->conn);
	*l = r->lines[--r->n_lines];
}

static unsigned
lines_up(const struct relay *r)
{
	unsigned n = 0;

	for (unsigned i = 0; i < r->n_lines; i++)
		n += r->lines[i].up;
	return n;
}

static bool
is_expired(const struct relay *r, const struct lf_delivery *d)
{
	return d->expires != 0 && r->conf.conn.host->wall_us(
	    r->conf.conn.channel) / 1000000 >= d->expires;
}

/* The message whose turn it is, or NULL. At a slow relay the wait may have
 * outlasted what a message is about. */
static struct mail *
queue_next(struct relay *r)
{
	static const struct smtp_result expired = {
		.outcome = LF_TEMPFAIL, .text = "expired before its turn" };
	struct mail *m;

	while (r->head != NULL) {
		m = queue_pop(r);
		if (!is_expired(r, m->d))
			return m;
		mail_done(r, m, &expired);
	}
	return NULL;
}

/* False when nothing waits. */
static bool
line_send(struct relay *r, struct line *l)
{
	struct smtp_mail sm = { .from = r->conf.from };

	l->mail = queue_next(r);
	if (l->mail == NULL)
		return false;
	l->mail->conn = l->conn;
	sm.to = l->mail->d->address;
	sm.message = l->mail->d->body;
	sm.len = l->mail->d->body_len;
	conn_send(l->conn, &sm);
	return true;
}

/* A connection that had sat idle may have been gone before it heard of this
 * message: that is nobody's attempt. */
static bool
goes_again(const struct line *l, const struct smtp_result *res)
{
	return res->outcome == LF_TEMPFAIL && !l->mail->again &&
	    (res->code == 0 || res->code == 421) &&
	    conn_messages(l->conn) > 1;
}

static void
grow(struct relay *r)
{
	if (r->patience > 0)
		r->patience--;
	else if (r->limit < r->conf.connections) {
		r->limit *= 2;
		dial_more(r);
	}
}

static void
on_result(struct relay *r, struct line *l, const struct smtp_result *res)
{
	struct mail *m = l->mail;

	if (goes_again(l, res)) {
		m->again = true;
		l->mail = NULL;
		queue_push_front(r, m);
		return;
	}
	l->mail = NULL;
	if (res->outcome == LF_ACCEPTED)
		grow(r);
	mail_done(r, m, res);
}

/* No connection is left to hope for: everything that waits is told why. */
static void
on_failed(struct relay *r, struct line *l, const struct smtp_result *res)
{
	struct smtp_result copy = *res;

	line_drop(r, l);
	r->limit = r->limit > 1 ? r->limit / 2 : 1;
	r->patience = GROW_AGAIN;
	if (r->n_lines > 0)
		return;
	while (r->head != NULL)
		mail_done(r, queue_pop(r), &copy);
}

static void
on_conn(void *arg, struct conn *c, enum conn_event event,
    const struct smtp_result *res)
{
	struct relay *r = arg;
	struct line *l = line_of(r, c);

	switch (event) {
	case CONN_READY:
		l->up = true;
		if (!line_send(r, l) && r->draining)
			conn_quit(l->conn);
		break;
	case CONN_RESULT:
		on_result(r, l, res);
		break;
	case CONN_FAILED:
		on_failed(r, l, res);
		break;
	case CONN_CLOSED:
		line_drop(r, l);
		relay_pump(r);
		break;
	}
}

static bool
line_add(struct relay *r)
{
	struct line *l = &r->lines[r->n_lines];

	*l = (struct line){ 0 };
	l->conn = conn_new(&r->conf.conn, on_conn, r);
	if (l->conn == NULL)
		return false;
	r->n_lines++;
	return true;
}

static void
dial_more(struct relay *r)
{
	unsigned dialling = r->n_lines - lines_up(r);

	while (dialling < r->n_waiting && r->n_lines < r->limit &&
	    r->n_lines < r->conf.connections && line_add(r))
		dialling++;
}

/* Give what waits to idle connections, then dial for the rest. */
static void
relay_pump(struct relay *r)
{
	for (unsigned i = 0; i < r->n_lines && r->head != NULL; i++)
		if (conn_idle(r->lines[i].conn))
			line_send(r, &r->lines[i]);
	dial_more(r);
}

struct relay *
relay_new(const struct relay_conf *conf, relay_cb *cb, void *arg)
{
	struct relay *r = calloc(1, sizeof *r);

	if (r == NULL)
		return NULL;
	r->conf = *conf;
	r->cb = cb;
	r->arg = arg;
	r->limit = 1;
	return r;
}

void
relay_free(struct relay **rp)
{
	struct relay *r = *rp;

	if (r == NULL)
		return;
	while (r->n_lines > 0)
		line_drop(r, &r->lines[r->n_lines - 1]);
	free(r);
	*rp = NULL;
}

void
relay_send(struct relay *r, struct lf_delivery *d)
{
	static const struct smtp_result no_memory = {
		.outcome = LF_TEMPFAIL, .text = "out of memory" };
	struct mail *m = calloc(1, sizeof *m);

	if (m == NULL) {
		r->cb(r->arg, d, &no_memory);
		return;
	}
	m->d = d;
	d->data = m;
	queue_push(r, m);
	relay_pump(r);
}

void
relay_cancel(struct relay *r, struct lf_delivery *d)
{
	static const struct smtp_result cancelled = {
		.outcome = LF_TEMPFAIL, .text = "cancelled before it was sent"
	};
	struct mail *m = d->data;

	if (m->conn == NULL) {
		queue_drop(r, m);
		mail_done(r, m, &cancelled);
		return;
	}
	m->again = true;
	conn_abort(m->conn, "cancelled under way");
}

void
relay_drain(struct relay *r)
{
	r->draining = true;
	for (unsigned i = r->n_lines; i-- > 0;)
		if (conn_idle(r->lines[i].conn))
			conn_quit(r->lines[i].conn);
}
