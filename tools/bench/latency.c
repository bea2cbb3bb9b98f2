/*
 * latency: from the moment a client sends an announcement to its answer, and
 * to the first byte that reaches the peer; both ends in one process, so one
 * clock. The house is idle before each. Called by probe.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "order.h"
#include "probe.h"
#include "samples.h"
#include "sink.h"

struct race {
	struct loop *loop;
	struct order order;
	int64_t begun;
	bool answered, arrived;
	struct samples accepted, first_byte;
};

static void
on_first_byte(void *arg)
{
	struct race *r = arg;

	if (!r->arrived)
		samples_add(&r->first_byte, r->begun);
	r->arrived = true;
}

static void
on_answer(void *arg, unsigned events)
{
	struct race *r = arg;

	(void)events;
	if (!order_answered(&r->order))
		return;
	samples_add(&r->accepted, r->begun);
	r->answered = true;
}

static void
one(struct race *r, struct order *idle, const char *template)
{
	r->answered = r->arrived = false;
	r->begun = samples_now();
	order_publish(&r->order, template);
	while (!r->answered || !r->arrived) {
		if (samples_now() - r->begun > PROBE_SECONDS * 1000000000LL)
			probe_fail("latency: nothing arrives");
		loop_once(r->loop, CLOCK_SECOND);
	}
	/* let the answer of the peer out, then wait until all is on disk */
	loop_once(r->loop, 0);
	order_ask(idle, "idle");
}

static void
run(struct race *r, char **argv)
{
	char *template = order_template(argv[3]);
	size_t count = probe_number(argv[2], 100000);
	struct loop_fd *watch;
	struct order idle;

	order_open(&r->order, argv[1]);
	order_open(&idle, argv[1]);
	watch = loop_fd_new(r->loop, r->order.fd, LOOP_READ, on_answer, r);
	samples_init(&r->accepted, count, PROBE_SECONDS);
	samples_init(&r->first_byte, count, PROBE_SECONDS);
	while (!samples_over(&r->first_byte))
		one(r, &idle, template);
	samples_print(&r->accepted, 1, "accept_");
	samples_print(&r->first_byte, 1, "first_byte_");
	samples_fini(&r->accepted);
	samples_fini(&r->first_byte);
	loop_fd_free(&watch);
	order_close(&r->order);
	order_close(&idle);
	free(template);
}

int
latency_run(char **argv)
{
	struct race r = { .loop = loop_new() };
	struct sink *sink = sink_new(r.loop, argv[4], on_first_byte, &r);
	char byte;

	printf("%d\n", sink_port(sink));
	fflush(stdout);
	if (read(STDIN_FILENO, &byte, 1) == 1)
		run(&r, argv);
	sink_free(&sink);
	loop_free(&r.loop);
	return 0;
}
