/*
 * t_cap: every vector is judged as its list says, what is not for the public
 * stays inside, and what is accepted becomes a valid announcement.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "announce/announce.h"
#include "announce/cap.h"
#include "announce/cap_text.h"
#include "unit/fixture.h"

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

/* One message, read; an announcement must be valid. */
struct message {
	int rc;
	json_t *json;		/* NULL: nothing to publish */
	struct announce *a;
	struct cap_report report;
};

static void
judge(struct message *m, const char *name)
{
	struct problems p;

	problems_init(&p);
	m->a = NULL;
	if (m->json != NULL && announce_from_json(m->json, &m->a, &p) < 0)
		fail_msg("%s: %s: %s", name, p.items[0].pointer,
		    p.items[0].message);
	problems_fini(&p);
	assert_int_equal(m->json == NULL, m->report.withheld[0] != '\0');
}

static void
read_text(struct message *m, const char *xml, size_t len, const char *name)
{
	struct cap_policy policy;

	cap_policy_init(&policy);
	policy.test = true;
	m->rc = cap_read(xml, len, &policy, &m->json, &m->report);
	assert_int_equal(m->rc == 0, m->report.result != CAP_REJECT);
	judge(m, name);
}

static bool
read_file(struct message *m, const char *folder, const char *name)
{
	char path[600], *xml;
	size_t len;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	xml = fixture_read(path, &len);
	if (xml == NULL)
		return false;
	read_text(m, xml, len, name);
	free(xml);
	return true;
}

static void
done(struct message *m)
{
	announce_free(&m->a);
	json_decref(m->json);
	cap_report_fini(&m->report);
}

static bool
has_rule(const struct cap_report *r, const char *rule)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->items[i].level != CAP_ACCEPT &&
		    strcmp(r->items[i].rule, rule) == 0)
			return true;
	return false;
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

static const char *
shared(void)
{
	static char path[400];
	const char *env = getenv("LITFASS_SHARED");

	snprintf(path, sizeof(path), "%s/data/cap",
	    env != NULL ? env : TEST_SHARED);
	return path;
}

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

static void
read_real(struct message *m, const char *name)
{
	if (!read_file(m, shared(), name)) {
		print_message("no collection of real warnings at %s\n",
		    shared());
		skip();
	}
}

static void
a_weather_chain_keeps_together(void **state)
{
	struct message m[4];
	char name[40];

	(void)state;
	read_real(&m[0], "dwd-wdr__alert_1.xml");
	for (int i = 1; i < 4; i++) {
		snprintf(name, sizeof(name), "dwd-wdr__alert_1_update_%d.xml",
		    i);
		read_real(&m[i], name);
	}
	assert_string_equal(m[0].a->msg_type, "alert");
	for (int i = 1; i < 4; i++) {
		assert_string_equal(m[i].a->msg_type, "update");
		assert_int_equal(m[i].a->references.n, 1);
		assert_string_equal(m[i].a->references.list[0],
		    m[i - 1].a->id);
	}
	assert_true(m[0].a->ars.n > 10);
	assert_string_equal(m[0].a->kind, "warning");
	assert_int_equal(m[0].a->languages.n, 1);
	assert_string_equal(m[0].a->languages.list[0], "de");
	for (int i = 0; i < 4; i++)
		done(&m[i]);
}

static void
a_federal_all_clear_speaks_nine_languages(void **state)
{
	struct message m;
	json_t *de;

	(void)state;
	read_real(&m, "kde-fpas__mow.DE-HE-KS-SE106-20250313-106-001.xml");
	assert_string_equal(m.a->id, "mow.DE-HE-KS-SE106-20250313-106-001");
	assert_string_equal(m.a->kind, "all_clear");
	assert_string_equal(m.a->msg_type, "cancel");
	assert_string_equal(m.a->references.list[0],
	    "mow.DE-HE-KS-SE106-20250313-106-000");
	assert_int_equal(m.a->languages.n, 9);
	assert_true(names_have(&m.a->languages, "de-simple"));
	assert_true(names_have(&m.a->ars, "066340000000"));
	de = json_object_get(json_object_get(m.json, "content"), "de");
	assert_string_equal(json_string_value(json_object_get(de,
	    "headline")), "Entwarnung: Probealarm - Land Hessen");
	assert_int_equal(strncmp(json_string_value(json_object_get(de,
	    "body")), "Dies ist die Entwarnung zur Warnung \"Probealarm - "
	    "Land Hessen\" vom 13.03.2025", 77), 0);
	/* The office wrote "Alert" over it. */
	assert_string_equal(json_string_value(json_object_get(
	    json_object_get(json_object_get(m.json, "content"), "en"),
	    "headline")), "All clear");
	done(&m);
}

