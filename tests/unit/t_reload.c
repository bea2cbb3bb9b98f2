/*
 * t_reload: the engine across a change of its configuration, a stop in the
 * middle of one, and what earlier lives have left. Virtual time, and a worker
 * that does as it is told.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/engine.h"
#include "store/flight.h"
#include "unit/conf_text.h"
#include "unit/stub_twin.h"
#include "unit/town.h"

static void
reload(struct town *t)
{
	struct err e = { ERR_OK, "" };

	assert_int_equal(engine_reload(t->engine, t->next, &e), 0);
	loop_once(t->fx.loop, 0);
}

static void
drained(void *arg)
{
	((struct town *)arg)->drained = true;
}

static void
a_channel_that_is_away_misses_nothing(void **state)
{
	struct town t;

	(void)state;
	town_open(&t, "none");
	town_start(&t);
	town_publish(&t, "lf-2026-0001");
	assert_int_equal(t.code, ERR_OK);
	assert_int_equal(stub.n, 1);
	reload(&t);
	assert_false(engine_settled(t.engine));
	town_publish(&t, "lf-2026-0002");
	assert_int_equal(t.code, ERR_OK);
	assert_int_equal(stub.n, 1);
	stub_accept_all();
	loop_once(t.fx.loop, CLOCK_SECOND);
	assert_true(engine_settled(t.engine));
	assert_int_equal(stub.starts, 2);
	assert_int_equal(stub.n, 2);
	stub_accept_all();
	loop_once(t.fx.loop, 0);
	assert_int_equal(fx_count(&t.fx, "lf-2026-0001", 0, "accepted"), 1);
	assert_int_equal(fx_count(&t.fx, "lf-2026-0002", 0, "accepted"), 1);
	town_close(&t);
}

static void
a_new_rate_holds_at_once_without_a_new_worker(void **state)
{
	struct town t;

	(void)state;
	town_open(&t, "none");
	conf_free(&t.next);
	t.next = good(CONF("rate = 0.1;"));
	town_start(&t);
	reload(&t);
	town_publish(&t, "lf-2026-0001");
	town_publish(&t, "lf-2026-0002");
	assert_int_equal(stub.n, 1);
	stub_accept_all();
	loop_once(t.fx.loop, 9 * CLOCK_SECOND);
	assert_int_equal(stub.n, 1);
	loop_once(t.fx.loop, 2 * CLOCK_SECOND);
	assert_int_equal(stub.n, 2);
	assert_int_equal(stub.starts, 1);
	stub_accept_all();
	loop_once(t.fx.loop, 0);
	town_close(&t);
}

static void
a_stop_waits_for_a_channel_that_is_away(void **state)
{
	struct town t;

	(void)state;
	town_open(&t, "none");
	town_start(&t);
	town_publish(&t, "lf-2026-0001");
	reload(&t);
	engine_drain(t.engine, 5000, drained, &t);
	loop_once(t.fx.loop, CLOCK_SECOND);
	assert_false(t.drained);
	stub_accept_all();
	loop_once(t.fx.loop, CLOCK_SECOND);
	assert_true(t.drained);
	assert_int_equal(stub.starts, 1);
	assert_int_equal(fx_count(&t.fx, "lf-2026-0001", 0, "accepted"), 1);
	town_close(&t);
}

static void
ledgers_of_channels_that_are_gone_are_read_once(void **state)
{
	struct err e = { ERR_OK, "" };
	struct flight *flight;
	struct town t;
	char path[128];

	(void)state;
	town_open(&t, "none");
	snprintf(path, sizeof(path), "%s/flight.gone", t.fx.dir);
	assert_int_equal(flight_open(path, 4, &flight, &e), 0);
	assert_true(flight_start(flight, 1, 1, 1) >= 0);
	flight_close(&flight);
	assert_int_equal(access(path, F_OK), 0);
	town_start(&t);
	assert_int_equal(access(path, F_OK), -1);
	town_close(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_channel_that_is_away_misses_nothing),
		cmocka_unit_test(a_new_rate_holds_at_once_without_a_new_worker),
		cmocka_unit_test(a_stop_waits_for_a_channel_that_is_away),
		cmocka_unit_test(
		    ledgers_of_channels_that_are_gone_are_read_once),
	};

	return cmocka_run_group_tests_name("reload", tests, NULL, NULL);
}
