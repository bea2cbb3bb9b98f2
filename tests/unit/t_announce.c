/*
 * t_announce: the eighteen announcements are read and judged; everything that
 * must not go out is refused by name.
 */
#include "config.h"

#include "announce/view.h"
#include "base/when.h"
#include "unit/eighteen.h"

static void
all_fixtures_are_without_findings(void **state)
{
	struct wall now = { 0 };
	struct announce *a;
	struct problems p;
	json_t *item;
	size_t i;

	(void)state;
	assert_int_equal(json_array_size(list), 18);
	json_array_foreach(list, i, item) {
		problems_init(&p);
		assert_int_equal(announce_from_json(item, &a, &p), 0);
		announce_lint(a, issuer, now, true, &p);
		/* The police has a site of its own, and where names are not
		 * translated somebody should know: worth a look. */
		for (size_t k = 0; k < p.n; k++)
			if (strcmp(p.items[k].slug, strcmp(a->kind,
			    "police_notice") == 0 ? "foreign-link" :
			    "missing-translation") != 0)
				fail_msg("%s: %s %s", a->id,
				    p.items[k].pointer, p.items[k].message);
		problems_fini(&p);
		announce_free(&a);
	}
}

static void
canonical_form_is_stable(void **state)
{
	unsigned char one[ANNOUNCE_HASH], two[ANNOUNCE_HASH];
	struct announce *a, *b;
	struct problems p;

	(void)state;
	for (size_t i = 1; i <= 18; i++) {
		a = fixture(i);
		problems_init(&p);
		assert_int_equal(announce_parse(a->text, a->len, &b, &p), 0);
		problems_fini(&p);
		assert_int_equal(a->len, b->len);
		assert_string_equal(a->text, b->text);
		announce_hash(a, one);
		announce_hash(b, two);
		assert_memory_equal(one, two, sizeof(one));
		assert_int_equal(strncmp(a->text,
		    "{\"approval\":{\"approvers\":", 25), 0);
		announce_free(&a);
		announce_free(&b);
	}
}

static void
lanes_follow_kind_and_priority(void **state)
{
	static const char *const lane[] = { "normal", "warning", "urgent",
		"warning", "urgent", "normal", "bulk", "bulk", "bulk",
		"warning", "warning", "warning", "urgent", "normal", "urgent",
		"normal", "warning", "warning" };

	(void)state;
	for (size_t i = 0; i < 18; i++) {
		struct announce *a = fixture(i + 1);

		if (strcmp(a->lane, lane[i]) != 0)
			fail_msg("%s: %s, not %s", a->id, a->lane, lane[i]);
		announce_free(&a);
	}
}

static void
members_are_at_hand(void **state)
{
	struct announce *a = fixture(12);
	char out[WHEN_MAX];

	(void)state;
	assert_string_equal(a->id, "lf-2026-0012");
	assert_string_equal(a->kind, "all_clear");
	assert_string_equal(a->msg_type, "cancel");
	assert_int_equal(a->version, 1);
	assert_int_equal(a->references.n, 2);
	assert_true(names_have(&a->references, "lf-2026-0011"));
	assert_int_equal(a->languages.n, 6);
	assert_string_equal(a->languages.list[0], "ar");
	assert_string_equal(a->ars.list[0], "990010000000");
	assert_string_equal(when_format(a->expires, out, sizeof(out)),
	    "2026-09-20T18:00:00Z");
	announce_free(&a);
}

/* ------------------------------------------------------------- negative -- */

static void
expect(const char *change, const char *slug, const char *pointer,
    enum problem_level level)
{
	json_t *j = changed(change);
	struct announce *a;
	struct problems p;
	bool found = false;
	int rc;

	problems_init(&p);
	rc = announce_from_json(j, &a, &p);
	for (size_t i = 0; i < p.n; i++)
		if (strcmp(p.items[i].slug, slug) == 0 &&
		    strcmp(p.items[i].pointer, pointer) == 0 &&
		    p.items[i].level == level)
			found = true;
	if (!found)
		fail_msg("%s: no %s at %s but %s", change, slug, pointer,
		    p.n > 0 ? p.items[0].message : "nothing");
	assert_int_equal(rc, level == PROBLEM_ERROR ? -1 : 0);
	announce_free(&a);
	problems_fini(&p);
	json_decref(j);
}