/* ------------------------------------------------------------ publishing */

#define HEAD "<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\">"	\
	"<identifier>DE-TEST-0001</identifier><sender>a@b.example</sender>" \
	"<sent>2026-03-01T10:00:00+01:00</sent>"

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

/* ------------------------------------------------------------- mapping -- */

static void
read_own(struct message *m, const char *name)
{
	assert_true(read_file(m, TEST_DATA "/cap", name));
	assert_non_null(m->a);
}

/* Borrowed text below a path of up to three keys. */
static const char *
at(const struct message *m, const char *a, const char *b, const char *c)
{
	json_t *j = json_object_get(m->json, a);

	if (b != NULL)
		j = json_object_get(j, b);
	if (c != NULL)
		j = json_object_get(j, c);
	return json_is_string(j) ? json_string_value(j) : "(none)";
}

static void
a_message_becomes_an_announcement(void **state)
{
	struct message m;

	(void)state;
	read_own(&m, "04-multilang.xml");
	assert_string_equal(m.a->id, "DE-XX-STADT-20260301-0001");
	assert_string_equal(m.a->lane, "warning");
	assert_string_equal(m.a->severity, "severe");
	assert_string_equal(m.a->urgency, "immediate");
	assert_int_equal(m.a->languages.n, 2);
	assert_string_equal(at(&m, "content", "en", "headline"),
	    "Unexploded bomb found");
	assert_string_equal(at(&m, "content", "de", "instruction"),
	    "Verlassen Sie das Gebiet bis 12 Uhr. Folgen Sie den "
	    "Anweisungen der Einsatzkräfte.");
	assert_string_equal(at(&m, "office", "de", NULL), "Musterstadt");
	assert_string_equal(at(&m, "area", "ars", NULL), "034040000000");
	assert_string_equal(at(&m, "area", "polygon", NULL),
	    "52.27,8.04 52.28,8.04 52.28,8.06 52.27,8.06 52.27,8.04");
	assert_string_equal(at(&m, "expires", NULL, NULL),
	    "2026-03-01T17:00:00Z");
	assert_string_equal(at(&m, "source", "format", NULL), "CAP 1.2");
	done(&m);
}

static void
blocks_of_one_language_are_joined(void **state)
{
	struct message m;

	(void)state;
	read_own(&m, "05-same-language-twice.xml");
	assert_int_equal(m.a->languages.n, 1);
	assert_string_equal(at(&m, "content", "de", "body"), "Bei "
	    "Bauarbeiten wurde eine Weltkriegsbombe gefunden. Das Gebiet "
	    "wird ab 12 Uhr geräumt.\n\nSperrung Ringstraße");
	assert_string_equal(at(&m, "area", "name", "de"),
	    "Musterstadt, Ringstraße");
	assert_string_equal(m.a->severity, "severe");
	done(&m);
}

static void
texts_become_plain_and_then_markdown(void **state)
{
	static const char *const t[][2] = {
		{ "a<br/>b<br>c", "a\nb\nc" },
		{ "<p>a</p><p>b</p>", "a\n\nb" },
		{ "x<ul><li>a</li><li>b</li></ul>", "x\n- a\n- b" },
		{ "<80 km/h & <b>fett</b> < 5", "<80 km/h & fett < 5" },
		{ "h&ouml;ren &amp; warten &lt;b&gt;", "hören & warten <b>" },
		{ "&amp;lt;", "&lt;" },
		{ "&#228;&#xe4;&#0;&bogus;", "ää&#0;&bogus;" },
		{ "<a href=\"https://x.example/y\">hier</a>!",
		    "hier (https://x.example/y)!" },
		{ "<a href=\"javascript:x\">hier</a>", "hier" },
		{ "a\xe2\x80\xae" "b\xe2\x80\x8b" "c", "abc" },
		{ "  a \t b \n\n\n\n c ", "a b\n\nc" },
		{ "می\xe2\x80\x8cخواهم", "می\xe2\x80\x8cخواهم" },
		{ "<", "<" }, { "&", "&" }, { "<a", "<a" }, { "", "" },
	};
	bool odd = false;
	char *s;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		s = cap_text(t[i][0], false, &odd);
		assert_string_equal(s, t[i][1]);
		free(s);
	}
	s = cap_text("a\r\nBcc: b", true, &odd);
	assert_string_equal(s, "a Bcc: b");
	free(s);
	s = cap_markdown("* a_b [x](y) <z>\n# 5\n- l\n--\n+ 3");
	assert_string_equal(s, "\\* a\\_b \\[x\\](y) \\<z\\>\n\\# 5\n- l\n"
	    "\\--\n\\+ 3");
	free(s);
}

