/*
 * t_sched: lanes, slots, rate, breaker and retry on a clock of our own.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/retry.h"
#include "engine/sched.h"

#define SECOND	CLOCK_SECOND
#define MANY	600

static struct sched s;
static struct mono now;
static struct sched_queue queues[STORE_LANES];
static struct sched_item items[STORE_LANES][MANY];

static void
setup(uint32_t window, int64_t interval, uint32_t burst)
{
	now.us = 1000 * SECOND;
	sched_init(&s, window, interval, burst);
	for (int l = 0; l < STORE_LANES; l++)
		sched_queue_init(&queues[l], (enum store_lane)l);
}

static void
fill(enum store_lane lane, int n)
{
	for (int i = 0; i < n; i++)
		sched_push(&s, &queues[lane], &items[lane][i]);
}

static int
lane_of(const struct sched_item *item)
{
	for (int l = 0; l < STORE_LANES; l++)
		if (item >= items[l] && item < items[l] + MANY)
			return l;
	fail();
	return -1;
}

/* Send one; gives its lane, or -1 - verdict. */
static int
send_one(int64_t *wait_r)
{
	struct sched_item *item;
	enum sched_verdict v = sched_look(&s, now, &item, wait_r);

	if (v != SCHED_SEND)
		return -1 - (int)v;
	sched_take(&s, now);
	return lane_of(item);
}

static void
ok(void)
{
	sched_ended(&s, SCHED_OK, 0, now, 0);
}

static void
a_look_takes_nothing(void **state)
{
	struct sched_item *first, *again;
	int64_t wait;

	(void)state;
	setup(8, 0, 1);
	fill(STORE_NORMAL, 1);
	fill(STORE_BULK, 1);
	assert_int_equal(sched_look(&s, now, &first, &wait), SCHED_SEND);
	assert_int_equal(sched_look(&s, now, &again, &wait), SCHED_SEND);
	assert_ptr_equal(first, again);
	assert_int_equal(s.inflight, 0);
	sched_take(&s, now);
	assert_int_equal(s.inflight, 1);
	assert_int_equal(sched_look(&s, now, &again, &wait), SCHED_SEND);
	assert_ptr_not_equal(first, again);
}

static void
a_warning_goes_before_everything(void **state)
{
	int64_t wait;

	(void)state;
	setup(8, 0, 1);
	fill(STORE_BULK, 3);
	fill(STORE_NORMAL, 3);
	fill(STORE_WARNING, 2);
	assert_int_equal(send_one(&wait), STORE_WARNING);
	assert_int_equal(send_one(&wait), STORE_WARNING);
	assert_int_not_equal(send_one(&wait), STORE_WARNING);
}

static void
bulk_gets_its_share_and_no_more(void **state)
{
	int count[STORE_LANES] = { 0 };
	int64_t wait;

	(void)state;
	setup(8, 0, 1);
	fill(STORE_URGENT, 600);
	fill(STORE_NORMAL, 600);
	fill(STORE_BULK, 600);
	for (int i = 0; i < 210; i++) {
		count[send_one(&wait)]++;
		ok();
	}
	assert_int_equal(count[STORE_URGENT], 160);
	assert_int_equal(count[STORE_NORMAL], 40);
	assert_int_equal(count[STORE_BULK], 10);
}

static void
jobs_of_a_lane_take_turns(void **state)
{
	struct sched_queue second;
	struct sched_item *item;
	int64_t wait;

	(void)state;
	setup(8, 0, 1);
	sched_queue_init(&second, STORE_NORMAL);
	fill(STORE_NORMAL, 3);
	for (int i = 10; i < 13; i++)
		sched_push(&s, &second, &items[STORE_NORMAL][i]);
	for (int i = 0; i < 6; i++) {
		assert_int_equal(sched_look(&s, now, &item, &wait),
		    SCHED_SEND);
		sched_take(&s, now);
		assert_int_equal(item - items[STORE_NORMAL],
		    i % 2 == 0 ? i / 2 : 10 + i / 2);
		ok();
	}
	assert_int_equal(send_one(&wait), -1 - SCHED_IDLE);
}

static void
slots_are_kept_for_a_warning_behind_a_hanging_provider(void **state)
{
	int64_t wait;

	(void)state;
	setup(16, 0, 1);
	fill(STORE_BULK, 50);
	for (int i = 0; i < 14; i++)
		assert_int_equal(send_one(&wait), STORE_BULK);
	assert_int_equal(send_one(&wait), -1 - SCHED_FULL);
	fill(STORE_WARNING, 3);
	assert_int_equal(send_one(&wait), STORE_WARNING);
	assert_int_equal(send_one(&wait), STORE_WARNING);
	assert_int_equal(send_one(&wait), -1 - SCHED_FULL);
}

