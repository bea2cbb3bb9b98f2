/*
 * conn: moves bytes between one socket and one SMTP dialogue and watches
 * the clock. It must never wait. Called by relay.
 */
#include "config.h"

#include <stdlib.h>

#include "conn.h"

#define IDLE_MS		60000	/* before QUIT: relays hang up after 300 s */
#define QUIT_MS		5000	/* for an answer to QUIT */
#define ERRORS_MAX	8	/* then a new connection: Postfix slows down
				 * a client after 10 (smtpd_soft_error_limit) */

struct conn {
	const struct conn_conf *conf;
	conn_cb *cb;
	void *arg;
	struct dial *dial;
	struct smtp *smtp;	/* NULL while dialling */
	struct lf_watch *watch;
	struct lf_timer *timer;
	int64_t messages;
	bool quitting;
};

static void
conn_pump(struct conn *c);

/* Milliseconds that may pass before something happens. */
static int64_t
patience(const struct conn *c)
{
	enum reply_stage stage = smtp_stage(c->smtp);

	if (stage == REPLY_DOT)
		return c->conf->final_ms;
	if (stage == REPLY_QUIT)
		return QUIT_MS;
	return stage == REPLY_STAGES ? IDLE_MS : c->conf->timeout_ms;
}

static void
on_timer(void *arg)
{
	struct conn *c = arg;

	if (smtp_idle(c->smtp))
		conn_quit(c);
	else
		conn_abort(c, "the relay did not answer in time");
}

static void
on_ready(void *arg, uint32_t events)
{
	(void)events;
	conn_pump(arg);
}

static void
on_dial(void *arg, const struct smtp_result *failure)
{
	static const struct smtp_result no_memory = {
		.outcome = LF_TEMPFAIL, .text = "connect: out of memory" };
	struct conn *c = arg;

	if (failure == NULL)
		c->smtp = smtp_new(dial_caps(c->dial));
	if (c->smtp == NULL) {
		c->cb(c->arg, c, CONN_FAILED,
		    failure != NULL ? failure : &no_memory);
		return;
	}
	c->watch = c->conf->host->watch_new(c->conf->channel,
	    dial_fd(c->dial), LF_READ, on_ready, c);
	c->timer = c->conf->host->timer_new(c->conf->channel, on_timer, c);
	conn_pump(c);
}

struct conn *
conn_new(const struct conn_conf *conf, conn_cb *cb, void *arg)
{
	struct conn *c = calloc(1, sizeof *c);

	if (c == NULL)
		return NULL;
	c->conf = conf;
	c->cb = cb;
	c->arg = arg;
	c->dial = dial_new(conf->dialer, on_dial, c);
	if (c->dial == NULL) {
		free(c);
		return NULL;
	}
	return c;
}

void
conn_free(struct conn **cp)
{
	struct conn *c = *cp;

	if (c == NULL)
		return;
	if (c->watch != NULL)
		c->conf->host->watch_free(c->watch);
	if (c->timer != NULL)
		c->conf->host->timer_free(c->timer);
	smtp_free(&c->smtp);
	dial_free(&c->dial);
	free(c);
	*cp = NULL;
}

bool
conn_idle(const struct conn *c)
{
	return c->smtp != NULL && !c->quitting && smtp_idle(c->smtp);
}

int64_t
conn_messages(const struct conn *c)
{
	return c->messages;
}

/* True when something moved. */
static bool
write_some(struct conn *c)
{
	size_t n;
	const char *p = smtp_out(c->smtp, &n);
	long sent = n > 0 ? dial_send(c->dial, p, n) : 0;

	if (sent < 0)
		smtp_lost(c->smtp, "the connection broke");
	else if (sent > 0)
		smtp_sent(c->smtp, (size_t)sent);
	return sent > 0;
}

static bool
read_some(struct conn *c)
{
	char bytes[4096];
	long got = dial_recv(c->dial, bytes, sizeof bytes);

	if (got < 0)
		smtp_lost(c->smtp, "the relay closed the connection");
	else if (got > 0)
		smtp_in(c->smtp, bytes, (size_t)got);
	return got > 0;
}

/* Time for a new connection? */
static bool
is_worn(const struct conn *c)
{
	return smtp_errors(c->smtp) >= ERRORS_MAX ||
	    (c->conf->max_messages > 0 &&
	    c->messages >= c->conf->max_messages);
}

static void
exchange(struct conn *c)
{
	bool moved = true;

	while (moved && !smtp_dead(c->smtp)) {
		moved = write_some(c);
		if (!smtp_dead(c->smtp))
			moved = read_some(c) || moved;
	}
}

static void
wait_on(struct conn *c)
{
	size_t left;

	smtp_out(c->smtp, &left);
	c->conf->host->watch_set(c->watch,
	    left > 0 ? LF_READ | LF_WRITE : LF_READ);
	c->conf->host->timer_set(c->timer, patience(c));
}

/* Move what can be moved, tell what is settled, take what is next. */
static void
conn_pump(struct conn *c)
{
	struct smtp_result r;

	for (;;) {
		exchange(c);
		if (smtp_take(c->smtp, &r)) {
			c->messages++;
			c->cb(c->arg, c, CONN_RESULT, &r);
		}
		if (smtp_dead(c->smtp)) {
			c->cb(c->arg, c, CONN_CLOSED, NULL);
			return;
		}
		if (!conn_idle(c))
			break;
		if (is_worn(c))
			conn_quit(c);
		else
			c->cb(c->arg, c, CONN_READY, NULL);
		if (conn_idle(c))
			break;
	}
	wait_on(c);
}

void
conn_send(struct conn *c, const struct smtp_mail *m)
{
	smtp_mail(c->smtp, m);
	/* Wakes conn_pump(), unless that is what called us. */
	c->conf->host->watch_set(c->watch, LF_READ | LF_WRITE);
}

void
conn_quit(struct conn *c)
{
	if (!conn_idle(c))
		return;
	c->quitting = true;
	smtp_quit(c->smtp);
	c->conf->host->watch_set(c->watch, LF_READ | LF_WRITE);
}

void
conn_abort(struct conn *c, const char *why)
{
	struct smtp_result r;

	smtp_lost(c->smtp, why);
	if (smtp_take(c->smtp, &r))
		c->cb(c->arg, c, CONN_RESULT, &r);
	c->cb(c->arg, c, CONN_CLOSED, NULL);
}
