/*
 * accepts: clients that each publish, wait for the answer and publish again.
 * An answer means: on disk. Called by probe.
 */
#include "config.h"

#include <poll.h>
#include <stdlib.h>

#include "base/mem.h"
#include "order.h"
#include "probe.h"
#include "samples.h"

#define CLIENTS_MAX	60

struct crowd {
	const char *template;
	size_t n, asked, max;
	struct order orders[CLIENTS_MAX];
	struct pollfd fds[CLIENTS_MAX];
	int64_t begun[CLIENTS_MAX];
	struct samples samples;
};

/* The next request of client i, or its retirement. */
static void
ask(struct crowd *c, size_t i)
{
	if (c->asked >= c->max || samples_over(&c->samples)) {
		c->fds[i].fd = -1;
		return;
	}
	c->asked++;
	c->begun[i] = samples_now();
	order_publish(&c->orders[i], c->template);
}

static void
serve(struct crowd *c)
{
	if (poll(c->fds, (nfds_t)c->n, -1) < 0)
		probe_fail("poll");
	for (size_t i = 0; i < c->n; i++) {
		if (c->fds[i].revents == 0 || !order_answered(&c->orders[i]))
			continue;
		samples_add(&c->samples, c->begun[i]);
		ask(c, i);
	}
}

int
accepts_run(char **argv)
{
	struct crowd *c = xcalloc(1, sizeof(*c));
	char *template = order_template(argv[4]);

	c->template = template;
	c->n = probe_number(argv[2], CLIENTS_MAX);
	c->max = probe_number(argv[3], 1000000);
	for (size_t i = 0; i < c->n; i++) {
		order_open(&c->orders[i], argv[1]);
		c->fds[i] = (struct pollfd){ c->orders[i].fd, POLLIN, 0 };
	}
	samples_init(&c->samples, c->max, PROBE_SECONDS);
	for (size_t i = 0; i < c->n; i++)
		ask(c, i);
	while (c->samples.n < c->asked)
		serve(c);
	samples_print(&c->samples, 1, "");
	samples_fini(&c->samples);
	for (size_t i = 0; i < c->n; i++)
		order_close(&c->orders[i]);
	free(template);
	free(c);
	return 0;
}
