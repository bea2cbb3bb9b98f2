/*
 * link: drives one libmosquitto handle by watch and timer. It never uses the
 * library's own thread: a TLS broker that dies, a CONNACK above 0x80 or a
 * DISCONNECT of the server ends that thread silently and for ever (mosquitto
 * issues 2825, 3258), and stopping it races (165, 2328, 2905, 3207). The
 * plugin's one link is made by mqtt.c.
 */
#include "config.h"

#include <errno.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "handle.h"
#include "link.h"
#include "reason.h"

#define SECOND_US	INT64_C(1000000)
#define TICK_MS		1000
/* Also ends a TLS handshake that spins in the library (issue 2421). */
#define CONNECT_US	(10 * SECOND_US)
/* MQTT knows no retransmission on a live connection: an answer that does not
 * come is only noticed by a clock of our own. */
#define ACK_US		(20 * SECOND_US)
#define BACKOFF_MIN_MS	1000
#define BACKOFF_MAX_MS	60000
/* A connection that lasted this long makes up for earlier failures. */
#define STABLE_US	(60 * SECOND_US)
#define V5_AGAIN_US	(INT64_C(86400) * SECOND_US)

struct ack {
	int mid, reason;
};

struct link {
	const struct lf_host *host;
	struct lf_channel *ch;
	const struct link_conf *conf;
	const struct link_events *events;
	void *arg;

	enum link_state state;
	struct mosquitto *m;	/* NULL when down */
	struct lf_watch *watch;
	struct lf_timer *timer;	/* next try when down, else a tick */
	int version;		/* MQTT_PROTOCOL_V5 or V311 */
	int64_t v5_again;	/* when a 3.1.1 broker is asked for 5 again */
	int64_t since;		/* of connecting, or of the last progress */
	int64_t up_since;
	int64_t retry_at;
	unsigned failures;	/* without a stable connection in between */
	unsigned outstanding;	/* messages without PUBACK */
	struct lf_outcome why;
	char why_text[128];

	/*
	 * Written by callbacks, read when the library has returned: it holds
	 * its locks during a callback and calls back even from publish.
	 */
	bool connack;
	int connack_code;
	int window;
	bool lost;
	int goodbye;		/* reason code of the broker's DISCONNECT */
	struct ack acks[LINK_WINDOW];
	size_t n_acks;
};

static void
link_connect(struct link *l);

/* ----------------------------------------------------------- callbacks -- */

static void
on_connect(struct mosquitto *m, void *arg, int code, int flags,
    const mosquitto_property *props)
{
	struct link *l = arg;
	uint8_t retain = 1;
	uint16_t max;

	(void)m;
	(void)flags;
	l->connack = true;
	l->connack_code = code;
	/* The library would drop the flag without a word. */
	mosquitto_property_read_byte(props, MQTT_PROP_RETAIN_AVAILABLE,
	    &retain, false);
	if (code == 0 && retain == 0)
		l->connack_code = MQTT_RC_RETAIN_NOT_SUPPORTED;
	l->window = LINK_WINDOW;
	if (mosquitto_property_read_int16(props, MQTT_PROP_RECEIVE_MAXIMUM,
	    &max, false) != NULL && max > 0 && max < LINK_WINDOW)
		l->window = max;
}

static void
on_disconnect(struct mosquitto *m, void *arg, int rc,
    const mosquitto_property *props)
{
	struct link *l = arg;

	(void)m;
	(void)props;
	l->lost = true;
	/* Two number spaces in one: below are codes of the library. */
	if (rc >= MQTT_RC_UNSPECIFIED)
		l->goodbye = rc;
}

static void
on_publish(struct mosquitto *m, void *arg, int mid, int reason,
    const mosquitto_property *props)
{
	struct link *l = arg;

	(void)m;
	(void)props;
	if (l->n_acks < LINK_WINDOW)
		l->acks[l->n_acks++] = (struct ack){ mid, reason };
	else
		l->lost = true;		/* more than we ever sent */
}

/* ---------------------------------------------------------------- down -- */

/* Half to one and a half of an exponential pause, so that the workers of
 * many cities do not knock at the same moment. */
