/*
 * t_whatsapp: send calls and answers of the whatsapp plugin, without a peer.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "whatsapp/answer.h"
#include "whatsapp/fault.h"
#include "whatsapp/message.h"
#include "stub_host.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

static struct lf_out out;

static struct lf_announcement
announcement(void)
{
	return (struct lf_announcement){
		.size = sizeof(struct lf_announcement), .version = 1,
		.id = "lf-1", .chain = "lf-1", .kind = "warning",
		.lang = "de", .wanted = "de", .dir = "ltr", .mark = "",
		.headline = "Hochwasser \"Linde\"", .teaser = "", .body = "",
		.instruction = "Keller räumen.\nUfer\tmeiden.", .area = "",
		.link = "https://l.example/a", .sign = "",
	};
}

static void
read_answer(int status, const char *body, uint32_t attempt, struct answer *a)
{
	const struct lf_reply reply = { .size = sizeof(reply),
		.status = status, .body = body, .body_len = strlen(body),
		.text = "" };

	answer_read(&reply, attempt, a);
}

static void
read_code(int status, int code, uint32_t attempt, struct answer *a)
{
	char body[200];

	snprintf(body, sizeof(body), "{\"error\":{\"message\":\"x\","
	    "\"type\":\"OAuthException\",\"code\":%d,"
	    "\"fbtrace_id\":\"AbC1\"}}", code);
	read_answer(status, body, attempt, a);
}

/* ------------------------------------------------------------- messages -- */

static void
a_text_call_has_its_bytes(void **state)
{
	struct lf_announcement a = announcement();

	(void)state;
	assert_int_equal(message_text(&stub_host, &a,
	    "*{{headline}}*\n{{link}}", &out), 0);
	assert_string_equal(out.body,
	    "{\"messaging_product\":\"whatsapp\","
	    "\"recipient_type\":\"individual\",\"to\":\"<address>\","
	    "\"biz_opaque_callback_data\":\"<key>\",\"type\":\"text\","
	    "\"text\":{\"preview_url\":true,"
	    "\"body\":\"*Hochwasser \\\"Linde\\\"*\\nhttps://l.example/a\"}}");
	stub_reset(&out);
}

static void
a_template_call_has_its_bytes(void **state)
{
	struct lf_announcement a = announcement();

	(void)state;
	assert_int_equal(message_template(&stub_host, &a,
	    "warnung_v1\ntitel={{headline}}\ngebiet={{area}}\n"
	    "anweisung={{instruction}}\n", "de en", &out), 0);
	assert_string_equal(out.body,
	    "{\"messaging_product\":\"whatsapp\","
	    "\"recipient_type\":\"individual\",\"to\":\"<address>\","
	    "\"biz_opaque_callback_data\":\"<key>\",\"type\":\"template\","
	    "\"template\":{\"name\":\"warnung_v1\","
	    "\"language\":{\"code\":\"de\",\"policy\":\"deterministic\"},"
	    "\"components\":[{\"type\":\"body\",\"parameters\":["
	    "{\"type\":\"text\",\"parameter_name\":\"titel\","
	    "\"text\":\"Hochwasser \\\"Linde\\\"\"},"
	    "{\"type\":\"text\",\"parameter_name\":\"gebiet\","
	    "\"text\":\"-\"},"
	    "{\"type\":\"text\",\"parameter_name\":\"anweisung\","
	    "\"text\":\"Keller räumen. Ufer meiden.\"}]}]}}");
	assert_string_equal(out.notes, "");
	stub_reset(&out);
}

static void
a_template_without_parameters_has_no_components(void **state)
{
	struct lf_announcement a = announcement();

	(void)state;
	a.lang = "tr";
	assert_int_equal(message_template(&stub_host, &a, "hallo", "de en",
	    &out), 0);
	assert_non_null(strstr(out.body, "\"template\":{\"name\":\"hallo\","
	    "\"language\":{\"code\":\"de\",\"policy\":\"deterministic\"}}}"));
	assert_string_equal(out.notes, "warn:template-language ");
	stub_reset(&out);
}

