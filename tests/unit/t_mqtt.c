/*
 * t_mqtt: addresses, topics, answers and display documents of the mqtt
 * plugin, without a broker.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>
#include <mosquitto.h>

#include "mqtt/broker.h"
#include "mqtt/doc.h"
#include "mqtt/reason.h"
#include "mqtt/topic.h"
#include "stub_host.h"

static struct lf_out out;

/* Everything is there, as the contract promises: no string is NULL. */
static struct lf_announcement
announcement(void)
{
	return (struct lf_announcement){
		.size = sizeof(struct lf_announcement), .version = 1,
		.id = "lf-1", .chain = "lf-0", .kind = "warning",
		.msg_type = "alert", .status = "actual", .severity = "severe",
		.lang = "de", .wanted = "de", .dir = "ltr", .mark = "",
		.headline = "Sturm", .teaser = "", .body = "",
		.instruction = "Bleiben Sie zu Hause.", .sms = "", .sign = "",
		.voice = "", .sender_short = "Lindenfurt", .area = "",
		.link = "https://l.example/a", .link_label = "",
		.sent = 1792849200, .starts = 0, .expires = 1792900800,
	};
}

static void
repeat(char *to, size_t size, const char *s, int n)
{
	size_t len = strlen(s);

	assert_true(len * (size_t)n < size);
	for (int i = 0; i < n; i++)
		memcpy(to + len * (size_t)i, s, len + 1);
}

static void
an_address_is_taken_apart(void **state)
{
	struct broker b;

	(void)state;
	assert_null(broker_parse("mqtt://broker.example", &b));
	assert_string_equal(b.host, "broker.example");
	assert_int_equal(b.port, 1883);
	assert_false(b.tls);
	assert_null(broker_parse("mqtts://[2001:db8::1]/", &b));
	assert_string_equal(b.host, "2001:db8::1");
	assert_int_equal(b.port, 8883);
	assert_true(b.tls);
	assert_null(broker_parse("mqtt://127.0.0.1:65535", &b));
	assert_int_equal(b.port, 65535);
}

static void
a_bad_address_is_refused(void **state)
{
	static const char *const bad[] = { "", "mqtt:", "http://b", "mqtt://",
		"mqtt://:1", "mqtt://b:", "mqtt://b:0", "mqtt://b:65536",
		"mqtt://b:-1", "mqtt://b:1x", "mqtt://u:p@b", "mqtt://b/x",
		"mqtt://[::1", "mqtt://[::1]x", "mqtt://b?q", "mqtt://b#f" };
	struct broker b;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (broker_parse(bad[i], &b) == NULL)
			fail_msg("taken: %s", bad[i]);
}

static void
a_topic_names_group_and_chain(void **state)
{
	char topic[TOPIC_MAX];

	(void)state;
	assert_true(topic_make("litfass/v1", "altstadt", "lf-2026-0001",
	    topic));
	assert_string_equal(topic,
	    "litfass/v1/g/altstadt/a/lf-2026-0001");
}

static void
a_wildcard_never_gets_into_a_topic(void **state)
{
	static const char *const bad[] = { "", "#", "+", "a/b", "a b", "ä",
		"a\n", "$SYS" };
	char topic[TOPIC_MAX], name[66];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(topic_make("p", bad[i], "c", topic));
		assert_false(topic_make("p", "g", bad[i], topic));
	}
	memset(name, 'a', 65);
	name[65] = '\0';
	assert_false(topic_make("p", name, "c", topic));
	assert_true(topic_prefix_ok("litfass/v1"));
	assert_false(topic_prefix_ok("/litfass"));
	assert_false(topic_prefix_ok("litfass/"));
	assert_false(topic_prefix_ok("a//b"));
	assert_false(topic_prefix_ok("a/#"));
	assert_false(topic_prefix_ok(""));
}

