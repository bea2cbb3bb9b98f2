/*
 * t_smtp: the SMTP dialogue without sockets, and what replies mean.
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

#include "email/smtp.h"

static const char message[] = "Subject: x\r\n\r\n.dot\r\nbare\nend\r\n";
static const struct smtp_caps plain;
static const struct smtp_caps pipe_caps = { .pipelining = true, .size = true };

static const struct smtp_mail mail = { .from = "press@city.example",
	.to = "a@b.example", .message = message, .len = sizeof message - 1 };

/* What the session wants to say now, taken as sent. */
static const char *
said(struct smtp *s)
{
	static char text[2048];
	size_t n;
	const char *p = smtp_out(s, &n);

	assert_true(n < sizeof text);
	memcpy(text, p, n);
	text[n] = '\0';
	smtp_sent(s, n);
	return text;
}

static void
hear(struct smtp *s, const char *text)
{
	smtp_in(s, text, strlen(text));
}

static struct smtp_result
result(struct smtp *s)
{
	struct smtp_result r;

	assert_true(smtp_take(s, &r));
	assert_false(smtp_take(s, &r));
	return r;
}

static void
pipelined_message_takes_two_round_trips(void **state)
{
	struct smtp *s = smtp_new(&pipe_caps);
	struct smtp_result r;

	(void)state;
	smtp_mail(s, &mail);
	assert_string_equal(said(s), "MAIL FROM:<press@city.example> SIZE=30"
	    "\r\nRCPT TO:<a@b.example>\r\nDATA\r\n");
	hear(s, "250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n354 go\r\n");
	assert_string_equal(said(s),
	    "Subject: x\r\n\r\n..dot\r\nbare\r\nend\r\n.\r\n");
	hear(s, "250 2.0.0 Ok: queued as 4F2\r\n");
	r = result(s);
	assert_int_equal(r.outcome, LF_ACCEPTED);
	assert_string_equal(r.peer_id, "4F2");
	assert_true(smtp_idle(s));
	smtp_mail(s, &mail);
	assert_string_equal(said(s), "MAIL FROM:<press@city.example> SIZE=30"
	    "\r\nRCPT TO:<a@b.example>\r\nDATA\r\n");
	smtp_free(&s);
}

static void
queue_id_is_found_in_the_words_of_the_relay(void **state)
{
	static const char *const answers[][2] = {
		{ "250 2.0.0 Ok: queued as 4F2\r\n", "4F2" },
		{ "250 OK id=1tAbCd-000001-2E\r\n", "1tAbCd-000001-2E" },
		{ "250 Message accepted for delivery\r\n", "" },
	};
	struct smtp *s = smtp_new(&pipe_caps);

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		smtp_mail(s, &mail);
		said(s);
		hear(s, "250 Ok\r\n250 Ok\r\n354 go\r\n");
		said(s);
		hear(s, answers[i][0]);
		assert_string_equal(result(s).peer_id, answers[i][1]);
	}
	smtp_free(&s);
}

static void
relay_without_pipelining_is_asked_step_by_step(void **state)
{
	struct smtp *s = smtp_new(&plain);

	(void)state;
	smtp_mail(s, &mail);
	assert_string_equal(said(s), "MAIL FROM:<press@city.example>\r\n");
	hear(s, "250-first\r\n250 Ok\r\n");
	assert_string_equal(said(s), "RCPT TO:<a@b.example>\r\n");
	hear(s, "2");
	hear(s, "50 Ok\r");
	hear(s, "\n");
	assert_string_equal(said(s), "DATA\r\n");
	hear(s, "354 go\r\n");
	assert_non_null(strstr(said(s), "\r\n.\r\n"));
	hear(s, "250 Ok\r\n");
	assert_int_equal(result(s).outcome, LF_ACCEPTED);
	smtp_free(&s);
}

static void
refused_recipient_leaves_the_connection_usable(void **state)
{
	struct smtp *s = smtp_new(&pipe_caps);
	struct smtp_result r;

	(void)state;
	smtp_mail(s, &mail);
	said(s);
	hear(s, "250 Ok\r\n550 5.1.1 <a@b.example>: unknown\r\n");
	r = result(s);
	assert_int_equal(r.outcome, LF_PERMFAIL);
	assert_int_equal(r.code, 550);
	assert_string_equal(r.text, "RCPT: 550 5.1.1 unknown");
	assert_false(smtp_idle(s));
	hear(s, "554 5.5.1 no valid recipients\r\n");
	assert_string_equal(said(s), "RSET\r\n");
	hear(s, "250 Ok\r\n");
	assert_true(smtp_idle(s));
	assert_int_equal(smtp_errors(s), 2);
	smtp_free(&s);
}

