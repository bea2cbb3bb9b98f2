/*
 * t_base: buffers, errors, redaction and the loop on virtual time.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <jansson.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/loop.h"

static void
buf_stops_at_its_cap(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 5);
	buf_str(&b, "abc");
	buf_str(&b, "def");
	assert_false(buf_ok(&b));
	assert_string_equal(buf_cstr(&b), "abc");
	buf_clear(&b);
	buf_fmt(&b, "%d", 12345);
	assert_true(buf_ok(&b));
	assert_string_equal(buf_cstr(&b), "12345");
	buf_fini(&b);
}

static void
buf_grows_past_one_block(void **state)
{
	struct buf b;
	char *s;

	(void)state;
	buf_init(&b, 100000);
	for (int i = 0; i < 10000; i++)
		buf_str(&b, "0123456789");
	assert_true(buf_ok(&b));
	assert_int_equal(b.len, 100000);
	s = buf_steal(&b);
	assert_int_equal(strlen(s), 100000);
	free(s);
}

static void
err_names_go_both_ways(void **state)
{
	struct err e = { ERR_OK, "" };

	(void)state;
	for (int i = 0; i < ERR_CODES; i++)
		assert_int_equal(err_from_name(err_name((enum err_code)i)), i);
	assert_int_equal(err_from_name("nonsense"), ERR_FAILED);
	assert_int_equal(err_set(&e, ERR_STATE, "busy"), -1);
	assert_int_equal(err_prefix(&e, "open %s", "x"), -1);
	assert_string_equal(e.text, "open x: busy");
	assert_int_equal(e.code, ERR_STATE);
}

static void
redaction_hides_who(void **state)
{
	char out[32];

	(void)state;
	assert_string_equal(log_redact("buergerin@example.net", out,
	    sizeof(out)), "b…@e…");
	assert_string_equal(log_redact("+493023125115", out, sizeof(out)),
	    "+49…15");
	assert_string_equal(log_redact("1234", out, sizeof(out)), "…");
	assert_string_equal(log_redact("ärger@überall.example", out,
	    sizeof(out)), "ä…@ü…");
	assert_string_equal(log_redact("Bürgerhäuser 1", out, sizeof(out)),
	    "Bür… 1");
	assert_string_equal(log_redact("Köln-Süd→", out, sizeof(out)), "…");
}

/* Cut, but still one line of JSON. */
static void
long_lines_are_whole_json(void **state)
{
	static const char *const fill[] = { "ä", "x", "\1", "\"", "→x" };
	int fd = memfd_create("log", MFD_CLOEXEC);
	char text[8192], line[8192];
	json_t *json;
	ssize_t n;

	(void)state;
	log_init("test", LOG_JSON, LOG_LEVEL_INFO);
	log_to(fd);
	for (size_t i = 0; i < sizeof(fill) / sizeof(fill[0]); i++) {
		text[0] = '\0';
		while (strlen(text) < 5000)
			strcat(text, fill[i]);
		assert_int_equal(ftruncate(fd, 0), 0);
		assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
		log_warn("%s", text);
		n = pread(fd, line, sizeof(line), 0);
		json = json_loadb(line, (size_t)n, 0, NULL);
		assert_int_equal(line[n - 1], '\n');
		assert_non_null(json);
		assert_memory_equal(text, json_string_value(json_object_get(
		    json, "message")), 500);
		json_decref(json);
	}
	log_to(STDERR_FILENO);
	log_init("test", LOG_TEXT, LOG_LEVEL_INFO);
	close(fd);
}

struct trail {
	struct loop *loop;
	char text[32];
	int fds[2];
	struct loop_fd *watch;
};

static void
mark_a(void *arg)
{
	strcat(((struct trail *)arg)->text, "a");
}

static void
mark_b(void *arg)
{
	strcat(((struct trail *)arg)->text, "b");
}

static void
virtual_time_jumps_in_order(void **state)
{
	struct trail tr = { .text = "" };
	struct loop *l = loop_new_virtual((struct wall){ 1000 });
	struct loop_timer *a = loop_timer_new(l, mark_a, &tr);
	struct loop_timer *b = loop_timer_new(l, mark_b, &tr);

	(void)state;
	loop_timer_set(a, 7200 * CLOCK_SECOND);
	loop_timer_set(b, 3600 * CLOCK_SECOND);
	loop_defer(l, mark_a, &tr);
	loop_run(l);
	assert_string_equal(tr.text, "aba");
	assert_int_equal(loop_mono(l).us, 7200 * CLOCK_SECOND);
	assert_int_equal(loop_wall(l).us, 7200 * CLOCK_SECOND + 1000);
	loop_timer_set(a, 10);
	loop_timer_stop(a);
	loop_once(l, 20);
	assert_string_equal(tr.text, "aba");
	assert_int_equal(loop_mono(l).us, 7200 * CLOCK_SECOND + 20);
	loop_timer_free(&a);
	loop_timer_free(&b);
	loop_free(&l);
}

static void
read_one(void *arg, unsigned events)
{
	struct trail *tr = arg;
	char c;

	assert_int_equal(events, LOOP_READ);
	assert_int_equal(read(tr->fds[0], &c, 1), 1);
	tr->text[strlen(tr->text)] = c;
	if (c == 'z')
		loop_stop(tr->loop);
}

static void
woken(void *arg)
{
	struct trail *tr = arg;

	strcat(tr->text, "w");
	assert_int_equal(write(tr->fds[1], "z", 1), 1);
}

static void
descriptors_and_wakes(struct loop *l)
{
	struct trail tr = { .text = "", .loop = l };

	assert_int_equal(pipe(tr.fds), 0);
	tr.watch = loop_fd_new(l, tr.fds[0], LOOP_READ, read_one, &tr);
	loop_on_wake(l, woken, &tr);
	loop_wake(l);
	loop_run(l);
	assert_string_equal(tr.text, "wz");
	loop_fd_free(&tr.watch);
	close(tr.fds[0]);
	close(tr.fds[1]);
	loop_free(&l);
}

static void
both_backends_watch(void **state)
{
	(void)state;
	descriptors_and_wakes(loop_new_virtual((struct wall){ 0 }));
	descriptors_and_wakes(loop_new());
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buf_stops_at_its_cap),
		cmocka_unit_test(buf_grows_past_one_block),
		cmocka_unit_test(err_names_go_both_ways),
		cmocka_unit_test(redaction_hides_who),
		cmocka_unit_test(long_lines_are_whole_json),
		cmocka_unit_test(virtual_time_jumps_in_order),
		cmocka_unit_test(both_backends_watch),
	};

	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
