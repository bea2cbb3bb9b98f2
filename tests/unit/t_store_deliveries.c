/*
 * t_store_deliveries: what people are told: deliveries, traces, lists; and the
 * small things that are kept.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "unit/store_fixture.h"

static void
deliveries_come_by_page(void **state)
{
	struct fx f;
	int64_t job = fx_begin(&f);
	json_t *page, *j;

	(void)state;
	fx_claim(&f, job, 3, FX_NOW);
	fx_put(&f, job, 1, STORE_ACCEPTED);
	fx_put(&f, job, 2, STORE_RETRY);
	fx_put(&f, job, 3, STORE_FAILED);
	page = store_deliveries(f.store, "lf-1", NULL, -1, "", 2);
	assert_int_equal(json_array_size(page), 2);
	j = json_array_get(page, 1);
	assert_string_equal(json_string_value(json_object_get(j, "state")),
	    "retry");
	assert_string_equal(json_string_value(json_object_get(j, "action")),
	    "send");
	assert_string_equal(json_string_value(json_object_get(j,
	    "delivery")), "1.2");
	json_decref(page);
	page = store_deliveries(f.store, "lf-1", "a", -1, "1.2", 9);
	assert_int_equal(json_array_size(page), 1);
	json_decref(page);
	page = store_deliveries(f.store, "lf-1", "a", STORE_FAILED, "", 9);
	assert_int_equal(json_array_size(page), 1);
	json_decref(page);
	page = store_deliveries(f.store, "lf-1", NULL, STORE_RETRY, "", 9);
	assert_int_equal(json_array_size(page), 1);
	json_decref(page);
	page = store_deliveries(f.store, "lf-1", NULL, STORE_QUEUED, "", 9);
	assert_int_equal(json_array_size(page), 0);
	json_decref(page);
	page = store_deliveries(f.store, "lf-1", NULL, STORE_DELIVERED, "",
	    9);
	assert_int_equal(json_array_size(page), 0);
	json_decref(page);
	fx_put(&f, job, 1, STORE_DELIVERED);
	page = store_deliveries(f.store, "lf-1", NULL, STORE_DELIVERED, "",
	    9);
	assert_int_equal(json_array_size(page), 1);
	json_decref(page);
	page = store_deliveries(f.store, "lf-1", "b", -1, "", 9);
	assert_int_equal(json_array_size(page), 0);
	json_decref(page);
	fx_fini(&f);
}

static void
trace_tells_every_try(void **state)
{
	struct fx f;
	int64_t job = fx_begin(&f);
	struct store_outcome o = { .job = job, .target = 1,
		.state = STORE_RETRY, .attempt = 1, .counts = true,
		.at = FX_NOW, .due = FX_NOW, .code = 503, .text = "busy" };
	json_t *j, *tries;

	(void)state;
	fx_claim(&f, job, 2, FX_NOW);
	o.lease = f.lease;
	fx_record(&f, &o, 1);
	fx_claim(&f, job, 1, FX_NOW);
	o = (struct store_outcome){ .job = job, .target = 1, .attempt = 2,
		.state = STORE_ACCEPTED, .at = FX_NOW + 1, .peer_id = "m1" };
	fx_record(&f, &o, 1);
	j = store_trace(f.store, "1.1");
	tries = json_object_get(j, "attempts");
	assert_int_equal(json_array_size(tries), 2);
	assert_string_equal(json_string_value(json_object_get(
	    json_array_get(tries, 0), "text")), "busy");
	assert_string_equal(json_string_value(json_object_get(j, "state")),
	    "accepted");
	assert_string_equal(json_string_value(json_object_get(j,
	    "peer_id")), "m1");
	json_decref(j);
	j = store_trace(f.store, "1.3");
	assert_string_equal(json_string_value(json_object_get(j, "state")),
	    "queued");
	json_decref(j);
	assert_null(store_trace(f.store, "1.4"));
	assert_null(store_trace(f.store, "2.1"));
	assert_null(store_trace(f.store, "1"));
	assert_null(store_trace(f.store, "1.1x"));
	fx_fini(&f);
}

static void
long_texts_are_cut_at_a_character(void **state)
{
	struct fx f;
	int64_t job = fx_begin(&f);
	char text[300];
	struct store_outcome o = { .job = job, .target = 1, .attempt = 1,
		.state = STORE_FAILED, .at = FX_NOW, .text = text };
	const char *got;
	json_t *j;

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text + 254, "ä", 2);
	text[299] = '\0';
	fx_claim(&f, job, 1, FX_NOW);
	o.lease = f.lease;
	fx_record(&f, &o, 1);
	j = store_trace(f.store, "1.1");
	got = json_string_value(json_object_get(j, "text"));
	assert_int_equal(strlen(got), 254);
	json_decref(j);
	fx_fini(&f);
}

static void
list_has_the_newest_first(void **state)
{
	struct fx f;
	json_t *list;

	(void)state;
	fx_init(&f, false);
	fx_accept(&f, (struct fx_new){ .uid = "lf-1" });
	fx_accept(&f, (struct fx_new){ .uid = "lf-2" });
	list = store_list(f.store, 10);
	assert_int_equal(json_array_size(list), 2);
	assert_string_equal(json_string_value(json_object_get(
	    json_array_get(list, 0), "id")), "lf-2");
	assert_null(json_object_get(json_array_get(list, 0), "channels"));
	json_decref(list);
	assert_null(store_status(f.store, "lf-3"));
	fx_fini(&f);
}

static void
small_things_are_kept(void **state)
{
	char chain[72], *s;
	struct fx f;
	json_t *all;

	(void)state;
	fx_init(&f, false);
	fx_accept(&f, (struct fx_new){ .uid = "lf-2", .chain = "lf-1" });
	store_chain_of(f.store, "lf-2", chain, sizeof(chain));
	assert_string_equal(chain, "lf-1");
	store_chain_of(f.store, "lf-7", chain, sizeof(chain));
	assert_string_equal(chain, "lf-7");
	assert_int_equal(store_find(f.store, "lf-2"), f.ann);
	assert_int_equal(store_find(f.store, "lf-7"), 0);
	s = store_body(f.store, f.ann);
	assert_string_equal(s, "{}");
	free(s);
	store_rendition_put(f.store, f.ann, "a", "de", "[1]", fx_answer, &f);
	fx_wait(&f);
	s = store_rendition_get(f.store, f.ann, "a", "de");
	assert_string_equal(s, "[1]");
	free(s);
	assert_null(store_rendition_get(f.store, f.ann, "a", "uk"));
	store_channel_put(f.store, "a", "paused", "1", NULL, NULL);
	store_channel_put(f.store, "a", "cause", "x", NULL, NULL);
	store_channel_put(f.store, "a", "cause", NULL, fx_answer, &f);
	fx_wait(&f);
	all = store_channel_get(f.store, "a");
	assert_int_equal(json_object_size(all), 1);
	assert_string_equal(json_string_value(json_object_get(all,
	    "paused")), "1");
	json_decref(all);
	fx_fini(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deliveries_come_by_page),
		cmocka_unit_test(trace_tells_every_try),
		cmocka_unit_test(long_texts_are_cut_at_a_character),
		cmocka_unit_test(list_has_the_newest_first),
		cmocka_unit_test(small_things_are_kept),
	};

	log_init("t_store_deliveries", LOG_TEXT, LOG_LEVEL_FATAL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