static void
data_taken_after_a_refused_recipient_gets_an_empty_message(void **state)
{
	struct smtp *s = smtp_new(&pipe_caps);

	(void)state;
	smtp_mail(s, &mail);
	said(s);
	hear(s, "250 Ok\r\n450 4.2.1 later\r\n354 go\r\n");
	assert_int_equal(result(s).outcome, LF_TEMPFAIL);
	assert_string_equal(said(s), ".\r\n");
	hear(s, "250 Ok\r\n");
	assert_true(smtp_idle(s));
	smtp_free(&s);
}

static void
loss_is_in_doubt_only_behind_the_dot(void **state)
{
	static const char *const steps[] = { "250 Ok\r\n", "250 Ok\r\n",
		"354 go\r\n", NULL };
	struct smtp *s;
	const char *p;
	size_t n;

	(void)state;
	for (int stop = 0; stop <= 3; stop++) {
		s = smtp_new(&plain);
		smtp_mail(s, &mail);
		said(s);
		for (int i = 0; i < stop; i++) {
			hear(s, steps[i]);
			said(s);
		}
		smtp_lost(s, "lost");
		assert_int_equal(result(s).outcome,
		    stop == 3 ? LF_UNKNOWN : LF_TEMPFAIL);
		assert_true(smtp_dead(s));
		smtp_free(&s);
	}
	s = smtp_new(&pipe_caps);
	smtp_mail(s, &mail);
	said(s);
	hear(s, "250 Ok\r\n250 Ok\r\n354 go\r\n");
	p = smtp_out(s, &n);
	assert_non_null(p);
	smtp_sent(s, n - 1);
	smtp_lost(s, "lost");
	assert_int_equal(result(s).outcome, LF_TEMPFAIL);
	smtp_free(&s);
}

static void
reply_cut_at_any_byte_leaves_the_message_in_doubt(void **state)
{
	static const char reply[] = "250 2.0.0 queued as 1\r\n";
	struct smtp *s;

	(void)state;
	for (size_t n = 0; n < sizeof reply - 1; n++) {
		s = smtp_new(&pipe_caps);
		smtp_mail(s, &mail);
		said(s);
		hear(s, "250 Ok\r\n250 Ok\r\n354 go\r\n");
		said(s);
		smtp_in(s, reply, n);
		smtp_lost(s, "lost");
		assert_int_equal(result(s).outcome, LF_UNKNOWN);
		smtp_free(&s);
	}
}

static void
service_closing_blames_nobody(void **state)
{
	static const char *const before[] = { "", "250 Ok\r\n",
		"250 Ok\r\n250 Ok\r\n", "250 Ok\r\n250 Ok\r\n354 go\r\n" };
	struct smtp *s;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		s = smtp_new(&pipe_caps);
		smtp_mail(s, &mail);
		said(s);
		hear(s, before[i]);
		said(s);
		hear(s, "421 4.3.2 shutting down\r\n");
		assert_int_equal(result(s).outcome, LF_TEMPFAIL);
		assert_true(smtp_dead(s));
		smtp_free(&s);
	}
	s = smtp_new(&plain);
	hear(s, "421 idle\r\n");
	assert_true(smtp_dead(s));
	smtp_free(&s);
}

static void
address_that_ends_a_command_is_never_sent(void **state)
{
	struct smtp *s = smtp_new(&pipe_caps);
	struct smtp_mail evil = mail;
	size_t n;

	(void)state;
	evil.to = "a@b.example>\r\nRCPT TO:<c@d.example";
	smtp_mail(s, &evil);
	smtp_out(s, &n);
	assert_int_equal(n, 0);
	assert_int_equal(result(s).outcome, LF_PERMFAIL);
	evil.to = "jürgen@b.example";
	smtp_mail(s, &evil);
	assert_int_equal(result(s).outcome, LF_PERMFAIL);
	assert_true(smtp_idle(s));
	smtp_free(&s);
}

static void
utf8_address_is_announced_when_the_relay_can(void **state)
{
	struct smtp_caps caps = { 0 };
	struct smtp_mail m = mail;
	struct smtp *s;

	(void)state;
	smtp_caps_line(&caps, "SMTPUTF8");
	smtp_caps_line(&caps, "8BITMIME");
	smtp_caps_line(&caps, "SIZE 1000");
	assert_int_equal(caps.size_max, 1000);
	s = smtp_new(&caps);
	m.to = "jürgen@b.example";
	smtp_mail(s, &m);
	assert_string_equal(said(s), "MAIL FROM:<press@city.example> SIZE=30 "
	    "BODY=8BITMIME SMTPUTF8\r\n");
	smtp_free(&s);
}

