/*
 * submit: hand deliveries to the worker and take its results. The flight
 * ledger is written before the packet leaves, so a death of this process
 * knows which deliveries may have been sent. Believes no id from a worker
 * that is not in its table. Called by channel.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crash.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/channel_private.h"
#include "litfass/plugin.h"
#include "store/flight.h"

#define PACKET_DELIVERIES	64
#define GRACE			(5 * CLOCK_SECOND)
#define SUBMIT_FIELDS		7
#define RESULT_FIELDS		6
#define RETRY_AFTER_MAX		3600	/* seconds, as plugin.h promises */

static struct delivery *
by_wire_id(const struct channel *ch, uint64_t id)
{
	struct delivery *d = ch->slots[id % ch->n_slots];

	return d != NULL && d->wire_id == id ? d : NULL;
}

/* Out of the table; how: what it says about the peer's health. True when
 * this opened the breaker. */
static bool
landed(struct channel *ch, struct delivery *d, enum sched_end how,
    uint32_t retry_after)
{
	uint32_t slot = (uint32_t)(d->wire_id % ch->n_slots);

	ch->slots[slot] = NULL;
	ch->free[ch->n_free++] = slot;
	d->job->inflight--;
	if (ch->alone == d) {
		ch->alone = NULL;
		ch->suspects--;
	}
	if (!sched_ended(&ch->sched, how, retry_after, channel_mono(ch),
	    channel_random()))
		return false;
	LOG_EVENT(LOG_LEVEL_WARN, "channel.breaker", LOG_S("ch", ch->name),
	    LOG_S("state", "open"));
	return true;
}

static void
add_to_packet(struct channel *ch, json_t *list, const struct delivery *d)
{
	char key[64];
	json_t *fields[SUBMIT_FIELDS] = {
		json_integer((json_int_t)d->wire_id),
		json_integer(d->rendition->number),
		json_integer(d->job->j.action),
		json_integer(d->target.in_doubt ? LF_DLV_RESEND : 0),
		json_integer(d->target.attempt),
		NULL,
		json_string(d->target.address),
	};

	snprintf(key, sizeof(key), "%s-%lld-%lld",
	    store_instance(channel_store(ch)), (long long)d->job->j.id,
	    (long long)d->target.target);
	fields[5] = json_string(key);
	for (size_t i = 0; i < SUBMIT_FIELDS; i++)
		json_array_append_new(list, fields[i]);
}

/* A worker died with several, and any of them may be to blame: each goes
 * alone now, so that a second death tells which. */
static bool
is_suspect(const struct channel *ch, const struct delivery *d)
{
	return ch->suspects > 0 && d->target.in_doubt;
}

/* In us from now. What expires meanwhile is asked back then: a plugin may
 * still have it in a queue of its own. */
static int64_t
time_for(const struct channel *ch, const struct delivery *d)
{
	int64_t expires = d->job->j.expires, left;

	if (expires == 0 || d->job->j.action != LF_SEND)
		return ch->timeout;
	left = expires - channel_wall(ch).us;
	return left < ch->timeout ? left : ch->timeout;
}

/* Take d into flight; false when it was settled instead. */
static bool
take_off(struct channel *ch, struct delivery *d, json_t *list)
{
	uint32_t slot = ch->free[--ch->n_free];
	int64_t time = time_for(ch, d);

	d->wire_id = ch->turn++ * ch->n_slots + slot;
	ch->slots[slot] = d;
	d->job->inflight++;
	if (time <= 0) {
		landed(ch, d, SCHED_NEUTRAL, 0);
		settle(ch, d, DELIVERY_E_EXPIRE, NULL);
		return false;
	}
	if (rendition_send(ch, d->rendition) != 0) {
		landed(ch, d, SCHED_NEUTRAL, 0);
		settle(ch, d, DELIVERY_E_DOWN, NULL);
		return false;
	}
	d->flight = flight_start(ch->flight, d->job->j.id, d->target.target,
	    d->target.attempt);
	if (d->flight < 0)
		log_bug("channel %s: the flight ledger is full", ch->name);
	crash_point("started");
	ch->in_ledger++;
	d->state = delivery_next(d->state, DELIVERY_E_SUBMIT);
	d->deadline.us = channel_mono(ch).us + time;
	if (is_suspect(ch, d))
		ch->alone = d;
	add_to_packet(ch, list, d);
	return true;
}

