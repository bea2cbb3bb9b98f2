/*
 * sched: lanes, slots, rate and breaker of one channel. Pure; never waits,
 * never sends. Called by channel, and by tests with a clock of their own.
 */
#include "config.h"

#include <string.h>

#include "base/log.h"
#include "engine/sched.h"

/* As long as it waits between two tries of its own, see retry.c. */
#define WARNING_PATIENCE	(30 * CLOCK_SECOND)

/* Turns per round; a warning does not queue for a turn. */
static const uint32_t weight[STORE_LANES] = {
	[STORE_WARNING] = 0, [STORE_URGENT] = 16,
	[STORE_NORMAL] = 4, [STORE_BULK] = 1,
};

void
sched_limits(struct sched *s, uint32_t window, int64_t interval_us,
    uint32_t burst)
{
	s->window = window > 0 ? window : 1;
	rate_change(&s->rate, interval_us, burst);
}

void
sched_init(struct sched *s, uint32_t window, int64_t interval_us,
    uint32_t burst)
{
	memset(s, 0, sizeof(*s));
	rate_init(&s->rate, interval_us, burst);
	sched_limits(s, window, interval_us, burst);
	breaker_init(&s->breaker, s->window);
}

void
sched_queue_init(struct sched_queue *q, enum store_lane lane)
{
	memset(q, 0, sizeof(*q));
	q->tail = &q->head;
	q->lane = lane;
}

/* Into the ring behind the one last served, so it is served last. */
static void
ring_add(struct sched *s, struct sched_queue *q)
{
	struct sched_queue **last = &s->ring[q->lane];

	if (q->next != NULL)
		return;
	if (*last == NULL) {
		q->next = q;
	} else {
		q->next = (*last)->next;
		(*last)->next = q;
	}
	*last = q;
}

static void
ring_remove(struct sched *s, struct sched_queue *q)
{
	struct sched_queue **last = &s->ring[q->lane], *p = *last;

	if (q->next == NULL)
		return;
	while (p->next != q)
		p = p->next;
	p->next = q->next;
	if (*last == q)
		*last = p == q ? NULL : p;
	q->next = NULL;
}

static void
ring_update(struct sched *s, struct sched_queue *q)
{
	if (q->n > 0 && !q->blocked)
		ring_add(s, q);
	else
		ring_remove(s, q);
}

void
sched_push(struct sched *s, struct sched_queue *q, struct sched_item *item)
{
	item->next = NULL;
	*q->tail = item;
	q->tail = &item->next;
	q->n++;
	ring_update(s, q);
}

struct sched_item *
sched_empty(struct sched *s, struct sched_queue *q)
{
	struct sched_item *all = q->head;

	q->head = NULL;
	q->tail = &q->head;
	q->n = 0;
	ring_update(s, q);
	return all;
}

void
sched_block(struct sched *s, struct sched_queue *q, bool blocked)
{
	q->blocked = blocked;
	ring_update(s, q);
}

/* Slots that only a warning may use: an eighth, at least one of two. */
static uint32_t
reserve(const struct sched *s)
{
	if (s->window < 2)
		return 0;
	return s->window < 16 ? 1 : s->window / 8;
}

static bool
slot_free(const struct sched *s, enum store_lane lane)
{
	uint32_t kept = lane == STORE_WARNING ? 0 : reserve(s);

	return s->inflight + kept < s->window;
}

/* The next lane by weight among those that may send now. */
static int
lane_by_weight(struct sched *s, const bool may[STORE_LANES])
{
	for (int round = 0; round < 2; round++) {
		for (int l = STORE_URGENT; l < STORE_LANES; l++)
			if (may[l] && s->credit[l] > 0)
				return l;
		memcpy(s->credit, weight, sizeof(s->credit));
	}
	return -1;
}

/* us for which the breaker keeps everything back. */
static int64_t
held_for(struct sched *s, struct mono now)
{
	return breaker_wait(&s->breaker, now, s->ring[STORE_WARNING] != NULL ?
	    WARNING_PATIENCE : INT64_MAX);
}

enum sched_verdict
sched_look(struct sched *s, struct mono now, struct sched_item **item_r,
    int64_t *wait_us_r)
{
	bool may[STORE_LANES] = { false }, some = false;
	int64_t wait = held_for(s, now), w;
	int lane;

	*wait_us_r = INT64_MAX;
	for (int l = 0; l < STORE_LANES; l++)
		some = some || s->ring[l] != NULL;
	if (!some || s->paused)
		return SCHED_IDLE;
	if (wait > 0) {
		*wait_us_r = wait;
		return SCHED_WAIT;
	}
	if (s->breaker.state == BREAKER_HALF_OPEN && s->inflight > 0)
		return SCHED_FULL; /* one probe at a time */
	for (int l = 0; l < STORE_LANES; l++) {
		if (s->ring[l] == NULL || !slot_free(s, l))
			continue;
		w = rate_wait(&s->rate, l, now);
		may[l] = w == 0;
		if (w < *wait_us_r)
			*wait_us_r = w;
	}
	lane = may[STORE_WARNING] ? STORE_WARNING : lane_by_weight(s, may);
	if (lane < 0)
		return *wait_us_r == INT64_MAX ? SCHED_FULL : SCHED_WAIT;
	s->next = s->ring[lane]->next;
	*item_r = s->next->head;
	return SCHED_SEND;
}

void
sched_take(struct sched *s, struct mono now)
{
	struct sched_queue *q = s->next;
	struct sched_item *item = q->head;

	s->ring[q->lane] = q;
	q->head = item->next;
	if (--q->n == 0)
		q->tail = &q->head;
	ring_update(s, q);
	if (s->credit[q->lane] > 0)
		s->credit[q->lane]--;
	rate_take(&s->rate, now);
	s->inflight++;
	item->next = NULL;
}

bool
sched_ended(struct sched *s, enum sched_end how, uint32_t retry_after_s,
    struct mono now, uint32_t random)
{
	bool opened = false;

	if (s->inflight == 0)
		log_bug("sched: more deliveries ended than were in flight");
	s->inflight--;
	if (retry_after_s > 0)
		rate_pause(&s->rate, (struct mono){ now.us +
		    (int64_t)retry_after_s * CLOCK_SECOND });
	if (how == SCHED_OK)
		breaker_ok(&s->breaker);
	else if (how == SCHED_FAIL)
		opened = breaker_fail(&s->breaker, now, random);
	else if (how == SCHED_DOWN && s->breaker.state != BREAKER_OPEN) {
		breaker_trip(&s->breaker, now, random);
		opened = true;
	}
	return opened;
}
