/*
 * client: ask litfassd. Knows nothing of what the answers mean. Called by
 * every command that needs the daemon.
 */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "client.h"
#include "control.h"
#include "settings.h"

#define ANSWER_MAX	(32 * 1024 * 1024)
#define PATIENCE_MS	60000

struct client {
	int fd;
	struct buf in;
	size_t taken;
	char *path;
};

static int
dial(int fd, const char *path, struct err *e)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(sa.sun_path))
		return err_set(e, ERR_USAGE, "connect: %s: the path of a "
		    "socket has at most %zu bytes: use a shorter one", path,
		    sizeof(sa.sun_path) - 1);
	memcpy(sa.sun_path, path, strlen(path));
	if (connect(fd, (const struct sockaddr *)&sa, sizeof(sa)) == 0)
		return 0;
	if (errno == EACCES)
		return err_set(e, ERR_DENIED, "connect: %s: permission "
		    "denied: ask to be added to the group named in "
		    "control.group", path);
	return err_set(e, ERR_UNREACHABLE, "connect: %s: %s: start litfassd, "
	    "or name its socket with --socket", path, strerror(errno));
}

int
client_open(const struct cli *c, struct client **cl_r, struct err *e)
{
	struct client *cl = xcalloc(1, sizeof(*cl));

	buf_init(&cl->in, ANSWER_MAX);
	cl->path = settings_socket(c);
	cl->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (cl->fd == -1)
		err_set(e, ERR_FAILED, "connect: socket: %s: close some "
		    "files", strerror(errno));
	else if (dial(cl->fd, cl->path, e) == 0) {
		*cl_r = cl;
		return 0;
	}
	client_close(&cl);
	return -1;
}

void
client_close(struct client **clp)
{
	struct client *cl = *clp;

	if (cl == NULL)
		return;
	*clp = NULL;
	if (cl->fd != -1)
		close(cl->fd);
	buf_fini(&cl->in);
	free(cl->path);
	free(cl);
}

static int
lost(const struct client *cl, struct err *e, const char *why)
{
	return err_set(e, ERR_UNREACHABLE, "litfassd at %s: %s: see its log; "
	    "litfass status tells what was accepted", cl->path, why);
}

static int
send_all(struct client *cl, const char *s, size_t len, struct err *e)
{
	ssize_t n;

	while (len > 0) {
		n = send(cl->fd, s, len, MSG_NOSIGNAL);
		if (n == -1 && errno == EINTR)
			continue;
		/* A client turned away still finds the reason to read. */
		if (n == -1 && (errno == EPIPE || errno == ECONNRESET))
			return 0;
		if (n == -1)
			return lost(cl, e, strerror(errno));
		s += n;
		len -= (size_t)n;
	}
	return 0;
}

static int
fill(struct client *cl, struct err *e)
{
	struct pollfd p = { .fd = cl->fd, .events = POLLIN };
	char part[65536];
	ssize_t n;
	int rc;

	rc = poll(&p, 1, PATIENCE_MS);
	if (rc == 0)
		return lost(cl, e, "no answer for a minute");
	if (rc == -1)
		return errno == EINTR ? 0 : lost(cl, e, strerror(errno));
	n = recv(cl->fd, part, sizeof(part), 0);
	if (n == 0)
		return lost(cl, e, "it closed the connection");
	if (n == -1)
		return errno == EINTR ? 0 : lost(cl, e, strerror(errno));
	buf_add(&cl->in, part, (size_t)n);
	return buf_ok(&cl->in) ? 0 : lost(cl, e, "its answer is too long");
}

/* The next line as JSON, given; NULL on error. */
static json_t *
read_answer(struct client *cl, struct err *e)
{
	const char *end = NULL;
	json_t *answer;
	size_t seen = 0;

	while (end == NULL) {
		if (cl->in.len > seen)
			end = memchr(cl->in.data + seen, '\n',
			    cl->in.len - seen);
		seen = cl->in.len;
		if (end == NULL && fill(cl, e) == -1)
			return NULL;
	}
	cl->taken = (size_t)(end - cl->in.data) + 1;
	answer = json_loadb(cl->in.data, cl->taken, JSON_REJECT_DUPLICATES,
	    NULL);
	memmove(cl->in.data, cl->in.data + cl->taken,
	    cl->in.len - cl->taken);
	buf_cut(&cl->in, cl->in.len - cl->taken);
	if (answer == NULL)
		lost(cl, e, "its answer is not JSON");
	return answer;
}

int
client_next(struct client *cl, json_t **result_r, bool *more_r,
    struct err *e)
{
	json_t *answer = read_answer(cl, e), *error;
	const char *code, *text;

	*result_r = NULL;
	*more_r = false;
	if (answer == NULL)
		return -1;
	*result_r = json_incref(json_object_get(answer, "result"));
	*more_r = json_is_true(json_object_get(answer, "more"));
	error = json_object_get(answer, "error");
	if (error != NULL) {
		code = json_string_value(json_object_get(error, "code"));
		text = json_string_value(json_object_get(error, "text"));
		err_set(e, code == NULL ? ERR_FAILED : err_from_name(code),
		    "%s", text == NULL ? "litfassd gave no reason" : text);
	}
	json_decref(answer);
	return error == NULL ? 0 : -1;
}

int
client_ask(struct client *cl, const char *cmd, json_t *request,
    json_t **result_r, bool *more_r, struct err *e)
{
	char *s, *line;
	int rc;

	*result_r = NULL;
	*more_r = false;
	json_object_set_new(request, "v", json_integer(CONTROL_PROTO));
	json_object_set_new(request, "cmd", json_string(cmd));
	s = json_dumps(request, JSON_COMPACT);
	json_decref(request);
	if (s == NULL)
		return err_set(e, ERR_USAGE, "%s: an argument is not UTF-8: "
		    "use a terminal with UTF-8", cmd);
	line = xasprintf("%s\n", s);
	rc = send_all(cl, line, strlen(line), e);
	free(line);
	free(s);
	return rc == -1 ? -1 : client_next(cl, result_r, more_r, e);
}

int
client_once(const struct cli *c, const char *cmd, json_t *request,
    json_t **result_r, struct err *e)
{
	struct client *cl;
	bool more;
	int rc;

	*result_r = NULL;
	if (client_open(c, &cl, e) == -1) {
		json_decref(request);
		return -1;
	}
	rc = client_ask(cl, cmd, request, result_r, &more, e);
	client_close(&cl);
	if (rc == 0)
		return 0;
	json_decref(*result_r);
	*result_r = NULL;
	return -1;
}
