/*
 * sink: HTTP/1.1 with kept connections and Content-Length, nothing else. It
 * reads every body to its end before it answers, as a real peer does. Called
 * by probe, and by latency in its own process.
 */
#include "config.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "probe.h"
#include "sink.h"

#define REQUEST_MAX	65536u

struct guest {
	struct guest *next;
	struct sink *sink;
	struct loop_fd *watch;
	int fd;
	struct buf in;
};

struct sink {
	struct loop *loop;
	struct loop_fd *watch;
	struct guest *guests;
	int fd, port;
	size_t served;
	loop_cb *seen;
	void *arg;
	struct buf answer;
};

static void
guest_free(struct guest *g)
{
	struct guest **p = &g->sink->guests;

	while (*p != g)
		p = &(*p)->next;
	*p = g->next;
	loop_fd_free(&g->watch);
	close(g->fd);
	buf_fini(&g->in);
	free(g);
}

/* Bytes of the first request when it is complete, else 0. */
static size_t
complete(const struct guest *g)
{
	const char *in = buf_cstr(&g->in), *end = strstr(in, "\r\n\r\n");
	const char *at = end == NULL ? NULL :
	    strcasestr(in, "\r\ncontent-length:");
	size_t size;

	if (end == NULL)
		return 0;
	size = (size_t)(end - in) + 4;
	if (at != NULL && at < end)
		size += strtoul(at + strlen("\r\ncontent-length:"), NULL, 10);
	return size <= g->in.len ? size : 0;
}

static void
answer(struct guest *g)
{
	struct sink *s = g->sink;
	size_t size;

	while (g->in.len > 0 && (size = complete(g)) > 0) {
		if (send(g->fd, s->answer.data, s->answer.len,
		    MSG_NOSIGNAL) != (ssize_t)s->answer.len)
			probe_fail("sink: answer");
		s->served++;
		memmove(g->in.data, g->in.data + size, g->in.len - size);
		buf_cut(&g->in, g->in.len - size);
	}
}

static void
on_bytes(void *arg, unsigned events)
{
	struct guest *g = arg;
	char bytes[16384];
	ssize_t n = recv(g->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		guest_free(g);
		return;
	}
	if (g->in.len == 0 && g->sink->seen != NULL)
		g->sink->seen(g->sink->arg);
	buf_add(&g->in, bytes, (size_t)n);
	if (!buf_ok(&g->in))
		guest_free(g);
	else
		answer(g);
}

static void
on_guest(void *arg, unsigned events)
{
	struct sink *s = arg;
	struct guest *g;
	int fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC), on = 1;

	(void)events;
	if (fd == -1)
		return;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	g = xcalloc(1, sizeof(*g));
	g->sink = s;
	g->fd = fd;
	buf_init(&g->in, REQUEST_MAX);
	g->watch = loop_fd_new(s->loop, fd, LOOP_READ, on_bytes, g);
	g->next = s->guests;
	s->guests = g;
}

static int
listen_anywhere(int *port_r)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd == -1 || bind(fd, (struct sockaddr *)&sin, len) == -1 ||
	    listen(fd, 512) == -1 ||
	    getsockname(fd, (struct sockaddr *)&sin, &len) == -1)
		probe_fail("sink: listen");
	*port_r = ntohs(sin.sin_port);
	return fd;
}

struct sink *
sink_new(struct loop *l, const char *body, loop_cb *seen, void *arg)
{
	struct sink *s = xcalloc(1, sizeof(*s));

	s->loop = l;
	s->seen = seen;
	s->arg = arg;
	buf_init(&s->answer, REQUEST_MAX);
	buf_fmt(&s->answer, "HTTP/1.1 200 OK\r\nContent-Type: "
	    "application/json\r\nContent-Length: %zu\r\n\r\n%s",
	    strlen(body), body);
	s->fd = listen_anywhere(&s->port);
	s->watch = loop_fd_new(l, s->fd, LOOP_READ, on_guest, s);
	return s;
}

void
sink_free(struct sink **sp)
{
	struct sink *s = *sp;

	*sp = NULL;
	while (s->guests != NULL)
		guest_free(s->guests);
	loop_fd_free(&s->watch);
	close(s->fd);
	buf_fini(&s->answer);
	free(s);
}

int
sink_port(const struct sink *s)
{
	return s->port;
}

size_t
sink_served(const struct sink *s)
{
	return s->served;
}

/* ---------------------------------------------------------- as a probe -- */

static void
on_stdin(void *arg, unsigned events)
{
	char byte;

	(void)events;
	if (read(STDIN_FILENO, &byte, 1) <= 0)
		loop_stop(arg);
}

int
sink_run(char **argv)
{
	struct loop *l = loop_new();
	struct sink *s = sink_new(l, argv[1], NULL, NULL);
	struct loop_fd *in = loop_fd_new(l, STDIN_FILENO, LOOP_READ,
	    on_stdin, l);

	printf("%d\n", sink_port(s));
	fflush(stdout);
	loop_run(l);
	printf("{\"served\":%zu}\n", sink_served(s));
	loop_fd_free(&in);
	sink_free(&s);
	loop_free(&l);
	return 0;
}