static void
parameters_stay_within_the_template(void **state)
{
	struct lf_announcement a = announcement();
	char text[3001];
	json_t *o, *list;

	(void)state;
	memset(text, 'a', 3000);
	text[3000] = '\0';
	a.headline = a.instruction = text;
	assert_int_equal(message_template(&stub_host, &a,
	    "w\n{{headline}}\n{{instruction}}", "de", &out), 0);
	o = json_loads(out.body, 0, NULL);
	assert_non_null(o);
	list = json_object_get(json_array_get(json_object_get(json_object_get(
	    o, "template"), "components"), 0), "parameters");
	assert_int_equal(json_array_size(list), 2);
	for (size_t i = 0; i < 2; i++)
		assert_in_range(json_string_length(json_object_get(
		    json_array_get(list, i), "text")), 1, 402);
	json_decref(o);
	stub_reset(&out);
}

static void
an_instruction_gets_the_room_that_is_left(void **state)
{
	struct lf_announcement a = announcement();
	char text[701];

	(void)state;
	memset(text, 'a', 700);
	text[700] = '\0';
	a.instruction = text;
	assert_int_equal(message_template(&stub_host, &a,
	    "w\n{{headline}}\n{{area}}\n{{instruction}}", "de", &out), 0);
	assert_non_null(strstr(out.body, text));
	stub_reset(&out);
}

/* The approved words alone would pass it off as a real warning. */
static void
an_exercise_needs_a_parameter_for_its_mark(void **state)
{
	struct lf_announcement a = announcement();

	(void)state;
	a.mark = "Übung";
	assert_int_equal(message_template(&stub_host, &a, "warnung_v1\n",
	    "de", &out), -1);
	assert_string_equal(out.body, "");
	assert_string_equal(out.notes, "refuse:no-mark ");
	stub_reset(&out);
}

static void
a_parameter_is_one_line(void **state)
{
	static const char *const rows[][2] = {
		{ "", "-" }, { " \n\t ", "-" }, { " a\n\nb\tc ", "a b c" },
		{ "a      b", "a b" }, { "a\xc2\xa0 b", "a b" },
		{ "a\xe2\x80\xa8" "b\xe2\x80\xa9", "a b" },
		{ "ä\xc2", "ä\xc2" },
	};
	char *s;

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		s = message_line(rows[i][0]);
		assert_string_equal(s, rows[i][1]);
		free(s);
	}
}

static void
a_language_finds_its_code(void **state)
{
	static const struct {
		const char *lang, *list, *code;
		bool found;
	} rows[] = {
		{ "de", "de en", "de", true },
		{ "de-simple", "en de", "de", true },
		{ "en", "de en_GB", "en_GB", true },
		{ "en-US", "en en_US", "en_US", true },
		{ "en-AU", "de en_GB en", "en_GB", true },
		{ "pt-BR", "pt-BR", "pt_BR", true },
		{ "tr", "  de en", "de", false },
		{ "d", "de", "de", false },
	};
	char code[36];

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		assert_int_equal(message_language(rows[i].lang, rows[i].list,
		    code, sizeof(code)), rows[i].found);
		assert_string_equal(code, rows[i].code);
	}
}

static void
a_wrong_spec_is_told(void **state)
{
	(void)state;
	assert_null(message_spec_check("warnung_v1"));
	assert_null(message_spec_check("w\n{{headline}}\n{{area}}\n"));
	assert_null(message_spec_check("w\na={{headline}}\nb={{area}}"));
	assert_non_null(message_spec_check("Warnung"));
	assert_non_null(message_spec_check("\n{{headline}}"));
	assert_non_null(message_spec_check("w\n\n{{headline}}"));
	assert_non_null(message_spec_check("w\na={{headline}}\n{{area}}"));
}

/* -------------------------------------------------------------- answers -- */

static void
success_is_accepted_and_names_nobody(void **state)
{
	struct answer a;

	(void)state;
	read_answer(200, "{\"messaging_product\":\"whatsapp\",\"contacts\":"
	    "[{\"input\":\"+4917604069001\",\"wa_id\":\"4917604069001\"}],"
	    "\"messages\":[{\"id\":\"wamid.HBgNNDkx\"}]}", 1, &a);
	assert_int_equal(a.outcome.outcome, LF_ACCEPTED);
	assert_null(a.outcome.peer_id);
	assert_string_equal(a.text, "");
	read_answer(200, "{\"messages\":[{\"id\":\"w\",\"message_status\":"
	    "\"held_for_quality_assessment\"}]}", 1, &a);
	assert_int_equal(a.outcome.outcome, LF_ACCEPTED);
	assert_non_null(strstr(a.text, "held"));
	read_answer(200, "{\"messages\":[{\"id\":\"w\",\"message_status\":"
	    "\"paused\"}]}", 1, &a);
	assert_non_null(strstr(a.text, "paused"));
	read_answer(200, "{\"messages\":[{\"id\":\"w\",\"message_status\":"
	    "\"a word of tomorrow\"}]}", 1, &a);
	assert_int_equal(a.outcome.outcome, LF_ACCEPTED);
	assert_string_equal(a.text, "");
}

