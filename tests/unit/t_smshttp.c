/*
 * t_smshttp: for every preset the bytes of its request and the class of its
 * answers.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "litfass/plugin.h"

#include "sms_http/answer.h"
#include "sms_http/preset.h"
#include "sms_http/request.h"

static const struct message message = { .to = "+4917604069012",
	.from = "Lindenfurt", .text = "Über & \"aus\"", .key = "k.1",
	.user = "AC1", .password = "s3cret", .ttl = 3600 };

static const struct {
	const char *preset;
	const char *url;	/* as configured */
	const char *full;
	const char *header;	/* the last one, "" none */
	const char *body;
} requests[] = {
	{ "twilio", "https://api.twilio.com",
	    "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json",
	    "Authorization: Basic QUMxOnMzY3JldA==",
	    "To=%2B4917604069012&From=Lindenfurt&"
	    "Body=%C3%9Cber%20%26%20%22aus%22&ValidityPeriod=3600" },
	{ "vonage", "https://rest.nexmo.com/",
	    "https://rest.nexmo.com/sms/json",
	    "Content-Type: application/x-www-form-urlencoded",
	    "api_key=AC1&api_secret=s3cret&to=4917604069012&from=Lindenfurt&"
	    "text=%C3%9Cber%20%26%20%22aus%22&type=text&client-ref=k.1&"
	    "ttl=3600000" },
	{ "seven", "https://gateway.seven.io",
	    "https://gateway.seven.io/api/sms", "X-Api-Key: s3cret",
	    "{\"to\":\"4917604069012\",\"from\":\"Lindenfurt\","
	    "\"text\":\"Über & \\\"aus\\\"\",\"foreign_id\":\"k.1\","
	    "\"ttl\":60}" },
	{ "sipgate", "https://api.sipgate.com",
	    "https://api.sipgate.com/v2/sessions/sms",
	    "Authorization: Basic QUMxOnMzY3JldA==",
	    "{\"smsId\":\"Lindenfurt\",\"recipient\":\"+4917604069012\","
	    "\"message\":\"Über & \\\"aus\\\"\"}" },
	{ "link_mobility", "https://link.example",
	    "https://link.example/sms/send",
	    "Authorization: Basic QUMxOnMzY3JldA==",
	    "{\"source\":\"Lindenfurt\",\"destination\":\"+4917604069012\","
	    "\"userData\":\"Über & \\\"aus\\\"\",\"refId\":\"k.1\","
	    "\"relativeValidityTime\":3600000}" },
	{ "messagebird", "https://rest.messagebird.com",
	    "https://rest.messagebird.com/messages",
	    "Authorization: AccessKey s3cret",
	    "{\"originator\":\"Lindenfurt\","
	    "\"recipients\":[\"4917604069012\"],"
	    "\"body\":\"Über & \\\"aus\\\"\",\"datacoding\":\"plain\","
	    "\"reference\":\"k.1\",\"validity\":3600}" },
	{ "infobip", "https://x1.api.infobip.com",
	    "https://x1.api.infobip.com/sms/3/messages",
	    "Authorization: App s3cret",
	    "{\"messages\":[{\"sender\":\"Lindenfurt\",\"destinations\":"
	    "[{\"to\":\"4917604069012\",\"messageId\":\"k.1\"}],"
	    "\"content\":{\"text\":\"Über & \\\"aus\\\"\"},"
	    "\"options\":{\"validityPeriod\":{\"amount\":60,"
	    "\"timeUnit\":\"MINUTES\"}}}]}" },
	{ "kannel", "http://127.0.0.1:13013",
	    "http://127.0.0.1:13013/cgi-bin/sendsms?username=AC1&"
	    "password=s3cret&to=%2B4917604069012&from=Lindenfurt&"
	    "text=%C3%9Cber%20%26%20%22aus%22&charset=UTF-8&coding=0&"
	    "validity=60", "", "" },
};

static void
request_of_each_preset_is_byte_exact(void **state)
{
	struct request r;
	char why[128];

	(void)state;
	for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
		assert_int_equal(request_make(preset_find(requests[i].preset),
		    requests[i].url, &message, &r, why), 0);
		assert_string_equal(r.url, requests[i].full);
		assert_string_equal(r.body, requests[i].body);
		assert_string_equal(r.n_headers > 0 ?
		    r.headers[r.n_headers - 1] : "", requests[i].header);
		request_fini(&r);
	}
}

