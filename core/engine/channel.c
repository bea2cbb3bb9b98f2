/*
 * channel: the life of one channel: its worker, its jobs, its turns. One turn
 * looks at everything once: what has expired, what may run, what goes next,
 * when to look again. Nothing here is shared with another channel, so a dead
 * peer can use up only its own. Called by engine.
 */
#include "config.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "config/conf.h"
#include "engine/channel_private.h"
#include "engine/hello.h"
#include "litfass/plugin.h"
#include "store/flight.h"
#include "worker/wire.h"

#define MS		INT64_C(1000)
#define AGAIN		CLOCK_SECOND
#define TURN_MAX	(60 * CLOCK_SECOND)	/* the wall clock may jump */
#define STATE_KEYS	256	/* a worker may not fill the disk */
#define SLACK_SLOTS	64	/* outcomes that wait for their commit */

static const struct twin_ops twin_ops;
static void
turn(void *arg);

/* For jitter. Each from the kernel would be a system call per delivery. */
uint32_t
channel_random(void)
{
	static uint32_t pool[64];
	static size_t left;

	if (left == 0) {
		left = sizeof(pool) / sizeof(pool[0]);
		randombytes_buf(pool, sizeof(pool));
	}
	return pool[--left];
}

void
channel_again(struct channel *ch)
{
	if (!loop_timer_active(ch->again_timer))
		loop_timer_set(ch->again_timer, AGAIN);
}

char *
channel_body(struct channel *ch, const struct job *job)
{
	char *body = store_body(channel_store(ch), job->j.ann);

	if (body != NULL)
		return body;
	snprintf(ch->trouble, sizeof(ch->trouble), "the store can't give "
	    "back announcement %s: it waits: check the disk", job->j.uid);
	log_warn("channel %s: %s", ch->name, ch->trouble);
	return NULL;
}

static void
on_again(void *arg)
{
	settle_again(arg);
	job_end_again(arg);
	rendition_ask(arg);
}

static uint32_t
window_of(const struct conf_channel *cc, const json_t *meta)
{
	json_int_t most = json_integer_value(
	    json_object_get(meta, "max_inflight"));

	if (cc->window > 0 && cc->window < most)
		return (uint32_t)cc->window;
	return most > 0 ? (uint32_t)most : 1;
}

/* us between deliveries, 0: no limit */
static int64_t
interval_of(const struct conf_channel *cc)
{
	return cc->rate > 0 ? (int64_t)(CLOCK_SECOND / cc->rate) : 0;
}

size_t
channel_flight_slots(const struct conf_channel *cc, const json_t *meta)
{
	return 2 * (size_t)window_of(cc, meta) + SLACK_SLOTS;
}

static void
on_drain_timeout(void *arg)
{
	struct channel *ch = arg;

	log_warn("channel %s: still %u in flight when the time to drain was "
	    "over", ch->name, ch->sched.inflight);
	twin_stop(ch->twin, 0);
}

static void
load_meta(struct channel *ch, const json_t *meta)
{
	const char *kind = json_string_value(
	    json_object_get(meta, "address_kind"));
	json_int_t timeout = json_integer_value(
	    json_object_get(meta, "send_timeout"));

	ch->meta = json_deep_copy(meta);
	ch->caps = (uint64_t)json_integer_value(
	    json_object_get(meta, "caps"));
	snprintf(ch->address_kind, sizeof(ch->address_kind), "%s",
	    kind != NULL ? kind : "none");
	ch->timeout = (timeout > 0 ? timeout : 60) * CLOCK_SECOND;
}

static void
load_pause(struct channel *ch)
{
	json_t *kept = store_channel_get(channel_store(ch), ch->name);
	const char *cause = json_string_value(json_object_get(kept,
	    "paused"));

	if (cause != NULL) {
		ch->paused = xstrdup(cause);
		ch->sched.paused = true;
	}
	json_decref(kept);
}

struct channel *
channel_new(const struct channel_with *with, const struct conf *config,
    const char *name, const json_t *meta, struct flight *flight,
    struct err *e)
{
	struct channel *ch = xcalloc(1, sizeof(*ch));
	uint32_t window;