/* Every row of the class table, and codes that have none. */
static const struct {
	int status, code, outcome;
} codes[] = {
	{ 401, 0, LF_CHANNEL_DOWN }, { 400, 1, LF_TEMPFAIL },
	{ 503, 2, LF_TEMPFAIL }, { 500, 3, LF_CHANNEL_DOWN },
	{ 400, 4, LF_TEMPFAIL }, { 429, 4, LF_TEMPFAIL },
	{ 403, 10, LF_CHANNEL_DOWN }, { 429, 17, LF_TEMPFAIL },
	{ 400, 33, LF_CHANNEL_DOWN }, { 400, 100, LF_PERMFAIL },
	{ 401, 104, LF_CHANNEL_DOWN }, { 401, 190, LF_CHANNEL_DOWN },
	{ 403, 200, LF_CHANNEL_DOWN }, { 403, 299, LF_CHANNEL_DOWN },
	{ 403, 368, LF_CHANNEL_DOWN }, { 429, 613, LF_TEMPFAIL },
	{ 404, 803, LF_CHANNEL_DOWN },
	{ 400, 2500, LF_CHANNEL_DOWN }, { 400, 80007, LF_TEMPFAIL },
	{ 400, 130403, LF_PERMFAIL }, { 400, 130429, LF_TEMPFAIL },
	{ 400, 130472, LF_PERMFAIL }, { 403, 130497, LF_PERMFAIL },
	{ 400, 130501, LF_PERMFAIL }, { 500, 131000, LF_TEMPFAIL },
	{ 403, 131005, LF_CHANNEL_DOWN },
	{ 400, 131008, LF_PERMFAIL }, { 400, 131009, LF_PERMFAIL },
	{ 400, 131014, LF_PERMFAIL }, { 500, 131016, LF_TEMPFAIL },
	{ 400, 131020, LF_PERMFAIL }, { 400, 131021, LF_PERMFAIL },
	{ 400, 131026, LF_PERMFAIL }, { 400, 131030, LF_PERMFAIL },
	{ 403, 131031, LF_CHANNEL_DOWN },
	{ 400, 131037, LF_CHANNEL_DOWN },
	{ 400, 131041, LF_PERMFAIL },
	{ 400, 131042, LF_CHANNEL_DOWN },
	{ 400, 131044, LF_CHANNEL_DOWN },
	{ 500, 131045, LF_CHANNEL_DOWN },
	{ 400, 131047, LF_PERMFAIL },
	{ 400, 131048, LF_CHANNEL_DOWN },
	{ 400, 131049, LF_PERMFAIL }, { 400, 131050, LF_PERMFAIL },
	{ 400, 131051, LF_PERMFAIL }, { 400, 131052, LF_PERMFAIL },
	{ 400, 131053, LF_PERMFAIL }, { 400, 131055, LF_PERMFAIL },
	{ 400, 131056, LF_TEMPFAIL }, { 429, 131056, LF_TEMPFAIL },
	{ 500, 131057, LF_TEMPFAIL }, { 400, 131059, LF_PERMFAIL },
	{ 400, 131060, LF_PERMFAIL }, { 400, 131062, LF_PERMFAIL },
	{ 400, 131063, LF_CHANNEL_DOWN },
	{ 400, 131064, LF_CHANNEL_DOWN },
	{ 400, 131201, LF_PERMFAIL }, { 403, 131207, LF_PERMFAIL },
	{ 429, 131208, LF_TEMPFAIL }, { 400, 131215, LF_PERMFAIL },
	{ 400, 132000, LF_TEMPFAIL },
	{ 404, 132001, LF_TEMPFAIL },
	{ 400, 132005, LF_PERMFAIL },
	{ 400, 132007, LF_TEMPFAIL },
	{ 400, 132008, LF_PERMFAIL },
	{ 400, 132012, LF_TEMPFAIL },
	{ 400, 132015, LF_TEMPFAIL },
	{ 400, 132016, LF_TEMPFAIL },
	{ 400, 132018, LF_PERMFAIL },
	{ 400, 132068, LF_TEMPFAIL },
	{ 400, 132069, LF_TEMPFAIL },
	{ 500, 133000, LF_CHANNEL_DOWN },
	{ 503, 133004, LF_TEMPFAIL },
	{ 400, 133005, LF_CHANNEL_DOWN },
	{ 400, 133016, LF_CHANNEL_DOWN },
	{ 400, 133010, LF_CHANNEL_DOWN },
	{ 400, 134011, LF_CHANNEL_DOWN },
	{ 400, 134100, LF_PERMFAIL }, { 400, 134101, LF_TEMPFAIL },
	{ 500, 134102, LF_CHANNEL_DOWN },
	{ 400, 135000, LF_PERMFAIL },
	{ 400, 136024, LF_CHANNEL_DOWN },
	{ 400, 137000, LF_PERMFAIL },
	{ 400, 138001, LF_CHANNEL_DOWN },
	{ 400, 139000, LF_TEMPFAIL },
	{ 400, 139100, LF_CHANNEL_DOWN },
	{ 400, 139200, LF_TEMPFAIL },
	{ 400, 141002, LF_CHANNEL_DOWN },
	{ 400, 147001, LF_CHANNEL_DOWN },
	{ 400, 1752041, LF_CHANNEL_DOWN },
	{ 400, 2388019, LF_CHANNEL_DOWN },
	{ 400, 2494100, LF_TEMPFAIL },
	{ 400, 2593108, LF_CHANNEL_DOWN },
	/* no row: the status decides */
	{ 500, 999999, LF_TEMPFAIL }, { 429, 999999, LF_TEMPFAIL },
	{ 401, 999999, LF_CHANNEL_DOWN },
	{ 403, 999999, LF_CHANNEL_DOWN },
	{ 400, 999999, LF_TEMPFAIL }, { 404, 999999, LF_TEMPFAIL },
};

