/*
 * t_md_forms: body and instruction of every announcement, in every language
 * and form, byte for byte as in tests/goldens/md. With --update the files
 * are written anew: look at their difference before keeping it.
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

#include "base/buf.h"
#include "litfass/plugin.h"
#include "text/md.h"
#include "unit/fixture.h"

#define GOLDENS		TEST_DATA "/../goldens/md/"
#define ALL_MAX		((size_t)4 * 1024 * 1024)

static const struct {
	uint32_t form;
	const char *path;
} goldens[] = {
	{ LF_FORM_PLAIN, GOLDENS "plain.txt" },
	{ LF_FORM_WHATSAPP, GOLDENS "whatsapp.txt" },
	{ LF_FORM_HTML, GOLDENS "html.txt" },
	{ LF_FORM_LINE, GOLDENS "line.txt" },
	{ LF_FORM_SIGN, GOLDENS "sign.txt" },
};

/* Marks that only the writer of Markdown should see. */
static const char *const marks[] = { "**", "__", "~~", "](", "|", "#" };

typedef void text_fn(void *arg, const char *title, const char *md);

/* Call fn with each text: "lf-2026-0001 de body". */
static void
each_text(text_fn *fn, void *arg)
{
	static const char *const names[] = { "body", "instruction" };
	json_t *root = json_load_file(TEST_DATA "/announcements.json", 0,
	    NULL), *a, *content;
	const char *lang, *md;
	char title[80];
	size_t i;

	assert_non_null(root);
	json_array_foreach(json_object_get(root, "announcements"), i, a)
		json_object_foreach(json_object_get(a, "content"), lang,
		    content)
			for (size_t k = 0; k < 2; k++) {
				md = json_string_value(json_object_get(
				    content, names[k]));
				if (md == NULL)
					continue;
				snprintf(title, sizeof(title), "%s %s %s",
				    json_string_value(json_object_get(a,
				    "id")), lang, names[k]);
				fn(arg, title, md);
			}
	json_decref(root);
}

/* ------------------------------------------------------------- goldens -- */

struct page {
	uint32_t form;
	struct buf text;
};

static void
add_text(void *arg, const char *title, const char *md)
{
	struct page *page = arg;

	buf_fmt(&page->text, "##### %s\n", title);
	assert_int_equal(md_render(md, page->form, &page->text, NULL), 0);
	buf_chr(&page->text, '\n');
}

static void
make_page(struct page *page, uint32_t form)
{
	page->form = form;
	buf_init(&page->text, ALL_MAX);
	each_text(add_text, page);
	assert_true(buf_ok(&page->text));
}

static void
each_form_is_as_it_was(void **state)
{
	struct page page;
	char *kept;
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(goldens) / sizeof(goldens[0]); i++) {
		make_page(&page, goldens[i].form);
		kept = fixture_read(goldens[i].path, &len);
		assert_non_null(kept);
		assert_string_equal(buf_cstr(&page.text), kept);
		free(kept);
		buf_fini(&page.text);
	}
}

static int
update(void)
{
	struct page page;
	FILE *f;

	for (size_t i = 0; i < sizeof(goldens) / sizeof(goldens[0]); i++) {
		f = fopen(goldens[i].path, "we");
		if (f == NULL) {
			perror(goldens[i].path);
			return 1;
		}
		make_page(&page, goldens[i].form);
		fwrite(page.text.data, 1, page.text.len, f);
		buf_fini(&page.text);
		if (fclose(f) != 0)
			return 1;
	}
	return 0;
}

/* ---------------------------------------------------------------- rules -- */

static void
check_marks(void *arg, const char *title, const char *md)
{
	static const uint32_t forms[] = { LF_FORM_PLAIN, LF_FORM_LINE,
	    LF_FORM_SIGN };
	struct buf b;

	(void)arg;
	(void)title;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		buf_init(&b, ALL_MAX);
		assert_int_equal(md_render(md, forms[i], &b, NULL), 0);
		for (size_t k = 0; k < sizeof(marks) / sizeof(marks[0]); k++)
			assert_null(strstr(buf_cstr(&b), marks[k]));
		if (forms[i] == LF_FORM_LINE)
			assert_null(strchr(buf_cstr(&b), '\n'));
		buf_fini(&b);
	}
}

static void
no_mark_of_markdown_is_left(void **state)
{
	(void)state;
	each_text(check_marks, NULL);
}

static size_t
count(const char *s, const char *what)
{
	size_t n = 0;

	for (; (s = strstr(s, what)) != NULL; s += strlen(what))
		n++;
	return n;
}

/* Wherever a text is cut, what was opened in HTML is closed again. */
static void
check_cuts(void *arg, const char *title, const char *md)
{
	static const char *const tags[] = { "p", "ul", "ol", "li", "strong",
	    "em", "table", "tr", "td", "blockquote" };
	char open[16], close[16];
	struct buf b;
	size_t *ends, n = md_sentences(md, LF_FORM_HTML, &ends);

	(void)arg;
	(void)title;
	for (size_t i = 0; i < n; i++) {
		buf_init(&b, ALL_MAX);
		assert_int_equal(md_render_until(md, LF_FORM_HTML, ends[i],
		    &b, NULL), 0);
		for (size_t k = 0; k < sizeof(tags) / sizeof(tags[0]); k++) {
			snprintf(open, sizeof(open), "<%s>", tags[k]);
			snprintf(close, sizeof(close), "</%s>", tags[k]);
			assert_int_equal(count(buf_cstr(&b), open),
			    count(buf_cstr(&b), close));
		}
		buf_fini(&b);
	}
	free(ends);
}

static void
cut_html_is_closed(void **state)
{
	(void)state;
	each_text(check_cuts, NULL);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_form_is_as_it_was),
		cmocka_unit_test(no_mark_of_markdown_is_left),
		cmocka_unit_test(cut_html_is_closed),
	};

	if (argc > 1 && strcmp(argv[1], "--update") == 0)
		return update();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