	ch->with = with;
	ch->config = config;
	ch->cc = conf_channel(config, name);
	if (ch->cc == NULL) {
		free(ch);
		err_set(e, ERR_NOT_FOUND, "channel %s: not configured", name);
		return NULL;
	}
	ch->name = xstrdup(ch->cc->name);
	load_meta(ch, meta);
	window = window_of(ch->cc, meta);
	sched_init(&ch->sched, window, interval_of(ch->cc),
	    (uint32_t)ch->cc->burst);
	ch->n_slots = window;
	ch->slots = xcalloc(ch->n_slots, sizeof(ch->slots[0]));
	ch->free = xcalloc(ch->n_slots, sizeof(ch->free[0]));
	while (ch->n_free < ch->n_slots) {
		ch->free[ch->n_free] = window - 1 - (uint32_t)ch->n_free;
		ch->n_free++;
	}
	ch->turn = 1;
	ch->flight = flight;
	ch->metrics = json_object();
	ch->timer = loop_timer_new(with->loop, turn, ch);
	ch->again_timer = loop_timer_new(with->loop, on_again, ch);
	ch->drain.timer = loop_timer_new(with->loop, on_drain_timeout, ch);
	ch->twin = twin_new(with->loop, ch->name, with->program, &twin_ops,
	    ch);
	load_pause(ch);
	return ch;
}

void
channel_reconf(struct channel *ch, const struct conf *config)
{
	ch->config = config;
	ch->cc = conf_channel(config, ch->name);
	if (ch->cc == NULL)
		log_bug("channel %s: kept without a configuration", ch->name);
	sched_limits(&ch->sched, window_of(ch->cc, ch->meta),
	    interval_of(ch->cc), (uint32_t)ch->cc->burst);
	channel_kick(ch);
}

bool
channel_fits(const struct channel *ch, const struct conf_channel *cc)
{
	return window_of(cc, ch->meta) <= ch->n_slots;
}

void
channel_free(struct channel **chp)
{
	struct channel *ch = *chp;

	*chp = NULL;
	if (ch == NULL)
		return;
	twin_free(&ch->twin);
	for (size_t i = 0; i < ch->n_slots; i++)
		free(ch->slots[i]);
	free(ch->slots);
	free(ch->free);
	job_free_all(ch);
	loop_timer_free(&ch->timer);
	loop_timer_free(&ch->again_timer);
	settle_free(ch);
	loop_timer_free(&ch->drain.timer);
	flight_close(&ch->flight);
	json_decref(ch->meta);
	json_decref(ch->metrics);
	free(ch->paused);
	free(ch->name);
	free(ch);
}

/* --------------------------------------------------------------- turns -- */

/* Something small of ours was written, or not. */
static void
written(void *arg, const struct err *e)
{
	struct channel *ch = arg;

	ch->pending--;
	if (e->code != ERR_OK)
		log_warn("channel %s: write to the store: %s", ch->name,
		    e->text);
	channel_kick(ch);
}

static void
put(struct channel *ch, const char *key, const char *value)
{
	ch->pending++;
	store_channel_put(channel_store(ch), ch->name, key, value,
	    written, ch);
}

void
channel_kick(struct channel *ch)
{
	if (ch->kicked)
		return;
	ch->kicked = true;
	loop_timer_set(ch->timer, 0);
}

static void
earlier(int64_t *wait, int64_t us)
{
	if (us < *wait)
		*wait = us;
}

/* Give back what was not started; end the worker when the rest has landed
 * and is on disk. */
