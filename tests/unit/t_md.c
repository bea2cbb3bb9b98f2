/*
 * t_md: Markdown in every form, where it can be cut, and what happens to
 * texts made to do harm.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "litfass/plugin.h"
#include "text/md.h"
#include "text/utf8.h"
#include "unit/fixture.h"

#define OUT_MAX		((size_t)8 * 1024 * 1024)
#define HOSTILE		((size_t)256 * 1024)
#define ZW		"\xe2\x80\x8b"
#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

struct sample {
	const char *md, *want;
};

static void
check(const struct sample *cases, size_t n, uint32_t form)
{
	struct err e;
	struct buf b;

	for (size_t i = 0; i < n; i++) {
		buf_init(&b, OUT_MAX);
		assert_int_equal(md_render(cases[i].md, form, &b, &e), 0);
		assert_string_equal(buf_cstr(&b), cases[i].want);
		buf_fini(&b);
	}
}

static void
plain_has_no_markup(void **state)
{
	static const struct sample cases[] = {
		{ "", "" },
		{ "A **b** _c_ ~~d~~ `e`", "A b c d e" },
		{ "One.\nTwo.\n\nThree.", "One.\nTwo.\n\nThree." },
		{ "# Head\ntext", "Head\n\ntext" },
		{ "See:\n\n- a\n- b\n  - c\n\nend",
		    "See:\n\n- a\n- b\n  - c\n\nend" },
		{ "See:\n- a\n\n  more\n- b", "See:\n\n- a\n  more\n- b" },
		{ "3. c\n4. d", "3. c\n4. d" },
		{ "0. nought\n1. one", "0. nought\n1. one" },
		{ "> Not filmed.\n> Here.", "> Not filmed.\n> Here." },
		{ "```\na  b\n c\n```", "a  b\n c" },
		{ "a\n\n---\n\nb", "a\n\nb" },
		{ "![The map](map.png) is here", "The map is here" },
		{ "2 &lt; 3 &amp; &#228; &uuml; &unknown;",
		    "2 < 3 & ä ü &unknown;" },
		{ "a\tb \\*c\\*", "a b *c*" },
	};

	(void)state;
	check(cases, COUNT(cases), LF_FORM_PLAIN);
}

static void
plain_writes_addresses_behind_labels(void **state)
{
	static const struct sample cases[] = {
		{ "[Map](https://a.example/m?x=1&y=2)!",
		    "Map (https://a.example/m?x=1&y=2)!" },
		{ "<https://a.example>", "https://a.example" },
		{ "https://a.example/b_c_d", "https://a.example/b_c_d" },
		{ "[https://a.example](https://a.example)",
		    "https://a.example" },
		{ "[](https://a.example)", "https://a.example" },
		{ "[see https://a.example](https://b.example)",
		    "see https://a.example (https://b.example)" },
		{ "[a] https://a.example", "[a] https://a.example" },
		{ "[Call](tel:+4930115)", "Call (+4930115)" },
		{ "<mailto:x@a.example>", "x@a.example" },
		{ "[x](javascript:alert(1))", "x" },
		{ "[x](JaVaScript:alert(1)) [y](data:text/html,z)", "x y" },
		{ "[x](java&#x0a;script:alert(1))", "x" },
		{ "[x](<https://a.example/a b>)", "x" },
		{ "[x](/relative)", "x" },
	};

	(void)state;
	check(cases, COUNT(cases), LF_FORM_PLAIN);
}

static void
bare_addresses_become_links(void **state)
{
	static const struct sample plain[] = {
		{ "https://a.b/_x_ y", "https://a.b/_x_ y" },
		{ "„https://a.b/straße“, **http://a.b**",
		    "„https://a.b/straße“, http://a.b" },
		{ "`https://a.b/_` and `` a https://c ``",
		    "https://a.b/_ and a https://c" },
		{ "```\nhttps://a.b\n```\nc", "https://a.b\n\nc" },
		{ "[x]: https://a.b/y\n\n[x], https://",
		    "x (https://a.b/y), https://" },
	};
	static const struct sample html[] = {
		{ "(https://a.b/c_(d)).", "<p>(<a href=\"https://a.b/c_(d)\">"
		    "https://a.b/c_(d)</a>).</p>" },
		{ "https://a.b/_x_", "<p><a href=\"https://a.b/_x_\">"
		    "https://a.b/_x_</a></p>" },
		{ "[x](https://a.b)", "<p><a href=\"https://a.b\">x</a></p>" },
	};

	(void)state;
	check(plain, COUNT(plain), LF_FORM_PLAIN);
	check(html, COUNT(html), LF_FORM_HTML);
}

static void
plain_names_the_column_in_every_row(void **state)
{
	static const struct sample cases[] = {
		{ "| Day | New |\n|---|---|\n| Fr | **Sa** |\n| Mo | |\n",
		    "Day: Fr; New: Sa\nDay: Mo" },
		{ "x\n\n| |b|\n|---|---|\n|1|2|\n\ny", "x\n\n1; b: 2\n\ny" },
	};

	(void)state;
	check(cases, COUNT(cases), LF_FORM_PLAIN);
}

static void
raw_html_shows_as_text_or_not_at_all(void **state)
{
	static const struct sample plain[] = {
		{ "a <b>c</b> <script>d</script>", "a c d" },
		{ "<div onclick=x>\ne\n</div>", "e" },
		{ "<!-- gone -->f", "f" },
	};
	static const struct sample html[] = {
		{ "a <b>c</b>", "<p>a &lt;b&gt;c&lt;/b&gt;</p>" },
		{ "<div onclick=x>",
		    "<p>&lt;div onclick=x&gt;</p>" },
	};

	(void)state;
	check(plain, COUNT(plain), LF_FORM_PLAIN);
	check(plain, COUNT(plain), LF_FORM_WHATSAPP);
	check(plain, COUNT(plain), LF_FORM_LINE);
	check(html, COUNT(html), LF_FORM_HTML);
}

static void
html_is_escaped_and_structured(void **state)
{
	static const struct sample cases[] = {
		{ "A **b** *c* ~~d~~ `<e>`", "<p>A <strong>b</strong> "
		    "<em>c</em> <del>d</del> <code>&lt;e&gt;</code></p>" },
		{ "# a\n###### b", "<h2>a</h2>\n<h6>b</h6>" },
		{ "- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>" },
		{ "2. a", "<ol start=\"2\">\n<li>a</li>\n</ol>" },
		{ "> q", "<blockquote>\n<p>q</p>\n</blockquote>" },
		{ "a\nb", "<p>a<br>\nb</p>" },
		{ "```\n<a>\nb\n```",
		    "<pre><code>&lt;a&gt;\nb\n</code></pre>" },
		{ "|a|\n|---|\n|b|", "<table>\n<thead>\n<tr>"
		    "<th scope=\"col\">a</th></tr>\n</thead>\n<tbody>\n<tr>"
		    "<td>b</td></tr>\n</tbody>\n</table>" },
		{ "[x](https://a.example/?a=1&b=\"2\")",
		    "<p><a href=\"https://a.example/?a=1&amp;b=&quot;2&quot;"
		    "\">x</a></p>" },
		{ "[x](javascript:alert(1))", "<p>x</p>" },
		{ "![\"alt\"](https://a.example/x.png)",
		    "<p>&quot;alt&quot;</p>" },
	};

	(void)state;
	check(cases, COUNT(cases), LF_FORM_HTML);
}

static void
whatsapp_marks_hug_their_words(void **state)
{
	static const struct sample cases[] = {
		{ "A **b** _c_ ~~d~~ `e`", "A *b* _c_ ~d~ ```e```" },
		{ "***both***", "_*both*_" },
		{ "**a\nb**", "*a*\n*b*" },
		{ "_**a\nb**_", "_*a*_\n_*b*_" },
		{ "**Strom**ausfall", "Stromausfall" },
		{ "(**now**)", "(*now*)" },
		{ "**a**, **b**.", "*a*, *b*." },
		{ "# Head\n- **a**: b", "*Head*\n\n- *a*: b" },
		{ "# A **b** c", "*A b c*" },
		{ "```\na*b*\nc\n```", "```a*b*\nc```" },
		{ "> q", "> q" },
	};

	(void)state;
	check(cases, COUNT(cases), LF_FORM_WHATSAPP);
}

static void
whatsapp_text_never_becomes_markup(void **state)
{
	static const struct sample cases[] = {
		{ "5 \\* 3 and 2\\*3\\*4", "5 * 3 and 2*3*4" },
		{ "\\*not bold\\*", "*" ZW "not bold" ZW "*" },
		{ "\\_a\\_ \\~b\\~", "_" ZW "a" ZW "_ ~" ZW "b" ZW "~" },
		{ "snake_case_name", "snake_case_name" },
		{ "<https://a.example/_b_/*c*>", "https://a.example/_b_/*c*" },
	};

	(void)state;
	check(cases, COUNT(cases), LF_FORM_WHATSAPP);
}

static void
line_joins_with_punctuation(void **state)
{
	static const struct sample cases[] = {
		{ "# Head\n\nText:\n\n- a\n- b.\n- c\n\nEnd",
		    "Head. Text: a; b. c. End." },
		{ "One.\nTwo!\n\n\"Three.\"\n\n(four)\n\nfive",
		    "One. Two! \"Three.\" (four). five." },
		{ "five", "five" },
		{ "1. a\n2. b", "1. a; 2. b." },
		{ "|h|\n|---|\n|a|\n|b|", "h: a. h: b." },
		{ "See https://a.example/b\n\nEnd:\n\nhttps://a.example",
		    "See https://a.example/b End: https://a.example" },
		{ "هل؟\n\nنعم", "هل؟ نعم." },
	};

	(void)state;
	check(cases, COUNT(cases), LF_FORM_LINE);
}

static void
sign_is_short_blocks(void **state)
{
	static const struct sample cases[] = {
		{ "**Haupt\xc2\xb7straße**\n\n- a\n- b\n\n1. c",
		    "Haupt\xc2\xb7straße\na\nb\n1. c" },
		{ "Call! 🌡️\n\n👨‍👩‍👧 Hot 🔥 day", "Call!\nHot day" },
		{ "[Map](https://a.example/m) here", "Map here" },
		{ "More: https://a.example/", "More: a.example" },
		{ "<tel:+4930115>", "+4930115" },
		{ "> Note", "Note" },
		{ "🔥\n\nText", "Text" },
	};

	(void)state;
	check(cases, COUNT(cases), LF_FORM_SIGN);
}

static void
an_unknown_form_is_refused(void **state)
{
	struct err e;
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	assert_int_equal(md_render("a", 0, &b, &e), -1);
	assert_int_equal(md_render("a", LF_FORM_SIGN + 1, &b, &e), -1);
	assert_int_equal(e.code, ERR_INVALID);
	buf_fini(&b);
}

/* ------------------------------------------------------------- escaping -- */

