/*
 * spawn: start litfassd again as a worker or to describe a plugin. Never
 * loads foreign code and never lets a child inherit what is ours. Called by
 * the channels of the engine, by the recheck of a reload, by the preview and by
 * litfass(1).
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "engine/spawn.h"

#define DESCRIBE_WAIT	(10 * CLOCK_SECOND)
#define DESCRIBE_MAX	(1024 * 1024)
#define WORKER_FD	3

static int
set_attributes(posix_spawnattr_t *attr)
{
	sigset_t none, all;
	int rc;

	sigemptyset(&none);
	sigfillset(&all);
	rc = posix_spawnattr_setsigmask(attr, &none);
	if (rc == 0)
		rc = posix_spawnattr_setsigdefault(attr, &all);
	if (rc == 0)
		rc = posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSID |
		    POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	return rc;
}

static int
set_actions(posix_spawn_file_actions_t *act, int fd, int as_fd)
{
	int rc;

	rc = posix_spawn_file_actions_addopen(act, STDIN_FILENO, "/dev/null",
	    O_RDONLY, 0);
	if (rc == 0)
		rc = posix_spawn_file_actions_adddup2(act, fd, as_fd);
	if (rc == 0)
		rc = posix_spawn_file_actions_addchdir_np(act, "/");
	return rc;
}

/*
 * fd of ours becomes as_fd of the child. Everything else of ours is
 * close-on-exec; stdout goes to stderr unless it is what was asked for.
 */
static int
start(const char *program, const char *const argv[], int fd, int as_fd,
    pid_t *pid_r, struct err *e)
{
	static char *const no_env[] = { NULL };
	posix_spawn_file_actions_t act;
	posix_spawnattr_t attr;
	int rc;

	posix_spawnattr_init(&attr);
	posix_spawn_file_actions_init(&act);
	/* Where fork is emulated a failed exec is only seen as exit 127. */
	rc = access(program, X_OK) == 0 ? 0 : errno;
	if (rc == 0)
		rc = set_attributes(&attr);
	if (rc == 0)
		rc = set_actions(&act, fd, as_fd);
	if (rc == 0 && as_fd != STDOUT_FILENO)
		rc = posix_spawn_file_actions_adddup2(&act, STDERR_FILENO,
		    STDOUT_FILENO);
	if (rc == 0)
		rc = posix_spawn(pid_r, program, &act, &attr,
		    (char *const *)(uintptr_t)argv, no_env);
	posix_spawn_file_actions_destroy(&act);
	posix_spawnattr_destroy(&attr);
	if (rc != 0)
		return err_set(e, ERR_FAILED, "start worker: %s: %s: check "
		    "that litfassd is installed there", program,
		    strerror(rc));
	return 0;
}

int
spawn_worker(const char *program, int *fd_r, pid_t *pid_r, struct err *e)
{
	const char *const argv[] = { "litfassd", "--worker", NULL };
	int sv[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv) == -1)
		return err_set(e, ERR_FAILED, "start worker: socketpair: %s: "
		    "raise the limit of open files", strerror(errno));
	if (start(program, argv, sv[1], WORKER_FD, pid_r, e) == -1) {
		close(sv[0]);
		close(sv[1]);
		return -1;
	}
	close(sv[1]);
	*fd_r = sv[0];
	return 0;
}

int
spawn_check(const char *program, const char *config, int *fd_r, pid_t *pid_r,
    struct err *e)
{
	char *path = config == NULL ? NULL : realpath(config, NULL);
	const char *const argv[] = { "litfassd", "--check",
	    path == NULL ? NULL : "--config", path, NULL };
	int fds[2], rc;

	if (config != NULL && path == NULL)
		return err_set(e, ERR_INVALID, "check %s: %s: the file must "
		    "be there and readable", config, strerror(errno));
	if (pipe2(fds, O_CLOEXEC) == -1) {
		free(path);
		return err_set(e, ERR_FAILED, "check the configuration: pipe: "
		    "%s: raise the limit of open files", strerror(errno));
	}
	rc = start(program, argv, fds[1], STDERR_FILENO, pid_r, e);
	free(path);
	close(fds[1]);
	if (rc == -1)
		close(fds[0]);
	*fd_r = fds[0];
	return rc;
}

/* Read until end of file; false when time or room ran out. */
static bool
slurp(int fd, struct buf *b)
{
	int64_t end = clock_mono().us + DESCRIBE_WAIT;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char part[4096];
	int64_t left;
	ssize_t n;

	while ((left = end - clock_mono().us) > 0) {
		if (poll(&p, 1, (int)(left / 1000) + 1) <= 0)
			continue;
		n = read(fd, part, sizeof(part));
		if (n == 0)
			return buf_ok(b);
		if (n == -1 && errno != EINTR)
			return false;
		if (n > 0)
			buf_add(b, part, (size_t)n);
		if (!buf_ok(b))
			return false;
	}
	return false;
}

/* The exit status of the child, -1 when it was ended by a signal. */
static int
reap(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int
parse(const char *plugin, bool whole, int status, const struct buf *b,
    json_t **meta_r, struct err *e)
{
	if (!whole)
		return err_set(e, ERR_INVALID, "describe plugin: %s: no "
		    "whole answer in time: it hangs while being loaded; remove "
		    "it or ask its author", plugin);
	if (status != 0)
		return err_set(e, ERR_INVALID, "describe plugin: %s: it "
		    "can't be loaded (exit status %d): see the line above "
		    "for the reason", plugin, status);
	*meta_r = json_loadb(b->data, b->len, JSON_REJECT_DUPLICATES, NULL);
	if (*meta_r == NULL)
		return err_set(e, ERR_INVALID, "describe plugin: %s: the "
		    "answer is not JSON: litfassd and litfass are of "
		    "different versions; install both anew", plugin);
	return 0;
}

int
spawn_describe(const char *program, const char *plugin, json_t **meta_r,
    struct err *e)
{
	const char *const argv[] = { "litfassd", "--describe", plugin, NULL };
	struct buf b;
	pid_t pid;
	int fds[2], rc, status;
	bool whole;

	if (pipe2(fds, O_CLOEXEC) == -1)
		return err_set(e, ERR_FAILED, "describe plugin: %s: pipe: "
		    "%s: raise the limit of open files", plugin,
		    strerror(errno));
	rc = start(program, argv, fds[1], STDOUT_FILENO, &pid, e);
	close(fds[1]);
	if (rc == 0) {
		buf_init(&b, DESCRIBE_MAX);
		whole = slurp(fds[0], &b);
		if (!whole)
			kill(pid, SIGKILL);
		status = reap(pid);
		rc = parse(plugin, whole, status, &b, meta_r, e);
		buf_fini(&b);
	}
	close(fds[0]);
	return rc;
}
