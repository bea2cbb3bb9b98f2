/*
 * loop_private: what a backend of the loop must bring. Only for loop*.c.
 */
#ifndef BASE_LOOP_PRIVATE_H
#define BASE_LOOP_PRIVATE_H

#include "base/loop.h"

struct loop_call {
	struct loop_call *next;
	loop_cb *cb;
	void *arg;
};

struct loop {
	const struct loop_ops *ops;
	struct loop_call *calls;	/* deferred, in order */
	struct loop_call **calls_tail;
	struct loop_timer *calls_timer;
	loop_cb *wake_cb;
	void *wake_arg;
};

struct loop_timer {
	struct loop *loop;
	loop_cb *cb;
	void *arg;
};

struct loop_fd {
	struct loop *loop;
	loop_fd_cb *cb;
	void *arg;
};

struct loop_signal {
	struct loop *loop;
	loop_cb *cb;
	void *arg;
};

/* Each *_new returns a struct whose first member is the public one. */
struct loop_ops {
	struct mono (*mono)(const struct loop *);
	struct wall (*wall)(const struct loop *);
	void (*run)(struct loop *);
	void (*once)(struct loop *, int64_t us);
	void (*stop)(struct loop *);
	void (*wake)(struct loop *);
	void (*free)(struct loop *);
	struct loop_timer *(*timer_new)(struct loop *);
	void (*timer_set)(struct loop_timer *, int64_t us);
	void (*timer_stop)(struct loop_timer *);
	bool (*timer_active)(const struct loop_timer *);
	void (*timer_free)(struct loop_timer *);
	struct loop_fd *(*fd_new)(struct loop *, int fd, unsigned events);
	void (*fd_set)(struct loop_fd *, unsigned events);
	void (*fd_free)(struct loop_fd *);
	struct loop_signal *(*signal_new)(struct loop *, int signo);
	void (*signal_free)(struct loop_signal *);
};

/* Fill the common part of a new loop. */
void
loop_init(struct loop *l, const struct loop_ops *ops);

#endif