static void
plain_text_shows_as_it_is(void **state)
{
	static const struct {
		uint32_t form;
		const char *s, *want;
	} cases[] = {
		{ LF_FORM_PLAIN, "a *b*\x01\n# c", "a *b*\n# c" },
		{ LF_FORM_HTML, "<a & 'b'>", "&lt;a &amp; &#39;b&#39;&gt;" },
		{ LF_FORM_WHATSAPP, "*b*", "*" ZW "b" ZW "*" },
		{ LF_FORM_WHATSAPP, "\x01" "b\x02", "b" },
		{ LF_FORM_LINE, "a\nb", "a b" },
		{ LF_FORM_SIGN, "a 🔥 b", "a b" },
	};
	struct buf b;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		buf_init(&b, OUT_MAX);
		md_escape(cases[i].s, cases[i].form, &b);
		assert_string_equal(buf_cstr(&b), cases[i].want);
		buf_fini(&b);
	}
}

/* -------------------------------------------------------------- cutting -- */

/* Every cut of md in a form, one below the other. */
static char *
all_cuts(const char *md, uint32_t form)
{
	struct buf all;
	size_t *ends, n = md_sentences(md, form, &ends);

	buf_init(&all, OUT_MAX);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(md_render_until(md, form, ends[i], &all,
		    NULL), 0);
		buf_chr(&all, '\n');
		if (i > 0)
			assert_true(ends[i] > ends[i - 1]);
	}
	if (n > 0)
		assert_true(ends[n - 1] == MD_ALL);
	free(ends);
	buf_chr(&all, '\0');
	return buf_steal(&all);
}

