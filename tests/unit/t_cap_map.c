/*
 * t_cap_map: what a message becomes: texts, area, references and ids of an
 * announcement that says neither less nor anything else.
 */
#include "config.h"

#include "announce/cap_text.h"
#include "unit/capmsg.h"

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
a_federal_warning_stays_until_its_cancel(void **state)
{
	static const struct {
		const char *id, *type, *expires;
	} t[] = {
		{ "mow.DE-XX-1", "Alert", "2026-03-31T09:00:00Z" },
		{ "mow.DE-XX-1", "Update", "2026-03-31T09:00:00Z" },
		{ "mow.DE-XX-1", "Cancel", "2026-03-01T15:00:00Z" },
		{ "tomow.DE-XX-1", "Alert", "2026-03-02T09:00:00Z" },
	};
	struct message m;
	char xml[1024];
	int n;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		n = snprintf(xml, sizeof(xml), "<alert xmlns=\"urn:oasis:names"
		    ":tc:emergency:cap:1.2\"><identifier>%s</identifier>"
		    "<sender>DE-XX</sender><sent>2026-03-01T10:00:00+01:00"
		    "</sent><status>Actual</status><msgType>%s</msgType>"
		    "<scope>Public</scope><references>DE-XX,mow.DE-XX-0,"
		    "2026-03-01T09:00:00+01:00</references><info>"
		    "<category>Safety</category><event>Gefahrenmitteilung"
		    "</event><urgency>Immediate</urgency><severity>Severe"
		    "</severity><certainty>Observed</certainty><headline>"
		    "Wasser abkochen</headline></info></alert>", t[i].id,
		    t[i].type);
		read_text(&m, xml, (size_t)n, t[i].type);
		assert_non_null(m.json);
		assert_string_equal(at(&m, "expires", NULL, NULL),
		    t[i].expires);
		done(&m);
	}
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
texts_become_plain(void **state)
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
}

static void
plain_text_keeps_its_meaning_in_markdown(void **state)
{
	static const char *const t[][2] = {
		{ "* a_b [x](y) <z>",
		    "\\* a\\_b \\[x\\](y) \\<z\\>" },
		{ "# 5\n- l\n--\n+ 3", "\\# 5\n- l\n\\--\n\\+ 3" },
		/* Numbers in a list are counted anew. */
		{ "10. Mai\n12. Mai\n1) a\n3 b", "10\\. Mai\n12\\. Mai\n"
		    "1\\) a\n3 b" },
		/* A link would end at an escape. */
		{ "s. https://x.example/a_b?c=1&d=2.",
		    "s. <https://x.example/a_b?c=1&d=2>." },
		{ "HTTP://x.example/a(b), http://",
		    "<HTTP://x.example/a(b)>, http://" },
		{ "(http://x.example/a_)", "(<http://x.example/a_>)" },
		{ "http://x.example/&#106;", "http://x.example/\\&#106;" },
	};

	char *s;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		s = cap_markdown(t[i][0], true);
		assert_string_equal(s, t[i][1]);
		free(s);
	}
	s = cap_markdown("http://x.example/a_b", false);
	assert_string_equal(s, "http://x.example/a\\_b");
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
	    "<geocode><valueName>AGS</valueName>"
	    "<value>9162000</value></geocode>"
	    "<geocode><valueName>ARS</valueName>"
	    "<value>34040000000</value></geocode>"
	    "<geocode><valueName>WARNCELLID</valueName>"
	    "<value>711000001</value></geocode>"
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
	assert_int_equal(m.a->ars.n, 5);
	assert_true(names_have(&m.a->ars, "091620000000"));
	assert_true(names_have(&m.a->ars, "110000000000"));
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

#define INFO(language, body, more) "<info><language>" language		\
	"</language><category>Met</category><event>Sturm</event>"	\
	"<urgency>Future</urgency><severity>Minor</severity>"		\
	"<certainty>Likely</certainty><headline>Sturm</headline>"	\
	"<description>" body "</description>" more "</info>"

static void
marked_up_words_are_not_lost(void **state)
{
	static const char xml[] = INFO("de", "Das Wasser <b>nicht</b> "
	    "trinken.<br/>Mehr <a class='x' href='https://x.example/'>hier"
	    "</a>, <x:i xmlns:x='urn:x'>sofort</x:i>!", "");
	struct message m;

	(void)state;
	read_infos(&m, xml);
	assert_int_equal(m.report.result, CAP_WARN);
	assert_true(has_rule(&m.report, "R04"));
	assert_string_equal(at(&m, "content", "de", "body"), "Das Wasser "
	    "nicht trinken.\nMehr hier (<https://x.example/>), sofort!");
	done(&m);
}

static void
contacts_are_told(void **state)
{
	struct message m;

	(void)state;
	read_infos(&m, INFO("de", "Es weht.", "<contact>Rufen Sie 0800 1 an."
	    "</contact><resource><resourceDesc>Karte https://x.example/"
	    "</resourceDesc><mimeType>image/png</mimeType><uri>"
	    "https://y.example/a_b</uri></resource>"));
	assert_string_equal(at(&m, "content", "de", "body"), "Es weht.\n\n"
	    "Rufen Sie 0800 1 an.\n\n[Karte https://x.example/]"
	    "(https://y.example/a_b)");
	done(&m);
}

#define CLEAR	"<responseType>AllClear</responseType>"

