/*
 * settle: what became of a delivery, made durable. Outcomes of one turn of
 * the loop are committed together; a slot of the flight ledger is free only
 * after that commit, so that a crash in between finds the delivery in doubt
 * and not forgotten. Never sends anything. Called by submit, claim, rendition
 * and channel.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "engine/channel_private.h"
#include "engine/retry.h"
#include "litfass/plugin.h"
#include "store/flight.h"

#define BATCH_MAX	256
/* What was not taken back goes on being shown, for as long as it lives: a
 * broker that is away for a weekend must still be told. */
#define TAKE_BACK	(30 * 24 * 3600 * CLOCK_SECOND)

struct settle_batch {
	struct settle_batch *next;	/* among those that failed */
	struct channel *ch;
	size_t n;
	struct store_outcome outcomes[BATCH_MAX];
	struct job *jobs[BATCH_MAX];
	int flights[BATCH_MAX];
};

static struct job *
job_by_id(struct channel *ch, int64_t id)
{
	struct job *job = ch->jobs;

	while (job != NULL && job->j.id != id)
		job = job->next;
	return job;
}

static void
progress(struct channel *ch, const struct store_progress *p)
{
	struct job *job = job_by_id(ch, p->job);

	if (job == NULL)
		return;
	job->j.next_retry = p->next_retry;
	if (p->done && !job->over) {
		job->over = true;
		job->how = STORE_JOB_DONE;
	}
}

/* The words are copies: they must outlive a commit that fails. */
static void
batch_free(struct settle_batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		free((void *)(uintptr_t)b->outcomes[i].peer_id);
		free((void *)(uintptr_t)b->outcomes[i].text);
	}
	free(b);
}

static void
committed(void *arg, const struct err *e, const struct store_progress *p,
    size_t n)
{
	struct settle_batch *b = arg;
	struct channel *ch = b->ch;

	if (e->code != ERR_OK) {
		log_warn("channel %s: record outcomes: %s: trying again",
		    ch->name, e->text);
		b->next = ch->unrecorded;
		ch->unrecorded = b;
		channel_again(ch);
		return;
	}
	for (size_t i = 0; i < b->n; i++) {
		if (b->flights[i] >= 0) {
			flight_end(ch->flight, b->flights[i]);
			ch->in_ledger--;
		}
		b->jobs[i]->committing--;
	}
	for (size_t i = 0; i < n; i++)
		progress(ch, &p[i]);
	for (size_t i = 0; i < b->n; i++)
		if (i == 0 || b->jobs[i] != b->jobs[i - 1])
			ch->with->moved(ch->with->arg, b->jobs[i]->j.uid);
	batch_free(b);
	claim_forget_all(ch); /* those that follow one of ours, too */
	channel_kick(ch);
}

void
settle_again(struct channel *ch)
{
	struct settle_batch *b;

	while ((b = ch->unrecorded) != NULL) {
		ch->unrecorded = b->next;
		store_record(channel_store(ch), b->outcomes, b->n, committed,
		    b);
	}
}

void
settle_free(struct channel *ch)
{
	struct settle_batch *b;

	while ((b = ch->unrecorded) != NULL) {
		ch->unrecorded = b->next;
		batch_free(b);
	}
}

void
settle_flush(struct channel *ch)
{
	struct settle_batch *b = ch->batch;

	if (b == NULL)
		return;
	ch->batch = NULL;
	store_record(channel_store(ch), b->outcomes, b->n, committed, b);
}

static struct settle_batch *
batch_with_room(struct channel *ch)
{
	if (ch->batch != NULL && ch->batch->n == BATCH_MAX)
		settle_flush(ch);
	if (ch->batch == NULL) {
		ch->batch = xcalloc(1, sizeof(*ch->batch));
		ch->batch->ch = ch;
	}
	return ch->batch;
}

enum delivery_event
settle_event(enum store_job_state how)
{
	switch (how) {
	case STORE_JOB_CANCELLED:
		return DELIVERY_E_CANCEL;
	case STORE_JOB_SUPERSEDED:
		return DELIVERY_E_SUPERSEDE;
	default:
		return DELIVERY_E_EXPIRE;
	}
}

