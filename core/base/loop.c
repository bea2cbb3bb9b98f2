/*
 * loop: the part both backends share: dispatch and deferred calls.
 * Never reads a clock itself. Called by every process that waits.
 */
#include "config.h"

#include <stdlib.h>

#include "base/loop.h"
#include "base/loop_private.h"
#include "base/mem.h"

static void
run_calls(void *arg)
{
	struct loop *l = arg;
	struct loop_call *c, *todo = l->calls;

	l->calls = NULL;
	l->calls_tail = &l->calls;
	while ((c = todo) != NULL) {
		todo = c->next;
		c->cb(c->arg);
		free(c);
	}
}

void
loop_init(struct loop *l, const struct loop_ops *ops)
{
	l->ops = ops;
	l->calls = NULL;
	l->calls_tail = &l->calls;
	l->calls_timer = loop_timer_new(l, run_calls, l);
}

void
loop_free(struct loop **lp)
{
	struct loop *l = *lp;
	struct loop_call *c;

	if (l == NULL)
		return;
	*lp = NULL;
	while ((c = l->calls) != NULL) {
		l->calls = c->next;
		free(c);
	}
	loop_timer_free(&l->calls_timer);
	l->ops->free(l);
}

struct mono
loop_mono(const struct loop *l)
{
	return l->ops->mono(l);
}

struct wall
loop_wall(const struct loop *l)
{
	return l->ops->wall(l);
}

void
loop_run(struct loop *l)
{
	l->ops->run(l);
}

void
loop_stop(struct loop *l)
{
	l->ops->stop(l);
}

void
loop_once(struct loop *l, int64_t us)
{
	l->ops->once(l, us);
}

void
loop_wake(struct loop *l)
{
	l->ops->wake(l);
}

void
loop_on_wake(struct loop *l, loop_cb *cb, void *arg)
{
	l->wake_cb = cb;
	l->wake_arg = arg;
}

void
loop_defer(struct loop *l, loop_cb *cb, void *arg)
{
	struct loop_call *c = xcalloc(1, sizeof(*c));

	c->cb = cb;
	c->arg = arg;
	*l->calls_tail = c;
	l->calls_tail = &c->next;
	if (!loop_timer_active(l->calls_timer))
		loop_timer_set(l->calls_timer, 0);
}

struct loop_timer *
loop_timer_new(struct loop *l, loop_cb *cb, void *arg)
{
	struct loop_timer *t = l->ops->timer_new(l);

	t->loop = l;
	t->cb = cb;
	t->arg = arg;
	return t;
}

void
loop_timer_set(struct loop_timer *t, int64_t us)
{
	t->loop->ops->timer_set(t, us < 0 ? 0 : us);
}

void
loop_timer_stop(struct loop_timer *t)
{
	t->loop->ops->timer_stop(t);
}

bool
loop_timer_active(const struct loop_timer *t)
{
	return t->loop->ops->timer_active(t);
}

void
loop_timer_free(struct loop_timer **tp)
{
	struct loop_timer *t = *tp;

	*tp = NULL;
	if (t != NULL)
		t->loop->ops->timer_free(t);
}

struct loop_fd *
loop_fd_new(struct loop *l, int fd, unsigned events, loop_fd_cb *cb,
    void *arg)
{
	struct loop_fd *f = l->ops->fd_new(l, fd, events);

	f->loop = l;
	f->cb = cb;
	f->arg = arg;
	return f;
}

void
loop_fd_set(struct loop_fd *f, unsigned events)
{
	f->loop->ops->fd_set(f, events);
}

void
loop_fd_free(struct loop_fd **fp)
{
	struct loop_fd *f = *fp;

	*fp = NULL;
	if (f != NULL)
		f->loop->ops->fd_free(f);
}

struct loop_signal *
loop_signal_new(struct loop *l, int signo, loop_cb *cb, void *arg)
{
	struct loop_signal *s = l->ops->signal_new(l, signo);

	s->loop = l;
	s->cb = cb;
	s->arg = arg;
	return s;
}

void
loop_signal_free(struct loop_signal **sp)
{
	struct loop_signal *s = *sp;

	*sp = NULL;
	if (s != NULL)
		s->loop->ops->signal_free(s);
}
