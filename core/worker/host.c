/*
 * host: the services a plugin gets, except texts (host_render.c) and the
 * web (transfer.c). Every pointer a plugin hands in is its own promise; what
 * can be checked is. Called by worker.c and, through the table, by plugins.
 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "text/utf8.h"
#include "worker/flight.h"
#include "worker/host.h"
#include "worker/host_render.h"
#include "worker/redact.h"

#define LOG_MAX		2048	/* bytes of a plugin's line */

_Static_assert(LF_READ == LOOP_READ && LF_WRITE == LOOP_WRITE,
    "events are passed through");

struct lf_timer {
	struct lf_channel *ch;
	struct loop_timer *timer;
	lf_timer_cb *cb;
	void *arg;
};

struct lf_watch {
	struct lf_channel *ch;
	struct loop_fd *fd;
	lf_watch_cb *cb;
	void *arg;
};

void
host_broken(const struct lf_channel *ch, int rule, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (rule > 0)
		log_bug("plugin %s broke rule %d of litfass-plugin(7): %s",
		    ch->plugin->name, rule, text);
	log_bug("plugin %s broke its contract: %s", ch->plugin->name, text);
}

/* The loop's own time stands still inside a call, so the clock is read. */
void
host_enter(struct lf_channel *ch, const char *call)
{
	if (ch->call != NULL)
		log_bug("plugin call %s inside %s", call, ch->call);
	ch->call = call;
	ch->call_since = clock_mono();
}

void
host_leave(struct lf_channel *ch)
{
	int64_t us = clock_mono().us - ch->call_since.us;

	if (us > HOST_CALL_US)
		log_warn("plugin %s: %s took %lld ms: it must not block",
		    ch->plugin->name, ch->call, (long long)(us / 1000));
	ch->call = NULL;
}

/* ------------------------------------------------------ log and clocks -- */

static void
host_log(struct lf_channel *ch, uint32_t level, const char *text)
{
	char line[LOG_MAX];
	struct buf b;

	(void)ch;	/* its name is in front of every line of this process */
	snprintf(line, sizeof(line), "%s", text);
	buf_init(&b, 8 * LOG_MAX);
	redact_text(line, "", &b);
	if (level == LF_LOG_DEBUG)
		log_debug("%s", buf_cstr(&b));
	else if (level == LF_LOG_INFO)
		log_info("%s", buf_cstr(&b));
	else
		log_warn("%s", buf_cstr(&b));
	buf_fini(&b);
}

static const char *
host_redact(struct lf_channel *ch, const char *address)
{
	return log_redact(address, ch->redacted, sizeof(ch->redacted));
}

static int64_t
host_wall_us(struct lf_channel *ch)
{
	return loop_wall(ch->loop).us;
}

static int64_t
host_mono_us(struct lf_channel *ch)
{
	return loop_mono(ch->loop).us;
}

static void
host_random(struct lf_channel *ch, void *buf, uint64_t len)
{
	(void)ch;
	randombytes_buf(buf, (size_t)len);
}

/* Of a counter or a piece of state. */
static bool
is_name(const char *s)
{
	size_t len = strnlen(s, HOST_NAME + 1);

	return len > 0 && len <= HOST_NAME && utf8_valid(s, len);
}

static void
host_metric_add(struct lf_channel *ch, const char *name, int64_t n)
{
	if (!is_name(name))
		host_broken(ch, 0, "metric_add: a name is 1 to %d bytes of "
		    "UTF-8", HOST_NAME);
	ch->events->metric(ch->arg, name, n);
}

/* ------------------------------------------------------- configuration -- */

static const struct lf_param *
param(struct lf_channel *ch, const char *key)
{
	const struct lf_param *q = params_param(ch->params, key);

	if (q == NULL)
		host_broken(ch, 0, "it asked for the parameter \"%.64s\", "
		    "which is not in params", key);
	return q;
}

static const char *
host_conf_str(struct lf_channel *ch, const char *key)
{
	switch (param(ch, key)->type) {
	case LF_PARAM_STRING:
	case LF_PARAM_URL:
	case LF_PARAM_ENUM:
	case LF_PARAM_TEXT:
		return params_str(ch->params, key);
	default:
		host_broken(ch, 0, "conf_str: %s is no text", key);
	}
}

static int64_t
host_conf_int(struct lf_channel *ch, const char *key)
{
	switch (param(ch, key)->type) {
	case LF_PARAM_INT:
	case LF_PARAM_BOOL:
	case LF_PARAM_DURATION:
	case LF_PARAM_SIZE:
		return params_int(ch->params, key);
	default:
		host_broken(ch, 0, "conf_int: %s is no number", key);
	}
}