/* What is changed in a good announcement, and what is said of it. */
static const struct {
	const char *change, *slug, *pointer;
} faults[] = {
	{ "{\"id\":\"a b\"}", "bad-id", "/id" },
	{ "{\"id\":\"../etc\"}", "bad-id", "/id" },
	{ "{\"id\":null}", "missing-field", "/id" },
	{ "{\"kind\":\"party\"}", "bad-value", "/kind" },
	{ "{\"severity\":\"Extreme\"}", "bad-value", "/severity" },
	{ "{\"status\":\"draft\"}", "bad-value", "/status" },
	{ "{\"version\":-1}", "bad-value", "/version" },
	{ "{\"topics\":\"warnung\"}", "wrong-type", "/topics" },
	{ "{\"content\":{}, \"content\":[]}", "wrong-type",
	    "/content" },
	{ "{\"content\":{\"de\":{\"instruction\":\"\"}}}",
	    "missing-instruction", "/content/de/instruction" },
	{ "{\"content\":{\"de\":{\"headline\":\"\"}}}",
	    "missing-field", "/content/de/headline" },
	{ "{\"content\":{\"de\":{\"headline\":\" \\u00a0\\u200b\"}}}",
	    "missing-field", "/content/de/headline" },
	{ "{\"content\":{\"de\":{\"instruction\":\"\\n\"}}}",
	    "missing-instruction", "/content/de/instruction" },
	{ "{\"content\":{\"de\":{\"body\":\"`a\\n \\n[x](javascript:y) `\"}}"
	    "}", "bad-link", "/content/de/body" },
	{ "{\"content\":{\"xx-invalid\":{\"headline\":\"x\","
	    "\"instruction\":\"y\"}}}", "unknown-language",
	    "/content/xx-invalid" },
	{ "{\"attachments\":[{\"type\":\"image\",\"file\":\"a.png\"}]"
	    "}", "missing-alt-text", "/attachments/0/alt" },
	{ "{\"attachments\":[{\"type\":\"image\",\"file\":\"a.png\","
	    "\"alt\":{\"de\":\" \"}}]}", "missing-alt-text",
	    "/attachments/0/alt" },
	{ "{\"attachments\":[{\"type\":\"image\",\"alt\":\"x\","
	    "\"file\":\"../../etc/passwd\"}]}", "bad-file",
	    "/attachments/0/file" },
	{ "{\"expires\":\"2026-09-20T09:00:00+02:00\"}",
	    "expires-before-starts", "/expires" },
	{ "{\"expires\":null}", "missing-expires", "/expires" },
	{ "{\"expires\":\"2026-09-31T09:00:00+02:00\"}", "bad-time",
	    "/expires" },
	{ "{\"sent\":\"2026-09-20T10:30:00\"}", "bad-time", "/sent" },
	{ "{\"content\":{\"de\":{\"headline\":\"a\\u202eb\"}}}",
	    "bidi-override", "/content/de/headline" },
	{ "{\"content\":{\"de\":{\"headline\":\"a\\u2067b\\u2069\"}}}",
	    "bidi-override", "/content/de/headline" },
	{ "{\"content\":{\"de\":{\"body\":\"a \\u2067 b\"}}}",
	    "bidi-override", "/content/de/body" },
	{ "{\"content\":{\"de\":{\"headline\":\"a\\nb\"}}}",
	    "control-character", "/content/de/headline" },
	{ "{\"content\":{\"de\":{\"body\":\"a\\u0007b\"}}}",
	    "control-character", "/content/de/body" },
	{ "{\"content\":{\"de\":{\"body\":\"a <b>c</b>\"}}}",
	    "raw-html", "/content/de/body" },
	{ "{\"content\":{\"de\":{\"body\":\"<!-- x -->\"}}}",
	    "raw-html", "/content/de/body" },
	{ "{\"content\":{\"de\":{\"body\":\"[x](javascript:y)\"}}}",
	    "bad-link", "/content/de/body" },
	{ "{\"content\":{\"de\":{\"body\":\"[x]( <JavaScript:y>)\"}}}",
	    "bad-link", "/content/de/body" },
	{ "{\"content\":{\"de\":{\"body\":\"<javascript:y>\"}}}",
	    "bad-link", "/content/de/body" },
	{ "{\"content\":{\"de\":{\"body\":\"[x]: data:text/html,y\"}}}",
	    "bad-link", "/content/de/body" },
	{ "{\"content\":{\"de\":{\"body\":\"a\\n  [x]:\\n<javascript:"
	    "y> 't'\"}}}", "bad-link", "/content/de/body" },
	{ "{\"content\":{\"de\":{\"body\":\"[x](&#106;avascript:y)\"}}"
	    "}", "bad-link", "/content/de/body" },
	{ "{\"content\":{\"de\":{\"body\":\"![x](bild.png)\"}}}",
	    "bad-link", "/content/de/body" },
	{ "{\"link\":{\"url\":\"javascript:alert(1)\"}}", "bad-link",
	    "/link/url" },
	{ "{\"link\":{\"url\":\"https://a@b.example/\"}}", "bad-link",
	    "/link/url" },
	{ "{\"link\":{\"url\":\"https://\"}}", "bad-link",
	    "/link/url" },
	{ "{\"area\":{\"ars\":\"99001\"}}", "bad-area", "/area/ars" },
	{ "{\"area\":{\"ars\":[\"990010000000\",\"x\"]}}", "bad-area",
	    "/area/ars/1" },
	{ "{\"area\":{\"polygon\":\"51,10 51,11 52,11\"}}",
	    "bad-area", "/area/polygon" },
	{ "{\"area\":{\"polygon\":\"51,10 51,11 52,11 52,10\"}}",
	    "bad-area", "/area/polygon" },
	{ "{\"area\":{\"polygon\":\"91,10 51,11 52,11 91,10\"}}",
	    "bad-area", "/area/polygon" },
	{ "{\"area\":{\"polygon\":\"51;10 x\"}}", "bad-area",
	    "/area/polygon" },
	{ "{\"area\":{\"circle\":\"51,10\"}}", "bad-area",
	    "/area/circle" },
	{ "{\"area\":{\"display_groups\":[\"a/b\"]}}",
	    "bad-display-group", "/area/display_groups/0" },
	{ "{\"area\":{\"display_groups\":[\"#\"]}}",
	    "bad-display-group", "/area/display_groups/0" },
	{ "{\"references\":[\"lf-2026-0010\"]}", "bad-reference",
	    "/references" },
	{ "{\"msg_type\":\"cancel\"}", "bad-reference",
	    "/references" },
	{ "{\"link\":null,\"privacy\":{\"link_only_channels\":"
	    "[\"sms\"]}}", "missing-link", "/link" },
	{ "{\"content\":{\"de\":{\"instructions\":\"x\"}}}",
	    "unknown-field", "/content/de/instructions" },
	{ "{\"prioritiy\":\"low\"}", "unknown-field", "/prioritiy" },
};

