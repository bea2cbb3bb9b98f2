/*
 * t_csv: tables of subscribers as people and spreadsheets write them.
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

#include "base/log.h"
#include "store/csv.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))

static json_t *
read_csv(const char *text, json_t **problems)
{
	json_t *out = NULL, *lines;
	int rc;

	*problems = json_array();
	rc = csv_subscribers(text, strlen(text), &out, &lines, *problems);
	assert_int_equal(rc, json_array_size(*problems) == 0 ? 0 : -1);
	assert_int_equal(json_array_size(lines), json_array_size(out));
	json_decref(lines);
	return out;
}

static void
table_as_a_spreadsheet_writes_it(void **state)
{
	json_t *problems, *out, *want;

	(void)state;
	out = read_csv("\xef\xbb\xbf" "ref,email,sms,languages,topics,ars\r\n"
	    "k-1,a@example.net,+4930123456,tr de,verkehr;muell,"
	    "990010000000\r\n"
	    "\r\n"
	    ",,,,,\r\n"
	    "\"k \"\"2\"\"\",\"b@example.net\",,,,", &problems);
	assert_int_equal(json_array_size(problems), 0);
	want = json_pack("[{s:s, s:[s, s], s:[s, s], s:s, s:{s:s, s:s}},"
	    "{s:s, s:{s:s}}]", "ref", "k-1", "languages", "tr", "de",
	    "topics", "verkehr", "muell", "ars", "990010000000", "addresses",
	    "email", "a@example.net", "sms", "+4930123456",
	    "ref", "k \"2\"", "addresses", "email", "b@example.net");
	assert_true(json_equal(out, want));
	json_decref(want);
	json_decref(out);
	json_decref(problems);
}

static void
every_problem_has_its_line(void **state)
{
	static const int lines[] = { 3, 4, 6, 7, 8 };
	json_t *problems, *out, *p;

	(void)state;
	out = read_csv("ref,email\n"
	    "1,a@example.net\n"
	    "2,nobody\n"
	    "\"3\n\",c@example.net\n"
	    "4,A@Example.net\n"
	    "1,d@example.net\n"
	    "5\n"
	    "6,e@example.net\n", &problems);
	assert_int_equal(json_array_size(problems), LEN(lines));
	for (size_t i = 0; i < LEN(lines); i++) {
		p = json_array_get(problems, i);
		assert_int_equal(json_integer_value(json_object_get(p,
		    "line")), lines[i]);
		assert_null(strstr(json_string_value(json_object_get(p,
		    "text")), "example.net"));
	}
	assert_int_equal(json_array_size(out), 2);
	json_decref(out);
	json_decref(problems);
}

static void
bad_tables_are_refused(void **state)
{
	static const char *const bad[] = { "", "email\na@example.net\n",
		"ref;email\n1;a@example.net\n", "ref,ref\n", "ref,mail\n",
		"ref,email\n1,\"a@example.net\n",
		"ref,email\n1,\"a\"b@example.net\n",
		"ref,email\n1,\xff@example.net\n",
		"ref,topics,sms\n1,\xff,+4930123456\n",
		"ref,email,Stra\xdf" "e\n1,a@example.net,x\n",
		"ref,sms,Bemerkungen zu diesem B\xc3\xbcrger und seinen W"
		"\xc3\xbcnschen\n1,+4930123456,\n",
		"\xff\xfer\0e\0f\0", "\xfe\xff\0r\0e\0f",
		"ref\remail\r1\ra@example.net\r",
		"a@example.net,17,+4930123456\n" };
	json_t *problems, *out;

	(void)state;
	for (size_t i = 0; i < LEN(bad); i++) {
		out = read_csv(bad[i], &problems);
		assert_int_equal(json_array_size(problems), 1);
		assert_null(strstr(json_string_value(json_object_get(
		    json_array_get(problems, 0), "text")), "example"));
		assert_int_equal(json_array_size(out), 0);
		json_decref(out);
		json_decref(problems);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_as_a_spreadsheet_writes_it),
		cmocka_unit_test(every_problem_has_its_line),
		cmocka_unit_test(bad_tables_are_refused),
	};

	log_init("t_csv", LOG_TEXT, LOG_LEVEL_FATAL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