/* Nothing of this packet has left: all of it waits again. */
static void
take_back(struct channel *ch, const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i += SUBMIT_FIELDS) {
		struct delivery *d = by_wire_id(ch, (uint64_t)
		    json_integer_value(json_array_get(list, i)));

		if (d == NULL)	/* the worker's end has settled it */
			continue;
		landed(ch, d, SCHED_NEUTRAL, 0);
		settle(ch, d, DELIVERY_E_DOWN, NULL);
	}
}

static void
send_packet(struct channel *ch, json_t *list)
{
	json_t *packet;

	if (json_array_size(list) == 0)
		return;
	packet = json_pack("{ss sO}", "t", "submit", "d", list);
	if (twin_send(ch->twin, packet, NULL, 0) != 0)
		take_back(ch, list);
	json_decref(packet);
	json_array_clear(list);
	crash_point("submitted");
}

static bool
room(const struct channel *ch)
{
	return ch->in_ledger < flight_slots(ch->flight) && ch->n_free > 0 &&
	    ch->alone == NULL;
}

/* The next to go, out of its queue; NULL when nobody may, *wait_r: ask again
 * after that, if not before. */
static struct delivery *
next(struct channel *ch, int64_t *wait_r)
{
	struct sched_item *item;

	*wait_r = INT64_MAX;
	if (!room(ch) || sched_look(&ch->sched, channel_mono(ch), &item,
	    wait_r) != SCHED_SEND)
		return NULL;
	*wait_r = INT64_MAX;
	if (is_suspect(ch, (struct delivery *)item) &&
	    ch->sched.inflight > 0)
		return NULL;	/* when the others have landed */
	sched_take(&ch->sched, channel_mono(ch));
	return (struct delivery *)item;
}

int64_t
submit_run(struct channel *ch)
{
	struct delivery *d;
	int64_t wait;
	json_t *list;

	if (twin_state(ch->twin) != TWIN_UP)
		return INT64_MAX;
	list = json_array();
	while ((d = next(ch, &wait)) != NULL)
		if (take_off(ch, d, list) && json_array_size(list) ==
		    (size_t)PACKET_DELIVERIES * SUBMIT_FIELDS)
			send_packet(ch, list);
	send_packet(ch, list);
	json_decref(list);
	settle_flush(ch);
	return wait;
}

static enum sched_end
health(int32_t outcome)
{
	switch (outcome) {
	case LF_DELIVERED:
	case LF_ACCEPTED:
	case LF_PERMFAIL:
		return SCHED_OK;
	case LF_TEMPFAIL:
	case LF_UNKNOWN:
		return SCHED_FAIL;
	default:
		return SCHED_DOWN;
	}
}

static void
note_trouble(struct channel *ch, const struct settle_how *how)
{
	snprintf(ch->trouble, sizeof(ch->trouble), "%s",
	    how->text != NULL ? how->text : "the plugin gave no reason");
	LOG_EVENT(LOG_LEVEL_WARN, "channel.down", LOG_S("ch", ch->name),
	    LOG_N("code", how->code), LOG_S("cause", ch->trouble));
}

/* A plugin passes on what its peer asked for; nobody may ask for ever. */
static uint32_t
seconds(const json_t *asked)
{
	json_int_t s = json_integer_value(asked);

	return s <= 0 ? 0 : s < RETRY_AFTER_MAX ? (uint32_t)s :
	    RETRY_AFTER_MAX;
}

