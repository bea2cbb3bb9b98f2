/*
 * worker: packets in, plugin calls out, results back. Believes core's
 * packets only after checking them, and the plugin's results not at all.
 * Called by main.c with --worker.
 */
#include "config.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "text/utf8.h"
#include "worker/redact.h"
#include "worker/render.h"
#include "worker/sandbox.h"
#include "worker/worker.h"
#include "worker/worker_private.h"

#define RESULTS_MAX	24	/* a packet; each at most 4 KiB as JSON */
#define TEXT_MAX	255	/* bytes of peer_id and text that are kept */
#define FOREIGN_MAX	1024	/* bytes of text that are looked at */
#define SUBMIT_WIDTH	7	/* values of a delivery in "submit" */
#define RESULT_WIDTH	6	/* values of a delivery in "result" */

const char *
worker_str(const json_t *json, const char *key)
{
	return json_string_value(json_object_get(json, key));
}

/* ---------------------------------------------------------- to the core -- */

void
worker_tell(struct worker *w, json_t *packet, const int *fds, size_t n)
{
	struct err e = { ERR_OK, "" };

	if (wire_send(w->wire, packet, fds, n, &e) != 0)
		log_fatal(EXIT_TEMPFAIL, "worker: %s", e.text);
	json_decref(packet);
}

/* Once a turn: the results of many deliveries travel together. */
static void
flush_results(void *arg)
{
	struct worker *w = arg;

	if (json_array_size(w->results) > 0) {
		worker_tell(w, json_pack("{s:s s:o}", "t", "result", "d",
		    w->results), NULL, 0);
		w->results = json_array();
	}
	if (w->draining && !w->drained && flights_count(w->flights) == 0) {
		w->drained = true;
		worker_tell(w, json_pack("{s:s}", "t", "drained"), NULL, 0);
	}
}

/* The address of d if it is that of a person, else "". */
static const char *
person(const struct worker *w, const struct lf_delivery *d)
{
	const char *kind = w->plugin->address_kind;

	return strcmp(kind, "group") == 0 || strcmp(kind, "none") == 0 ? "" :
	    d->address;
}

/* At most max bytes of s, and only whole characters. */
static size_t
cut_len(const char *s, size_t max)
{
	size_t len = strnlen(s, max + 1);

	if (len > max)
		for (len = max; len > 0 && (s[len] & 0xc0) == 0x80;)
			len--;
	return len;
}

/* What the plugin says is foreign text: only UTF-8, nobody in it, cut. */
static json_t *
foreign_text(const char *s, const char *address)
{
	size_t len = s != NULL ? cut_len(s, FOREIGN_MAX) : 0;
	json_t *text;
	struct buf b;
	char *copy;

	if (len == 0 || !utf8_valid(s, len))
		return json_string(len == 0 ? "" : "(not UTF-8)");
	copy = xstrndup(s, len);
	buf_init(&b, 8 * FOREIGN_MAX);
	redact_text(copy, address, &b);
	text = json_stringn(buf_cstr(&b), cut_len(buf_cstr(&b), TEXT_MAX));
	buf_fini(&b);
	free(copy);
	return text;
}

/* The same of an id: one that is made of the address is none for us. */
static json_t *
foreign_id(const char *s, const char *address)
{
	size_t len = s != NULL ? cut_len(s, TEXT_MAX) : 0;

	if (len == 0 || redact_names(s, address))
		return json_string("");
	return utf8_valid(s, len) ? json_stringn(s, len) :
	    json_string("(not UTF-8)");
}

/* An outcome we do not know holds the delivery; it never drops it. */
static int32_t
known_outcome(const struct worker *w, const struct lf_outcome *o)
{
	if (o->outcome >= LF_DELIVERED && o->outcome <= LF_UNKNOWN)
		return o->outcome;
	log_warn("plugin %s: bug: unknown outcome %d: the channel is held",
	    w->plugin->name, (int)o->outcome);
	return LF_CHANNEL_DOWN;
}

static void
add_result(struct worker *w, const struct lf_delivery *d,
    const struct lf_outcome *o)
{
	const char *address = person(w, d);
	json_t *row[] = {
		json_integer((json_int_t)d->id),
		json_integer(known_outcome(w, o)),
		json_integer(o->code),
		json_integer(o->retry_after),
		foreign_id(o->peer_id, address),
		foreign_text(o->text, address),
	};

	for (size_t i = 0; i < RESULT_WIDTH; i++)
		json_array_append_new(w->results, row[i]);
}