static void
every_fault_has_its_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		expect(faults[i].change, faults[i].slug, faults[i].pointer,
		    PROBLEM_ERROR);
}

static void
some_findings_only_warn(void **state)
{
	(void)state;
	expect("{\"x\":{\"y/z~\":1}}", "unknown-field", "/x", PROBLEM_WARN);
	expect("{\"content\":{\"de\":{\"body\":\"Gehen Sie. Nimm dein Rad. "
	    "Rufen Sie an.\"}}}", "mixed-address", "/content/de",
	    PROBLEM_WARN);
	expect("{\"msg_type\":\"update\"}", "bad-reference", "/references",
	    PROBLEM_WARN);
	expect("{\"content\":{\"de\":{\"body\":\"Zeiten:\\n\\n| a | b |\\n|---|"
	    " -- |\\n| 1 | 2 |\"}}}", "bad-table", "/content/de/body",
	    PROBLEM_WARN);
	expect("{\"content\":{\"de\":{\"instruction\":\"a | b\\n-|-\"}}}",
	    "bad-table", "/content/de/instruction", PROBLEM_WARN);
}

static void
texts_that_only_look_bad_pass(void **state)
{
	static const char *const good[] = { "{\"content\":{\"de\":{\"body\":"
		"\"Tempo <80 km/h, a < b, `<b>` und \\\\<i>\"}}}",
		"{\"content\":{\"de\":{\"body\":\"<https://www.x.example/a>\"}"
		"}}",
		"{\"content\":{\"de\":{\"body\":\"Persönliche data: keine. "
		"[Plan](https://lindenfurt.example/?a=1&b=2)\"}}}",
		"{\"content\":{\"de\":{\"body\":\"[Ruf](tel:+49302312) "
		"[Mail](mailto:a@b.example)\"}}}",
		"{\"content\":{\"de\":{\"body\":\"a\\n\\n[Hinweis]: Bitte "
		"warten. Und [1]: nein\\n[a]: https://b.example/ "
		"\\\"t\\\"\"}}}",
		"{\"content\":{\"de\":{\"body\":\"| a | b |\\n|:-:| --: |"
		"\\n| x | - |\\n\\n`a\\n[x](javascript:y)`\\n\\n- | -\"}}}",
		"{\"content\":{\"de\":{\"body\":\"\\u2068Bahnhof\\u2069\"}}}",
		"{\"content\":{\"de\":{\"headline\":\"Kochen Sie! 👩‍👩‍👧 ✓\"}"
		"}}" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		json_t *j = changed(good[i]);
		struct announce *a;
		struct problems p;

		problems_init(&p);
		if (announce_from_json(j, &a, &p) < 0 || p.n > 0)
			fail_msg("%s: %s", good[i], p.items[0].message);
		announce_free(&a);
		problems_fini(&p);
		json_decref(j);
	}
}

