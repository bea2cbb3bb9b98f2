/*
 * t_template: the Mustache subset, case by case, and hostile templates.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "text/template.h"

struct sample {
	const char *template, *context, *expected;
};

#define RUN(samples)							\
	run_all((samples), sizeof(samples) / sizeof((samples)[0]))

/* A visible escape, so that tests see where it was applied. */
static void
angle(void *arg, const char *name, const char *value, struct buf *out)
{
	(void)arg;
	(void)name;
	for (; *value != '\0'; value++)
		if (*value == '<')
			buf_str(out, "&lt;");
		else
			buf_chr(out, *value);
}

/* Given; NULL when the template is refused or fails. */
static char *
expand(const char *text, const char *context, size_t max,
    struct template_run *run, struct err *e)
{
	struct template *t = template_parse(text, e);
	json_t *ctx;
	struct buf out;
	int rc;

	if (t == NULL)
		return NULL;
	ctx = json_loads(context, 0, NULL);
	assert_non_null(ctx);
	buf_init(&out, max);
	*run = (struct template_run){ .values = ctx, .escape = angle };
	rc = template_render(t, run, &out, e);
	json_decref(ctx);
	template_free(&t);
	if (rc == 0)
		return buf_steal(&out);
	buf_fini(&out);
	return NULL;
}

static void
run_all(const struct sample *samples, size_t n)
{
	struct template_run run;
	struct err e;
	char *s;

	for (size_t i = 0; i < n; i++) {
		e.text[0] = '\0';
		s = expand(samples[i].template, samples[i].context, 4096,
		    &run, &e);
		if (s == NULL)
			fail_msg("%s: %s", samples[i].template, e.text);
		assert_string_equal(s, samples[i].expected);
		free(s);
	}
}

static void
values_are_put_in(void **state)
{
	static const struct sample samples[] = {
		{ "no tag at all", "{}", "no tag at all" },
		{ "", "{}", "" },
		{ "to {{who}}!", "{\"who\":\"all\"}", "to all!" },
		{ "{{ who }}|{{\twho\n}}", "{\"who\":\"all\"}", "all|all" },
		{ "{{n}} parts", "{\"n\":3}", "3 parts" },
		{ "[{{t}}{{f}}{{o}}{{l}}{{z}}]", "{\"t\":true,\"f\":false,"
		    "\"o\":{},\"l\":[1],\"z\":null}", "[]" },
		{ "[{{none}}]", "{}", "[]" },
		{ "{{a.b.c}}", "{\"a\":{\"b\":{\"c\":\"deep\"}}}", "deep" },
		{ "[{{a.b.c}}]", "{\"a\":{\"b\":\"text\"},\"c\":\"no\"}",
		    "[]" },
		{ "  {{x}}\n", "{\"x\":\"1\"}", "  1\n" },
		{ "{single} } }} {", "{}", "{single} } }} {" },
	};

	(void)state;
	RUN(samples);
}

static void
only_two_braces_escape(void **state)
{
	static const struct sample samples[] = {
		{ "{{x}}", "{\"x\":\"a<b\"}", "a&lt;b" },
		{ "{{{x}}}", "{\"x\":\"a<b\"}", "a<b" },
		{ "{{{ x }}}", "{\"x\":\"a<b\"}", "a<b" },
		{ "{{&x}}{{& x }}", "{\"x\":\"<\"}", "<<" },
		{ "<{{x}}>", "{\"x\":\"\"}", "<>" },
	};

	(void)state;
	RUN(samples);
}

static void
sections_show_what_has_a_value(void **state)
{
	static const struct sample samples[] = {
		{ "{{#x}}yes{{/x}}", "{\"x\":true}", "yes" },
		{ "{{#x}}yes{{/x}}", "{\"x\":false}", "" },
		{ "{{#x}}yes{{/x}}", "{\"x\":null}", "" },
		{ "{{#x}}yes{{/x}}", "{\"x\":\"\"}", "" },
		{ "{{#x}}yes{{/x}}", "{\"x\":[]}", "" },
		{ "{{#x}}yes{{/x}}", "{}", "" },
		{ "{{#x}}({{x}}){{/x}}", "{\"x\":\"v\"}", "(v)" },
		{ "{{#x}}({{.}}){{/x}}", "{\"x\":\"v\"}", "(v)" },
		{ "{{#a}}{{b}}{{c}}{{/a}}", "{\"c\":\"out\",\"a\":"
		    "{\"b\":\"in \"}}", "in out" },
		{ "{{#a}}{{b}}{{/a}}", "{\"b\":\"out\",\"a\":"
		    "{\"b\":\"in\"}}", "in" },
		{ "{{#a.b}}yes{{/a.b}}", "{\"a\":{\"b\":true}}", "yes" },
		{ "{{#a}}1{{#b}}2{{/b}}3{{/a}}", "{\"a\":true,\"b\":true}",
		    "123" },
		{ "{{#x}}a{{/x}}{{#x}}b{{/x}}", "{\"x\":true}", "ab" },
	};

	(void)state;
	RUN(samples);
}

