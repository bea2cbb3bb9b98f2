/*
 * recheck: a check that runs beside the loop, so that neither a plugin that
 * hangs nor one that refuses its parameters can touch what works now. Loads
 * nothing and swaps nothing itself. Called by core before a reload.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/spawn.h"
#include "recheck.h"

#define SAID_MAX	(64 * 1024)

struct recheck {
	struct loop *loop;
	struct loop_fd *watch;
	struct loop_timer *timer;
	pid_t pid;
	int fd;			/* what it says */
	struct buf said;
	recheck_cb *cb;
	void *arg;
};

/* Exit status, -1 when it was killed. */
static int
reap(struct recheck *t)
{
	int status = 0;

	while (waitpid(t->pid, &status, 0) == -1 && errno == EINTR)
		continue;
	t->pid = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
log_lines(struct recheck *t)
{
	char *text = buf_steal(&t->said), *save = NULL;

	for (char *line = strtok_r(text, "\n", &save); line != NULL;
	    line = strtok_r(NULL, "\n", &save))
		log_warn("%s", line);
	free(text);
}

static void
finish(struct recheck *t)
{
	int status;

	loop_fd_free(&t->watch);
	status = reap(t);
	if (status != 0)
		log_lines(t);
	t->cb(t->arg, status == 0);
}

static void
on_said(void *arg, unsigned events)
{
	struct recheck *t = arg;
	char part[4096];
	ssize_t n = read(t->fd, part, sizeof(part));

	(void)events;
	if (n > 0 && buf_ok(&t->said))
		buf_add(&t->said, part, (size_t)n);
	else if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		finish(t);
}

static void
on_time(void *arg)
{
	struct recheck *t = arg;

	log_warn("the check of the configuration takes too long: a plugin "
	    "hangs");
	kill(t->pid, SIGKILL);
	finish(t);
}

int
recheck_new(struct loop *l, const char *program, const char *config,
    int64_t ms, recheck_cb *cb, void *arg, struct recheck **t_r, struct err *e)
{
	struct recheck *t = xcalloc(1, sizeof(*t));

	if (spawn_check(program, config, &t->fd, &t->pid, e) == -1) {
		free(t);
		return -1;
	}
	t->loop = l;
	t->cb = cb;
	t->arg = arg;
	buf_init(&t->said, SAID_MAX);
	t->timer = loop_timer_new(l, on_time, t);
	loop_timer_set(t->timer, ms * 1000);
	t->watch = loop_fd_new(l, t->fd, LOOP_READ, on_said, t);
	*t_r = t;
	return 0;
}

void
recheck_free(struct recheck **tp)
{
	struct recheck *t = *tp;

	*tp = NULL;
	if (t == NULL)
		return;
	if (t->pid > 0) {
		kill(t->pid, SIGKILL);
		(void)reap(t);
	}
	loop_fd_free(&t->watch);
	loop_timer_free(&t->timer);
	close(t->fd);
	buf_fini(&t->said);
	free(t);
}