static void
lengths_count_characters(void **state)
{
	char text[4 * 161 + 64], *s = text;

	(void)state;
	s += sprintf(s, "{\"content\":{\"de\":{\"headline\":\"");
	for (int i = 0; i < 161; i++)
		s += sprintf(s, "ü");
	sprintf(s, "\"}}}");
	expect(text, "too-long", "/content/de/headline", PROBLEM_ERROR);
}

/* Text that never gets to be JSON. */
static void
expect_raw(const char *text, size_t len, const char *slug)
{
	struct announce *a;
	struct problems p;

	problems_init(&p);
	assert_int_equal(announce_parse(text, len, &a, &p), -1);
	assert_null(a);
	assert_string_equal(p.items[0].slug, slug);
	problems_fini(&p);
}

static void
hostile_bytes_are_refused(void **state)
{
	size_t len = 300000;
	char *deep = malloc(len);

	(void)state;
	memset(deep, '[', len);
	expect_raw(deep, 20000, "too-deep");
	expect("{\"audience\":[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]}", "too-deep",
	    "", PROBLEM_ERROR);
	expect_raw(deep, len, "too-long");
	free(deep);
	expect_raw("", 0, "invalid-json");
	expect_raw("{", 1, "invalid-json");
	expect_raw("[]", 2, "wrong-type");
	expect_raw("{\"id\":1,\"id\":2}", 15, "duplicate-key");
	expect_raw("{\"id\":\"\xff\"}", 10, "invalid-utf8");
	expect_raw("{\"id\":\"\\ud800\"}", 15, "invalid-utf8");
	expect_raw("{\"id\":\"\\u0000\"}", 15, "control-character");
}

static void
a_body_of_70000_characters_is_too_long(void **state)
{
	json_t *j = changed("{}");
	char *body = malloc(70001);
	struct announce *a;
	struct problems p;

	(void)state;
	memset(body, 'x', 70000);
	body[70000] = '\0';
	json_object_set_new(json_object_get(json_object_get(j, "content"),
	    "de"), "body", json_string(body));
	problems_init(&p);
	assert_int_equal(announce_from_json(j, &a, &p), -1);
	assert_int_equal(p.n, 1);
	assert_string_equal(p.items[0].message, "70000 characters, at most "
	    "20000 are allowed: shorten it");
	problems_fini(&p);
	json_decref(j);
	free(body);
}

static void
lint_asks_the_clock_and_the_issuer(void **state)
{
	struct announce *a = fixture(10);
	struct wall late = { a->expires.us };
	struct problems p;
	json_t *j;

	(void)state;
	problems_init(&p);
	announce_lint(a, issuer, late, false, &p);
	assert_int_equal(p.n, 3);
	assert_string_equal(p.items[0].slug, "expired");
	assert_string_equal(p.items[1].slug, "missing-translation");
	assert_string_equal(p.items[1].pointer, "/area/name");
	assert_non_null(strstr(p.items[1].message, " in ar, tr, uk gets"));
	assert_string_equal(p.items[2].pointer, "/link/label");
	assert_true(problems_ok(&p));
	announce_lint(a, issuer, late, true, &p);
	assert_false(problems_ok(&p));
	problems_fini(&p);
	announce_free(&a);

	j = changed("{\"content\":{\"de\":{\"body\":\"Siehe "
	    "https://lindenfurt.example.evil.example/a\"}}}");
	assert_int_equal(announce_from_json(j, &a, &p), 0);
	json_decref(j);
	announce_lint(a, issuer, (struct wall){ 0 }, true, &p);
	assert_int_equal(p.n, 3);
	assert_string_equal(p.items[2].slug, "foreign-link");
	assert_string_equal(p.items[2].pointer, "/content/de/body");
	problems_fini(&p);
	announce_free(&a);
}

