/*
 * mqtt: city displays by MQTT. One retained document a chain and display
 * group, QoS 1; the broker's PUBACK is the outcome. A delivery that can't be
 * sent now goes back to litfass; the plugin keeps no queue of its own. The
 * worker calls it through litfass_plugin.
 */
#include "config.h"

#include <assert.h>
#include <mosquitto.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "doc.h"
#include "link.h"
#include "litfass/plugin.h"
#include "reason.h"
#include "topic.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

/* One delivery we hold. mid is 0 until it was published. */
struct slot {
	struct lf_delivery *d;
	int mid;
};

struct mqtt {
	const struct lf_host *host;
	struct lf_channel *ch;
	struct link_conf conf;
	struct link *link;
	const char *prefix;
	const char *page;
	int window;		/* what the broker allows */
	int unacked;
	struct slot slots[LINK_WINDOW];	/* in order of submit */
	int n_slots;
};

static const struct lf_param params[] = {
	{ "url", LF_PARAM_URL, LF_REQUIRED, NULL, 0, 0, NULL,
	    "the broker: mqtt://host:1883 or mqtts://host:8883" },
	{ "user", LF_PARAM_STRING, 0, NULL, 0, 0, NULL,
	    "name to log in with" },
	{ "password", LF_PARAM_SECRET, 0, NULL, 0, 0, NULL,
	    "password to log in with" },
	{ "client_id", LF_PARAM_STRING, 0, NULL, 0, 0, NULL,
	    "client id; empty: the broker gives one" },
	{ "prefix", LF_PARAM_STRING, 0, "litfass/v1", 0, 0, NULL,
	    "first levels of every topic" },
	{ "ca_file", LF_PARAM_STRING, 0, NULL, 0, 0, NULL,
	    "authorities to trust instead of those of the system" },
	{ "cert_file", LF_PARAM_STRING, 0, NULL, 0, 0, NULL,
	    "our certificate, to log in with" },
	{ "key_file", LF_PARAM_STRING, 0, NULL, 0, 0, NULL,
	    "its private key" },
	{ "protocol", LF_PARAM_ENUM, 0, "auto", 0, 0, "auto|5|3.1.1",
	    "version of MQTT; auto: 5, and 3.1.1 for old brokers" },
	{ "keepalive", LF_PARAM_DURATION, 0, "15s", 5000, 600000, NULL,
	    "a silent connection is tested after this time" },
	{ "page", LF_PARAM_TEXT, 0, DOC_TEMPLATE, 0, 0, NULL,
	    "template of the text on a display page" },
};

/* ---------------------------------------------------------- deliveries -- */

/* Answer for slot i and forget it. */
static void
slot_done(struct mqtt *q, int i, const struct lf_outcome *o)
{
	struct lf_delivery *d = q->slots[i].d;

	if (q->slots[i].mid != 0)
		q->unacked--;
	q->n_slots--;
	memmove(&q->slots[i], &q->slots[i + 1],
	    sizeof(q->slots[0]) * (size_t)(q->n_slots - i));
	q->host->done(q->ch, d, o);
}

static void
slot_answer(struct mqtt *q, int i, const struct reason *r, int code)
{
	struct lf_outcome o = { .size = sizeof(o), .outcome = r->outcome,
		.code = code, .text = r->text };

	slot_done(q, i, &o);
}

static void
slot_refuse(struct mqtt *q, int i, const char *text)
{
	struct lf_outcome o = { .size = sizeof(o),
		.outcome = LF_PERMFAIL, .text = text };

	slot_done(q, i, &o);
}

/* Seconds the broker may keep it; 0 for ever, -1 when it has expired. */
static int64_t
life(const struct mqtt *q, const struct lf_delivery *d)
{
	int64_t left;

	if (d->action == LF_RETRACT || d->expires == 0)
		return 0;
	left = d->expires - q->host->wall_us(q->ch) / 1000000;
	if (left <= 0)
		return -1;
	return left > UINT32_MAX ? UINT32_MAX : left;
}

