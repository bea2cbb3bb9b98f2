/*
 * t_rendition: slots are filled and escaped, hostile files are refused, and
 * deliveries in flight are told from those that have landed.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "litfass/plugin.h"
#include "text/escape.h"
#include "worker/flight.h"
#include "worker/rendition.h"
#include "worker/wire.h"

static struct rendition *
read_text(const char *text, struct err *e)
{
	json_t *json = json_loads(text, 0, NULL);
	struct rendition *r;

	assert_non_null(json);
	r = rendition_new(json, e);
	json_decref(json);
	return r;
}

static void
slots_are_filled_in_order(void **state)
{
	struct rendition *r = read_text("{\"body\":\"to=;id=.\",\"slots\":"
	    "[[3,\"address\",3],[7,\"key\",0],[8,\"address\",0]]}", NULL);
	struct buf b;

	(void)state;
	assert_non_null(r);
	assert_true(rendition_has_slots(r));
	buf_init(&b, 1000);
	rendition_fill(r, "+49 30", "k-1", &b);
	assert_string_equal(buf_cstr(&b), "to=%2B49%2030;id=k-1.+49 30");
	buf_fini(&b);
	rendition_free(&r);
}

static void
escapes_fit_their_place(void **state)
{
	static const struct {
		uint32_t how;
		const char *out;
	} cases[] = {
		{ LF_ESC_NONE, "a\"<&'>\\\n\xc3\xa4~" },
		{ LF_ESC_JSON, "a\\\"<&'>\\\\\\u000a\xc3\xa4~" },
		{ LF_ESC_HTML, "a&quot;&lt;&amp;&#39;&gt;\\\n\xc3\xa4~" },
		{ LF_ESC_URL, "a%22%3C%26%27%3E%5C%0A%C3%A4~" },
	};
	static const char text[] = "a\"<&'>\\\n\xc3\xa4~";
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_clear(&b);
		escape_write(text, sizeof(text) - 1, cases[i].how, &b);
		assert_string_equal(buf_cstr(&b), cases[i].out);
	}
	buf_fini(&b);
}

/* What goes out as JSON comes back as the same bytes. */
static void
bytes_survive_the_journey(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *member;
	} cases[] = {
		{ "Gr\xc3\xbc\xc3\x9f" "e", 7, "body" },
		{ "\xff\x00\x01", 3, "body64" },
		{ "a\0b", 3, "body64" },
		{ "", 0, "body" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *json = rendition_json(cases[i].bytes, cases[i].len,
		    json_array(), json_array(), json_pack("{s:s}", "a", "b"),
		    json_array());
		struct rendition *r = rendition_new(json, NULL);
		size_t len;

		assert_non_null(json_object_get(json, cases[i].member));
		assert_memory_equal(rendition_body(r, &len), cases[i].bytes,
		    cases[i].len);
		assert_int_equal(len, cases[i].len);
		assert_string_equal(rendition_meta(r, "a"), "b");
		assert_string_equal(rendition_meta(r, "c"), "");
		rendition_free(&r);
		json_decref(json);
	}
}

static void
hostile_renditions_are_refused(void **state)
{
	static const char *const bad[] = { "{}", "{\"body\":1}",
		"{\"body64\":\"a*\"}",
		"{\"body\":\"abc\",\"slots\":[[4,\"key\",0]]}",
		"{\"body\":\"abc\",\"slots\":[[-1,\"key\",0]]}",
		"{\"body\":\"abc\",\"slots\":[[2,\"key\",0],[1,\"key\",0]]}",
		"{\"body\":\"abc\",\"slots\":[[1,\"name\",0]]}",
		"{\"body\":\"abc\",\"slots\":[[1,\"key\",4]]}",
		"{\"body\":\"abc\",\"slots\":[7]}" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err e = { ERR_OK, "" };

		assert_null(read_text(bad[i], &e));
		assert_int_equal(e.code, ERR_INVALID);
	}
}

/* ----------------------------------------------------------- in flight -- */

static void
add_sheet(struct sheets *s, int number, const char *text)
{
	struct err e = { ERR_OK, "" };
	json_t *packet = json_pack("{s:i s:s s:s s:s s:i}", "r", number,
	    "announcement", "a", "chain", "c", "lang", "de", "expires", 9);
	int fd = wire_blob_new(text, strlen(text), &e);

	assert_int_equal(sheets_add(s, packet, &fd, 1, &e), 0);
	assert_int_equal(sheets_add(s, packet, &fd, 1, &e), -1);
	wire_close_fds(&fd, 1);
	json_decref(packet);
}

static void
a_delivery_keeps_its_sheet_and_lands_once(void **state)
{
	struct flight_order order = { .id = 7, .action = LF_SEND,
		.attempt = 1, .key = "k", .address = "x@example.net" };
	struct flights *f = flights_new();
	struct sheets sheets = { NULL };
	struct lf_delivery *d, made_up = { 0 };

	(void)state;
	add_sheet(&sheets, 1, "{\"body\":\"to \",\"slots\":"
	    "[[3,\"address\",0]],\"meta\":{\"m\":\"n\"}}");
	d = flights_add(f, &order, sheets_find(&sheets, 1));
	sheets_forget(&sheets, 1);
	assert_null(sheets_find(&sheets, 1));
	assert_string_equal(d->body, "to x@example.net");
	assert_int_equal(d->body_len, 16);
	assert_string_equal(d->chain, "c");
	assert_string_equal(flight_meta(d, "m"), "n");
	assert_int_equal(flight_media_open(d, 0), -1);
	assert_ptr_equal(flights_find(f, 7), d);
	assert_int_equal(flights_land(f, &made_up), FLIGHT_UNKNOWN);
	assert_int_equal(flights_land(f, d), FLIGHT_LANDED);
	assert_int_equal(d->id, 7);
	assert_int_equal(flights_count(f), 0);
	assert_null(flights_find(f, 7));
	assert_int_equal(flights_land(f, d), FLIGHT_LANDED_BEFORE);
	flights_free(&f);
}

static void
taking_back_has_no_body(void **state)
{
	struct flight_order order = { .id = 1, .action = LF_RETRACT,
		.attempt = 1, .key = "k", .address = "" };
	struct flights *f = flights_new();
	struct sheets sheets = { NULL };
	struct lf_delivery *d;

	(void)state;
	add_sheet(&sheets, 1, "{\"body\":\"text\"}");
	d = flights_add(f, &order, sheets_find(&sheets, 1));
	assert_string_equal(d->body, "");
	assert_int_equal(d->body_len, 0);
	flights_free(&f);
	sheets_fini(&sheets);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slots_are_filled_in_order),
		cmocka_unit_test(escapes_fit_their_place),
		cmocka_unit_test(bytes_survive_the_journey),
		cmocka_unit_test(hostile_renditions_are_refused),
		cmocka_unit_test(a_delivery_keeps_its_sheet_and_lands_once),
		cmocka_unit_test(taking_back_has_no_body),
	};

	return cmocka_run_group_tests_name("rendition", tests, NULL, NULL);
}
