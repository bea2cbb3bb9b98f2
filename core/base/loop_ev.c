/*
 * loop_ev: the real-time backend, on libev. Never used by pure code.
 * Created by the main function of each role.
 */
#include "config.h"

#include <ev.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/loop_private.h"
#include "base/mem.h"

struct real_loop {
	struct loop loop;
	struct ev_loop *ev;
	ev_async wake;
};

struct real_timer {
	struct loop_timer timer;
	ev_timer ev;
};

struct real_fd {
	struct loop_fd fd;
	ev_io ev;
};

struct real_signal {
	struct loop_signal sig;
	ev_signal ev;
};

static struct ev_loop *
ev_of(const struct loop *l)
{
	return ((const struct real_loop *)l)->ev;
}

static struct mono
real_mono(const struct loop *l)
{
	(void)l;
	return clock_mono();
}

static struct wall
real_wall(const struct loop *l)
{
	(void)l;
	return clock_wall();
}

static void
real_run(struct loop *l)
{
	ev_run(ev_of(l), 0);
}

static void
real_stop(struct loop *l)
{
	ev_break(ev_of(l), EVBREAK_ALL);
}

static void
once_over(struct ev_loop *ev, ev_timer *t, int revents)
{
	(void)t;
	(void)revents;
	ev_break(ev, EVBREAK_ONE);
}

static void
real_once(struct loop *l, int64_t us)
{
	ev_timer t;

	ev_timer_init(&t, once_over, (double)us / 1e6, 0.);
	ev_now_update(ev_of(l));
	ev_timer_start(ev_of(l), &t);
	ev_run(ev_of(l), EVRUN_ONCE);
	ev_timer_stop(ev_of(l), &t);
}

static void
real_wake(struct loop *l)
{
	ev_async_send(ev_of(l), &((struct real_loop *)l)->wake);
}

static void
real_free(struct loop *l)
{
	struct real_loop *r = (struct real_loop *)l;

	ev_ref(r->ev);
	ev_async_stop(r->ev, &r->wake);
	ev_loop_destroy(r->ev);
	free(r);
}

static void
on_wake(struct ev_loop *ev, ev_async *w, int revents)
{
	struct loop *l = w->data;

	(void)ev;
	(void)revents;
	if (l->wake_cb != NULL)
		l->wake_cb(l->wake_arg);
}

static void
on_timer(struct ev_loop *ev, ev_timer *w, int revents)
{
	struct loop_timer *t = w->data;

	(void)ev;
	(void)revents;
	t->cb(t->arg);
}

static struct loop_timer *
real_timer_new(struct loop *l)
{
	struct real_timer *t = xcalloc(1, sizeof(*t));

	(void)l;
	ev_timer_init(&t->ev, on_timer, 0., 0.);
	t->ev.data = t;
	return &t->timer;
}

static void
real_timer_set(struct loop_timer *timer, int64_t us)
{
	struct real_timer *t = (struct real_timer *)timer;
	struct ev_loop *ev = ev_of(timer->loop);

	ev_timer_stop(ev, &t->ev);
	ev_now_update(ev);
	ev_timer_set(&t->ev, (double)us / 1e6, 0.);
	ev_timer_start(ev, &t->ev);
}

static void
real_timer_stop(struct loop_timer *timer)
{
	ev_timer_stop(ev_of(timer->loop), &((struct real_timer *)timer)->ev);
}

static bool
real_timer_active(const struct loop_timer *timer)
{
	return ev_is_active(&((const struct real_timer *)timer)->ev);
}

static void
real_timer_free(struct loop_timer *timer)
{
	real_timer_stop(timer);
	free(timer);
}

static void
on_fd(struct ev_loop *ev, ev_io *w, int revents)
{
	struct loop_fd *f = w->data;

	(void)ev;
	f->cb(f->arg, (revents & EV_READ ? LOOP_READ : 0) |
	    (revents & EV_WRITE ? LOOP_WRITE : 0));
}

static int
ev_events(unsigned events)
{
	return (events & LOOP_READ ? EV_READ : 0) |
	    (events & LOOP_WRITE ? EV_WRITE : 0);
}

static struct loop_fd *
real_fd_new(struct loop *l, int fd, unsigned events)
{
	struct real_fd *f = xcalloc(1, sizeof(*f));

	ev_io_init(&f->ev, on_fd, fd, ev_events(events));
	f->ev.data = f;
	if (events != 0)
		ev_io_start(ev_of(l), &f->ev);
	return &f->fd;
}

static void
real_fd_set(struct loop_fd *fd, unsigned events)
{
	struct real_fd *f = (struct real_fd *)fd;
	struct ev_loop *ev = ev_of(fd->loop);

	if (f->ev.events == ev_events(events) &&
	    ev_is_active(&f->ev) == (events != 0))
		return;
	ev_io_stop(ev, &f->ev);
	ev_io_set(&f->ev, f->ev.fd, ev_events(events));
	if (events != 0)
		ev_io_start(ev, &f->ev);
}

static void
real_fd_free(struct loop_fd *fd)
{
	ev_io_stop(ev_of(fd->loop), &((struct real_fd *)fd)->ev);
	free(fd);
}

static void
on_signal(struct ev_loop *ev, ev_signal *w, int revents)
{
	struct loop_signal *s = w->data;

	(void)ev;
	(void)revents;
	s->cb(s->arg);
}

static struct loop_signal *
real_signal_new(struct loop *l, int signo)
{
	struct real_signal *s = xcalloc(1, sizeof(*s));

	ev_signal_init(&s->ev, on_signal, signo);
	s->ev.data = s;
	ev_signal_start(ev_of(l), &s->ev);
	return &s->sig;
}

static void
real_signal_free(struct loop_signal *sig)
{
	ev_signal_stop(ev_of(sig->loop), &((struct real_signal *)sig)->ev);
	free(sig);
}

static const struct loop_ops real_ops = {
	.mono = real_mono, .wall = real_wall, .run = real_run,
	.once = real_once, .stop = real_stop, .wake = real_wake,
	.free = real_free,
	.timer_new = real_timer_new, .timer_set = real_timer_set,
	.timer_stop = real_timer_stop, .timer_active = real_timer_active,
	.timer_free = real_timer_free,
	.fd_new = real_fd_new, .fd_set = real_fd_set, .fd_free = real_fd_free,
	.signal_new = real_signal_new, .signal_free = real_signal_free,
};

struct loop *
loop_new(void)
{
	struct real_loop *r = xcalloc(1, sizeof(*r));

	r->ev = ev_loop_new(EVFLAG_NOENV);
	if (r->ev == NULL)
		log_fatal(EXIT_TEMPFAIL, "start the event loop: libev found "
		    "no usable backend");
	loop_init(&r->loop, &real_ops);
	ev_async_init(&r->wake, on_wake);
	r->wake.data = r;
	ev_async_start(r->ev, &r->wake);
	ev_unref(r->ev); /* waiting for a wake-up alone is no work */
	return &r->loop;
}