static const char *
host_secret(struct lf_channel *ch, const char *key)
{
	if (param(ch, key)->type != LF_PARAM_SECRET)
		host_broken(ch, 0, "secret: %s is no secret", key);
	return params_secret(ch->params, key);
}

/* -------------------------------------------------------------- waiting -- */

static void
timer_fired(void *arg)
{
	struct lf_timer *t = arg;
	struct lf_channel *ch = t->ch;	/* the plugin may free t */

	host_enter(ch, "a timer");
	t->cb(t->arg);
	host_leave(ch);
}

static struct lf_timer *
host_timer_new(struct lf_channel *ch, lf_timer_cb *cb, void *arg)
{
	struct lf_timer *t = xcalloc(1, sizeof(*t));

	t->ch = ch;
	t->cb = cb;
	t->arg = arg;
	t->timer = loop_timer_new(ch->loop, timer_fired, t);
	return t;
}

static void
host_timer_set(struct lf_timer *t, int64_t ms)
{
	loop_timer_set(t->timer, ms > INT64_MAX / 1000 ? INT64_MAX :
	    ms * 1000);
}

static void
host_timer_stop(struct lf_timer *t)
{
	loop_timer_stop(t->timer);
}

static void
host_timer_free(struct lf_timer *t)
{
	if (t == NULL)
		return;
	loop_timer_free(&t->timer);
	free(t);
}

static void
watch_fired(void *arg, unsigned events)
{
	struct lf_watch *w = arg;
	struct lf_channel *ch = w->ch;	/* the plugin may free w */

	host_enter(ch, "a watch");
	w->cb(w->arg, events);
	host_leave(ch);
}

static struct lf_watch *
host_watch_new(struct lf_channel *ch, int fd, uint32_t events,
    lf_watch_cb *cb, void *arg)
{
	struct lf_watch *w = xcalloc(1, sizeof(*w));

	w->ch = ch;
	w->cb = cb;
	w->arg = arg;
	w->fd = loop_fd_new(ch->loop, fd, events, watch_fired, w);
	return w;
}

static void
host_watch_set(struct lf_watch *w, uint32_t events)
{
	loop_fd_set(w->fd, events);
}

static void
host_watch_free(struct lf_watch *w)
{
	if (w == NULL)
		return;
	loop_fd_free(&w->fd);
	free(w);
}

/* -------------------------------------------------------------- the web -- */

static void
host_call(void *arg, lf_transfer_cb *cb, void *cb_arg,
    const struct lf_reply *reply)
{
	struct lf_channel *ch = arg;

	host_enter(ch, "a transfer's callback");
	cb(cb_arg, reply);
	host_leave(ch);
}

static struct lf_transfer *
host_transfer(struct lf_channel *ch, const struct lf_request *q,
    lf_transfer_cb *cb, void *arg)
{
	return transfer_start(ch->transfers, q, cb, arg);
}

static int32_t
host_http_outcome(int32_t status)
{
	if (status >= 200 && status < 300)
		return LF_ACCEPTED;
	if (status == 408 || status == 425 || status == 429 ||
	    (status >= 500 && status < 600))
		return LF_TEMPFAIL;
	if (status == 400 || status == 413 || status == 422)
		return LF_PERMFAIL;
	return LF_CHANNEL_DOWN;
}

/* ---------------------------------------------------------------- state -- */

static const char *
host_state_get(struct lf_channel *ch, const char *key)
{
	const char *s = json_string_value(json_object_get(ch->state, key));

	return s != NULL ? s : "";
}

/* The worker is told all of its state in one packet, so bytes count as they
 * are written there. */
static void
host_state_put(struct lf_channel *ch, const char *key, const char *value)
{
	json_t *text = json_string(value);

	if (!is_name(key) || text == NULL)
		host_broken(ch, 0, "state_put: a key is 1 to %d bytes, it and "
		    "its value are UTF-8", HOST_NAME);
	/* value may be what state_get() lent. */
	if (*value != '\0')
		json_object_set(ch->state, key, text);
	else
		json_object_del(ch->state, key);
	if (json_dumpb(ch->state, NULL, 0, JSON_COMPACT) > HOST_STATE)
		host_broken(ch, 0, "state_put: more than %d bytes of state",
		    HOST_STATE);
	ch->events->state(ch->arg, key, json_string_value(text));
	json_decref(text);
}