static void
every_code_has_its_outcome(void **state)
{
	struct answer a;

	(void)state;
	for (size_t i = 0; i < N(codes); i++) {
		read_code(codes[i].status, codes[i].code, 1, &a);
		if (a.outcome.outcome != codes[i].outcome)
			fail_msg("code %d, status %d: outcome %d",
			    codes[i].code, codes[i].status, a.outcome.outcome);
		assert_int_equal(a.outcome.code, codes[i].code);
		assert_non_null(strstr(a.text, "AbC1"));
	}
}

static void
waiting_follows_the_class(void **state)
{
	struct lf_reply reply = { .size = sizeof(reply), .status = 429,
		.retry_after = 7, .body = "{\"error\":{\"code\":\"4\"}}" };
	struct answer a;

	(void)state;
	read_code(429, 131056, 1, &a);
	assert_int_equal(a.outcome.retry_after, 4);
	read_code(429, 131056, 3, &a);
	assert_int_equal(a.outcome.retry_after, 64);
	read_code(429, 131056, 40, &a);
	assert_int_equal(a.outcome.retry_after, 3600);
	read_code(500, 131057, 1, &a);
	assert_int_equal(a.outcome.retry_after, 60);
	read_code(400, 132015, 1, &a);
	assert_int_equal(a.outcome.retry_after, 60);
	read_code(400, 132069, 1, &a);
	assert_int_equal(a.outcome.retry_after, 3600);
	reply.body_len = strlen(reply.body);
	answer_read(&reply, 1, &a);
	assert_int_equal(a.outcome.outcome, LF_TEMPFAIL);
	assert_int_equal(a.outcome.code, 4);
	assert_int_equal(a.outcome.retry_after, 7);
}

/* The tries before may have had another cause, such as a dead line. */
static void
a_passing_error_is_never_final(void **state)
{
	struct answer a;

	(void)state;
	read_code(500, 131000, 1000, &a);
	assert_int_equal(a.outcome.outcome, LF_TEMPFAIL);
	read_code(400, 1, 1000, &a);
	assert_int_equal(a.outcome.outcome, LF_TEMPFAIL);
}

