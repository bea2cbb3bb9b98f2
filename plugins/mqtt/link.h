/*
 * link: one connection to a broker, on the worker's loop.
 *
 * It connects, keeps itself alive, and connects again with a growing pause.
 * Nothing is ever queued in the library: what is published while the link is
 * not up is refused, and with each lost connection the handle and everything
 * in it is thrown away. So there is exactly one truth about a message: what
 * litfass stored.
 */
#ifndef MQTT_LINK_H
#define MQTT_LINK_H

#include <stdint.h>

#include "broker.h"
#include "litfass/plugin.h"

#define LINK_WINDOW	100	/* messages without PUBACK, at most */

enum link_protocol { LINK_AUTO, LINK_V5, LINK_V311 };

/* Strings are borrowed for the life of the link; "" or NULL: not set. */
struct link_conf {
	struct broker broker;
	const char *ca_file, *cert_file, *key_file;
	const char *user, *password;
	const char *client_id;
	enum link_protocol protocol;
	int keepalive;		/* seconds */
};

enum link_state {
	LINK_DOWN,		/* waits before the next try */
	LINK_CONNECTING,
	LINK_UP
};

/* Called from the loop, never inside a call of the link's, except down,
 * which link_publish may call. */
struct link_events {
	/* window: how many messages may wait for their PUBACK. */
	void (*up)(void *arg, int window);
	void (*acked)(void *arg, int mid, int reason);
	/* The connection is gone or could not be made; no PUBACK of earlier
	 * messages follows. why is borrowed. */
	void (*down)(void *arg, const struct lf_outcome *why);
};

struct link_message {
	const char *topic;
	const char *payload;
	uint64_t len;		/* 0 clears the topic */
	uint32_t expiry;	/* seconds, 0: none; MQTT 5 only */
	const char *key;	/* correlation data; MQTT 5 only */
};

struct link;

/* host, conf, events and arg are kept. No I/O yet. */
struct link *
link_new(const struct lf_host *host, struct lf_channel *ch,
    const struct link_conf *conf, const struct link_events *events,
    void *arg);
/* Takes leave of the broker when connected; calls no event. */
void
link_free(struct link **l);

/* Begin to connect unless that was done before. */
void
link_start(struct link *l);
enum link_state
link_state(const struct link *l);
/* Why the link is down, and when it tries again; borrowed. */
const struct lf_outcome *
link_why(struct link *l);

/*
 * Publish, QoS 1 and retained. 0 and its packet number, or a return code of
 * the library that reason_library() explains. When the connection broke on
 * the way the code is MOSQ_ERR_CONN_LOST and down has been called: the
 * message may or may not be out.
 */
int
link_publish(struct link *l, const struct link_message *msg, int *mid_r);

#endif