static void
a_window_of_one_still_sends(void **state)
{
	int64_t wait;

	(void)state;
	setup(1, 0, 1);
	fill(STORE_BULK, 2);
	assert_int_equal(send_one(&wait), STORE_BULK);
	assert_int_equal(send_one(&wait), -1 - SCHED_FULL);
	ok();
	assert_int_equal(send_one(&wait), STORE_BULK);
}

static void
the_rate_holds_and_keeps_tokens_for_warnings(void **state)
{
	int64_t wait, start;
	int sent = 0;

	(void)state;
	setup(600, SECOND / 10, 10);	/* 10/s, burst 10 */
	fill(STORE_BULK, 200);
	while (send_one(&wait) == STORE_BULK)
		sent++;
	assert_in_range(sent, 5, 6);	/* half the burst */
	fill(STORE_WARNING, 10);
	assert_int_equal(send_one(&wait), STORE_WARNING);
	for (start = now.us; now.us < start + 10 * SECOND; now.us += wait) {
		int lane = send_one(&wait);

		if (lane >= 0) {
			sent++;
			wait = 0;
		}
	}
	/* burst plus ten seconds of rate, never more */
	assert_in_range(sent, 100, 110);
}

static void
a_faster_rate_counts_at_once_but_for_a_pause(void **state)
{
	int64_t wait;

	(void)state;
	setup(600, 3600 * SECOND, 1);
	fill(STORE_NORMAL, 20);
	assert_int_equal(send_one(&wait), STORE_NORMAL);
	assert_int_equal(send_one(&wait), -1 - SCHED_WAIT);
	assert_int_equal(wait, 3600 * SECOND);
	sched_limits(&s, 600, SECOND, 1);
	assert_int_equal(send_one(&wait), -1 - SCHED_WAIT);
	assert_int_equal(wait, SECOND);
	rate_pause(&s.rate, (struct mono){ now.us + 7 * SECOND });
	sched_limits(&s, 600, 0, 1);
	assert_int_equal(send_one(&wait), -1 - SCHED_WAIT);
	assert_int_equal(wait, 7 * SECOND);
	now.us += wait;
	for (int i = 0; i < 10; i++)
		assert_int_equal(send_one(&wait), STORE_NORMAL);
}

static void
a_peer_that_fails_is_left_alone_then_probed(void **state)
{
	int64_t wait;
	int tries = 0;

	(void)state;
	setup(2, 0, 1);
	fill(STORE_NORMAL, 20);
	fill(STORE_WARNING, 5);
	while (send_one(&wait) >= 0) {
		tries++;
		if (sched_ended(&s, SCHED_FAIL, 0, now, UINT32_MAX))
			break;
	}
	assert_int_equal(tries, 4);
	assert_int_equal(send_one(&wait), -1 - SCHED_WAIT);
	assert_int_equal(wait, 5 * SECOND);
	now.us += wait;
	assert_int_equal(send_one(&wait), STORE_WARNING);
	assert_int_equal(send_one(&wait), -1 - SCHED_FULL);
	assert_true(sched_ended(&s, SCHED_FAIL, 0, now, UINT32_MAX));
	assert_int_equal(send_one(&wait), -1 - SCHED_WAIT);
	assert_int_equal(wait, 10 * SECOND);
	now.us += wait;
	assert_true(send_one(&wait) >= 0);
	ok();
	assert_string_equal(breaker_name(&s.breaker), "closed");
	assert_true(send_one(&wait) >= 0);
}

static void
the_breaker_never_waits_longer_than_five_minutes(void **state)
{
	struct breaker b;

	(void)state;
	breaker_init(&b, 1);
	for (int i = 0; i < 100; i++)
		breaker_trip(&b, now, UINT32_MAX);
	assert_int_equal(breaker_wait(&b, now, INT64_MAX), 300 * SECOND);
	breaker_trip(&b, now, 0);
	assert_int_equal(breaker_wait(&b, now, INT64_MAX), 150 * SECOND);
}

/* It was down all night; now it is back, and there is a warning. */
static void
a_warning_does_not_wait_for_a_late_probe(void **state)
{
	int64_t wait;

	(void)state;
	setup(2, 0, 1);
	fill(STORE_BULK, 1);
	for (int i = 0; i < 100; i++)
		breaker_trip(&s.breaker, now, UINT32_MAX);
	assert_int_equal(send_one(&wait), -1 - SCHED_WAIT);
	assert_int_equal(wait, 300 * SECOND);
	now.us += 10 * SECOND;
	fill(STORE_WARNING, 1);
	assert_int_equal(send_one(&wait), -1 - SCHED_WAIT);
	assert_int_equal(wait, 20 * SECOND);
	now.us += 100 * SECOND;
	assert_int_equal(send_one(&wait), STORE_WARNING);
	assert_int_equal(send_one(&wait), -1 - SCHED_FULL);
}

