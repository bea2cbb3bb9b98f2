/*
 * t_mime: the encoders of a mail and the MIME tree, against a golden file
 * that several mail readers have taken.
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

#include "email/address.h"
#include "email/encode.h"
#include "email/flow.h"
#include "email/mime.h"

static char *out;
static size_t out_len;

static FILE *
begin(void)
{
	free(out);
	out = NULL;
	return open_memstream(&out, &out_len);
}

static char *
file_read(const char *path, size_t *len_r)
{
	FILE *f = fopen(path, "rb");
	char *data = malloc(65536);

	assert_non_null(f);
	*len_r = fread(data, 1, 65535, f);
	data[*len_r] = '\0';
	fclose(f);
	return data;
}

static const char text_body[] =
    "Sturmwarnung für das Stadtgebiet Musterstadt\n\n"
    "Gültig: Montag, 23.11.2026, 16:00 Uhr bis Dienstag, 06:00 Uhr.\n"
    "Bitte meiden Sie Parks, Wälder und Baustellen. "
    "Sichern Sie lose Gegenstände. \n"
    "Die Müllabfuhr entfällt am Dienstag.\n\n"
    "Weitere Informationen: https://stadt.example.org/w/7f3\n\n"
    "-- \n"
    "Stadt Musterstadt, Pressestelle, Rathausplatz 1, 12345 Musterstadt\n"
    "Abmelden: https://stadt.example.org/u/9c1e\n"
    ".Punkt am Zeilenanfang\n";

static const char html_body[] =
    "<!DOCTYPE html>\n<html lang=\"de\" dir=\"ltr\">\n"
    "<head><meta charset=\"utf-8\"><meta name=\"viewport\" "
    "content=\"width=device-width, initial-scale=1\">"
    "<meta name=\"color-scheme\" content=\"light dark\">"
    "<title>Sturmwarnung für das Stadtgebiet Musterstadt</title></head>\n"
    "<body style=\"margin:0;padding:0;background:#ffffff;color:#1a1a1a;"
    "font-family:Arial,Helvetica,sans-serif;font-size:16px;"
    "line-height:1.5\">\n"
    "<div role=\"article\" aria-roledescription=\"email\" lang=\"de\">\n"
    "<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" "
    "cellspacing=\"0\" border=\"0\"><tr><td align=\"center\">\n"
    "<table role=\"presentation\" width=\"600\" "
    "style=\"max-width:600px;width:100%\" cellpadding=\"0\" "
    "cellspacing=\"0\" border=\"0\"><tr><td style=\"padding:16px\">\n"
    "<img src=\"cid:wappen@stadt.example.org\" width=\"48\" height=\"48\" "
    "alt=\"Wappen der Stadt Musterstadt\">\n"
    "<h1 style=\"font-size:24px;margin:8px 0\">"
    "Sturmwarnung für das Stadtgebiet</h1>\n"
    "<p><strong>Gültig:</strong> Montag, 23.11.2026, 16:00 Uhr bis "
    "Dienstag, 06:00 Uhr.</p>\n"
    "<p>Bitte meiden Sie Parks, Wälder und Baustellen.</p>\n"
    "<p><a href=\"https://stadt.example.org/w/7f3\" "
    "style=\"color:#003f8a;text-decoration:underline\">"
    "Weitere Informationen zur Sturmwarnung</a></p>\n"
    "</td></tr></table></td></tr></table></div></body></html>\n";

/* The image of one dot that the golden file carries. */
static const unsigned char png[] = {
	0x89, 'P', 'N', 'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, 'I', 'H',
	'D', 'R', 0, 0, 0, 1, 0, 0, 0, 1, 8, 6, 0, 0, 0, 0x1f, 0x15, 0xc4,
	0x89, 0, 0, 0, 0x0d, 'I', 'D', 'A', 'T', 0x78, 0xda, 0x63, 0x64, 0xf8,
	0xcf, 0x50, 0x0f, 0, 0x03, 0x86, 0x01, 0x80, 0x5a, 0x34, 0x7d, 0x6b,
	0, 0, 0, 0, 'I', 'E', 'N', 'D', 0xae, 0x42, 0x60, 0x82
};