static void
sections_repeat_for_a_list(void **state)
{
	static const struct sample samples[] = {
		{ "{{#l}}{{n}}. {{t}}; {{/l}}", "{\"l\":[{\"n\":1,\"t\":\"a\""
		    "},{\"n\":2,\"t\":\"b\"}]}", "1. a; 2. b; " },
		{ "{{#l}}({{.}}){{/l}}", "{\"l\":[\"a\",2,\"<\"]}",
		    "(a)(2)(&lt;)" },
		{ "{{#l}}({{{.}}}){{/l}}", "{\"l\":[\"<\"]}", "(<)" },
		{ "{{#l}}{{#.}}{{.}}{{/.}};{{/l}}", "{\"l\":[[1,2],[3]]}",
		    "12;3;" },
		{ "{{#l}}{{x}}{{/l}}", "{\"x\":\"o\",\"l\":[1,2]}", "oo" },
		{ "{{#l}}{{#t}}{{t}}{{/t}}{{^t}}-{{/t}}{{/l}}",
		    "{\"l\":[{\"t\":\"a\"},{\"t\":\"\"}]}", "a-" },
	};

	(void)state;
	RUN(samples);
}

static void
inverted_sections_show_what_has_none(void **state)
{
	static const struct sample samples[] = {
		{ "{{^x}}none{{/x}}", "{\"x\":false}", "none" },
		{ "{{^x}}none{{/x}}", "{\"x\":\"\"}", "none" },
		{ "{{^x}}none{{/x}}", "{\"x\":[]}", "none" },
		{ "{{^x}}none{{/x}}", "{}", "none" },
		{ "{{^x}}none{{/x}}", "{\"x\":\"v\"}", "" },
		{ "{{^x}}none{{/x}}", "{\"x\":[0]}", "" },
		{ "{{^a.b}}none{{/a.b}}", "{\"a\":{}}", "none" },
		{ "{{#x}}1{{/x}}{{^x}}2{{/x}}", "{\"x\":true}", "1" },
	};

	(void)state;
	RUN(samples);
}

static void
remarks_vanish(void **state)
{
	static const struct sample samples[] = {
		{ "a{{! remark }}b", "{}", "ab" },
		{ "a{{! over\ntwo lines }}b", "{}", "ab" },
		{ "a\n{{! alone }}\nb\n", "{}", "a\nb\n" },
		{ "a\n  {{! over\n two lines }}\t\nb\n", "{}", "a\nb\n" },
		{ "a {{! not alone }}\nb", "{}", "a \nb" },
	};

	(void)state;
	RUN(samples);
}

static void
a_line_with_only_a_tag_disappears(void **state)
{
	static const struct sample samples[] = {
		{ "a\n{{#x}}\nb\n{{/x}}\nc", "{\"x\":true}", "a\nb\nc" },
		{ "a\n{{#x}}\nb\n{{/x}}\nc", "{\"x\":false}", "a\nc" },
		{ "a\n{{^x}}\nb\n{{/x}}\nc", "{\"x\":false}", "a\nb\nc" },
		{ "a\n \t{{#x}}  \nb\n  {{/x}}\t\nc", "{\"x\":true}",
		    "a\nb\nc" },
		{ "a\r\n{{#x}}\r\nb\r\n{{/x}}\r\nc", "{\"x\":true}",
		    "a\r\nb\r\nc" },
		{ "{{#x}}\nb\n{{/x}}", "{\"x\":true}", "b\n" },
		{ "a\n  {{#x}}\n{{/x}}", "{\"x\":true}", "a\n" },
		{ "{{#x}} b {{/x}}\n", "{\"x\":true}", " b \n" },
		{ "{{#x}}b\n{{/x}}c\n", "{\"x\":true}", "b\nc\n" },
		{ "{{#x}}{{/x}}\nc\n", "{\"x\":true}", "\nc\n" },
		{ "a\n{{x}}\nb", "{\"x\":\"\"}", "a\n\nb" },
		{ "a\n\n{{#x}}\n\nb\n{{/x}}\n", "{\"x\":true}",
		    "a\n\n\nb\n" },
	};

	(void)state;
	RUN(samples);
}