static void
generic_gateway_is_described_by_its_user(void **state)
{
	struct preset p = *preset_find("generic");
	struct message m = message;
	struct request r;
	char why[128];

	(void)state;
	m.from = "";
	m.ucs2 = true;
	p.number = "00";
	p.fields = "{\"n\":[{\"to\":\"{to}\"}],\"from\":\"{from}\",\"t\":"
	    "\"[{text}]\",\"c\":\"{encoding:7|16}\",\"flash\":false}";
	p.headers = "X-Key: {password}\nX-Ref: {key}";
	assert_int_equal(request_make(&p, "https://sms.example/a?b=c", &m, &r,
	    why), 0);
	assert_string_equal(r.url, "https://sms.example/a?b=c");
	assert_string_equal(r.body, "{\"n\":[{\"to\":\"004917604069012\"}],"
	    "\"t\":\"[Über & \\\"aus\\\"]\",\"c\":\"16\",\"flash\":false}");
	assert_int_equal(r.n_headers, 3);
	assert_string_equal(r.headers[2], "X-Ref: k.1");
	request_fini(&r);
}

static void
bad_template_says_what_is_wrong(void **state)
{
	struct preset p = *preset_find("generic");
	struct message m = message;
	struct request r;
	char why[128];

	(void)state;
	p.fields = "{\"a\":\"{nope}\"}";
	assert_int_equal(request_make(&p, "https://a.example", &m, &r, why),
	    -1);
	assert_string_equal(why, "{nope} is not a place to fill");
	request_fini(&r);
	p.fields = "{\"a\":";
	assert_int_equal(request_make(&p, "https://a.example", &m, &r, why),
	    -1);
	request_fini(&r);
	p.fields = "{\"a\":\"{to\"}";
	assert_int_equal(request_make(&p, "https://a.example", &m, &r, why),
	    -1);
	request_fini(&r);
	p.fields = "{}";
	p.headers = "X-Key: {password}";
	m.password = "a\r\nX-Evil: 1";
	assert_int_equal(request_make(&p, "https://a.example", &m, &r, why),
	    -1);
	assert_string_equal(why, "a header holds a control byte");
	request_fini(&r);
}

static void
validity_stays_in_the_limits_of_the_gateway(void **state)
{
	struct message m = message;
	struct request r;
	char why[128];

	(void)state;
	m.ttl = 900000;
	assert_int_equal(request_make(preset_find("twilio"), "https://a", &m,
	    &r, why), 0);
	assert_non_null(strstr(r.body, "ValidityPeriod=36000"));
	request_fini(&r);
	m.ttl = -5;
	assert_int_equal(request_make(preset_find("twilio"), "https://a", &m,
	    &r, why), 0);
	assert_non_null(strstr(r.body, "ValidityPeriod=300"));
	request_fini(&r);
}