static void
headers_golden(FILE *f)
{
	encode_field(f, "Date", "Mon, 23 Nov 2026 16:05:09 +0100");
	encode_mailbox(f, "From", "Stadt Musterstadt – Pressestelle",
	    "presse@stadt.example.org");
	encode_field(f, "To", "<buergerin@example.net>");
	encode_text(f, "Subject", "Amtliche Warnung: Sturmböen bis 110 km/h "
	    "im gesamten Stadtgebiet – Parks und Wälder meiden, "
	    "Müllabfuhr entfällt");
	encode_field(f, "Message-ID",
	    "<ann-01hx7f3.r2.9c1e@mail.stadt.example.org>");
	encode_field(f, "References", "<ann-01hx7f3@mail.stadt.example.org>");
	encode_field(f, "In-Reply-To", "<ann-01hx7f3@mail.stadt.example.org>");
	encode_mailbox(f, "List-Id", "Warnungen der Stadt Musterstadt",
	    "warnungen.stadt.example.org");
	fputs("List-Unsubscribe: <https://stadt.example.org/u/1?t=9c1e0a>,"
	    "\r\n <mailto:abmelden+9c1e0a@stadt.example.org"
	    "?subject=abmelden>\r\n", f);
	encode_field(f, "List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
	encode_field(f, "Auto-Submitted", "auto-generated");
	encode_field(f, "Precedence", "list");
	encode_field(f, "Feedback-ID",
	    "ann01hx7f3:warnung:litfass:stadtmuster");
	encode_field(f, "Content-Language", "de");
	encode_field(f, "X-Litfass-Id", "01hx7f3/9c1e");
	encode_field(f, "MIME-Version", "1.0");
}

static void
tree_golden(FILE *f, const char *pdf, size_t pdf_len)
{
	const struct mime_part related[] = {
		{ .type = "text/html; charset=utf-8", .lang = "de",
		    .encoding = MIME_QP, .body = html_body,
		    .len = strlen(html_body) },
		{ .type = "image/png", .cid = "wappen@stadt.example.org",
		    .disposition = "inline", .file = "wappen.png",
		    .encoding = MIME_BASE64, .body = (const char *)png,
		    .len = sizeof png },
	};
	const struct mime_part alternative[] = {
		{ .type = "text/plain; charset=utf-8; format=flowed",
		    .lang = "de", .encoding = MIME_QP, .body = text_body,
		    .len = strlen(text_body) },
		{ .type = "multipart/related", .boundary = "lf-rel-7f3a",
		    .start = "text/html", .parts = related, .n_parts = 2 },
	};
	const struct mime_part mixed[] = {
		{ .type = "multipart/alternative", .boundary = "lf-alt-7f3a",
		    .parts = alternative, .n_parts = 2 },
		{ .type = "application/pdf", .disposition = "attachment",
		    .file = "Straßenplan Münster.pdf",
		    .file_ascii = "Strassenplan Muenster.pdf",
		    .encoding = MIME_BASE64, .body = pdf, .len = pdf_len },
	};
	const struct mime_part top = { .type = "multipart/mixed",
	    .boundary = "lf-mix-7f3a", .parts = mixed, .n_parts = 2 };

	mime_write(f, &top);
}

static void
tree_is_the_golden_file_byte_for_byte(void **state)
{
	size_t len;
	char *want = file_read(TEST_PLUGINS "/email/goldens/structure.eml",
	    &len);
	char pdf[215] = "%PDF-1.4\n%test\n";
	FILE *f = begin();

	(void)state;
	memset(pdf + 15, 'x', sizeof pdf - 15);
	headers_golden(f);
	tree_golden(f, pdf, sizeof pdf);
	fclose(f);
	assert_string_equal(out, want);
	assert_int_equal(out_len, len);
	free(want);
}

static const char *
text(const char *name, const char *value)
{
	FILE *f = begin();

	encode_text(f, name, value);
	fclose(f);
	return out;
}

static void
header_takes_no_second_header_from_its_text(void **state)
{
	FILE *f;

	(void)state;
	assert_null(strstr(text("Subject", "x\r\nBcc: a@b.example"), "\nBcc"));
	f = begin();
	encode_field(f, "Reply-To", "a@b.example\r\nBcc: c@d.example");
	encode_mailbox(f, "From", "Amt\r\nBcc: x", "a@b.example");
	fclose(f);
	assert_null(strstr(out, "\nBcc"));
	assert_null(strchr(text("Subject", "a\001b"), SLOT_ADDRESS));
}

static void
header_words_never_split_a_character(void **state)
{
	char value[400] = "";
	const char *p;

	(void)state;
	for (int lead = 0; lead < 8; lead++) {
		memset(value, 'a', (size_t)lead);
		value[lead] = '\0';
		for (int i = 0; i < 60; i++)
			strncat(value, "🌊", sizeof value - strlen(value) - 1);
		p = text("Subject", value);
		/* A word of whole 4-byte characters holds at most 39. */
		for (; (p = strstr(p, "=?utf-8?B?")) != NULL; p += 10)
			assert_true(strcspn(p + 10, "?") <= 52);
		for (p = out; *p != '\0'; p = strchr(p, '\n') + 1)
			assert_true(strcspn(p, "\r") <= 76);
	}
}

static void
header_of_ascii_is_folded_at_spaces(void **state)
{
	const char *p = text("Subject", "one two three four five six seven "
	    "eight nine ten eleven twelve thirteen fourteen fifteen");

	(void)state;
	assert_true(strcspn(p, "\r") <= 78);
	assert_non_null(strstr(p, "\r\n "));
	assert_string_equal(text("Subject", "a =?b"),
	    "Subject: =?utf-8?B?YSA9P2I=?=\r\n");
}

static void
mailbox_quotes_what_atoms_cannot_hold(void **state)
{
	FILE *f = begin();

	(void)state;
	encode_mailbox(f, "From", "Amt, \"Nord\"", "a@b.example");
	encode_mailbox(f, "From", NULL, "a@b.example");
	fclose(f);
	assert_string_equal(out,
	    "From: \"Amt, \\\"Nord\\\"\" <a@b.example>\r\n"
	    "From: <a@b.example>\r\n");
}

static const char *
qp(const char *s)
{
	FILE *f = begin();

	encode_qp(f, s, strlen(s));
	fclose(f);
	return out;
}

static void
qp_guards_line_ends_and_lines_of_mbox(void **state)
{
	(void)state;
	assert_string_equal(qp("a \nb\t"), "a=20\r\nb=09");
	assert_string_equal(qp("From me\nFrom you"),
	    "=46rom me\r\n=46rom you");
	assert_string_equal(qp("a\r\nb\rc"), "a\r\nb=0Dc");
	assert_string_equal(qp("1=2"), "1=3D2");
	assert_string_equal(qp("ab\002cd"), "ab=\r\n\002=\r\ncd");
}

static void
qp_lines_are_never_longer_than_76(void **state)
{
	char s[600];

	(void)state;
	for (size_t i = 0; i + 1 < sizeof s; i++)
		s[i] = i % 7 == 0 ? '=' : 'x';
	s[sizeof s - 1] = '\0';
	for (const char *p = qp(s); p != NULL;
	    p = strchr(p, '\n') != NULL ? strchr(p, '\n') + 1 : NULL)
		assert_true(strcspn(p, "\r") <= 76);
}

static void
address_is_checked_before_it_is_spoken(void **state)
{
	static const char *const good[] = { "a@b.example", "a.b+c@b.example",
		"o'neil@b-c.example", "jürgen@b.example", NULL };
	static const char *const bad[] = { "", "a", "@b.example", "a@",
		"a@b.example\r\nRCPT TO:<x@y.example>", "a b@c.example",
		"<a@b.example>", "a@b@c.example", ".a@b.example",
		"a..b@c.example", "a@-b.example", "a@b..example",
		"\"a\"@b.example", "a@b.example.", NULL };

	(void)state;
	for (int i = 0; good[i] != NULL; i++)
		assert_true(address_valid(good[i]));
	for (int i = 0; bad[i] != NULL; i++)
		assert_false(address_valid(bad[i]));
	assert_false(address_is_ascii("jürgen@b.example"));
}

static void
flow_wraps_words_and_keeps_addresses_whole(void **state)
{
	char text[200], *flowed;

	(void)state;
	snprintf(text, sizeof text, "%s%s",
	    "Bitte schließen Sie Fenster und Türen und halten Sie sich von "
	    "Bäumen fern. ", "https://stadt.example/"
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
	flowed = flow_make(text);
	assert_string_equal(flowed,
	    "Bitte schließen Sie Fenster und Türen und halten Sie sich von "
	    "Bäumen \nfern. \nhttps://stadt.example/"
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
	free(flowed);
	flowed = flow_make("a  \n-- \n> b\nFrom c\n d\n");
	assert_string_equal(flowed, "a\n-- \n > b\n From c\n  d\n");
	free(flowed);
}

static int
done(void **state)
{
	(void)state;
	free(out);
	out = NULL;
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tree_is_the_golden_file_byte_for_byte),
		cmocka_unit_test(header_takes_no_second_header_from_its_text),
		cmocka_unit_test(header_words_never_split_a_character),
		cmocka_unit_test(header_of_ascii_is_folded_at_spaces),
		cmocka_unit_test(mailbox_quotes_what_atoms_cannot_hold),
		cmocka_unit_test(qp_guards_line_ends_and_lines_of_mbox),
		cmocka_unit_test(qp_lines_are_never_longer_than_76),
		cmocka_unit_test(address_is_checked_before_it_is_spoken),
		cmocka_unit_test(flow_wraps_words_and_keeps_addresses_whole),
	};

	return cmocka_run_group_tests(tests, NULL, done);
}