static void
every_answer_has_an_outcome(void **state)
{
	static const struct {
		const struct reason *(*look)(int);
		int code, outcome;
	} rows[] = {
		{ reason_puback, 0x00, LF_ACCEPTED },
		{ reason_puback, 0x10, LF_ACCEPTED },
		{ reason_puback, 0x80, LF_TEMPFAIL },
		{ reason_puback, 0x87, LF_TEMPFAIL },
		{ reason_puback, 0x90, LF_PERMFAIL },
		{ reason_puback, 0x95, LF_PERMFAIL },
		{ reason_puback, 0x97, LF_TEMPFAIL },
		{ reason_puback, 0x99, LF_PERMFAIL },
		{ reason_puback, 0xee, LF_CHANNEL_DOWN },
		{ reason_connack, 3, LF_TEMPFAIL },
		{ reason_connack, 5, LF_CHANNEL_DOWN },
		{ reason_connack, 0x86, LF_CHANNEL_DOWN },
		{ reason_connack, 0x88, LF_TEMPFAIL },
		{ reason_connack, 0x9f, LF_TEMPFAIL },
		{ reason_connack, 0xee, LF_CHANNEL_DOWN },
		{ reason_disconnect, 0x8e, LF_TEMPFAIL },
		{ reason_disconnect, 0x9d, LF_CHANNEL_DOWN },
		{ reason_disconnect, 0xee, LF_TEMPFAIL },
		{ reason_library, MOSQ_ERR_NO_CONN, LF_TEMPFAIL },
		{ reason_library, MOSQ_ERR_OVERSIZE_PACKET, LF_PERMFAIL },
		{ reason_library, 999, LF_CHANNEL_DOWN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(rows[i].look(rows[i].code)->outcome,
		    rows[i].outcome);
	assert_non_null(strstr(reason_puback(0x10)->text, "no display"));
}

static void
a_page_ends_at_a_bound(void **state)
{
	(void)state;
	assert_int_equal(doc_page("kurz", 10), 4);
	/* a block that fills more than half of it */
	assert_int_equal(doc_page("123456\nabc def", 10), 6);
	/* else a sentence, else a word */
	assert_int_equal(doc_page("Eins 2. Drei vier", 12), 7);
	assert_int_equal(doc_page("Der 12. Mai ist frei", 13), 11);
	assert_int_equal(doc_page("Eins zwei drei", 12), 9);
	assert_int_equal(doc_page("Donaudampfschiff", 10), 0);
	/* characters, not bytes */
	assert_int_equal(doc_page("ääää", 4), 8);
}

static void
the_document_has_its_bytes(void **state)
{
	struct lf_announcement a = announcement();

	(void)state;
	stub_reset(&out);
	assert_int_equal(doc_write(&stub_host, &a, "{{instruction}}", &out),
	    0);
	assert_string_equal(out.body,
	    "{\"v\":1,\"t\":\"a\",\"id\":\"lf-1\",\"aid\":\"lf-0\","
	    "\"rev\":1792849200001,\"state\":\"show\",\"class\":\"warning\","
	    "\"kind\":\"warning\",\"severity\":\"severe\",\"pri\":1,"
	    "\"test\":false,\"iat\":\"2026-10-24T13:40:00Z\","
	    "\"from\":\"2026-10-24T13:40:00Z\","
	    "\"until\":\"2026-10-25T04:00:00Z\",\"src\":\"Lindenfurt\","
	    "\"pages\":[{\"lang\":\"de\",\"head\":\"Sturm\","
	    "\"text\":\"Bleiben Sie zu Hause.\"}],"
	    "\"link\":\"https://l.example/a\"}");
	stub_reset(&out);
}

static void
an_update_has_a_higher_rev(void **state)
{
	struct lf_announcement a = announcement();
	json_int_t old, new;
	json_t *o;

	(void)state;
	stub_reset(&out);
	a.version = 3;
	doc_write(&stub_host, &a, "", &out);
	o = json_loads(out.body, 0, NULL);
	old = json_integer_value(json_object_get(o, "rev"));
	json_decref(o);
	stub_reset(&out);
	a.version = 1;
	a.sent++;
	doc_write(&stub_host, &a, "", &out);
	o = json_loads(out.body, 0, NULL);
	new = json_integer_value(json_object_get(o, "rev"));
	json_decref(o);
	assert_true(new > old);
	stub_reset(&out);
}

static void
a_sign_text_comes_as_it_was_written(void **state)
{
	struct lf_announcement a = announcement();

	(void)state;
	stub_reset(&out);
	a.severity = "extreme";
	a.dir = "rtl";
	a.sign = "EVAKUIERUNG BIS 14 UHR\nUmkreis 500 m\nBusse ab Rathaus";
	assert_int_equal(doc_write(&stub_host, &a, "no", &out), 0);
	assert_non_null(strstr(out.body, "\"pages\":[{\"lang\":\"de\","
	    "\"dir\":\"rtl\",\"head\":\"EVAKUIERUNG BIS 14 UHR\","
	    "\"text\":\"Umkreis 500 m\\nBusse ab Rathaus\"}]"));
	assert_non_null(strstr(out.body, "\"pri\":0"));
	stub_reset(&out);
}

/* Who writes it all on one line must not lose what a headline can't hold. */
static void
a_sign_text_on_one_line_loses_nothing(void **state)
{
	struct lf_announcement a = announcement();

	(void)state;
	stub_reset(&out);
	a.sign = "Trinkwasser abkochen! Gilt in der Altstadt und im "
	    "Hafen bis auf Weiteres. Ausgabe am Rathaus.";
	assert_int_equal(doc_write(&stub_host, &a, "no", &out), 0);
	assert_non_null(strstr(out.body, "\"head\":\"Trinkwasser abkochen! "
	    "Gilt in der Altstadt und im Hafen bis\",\"text\":\"auf "
	    "Weiteres. Ausgabe am Rathaus.\"}]"));
	stub_reset(&out);
	a.sign = "Donaudampfschifffahrtsgesellschaftskapitaenskajueten"
	    "schluesselverleih";
	assert_int_equal(doc_write(&stub_host, &a, "no", &out), 0);
	assert_non_null(strstr(out.body, "schluesselverleih\"}]"));
	assert_string_equal(out.notes, "");
	stub_reset(&out);
}

static void
a_link_that_nobody_could_scan_is_left_out(void **state)
{
	struct lf_announcement a = announcement();
	char link[3001] = "https://l.example/";

	(void)state;
	stub_reset(&out);
	memset(link + strlen(link), 'a', sizeof(link) - 1 - strlen(link));
	a.link = link;
	assert_int_equal(doc_write(&stub_host, &a, "{{instruction}}", &out),
	    0);
	assert_null(strstr(out.body, "\"link\""));
	assert_non_null(strstr(out.body, "Bleiben Sie zu Hause."));
	assert_string_equal(out.notes, "warn:link-dropped ");
	stub_reset(&out);
}

static void
a_long_text_becomes_pages(void **state)
{
	struct lf_announcement a = announcement();
	char text[400] = "";
	json_t *o, *pages;

	(void)state;
	stub_reset(&out);
	repeat(text, sizeof(text), "Meiden Sie das Ufer der Linde.\n", 10);
	a.instruction = text;	/* ends with a line end, which goes */
	doc_write(&stub_host, &a, "{{instruction}}", &out);
	o = json_loads(out.body, 0, NULL);
	pages = json_object_get(o, "pages");
	assert_int_equal(json_array_size(pages), 3);
	for (size_t i = 0; i < 3; i++)
		assert_true(json_string_length(json_object_get(json_array_get(
		    pages, i), "text")) <= DOC_TEXT + 2);
	assert_null(strstr(out.body, "\\n\""));
	json_decref(o);
	stub_reset(&out);
}

/* Four bytes a character, in eight languages: the worst that can come. */
static void
a_document_always_fits(void **state)
{
	struct lf_announcement a = announcement(), all[9];
	char text[1001] = "";

	(void)state;
	repeat(text, sizeof(text), "😀😀😀 ", 50);
	a.headline = a.instruction = text;
	for (int n = 1; n <= 9; n++) {
		stub_reset(&out);
		for (int i = 0; i < n; i++)
			all[i] = a;
		a.all = all;
		a.n_all = (uint32_t)n;
		assert_int_equal(doc_write(&stub_host, &a,
		    "{{instruction}}", &out), 0);
		assert_true(strlen(out.body) <= DOC_MAX);
		a.n_all = 0;
	}
	assert_non_null(strstr(out.notes, "languages-dropped"));
	assert_non_null(strstr(out.notes, "pages-shortened"));
	stub_reset(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_taken_apart),
		cmocka_unit_test(a_bad_address_is_refused),
		cmocka_unit_test(a_topic_names_group_and_chain),
		cmocka_unit_test(a_wildcard_never_gets_into_a_topic),
		cmocka_unit_test(every_answer_has_an_outcome),
		cmocka_unit_test(a_page_ends_at_a_bound),
		cmocka_unit_test(the_document_has_its_bytes),
		cmocka_unit_test(an_update_has_a_higher_rev),
		cmocka_unit_test(a_sign_text_comes_as_it_was_written),
		cmocka_unit_test(a_sign_text_on_one_line_loses_nothing),
		cmocka_unit_test(a_link_that_nobody_could_scan_is_left_out),
		cmocka_unit_test(a_long_text_becomes_pages),
		cmocka_unit_test(a_document_always_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