static int64_t
backoff_ms(const struct link *l)
{
	int64_t ms = BACKOFF_MIN_MS;
	uint16_t jitter;

	for (unsigned i = 1; i < l->failures && ms < BACKOFF_MAX_MS; i++)
		ms *= 2;
	if (ms > BACKOFF_MAX_MS)
		ms = BACKOFF_MAX_MS;
	l->host->random(l->ch, &jitter, sizeof(jitter));
	return ms / 2 + ms * jitter / UINT16_MAX;
}

/*
 * Throw the handle away: the library would send again what it holds, also
 * what we have given back since (issue 120). Its resending can't be trusted
 * with message order either.
 */
static void
handle_drop(struct link *l)
{
	if (l->watch != NULL)
		l->host->watch_free(l->watch);
	l->watch = NULL;
	if (l->m != NULL)
		mosquitto_destroy(l->m);
	l->m = NULL;
	l->outstanding = 0;
	l->connack = l->lost = false;
	l->goodbye = 0;
	l->n_acks = 0;
}

static void
link_fail(struct link *l, int32_t outcome, int code, const char *text)
{
	char line[192];
	int64_t ms;

	handle_drop(l);
	/* Two with one client id throw each other out: a pause that did not
	 * grow would never give either the time to work. */
	if (l->state == LINK_UP &&
	    l->host->mono_us(l->ch) - l->up_since >= STABLE_US)
		l->failures = 0;
	l->state = LINK_DOWN;
	l->failures++;
	ms = backoff_ms(l);
	l->retry_at = l->host->mono_us(l->ch) + ms * 1000;
	l->host->timer_set(l->timer, ms);
	snprintf(l->why_text, sizeof(l->why_text), "%s", text);
	l->why = (struct lf_outcome){ .size = sizeof(l->why),
		.outcome = outcome, .code = code, .text = l->why_text };
	snprintf(line, sizeof(line), "broker: %s: next try in %lld ms", text,
	    (long long)ms);
	l->host->log(l->ch, LF_LOG_WARN, line);
	l->events->down(l->arg, link_why(l));
}

/* True when a broker said that it only speaks 3.1.1. */
static bool
fall_back(struct link *l)
{
	if (l->conf->protocol != LINK_AUTO || l->version != MQTT_PROTOCOL_V5)
		return false;
	if (l->connack_code != MQTT_RC_UNSUPPORTED_PROTOCOL_VERSION &&
	    l->connack_code != 1)
		return false;
	l->host->log(l->ch, LF_LOG_INFO, "broker: speaks only MQTT 3.1.1: "
	    "refusals of single messages will not be seen");
	l->v5_again = l->host->mono_us(l->ch) + V5_AGAIN_US;
	handle_drop(l);
	link_connect(l);
	return true;
}

/* ------------------------------------------------------------- turning -- */

static void
watch_arm(struct link *l)
{
	uint32_t events = LF_READ;

	/* Ask anew after every call: a partial write leaves bytes behind. */
	if (mosquitto_want_write(l->m))
		events |= LF_WRITE;
	l->host->watch_set(l->watch, events);
}

static void
acks_tell(struct link *l)
{
	size_t n = l->n_acks;
	struct ack acks[LINK_WINDOW];

	if (n == 0)
		return;
	memcpy(acks, l->acks, n * sizeof(acks[0]));
	l->n_acks = 0;
	l->since = l->host->mono_us(l->ch);
	for (size_t i = 0; i < n; i++) {
		if (l->outstanding > 0)
			l->outstanding--;
		l->events->acked(l->arg, acks[i].mid, acks[i].reason);
	}
}

static void
connack_take(struct link *l)
{
	const struct reason *r;

	l->connack = false;
	if (l->connack_code != 0) {
		if (fall_back(l))
			return;
		r = reason_connack(l->connack_code);
		link_fail(l, r->outcome, l->connack_code, r->text);
		return;
	}
	l->state = LINK_UP;
	l->up_since = l->host->mono_us(l->ch);
	l->host->log(l->ch, LF_LOG_INFO, "broker: connected");
	l->events->up(l->arg, l->window);
}