static void
findings_are_shown(void **state)
{
	struct problems p;
	json_t *j;

	(void)state;
	problems_init(&p);
	problem_add(&p, PROBLEM_WARN, "/a~1b", "odd", "look at %d", 7);
	j = problems_json(&p);
	assert_string_equal(json_string_value(json_object_get(json_array_get(
	    j, 0), "pointer")), "/a~1b");
	json_decref(j);
	for (int i = 0; i < PROBLEMS_MAX; i++)
		problem_add(&p, PROBLEM_ERROR, "", "bad", "no");
	assert_int_equal(p.n, PROBLEMS_MAX);
	assert_int_equal(p.errors, PROBLEMS_MAX);
	assert_int_equal(p.warnings, 1);
	/* The warning made room for an error. */
	assert_false(problems_has(&p, "odd"));
	assert_string_equal(p.items[0].slug, "bad");
	problems_fini(&p);
}

/* Each of these would take hours if any check were quadratic. */
static void
hostile_texts_cost_no_more(void **state)
{
	static const char *const pieces[] = { "<a ", "[", "  ", "`", "&",
		"](", "<a:", "\\n[a]:", "http", "a" };
	char *text = malloc(GUARD_ANNOUNCEMENT);

	(void)state;
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		size_t n = (size_t)sprintf(text, "{\"content\":{\"de\":{"
		    "\"body\":\"");
		struct announce *a;
		struct problems p;

		while (n < 250000)
			n += (size_t)sprintf(text + n, "%s", pieces[i]);
		n += (size_t)sprintf(text + n, "\"}}}");
		problems_init(&p);
		assert_int_equal(announce_parse(text, n, &a, &p), -1);
		assert_true(problems_has(&p, "too-long"));
		problems_fini(&p);
	}
	free(text);
}

static void
issuers_are_judged(void **state)
{
	static const struct {
		const char *json, *text;
	} t[] = {
		{ "{}", "read issuer: id: missing: give a short name such as "
		    "stadt-lindenfurt" },
		{ "{\"id\":\"a\"}", "read issuer: name: missing: give the "
		    "name of the authority per language" },
		{ "{\"id\":\"a\",\"name\":\"A\",\"default_language\":\"qq\"}",
		    "read issuer: default_language: \"qq\" is no language: "
		    "write a tag such as de" },
		{ "{\"id\":\"a\",\"name\":\"A\",\"ars\":\"1\"}",
		    "read issuer: ars: \"1\" has not 12 digits: write the "
		    "full Regionalschluessel" },
	};
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		json_t *j = json_loads(t[i].json, 0, NULL);

		assert_null(issuer_new(j, &e));
		assert_string_equal(e.text, t[i].text);
		json_decref(j);
	}
	assert_string_equal(issuer_name(issuer, "en"), "City of Lindenfurt");
	assert_string_equal(issuer_name(issuer, "tr"), "Stadt Lindenfurt");
	assert_string_equal(issuer->timezone, "Europe/Berlin");
}

static void
any_bytes_are_survived(void **state)
{
	uint32_t seed = 1;
	size_t len, n, accepted = 0;
	char *text, *copy;

	(void)state;
	text = json_dumps(json_array_get(list, 9), JSON_INDENT(1));
	len = strlen(text);
	copy = malloc(len + 1);
	for (int i = 0; i < 2000; i++) {
		struct announce *a;
		struct problems p;

		memcpy(copy, text, n = len);
		fixture_mutate(copy, &n, &seed);
		problems_init(&p);
		if (announce_parse(copy, n, &a, &p) == 0) {
			struct view *v = view_new(a, issuer,
			    &(struct view_for){ .lang = "tr", .wanted = "fr",
			    .channel = "sms", .plugin = "sms_http" });

			accepted++;
			view_free(&v);
			announce_free(&a);
		} else {
			assert_true(p.n > 0);
		}
		problems_fini(&p);
	}
	/* Some mutations only touch a text: both ways are walked. */
	assert_in_range(accepted, 50, 1950);
	free(copy);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_fixtures_are_without_findings),
		cmocka_unit_test(canonical_form_is_stable),
		cmocka_unit_test(lanes_follow_kind_and_priority),
		cmocka_unit_test(members_are_at_hand),
		cmocka_unit_test(every_fault_has_its_name),
		cmocka_unit_test(some_findings_only_warn),
		cmocka_unit_test(texts_that_only_look_bad_pass),
		cmocka_unit_test(lengths_count_characters),
		cmocka_unit_test(hostile_bytes_are_refused),
		cmocka_unit_test(a_body_of_70000_characters_is_too_long),
		cmocka_unit_test(lint_asks_the_clock_and_the_issuer),
		cmocka_unit_test(findings_are_shown),
		cmocka_unit_test(hostile_texts_cost_no_more),
		cmocka_unit_test(issuers_are_judged),
		cmocka_unit_test(any_bytes_are_survived),
	};

	return cmocka_run_group_tests_name("announce", tests, setup,
	    teardown);
}