static const struct {
	const char *preset;
	int32_t status;
	const char *body;
	int32_t want;
	const char *peer_id;
} answers[] = {
	{ "twilio", 201, "{\"sid\":\"SM1\"}", LF_ACCEPTED, "SM1" },
	{ "twilio", 400, "{\"code\":21610,\"message\":\"stop\"}",
	    LF_PERMFAIL, "" },
	{ "twilio", 400, "{\"code\":21606}", LF_CHANNEL_DOWN, "" },
	{ "twilio", 401, "{\"code\":20003}", LF_CHANNEL_DOWN, "" },
	{ "twilio", 429, "{\"code\":20429}", LF_TEMPFAIL, "" },
	{ "twilio", 400, "{\"code\":99999}", LF_TEMPFAIL, "" },
	{ "twilio", 400, "{}", LF_PERMFAIL, "" },
	{ "twilio", 200, "<html>Log in to this network</html>", LF_UNKNOWN,
	    "" },
	{ "twilio", 200, "{\"code\":21211}", LF_PERMFAIL, "" },
	{ "vonage", 200, "{\"messages\":[{\"status\":\"0\","
	    "\"message-id\":\"A1\"}]}", LF_ACCEPTED, "A1" },
	{ "vonage", 200, "{\"messages\":[{\"status\":\"1\"}]}", LF_TEMPFAIL,
	    "" },
	{ "vonage", 200, "{\"messages\":[{\"status\":\"4\"}]}",
	    LF_CHANNEL_DOWN, "" },
	{ "vonage", 200, "{\"messages\":[{\"status\":\"3\"}]}", LF_PERMFAIL,
	    "" },
	{ "vonage", 200, "{\"messages\":[{\"status\":\"0\"},"
	    "{\"status\":\"5\"}]}", LF_UNKNOWN, "" },
	{ "vonage", 200, "{\"messages\":[]}", LF_UNKNOWN, "" },
	{ "vonage", 200, "<html>", LF_UNKNOWN, "" },
	{ "seven", 200, "{\"success\":\"100\",\"messages\":[{\"id\":77}]}",
	    LF_ACCEPTED, "77" },
	{ "seven", 200, "900", LF_CHANNEL_DOWN, "" },
	{ "seven", 200, "{\"success\":\"500\"}", LF_CHANNEL_DOWN, "" },
	{ "seven", 200, "{\"success\":\"402\"}", LF_PERMFAIL, "" },
	{ "seven", 200, "{\"success\":\"202\"}", LF_PERMFAIL, "" },
	{ "sipgate", 204, "", LF_ACCEPTED, "" },
	{ "sipgate", 402, "", LF_CHANNEL_DOWN, "" },
	{ "sipgate", 403, "", LF_CHANNEL_DOWN, "" },
	{ "link_mobility", 200, "{\"messageId\":\"m\",\"resultCode\":1005}",
	    LF_ACCEPTED, "m" },
	{ "link_mobility", 200, "{\"resultCode\":1}", LF_UNKNOWN, "" },
	{ "messagebird", 201, "{\"id\":\"b\"}", LF_ACCEPTED, "b" },
	{ "messagebird", 200, "{}", LF_UNKNOWN, "" },
	{ "messagebird", 422, "{\"errors\":[{\"code\":77}]}", LF_TEMPFAIL,
	    "" },
	{ "messagebird", 422, "{\"errors\":[{\"code\":25}]}",
	    LF_CHANNEL_DOWN, "" },
	{ "messagebird", 422, "{\"errors\":[{\"code\":10}]}", LF_PERMFAIL,
	    "" },
	{ "infobip", 200, "{\"messages\":[{\"messageId\":\"i\",\"status\":"
	    "{\"groupId\":1,\"name\":\"PENDING_ACCEPTED\"}}]}", LF_ACCEPTED,
	    "i" },
	{ "infobip", 200, "{\"messages\":[{\"status\":{\"groupId\":5,"
	    "\"name\":\"REJECTED_DESTINATION\"}}]}", LF_PERMFAIL, "" },
	{ "infobip", 200, "{\"messages\":[{\"status\":{\"groupId\":5,"
	    "\"name\":\"REJECTED_NOT_ENOUGH_CREDITS\"}}]}", LF_CHANNEL_DOWN,
	    "" },
	{ "infobip", 200, "{\"messages\":[{\"status\":{\"groupId\":2,"
	    "\"name\":\"UNDELIVERABLE\"}}]}", LF_PERMFAIL, "" },
	{ "kannel", 202, "0: Accepted for delivery", LF_ACCEPTED, "" },
	{ "kannel", 202, "3: Queued for later delivery", LF_ACCEPTED, "" },
	{ "kannel", 403, "Authorization failed", LF_CHANNEL_DOWN, "" },
	{ "kannel", 503, "Temporal failure", LF_TEMPFAIL, "" },
	{ "generic", 200, "", LF_ACCEPTED, "" },
	{ "generic", 302, "", LF_CHANNEL_DOWN, "" },
	{ "generic", 404, "", LF_CHANNEL_DOWN, "" },
	{ "generic", 408, "", LF_TEMPFAIL, "" },
	{ "generic", 415, "", LF_CHANNEL_DOWN, "" },
	{ "generic", 422, "", LF_PERMFAIL, "" },
	{ "generic", 429, "", LF_TEMPFAIL, "" },
	{ "generic", 500, "", LF_UNKNOWN, "" },
	{ "generic", 502, "", LF_UNKNOWN, "" },
	{ "generic", 503, "", LF_TEMPFAIL, "" },
	{ "generic", 504, "", LF_UNKNOWN, "" },
};

static void
answers_fall_into_their_classes(void **state)
{
	struct answer a;

	(void)state;
	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
		answer_read(preset_find(answers[i].preset), answers[i].status,
		    answers[i].body, strlen(answers[i].body), false, &a);
		if (a.outcome != answers[i].want ||
		    strcmp(a.peer_id, answers[i].peer_id) != 0)
			fail_msg("%s %d %s: %d %s", answers[i].preset,
			    answers[i].status, answers[i].body, a.outcome,
			    a.peer_id);
	}
}

static void
repeat_that_the_gateway_knows_has_arrived(void **state)
{
	struct answer a;

	(void)state;
	answer_read(preset_find("seven"), 200, "402", 3, true, &a);
	assert_int_equal(a.outcome, LF_ACCEPTED);
}

static void
error_text_carries_no_number_of_a_person(void **state)
{
	static const char body[] =
	    "{\"code\":21211,\"message\":\"'To' +4917604069012 is bad\"}";
	struct answer a;

	(void)state;
	answer_read(preset_find("twilio"), 400, body, sizeof body - 1, false,
	    &a);
	assert_string_equal(a.text,
	    "HTTP 400, code 21211: 'To' +xxxxxxxxxxxxx is bad");
	assert_int_equal(a.code, 21211);
}

