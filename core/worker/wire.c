/*
 * wire: one packet a call, never blocks, never believes the other side.
 * Called by worker/worker.c at one end and by core's channels at the other.
 */
#include "config.h"

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "worker/wire.h"

struct outgoing {
	struct outgoing *next;
	char *text;
	size_t len;
	size_t n_fds;
	int fds[WIRE_FDS];
};

struct wire {
	int fd;
	struct outgoing *head, **tail;
	size_t queued;
	char *in;		/* WIRE_BYTES + 1 */
	struct loop_fd *watch;
	loop_cb *readable;
	void *arg;
};

/* Room for the descriptors of one packet, aligned as recvmsg wants it. */
union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int) * WIRE_FDS)];
};

int
wire_pair(int fds_r[2], struct err *e)
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0, fds_r) == 0)
		return 0;
	return err_set(e, ERR_FAILED, "open a socket pair: %s",
	    strerror(errno));
}

struct wire *
wire_new(int fd)
{
	struct wire *w = xcalloc(1, sizeof(*w));
	int flags = fcntl(fd, F_GETFL);

	if (flags >= 0)
		(void)fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	w->fd = fd;
	w->tail = &w->head;
	w->in = xmalloc(WIRE_BYTES + 1);
	return w;
}

void
wire_close_fds(const int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

static void
outgoing_free(struct outgoing *o)
{
	wire_close_fds(o->fds, o->n_fds);
	free(o->text);
	free(o);
}

static void
pop(struct wire *w)
{
	struct outgoing *o = w->head;

	w->head = o->next;
	if (w->head == NULL)
		w->tail = &w->head;
	w->queued--;
	outgoing_free(o);
}

void
wire_free(struct wire **wp)
{
	struct wire *w = *wp;

	if (w == NULL)
		return;
	*wp = NULL;
	loop_fd_free(&w->watch);
	while (w->head != NULL)
		pop(w);
	close(w->fd);
	free(w->in);
	free(w);
}

static void
watch_events(struct wire *w)
{
	if (w->watch != NULL)
		loop_fd_set(w->watch, LOOP_READ |
		    (w->head != NULL ? LOOP_WRITE : 0));
}

static void
ready(void *arg, unsigned events)
{
	struct wire *w = arg;

	/* A failed flush shows again as the end of file when reading. */
	if ((events & LOOP_WRITE) != 0)
		(void)wire_flush(w, NULL);
	if ((events & LOOP_READ) != 0)
		w->readable(w->arg);
}

void
wire_attach(struct wire *w, struct loop *l, loop_cb *readable, void *arg)
{
	w->readable = readable;
	w->arg = arg;
	w->watch = loop_fd_new(l, w->fd, LOOP_READ, ready, w);
	watch_events(w);
}

static ssize_t
send_one(int fd, struct outgoing *o)
{
	struct iovec iov = { o->text, o->len };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	union control control;
	struct cmsghdr *c;

	if (o->n_fds > 0) {
		memset(&control, 0, sizeof(control));
		m.msg_control = control.bytes;
		m.msg_controllen = CMSG_SPACE(sizeof(int) * o->n_fds);
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * o->n_fds);
		memcpy(CMSG_DATA(c), o->fds, sizeof(int) * o->n_fds);
	}
	return sendmsg(fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* ETOOMANYREFS: too many descriptors under way; the peer has to read. */
static bool
try_later(int error)
{
	return error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS ||
	    error == ETOOMANYREFS;
}

int
wire_flush(struct wire *w, struct err *e)
{
	int rc = 1;

	while (w->head != NULL) {
		if (send_one(w->fd, w->head) >= 0) {
			pop(w);
			continue;
		}
		if (errno == EINTR)
			continue;
		rc = try_later(errno) ? 0 : err_set(e, ERR_UNREACHABLE,
		    "send a packet: %s", strerror(errno));
		break;
	}
	watch_events(w);
	return rc;
}

static struct outgoing *
outgoing_new(const json_t *packet, const int *fds, size_t n, struct err *e)
{
	struct outgoing *o;
	char *text = json_dumps(packet, JSON_COMPACT);
	size_t len = text != NULL ? strlen(text) : 0;

	if (text == NULL || len > WIRE_BYTES || n > WIRE_FDS) {
		err_set(e, ERR_INVALID, "send a packet: %zu bytes with %zu "
		    "descriptors: not JSON, or more than the wire takes", len,
		    n);
		wire_close_fds(fds, n);
		free(text);
		return NULL;
	}
	o = xcalloc(1, sizeof(*o));
	o->text = text;
	o->len = len;
	o->n_fds = n;
	if (n > 0)
		memcpy(o->fds, fds, n * sizeof(int));
	return o;
}

int
wire_send(struct wire *w, const json_t *packet, const int *fds, size_t n,
    struct err *e)
{
	struct outgoing *o = outgoing_new(packet, fds, n, e);

	if (o == NULL)
		return -1;
	if (w->queued >= WIRE_QUEUE) {
		outgoing_free(o);
		return err_set(e, ERR_STATE, "send a packet: %d packets "
		    "wait already: the other side does not read", WIRE_QUEUE);
	}
	*w->tail = o;
	w->tail = &o->next;
	w->queued++;
	return wire_flush(w, e) < 0 ? -1 : 0;
}

/* Collect the descriptors of a message; those without room are closed. */
static size_t
take_fds(struct msghdr *m, int fds_r[WIRE_FDS])
{
	size_t n = 0, here;
	int fd;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL;
	    c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		here = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < here; i++) {
			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int),
			    sizeof(fd));
			if (n < WIRE_FDS)
				fds_r[n++] = fd;
			else
				close(fd);
		}
	}
	return n;
}

