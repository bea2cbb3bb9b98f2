/*
 * t_host_text: the texts a plugin may ask for inside render.
 */
#include "config.h"

#include <sys/wait.h>

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/buf.h"
#include "base/mem.h"
#include "worker/host.h"
#include "worker/host_render.h"
#include "worker/rendition.h"

static int
begin(void **state)
{
	struct lf_out *out = out_new(NULL);

	out_begin(out);
	*state = out;
	return 0;
}

static int
end(void **state)
{
	struct lf_out *out = *state;

	out_free(&out);
	return 0;
}

static void
markdown_is_written_in_the_form_asked_for(void **state)
{
	assert_string_equal(out_markdown(*state, "**a** <b>", LF_FORM_HTML),
	    "<p><strong>a</strong> &lt;b&gt;</p>");
	assert_string_equal(out_markdown(*state, "**a**", LF_FORM_WHATSAPP),
	    "*a*");
	assert_string_equal(out_markdown(*state, "- a\n- b", LF_FORM_LINE),
	    "a; b.");
	assert_string_equal(out_markdown(*state, "", LF_FORM_PLAIN), "");
}

static void
markdown_that_blows_up_stays_as_it_is_with_a_warning(void **state)
{
	const char *slug, *text, *got;
	json_t *rendition, *warning;
	struct buf md;

	buf_init(&md, 1024 * 1024);
	buf_fmt(&md, "[x]: https://a.example/%01900d\n\n", 0);
	for (int i = 0; i < 10000; i++)
		buf_str(&md, "[x] ");
	got = out_markdown(*state, buf_cstr(&md), LF_FORM_HTML);
	assert_string_equal(got, buf_cstr(&md));
	buf_fini(&md);
	rendition = out_end(*state, 0, &slug, &text);
	warning = json_array_get(json_object_get(rendition, "warnings"), 0);
	assert_string_equal(json_string_value(json_array_get(warning, 0)),
	    "markdown-plain");
	json_decref(rendition);
}

static void
cuts_and_escapes_are_lent(void **state)
{
	assert_string_equal(out_cut(*state, "one two three",
	    LF_UNIT_CHARS, 8), "one two…");
	assert_string_equal(out_escape(*state, "a&b", LF_ESC_HTML),
	    "a&amp;b");
	assert_string_equal(out_escape(*state, "a b", LF_ESC_URL), "a%20b");
	assert_int_equal(out_length("äöü", LF_UNIT_CHARS), 3);
}

static void
a_long_text_is_lent_whole(void **state)
{
	const size_t n = 700 * 1000;
	char *s = xcalloc(n + 1, 1);

	memset(s, '<', n);
	assert_int_equal(strlen(out_escape(*state, s, LF_ESC_HTML)), 4 * n);
	assert_int_equal(strlen(out_cut(*state, s, LF_UNIT_NONE, 0)), n);
	assert_int_equal(strlen(out_cut(*state, s, LF_UNIT_CHARS, 4 * n)), n);
	free(s);
}

/* What the worker of a plugin that calls cut ends with. */
static int
end_of_cut(uint32_t unit, size_t len)
{
	static const struct lf_plugin plugin = { .name = "odd" };
	struct lf_channel ch = { .plugin = &plugin };
	struct lf_out *out;
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		char *s = xcalloc(len + 1, 1);

		memset(s, 'a', len);
		signal(SIGABRT, SIG_DFL);
		out = out_new(&ch);
		out_begin(out);
		out_cut(out, s, unit, 3);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void
a_cut_that_makes_no_sense_ends_the_worker(void **state)
{
	(void)state;
	assert_int_equal(end_of_cut(LF_UNIT_UTF16, 9), 0);
	assert_int_equal(end_of_cut(LF_UNIT_SMS, 9), SIGABRT);
	assert_int_equal(end_of_cut(99, 9), SIGABRT);
	assert_int_equal(end_of_cut(LF_UNIT_NONE, RENDITION_BODY + 1),
	    SIGABRT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    markdown_is_written_in_the_form_asked_for, begin, end),
		cmocka_unit_test_setup_teardown(
		    markdown_that_blows_up_stays_as_it_is_with_a_warning,
		    begin, end),
		cmocka_unit_test_setup_teardown(cuts_and_escapes_are_lent,
		    begin, end),
		cmocka_unit_test_setup_teardown(a_long_text_is_lent_whole,
		    begin, end),
		cmocka_unit_test(a_cut_that_makes_no_sense_ends_the_worker),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