/*
 * Publish what slot i holds. True when the slot stays: its PUBACK will come,
 * or the link broke and all slots are answered already.
 */
static bool
slot_publish(struct mqtt *q, int i)
{
	struct lf_delivery *d = q->slots[i].d;
	struct link_message msg = { .payload = d->body, .len = d->body_len,
		.key = d->key };
	char topic[TOPIC_MAX];
	int64_t left = life(q, d);
	int rc;

	if (!topic_make(q->prefix, d->address, d->chain, topic)) {
		slot_refuse(q, i, "the display group or the chain has "
		    "characters that a topic may not have");
		return false;
	}
	if (left == -1) {
		slot_refuse(q, i, "it has expired");
		return false;
	}
	/* An empty retained message clears the topic. */
	if (d->action == LF_RETRACT)
		msg.len = 0;
	msg.topic = topic;
	msg.expiry = (uint32_t)left;
	/* If the link breaks on the way, down() must know it was tried. */
	q->slots[i].mid = -1;
	q->unacked++;
	rc = link_publish(q->link, &msg, &q->slots[i].mid);
	if (rc == MOSQ_ERR_SUCCESS || rc == MOSQ_ERR_CONN_LOST)
		return true;
	slot_answer(q, i, reason_library(rc), rc);
	return false;
}

/* Publish in order, as far as the window allows. */
static void
publish_all(struct mqtt *q)
{
	int i = 0;

	while (i < q->n_slots && link_state(q->link) == LINK_UP &&
	    q->unacked < q->window)
		if (q->slots[i].mid != 0 || slot_publish(q, i))
			i++;
}

static void
on_up(void *arg, int window)
{
	struct mqtt *q = arg;

	q->window = window;
	publish_all(q);
}

static void
on_acked(void *arg, int mid, int code)
{
	struct mqtt *q = arg;

	for (int i = 0; i < q->n_slots; i++)
		if (q->slots[i].mid == mid) {
			slot_answer(q, i, reason_puback(code), code);
			break;
		}
	publish_all(q);
}

/*
 * What was published and not acknowledged is in doubt; litfass sends it
 * again, which does no harm: the same document in the same place.
 */
static void
on_down(void *arg, const struct lf_outcome *why)
{
	struct mqtt *q = arg;
	struct lf_outcome lost = { .size = sizeof(lost),
		.outcome = LF_UNKNOWN, .code = why->code,
		.text = "the connection broke before the PUBACK" };

	while (q->n_slots > 0)
		slot_done(q, 0, q->slots[0].mid != 0 ? &lost : why);
}

static const struct link_events events = { on_up, on_acked, on_down };

/* ------------------------------------------------------------- contract -- */

static enum link_protocol
protocol_of(const char *word)
{
	if (strcmp(word, "5") == 0)
		return LINK_V5;
	return strcmp(word, "3.1.1") == 0 ? LINK_V311 : LINK_AUTO;
}

static void
conf_read(struct mqtt *q)
{
	const struct lf_host *h = q->host;
	struct link_conf *c = &q->conf;

	c->ca_file = h->conf_str(q->ch, "ca_file");
	c->cert_file = h->conf_str(q->ch, "cert_file");
	c->key_file = h->conf_str(q->ch, "key_file");
	c->user = h->conf_str(q->ch, "user");
	c->password = h->secret(q->ch, "password");
	c->client_id = h->conf_str(q->ch, "client_id");
	c->protocol = protocol_of(h->conf_str(q->ch, "protocol"));
	c->keepalive = (int)(h->conf_int(q->ch, "keepalive") / 1000);
	q->prefix = h->conf_str(q->ch, "prefix");
	q->page = h->conf_str(q->ch, "page");
}

static bool
is_near(const char *host)
{
	return strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 ||
	    strcmp(host, "127.0.0.1") == 0;
}

