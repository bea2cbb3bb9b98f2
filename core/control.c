/*
 * control: the listening socket, who may connect, and what a client may cost.
 * Never blocks and never trusts a client. Created by the core role.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "control_private.h"
#include "engine/engine.h"

#define NO_GROUP	((gid_t)-1)
#define GROUPS_MAX	256

static int
find_group(struct control *c, struct err *e)
{
	const struct group *g;

	c->gid = NO_GROUP;
	if (c->group == NULL || *c->group == '\0')
		return 0;
	g = getgrnam(c->group);
	if (g == NULL)
		return err_set(e, ERR_INVALID, "control socket: group %s: "
		    "there is no such group: create it with groupadd or "
		    "change control.group", c->group);
	c->gid = g->gr_gid;
	return 0;
}

/* ---------------------------------------------------------- listening -- */

static int
fill_address(const char *path, struct sockaddr_un *sa, struct err *e)
{
	memset(sa, 0, sizeof(*sa));
	sa->sun_family = AF_UNIX;
	if (strlen(path) >= sizeof(sa->sun_path))
		return err_set(e, ERR_INVALID, "control socket: %s: the path "
		    "is longer than %zu bytes: choose a shorter one", path,
		    sizeof(sa->sun_path) - 1);
	memcpy(sa->sun_path, path, strlen(path));
	return 0;
}

/* Remove a socket nobody answers at; anything else stays. */
static int
clear_stale(int fd, const struct sockaddr_un *sa, struct err *e)
{
	const char *path = sa->sun_path;
	struct stat st;

	if (lstat(path, &st) == -1)
		return 0;
	if (!S_ISSOCK(st.st_mode))
		return err_set(e, ERR_STATE, "control socket: %s: something "
		    "else is there: move it away or change control.socket",
		    path);
	if (connect(fd, (const struct sockaddr *)sa, sizeof(*sa)) == 0)
		return err_set(e, ERR_STATE, "control socket: %s: another "
		    "litfassd answers there: stop it or change "
		    "control.socket", path);
	if (errno != ECONNREFUSED || unlink(path) == -1)
		return err_set(e, ERR_DENIED, "control socket: %s: the old "
		    "socket can't be removed: %s: remove it by hand", path,
		    strerror(errno));
	return 0;
}

static int
open_socket(struct err *e)
{
	int fd;

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		err_set(e, ERR_FAILED, "control socket: %s: raise the limit "
		    "of open files", strerror(errno));
	return fd;
}

/* Nobody can connect before listen(), so the mode is set in time. */
static int
bind_socket(struct control *c, const struct sockaddr_un *sa, struct err *e)
{
	if (bind(c->fd, (const struct sockaddr *)sa, sizeof(*sa)) == -1)
		return err_set(e, ERR_DENIED, "control socket: %s: %s: create "
		    "its folder for the user of litfassd", c->path,
		    strerror(errno));
	c->bound = true;
	if (chmod(c->path, 0660) == -1 || (c->gid != NO_GROUP &&
	    chown(c->path, (uid_t)-1, c->gid) == -1))
		return err_set(e, ERR_DENIED, "control socket: %s: mode or "
		    "group can't be set: %s: the user of litfassd must be a "
		    "member of the group", c->path, strerror(errno));
	if (listen(c->fd, CONTROL_CLIENTS) == -1)
		return err_set(e, ERR_FAILED, "control socket: %s: %s: try "
		    "again", c->path, strerror(errno));
	return 0;
}

static int
listen_at(struct control *c, struct err *e)
{
	struct sockaddr_un sa;
	int probe, rc;

	if (fill_address(c->path, &sa, e) == -1)
		return -1;
	if ((probe = open_socket(e)) == -1)
		return -1;
	rc = clear_stale(probe, &sa, e);
	close(probe);
	if (rc == -1 || (c->fd = open_socket(e)) == -1)
		return -1;
	return bind_socket(c, &sa, e);
}

/* ---------------------------------------------------------- who may in -- */

static bool
in_group(int fd, const struct ucred *cred, gid_t gid)
{
	gid_t groups[GROUPS_MAX];
	socklen_t len = sizeof(groups);

	if (gid == NO_GROUP)
		return false;
	if (cred->gid == gid)
		return true;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) == -1)
		return false;
	for (size_t i = 0; i < len / sizeof(groups[0]); i++)
		if (groups[i] == gid)
			return true;
	return false;
}

