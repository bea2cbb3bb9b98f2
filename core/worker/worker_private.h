/*
 * worker_private: what worker.c and hello.c share.
 */
#ifndef WORKER_WORKER_PRIVATE_H
#define WORKER_WORKER_PRIVATE_H

#include <stdbool.h>

#include <jansson.h>

#include "announce/issuer.h"
#include "worker/flight.h"
#include "worker/host.h"
#include "worker/wire.h"

struct worker {
	struct loop *loop;
	struct wire *wire;
	const struct lf_plugin *plugin;
	struct lf_channel *ch;		/* NULL before hello */
	void *self;
	struct issuer *issuer;
	struct flights *flights;
	struct sheets sheets;
	json_t *results;		/* flat, wait for the next turn */
	const char *enforced;		/* by the sandbox */
	bool draining, drained;
};

struct packet {
	json_t *json;
	int fds[WIRE_FDS];
	size_t n_fds;
};

extern const struct host_events worker_events;

/* A text member, NULL when there is none. Borrowed. */
const char *
worker_str(const json_t *json, const char *key);
/* packet and fds are given. Without core there is nobody to work for. */
void
worker_tell(struct worker *w, json_t *packet, const int *fds, size_t n);

/* The packet "hello". Ends the process when there is no plugin to run. */
int
worker_hello(struct worker *w, struct packet *p, struct err *e);

#endif