static void
number_is_hidden_however_it_is_written(void **state)
{
	static const char *const texts[] = { "0176 / 040-690 12",
		"+49 (0)176 04069012", "4917604069012", NULL };
	struct preset p = *preset_find("generic");
	char body[128];
	struct answer a;

	(void)state;
	p.code = "$.error";
	for (size_t i = 0; texts[i] != NULL; i++) {
		snprintf(body, sizeof body,
		    "{\"error\":\"%s?\",\"message\":\"for %s\"}", texts[i],
		    texts[i]);
		answer_read(&p, 400, body, strlen(body), false, &a);
		assert_int_equal(strcspn(a.text + 8, "0123456789"),
		    strlen(a.text + 8));
		assert_memory_equal(a.text, "HTTP 400", 8);
	}
}

static void
error_text_is_cut_between_characters(void **state)
{
	char body[512];
	struct answer a;
	size_t n;

	(void)state;
	for (int lead = 0; lead < 3; lead++) {
		n = (size_t)snprintf(body, sizeof body, "{\"message\":\"%.*s",
		    lead, "abc");
		for (int i = 0; i < 100; i++)
			n += (size_t)snprintf(body + n, sizeof body - n, "€");
		n += (size_t)snprintf(body + n, sizeof body - n, "\"}");
		answer_read(preset_find("generic"), 400, body, n, false, &a);
		n = strlen(a.text);
		assert_string_equal(a.text + n - 3, "€");
	}
}

static void
login_stays_in_its_part_of_the_path(void **state)
{
	struct message m = message;
	struct request r;
	char why[128];

	(void)state;
	m.user = "a/b?c";
	assert_int_equal(request_make(preset_find("twilio"), "https://t", &m,
	    &r, why), 0);
	assert_string_equal(r.url,
	    "https://t/2010-04-01/Accounts/a%2Fb%3Fc/Messages.json");
	request_fini(&r);
}

static void
answer_that_is_not_expected_never_crashes(void **state)
{
	static const char *const odd[] = { "", "null", "[]", "{}", "[[[]]]",
		"{\"messages\":{}}", "{\"messages\":[1]}", "\"x\"", "{\"a\"",
		"{\"success\":{}}", "\xff\xfe" };
	struct answer a;

	(void)state;
	for (const struct preset *p = presets; p->name != NULL; p++)
		for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
			for (int32_t status = 100; status < 600; status += 50)
				answer_read(p, status, odd[i],
				    strlen(odd[i]), false, &a);
}

static void
codes_of_every_preset_have_a_class(void **state)
{
	(void)state;
	for (const struct preset *p = presets; p->name != NULL; p++)
		assert_null(answer_codes_objection(p->codes));
	assert_null(answer_codes_objection(" 1=ok\n2=config "));
	assert_string_equal(answer_codes_objection("1=ok 2=nope"), "2=nope");
	assert_string_equal(answer_codes_objection("1=ok 2"), "2");
}

static void
numbers_and_senders_are_checked(void **state)
{
	(void)state;
	assert_true(number_valid("+4917604069012"));
	assert_false(number_valid("4917604069012"));
	assert_false(number_valid("+0491701234567"));
	assert_false(number_valid("+49170"));
	assert_false(number_valid("+4917604069012\n"));
	assert_false(number_valid("+49 170 1234567"));
	assert_null(sender_objection(""));
	assert_null(sender_objection("Lindenfurt"));
	assert_null(sender_objection("+4917604069012"));
	assert_non_null(sender_objection("Lindenfurt Stadt"));
	assert_non_null(sender_objection("Fürth"));
	assert_non_null(sender_objection("112"));
	assert_non_null(sender_objection("01801234"));
	assert_non_null(sender_objection("+49112"));
	assert_non_null(sender_objection("+499001234567"));
	assert_non_null(sender_objection("00491371234567"));
	assert_non_null(sender_objection("491801234567"));
	assert_non_null(sender_objection("+"));
	assert_non_null(sender_objection("12 34"));
	assert_null(sender_objection("+4330123456"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(request_of_each_preset_is_byte_exact),
		cmocka_unit_test(generic_gateway_is_described_by_its_user),
		cmocka_unit_test(bad_template_says_what_is_wrong),
		cmocka_unit_test(validity_stays_in_the_limits_of_the_gateway),
		cmocka_unit_test(answers_fall_into_their_classes),
		cmocka_unit_test(repeat_that_the_gateway_knows_has_arrived),
		cmocka_unit_test(error_text_carries_no_number_of_a_person),
		cmocka_unit_test(number_is_hidden_however_it_is_written),
		cmocka_unit_test(error_text_is_cut_between_characters),
		cmocka_unit_test(login_stays_in_its_part_of_the_path),
		cmocka_unit_test(answer_that_is_not_expected_never_crashes),
		cmocka_unit_test(codes_of_every_preset_have_a_class),
		cmocka_unit_test(numbers_and_senders_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
