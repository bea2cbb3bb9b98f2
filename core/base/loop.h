/*
 * loop: timers, descriptors, signals and deferred calls of one process.
 *
 * Two backends stand behind it: libev for the real world, and virtual time
 * for deterministic tests, where the clock jumps to the next timer as soon as
 * nothing else is to do. All calls come from the loop's own thread, except
 * loop_wake(). A callback may free its own handle.
 */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <stdbool.h>

#include "base/clock.h"

struct loop;
struct loop_timer;
struct loop_fd;
struct loop_signal;

#define LOOP_READ	1u
#define LOOP_WRITE	2u

typedef void loop_cb(void *arg);
typedef void loop_fd_cb(void *arg, unsigned events);

struct loop *
loop_new(void);
/* Virtual time that starts at wall; descriptors are polled when idle. */
struct loop *
loop_new_virtual(struct wall wall);
/* Every handle must be gone. Sets *l to NULL. */
void
loop_free(struct loop **l);

/* The time of the current turn; loop_mono never goes back. */
struct mono
loop_mono(const struct loop *l);
struct wall
loop_wall(const struct loop *l);

/* Run until loop_stop(), or, with virtual time, until nothing is left. */
void
loop_run(struct loop *l);
void
loop_stop(struct loop *l);
/* Handle what is ready and return; waits at most us microseconds. */
void
loop_once(struct loop *l, int64_t us);
/* Call cb on the loop soon. Safe from any thread. Calls may be merged. */
void
loop_wake(struct loop *l);
/* What loop_wake() calls. arg is kept. */
void
loop_on_wake(struct loop *l, loop_cb *cb, void *arg);

/* Call once, on the next turn, never inside this call. */
void
loop_defer(struct loop *l, loop_cb *cb, void *arg);

struct loop_timer *
loop_timer_new(struct loop *l, loop_cb *cb, void *arg);
/* Fire once after us microseconds (0: next turn); replaces an earlier set. */
void
loop_timer_set(struct loop_timer *t, int64_t us);
void
loop_timer_stop(struct loop_timer *t);
bool
loop_timer_active(const struct loop_timer *t);
void
loop_timer_free(struct loop_timer **t);

struct loop_fd *
loop_fd_new(struct loop *l, int fd, unsigned events, loop_fd_cb *cb,
    void *arg);
void
loop_fd_set(struct loop_fd *f, unsigned events);
/* Stops watching; does not close the descriptor. */
void
loop_fd_free(struct loop_fd **f);

/* The callback runs in the loop, not in the signal handler. */
struct loop_signal *
loop_signal_new(struct loop *l, int signo, loop_cb *cb, void *arg);
void
loop_signal_free(struct loop_signal **s);

#endif
