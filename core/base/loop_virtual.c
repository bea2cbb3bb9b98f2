/*
 * loop_virtual: time that jumps to the next timer. Same order of events for
 * the same calls, every run. Descriptors are polled before time moves, so a
 * socketpair to a simulated worker works. Used by tests only.
 */
#include "config.h"

#include <poll.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/loop_private.h"
#include "base/mem.h"

struct vtimer {
	struct loop_timer timer;
	struct vtimer *next;	/* sorted by due, then by order of setting */
	int64_t due;
	bool active;
};

struct vfd {
	struct loop_fd fd;
	struct vfd *next;
	int sys;
	unsigned events;
};

struct vloop {
	struct loop loop;
	struct vtimer *timers;
	struct vfd *fds;
	int64_t now;
	int64_t wall_offset;
	bool stop;
	bool woken;
};

static struct vloop *
vloop_of(struct loop *l)
{
	return (struct vloop *)l;
}

static struct mono
virtual_mono(const struct loop *l)
{
	return (struct mono){ ((const struct vloop *)l)->now };
}

static struct wall
virtual_wall(const struct loop *l)
{
	const struct vloop *v = (const struct vloop *)l;

	return (struct wall){ v->now + v->wall_offset };
}

static short
poll_events(unsigned events)
{
	return (short)((events & LOOP_READ ? POLLIN : 0) |
	    (events & LOOP_WRITE ? POLLOUT : 0));
}

/* One ready descriptor is served per call; true when there was one. */
static bool
serve_fd(struct vloop *v)
{
	for (struct vfd *f = v->fds; f != NULL; f = f->next) {
		struct pollfd p = { f->sys, poll_events(f->events), 0 };
		unsigned got;

		if (f->events == 0 || poll(&p, 1, 0) <= 0)
			continue;
		got = (p.revents & (POLLIN | POLLHUP | POLLERR) ?
		    LOOP_READ : 0) | (p.revents & POLLOUT ? LOOP_WRITE : 0);
		f->fd.cb(f->fd.arg, got & f->events);
		return true;
	}
	return false;
}

static bool
serve_timer(struct vloop *v, int64_t until)
{
	struct vtimer *t = v->timers;

	if (t == NULL || t->due > until)
		return false;
	v->timers = t->next;
	t->active = false;
	if (t->due > v->now)
		v->now = t->due;
	t->timer.cb(t->timer.arg);
	return true;
}

static bool
serve(struct vloop *v, int64_t until)
{
	if (v->woken) {
		v->woken = false;
		if (v->loop.wake_cb != NULL)
			v->loop.wake_cb(v->loop.wake_arg);
		return true;
	}
	return serve_timer(v, v->now) || serve_fd(v) || serve_timer(v, until);
}

static void
virtual_run(struct loop *l)
{
	struct vloop *v = vloop_of(l);

	v->stop = false;
	while (!v->stop && serve(v, INT64_MAX))
		continue;
}

static void
virtual_once(struct loop *l, int64_t us)
{
	struct vloop *v = vloop_of(l);
	int64_t until = v->now + us;

	v->stop = false;
	while (!v->stop && serve(v, until))
		continue;
	if (!v->stop && v->now < until)
		v->now = until;
}

static void
virtual_stop(struct loop *l)
{
	vloop_of(l)->stop = true;
}

static void
virtual_wake(struct loop *l)
{
	vloop_of(l)->woken = true;
}

static void
virtual_free(struct loop *l)
{
	free(l);
}

static struct loop_timer *
virtual_timer_new(struct loop *l)
{
	struct vtimer *t = xcalloc(1, sizeof(*t));

	(void)l;
	return &t->timer;
}

static void
virtual_timer_stop(struct loop_timer *timer)
{
	struct vtimer *t = (struct vtimer *)timer, **p;

	if (!t->active)
		return;
	for (p = &vloop_of(timer->loop)->timers; *p != t; p = &(*p)->next)
		continue;
	*p = t->next;
	t->active = false;
}

static void
virtual_timer_set(struct loop_timer *timer, int64_t us)
{
	struct vtimer *t = (struct vtimer *)timer, **p;
	struct vloop *v = vloop_of(timer->loop);

	virtual_timer_stop(timer);
	t->due = us > INT64_MAX - v->now ? INT64_MAX : v->now + us;
	for (p = &v->timers; *p != NULL && (*p)->due <= t->due;
	    p = &(*p)->next)
		continue;
	t->next = *p;
	t->active = true;
	*p = t;
}

static bool
virtual_timer_active(const struct loop_timer *timer)
{
	return ((const struct vtimer *)timer)->active;
}

static void
virtual_timer_free(struct loop_timer *timer)
{
	virtual_timer_stop(timer);
	free(timer);
}

static struct loop_fd *
virtual_fd_new(struct loop *l, int fd, unsigned events)
{
	struct vfd *f = xcalloc(1, sizeof(*f)), **p;

	f->sys = fd;
	f->events = events;
	for (p = &vloop_of(l)->fds; *p != NULL; p = &(*p)->next)
		continue;
	*p = f;
	return &f->fd;
}

static void
virtual_fd_set(struct loop_fd *fd, unsigned events)
{
	((struct vfd *)fd)->events = events;
}

static void
virtual_fd_free(struct loop_fd *fd)
{
	struct vfd *f = (struct vfd *)fd, **p;

	for (p = &vloop_of(fd->loop)->fds; *p != f; p = &(*p)->next)
		continue;
	*p = f->next;
	free(f);
}

static struct loop_signal *
virtual_signal_new(struct loop *l, int signo)
{
	(void)l;
	log_bug("virtual time knows no signals, not even %d", signo);
}

static const struct loop_ops virtual_ops = {
	.mono = virtual_mono, .wall = virtual_wall, .run = virtual_run,
	.once = virtual_once, .stop = virtual_stop, .wake = virtual_wake,
	.free = virtual_free,
	.timer_new = virtual_timer_new, .timer_set = virtual_timer_set,
	.timer_stop = virtual_timer_stop,
	.timer_active = virtual_timer_active,
	.timer_free = virtual_timer_free,
	.fd_new = virtual_fd_new, .fd_set = virtual_fd_set,
	.fd_free = virtual_fd_free,
	.signal_new = virtual_signal_new,
};

struct loop *
loop_new_virtual(struct wall wall)
{
	struct vloop *v = xcalloc(1, sizeof(*v));

	v->wall_offset = wall.us;
	loop_init(&v->loop, &virtual_ops);
	return &v->loop;
}