static bool
may_talk(const struct control *c, int fd, uid_t *uid_r)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) == -1)
		return false;
	*uid_r = cred.uid;
	return cred.uid == 0 || cred.uid == geteuid() ||
	    in_group(fd, &cred, c->gid);
}

/* Say why in one line; what does not fit into the socket is lost. */
static void
turn_away(int fd, enum err_code code, const char *text)
{
	json_t *answer;
	char *line, *s;

	answer = json_pack("{s:i,s:b,s:{s:s,s:s}}", "v", CONTROL_PROTO, "ok",
	    0, "error", "code", err_name(code), "text", text);
	s = json_dumps(answer, JSON_COMPACT);
	line = xasprintf("%s\n", s);
	if (send(fd, line, strlen(line), MSG_NOSIGNAL | MSG_DONTWAIT) == -1)
		log_debug("control: a refused client has gone already");
	free(line);
	free(s);
	json_decref(answer);
	close(fd);
}

static void
admit(struct control *c, int fd)
{
	uid_t uid = (uid_t)-1;

	if (!may_talk(c, fd, &uid)) {
		log_warn("control: uid %ld refused: not root, not our user, "
		    "not in the group", (long)uid);
		turn_away(fd, ERR_DENIED, "connect: you may not control this "
		    "litfassd: ask to be added to the group named in "
		    "control.group");
		return;
	}
	if (c->n_peers >= CONTROL_CLIENTS) {
		turn_away(fd, ERR_UNREACHABLE, "connect: litfassd has as many "
		    "clients as it serves at once: try again later");
		return;
	}
	control_peer_new(c, fd, uid);
}

static void
accept_all(void *arg, unsigned events)
{
	struct control *c = arg;
	int fd;

	(void)events;
	for (;;) {
		fd = accept4(c->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd >= 0)
			admit(c, fd);
		else if (errno != EINTR && errno != ECONNABORTED)
			break;
	}
	if (errno == EAGAIN || errno == EWOULDBLOCK)
		return;
	log_warn("control: accept: %s: waiting a second", strerror(errno));
	loop_fd_set(c->watch_fd, 0);
	loop_timer_set(c->pause, CLOCK_SECOND);
}

static void
accept_again(void *arg)
{
	struct control *c = arg;

	loop_fd_set(c->watch_fd, LOOP_READ);
}

/* ---------------------------------------------------------------- life -- */

static void
deliveries_moved(void *arg, const char *uid)
{
	struct control *c = arg;

	for (struct control_request *r = c->requests; r != NULL; r = r->next)
		control_watch_moved(r, uid);
}

int
control_new(const struct control_with *with, struct control **c_r,
    struct err *e)
{
	struct control *c = xcalloc(1, sizeof(*c));

	c->with = *with;
	c->path = xstrdup(with->path);
	c->group = xstrdup(with->group);
	c->with.path = c->path;
	c->with.group = c->group;
	c->fd = -1;
	if (find_group(c, e) == -1 || listen_at(c, e) == -1) {
		control_free(&c);
		return -1;
	}
	c->watch_fd = loop_fd_new(with->loop, c->fd, LOOP_READ, accept_all,
	    c);
	c->pause = loop_timer_new(with->loop, accept_again, c);
	engine_listen(with->engine, deliveries_moved, c);
	*c_r = c;
	return 0;
}

void
control_free(struct control **cp)
{
	struct control *c = *cp;
	struct control_request *r;

	if (c == NULL)
		return;
	for (struct control_peer *p = c->peers, *next; p != NULL; p = next) {
		next = control_peer_next(p);
		control_peer_free(&p);
	}
	while ((r = c->requests) != NULL) {
		c->requests = r->next;
		control_watch_free(&r->watch);
		free(r);
	}
	loop_fd_free(&c->watch_fd);
	loop_timer_free(&c->pause);
	if (c->bound)
		unlink(c->path);
	if (c->fd != -1)
		close(c->fd);
	free(c->path);
	free(c->group);
	free(c);
	*cp = NULL;
}

unsigned
control_clients(const struct control *c)
{
	return c->n_peers;
}
