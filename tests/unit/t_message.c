/*
 * t_message: the mail of an announcement, with a stub for the host.
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

#include "email/message.h"
#include "stub_host.h"

static struct lf_host host;
static struct lf_out out;

static const struct message_conf conf = { .from = "press@city.example",
	.from_name = "", .reply_to = "help@city.example",
	.list_id = "warn.city.example", .list_name = "Warnungen",
	.unsubscribe_url = "https://city.example/u?a={address}&k={key}",
	.unsubscribe_mailto = "off+{key}@city.example",
	.text = "{{headline}}\n\n{{body}}\n", .html = "<h1>{{headline}}</h1>" };

static const struct lf_announcement storm = { .size = sizeof storm,
	.id = "lf-2026-0002", .chain = "lf-2026-0001", .kind = "warning",
	.msg_type = "update", .severity = "severe", .lang = "de",
	.dir = "ltr", .mark = "ÜBUNG", .headline = "Sturm über der Stadt",
	.body = "Bleiben Sie im Haus.", .sender = "Stadt Lindenfurt",
	.office = "Feuerwehr", .sender_domain = "lindenfurt.example",
	.sent = 1772439300 };

static const char *
word(struct lf_out *o, const char *lang, const char *key)
{
	(void)o;
	(void)lang;
	return strcmp(key, "warning") == 0 ? "Warnung" : key;
}

/* The template of the subject, and those that the stub can. */
static const char *
expand(struct lf_out *o, const struct lf_announcement *a, const char *tmpl,
    uint32_t form, uint32_t unit, uint32_t max)
{
	static char s[200];

	if (strstr(tmpl, "{{label}}") == NULL)
		return stub_host.expand(o, a, tmpl, form, unit, max);
	assert_int_equal(form, LF_FORM_LINE);
	snprintf(s, sizeof s, "%s%s%s", *a->mark != '\0' ? "[ÜBUNG] " : "",
	    strcmp(a->kind, "warning") == 0 ? "Warnung: " : "", a->headline);
	return s;
}

/* Only what these tests need; borrowed until the next call but three. */
static const char *
escape(struct lf_out *o, const char *s, uint32_t how)
{
	static char ring[4][512];
	static unsigned turn;
	char *to = ring[turn++ % 4];
	size_t len = 0;

	(void)o;
	assert_int_equal(how, LF_ESC_HTML);
	for (to[0] = '\0'; *s != '\0' && len + 6 < sizeof ring[0]; s++)
		len += (size_t)sprintf(to + len, *s == '&' ? "&amp;" : "%c",
		    *s);
	return to;
}

static void
out_bytes(struct lf_out *o, const void *p, uint64_t len)
{
	size_t had = strlen(o->body);

	snprintf(o->body + had, sizeof o->body - had, "%.*s", (int)len,
	    (const char *)p);
}

static int
setup(void **state)
{
	(void)state;
	host = stub_host;
	host.word = word;
	host.escape = escape;
	host.expand = expand;
	host.out_bytes = out_bytes;
	stub_reset(&out);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	stub_reset(&out);
	return 0;
}

static void
mail_is_the_golden_file_byte_for_byte(void **state)
{
	static char want[32768];
	FILE *f = fopen(TEST_PLUGINS "/email/goldens/storm.eml", "rb");

	(void)state;
	assert_non_null(f);
	want[fread(want, 1, sizeof want - 1, f)] = '\0';
	fclose(f);
	assert_int_equal(message_render(&host, &conf, &storm, &out), 0);
	assert_string_equal(out.body, want);
}

static void
texts_bring_no_header_with_them(void **state)
{
	struct lf_announcement a = storm;

	(void)state;
	a.headline = "x\r\nBcc: a@b.example";
	a.sender = "y\r\nBcc: a@b.example";
	a.id = "z\r\nBcc: a@b.example";
	a.chain = "z\r\nBcc: a@b.example";
	a.lang = "de\r\nBcc: a@b.example";
	a.sender_domain = "d\r\nBcc: a@b.example";
	assert_int_equal(message_render(&host, &conf, &a, &out), 0);
	*strstr(out.body, "\r\n\r\n") = '\0';
	assert_null(strstr(out.body, "\nBcc:"));
	assert_non_null(strstr(out.body, "Message-ID: <<key>@city.example>"));
}

static void
slots_can_not_be_forged(void **state)
{
	struct lf_announcement a = storm;
	struct message_conf c = conf;
	const char *p = out.body;
	int n = 0;

	(void)state;
	c.unsubscribe_url = c.unsubscribe_mailto = "";
	a.headline = "\001\002\003";
	a.body = "\001\002\003";
	assert_int_equal(message_render(&host, &c, &a, &out), 0);
	for (; (p = strstr(p, "<key>")) != NULL; p++)
		n++;
	assert_int_equal(n, 2);		/* Message-ID and X-Litfass-Id */
}

static void
first_of_a_chain_answers_nothing(void **state)
{
	struct lf_announcement a = storm;

	(void)state;
	a.chain = a.id;
	a.mark = "";
	a.kind = "event";
	a.msg_type = "alert";
	a.severity = "minor";
	assert_int_equal(message_render(&host, &conf, &a, &out), 0);
	assert_null(strstr(out.body, "In-Reply-To"));
	assert_null(strstr(out.body, "Importance"));
	assert_non_null(strstr(out.body,
	    "References: <lf-2026-0002@lindenfurt.example>\r\n"));
	assert_non_null(strstr(out.body, "Subject: "
	    "=?utf-8?B?U3R1cm0gw7xiZXIgZGVyIFN0YWR0?=\r\n"));
}

static void
attachments_that_stay_behind_are_told(void **state)
{
	struct lf_announcement a = storm;

	(void)state;
	a.n_attachments = 1;
	assert_int_equal(message_render(&host, &conf, &a, &out), 0);
	assert_string_equal(out.notes, "warn:attachments-dropped ");
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(mail_is_the_golden_file_byte_for_byte),
		TEST(texts_bring_no_header_with_them),
		TEST(slots_can_not_be_forged),
		TEST(first_of_a_chain_answers_nothing),
		TEST(attachments_that_stay_behind_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