static int
one_result(struct channel *ch, const json_t *d, size_t at, struct err *e)
{
	json_int_t id = json_integer_value(json_array_get(d, at));
	struct settle_how how = {
		.outcome = (int32_t)json_integer_value(
		    json_array_get(d, at + 1)),
		.code = (int32_t)json_integer_value(
		    json_array_get(d, at + 2)),
		.retry_after = seconds(json_array_get(d, at + 3)),
		.peer_id = json_string_value(json_array_get(d, at + 4)),
		.text = json_string_value(json_array_get(d, at + 5)),
	};
	struct delivery *dlv = id < 0 ? NULL :
	    by_wire_id(ch, (uint64_t)id);
	enum sched_end end = health(how.outcome);
	enum store_doubt doubt;

	if (dlv == NULL)
		return err_set(e, ERR_INVALID, "a result for a delivery that "
		    "is not with this worker");
	doubt = ch->caps & LF_CAP_IDEMPOTENT ? STORE_DOUBT_RESEND :
	    dlv->job->j.doubt;
	crash_point("answered");
	if (end == SCHED_OK)
		ch->trouble[0] = '\0';
	if (landed(ch, dlv, end, end == SCHED_DOWN ? how.retry_after : 0) ||
	    end == SCHED_DOWN)
		note_trouble(ch, &how);
	settle(ch, dlv, delivery_event_of(how.outcome, doubt), &how);
	return 0;
}

int
submit_results(struct channel *ch, const json_t *packet, struct err *e)
{
	const json_t *d = json_object_get(packet, "d");
	size_t n = json_array_size(d);
	int rc = 0;

	if (!json_is_array(d) || n % RESULT_FIELDS != 0)
		return err_set(e, ERR_INVALID, "a result packet of %zu fields",
		    n);
	for (size_t i = 0; i < n && rc == 0; i += RESULT_FIELDS)
		rc = one_result(ch, d, i, e);
	settle_flush(ch);
	channel_kick(ch);
	return rc;
}

/*
 * What was alone with a second worker that died is poison: it is held for a
 * person, so that one message can't kill a channel for ever.
 */
void
submit_worker_gone(struct channel *ch)
{
	static const struct settle_how died = { .outcome = LF_UNKNOWN,
	    .text = "the worker died with it" };
	static const struct settle_how poison = { .outcome = LF_UNKNOWN,
	    .text = "held: two workers died with it" };
	const struct delivery *alone = ch->alone;

	for (size_t i = 0; i < ch->n_slots; i++) {
		struct delivery *d = ch->slots[i];
		bool resend;

		if (d == NULL)
			continue;
		resend = d != alone && (ch->caps & LF_CAP_IDEMPOTENT ||
		    d->job->j.doubt == STORE_DOUBT_RESEND);
		landed(ch, d, SCHED_NEUTRAL, 0);
		ch->suspects += resend;
		settle(ch, d, resend ? DELIVERY_E_DOUBT_RESEND :
		    DELIVERY_E_DOUBT_HOLD, d == alone ? &poison : &died);
	}
	settle_flush(ch);
}

int64_t
submit_overdue(struct channel *ch)
{
	int64_t now = channel_mono(ch).us, wait = INT64_MAX;
	json_t *ids = json_array(), *packet;
	bool hangs = false;

	for (size_t i = 0; i < ch->n_slots; i++) {
		struct delivery *d = ch->slots[i];

		if (d == NULL)
			continue;
		if (now >= d->deadline.us && d->state == DELIVERY_SENDING) {
			d->state = delivery_next(d->state,
			    DELIVERY_E_OVERDUE);
			d->deadline.us = now + GRACE;
			json_array_append_new(ids,
			    json_integer((json_int_t)d->wire_id));
		}
		hangs = hangs || now >= d->deadline.us;
		if (d->deadline.us - now < wait)
			wait = d->deadline.us - now;
	}
	packet = json_pack("{ss sO}", "t", "cancel", "d", ids);
	if (json_array_size(ids) > 0)
		twin_send(ch->twin, packet, NULL, 0);
	json_decref(packet);
	json_decref(ids);
	if (hangs)
		twin_kill(ch->twin, "an overdue delivery was not given back");
	return hangs ? INT64_MAX : wait;
}