/* What does not go together, or NULL. */
static const char *
login_check(const struct link_conf *c)
{
	bool cert = *c->cert_file != '\0', key = *c->key_file != '\0';

	if (cert != key)
		return "cert_file and key_file belong together: give both";
	if (!c->broker.tls && (cert || *c->ca_file != '\0'))
		return "certificates are for mqtts: write mqtts:// in url, or "
		    "leave them out";
	if (c->password != NULL && *c->user == '\0')
		return "a password belongs to a user: give user";
	if (!c->broker.tls && *c->user != '\0' && !is_near(c->broker.host))
		return "mqtt:// would send the password in clear text: use "
		    "mqtts://, or no user";
	return NULL;
}

/* What is wrong with the configuration, or NULL. */
static const char *
conf_check(struct mqtt *q)
{
	const char *why;

	why = broker_parse(q->host->conf_str(q->ch, "url"), &q->conf.broker);
	if (why != NULL)
		return why;
	if (!topic_prefix_ok(q->prefix))
		return "prefix: use levels of a-z, 0-9, - . _ between "
		    "slashes, no wildcards";
	return login_check(&q->conf);
}

static int
mqtt_open(const struct lf_host *host, struct lf_channel *ch, void **self_r)
{
	struct mqtt *q = calloc(1, sizeof(*q));
	const char *why = "out of memory";

	if (q != NULL) {
		q->host = host;
		q->ch = ch;
		conf_read(q);
		why = conf_check(q);
	}
	if (why == NULL) {
		q->link = link_new(host, ch, &q->conf, &events, q);
		why = q->link == NULL ? "out of memory" : NULL;
	}
	if (why != NULL) {
		host->log(ch, LF_LOG_WARN, why);
		free(q);
		return -1;
	}
	*self_r = q;
	return 0;
}

static void
mqtt_start(void *self)
{
	struct mqtt *q = self;

	link_start(q->link);
}

static int
mqtt_render(void *self, const struct lf_announcement *a, struct lf_out *out)
{
	const struct mqtt *q = self;

	return doc_write(q->host, a, q->page, out);
}

static void
mqtt_submit(void *self, struct lf_delivery *d)
{
	struct mqtt *q = self;

	/* While it connects, waiting is shorter than coming back. */
	assert(q->n_slots < LINK_WINDOW);
	if (link_state(q->link) == LINK_DOWN) {
		q->host->done(q->ch, d, link_why(q->link));
		return;
	}
	q->slots[q->n_slots++] = (struct slot){ d, 0 };
	publish_all(q);
}

static void
mqtt_cancel(void *self, struct lf_delivery *d)
{
	static const struct lf_outcome back = { .size = sizeof(back),
		.outcome = LF_TEMPFAIL, .text = "called back before it was "
		"sent" };
	struct mqtt *q = self;

	for (int i = 0; i < q->n_slots; i++)
		if (q->slots[i].d == d && q->slots[i].mid == 0) {
			slot_done(q, i, &back);
			return;
		}
}

static void
mqtt_close(void *self)
{
	struct mqtt *q = self;

	link_free(&q->link);
	free(q);
}

const struct lf_plugin litfass_plugin = {
	LF_PLUGIN_HEAD,
	.caps = LF_CAP_TEXT | LF_CAP_LINK | LF_CAP_UPDATE | LF_CAP_RETRACT |
	    LF_CAP_EXPIRY | LF_CAP_IDEMPOTENT,
	.name = "mqtt",
	.version = PACKAGE_VERSION,
	.summary = "City displays by MQTT",
	.licence = "MIT",
	.contact = PACKAGE_BUGREPORT,
	.address_kind = "group",
	.params = params,
	.n_params = N(params),
	.max_inflight = LINK_WINDOW,
	.send_timeout = 40,
	.open = mqtt_open,
	.start = mqtt_start,
	.render = mqtt_render,
	.submit = mqtt_submit,
	.cancel = mqtt_cancel,
	.close = mqtt_close,
};
