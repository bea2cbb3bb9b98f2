/*
 * relay: the connections to one mail relay and the messages that wait for
 * one of them. Begins with one connection, doubles as messages succeed,
 * halves when the relay refuses another and then asks for none for a while.
 */
#ifndef EMAIL_RELAY_H
#define EMAIL_RELAY_H

#include "conn.h"

/* d is the plugin's again. */
typedef void relay_cb(void *arg, struct lf_delivery *d,
    const struct smtp_result *result);

struct relay_conf {
	struct conn_conf conn;
	const char *from;	/* envelope sender */
	unsigned connections;	/* at most, 1 to RELAY_CONNECTIONS_MAX */
};

#define RELAY_CONNECTIONS_MAX	64

struct relay;

/* conf's strings are kept. NULL out of memory. */
struct relay *
relay_new(const struct relay_conf *conf, relay_cb *cb, void *arg);
/* Nothing may be under way. */
void
relay_free(struct relay **);
/* Uses d->data. The callback may come at once. */
void
relay_send(struct relay *, struct lf_delivery *d);
/* Give d up: the callback comes at once. */
void
relay_cancel(struct relay *, struct lf_delivery *d);
/* Leave politely as soon as nothing is to do. */
void
relay_drain(struct relay *);

#endif