static void
noise_is_not_taken_for_an_answer(void **state)
{
	static const char *const noise[] = { "HTTP/1.1 200 OK\r\n", "99 x\r\n",
		"250-a\r\n251 b\r\n", "2500 x\r\n", "\r\n" };
	struct smtp *s;

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		s = smtp_new(&pipe_caps);
		smtp_mail(s, &mail);
		said(s);
		hear(s, noise[i]);
		assert_int_equal(result(s).outcome, LF_TEMPFAIL);
		assert_true(smtp_dead(s));
		smtp_free(&s);
	}
}

/* What the message counts as when the relay says this, one chunk at a time;
 * the dialogue must be over then. */
static int32_t
outcome_out_of_step(const struct smtp_caps *caps, const char *const *chunks)
{
	struct smtp *s = smtp_new(caps);
	int32_t o;

	smtp_mail(s, &mail);
	said(s);
	for (; *chunks != NULL; chunks++) {
		hear(s, *chunks);
		if (chunks[1] != NULL)
			said(s);
	}
	o = result(s).outcome;
	assert_true(smtp_dead(s));
	smtp_free(&s);
	return o;
}

#define SAYS(...)	(const char *const []){ __VA_ARGS__, NULL }
#define GO	"250 Ok\r\n250 Ok\r\n354 go\r\n"

static void
answer_out_of_step_is_never_a_message_taken(void **state)
{
	(void)state;
	/* One answer too many before: DATA hears the 250 of RCPT. */
	assert_int_equal(outcome_out_of_step(&pipe_caps,
	    SAYS("250 x\r\n250 x\r\n250 x\r\n")), LF_TEMPFAIL);
	assert_int_equal(outcome_out_of_step(&plain, SAYS("354 x\r\n")),
	    LF_TEMPFAIL);
	/* Taken before it was sent: by somebody else then. */
	assert_int_equal(outcome_out_of_step(&pipe_caps,
	    SAYS(GO "250 queued\r\n")), LF_TEMPFAIL);
	assert_int_equal(outcome_out_of_step(&plain,
	    SAYS("250 x\r\n250 x\r\n")), LF_TEMPFAIL);
	/* Sent, and what came back is no answer to it. */
	assert_int_equal(outcome_out_of_step(&pipe_caps,
	    SAYS(GO, "354 go\r\n")), LF_UNKNOWN);
	assert_int_equal(outcome_out_of_step(&pipe_caps,
	    SAYS(GO, "650 x\r\n")), LF_UNKNOWN);
	/* Refused early: believed, but whose answer comes next? */
	assert_int_equal(outcome_out_of_step(&pipe_caps,
	    SAYS(GO "552 5.3.4 too big\r\n")), LF_PERMFAIL);
}

static void
answer_behind_the_last_one_ends_the_dialogue(void **state)
{
	struct smtp *s = smtp_new(&pipe_caps);

	(void)state;
	smtp_mail(s, &mail);
	said(s);
	hear(s, GO);
	said(s);
	hear(s, "250 queued\r\n250 and again\r\n");
	assert_int_equal(result(s).outcome, LF_ACCEPTED);
	assert_true(smtp_dead(s));
	smtp_free(&s);
}

static void
no_byte_of_a_message_ends_it_early(void **state)
{
	static const char evil[] = "a\n\0.\nb\r.\rc\r\n.\r\n";
	struct smtp *s = smtp_new(&pipe_caps);
	struct smtp_mail m = mail;

	(void)state;
	m.message = evil;
	m.len = sizeof evil - 1;
	smtp_mail(s, &m);
	said(s);
	hear(s, GO);
	assert_string_equal(said(s),
	    "a\r\n..\r\nb\r\n..\r\nc\r\n..\r\n.\r\n");
	smtp_free(&s);
}

static void
endless_answer_is_not_read_for_ever(void **state)
{
	struct smtp *s = smtp_new(&pipe_caps);
	char chunk[4096];

	(void)state;
	memset(chunk, '2', sizeof chunk);
	smtp_mail(s, &mail);
	said(s);
	for (int i = 0; i < 64 && !smtp_dead(s); i++)
		smtp_in(s, chunk, sizeof chunk);
	assert_true(smtp_dead(s));
	assert_int_equal(result(s).outcome, LF_TEMPFAIL);
	smtp_free(&s);
}

static void
relay_named_like_a_service_does_not_offer_it(void **state)
{
	struct smtp_caps caps = { 0 };

	(void)state;
	smtp_caps_line(&caps, "size.example.org");
	smtp_caps_line(&caps, "PIPELINING-1.example.org");
	assert_false(caps.size || caps.pipelining);
	smtp_caps_line(&caps, "size 10");
	smtp_caps_line(&caps, "PIPELINING");
	assert_true(caps.size && caps.pipelining);
}