static void
cuts_are_between_words_and_characters(void **state)
{
	char a[] = "Bombenfund in der Innenstadt", b[] = "äöüäöüäöü";
	char c[] = "kurz", d[] = "abc";

	(void)state;
	assert_true(cap_text_cut(a, 20));
	assert_string_equal(a, "Bombenfund in der…");
	assert_true(cap_text_cut(b, 4));
	assert_string_equal(b, "äöü…");
	assert_false(cap_text_cut(c, 4));
	/* No room for the ellipsis: nothing is written behind the end. */
	assert_true(cap_text_cut(d, 2));
	assert_string_equal(d, "…");
}

static void
instructions_are_never_missing(void **state)
{
	static const char xml[] = HEAD "<status>Actual</status>"
	    "<msgType>Alert</msgType><scope>Public</scope>"
	    "<info><language>de-DE</language><category>Met</category>"
	    "<event>Sturm</event><responseType>Shelter</responseType>"
	    "<urgency>Future</urgency><severity>Severe</severity>"
	    "<certainty>Likely</certainty><area><areaDesc>Nordstadt"
	    "</areaDesc></area></info><info><language>uk</language>"
	    "<category>Met</category><event>Шторм</event>"
	    "<urgency>Future</urgency><severity>Severe</severity>"
	    "<certainty>Likely</certainty></info></alert>";
	struct message m;

	(void)state;
	read_text(&m, xml, strlen(xml), "instructions");
	assert_string_equal(at(&m, "content", "de", "headline"),
	    "Sturm Nordstadt");
	assert_string_equal(at(&m, "content", "de", "instruction"),
	    "Suchen Sie Schutz.");
	assert_string_equal(at(&m, "content", "uk", "instruction"),
	    "Стежте за інформацією.");
	/* No expires: a day, by policy. */
	assert_string_equal(at(&m, "expires", NULL, NULL),
	    "2026-03-02T09:00:00Z");
	done(&m);
}

static void
cancels_without_text_get_one(void **state)
{
	struct message m;

	(void)state;
	read_own(&m, "02-no-info.xml");
	assert_string_equal(m.a->kind, "all_clear");
	assert_string_equal(m.a->msg_type, "cancel");
	assert_string_equal(at(&m, "content", "de", "headline"),
	    "Entwarnung");
	done(&m);
}

static void
channel_texts_of_the_office_win(void **state)
{
	struct message m;

	(void)state;
	read_own(&m, "65-channel-params.xml");
	assert_string_equal(at(&m, "content", "de", "sms"),
	    "Bombenfund: Gebiet bis 12 Uhr verlassen. stadt.example");
	done(&m);
}

static void
codes_become_keys_of_regions(void **state)
{
	static const char xml[] = HEAD "<status>Actual</status>"
	    "<msgType>Alert</msgType><scope>Public</scope>"
	    "<info><language>de</language><category>Met</category>"
	    "<event>Sturm</event><urgency>Future</urgency>"
	    "<severity>Minor</severity><certainty>Likely</certainty>"
	    "<area><areaDesc>A</areaDesc>"
	    "<geocode><valueName>WARNCELLID</valueName>"
	    "<value>805974024</value></geocode>"
	    "<geocode><valueName>WARNCELLID</valueName>"
	    "<value>501000003</value></geocode>"
	    "<geocode><valueName>AGS</valueName>"
	    "<value>14521430</value></geocode>"
	    "<geocode><valueName>Osnabrück</valueName>"
	    "<value>034040000000</value></geocode>"
	    "<geocode><valueName>x</valueName>"
	    "<value>990000000000</value></geocode></area>"
	    "<area><areaDesc>B</areaDesc></area><area><areaDesc>C"
	    "</areaDesc></area><area><areaDesc>D</areaDesc></area>"
	    "<area><areaDesc>E</areaDesc></area></info></alert>";
	struct message m;

	(void)state;
	read_text(&m, xml, strlen(xml), "codes");
	assert_int_equal(m.a->ars.n, 3);
	assert_true(names_have(&m.a->ars, "059740000000"));
	assert_true(names_have(&m.a->ars, "145210000000"));
	assert_true(names_have(&m.a->ars, "034040000000"));
	assert_string_equal(at(&m, "area", "name", "de"),
	    "A, B, C und 2 weitere");
	done(&m);
}

