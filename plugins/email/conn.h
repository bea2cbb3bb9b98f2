/*
 * conn: one connection to the relay, from dialling to QUIT.
 */
#ifndef EMAIL_CONN_H
#define EMAIL_CONN_H

#include <stdbool.h>

#include "dial.h"
#include "smtp.h"

enum conn_event {
	CONN_READY,	/* the next message may go */
	CONN_RESULT,	/* the message given to conn_send() is settled */
	CONN_FAILED,	/* it never came about; free it */
	CONN_CLOSED,	/* it is over; free it */
};

struct conn;

/*
 * result is NULL for READY and CLOSED. The connection may be freed inside
 * for FAILED and CLOSED only; conn_send() or conn_quit() may be called
 * inside for READY.
 */
typedef void conn_cb(void *arg, struct conn *, enum conn_event,
    const struct smtp_result *result);

struct conn_conf {
	const struct lf_host *host;
	struct lf_channel *channel;
	struct dialer *dialer;
	int64_t timeout_ms;	/* for an answer */
	int64_t final_ms;	/* for the answer to a message */
	int64_t max_messages;	/* before QUIT, 0 no limit */
};

/* conf is kept. NULL out of memory. */
struct conn *
conn_new(const struct conn_conf *conf, conn_cb *cb, void *arg);
void
conn_free(struct conn **);
bool
conn_idle(const struct conn *);
/* Only when idle; borrowed until CONN_RESULT. */
void
conn_send(struct conn *, const struct smtp_mail *);
/* Messages settled on this connection. */
int64_t
conn_messages(const struct conn *);
/* Say QUIT when idle, CONN_CLOSED follows. */
void
conn_quit(struct conn *);
/* Break off: CONN_RESULT for a message under way, then CONN_CLOSED. Not from
 * within the callback. */
void
conn_abort(struct conn *, const char *why);

#endif
