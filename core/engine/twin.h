/*
 * twin: the core's hold on one worker process: start, handshake, packets,
 * pings, death, and starting again with back-off. It knows nothing of
 * deliveries.
 */
#ifndef ENGINE_TWIN_H
#define ENGINE_TWIN_H

#include <jansson.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/loop.h"

enum twin_state {
	TWIN_OFF,	/* not started, or stopped for good */
	TWIN_STARTING,	/* handshake under way */
	TWIN_UP,
	TWIN_DRAINING,
	TWIN_WAITING,	/* died; starts again after a while */
	TWIN_DOWN,	/* died too often; tries again every 15 minutes */
};

struct twin;

struct twin_ops {
	/* The hello packet (given) with its descriptors (given). NULL: it
	 * can't be made now, *e says why. */
	json_t *(*hello)(void *arg, int *fds, size_t *n_r, struct err *e);
	/* ready is borrowed. */
	void (*ready)(void *arg, const json_t *ready);
	/* Any other packet; all borrowed, descriptors included. -1: the
	 * packet breaks the protocol, *e says how; the worker is killed. */
	int (*packet)(void *arg, const char *type, const json_t *packet,
	    const int *fds, size_t n, struct err *e);
	/* The worker is gone, whatever the reason; borrowed. */
	void (*gone)(void *arg, const char *why);
	/* twin_stop() is complete. */
	void (*stopped)(void *arg);
};

/* name, program, ops and arg are kept. */
struct twin *
twin_new(struct loop *l, const char *name, const char *program,
    const struct twin_ops *ops, void *arg);
/* Kills a running worker without another word. */
void
twin_free(struct twin **t);
void
twin_start(struct twin *t);
/* Ask the worker to drain and end it after at most ms; stopped() follows,
 * never inside this call. */
void
twin_stop(struct twin *t, int64_t ms);
/* End the worker now because of what it did; it starts again. Nothing when
 * there is none. */
void
twin_kill(struct twin *t, const char *why);
/* Forget earlier deaths: a waiting worker starts at once. */
void
twin_again(struct twin *t);
/* As wire_send(); -1 also when there is no worker. */
int
twin_send(struct twin *t, const json_t *packet, const int *fds, size_t n);
enum twin_state
twin_state(const struct twin *t);
const char *
twin_state_name(enum twin_state st);
pid_t
twin_pid(const struct twin *t);
/* Starts after the first. */
unsigned
twin_restarts(const struct twin *t);
/* Why it is not up, "" when it is. Borrowed. */
const char *
twin_cause(const struct twin *t);

#endif
