/*
 * t_cap: every vector is judged as its list says, and what is not for the
 * public stays inside.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "unit/capmsg.h"

#define FIELDS	16

struct row {
	char *field[FIELDS];
	size_t n;
};

/* Split a line of a table in place. */
static void
split(char *line, struct row *row)
{
	row->n = 0;
	for (;;) {
		row->field[row->n++] = line;
		line = strchr(line, '\t');
		if (line == NULL || row->n == FIELDS)
			return;
		*line++ = '\0';
	}
}

static void
dump(const struct message *m, const char *name)
{
	print_message("%s: %s\n", name, cap_result_name(m->report.result));
	for (size_t i = 0; i < m->report.n; i++)
		print_message("    %s line %lu: %s\n",
		    m->report.items[i].rule, m->report.items[i].line,
		    m->report.items[i].message);
}

/* file, rule, expected */
static int
check_vector(struct row *row, const char *folder)
{
	struct message m;
	bool good;

	if (!read_file(&m, folder, row->field[0]))
		fail_msg("no file %s", row->field[0]);
	good = strcmp(cap_result_name(m.report.result), row->field[2]) == 0;
	if (strcmp(row->field[2], "accept") != 0)
		good = good && has_rule(&m.report, row->field[1]);
	if (!good)
		dump(&m, row->field[0]);
	done(&m);
	return good ? 0 : 1;
}

static void
own_vectors_are_judged_as_listed(void **state)
{
	char *text, *line, *rest;
	struct row row;
	int n = 0, bad = 0;
	size_t len;

	(void)state;
	text = fixture_read(TEST_DATA "/cap/EXPECTED.tsv", &len);
	assert_non_null(text);
	for (rest = text; (line = strsep(&rest, "\n")) != NULL;) {
		split(line, &row);
		if (line[0] == '#' || row.n < 3 ||
		    strcmp(row.field[0], "file") == 0)
			continue;
		bad += check_vector(&row, TEST_DATA "/cap");
		n++;
	}
	free(text);
	assert_int_equal(bad, 0);
	assert_int_equal(n, 65);
}

/* ------------------------------------------------------------ real ones -- */

/* "accept+warn R04 R28", "reject R01 ..." or "-" */
static int
check_real(const char *file, char *expected)
{
	char *word = strsep(&expected, " "), *rule;
	struct message m;
	bool good;

	if (!read_file(&m, shared(), file))
		fail_msg("no file %s", file);
	good = strcmp(cap_result_name(m.report.result), word) == 0;
	/* Of several reasons to reject, any may come first. */
	while ((rule = strsep(&expected, " ")) != NULL && good && m.rc == 0)
		if (rule[0] == 'R' && strlen(rule) == 3)
			good = has_rule(&m.report, rule);
	if (!good)
		dump(&m, file);
	done(&m);
	return good ? 0 : 1;
}

static void
real_files_are_judged_as_listed(void **state)
{
	char path[500], *text, *line, *rest;
	struct row row;
	int n = 0, bad = 0;
	size_t len;

	(void)state;
	snprintf(path, sizeof(path), "%s/SOURCES.txt", shared());
	text = fixture_read(path, &len);
	if (text == NULL) {
		print_message("no collection of real warnings at %s\n",
		    shared());
		skip();
	}
	for (rest = text; (line = strsep(&rest, "\n")) != NULL;) {
		split(line, &row);
		if (line[0] == '#' || row.n < 7 ||
		    strcmp(row.field[6], "-") == 0 ||
		    strcmp(row.field[0], "file") == 0)
			continue;
		bad += check_real(row.field[0], row.field[6]);
		n++;
	}
	free(text);
	assert_int_equal(bad, 0);
	assert_true(n >= 70);
}

/* ------------------------------------------------------------ publishing */

static void
only_actual_public_messages_go_out(void **state)
{
	static const char *const status[] = { "Actual", "Exercise", "System",
		"Test", "Draft" };
	static const char *const type[] = { "Alert", "Update", "Cancel",
		"Ack", "Error" };
	static const char *const scope[] = { "Public", "Restricted",
		"Private" };
	struct cap_policy policy;
	char xml[2000];
	struct message m;

	(void)state;
	cap_policy_init(&policy);
	for (int i = 0; i < 5 * 5 * 3; i++) {
		int s = i % 5, t = i / 5 % 5, c = i / 25;

		snprintf(xml, sizeof(xml), HEAD "<status>%s</status>"
		    "<msgType>%s</msgType><scope>%s</scope><references>"
		    "a@b.example,X-0000-1,2026-03-01T09:00:00+01:00"
		    "</references><info><category>Met</category>"
		    "<event>Sturm</event><urgency>Future</urgency>"
		    "<severity>Minor</severity><certainty>Likely</certainty>"
		    "</info></alert>", status[s], type[t], scope[c]);
		m.rc = cap_read(xml, strlen(xml), &policy, &m.json,
		    &m.report);
		assert_int_equal(m.rc, 0);
		assert_int_equal(m.json != NULL, s <= 1 && t <= 2 && c == 0);
		judge(&m, xml);
		if (m.a != NULL)
			assert_string_equal(m.a->status, s == 0 ? "actual" :
			    "exercise");
		done(&m);
	}
}