static void
on_done(void *arg, struct lf_delivery *d, const struct lf_outcome *o)
{
	static const struct lf_outcome none = { .size = sizeof(none) };
	struct worker *w = arg;

	if (w->ch->call != NULL && strcmp(w->ch->call, "render") == 0)
		host_broken(w->ch, 4, "done inside render");
	switch (flights_land(w->flights, d)) {
	case FLIGHT_LANDED_BEFORE:
		host_broken(w->ch, 5, "a second done for a delivery");
	case FLIGHT_UNKNOWN:
		host_broken(w->ch, 5, "done for a delivery it was not given");
	case FLIGHT_LANDED:
		break;
	}
	if (json_array_size(w->results) == 0)
		loop_defer(w->loop, flush_results, w);
	add_result(w, d, LF_HAS(o, text) ? o : &none);
	if (json_array_size(w->results) >= RESULTS_MAX * RESULT_WIDTH)
		flush_results(w);
}

static void
on_state(void *arg, const char *key, const char *value)
{
	worker_tell(arg, json_pack("{s:s s:s s:s}", "t", "state", "key", key,
	    "value", value), NULL, 0);
}

static void
on_metric(void *arg, const char *name, int64_t n)
{
	worker_tell(arg, json_pack("{s:s s:s s:I}", "t", "metric", "name", name,
	    "n", (json_int_t)n), NULL, 0);
}

const struct host_events worker_events = {
	.done = on_done,
	.state = on_state,
	.metric = on_metric,
};

/* ------------------------------------------------------ the day's work -- */

static void
say_rendered(struct worker *w, const json_t *id, json_t *rendition)
{
	struct err e = { ERR_OK, "" };
	int fd = wire_blob_json(rendition, &e);

	if (fd < 0)
		log_fatal(EXIT_TEMPFAIL, "worker: %s", e.text);
	json_decref(rendition);
	worker_tell(w, json_pack("{s:s s:O s:b}", "t", "rendered", "id", id,
	    "ok", 1), &fd, 1);
}

static int
on_render(struct worker *w, struct packet *p, struct err *e)
{
	const json_t *id = json_object_get(p->json, "id");
	struct render_order order = {
		.lang = worker_str(p->json, "lang"),
		.wanted = worker_str(p->json, "wanted"),
		.chain = worker_str(p->json, "chain"),
	};
	const char *slug, *why;
	json_t *rendition = NULL;
	char *text;
	int rc;

	if (id == NULL || order.lang == NULL || p->n_fds != 1)
		return err_set(e, ERR_INVALID, "render without id, lang or "
		    "announcement");
	if (wire_blob_read(p->fds[0], WIRE_BLOB, &text, &order.len, e) != 0)
		return -1;
	order.text = text;
	rc = render_run(w->ch, w->self, w->issuer, &order, &rendition, &slug,
	    &why, e);
	free(text);
	if (rc == 1)
		say_rendered(w, id, rendition);
	else if (rc == 0)
		worker_tell(w, json_pack("{s:s s:O s:b s:s s:s}", "t",
		    "rendered", "id", id, "ok", 0, "slug", slug,
		    "text", why), NULL, 0);
	return rc < 0 ? -1 : 0;
}

static int
on_rendition(struct worker *w, struct packet *p, struct err *e)
{
	return sheets_add(&w->sheets, p->json, p->fds, p->n_fds, e);
}

static int
on_forget(struct worker *w, struct packet *p, struct err *e)
{
	const json_t *r = json_object_get(p->json, "r");

	(void)e;
	for (size_t i = 0; i < json_array_size(r); i++)
		sheets_forget(&w->sheets,
		    json_integer_value(json_array_get(r, i)));
	return 0;
}

static int
read_order(const json_t *d, size_t at, struct flight_order *o,
    struct err *e)
{
	const json_t *id = json_array_get(d, at);

	o->id = (uint64_t)json_integer_value(id);
	o->action = (uint32_t)json_integer_value(json_array_get(d, at + 2));
	o->flags = (uint32_t)json_integer_value(json_array_get(d, at + 3));
	o->attempt = (uint32_t)json_integer_value(json_array_get(d, at + 4));
	o->key = json_string_value(json_array_get(d, at + 5));
	o->address = json_string_value(json_array_get(d, at + 6));
	if (!json_is_integer(id) || o->key == NULL || o->address == NULL ||
	    (o->action != LF_SEND && o->action != LF_RETRACT))
		return err_set(e, ERR_INVALID, "submit: row %zu is malformed",
		    at / SUBMIT_WIDTH + 1);
	return 0;
}

static int
submit_one(struct worker *w, const json_t *d, size_t at, struct err *e)
{
	struct flight_order order;
	struct lf_delivery *dl;
	struct sheet *sheet;

	if (read_order(d, at, &order, e) != 0)
		return -1;
	sheet = sheets_find(&w->sheets,
	    json_integer_value(json_array_get(d, at + 1)));
	if (sheet == NULL)
		return err_set(e, ERR_INVALID, "submit: delivery %llu names "
		    "no known rendition", (unsigned long long)order.id);
	dl = flights_add(w->flights, &order, sheet);
	host_enter(w->ch, "submit");
	w->plugin->submit(w->self, dl);
	host_leave(w->ch);
	return 0;
}