/* ----------------------------------------------------------- deliveries -- */

static void
host_done(struct lf_channel *ch, struct lf_delivery *d,
    const struct lf_outcome *o)
{
	ch->events->done(ch->arg, d, o);
}

const struct lf_host host_table = {
	.size = sizeof(struct lf_host),
	.abi_major = LF_ABI_MAJOR,
	.abi_minor = LF_ABI_MINOR,
	.log = host_log,
	.redact = host_redact,
	.wall_us = host_wall_us,
	.mono_us = host_mono_us,
	.random = host_random,
	.metric_add = host_metric_add,
	.conf_str = host_conf_str,
	.conf_int = host_conf_int,
	.secret = host_secret,
	.timer_new = host_timer_new,
	.timer_set = host_timer_set,
	.timer_stop = host_timer_stop,
	.timer_free = host_timer_free,
	.watch_new = host_watch_new,
	.watch_set = host_watch_set,
	.watch_free = host_watch_free,
	.transfer = host_transfer,
	.transfer_cancel = transfer_cancel,
	.http_outcome = host_http_outcome,
	.state_get = host_state_get,
	.state_put = host_state_put,
	.done = host_done,
	.meta = flight_meta,
	.media_open = flight_media_open,
	.out_text = out_text,
	.out_bytes = out_bytes,
	.out_slot = out_slot,
	.out_measure = out_measure,
	.out_meta = out_meta,
	.out_warn = out_warn,
	.out_refuse = out_refuse,
	.expand = out_expand,
	.markdown = out_markdown,
	.escape = out_escape,
	.cut = out_cut,
	.length = out_length,
	.sms = out_sms,
	.word = out_word,
	.when = out_when,
};

/* ------------------------------------------------------------- channel -- */

/* The hosts of all URL parameters, and how far the peer is trusted. */
static int
allow_hosts(struct lf_channel *ch, struct err *e)
{
	const struct lf_param *q;
	const char *value;

	for (uint32_t i = 0;
	    (q = params_param_at(ch->params, i)) != NULL; i++) {
		value = params_str(ch->params, q->key);
		if (q->type == LF_PARAM_URL && *value != '\0' &&
		    transfers_allow(ch->transfers, value, e) != 0)
			return err_prefix(e, "parameter %s", q->key);
	}
	if (strcmp(params_str(ch->params, "tls"), "insecure") == 0) {
		log_warn("tls = \"insecure\": certificates are NOT "
		    "verified");
		transfers_insecure(ch->transfers);
	}
	if (*params_str(ch->params, "ca_file") != '\0')
		transfers_ca_file(ch->transfers, params_str(ch->params,
		    "ca_file"));
	return 0;
}

static void
set_state(struct lf_channel *ch, const json_t *state)
{
	const char *key;
	json_t *v;

	ch->state = json_object();
	/* jansson has no const iterator; nothing is changed. */
	json_object_foreach((json_t *)(uintptr_t)state, key, v)
		if (json_is_string(v))
			json_object_set(ch->state, key, v);
}

static void
set_zone(struct lf_channel *ch, const char *tz)
{
	struct err e = { ERR_OK, "" };

	if (tz != NULL && *tz != '\0' &&
	    (ch->zone = zone_load(tz, &e)) == NULL)
		log_warn("times are shown in UTC: %s", e.text);
}

struct lf_channel *
host_new(const char *name, struct loop *loop, const struct lf_plugin *plugin,
    struct params *params, const struct host_origin *origin,
    const struct host_events *events, void *arg, struct err *e)
{
	struct lf_channel *ch = xcalloc(1, sizeof(*ch));

	ch->name = xstrdup(name);
	ch->loop = loop;
	ch->plugin = plugin;
	ch->params = params;
	ch->events = events;
	ch->arg = arg;
	ch->transfers = transfers_new(loop, host_call, ch);
	ch->out = out_new(ch);
	set_state(ch, origin->state);
	set_zone(ch, origin->timezone);
	if (allow_hosts(ch, e) != 0)
		host_free(&ch);
	return ch;
}

void
host_free(struct lf_channel **cp)
{
	struct lf_channel *ch = *cp;

	if (ch == NULL)
		return;
	*cp = NULL;
	transfers_free(&ch->transfers);
	out_free(&ch->out);
	zone_free(&ch->zone);
	params_free(&ch->params);
	json_decref(ch->state);
	free(ch->name);
	free(ch);
}
