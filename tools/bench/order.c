/*
 * order: publish from a template. Any refusal ends the run: a figure with
 * failures in it is none. Called by accepts and latency.
 */
#include "config.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "order.h"
#include "probe.h"

#define LINE	(1024 * 1024)

char *
order_template(const char *path)
{
	FILE *f = fopen(path, "re");
	char *text = xcalloc(1, LINE);

	if (f == NULL)
		probe_fail(path);
	text[fread(text, 1, LINE - 1, f)] = '\0';
	fclose(f);
	text[strcspn(text, "\n")] = '\0';
	if (strstr(text, ORDER_ID) == NULL)
		log_fatal(EXIT_CONFIG, "probe: %s: no " ORDER_ID, path);
	return text;
}

void
order_open(struct order *o, const char *socket_path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	if (strlen(socket_path) >= sizeof(sun.sun_path)) {
		errno = ENAMETOOLONG;
		probe_fail(socket_path);
	}
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", socket_path);
	buf_init(&o->in, LINE);
	o->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (o->fd == -1 || connect(o->fd, (struct sockaddr *)&sun,
	    sizeof(sun)) == -1)
		probe_fail(socket_path);
}

void
order_close(struct order *o)
{
	close(o->fd);
	buf_fini(&o->in);
}

static void
send_all(int fd, const char *p, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n <= 0)
			probe_fail("send a request");
		p += n;
		len -= (size_t)n;
	}
}

void
order_publish(struct order *o, const char *template)
{
	static unsigned long next;
	const char *at;
	struct buf b;

	next++;
	buf_init(&b, 2 * LINE);
	while ((at = strstr(template, ORDER_ID)) != NULL) {
		buf_add(&b, template, (size_t)(at - template));
		buf_fmt(&b, "bench-%ld-%lu", (long)getpid(), next);
		template = at + strlen(ORDER_ID);
	}
	buf_str(&b, template);
	buf_chr(&b, '\n');
	send_all(o->fd, b.data, b.len);
	buf_fini(&b);
}

bool
order_answered(struct order *o)
{
	char bytes[16384];
	ssize_t n = read(o->fd, bytes, sizeof(bytes));

	if (n <= 0)
		probe_fail("read an answer");
	buf_add(&o->in, bytes, (size_t)n);
	if (bytes[n - 1] != '\n')
		return false;
	if (strstr(buf_cstr(&o->in), "\"ok\":true") == NULL)
		log_fatal(EXIT_TEMPFAIL, "probe: litfassd says %.300s",
		    buf_cstr(&o->in));
	buf_clear(&o->in);
	return true;
}

void
order_ask(struct order *o, const char *cmd)
{
	struct buf b;

	buf_init(&b, 256);
	buf_fmt(&b, "{\"v\":1,\"cmd\":\"%s\"}\n", cmd);
	send_all(o->fd, b.data, b.len);
	buf_fini(&b);
	while (!order_answered(o))
		continue;
}