/* It was not up yet. err is what errno was, for MOSQ_ERR_ERRNO. */
static void
link_failed(struct link *l, int rc, int err)
{
	char text[sizeof(l->why_text)];

	if (rc == MOSQ_ERR_TLS) {
		link_fail(l, LF_CHANNEL_DOWN, rc, "TLS failed: the broker's "
		    "certificate is not trusted or not for this name, or it "
		    "wants one of ours");
		return;
	}
	snprintf(text, sizeof(text), "no connection: %s",
	    rc == MOSQ_ERR_EAI ? "the host name is not known" :
	    rc == MOSQ_ERR_ERRNO ? strerror(err) : mosquitto_strerror(rc));
	link_fail(l, LF_TEMPFAIL, rc, text);
}

static void
link_lost(struct link *l, int rc)
{
	const struct reason *r = reason_disconnect(l->goodbye);

	if (l->goodbye != 0)
		link_fail(l, r->outcome, l->goodbye, r->text);
	else if (l->state == LINK_UP)
		link_fail(l, LF_TEMPFAIL, rc, "the connection broke");
	else
		link_failed(l, rc == MOSQ_ERR_SUCCESS ? MOSQ_ERR_CONN_LOST :
		    rc, errno);
}

/* After every call into the library; rc is what it returned. */
static void
settle(struct link *l, int rc)
{
	acks_tell(l);
	if (l->m == NULL)
		return;
	if (l->connack) {
		connack_take(l);
		if (l->state != LINK_UP)
			return;
	}
	if (rc != MOSQ_ERR_SUCCESS || l->lost)
		link_lost(l, rc);
	else
		watch_arm(l);
}

/*
 * While TLS shakes hands the library takes a refused or closed socket for a
 * pause and would spin (issue 2421): look for ourselves. 0 or errno.
 */
static int
socket_error(int fd)
{
	int err = 0;
	socklen_t len = sizeof(err);
	char c;

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) == -1)
		return errno;
	if (err == 0 && recv(fd, &c, 1, MSG_PEEK | MSG_DONTWAIT) == 0)
		return ECONNRESET;
	return err;
}

static void
on_socket(void *arg, uint32_t events)
{
	struct link *l = arg;
	int rc = MOSQ_ERR_SUCCESS, err;

	err = l->state == LINK_CONNECTING ?
	    socket_error(mosquitto_socket(l->m)) : 0;
	if (err != 0) {
		link_failed(l, MOSQ_ERR_ERRNO, err);
		return;
	}
	/* Reading also carries the TLS handshake on. */
	if ((events & LF_READ) != 0 || l->state == LINK_CONNECTING)
		rc = mosquitto_loop_read(l->m, 1);
	if (rc == MOSQ_ERR_SUCCESS && (events & LF_WRITE) != 0)
		rc = mosquitto_loop_write(l->m, 1);
	settle(l, rc);
}

static void
tick(void *arg)
{
	struct link *l = arg;
	int64_t waited;

	if (l->state == LINK_DOWN) {
		link_connect(l);
		return;
	}
	waited = l->host->mono_us(l->ch) - l->since;
	if (l->state == LINK_CONNECTING && waited > CONNECT_US) {
		link_fail(l, LF_TEMPFAIL, 0, "the broker does not answer");
		return;
	}
	if (l->state == LINK_UP && l->outstanding > 0 && waited > ACK_US) {
		link_fail(l, LF_TEMPFAIL, 0, "no PUBACK came in time");
		return;
	}
	l->host->timer_set(l->timer, TICK_MS);
	settle(l, mosquitto_loop_misc(l->m));
}

/* ---------------------------------------------------------- connecting -- */

static int
version_to_try(const struct link *l)
{
	bool old = l->conf->protocol == LINK_V311 ||
	    (l->conf->protocol == LINK_AUTO &&
	    l->host->mono_us(l->ch) < l->v5_again);

	return old ? MQTT_PROTOCOL_V311 : MQTT_PROTOCOL_V5;
}