static void
who_still_warns_somewhere_gives_no_all_clear(void **state)
{
	struct message m;

	(void)state;
	read_infos(&m, INFO("de", "Vorbei.", CLEAR) INFO("de", "Es weht.",
	    ""));
	assert_string_equal(m.a->kind, "warning");
	done(&m);
	read_infos(&m, INFO("de", "Vorbei.", CLEAR) INFO("en", "Over.",
	    CLEAR));
	assert_string_equal(m.a->kind, "all_clear");
	done(&m);
}

static void
severity_in_other_letters_is_understood(void **state)
{
	struct message m;

	(void)state;
	read_infos(&m, "<info><category>Met</category><event>Sturm</event>"
	    "<urgency>IMMEDIATE</urgency><severity>extreme</severity>"
	    "<certainty>very</certainty></info>");
	assert_true(has_rule(&m.report, "R17"));
	assert_string_equal(m.a->severity, "extreme");
	assert_string_equal(m.a->urgency, "immediate");
	assert_string_equal(m.a->certainty, "unknown");
	done(&m);
}

/* An announcement has its limits; a warning beyond them goes out all the
 * same. */
static void
nothing_is_too_much(void **state)
{
	struct buf b;
	struct message m;
	json_t *list;

	(void)state;
	buf_init(&b, 4 * 1024 * 1024);
	buf_fmt(&b, INFO("de", "Es weht.", "<area><areaDesc>A</areaDesc>"));
	buf_cut(&b, b.len - strlen("</info>"));
	for (int i = 0; i < 3000; i++)
		buf_fmt(&b, "<circle>51,%d.%04d 1</circle>", 7 + i % 5, i);
	for (int i = 0; i < 3000; i++)
		buf_fmt(&b, "<geocode><valueName>x</valueName><value>"
		    "0%d3%02d%04d001</value></geocode>", 5 + i % 2, i % 50,
		    i);
	buf_str(&b, "</area></info>");
	read_infos(&m, buf_cstr(&b));
	assert_int_equal(m.report.result, CAP_ACCEPT);
	assert_int_equal(m.a->ars.n, 50);
	assert_true(names_have(&m.a->ars, "053480000000"));
	list = json_object_get(json_object_get(m.json, "area"), "circle");
	assert_null(list);
	done(&m);
	buf_fini(&b);
}

static void
long_texts_are_shortened_between_links(void **state)
{
	char *text = malloc(30001);
	struct buf b;
	struct message m;

	(void)state;
	memset(text, '*', 30000);
	text[30000] = '\0';
	buf_init(&b, 4 * 1024 * 1024);
	for (int i = 0; i < 20; i++) {
		buf_fmt(&b, INFO("%c%c", "%s", ""), "defrnlplru"[i % 5 * 2],
		    "defrnlplru"[i % 5 * 2 + 1], text + 100 * i);
		buf_cut(&b, b.len - strlen("</info>"));
		for (int k = 0; k < 400; k++)
			buf_fmt(&b, "<resource><resourceDesc>Karte %d"
			    "</resourceDesc><mimeType>image/png</mimeType>"
			    "<uri>https://x.example/%0*d</uri></resource>", i,
			    20 + i, k);
		buf_str(&b, "</info>");
	}
	read_infos(&m, buf_cstr(&b));
	assert_int_equal(m.a->languages.n, 5);
	done(&m);
	buf_fini(&b);
	free(text);
}

/* Sixty languages: each text is good, all of them are too long. */
static void
many_languages_share_the_room(void **state)
{
	static const char *const words = "itfresplrutrukarsvnodafiethuhrslcs"
	    "skrobgelmktsqsrpteuglcyisgadelvltkahyazkkuzfapsurhibnta";
	char *text = malloc(19001);
	struct buf b;
	struct message m;

	(void)state;
	for (int i = 0; i < 19000; i++)
		text[i] = i % 10 == 9 ? ' ' : 'x';
	text[19000] = '\0';
	buf_init(&b, 4 * 1024 * 1024);
	for (const char *w = words; strlen(w) > 1; w += 2)
		buf_fmt(&b, INFO("%.2s", "%s %.2s", ""), w, text, w);
	read_infos(&m, buf_cstr(&b));
	assert_in_range(m.a->languages.n, 30, 64);
	assert_in_range(strlen(at(&m, "content", "tr", "body")), 1000, 5000);
	done(&m);
	buf_fini(&b);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_weather_chain_keeps_together),
		cmocka_unit_test(a_federal_all_clear_speaks_nine_languages),
		cmocka_unit_test(a_message_becomes_an_announcement),
		cmocka_unit_test(a_federal_warning_stays_until_its_cancel),
		cmocka_unit_test(blocks_of_one_language_are_joined),
		cmocka_unit_test(texts_become_plain),
		cmocka_unit_test(plain_text_keeps_its_meaning_in_markdown),
		cmocka_unit_test(cuts_are_between_words_and_characters),
		cmocka_unit_test(instructions_are_never_missing),
		cmocka_unit_test(cancels_without_text_get_one),
		cmocka_unit_test(channel_texts_of_the_office_win),
		cmocka_unit_test(codes_become_keys_of_regions),
		cmocka_unit_test(references_come_in_three_ways),
		cmocka_unit_test(ids_are_readable_and_always_the_same),
		cmocka_unit_test(marked_up_words_are_not_lost),
		cmocka_unit_test(contacts_are_told),
		cmocka_unit_test(who_still_warns_somewhere_gives_no_all_clear),
		cmocka_unit_test(severity_in_other_letters_is_understood),
		cmocka_unit_test(nothing_is_too_much),
		cmocka_unit_test(long_texts_are_shortened_between_links),
		cmocka_unit_test(many_languages_share_the_room),
	};

	return cmocka_run_group_tests_name("cap_map", tests, NULL, NULL);
}