static void
what_is_wrong_is_named_with_its_place(void **state)
{
	static const struct {
		const char *template, *where, *what;
	} wrong[] = {
		{ "a\nb {{> other}}", "line 2, column 3", "include" },
		{ "{{<parent}}", "line 1, column 1", "include" },
		{ "{{=<% %>=}}", "line 1, column 1", "delimiters" },
		{ "a {{x", "line 1, column 3", "not closed" },
		{ "{{{x}}", "line 1, column 1", "}}}" },
		{ "{{#x}}", "line 1, column 1", "not closed" },
		{ "\n\n {{/x}}", "line 3, column 2", "no section" },
		{ "{{#a}}{{#b}}{{/a}}{{/b}}", "line 1, column 13",
		    "closed first" },
		{ "{{}}", "line 1, column 1", "name" },
		{ "{{a b}}", "line 1, column 1", "name" },
		{ "{{a..b}}", "line 1, column 1", "name" },
		{ "{{.a}}", "line 1, column 1", "name" },
		{ "{{a.}}", "line 1, column 1", "name" },
		{ "{{\xc3\xa4}}", "line 1, column 1", "name" },
	};
	struct template_run run;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_null(expand(wrong[i].template, "{}", 100, &run, &e));
		assert_int_equal(e.code, ERR_INVALID);
		assert_non_null(strstr(e.text, wrong[i].where));
		assert_non_null(strstr(e.text, wrong[i].what));
	}
}

static void
unknown_names_are_noted(void **state)
{
	struct template_run run;
	struct err e;

	(void)state;
	free(expand("{{a}}{{^l}}{{/l}}", "{\"a\":\"\",\"l\":[]}", 10, &run,
	    &e));
	assert_string_equal(run.unknown, "");
	free(expand("{{headlin}}{{boddy}}", "{\"headline\":\"\"}", 10, &run,
	    &e));
	assert_string_equal(run.unknown, "headlin");
	free(expand("{{w.untill}}", "{\"w\":{\"until\":\"\"}}", 10, &run,
	    &e));
	assert_string_equal(run.unknown, "w.untill");
}

/* n times before, then what, then n times after. Given. */
static char *
nested(const char *before, const char *what, const char *after, int n)
{
	struct buf b;

	buf_init(&b, 1024 * 1024);
	for (int i = 0; i < n; i++)
		buf_str(&b, before);
	buf_str(&b, what);
	for (int i = 0; i < n; i++)
		buf_str(&b, after);
	return buf_steal(&b);
}

static void
limits_hold(void **state)
{
	static const char list[] = "{\"l\":[1,2,3,4,5,6,7,8,9,0]}";
	struct template_run run;
	struct err e;
	char *t, *s;

	(void)state;
	t = nested("{{#x}}", "deep", "{{/x}}", TEMPLATE_DEPTH);
	s = expand(t, "{\"x\":true}", 100, &run, &e);
	assert_string_equal(s, "deep");
	free(s);
	free(t);
	t = nested("{{#x}}", "deep", "{{/x}}", TEMPLATE_DEPTH + 1);
	assert_null(expand(t, "{\"x\":true}", 100, &run, &e));
	free(t);
	t = nested("{{#l}}", "", "{{/l}}", TEMPLATE_DEPTH);
	assert_null(expand(t, list, 100, &run, &e));
	assert_non_null(strstr(e.text, "too much work"));
	free(t);
	assert_null(expand("{{#l}}0123456789-{{/l}}", list, 100, &run, &e));
	assert_non_null(strstr(e.text, "longer than 100"));
	t = nested("xxxx", "", "", TEMPLATE_MAX / 4 + 1);
	assert_null(expand(t, "{}", 100, &run, &e));
	free(t);
}

static void
any_bytes_are_taken(void **state)
{
	static const char source[] = "a{{#x}}\n{{x.y}}{{/x}}{{{x}}}{{!c}} "
	    "{{^x}}{{&.}}{{/x}}\n";
	static const char bytes[] = "{}#^/!&.x \n\xff\xc3=>";
	struct template_run run;
	struct err e;
	char text[sizeof(source)];

	(void)state;
	for (size_t i = 0; i + 1 < sizeof(source); i++)
		for (size_t j = 0; j + 1 < sizeof(bytes); j++) {
			memcpy(text, source, sizeof(source));
			text[i] = bytes[j];
			free(expand(text, "{\"x\":[{\"y\":1},\"s\"]}", 1000,
			    &run, &e));
			text[i] = '\0';
			free(expand(text, "{\"x\":true}", 1000, &run, &e));
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_put_in),
		cmocka_unit_test(only_two_braces_escape),
		cmocka_unit_test(sections_show_what_has_a_value),
		cmocka_unit_test(sections_repeat_for_a_list),
		cmocka_unit_test(inverted_sections_show_what_has_none),
		cmocka_unit_test(remarks_vanish),
		cmocka_unit_test(a_line_with_only_a_tag_disappears),
		cmocka_unit_test(what_is_wrong_is_named_with_its_place),
		cmocka_unit_test(unknown_names_are_noted),
		cmocka_unit_test(limits_hold),
		cmocka_unit_test(any_bytes_are_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