static void
link_connect(struct link *l)
{
	int rc;

	l->since = l->host->mono_us(l->ch);
	l->state = LINK_CONNECTING;
	l->version = version_to_try(l);
	l->m = handle_new(l->conf, l->version, l, &rc);
	if (l->m == NULL) {
		link_fail(l, LF_CHANNEL_DOWN, rc,
		    "TLS or login can't be set up: check ca_file, cert_file "
		    "and key_file");
		return;
	}
	mosquitto_connect_v5_callback_set(l->m, on_connect);
	mosquitto_disconnect_v5_callback_set(l->m, on_disconnect);
	mosquitto_publish_v5_callback_set(l->m, on_publish);
	rc = handle_connect(l->m, l->conf, l->failures % 2 == 1);
	if (rc != MOSQ_ERR_SUCCESS) {
		link_failed(l, rc, errno);
		return;
	}
	l->watch = l->host->watch_new(l->ch, mosquitto_socket(l->m), LF_READ,
	    on_socket, l);
	l->host->timer_set(l->timer, TICK_MS);
	watch_arm(l);
}

/* --------------------------------------------------------------- calls -- */

struct link *
link_new(const struct lf_host *host, struct lf_channel *ch,
    const struct link_conf *conf, const struct link_events *events,
    void *arg)
{
	struct link *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->host = host;
	l->ch = ch;
	l->conf = conf;
	l->events = events;
	l->arg = arg;
	l->why = (struct lf_outcome){ .size = sizeof(l->why),
		.outcome = LF_TEMPFAIL, .text = "not connected yet" };
	return l;
}

void
link_free(struct link **lp)
{
	struct link *l = *lp;

	*lp = NULL;
	if (l == NULL)
		return;
	if (l->state == LINK_UP)
		mosquitto_disconnect(l->m);
	handle_drop(l);
	if (l->timer != NULL)
		l->host->timer_free(l->timer);
	/* No mosquitto_lib_cleanup(): it unloads OpenSSL's modules for the
	 * whole process. */
	free(l);
}

void
link_start(struct link *l)
{
	if (l->timer != NULL)
		return;
	mosquitto_lib_init();
	l->timer = l->host->timer_new(l->ch, tick, l);
	link_connect(l);
}

enum link_state
link_state(const struct link *l)
{
	return l->state;
}

const struct lf_outcome *
link_why(struct link *l)
{
	int64_t left = l->retry_at - l->host->mono_us(l->ch);

	l->why.retry_after = left <= 0 ? 1 :
	    (uint32_t)((left + SECOND_US - 1) / SECOND_US);
	return &l->why;
}

static mosquitto_property *
properties(const struct link_message *msg)
{
	mosquitto_property *props = NULL;

	if (msg->len > 0) {
		mosquitto_property_add_byte(&props,
		    MQTT_PROP_PAYLOAD_FORMAT_INDICATOR, 1);
		mosquitto_property_add_string(&props, MQTT_PROP_CONTENT_TYPE,
		    "application/vnd.litfass.display+json;v=1");
	}
	if (msg->expiry > 0)
		mosquitto_property_add_int32(&props,
		    MQTT_PROP_MESSAGE_EXPIRY_INTERVAL, msg->expiry);
	mosquitto_property_add_binary(&props, MQTT_PROP_CORRELATION_DATA,
	    msg->key, (uint16_t)strlen(msg->key));
	return props;
}

/* Codes after which the connection is of no use. */
static bool
broken(int rc)
{
	return rc == MOSQ_ERR_CONN_LOST || rc == MOSQ_ERR_ERRNO ||
	    rc == MOSQ_ERR_NO_CONN || rc == MOSQ_ERR_TLS;
}

int
link_publish(struct link *l, const struct link_message *msg, int *mid_r)
{
	mosquitto_property *props = NULL;
	int rc;

	if (l->state != LINK_UP)
		return MOSQ_ERR_NO_CONN;
	/* With properties a 3.1.1 handle answers "not supported". */
	if (l->version == MQTT_PROTOCOL_V5)
		props = properties(msg);
	rc = mosquitto_publish_v5(l->m, mid_r, msg->topic, (int)msg->len,
	    msg->payload, 1, true, props);
	mosquitto_property_free_all(&props);
	if (broken(rc) || l->lost) {
		link_lost(l, rc);
		return MOSQ_ERR_CONN_LOST;
	}
	if (rc == MOSQ_ERR_SUCCESS && l->outstanding++ == 0)
		l->since = l->host->mono_us(l->ch);
	watch_arm(l);
	return rc;
}
