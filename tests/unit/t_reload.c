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
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/engine.h"
#include "engine/hello.h"
#include "litfass/plugin.h"
#include "store/flight.h"
#include "unit/conf_text.h"
#include "unit/store_fixture.h"
#include "unit/stub_twin.h"

#define CONF(more)							\
	HEAD "channels: { a: { plugin = \"file\"; " more " }; };\n"

struct house {
	struct fx fx;
	struct conf *conf, *next;
	struct engine *engine;
	int answers;
	enum err_code code;
	json_t *result;
	bool drained;
};

/* In place of engine/hello.c: no process is asked. */
int
hello_describe(const struct conf *c, const struct conf_channel *cc,
    const char *program, json_t **meta_r, struct err *e)
{
	(void)c;
	(void)cc;
	(void)program;
	(void)e;
	*meta_r = json_pack("{ss si si si}", "address_kind", "none", "caps",
	    (int)LF_CAP_RETRACT, "max_inflight", 8, "send_timeout", 10);
	return 0;
}

json_t *
hello_new(const struct conf *c, const struct conf_channel *cc,
    const json_t *meta, const json_t *kept, bool live, int *fds,
    size_t *n_r, struct err *e)
{
	(void)c;
	(void)cc;
	(void)meta;
	(void)kept;
	(void)live;
	(void)fds;
	(void)n_r;
	(void)e;
	return NULL;
}

static void
open_engine(struct house *h)
{
	struct engine_with with = { .loop = h->fx.loop,
		.store = h->fx.store, .config = h->conf, .program = "none",
		.state_dir = h->fx.dir };
	struct err e = { ERR_OK, "" };

	assert_int_equal(engine_new(&with, &h->engine, &e), 0);
	engine_start(h->engine);
	loop_once(h->fx.loop, 0);
}

static void
open_house(struct house *h)
{
	memset(h, 0, sizeof(*h));
	stub_reset();
	fx_init(&h->fx, false);
	h->conf = good(CONF(""));
	h->next = good(CONF("path = \"/tmp/other\";"));
}

static void
close_house(struct house *h)
{
	char path[128];

	json_decref(h->result);
	engine_free(&h->engine);
	conf_free(&h->conf);
	conf_free(&h->next);
	snprintf(path, sizeof(path), "%s/flight.a", h->fx.dir);
	unlink(path);
	fx_fini(&h->fx);
}

static void
answered(void *arg, const struct err *e, json_t *result)
{
	struct house *h = arg;

	h->answers++;
	h->code = e->code;
	if (e->code != ERR_OK)
		print_message("%s\n", e->text);
	json_decref(h->result);
	h->result = result;
}

/* One of ours, under an id of the test. */
static void
publish(struct house *h, const char *id)
{
	json_t *all = json_load_file(TEST_DATA "/announcements.json", 0, NULL);
	json_t *a = json_deep_copy(json_array_get(json_object_get(all,
	    "announcements"), 0));
	json_t *request = json_pack("{so}", "announcement", a);
	int before = h->answers;

	assert_non_null(all);
	json_object_set_new(a, "id", json_string(id));
	engine_publish(h->engine, request, "uid:1000", answered, h);
	json_decref(request);
	json_decref(all);
	while (h->answers == before)
		loop_once(h->fx.loop, 0);
	loop_once(h->fx.loop, 0);
}

static void
reload(struct house *h)
{
	struct err e = { ERR_OK, "" };

	assert_int_equal(engine_reload(h->engine, h->next, &e), 0);
	loop_once(h->fx.loop, 0);
}

static void
drained(void *arg)
{
	((struct house *)arg)->drained = true;
}

static void
a_channel_that_is_away_misses_nothing(void **state)
{
	struct house h;

	(void)state;
	open_house(&h);
	open_engine(&h);
	publish(&h, "lf-2026-0001");
	assert_int_equal(h.code, ERR_OK);
	assert_int_equal(stub.n, 1);
	reload(&h);
	assert_false(engine_settled(h.engine));
	publish(&h, "lf-2026-0002");
	assert_int_equal(h.code, ERR_OK);
	assert_int_equal(stub.n, 1);
	stub_accept_all();
	loop_once(h.fx.loop, CLOCK_SECOND);
	assert_true(engine_settled(h.engine));
	assert_int_equal(stub.starts, 2);
	assert_int_equal(stub.n, 2);
	stub_accept_all();
	loop_once(h.fx.loop, 0);
	assert_int_equal(fx_count(&h.fx, "lf-2026-0001", 0, "accepted"), 1);
	assert_int_equal(fx_count(&h.fx, "lf-2026-0002", 0, "accepted"), 1);
	close_house(&h);
}

static void
a_new_rate_holds_at_once_without_a_new_worker(void **state)
{
	struct house h;

	(void)state;
	open_house(&h);
	conf_free(&h.next);
	h.next = good(CONF("rate = 0.1;"));
	open_engine(&h);
	reload(&h);
	publish(&h, "lf-2026-0001");
	publish(&h, "lf-2026-0002");
	assert_int_equal(stub.n, 1);
	stub_accept_all();
	loop_once(h.fx.loop, 9 * CLOCK_SECOND);
	assert_int_equal(stub.n, 1);
	loop_once(h.fx.loop, 2 * CLOCK_SECOND);
	assert_int_equal(stub.n, 2);
	assert_int_equal(stub.starts, 1);
	stub_accept_all();
	loop_once(h.fx.loop, 0);
	close_house(&h);
}

static void
a_stop_waits_for_a_channel_that_is_away(void **state)
{
	struct house h;

	(void)state;
	open_house(&h);
	open_engine(&h);
	publish(&h, "lf-2026-0001");
	reload(&h);
	engine_drain(h.engine, 5000, drained, &h);
	loop_once(h.fx.loop, CLOCK_SECOND);
	assert_false(h.drained);
	stub_accept_all();
	loop_once(h.fx.loop, CLOCK_SECOND);
	assert_true(h.drained);
	assert_int_equal(stub.starts, 1);
	assert_int_equal(fx_count(&h.fx, "lf-2026-0001", 0, "accepted"), 1);
	close_house(&h);
}

static void
ledgers_of_channels_that_are_gone_are_read_once(void **state)
{
	struct err e = { ERR_OK, "" };
	struct flight *flight;
	struct house h;
	char path[128];

	(void)state;
	open_house(&h);
	snprintf(path, sizeof(path), "%s/flight.gone", h.fx.dir);
	assert_int_equal(flight_open(path, 4, &flight, &e), 0);
	assert_true(flight_start(flight, 1, 1, 1) >= 0);
	flight_close(&flight);
	assert_int_equal(access(path, F_OK), 0);
	open_engine(&h);
	assert_int_equal(access(path, F_OK), -1);
	close_house(&h);
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
