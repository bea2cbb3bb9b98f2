/*
 * t_redact: nobody can be found in what is left of a peer's answer.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "worker/redact.h"

static void
becomes(const char *text, const char *address, const char *expected)
{
	struct buf b;

	buf_init(&b, 4096);
	redact_text(text, address, &b);
	assert_string_equal(buf_cstr(&b), expected);
	buf_fini(&b);
}

static void
mail_addresses_are_taken_out(void **state)
{
	(void)state;
	becomes("<anna@example.net>: Recipient address rejected: User unknown",
	    "anna@example.net",
	    "<a…@e…>: Recipient address rejected: User unknown");
	becomes("no such user ANNA@EXAMPLE.NET.", "anna@example.net",
	    "no such user A…@E….");
	becomes("550 5.1.1 <bernd@example.org> (forwarded)", "anna@e.net",
	    "550 5.1.1 <b…@e…> (forwarded)");
	becomes("<ärger@example.net> gone", "", "<ä…@e…> gone");
	becomes("\"anna b\"@example.net is full", "\"anna b\"@example.net",
	    "\"…@e… is full");
	becomes("to=anna%40example.net&x", "", "to=…&x");
}

static void
phone_numbers_are_taken_out(void **state)
{
	static const char own[] = "+491712345678";

	(void)state;
	becomes("number +491712345678 is barred", own,
	    "number +49…78 is barred");
	becomes("491712345678: unknown", own, "491…78: unknown");
	becomes("0171/234 56-78 is a landline", own,
	    "017…78 is a landline");
	becomes("SM491712345678x", own, "SM491…78x");
	becomes("+43 660 1234567 is not you", own, "+43…67 is not you");
	becomes("0043 660 1234567", "", "004…67");
}

static void
all_else_stays(void **state)
{
	static const char *const texts[] = { "", "5.7.1 (#131030) try at 12:30",
		"192.0.2.17:25 says 421 4.7.0", "queued as 4XyZ9876543210",
		"a + b @ c", "@ home", "über alles", "+0200" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		becomes(texts[i], "+491712345678", texts[i]);
}

static void
an_id_made_of_the_address_is_seen(void **state)
{
	(void)state;
	assert_true(redact_names("491712345678-1", "+491712345678"));
	assert_true(redact_names("<Anna@example.net>", "anna@example.net"));
	assert_false(redact_names("4XyZ1", "+491712345678"));
	assert_false(redact_names("4XyZ1", ""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mail_addresses_are_taken_out),
		cmocka_unit_test(phone_numbers_are_taken_out),
		cmocka_unit_test(all_else_stays),
		cmocka_unit_test(an_id_made_of_the_address_is_seen),
	};

	return cmocka_run_group_tests_name("redact", tests, NULL, NULL);
}