static int
on_submit(struct worker *w, struct packet *p, struct err *e)
{
	const json_t *d = json_object_get(p->json, "d");
	size_t n = json_array_size(d);

	if (w->draining || n % SUBMIT_WIDTH != 0)
		return err_set(e, ERR_INVALID, w->draining ?
		    "submit after drain" : "submit: rows of the wrong width");
	for (size_t at = 0; at < n; at += SUBMIT_WIDTH)
		if (submit_one(w, d, at, e) != 0)
			return -1;
	return 0;
}

/* Those that landed meanwhile are passed over: their result is under way. */
static int
on_cancel(struct worker *w, struct packet *p, struct err *e)
{
	const json_t *d = json_object_get(p->json, "d");
	struct lf_delivery *dl;

	(void)e;
	for (size_t i = 0; i < json_array_size(d); i++) {
		dl = flights_find(w->flights, (uint64_t)json_integer_value(
		    json_array_get(d, i)));
		if (dl == NULL || w->plugin->cancel == NULL)
			continue;
		host_enter(w->ch, "cancel");
		w->plugin->cancel(w->self, dl);
		host_leave(w->ch);
	}
	return 0;
}

static int
on_ping(struct worker *w, struct packet *p, struct err *e)
{
	json_t *n = json_object_get(p->json, "n");

	(void)e;
	worker_tell(w, json_pack("{s:s s:O?}", "t", "pong", "n", n), NULL, 0);
	return 0;
}

static int
on_drain(struct worker *w, struct packet *p, struct err *e)
{
	(void)p;
	if (w->draining)
		return err_set(e, ERR_INVALID, "a second drain");
	w->draining = true;
	if (w->plugin->drain != NULL) {
		host_enter(w->ch, "drain");
		w->plugin->drain(w->self);
		host_leave(w->ch);
	}
	loop_defer(w->loop, flush_results, w);
	return 0;
}

static const struct {
	const char *type;
	int (*handle)(struct worker *, struct packet *, struct err *);
} handlers[] = {
	{ "hello", worker_hello },
	{ "render", on_render },
	{ "rendition", on_rendition },
	{ "forget", on_forget },
	{ "submit", on_submit },
	{ "cancel", on_cancel },
	{ "ping", on_ping },
	{ "drain", on_drain },
};

static int
dispatch(struct worker *w, struct packet *p, struct err *e)
{
	const char *type = worker_str(p->json, "t");

	if (w->ch == NULL && strcmp(type, "hello") != 0)
		return err_set(e, ERR_INVALID, "%.32s before hello", type);
	for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++)
		if (strcmp(handlers[i].type, type) == 0)
			return handlers[i].handle(w, p, e);
	return err_set(e, ERR_INVALID, "unknown packet %.32s", type);
}

/* Rule 11: with deliveries in flight the plugin is not asked to close. */
static void
leave(struct worker *w)
{
	size_t n = flights_count(w->flights);

	if (n > 0)
		log_warn("worker: core has gone with %zu in flight", n);
	else if (w->ch != NULL) {
		host_enter(w->ch, "close");
		w->plugin->close(w->self);
		host_leave(w->ch);
	}
	_exit(EXIT_SUCCESS);
}

static void
on_packet(void *arg)
{
	struct worker *w = arg;
	struct err e = { ERR_OK, "" };
	struct packet p;
	int rc;

	while ((rc = wire_recv(w->wire, &p.json, p.fds, &p.n_fds, &e)) > 0) {
		rc = dispatch(w, &p, &e);
		wire_close_fds(p.fds, p.n_fds);
		json_decref(p.json);
		if (rc != 0)
			log_fatal(EXIT_SOFTWARE, "worker: core broke the "
			    "protocol: %s", e.text);
	}
	if (rc < 0 && e.code == ERR_UNREACHABLE)
		leave(w);
	if (rc < 0)
		log_fatal(EXIT_SOFTWARE, "worker: %s", e.text);
}

void
worker_main(int fd)
{
	struct worker w = { 0 };

	signal(SIGPIPE, SIG_IGN);	/* a lost peer is an error code */
	signal(SIGINT, SIG_IGN);	/* core decides when to end */
	sandbox_descriptors(fd);
	if (sodium_init() < 0)
		log_fatal(EXIT_TEMPFAIL, "worker: no random numbers");
	w.loop = loop_new();
	w.wire = wire_new(fd);
	w.flights = flights_new();
	w.results = json_array();
	wire_attach(w.wire, w.loop, on_packet, &w);
	loop_run(w.loop);
	log_fatal(EXIT_SOFTWARE, "worker: the loop ended");
}
