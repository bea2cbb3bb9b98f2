/*
 * t_wire: packets keep their bounds, descriptors travel, and what is
 * malformed is refused.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "worker/wire.h"

struct both {
	struct wire *a, *b;
	int raw;	/* b's descriptor, to write without manners */
};

static int
set_up(void **state)
{
	struct both *w = xcalloc(1, sizeof(*w));
	int fds[2];

	assert_int_equal(wire_pair(fds, NULL), 0);
	w->a = wire_new(fds[0]);
	w->b = wire_new(fds[1]);
	w->raw = fds[1];
	*state = w;
	return 0;
}

static int
tear_down(void **state)
{
	struct both *w = *state;

	wire_free(&w->a);
	wire_free(&w->b);
	free(w);
	return 0;
}

static void
send_n(struct wire *w, int n, const int *fds, size_t n_fds)
{
	json_t *packet = json_pack("{s:s s:i}", "t", "test", "n", n);

	assert_int_equal(wire_send(w, packet, fds, n_fds, NULL), 0);
	json_decref(packet);
}

static int
recv_n(struct wire *w)
{
	int fds[WIRE_FDS], n;
	json_t *packet;
	size_t n_fds;

	if (wire_recv(w, &packet, fds, &n_fds, NULL) <= 0)
		return -1;
	n = (int)json_integer_value(json_object_get(packet, "n"));
	wire_close_fds(fds, n_fds);
	json_decref(packet);
	return n;
}

static void
packets_arrive_one_by_one(void **state)
{
	struct both *w = *state;

	send_n(w->a, 1, NULL, 0);
	send_n(w->a, 2, NULL, 0);
	assert_int_equal(recv_n(w->b), 1);
	assert_int_equal(recv_n(w->b), 2);
	assert_int_equal(recv_n(w->b), -1);
}

static void
descriptors_travel_and_blobs_are_sealed(void **state)
{
	struct both *w = *state;
	struct err e = { ERR_OK, "" };
	int fds[WIRE_FDS], fd = wire_blob_new("secret", 6, &e);
	json_t *packet;
	size_t n, len;
	char *data;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "x", 1), -1);
	send_n(w->a, 1, &fd, 1);
	assert_int_equal(wire_recv(w->b, &packet, fds, &n, &e), 1);
	assert_int_equal(n, 1);
	assert_int_equal(wire_blob_read(fds[0], 100, &data, &len, &e), 0);
	assert_int_equal(len, 6);
	assert_string_equal(data, "secret");
	free(data);
	assert_int_equal(wire_blob_read(fds[0], 5, &data, &len, &e), -1);
	wire_close_fds(fds, n);
	json_decref(packet);
}

static void
a_pipe_is_no_blob(void **state)
{
	struct err e = { ERR_OK, "" };
	char *data;
	size_t len;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(wire_blob_read(fds[0], 5, &data, &len, &e), -1);
	assert_string_equal(e.text,
	    "read a passed file: it is not a regular file");
	wire_close_fds(fds, 2);
}

/* Whatever the socket does not take waits, in order. */
static void
a_full_socket_fills_the_queue_and_then_refuses(void **state)
{
	struct both *w = *state;
	struct err e = { ERR_OK, "" };
	char *pad = xcalloc(1, 60001);
	json_t *packet;
	int sent = 0, rc;

	memset(pad, 'x', 60000);
	for (;; sent++) {
		packet = json_pack("{s:s s:i s:s}", "t", "test", "n", sent,
		    "pad", pad);
		rc = wire_send(w->a, packet, NULL, 0, &e);
		json_decref(packet);
		if (rc != 0)
			break;
	}
	assert_int_equal(e.code, ERR_STATE);
	assert_true(sent > WIRE_QUEUE);
	for (int i = 0; i < sent; i++) {
		assert_int_equal(recv_n(w->b), i);
		assert_true(wire_flush(w->a, &e) >= 0);
	}
	free(pad);
}

static void
malformed_packets_are_refused(void **state)
{
	static const char *const bad[] = { "", "{", "[1]", "{\"n\":1}",
		"{\"t\":1}", "{\"t\":\"a\",\"t\":\"b\"}", "{\"t\":\"\xff\"}" };
	struct both *w = *state;
	int fds[WIRE_FDS];
	json_t *packet;
	size_t n;

	for (size_t i = 1; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err e = { ERR_OK, "" };

		assert_true(send(w->raw, bad[i], strlen(bad[i]), 0) > 0);
		assert_int_equal(wire_recv(w->a, &packet, fds, &n, &e), -1);
		assert_int_equal(e.code, ERR_INVALID);
		assert_null(packet);
	}
}

static void
a_packet_beyond_the_limit_is_refused_at_both_ends(void **state)
{
	struct both *w = *state;
	struct err e = { ERR_OK, "" };
	char *big = xcalloc(1, WIRE_BYTES + 2);
	int fds[WIRE_FDS];
	json_t *packet;
	size_t n;

	memset(big, ' ', WIRE_BYTES + 1);
	packet = json_pack("{s:s s:s}", "t", "test", "pad", big);
	assert_int_equal(wire_send(w->a, packet, NULL, 0, &e), -1);
	assert_int_equal(e.code, ERR_INVALID);
	json_decref(packet);
	assert_int_equal(send(w->raw, big, WIRE_BYTES + 1, 0),
	    WIRE_BYTES + 1);
	assert_int_equal(wire_recv(w->a, &packet, fds, &n, &e), -1);
	assert_int_equal(e.code, ERR_INVALID);
	free(big);
}

static void
the_end_is_told_from_a_fault(void **state)
{
	struct both *w = *state;
	struct err e = { ERR_OK, "" };
	int fds[WIRE_FDS];
	json_t *packet;
	size_t n;

	wire_free(&w->b);
	assert_int_equal(wire_recv(w->a, &packet, fds, &n, &e), -1);
	assert_int_equal(e.code, ERR_UNREACHABLE);
	packet = json_pack("{s:s}", "t", "test");
	assert_int_equal(wire_send(w->a, packet, NULL, 0, &e), -1);
	assert_int_equal(e.code, ERR_UNREACHABLE);
	json_decref(packet);
}

struct reader {
	struct loop *loop;
	struct wire *wire;
	int left;
};

static void
read_all(void *arg)
{
	struct reader *r = arg;

	while (recv_n(r->wire) >= 0)
		if (--r->left == 0)
			loop_stop(r->loop);
}

static void
nothing(void *arg)
{
	(void)arg;
}

static void
the_loop_drains_the_queue(void **state)
{
	struct both *w = *state;
	struct reader r = { loop_new(), w->b, WIRE_QUEUE };

	wire_attach(w->a, r.loop, nothing, NULL);
	wire_attach(w->b, r.loop, read_all, &r);
	for (int i = 0; i < WIRE_QUEUE; i++)
		send_n(w->a, i, NULL, 0);
	loop_run(r.loop);
	assert_int_equal(r.left, 0);
	wire_free(&w->a);
	wire_free(&w->b);
	loop_free(&r.loop);
}

int
main(void)
{
#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(packets_arrive_one_by_one),
		TEST(descriptors_travel_and_blobs_are_sealed),
		TEST(a_pipe_is_no_blob),
		TEST(a_full_socket_fills_the_queue_and_then_refuses),
		TEST(malformed_packets_are_refused),
		TEST(a_packet_beyond_the_limit_is_refused_at_both_ends),
		TEST(the_end_is_told_from_a_fault),
		TEST(the_loop_drains_the_queue),
	};

	return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