static void
strict_readers_reject_what_warns(void **state)
{
	struct cap_policy policy;
	struct message m;
	char *xml;
	size_t len;

	(void)state;
	cap_policy_init(&policy);
	policy.strict = true;
	xml = fixture_read(TEST_DATA "/cap/12-sent-Z.xml", &len);
	assert_int_equal(cap_read(xml, len, &policy, &m.json, &m.report), -1);
	assert_null(m.json);
	cap_report_fini(&m.report);
	policy.strict = false;
	policy.max_bytes = len - 1;
	assert_int_equal(cap_read(xml, len, &policy, &m.json, &m.report), -1);
	assert_true(has_rule(&m.report, "R30"));
	cap_report_fini(&m.report);
	free(xml);
}

static void
reports_can_be_read_by_machines(void **state)
{
	struct message m;
	json_t *j;
	char *s;

	(void)state;
	read_own(&m, "28-category.xml");
	j = cap_report_json(&m.report);
	s = json_dumps(j, JSON_COMPACT);
	assert_string_equal(s, "{\"result\":\"accept+warn\",\"rules\":"
	    "[\"R15\"],\"signature\":\"none\",\"withheld\":\"\","
	    "\"findings\":[{\"level\":\"warn\",\"rule\":\"R15\",\"line\":2,"
	    "\"message\":\"no category that CAP knows: treated as Other\"}]}"
	    );
	free(s);
	json_decref(j);
	done(&m);
	read_own(&m, "64-signature-dummy.xml");
	assert_string_equal(m.report.signature, "present-unverified");
	done(&m);
}

static void
encodings_of_offices_are_read(void **state)
{
	static const struct {
		const char *encoding, *bytes, *text;
	} t[] = {
		{ "Windows-1252", "\x80 \x96 \xe4 \x93", "€ – ä “" },
		{ "ISO-8859-15", "\xa4 \xe4", "€ ä" },
		{ "iso-8859-1", "\xe4", "ä" },
		{ "windows-1252", "\x81", NULL },
		{ "koi8-r", "a", NULL },
	};
	struct message m;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		char *xml = xasprintf("<?xml version=\"1.0\" encoding=\"%s\""
		    "?>" HEAD "<status>Actual</status><msgType>Alert"
		    "</msgType><scope>Public</scope><info><headline>%s"
		    "</headline></info></alert>", t[i].encoding, t[i].bytes);

		read_text(&m, xml, strlen(xml), t[i].encoding);
		assert_int_equal(m.rc, t[i].text == NULL ? -1 : 0);
		if (t[i].text == NULL)
			assert_true(has_rule(&m.report, "R01"));
		else
			assert_string_equal(at(&m, "content", "en",
			    "headline"), t[i].text);
		done(&m);
		free(xml);
	}
}

/* Each of these would take hours if any step were quadratic. */
static void
hostile_texts_cost_no_more(void **state)
{
	static const char *const pieces[] = { "&amp;", "&lt;a ", "&lt;a&gt;",
		" ", "&lt;", "x,", "&lt;br&gt;" };
	size_t max = 3 * 1024 * 1024, n;
	char *xml = malloc(max + 1000);
	struct message m;

	(void)state;
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		n = (size_t)sprintf(xml, HEAD "<status>Actual</status>"
		    "<msgType>Alert</msgType><scope>Public</scope><info>"
		    "<event>x</event><description>");
		while (n < max / 2)
			n += (size_t)sprintf(xml + n, "%s", pieces[i]);
		n += (size_t)sprintf(xml + n, "</description><area><areaDesc>");
		while (n < max)
			n += (size_t)sprintf(xml + n, "%s", pieces[i]);
		n += (size_t)sprintf(xml + n, "</areaDesc></area></info>"
		    "</alert>");
		read_text(&m, xml, n, pieces[i]);
		assert_int_equal(m.rc, 0);
		done(&m);
	}
	free(xml);
}

static void
mutate_file(const char *name, uint32_t *seed)
{
	char path[200], *xml, *copy;
	size_t len, n;
	struct message m;

	snprintf(path, sizeof(path), TEST_DATA "/cap/%s", name);
	xml = fixture_read(path, &len);
	assert_non_null(xml);
	copy = malloc(len + 1);
	for (int i = 0; i < 250; i++) {
		memcpy(copy, xml, n = len);
		fixture_mutate(copy, &n, seed);
		read_text(&m, copy, n, name);
		done(&m);
	}
	free(copy);
	free(xml);
}

static void
any_bytes_are_survived(void **state)
{
	static const char *const names[] = { "04-multilang.xml",
		"08-language-de-LS.xml", "23-update-multi-ref.xml",
		"26-cancel-allclear.xml", "44-geocode-lists.xml",
		"45-resource.xml", "48-html-in-text.xml",
		"65-channel-params.xml" };
	uint32_t seed = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		mutate_file(names[i], &seed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(own_vectors_are_judged_as_listed),
		cmocka_unit_test(real_files_are_judged_as_listed),
		cmocka_unit_test(only_actual_public_messages_go_out),
		cmocka_unit_test(strict_readers_reject_what_warns),
		cmocka_unit_test(reports_can_be_read_by_machines),
		cmocka_unit_test(encodings_of_offices_are_read),
		cmocka_unit_test(hostile_texts_cost_no_more),
		cmocka_unit_test(any_bytes_are_survived),
	};

	return cmocka_run_group_tests_name("cap", tests, NULL, NULL);
}
