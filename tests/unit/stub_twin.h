/*
 * stub_twin: a twin without a process. It does what the test tells it, on the
 * time of the test's loop. Links in place of engine/twin.c.
 */
#ifndef TESTS_UNIT_STUB_TWIN_H
#define TESTS_UNIT_STUB_TWIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/twin.h"

#define STUB_SENT	4096

/* A delivery as the worker got it. */
struct stub_sent {
	int64_t id;
	uint32_t action, flags, attempt;
	char key[80], address[64];
	bool landed;
};

struct stub {
	struct twin *twin;	/* the newest; there is one in a test */
	struct stub_sent sent[STUB_SENT];
	size_t n;		/* of all workers so far */
	unsigned starts, kills, renders, cancels, forgets;
	bool mute;		/* never answers render */
	bool die_at_render;
	bool clogged;		/* takes no submit */
	char refuse[64];	/* answers render with this slug */
	char killed[256];	/* why, the last time */
};

extern struct stub stub;

/* Before each test. */
void
stub_reset(void);
/* The worker says what became of the delivery at this place. */
int
stub_result(size_t at, int outcome, int64_t retry_after);
/* The same for several in one packet. */
int
stub_results(const size_t *at, size_t n, int outcome);
/* Accept everything that has not landed. */
void
stub_accept_all(void);
/* The worker dies; it is up again a second later. */
void
stub_die(void);
/* Any packet, JSON text. */
int
stub_packet(const char *type, const char *json);

#endif
