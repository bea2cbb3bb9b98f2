/*
 * claim: which jobs may run, and targets for them from the store, a few
 * hundred ahead at most whatever the size of the audience. Keeps the order
 * within a chain. Never sends. Called by channel.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "engine/channel_private.h"
#include "litfass/plugin.h"

#define CLAIM_MIN	16u
#define CLAIM_MAX	256u
#define BUCKETS		256u

/* Two windows ahead, or half a second of the rate, within bounds. */
static uint32_t
claim_size(const struct channel *ch)
{
	uint32_t n = 2 * ch->sched.window;
	int64_t interval = ch->sched.rate.interval;

	if (interval > 0 && n > CLOCK_SECOND / 2 / interval)
		n = (uint32_t)(CLOCK_SECOND / 2 / interval);
	if (n < CLAIM_MIN)
		return CLAIM_MIN;
	return n < CLAIM_MAX ? n : CLAIM_MAX;
}

/* Is anything of this job between the store and its final outcome? */
static bool
busy(const struct job *job)
{
	return job->live > 0 || job->claiming || job->committing > 0;
}

static bool
same_chain(const struct job *among, const struct job *job)
{
	while (among != NULL && (among->chain_hash != job->chain_hash ||
	    strcmp(among->j.chain, job->j.chain) != 0))
		among = among->next_busy;
	return among != NULL;
}

/* Runs every turn, with thousands of jobs behind a paused channel: those
 * that are busy stand in buckets by their chain. */
void
claim_barriers(struct channel *ch)
{
	struct job *earlier[BUCKETS] = { NULL };

	for (struct job *job = ch->jobs; job != NULL; job = job->next) {
		struct job **bucket = &earlier[job->chain_hash % BUCKETS];
		bool blocked;

		blocked = same_chain(*bucket, job);
		if (blocked != job->queue.blocked)
			sched_block(&ch->sched, &job->queue, blocked);
		if (busy(job)) {
			job->next_busy = *bucket;
			*bucket = job;
		}
	}
}

static void
take_target(struct channel *ch, struct job *job, const struct store_batch *b,
    size_t i)
{
	struct delivery *d = xcalloc(1, sizeof(*d));

	d->job = job;
	d->target = b->targets[i];
	d->lease = b->lease;
	d->flight = -1;
	d->state = DELIVERY_QUEUED;
	job->live++;
	rendition_attach(ch, d);
}

struct claim {
	struct channel *ch;
	struct job *job;
};

static void
claim_failed(struct channel *ch, struct job *job, const struct err *e)
{
	if (e->code == ERR_STATE) {
		/* ended in the store, which knows how */
		job->over = true;
		job->how = STORE_JOB_DONE;
		settle_waiting(ch, job, DELIVERY_E_DOWN);
	} else {
		/* a second later the store may have room again */
		log_warn("channel %s: claim: %s", ch->name, e->text);
		job->claim_at.us = channel_mono(ch).us + CLOCK_SECOND;
	}
	claim_forget(ch, job);
	channel_kick(ch);
}

static void
claimed(void *arg, const struct err *e, const struct store_batch *b)
{
	struct claim *c = arg;
	struct channel *ch = c->ch;
	struct job *job = c->job;

	free(c);
	job->claiming = false;
	if (e->code != ERR_OK) {
		claim_failed(ch, job, e);
		return;
	}
	job->exhausted = b->exhausted;
	job->j.next_retry = b->next_retry;
	for (size_t i = 0; i < b->n; i++)
		take_target(ch, job, b, i);
	if (b->job_done && !job->over) {
		job->over = true;
		job->how = STORE_JOB_DONE;
		ch->with->moved(ch->with->arg, job->j.uid);
	}
	claim_forget(ch, job);
	channel_kick(ch);
}

static bool
wants_more(const struct channel *ch, const struct job *job, int64_t now)
{
	bool due = job->j.next_retry != 0 && job->j.next_retry <= now;

	return !job->over && !job->claiming && !job->queue.blocked &&
	    job->j.not_before <= now && (!job->exhausted || due) &&
	    job->claim_at.us <= channel_mono(ch).us &&
	    job->live - job->inflight < claim_size(ch) / 2;
}

void
claim_more(struct channel *ch)
{
	int64_t now = channel_wall(ch).us;

	if (ch->paused != NULL || ch->drain.on ||
	    twin_state(ch->twin) != TWIN_UP)
		return;
	for (struct job *job = ch->jobs; job != NULL; job = job->next) {
		struct claim *c;

		if (!wants_more(ch, job, now))
			continue;
		c = xcalloc(1, sizeof(*c));
		c->ch = ch;
		c->job = job;
		job->claiming = true;
		store_claim(channel_store(ch), job->j.id, claim_size(ch),
		    now, claimed, c);
	}
}

static void
sooner(int64_t *wait, int64_t at, int64_t now)
{
	int64_t us = at > now ? at - now : 0;

	if (us < *wait)
		*wait = us;
}

int64_t
claim_wait(const struct channel *ch)
{
	int64_t now = channel_wall(ch).us, wait = INT64_MAX;

	if (ch->later != NULL)
		sooner(&wait, ch->later->j.not_before, now);
	for (const struct job *job = ch->jobs; job != NULL; job = job->next) {
		if (job->over)
			continue;
		if (job->j.expires != 0 && job->j.action == LF_SEND)
			sooner(&wait, job->j.expires, now);
		if (job->claiming)
			continue;
		if (job->claim_at.us > channel_mono(ch).us)
			sooner(&wait, job->claim_at.us, channel_mono(ch).us);
		if (job->j.not_before > now)
			sooner(&wait, job->j.not_before, now);
		else if (job->j.next_retry > now)
			sooner(&wait, job->j.next_retry, now);
	}
	return wait;
}

void
claim_forget(struct channel *ch, struct job *job)
{
	if (!job->over || busy(job))
		return;
	job_unlink(ch, job);
	sched_block(&ch->sched, &job->queue, true); /* leaves the ring */
	rendition_free_all(ch, job);
	for (size_t i = 0; i < job->n_langs; i++)
		free(job->langs[i]);
	free(job);
}

void
claim_forget_all(struct channel *ch)
{
	struct job *job, *next;

	for (job = ch->jobs; job != NULL; job = next) {
		next = job->next;
		claim_forget(ch, job);
	}
}