static void
drain_step(struct channel *ch)
{
	struct job *job;
	bool busy = ch->sched.inflight > 0 || ch->pending > 0;

	for (job = ch->jobs; job != NULL; job = job->next)
		settle_waiting(ch, job, DELIVERY_E_DOWN);
	for (job = ch->jobs; job != NULL; job = job->next)
		busy = busy || job->claiming || job->committing > 0;
	if (busy)
		return;
	if (ch->drain.stopped && ch->drain.done != NULL) {
		loop_defer(ch->with->loop, ch->drain.done, ch->drain.arg);
		ch->drain.done = NULL;
	}
	if (!loop_timer_active(ch->drain.timer))
		return;
	loop_timer_stop(ch->drain.timer);
	twin_stop(ch->twin, ch->drain.ms);
}

static void
turn(void *arg)
{
	struct channel *ch = arg;
	int64_t wait = INT64_MAX;

	ch->kicked = false;
	job_start_all(ch);
	job_expire_all(ch);
	claim_barriers(ch);
	claim_more(ch);
	if (ch->drain.on)
		drain_step(ch);
	else
		earlier(&wait, submit_run(ch));
	earlier(&wait, submit_overdue(ch));
	earlier(&wait, claim_wait(ch));
	if (!ch->kicked && wait != INT64_MAX)
		loop_timer_set(ch->timer, wait < TURN_MAX ? wait : TURN_MAX);
}

void
channel_start(struct channel *ch)
{
	twin_start(ch->twin);
}

void
channel_drain(struct channel *ch, int64_t ms, loop_cb *done, void *arg)
{
	ch->drain.on = true;
	ch->drain.done = done;
	ch->drain.arg = arg;
	ch->drain.ms = ms;
	loop_timer_set(ch->drain.timer, ms * MS);
	channel_kick(ch);
}

/* -------------------------------------------------------------- worker -- */

static json_t *
hello(void *arg, int *fds, size_t *n_r, struct err *e)
{
	struct channel *ch = arg;
	json_t *kept = store_channel_get(channel_store(ch), ch->name);
	json_t *packet = hello_new(ch->config, ch->cc, ch->meta, kept, true,
	    fds, n_r, e);

	json_decref(kept);
	return packet;
}

static void
on_ready(void *arg, const json_t *ready)
{
	struct channel *ch = arg;
	const char *box = json_string_value(json_object_get(ready,
	    "sandbox"));

	snprintf(ch->sandbox, sizeof(ch->sandbox), "%s",
	    box != NULL ? box : "");
	LOG_EVENT(LOG_LEVEL_INFO, "channel.up", LOG_S("ch", ch->name),
	    LOG_S("plugin", ch->cc->plugin), LOG_N("pid", twin_pid(ch->twin)),
	    LOG_S("sandbox", ch->sandbox));
	rendition_ask(ch);
	channel_kick(ch);
}

static int
keep_state(struct channel *ch, const json_t *packet, struct err *e)
{
	const char *key, *value;
	char name[80];
	json_t *kept;
	bool full;

	key = json_string_value(json_object_get(packet, "key"));
	value = json_string_value(json_object_get(packet, "value"));
	if (key == NULL || value == NULL || strlen(key) > 64)
		return err_set(e, ERR_INVALID, "a bad state packet");
	snprintf(name, sizeof(name), "state.%s", key);
	kept = store_channel_get(channel_store(ch), ch->name);
	full = json_object_size(kept) >= STATE_KEYS &&
	    json_object_get(kept, name) == NULL;
	json_decref(kept);
	if (full)
		return err_set(e, ERR_INVALID, "state under more than %d keys",
		    STATE_KEYS);
	put(ch, name, *value != '\0' ? value : NULL);
	return 0;
}

static int
add_metric(struct channel *ch, const json_t *packet, struct err *e)
{
	const char *name = json_string_value(json_object_get(packet, "name"));
	json_int_t n = json_integer_value(json_object_get(packet, "n"));

	if (name == NULL || json_object_size(ch->metrics) > 64)
		return err_set(e, ERR_INVALID, "a bad metric packet");
	n += json_integer_value(json_object_get(ch->metrics, name));
	json_object_set_new(ch->metrics, name, json_integer(n));
	return 0;
}