static void
a_paused_channel_sends_nothing(void **state)
{
	int64_t wait;

	(void)state;
	setup(4, 0, 1);
	fill(STORE_WARNING, 1);
	s.paused = true;
	assert_int_equal(send_one(&wait), -1 - SCHED_IDLE);
	s.paused = false;
	assert_int_equal(send_one(&wait), STORE_WARNING);
}

static void
a_blocked_job_waits_for_its_chain(void **state)
{
	int64_t wait;

	(void)state;
	setup(4, 0, 1);
	fill(STORE_WARNING, 2);
	sched_block(&s, &queues[STORE_WARNING], true);
	assert_int_equal(send_one(&wait), -1 - SCHED_IDLE);
	sched_block(&s, &queues[STORE_WARNING], false);
	assert_int_equal(send_one(&wait), STORE_WARNING);
	assert_non_null(sched_empty(&s, &queues[STORE_WARNING]));
	assert_int_equal(send_one(&wait), -1 - SCHED_IDLE);
}

static void
a_wish_of_the_peer_pauses_the_bucket(void **state)
{
	int64_t wait;

	(void)state;
	setup(4, 0, 1);
	fill(STORE_WARNING, 3);
	assert_int_equal(send_one(&wait), STORE_WARNING);
	sched_ended(&s, SCHED_NEUTRAL, 7, now, 0);
	assert_int_equal(send_one(&wait), -1 - SCHED_WAIT);
	assert_int_equal(wait, 7 * SECOND);
	now.us += wait;
	assert_int_equal(send_one(&wait), STORE_WARNING);
}

static void
retries_grow_have_jitter_and_a_cap(void **state)
{
	(void)state;
	assert_int_equal(retry_delay(STORE_WARNING, 1, 0, 0), SECOND / 2);
	assert_int_equal(retry_delay(STORE_WARNING, 1, 0, UINT32_MAX),
	    SECOND);
	assert_int_equal(retry_delay(STORE_WARNING, 3, 0, UINT32_MAX),
	    4 * SECOND);
	assert_int_equal(retry_delay(STORE_WARNING, 1000, 0, UINT32_MAX),
	    30 * SECOND);
	assert_int_equal(retry_delay(STORE_BULK, 1000, 0, UINT32_MAX),
	    4 * 3600 * SECOND);
	for (uint32_t n = 1; n < 40; n++)
		assert_true(retry_delay(STORE_URGENT, n, 0, 0) >=
		    3 * SECOND / 2);
}

static void
retry_after_is_honoured_up_to_an_hour(void **state)
{
	(void)state;
	assert_int_equal(retry_delay(STORE_WARNING, 1, 90, 0), 90 * SECOND);
	assert_int_equal(retry_delay(STORE_WARNING, 1, UINT32_MAX, 0),
	    3600 * SECOND);
}

static void
giving_up_follows_expiry_or_lane(void **state)
{
	struct wall t0 = { 5 * SECOND }, none = { 0 }, exp = { 9 * SECOND };

	(void)state;
	assert_int_equal(retry_give_up(STORE_BULK, t0, exp).us, exp.us);
	assert_int_equal(retry_give_up(STORE_WARNING, t0, none).us,
	    t0.us + 6 * 3600 * SECOND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_look_takes_nothing),
		cmocka_unit_test(a_warning_goes_before_everything),
		cmocka_unit_test(bulk_gets_its_share_and_no_more),
		cmocka_unit_test(jobs_of_a_lane_take_turns),
		cmocka_unit_test(
		    slots_are_kept_for_a_warning_behind_a_hanging_provider),
		cmocka_unit_test(a_window_of_one_still_sends),
		cmocka_unit_test(the_rate_holds_and_keeps_tokens_for_warnings),
		cmocka_unit_test(a_faster_rate_counts_at_once_but_for_a_pause),
		cmocka_unit_test(a_peer_that_fails_is_left_alone_then_probed),
		cmocka_unit_test(
		    the_breaker_never_waits_longer_than_five_minutes),
		cmocka_unit_test(a_warning_does_not_wait_for_a_late_probe),
		cmocka_unit_test(a_paused_channel_sends_nothing),
		cmocka_unit_test(a_blocked_job_waits_for_its_chain),
		cmocka_unit_test(a_wish_of_the_peer_pauses_the_bucket),
		cmocka_unit_test(retries_grow_have_jitter_and_a_cap),
		cmocka_unit_test(retry_after_is_honoured_up_to_an_hour),
		cmocka_unit_test(giving_up_follows_expiry_or_lane),
	};

	return cmocka_run_group_tests_name("sched", tests, NULL, NULL);
}