static void
cuts_are_well_formed(void **state)
{
	static const struct {
		uint32_t form;
		const char *md, *want;
	} cases[] = {
		{ LF_FORM_PLAIN, "", "" },
		{ LF_FORM_PLAIN, "Am 9. März. Heute **ja.** Nein.",
		    "Am 9. März. …\nAm 9. März. Heute ja. …\n"
		    "Am 9. März. Heute ja. Nein.\n" },
		{ LF_FORM_WHATSAPP, "**Ja. Nein.**", "*Ja. …*\n*Ja. Nein.*\n" },
		{ LF_FORM_PLAIN, "- a\n- b", "- a …\n- a\n- b\n" },
		{ LF_FORM_HTML, "- a\n- b",
		    "<ul>\n<li>a …</li>\n</ul>\n"
		    "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n" },
		{ LF_FORM_PLAIN, "|h|\n|---|\n|a|\n|b|",
		    "h: a …\nh: a\nh: b\n" },
	};
	char *got;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		got = all_cuts(cases[i].md, cases[i].form);
		assert_string_equal(got, cases[i].want);
		free(got);
	}
}

/* -------------------------------------------------------------- hostile -- */

static void
in_every_form(const char *md)
{
	struct buf b;
	size_t *ends, n;

	for (uint32_t form = LF_FORM_PLAIN; form <= LF_FORM_SIGN; form++) {
		buf_init(&b, OUT_MAX);
		if (md_render(md, form, &b, NULL) == 0 &&
		    utf8_valid(md, strlen(md)))
			assert_true(utf8_valid(buf_cstr(&b), b.len));
		buf_clear(&b);
		n = md_sentences(md, form, &ends);
		if (n > 1)
			md_render_until(md, form, ends[n / 2], &b, NULL);
		free(ends);
		buf_fini(&b);
	}
}