static void
references_come_in_three_ways(void **state)
{
	static const struct {
		const char *text, *first, *last;
		size_t n;
	} t[] = {
		{ "s@x,ID-000001,2026-03-01T09:00:00+01:00\n"
		    "s@x,ID-000002,2026-03-01T09:00:00+01:00", "ID-000001",
		    "ID-000002", 2 },
		{ "s@x,ID-000001,2026-03-01T09:00:00+01:00,"
		    "s@x,ID-000002,2026-03-01T09:00:00+01:00", "ID-000001",
		    "ID-000002", 2 },
		{ "ID-000003 ID-000002 DE-NW-BN-SE030,ID-000003 ID-000002 "
		    "ID-000001,2026-03-01T00:00:00+01:00", "ID-000003",
		    "ID-000001", 3 },
	};
	char xml[2000];
	struct message m;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		snprintf(xml, sizeof(xml), HEAD "<status>Actual</status>"
		    "<msgType>Cancel</msgType><scope>Public</scope>"
		    "<references>%s</references></alert>", t[i].text);
		read_text(&m, xml, strlen(xml), "references");
		assert_int_equal(m.a->references.n, t[i].n);
		assert_string_equal(m.a->references.list[0], t[i].first);
		assert_string_equal(m.a->references.list[t[i].n - 1],
		    t[i].last);
		done(&m);
	}
}

static void
ids_are_readable_and_always_the_same(void **state)
{
	char a[CAP_ID_MAX], b[CAP_ID_MAX];

	(void)state;
	assert_string_equal(cap_id("s", "mow.DE-NW-1-2", a), "mow.DE-NW-1-2");
	cap_id("s", "urn:oid:2.49.0.1", a);
	assert_int_equal(strncmp(a, "urn-oid-2.49.0.1-", 17), 0);
	assert_int_equal(strlen(a), 25);
	assert_string_equal(cap_id("s", "urn:oid:2.49.0.1", b), a);
	assert_string_not_equal(cap_id("t", "urn:oid:2.49.0.1", b), a);
	/* Short ones mean nothing without their sender. */
	assert_int_equal(strncmp(cap_id("s", "1", a), "1-", 2), 0);
	cap_id("s", "2.49.0.1.276.0.DWD.PVW.1548216540000.7a0bd0e9-05c9-4376-"
	    "a220-fad5580d6212.DEU", a);
	assert_int_equal(strlen(a), 64);
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
		cmocka_unit_test(a_weather_chain_keeps_together),
		cmocka_unit_test(a_federal_all_clear_speaks_nine_languages),
		cmocka_unit_test(only_actual_public_messages_go_out),
		cmocka_unit_test(strict_readers_reject_what_warns),
		cmocka_unit_test(a_message_becomes_an_announcement),
		cmocka_unit_test(blocks_of_one_language_are_joined),
		cmocka_unit_test(texts_become_plain_and_then_markdown),
		cmocka_unit_test(cuts_are_between_words_and_characters),
		cmocka_unit_test(instructions_are_never_missing),
		cmocka_unit_test(cancels_without_text_get_one),
		cmocka_unit_test(channel_texts_of_the_office_win),
		cmocka_unit_test(codes_become_keys_of_regions),
		cmocka_unit_test(references_come_in_three_ways),
		cmocka_unit_test(ids_are_readable_and_always_the_same),
		cmocka_unit_test(reports_can_be_read_by_machines),
		cmocka_unit_test(hostile_texts_cost_no_more),
		cmocka_unit_test(any_bytes_are_survived),
	};

	return cmocka_run_group_tests_name("cap", tests, NULL, NULL);
}