static void
odd_answers_are_never_taken_for_success(void **state)
{
	static const struct {
		int status;
		const char *body;
		int outcome;
	} rows[] = {
		{ 200, "{\"messages\":[]}", LF_UNKNOWN },
		{ 200, "{\"messages\":[{\"id\":17}]}", LF_UNKNOWN },
		{ 200, "{\"messages\":[{\"id\":\"wam", LF_UNKNOWN },
		{ 200, "", LF_UNKNOWN }, { 200, "[]", LF_UNKNOWN },
		{ 200, "{\"error\":{\"code\":190}}", LF_CHANNEL_DOWN },
		{ 503, "<html>busy</html>", LF_UNKNOWN },
		{ 404, "<html>no</html>", LF_CHANNEL_DOWN },
		{ 302, "", LF_CHANNEL_DOWN }, { 429, "slow", LF_TEMPFAIL },
		{ 400, "{\"error\":{\"code\":100,\"error_subcode\":33}}",
		    LF_CHANNEL_DOWN },
		{ 400, "{\"error\":{\"code\":999999,"
		    "\"is_transient\":true}}", LF_TEMPFAIL },
		{ 400, "{\"error\":{\"code\":999999,"
		    "\"error_data\":\"text\"}}", LF_TEMPFAIL },
		{ 400, "{\"error\":{\"code\":null}}", LF_TEMPFAIL },
		{ 429, "{\"error\":{\"code\":\"slow\"}}", LF_TEMPFAIL },
		{ 400, "{\"error\":{\"code\":\"190\"}}", LF_CHANNEL_DOWN },
		{ 500, "{\"error\":{}}", LF_TEMPFAIL },
	};
	struct answer a;

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		read_answer(rows[i].status, rows[i].body, 1, &a);
		if (a.outcome.outcome != rows[i].outcome)
			fail_msg("%d %s: outcome %d", rows[i].status,
			    rows[i].body, a.outcome.outcome);
	}
}

static void
a_lost_answer_is_unknown(void **state)
{
	struct lf_reply reply = { .size = sizeof(reply), .body = "",
		.text = "no route" };
	struct answer a;

	(void)state;
	reply.error = LF_TRANSFER_NOT_SENT;
	answer_read(&reply, 1, &a);
	assert_int_equal(a.outcome.outcome, LF_TEMPFAIL);
	reply.error = LF_TRANSFER_LOST;
	answer_read(&reply, 1, &a);
	assert_int_equal(a.outcome.outcome, LF_UNKNOWN);
	reply.error = LF_TRANSFER_REFUSED;
	answer_read(&reply, 1, &a);
	assert_int_equal(a.outcome.outcome, LF_CHANNEL_DOWN);
	assert_string_equal(a.text, "no route");
}

static void
a_trace_id_with_odd_bytes_is_left_out(void **state)
{
	struct answer a;

	(void)state;
	read_answer(400, "{\"error\":{\"code\":100,"
	    "\"fbtrace_id\":\"+49 176\"}}", 1, &a);
	assert_null(strstr(a.text, "176"));
	read_answer(400, "{\"error\":{\"code\":100,"
	    "\"fbtrace_id\":\"4917604069001\"}}", 1, &a);
	assert_null(strstr(a.text, "176"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_call_has_its_bytes),
		cmocka_unit_test(a_template_call_has_its_bytes),
		cmocka_unit_test(
		    a_template_without_parameters_has_no_components),
		cmocka_unit_test(parameters_stay_within_the_template),
		cmocka_unit_test(an_instruction_gets_the_room_that_is_left),
		cmocka_unit_test(an_exercise_needs_a_parameter_for_its_mark),
		cmocka_unit_test(a_parameter_is_one_line),
		cmocka_unit_test(a_language_finds_its_code),
		cmocka_unit_test(a_wrong_spec_is_told),
		cmocka_unit_test(success_is_accepted_and_names_nobody),
		cmocka_unit_test(every_code_has_its_outcome),
		cmocka_unit_test(waiting_follows_the_class),
		cmocka_unit_test(a_passing_error_is_never_final),
		cmocka_unit_test(odd_answers_are_never_taken_for_success),
		cmocka_unit_test(a_lost_answer_is_unknown),
		cmocka_unit_test(a_trace_id_with_odd_bytes_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