static json_t *
parse(char *text, size_t len, struct err *e)
{
	json_error_t je;
	json_t *p = json_loadb(text, len, JSON_REJECT_DUPLICATES, &je);

	if (p != NULL && json_is_string(json_object_get(p, "t")))
		return p;
	err_set(e, ERR_INVALID, "read a packet: %s", p == NULL ? je.text :
	    "it has no type");
	json_decref(p);
	return NULL;
}

/* 1 with *len_r bytes in w->in, 0 nothing now, -1 closed or broken. */
static int
receive(struct wire *w, size_t *len_r, int fds_r[WIRE_FDS], size_t *n_r,
    struct err *e)
{
	union control control;
	struct iovec iov = { w->in, WIRE_BYTES + 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes) };
	ssize_t got;

	do
		got = recvmsg(w->fd, &m, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	while (got < 0 && errno == EINTR);
	if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return 0;
	if (got < 0)
		return err_set(e, ERR_UNREACHABLE, "read a packet: %s",
		    strerror(errno));
	*n_r = take_fds(&m, fds_r);
	if (got == 0)
		return err_set(e, ERR_UNREACHABLE,
		    "read a packet: the other side has closed");
	if (got > WIRE_BYTES || (m.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
		return err_set(e, ERR_INVALID, "read a packet: too large, or "
		    "with too many descriptors");
	*len_r = (size_t)got;
	return 1;
}

int
wire_recv(struct wire *w, json_t **packet_r, int fds_r[WIRE_FDS], size_t *n_r,
    struct err *e)
{
	size_t len = 0;
	int rc;

	*packet_r = NULL;
	*n_r = 0;
	rc = receive(w, &len, fds_r, n_r, e);
	if (rc > 0 && (*packet_r = parse(w->in, len, e)) == NULL)
		rc = -1;
	/* Packets may carry secrets: leave nothing behind. */
	explicit_bzero(w->in, len);
	if (rc < 0) {
		wire_close_fds(fds_r, *n_r);
		*n_r = 0;
	}
	return rc;
}

static int
write_all(int fd, const char *p, size_t len)
{
	ssize_t n;

	while (len > 0) {
		n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int
wire_blob_new(const void *p, size_t len, struct err *e)
{
	int fd = memfd_create("litfass", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd >= 0 && write_all(fd, p, len) == 0 &&
	    lseek(fd, 0, SEEK_SET) == 0 && fcntl(fd, F_ADD_SEALS,
	    F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == 0)
		return fd;
	err_set(e, ERR_FAILED, "make a memory file of %zu bytes: %s", len,
	    strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

int
wire_blob_json(const json_t *json, struct err *e)
{
	char *text = json_dumps(json, JSON_COMPACT);
	int fd;

	if (text == NULL)
		return err_set(e, ERR_INVALID,
		    "make a memory file: it is not valid JSON");
	fd = wire_blob_new(text, strlen(text), e);
	free(text);
	return fd;
}

static int
read_all(int fd, char *p, size_t len)
{
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		n = pread(fd, p + done, len - done, (off_t)done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		done += (size_t)n;
	}
	return 0;
}

int
wire_blob_read(int fd, size_t max, char **data_r, size_t *len_r,
    struct err *e)
{
	struct stat st;
	char *data;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return err_set(e, ERR_INVALID,
		    "read a passed file: it is not a regular file");
	if (st.st_size < 0 || (size_t)st.st_size > max)
		return err_set(e, ERR_INVALID,
		    "read a passed file: larger than %zu bytes", max);
	data = xmalloc((size_t)st.st_size + 1);
	/* A file that shrinks meanwhile is an error, growth is ignored. */
	if (read_all(fd, data, (size_t)st.st_size) != 0) {
		free(data);
		return err_set(e, ERR_FAILED,
		    "read a passed file: it ends too early");
	}
	data[st.st_size] = '\0';
	*data_r = data;
	*len_r = (size_t)st.st_size;
	return 0;
}