static int
on_packet(void *arg, const char *type, const json_t *packet, const int *fds,
    size_t n, struct err *e)
{
	struct channel *ch = arg;

	if (strcmp(type, "result") == 0)
		return submit_results(ch, packet, e);
	if (strcmp(type, "rendered") == 0)
		return rendition_rendered(ch, packet, fds, n, e);
	if (strcmp(type, "state") == 0)
		return keep_state(ch, packet, e);
	if (strcmp(type, "metric") == 0)
		return add_metric(ch, packet, e);
	return err_set(e, ERR_INVALID, "unknown packet type %.32s", type);
}

static void
on_gone(void *arg, const char *why)
{
	struct channel *ch = arg;

	bool alone = ch->sched.inflight == 0;

	(void)why;
	submit_worker_gone(ch);
	rendition_worker_gone(ch, alone);
	channel_kick(ch);
}

static void
on_stopped(void *arg)
{
	struct channel *ch = arg;

	ch->drain.stopped = true;
	channel_kick(ch);
}

static const struct twin_ops twin_ops = {
	.hello = hello,
	.ready = on_ready,
	.packet = on_packet,
	.gone = on_gone,
	.stopped = on_stopped,
};

/* ------------------------------------------------------------- answers -- */

void
channel_pause(struct channel *ch, const char *cause)
{
	free(ch->paused);
	ch->paused = xstrdup(cause);
	ch->sched.paused = true;
	put(ch, "paused", cause);
	LOG_EVENT(LOG_LEVEL_WARN, "channel.paused", LOG_S("ch", ch->name),
	    LOG_S("cause", cause));
}

void
channel_resume(struct channel *ch)
{
	free(ch->paused);
	ch->paused = NULL;
	ch->sched.paused = false;
	breaker_reset(&ch->sched.breaker);
	ch->trouble[0] = '\0';
	put(ch, "paused", NULL);
	twin_again(ch->twin);
	channel_kick(ch);
}

const char *
channel_name(const struct channel *ch)
{
	return ch->name;
}

const char *
channel_address_kind(const struct channel *ch)
{
	return ch->address_kind;
}

bool
channel_can(const struct channel *ch, uint64_t cap)
{
	return (ch->caps & cap) == cap;
}

bool
channel_idle(const struct channel *ch)
{
	int64_t now = channel_wall(ch).us;

	if (ch->kicked || ch->batch != NULL)
		return false;
	for (const struct job *job = ch->jobs; job != NULL; job = job->next) {
		if (job->live > 0 || job->claiming || job->committing > 0)
			return false;
		if (!job->over && job->j.not_before <= now &&
		    !job->exhausted && ch->paused == NULL)
			return false;
	}
	return true;
}

static const char *
cause_of(const struct channel *ch)
{
	if (ch->paused != NULL)
		return ch->paused;
	if (ch->trouble[0] != '\0')
		return ch->trouble;
	return twin_cause(ch->twin);
}

json_t *
channel_json(const struct channel *ch)
{
	const char *version = json_string_value(json_object_get(ch->meta,
	    "version"));
	json_int_t jobs = 0;

	for (const struct job *job = ch->jobs; job != NULL; job = job->next)
		jobs++;
	for (const struct job *job = ch->later; job != NULL; job = job->next)
		jobs++;
	return json_pack("{ss ss ss ss ss si si sf ss sI si si ss sO}",
	    "channel", ch->name, "plugin", ch->cc->plugin,
	    "version", version != NULL ? version : "",
	    "state", ch->paused != NULL ? "paused" :
	    twin_state_name(twin_state(ch->twin)),
	    "cause", cause_of(ch),
	    "inflight", (int)ch->sched.inflight,
	    "window", (int)ch->sched.window,
	    "rate", ch->sched.rate.interval > 0 ?
	    (double)CLOCK_SECOND / (double)ch->sched.rate.interval : 0.0,
	    "breaker", breaker_name(&ch->sched.breaker),
	    "queued_jobs", jobs,
	    "restarts", (int)twin_restarts(ch->twin),
	    "pid", (int)twin_pid(ch->twin),
	    "sandbox", ch->sandbox, "metrics", ch->metrics);
}