static int64_t
give_up_at(const struct job *job)
{
	int64_t from = job->j.not_before > job->j.accepted ?
	    job->j.not_before : job->j.accepted;

	if (job->j.action == LF_RETRACT)
		return from + TAKE_BACK;
	return retry_give_up(job->j.lane, (struct wall){ from },
	    (struct wall){ job->j.expires }).us;
}

/* It would be tried again: when, or why not. */
static enum delivery_state
plan_retry(const struct delivery *d, const struct settle_how *how,
    struct store_outcome *o)
{
	const struct job *job = d->job;
	int64_t delay = retry_delay(job->j.lane, d->target.attempt,
	    how->retry_after, channel_random());

	if (job->over && job->how != STORE_JOB_DONE)
		return delivery_next(DELIVERY_RETRY, settle_event(job->how));
	if (!o->counts) /* the breaker decides when; only do not spin */
		delay = (how->retry_after > 0 ? how->retry_after : 1) *
		    CLOCK_SECOND;
	o->due = o->at + delay;
	if (!o->counts || o->due < give_up_at(job))
		return DELIVERY_RETRY;
	return delivery_next(DELIVERY_RETRY, job->j.expires != 0 ?
	    DELIVERY_E_EXPIRE : DELIVERY_E_GIVE_UP);
}

static void
tell(const struct channel *ch, const struct delivery *d,
    const struct store_outcome *o)
{
	char id[48];

	snprintf(id, sizeof(id), "%lld.%lld", (long long)o->job,
	    (long long)o->target);
	LOG_EVENT(LOG_LEVEL_INFO, "delivery", LOG_S("ann", d->job->j.uid),
	    LOG_S("del", id), LOG_S("ch", ch->name),
	    LOG_N("attempt", o->attempt),
	    LOG_S("state", store_state_name(o->state)),
	    LOG_N("code", o->code),
	    LOG_S(o->text != NULL ? "text" : NULL, o->text),
	    LOG_N(o->state == STORE_RETRY ? "in_ms" : NULL,
	    (o->due - o->at) / 1000));
}

void
settle(struct channel *ch, struct delivery *d, enum delivery_event ev,
    const struct settle_how *how)
{
	static const struct settle_how nothing;
	struct settle_batch *b = batch_with_room(ch);
	struct store_outcome *o = &b->outcomes[b->n];
	struct job *job = d->job;

	if (how == NULL)
		how = &nothing;
	d->state = delivery_next(d->state, ev);
	*o = (struct store_outcome){ .job = job->j.id,
	    .target = d->target.target, .lease = d->target.retry ? 0 : d->lease,
	    .attempt = d->target.attempt, .at = channel_wall(ch).us,
	    .counts = ev != DELIVERY_E_DOWN,
	    .in_doubt = ev == DELIVERY_E_DOUBT_RESEND || (d->target.in_doubt &&
	    (ev == DELIVERY_E_DOWN || ev == DELIVERY_E_TEMPFAIL)),
	    .outcome = how->outcome, .code = how->code,
	    .peer_id = xstrdup(how->peer_id), .text = xstrdup(how->text) };
	if (d->state == DELIVERY_RETRY)
		d->state = plan_retry(d, how, o);
	o->state = delivery_store_state(d->state);
	tell(ch, d, o);
	b->jobs[b->n] = job;
	b->flights[b->n++] = d->flight;
	job->committing++;
	job->live--;
	free(d);
}

void
settle_waiting(struct channel *ch, struct job *job, enum delivery_event ev)
{
	struct sched_item *item = sched_empty(&ch->sched, &job->queue), *next;
	struct delivery *d;

	for (; item != NULL; item = next) {
		next = item->next;
		settle(ch, (struct delivery *)item, ev, NULL);
	}
	for (struct rendition *r = job->renditions; r != NULL; r = r->next)
		while ((d = r->waiting) != NULL) {
			r->waiting = d->next_waiting;
			settle(ch, d, ev, NULL);
		}
	settle_flush(ch);
}