static int32_t
outcome(enum reply_stage stage, const char *line)
{
	struct reply_reader rr = { 0 };
	struct reply r;
	size_t used;

	assert_int_equal(reply_feed(&rr, line, strlen(line), &used, &r), 1);
	return reply_outcome(stage, &r);
}

static void
replies_fall_into_their_classes(void **state)
{
	static const struct {
		enum reply_stage stage;
		const char *line;
		int32_t want;
	} t[] = {
		{ REPLY_GREETING, "554 IP is block listed", LF_CHANNEL_DOWN },
		{ REPLY_GREETING, "421 busy", LF_TEMPFAIL },
		{ REPLY_EHLO, "550 no", LF_CHANNEL_DOWN },
		{ REPLY_AUTH, "535 5.7.8 bad", LF_CHANNEL_DOWN },
		{ REPLY_AUTH, "454 4.7.0 later", LF_TEMPFAIL },
		{ REPLY_MAIL, "550 5.1.8 sender", LF_CHANNEL_DOWN },
		{ REPLY_MAIL, "552 5.3.4 too big", LF_PERMFAIL },
		{ REPLY_MAIL, "550 5.1.1 odd", LF_CHANNEL_DOWN },
		{ REPLY_MAIL, "452 4.3.1 full", LF_TEMPFAIL },
		{ REPLY_RCPT, "550 5.1.1 unknown", LF_PERMFAIL },
		{ REPLY_RCPT, "450 4.2.0 greylisted", LF_TEMPFAIL },
		{ REPLY_RCPT, "552 5.2.2 full", LF_TEMPFAIL },
		{ REPLY_RCPT, "550 5.2.1 disabled", LF_PERMFAIL },
		{ REPLY_RCPT, "550 5.7.1 policy", LF_TEMPFAIL },
		{ REPLY_RCPT, "550 5.7.26 unauthenticated", LF_CHANNEL_DOWN },
		{ REPLY_RCPT, "550 5.7.515 level", LF_CHANNEL_DOWN },
		{ REPLY_RCPT, "450 4.7.28 flood", LF_TEMPFAIL },
		{ REPLY_RCPT, "550 User unknown", LF_PERMFAIL },
		{ REPLY_RCPT, "550 Spamhaus: user unknown", LF_TEMPFAIL },
		{ REPLY_RCPT, "550 no", LF_TEMPFAIL },
		{ REPLY_RCPT, "553 relay denied", LF_CHANNEL_DOWN },
		{ REPLY_RCPT, "556 null MX", LF_PERMFAIL },
		{ REPLY_RCPT, "450 5.1.1 class differs", LF_TEMPFAIL },
		{ REPLY_DATA, "554 no", LF_CHANNEL_DOWN },
		{ REPLY_DATA, "451 later", LF_TEMPFAIL },
		{ REPLY_DOT, "554 5.7.1 spam", LF_CHANNEL_DOWN },
		{ REPLY_DOT, "552 5.3.4 too big", LF_PERMFAIL },
		{ REPLY_DOT, "550 5.6.0 content", LF_PERMFAIL },
		{ REPLY_DOT, "452 4.2.2 full", LF_TEMPFAIL },
		{ REPLY_DOT, "250 Ok", LF_ACCEPTED },
	};
	char line[128];

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
		snprintf(line, sizeof line, "%s\r\n", t[i].line);
		if (outcome(t[i].stage, line) != t[i].want)
			fail_msg("%s", t[i].line);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pipelined_message_takes_two_round_trips),
		cmocka_unit_test(queue_id_is_found_in_the_words_of_the_relay),
		cmocka_unit_test(
		    relay_without_pipelining_is_asked_step_by_step),
		cmocka_unit_test(
		    refused_recipient_leaves_the_connection_usable),
		cmocka_unit_test(
		    data_taken_after_a_refused_recipient_gets_an_empty_message),
		cmocka_unit_test(loss_is_in_doubt_only_behind_the_dot),
		cmocka_unit_test(
		    reply_cut_at_any_byte_leaves_the_message_in_doubt),
		cmocka_unit_test(service_closing_blames_nobody),
		cmocka_unit_test(address_that_ends_a_command_is_never_sent),
		cmocka_unit_test(
		    utf8_address_is_announced_when_the_relay_can),
		cmocka_unit_test(noise_is_not_taken_for_an_answer),
		cmocka_unit_test(answer_out_of_step_is_never_a_message_taken),
		cmocka_unit_test(
		    answer_behind_the_last_one_ends_the_dialogue),
		cmocka_unit_test(no_byte_of_a_message_ends_it_early),
		cmocka_unit_test(endless_answer_is_not_read_for_ever),
		cmocka_unit_test(
		    relay_named_like_a_service_does_not_offer_it),
		cmocka_unit_test(replies_fall_into_their_classes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