static void
hostile_texts_end(void **state)
{
	static const char *const seeds[] = {
		"![[]()", ">", "- ", "[", "*a_ ", "`", "&#x1f525;", "<b>",
		"|a", "**a** ", "~", "\\", "1. ", "#", "a\n\n", "🔥",
		"[a](b", "https://a.b/",
	};
	char *s = xmalloc(HOSTILE + 1);
	size_t n, len = HOSTILE;

	(void)state;
	for (size_t i = 0; i < COUNT(seeds); i++) {
		n = strlen(seeds[i]);
		for (size_t k = 0; k < len; k++)
			s[k] = seeds[i][k % n];
		s[len - len % n] = '\0';
		len = HOSTILE / 8;
		in_every_form(s);
	}
	free(s);
}

/* Each of these took time in the square of its length. */
static void
long_runs_end(void **state)
{
	struct buf md;

	(void)state;
	buf_init(&md, HOSTILE + 10);
	buf_chr(&md, '.');
	while (md.len < HOSTILE)
		buf_str(&md, "**<b>**");	/* marks around nothing */
	in_every_form(buf_cstr(&md));
	buf_clear(&md);
	buf_str(&md, "```\n");
	while (md.len < HOSTILE / 2)
		buf_chr(&md, ' ');
	while (md.len < HOSTILE)
		buf_str(&md, "1. ");
	in_every_form(buf_cstr(&md));
	buf_fini(&md);
}

static void
wide_tables_and_repeated_addresses_are_refused(void **state)
{
	struct buf md, out;
	struct err e;

	(void)state;
	buf_init(&md, OUT_MAX);
	for (int i = 0; i < 5000; i++)
		buf_str(&md, "|");
	buf_str(&md, "\n");
	for (int i = 0; i < 5000; i++)
		buf_str(&md, "|---");
	buf_str(&md, "\n");
	for (int i = 0; i < 5000; i++)
		buf_str(&md, "|\n");
	buf_init(&out, OUT_MAX);
	assert_int_equal(md_render(buf_cstr(&md), LF_FORM_HTML, &out, &e),
	    -1);
	buf_clear(&md);
	buf_clear(&out);
	buf_str(&md, "[x]: https://a.example/");
	for (int i = 0; i < 1900; i++)
		buf_chr(&md, 'a');
	buf_str(&md, "\n\n");
	for (int i = 0; i < 20000; i++)
		buf_str(&md, "[x] ");
	for (uint32_t form = LF_FORM_PLAIN; form <= LF_FORM_LINE; form++)
		assert_int_equal(md_render(buf_cstr(&md), form, &out, &e),
		    -1);
	buf_fini(&md);
	buf_fini(&out);
}

static void
changed_texts_are_read_to_the_end(void **state)
{
	static const char text[] = "# A **b** _c_\n\n- [d](https://e.example)"
	    "\n- ~~f~~ `g`\n\n| h | i |\n|---|---|\n| j | &auml; |\n\n> k 🔥"
	    " ![l](m)\n\n1. n *o **p** q*\n\n```\nr\n```\n<s> \\* t\n";
	char s[sizeof(text)];
	uint32_t seed = 7;
	size_t len;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		memcpy(s, text, sizeof(text));
		len = sizeof(text) - 1;
		fixture_mutate(s, &len, &seed);
		s[len] = '\0';
		in_every_form(s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_has_no_markup),
		cmocka_unit_test(plain_writes_addresses_behind_labels),
		cmocka_unit_test(bare_addresses_become_links),
		cmocka_unit_test(plain_names_the_column_in_every_row),
		cmocka_unit_test(raw_html_shows_as_text_or_not_at_all),
		cmocka_unit_test(html_is_escaped_and_structured),
		cmocka_unit_test(whatsapp_marks_hug_their_words),
		cmocka_unit_test(whatsapp_text_never_becomes_markup),
		cmocka_unit_test(line_joins_with_punctuation),
		cmocka_unit_test(sign_is_short_blocks),
		cmocka_unit_test(an_unknown_form_is_refused),
		cmocka_unit_test(plain_text_shows_as_it_is),
		cmocka_unit_test(cuts_are_well_formed),
		cmocka_unit_test(hostile_texts_end),
		cmocka_unit_test(long_runs_end),
		cmocka_unit_test(
		    wide_tables_and_repeated_addresses_are_refused),
		cmocka_unit_test(changed_texts_are_read_to_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
