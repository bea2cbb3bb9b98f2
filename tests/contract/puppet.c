/*
 * puppet: says what core would say. Must not be used by litfass itself.
 * Called by plug.c and contract.c.
 */
#include "config.h"

#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "announce/announce.h"
#include "base/log.h"
#include "base/mem.h"
#include "contract/puppet.h"
#include "litfass/plugin.h"
#include "worker/wire.h"
#include "worker/worker.h"

#define PATIENCE_MS	60000
#define RESULT_WIDTH	6

struct puppet {
	struct wire *wire;
	int fd;			/* the wire's, to wait on */
	pid_t pid;
	int renditions;
	json_t *results;	/* rest of the last packet */
	size_t at;
};

static const char *const outcomes[] = { NULL, "delivered", "accepted",
	"tempfail", "permfail", "channel_down", "unknown" };

const char *
puppet_outcome(int64_t outcome)
{
	return outcome >= LF_DELIVERED && outcome <= LF_UNKNOWN ?
	    outcomes[outcome] : "unknown value";
}

static json_t *
own_city(void)
{
	return json_pack("{s:s s:{s:s s:s} s:s s:s s:s s:s s:s}",
	    "id", "stadt-lindenfurt", "name", "de", "Stadt Lindenfurt",
	    "en", "City of Lindenfurt", "sender_short", "Lindenfurt",
	    "domain", "lindenfurt.example", "default_language", "de",
	    "timezone", "Europe/Berlin", "ars", "990010000000");
}

/* jansson shares by counting; a const value is never changed here. */
static json_t *
share(const json_t *json, json_t *otherwise)
{
	if (json == NULL)
		return otherwise;
	json_decref(otherwise);
	return json_incref((json_t *)(uintptr_t)json);
}

static size_t
open_secrets(const json_t *secrets, json_t *names, int fds[WIRE_FDS])
{
	const char *key;
	json_t *file;
	size_t n = 0;

	json_object_foreach((json_t *)(uintptr_t)secrets, key, file) {
		if (n == WIRE_FDS)
			break;
		fds[n] = open(json_string_value(file), O_RDONLY | O_CLOEXEC);
		if (fds[n] < 0)
			log_fatal(1, "open secret %s: %s",
			    json_string_value(file), strerror(errno));
		json_array_append_new(names, json_string(key));
		n++;
	}
	return n;
}

/* The NAME of .../NAME.so, given. */
static char *
name_of(const char *path)
{
	const char *base = strrchr(path, '/') + 1;

	return xstrndup(base, strcspn(base, "."));
}

static void
say_hello(struct puppet *p, const struct puppet_setup *s)
{
	char *plugin = s->plugin != NULL ? xstrdup(s->plugin) :
	    name_of(s->path);
	struct err e = { ERR_OK, "" };
	json_t *names = json_array(), *hello;
	int fds[WIRE_FDS];
	size_t n = open_secrets(s->secrets, names, fds);

	hello = json_pack("{s:s s:i s:s s:s s:s s:b s:s s:o s:o s:o s:o}",
	    "t", "hello", "proto", WIRE_PROTO, "channel", "test",
	    "plugin", plugin, "path", s->path, "live", !s->preview,
	    "sandbox", s->sandbox != NULL ? s->sandbox : "off",
	    "issuer", share(s->issuer, own_city()),
	    "params", share(s->params, json_object()), "secrets", names,
	    "state", share(s->state, json_object()));
	free(plugin);
	/* A worker that ended already shows when its answer is read. */
	(void)wire_send(p->wire, hello, fds, n, &e);
	json_decref(hello);
}

struct puppet *
puppet_new(const struct puppet_setup *setup)
{
	struct puppet *p = xcalloc(1, sizeof(*p));
	struct err e = { ERR_OK, "" };
	int fds[2];

	if (wire_pair(fds, &e) != 0)
		log_fatal(1, "%s", e.text);
	p->pid = fork();
	if (p->pid < 0)
		log_fatal(1, "fork: %s", strerror(errno));
	if (p->pid == 0) {
		close(fds[0]);
		worker_main(fds[1]);
	}
	close(fds[1]);
	p->fd = fds[0];
	p->wire = wire_new(fds[0]);
	say_hello(p, setup);
	return p;
}

pid_t
puppet_pid(const struct puppet *p)
{
	return p->pid;
}

int
puppet_end(struct puppet **pp)
{
	struct puppet *p = *pp;
	int status = 0;

	*pp = NULL;
	wire_free(&p->wire);
	while (waitpid(p->pid, &status, 0) < 0 && errno == EINTR)
		;
	json_decref(p->results);
	free(p);
	return status;
}

void
puppet_send(struct puppet *p, json_t *packet, int fd)
{
	struct err e = { ERR_OK, "" };

	(void)wire_send(p->wire, packet, &fd, fd >= 0 ? 1 : 0, &e);
	json_decref(packet);
}

/* Wait until the worker says something, or takes something. */
static int
wait_ready(struct puppet *p)
{
	struct err e = { ERR_OK, "" };
	struct pollfd pfd = { .fd = p->fd, .events = POLLIN };
	int rc;

	if (wire_flush(p->wire, &e) == 0)
		pfd.events |= POLLOUT;
	do
		rc = poll(&pfd, 1, PATIENCE_MS);
	while (rc < 0 && errno == EINTR);
	return rc > 0 ? 0 : -1;
}

json_t *
puppet_wait(struct puppet *p, const char *type, int *fd_r)
{
	struct err e = { ERR_OK, "" };
	int fds[WIRE_FDS], rc;
	json_t *packet;
	size_t n;
	bool mine;

	for (;;) {
		rc = wire_recv(p->wire, &packet, fds, &n, &e);
		if (rc < 0 || (rc == 0 && wait_ready(p) != 0))
			return NULL;
		if (rc == 0)
			continue;
		mine = strcmp(json_string_value(json_object_get(packet,
		    "t")), type) == 0;
		if (mine && fd_r != NULL && n > 0) {
			*fd_r = fds[0];
			fds[0] = -1;
		}
		wire_close_fds(fds, n);
		if (mine)
			return packet;
		json_decref(packet);
	}
}

static json_t *
read_json(int fd)
{
	struct err e = { ERR_OK, "" };
	json_t *json = NULL;
	char *text;
	size_t len;

	if (wire_blob_read(fd, WIRE_BLOB, &text, &len, &e) == 0) {
		json = json_loadb(text, len, 0, NULL);
		free(text);
	}
	close(fd);
	return json;
}

json_t *
puppet_render(struct puppet *p, const json_t *announcement,
    const char *lang)
{
	struct err e = { ERR_OK, "" };
	json_t *rendered;
	int fd = -1;

	puppet_send(p, json_pack("{s:s s:i s:s s:s s:s}", "t", "render",
	    "id", 1, "lang", lang, "wanted", lang, "chain",
	    json_string_value(json_object_get(announcement, "id"))),
	    wire_blob_json(announcement, &e));
	rendered = puppet_wait(p, "rendered", &fd);
	if (rendered != NULL && fd >= 0)
		json_object_set_new(rendered, "rendition", read_json(fd));
	return rendered;
}

int
puppet_rendition(struct puppet *p, const json_t *announcement,
    const json_t *rendition, const char *lang)
{
	struct err e = { ERR_OK, "" };
	const char *id = json_string_value(json_object_get(announcement,
	    "id"));
	int fd = rendition != NULL ? wire_blob_json(rendition, &e) : -1;

	puppet_send(p, json_pack("{s:s s:i s:s s:s s:s s:I s:i s:b}",
	    "t", "rendition", "r", ++p->renditions, "announcement", id,
	    "chain", id, "lang", lang, "expires", (json_int_t)0,
	    "media", 0, "empty", rendition == NULL), fd);
	return p->renditions;
}

void
puppet_submit(struct puppet *p, int64_t id, int rendition, uint32_t action,
    const char *key, const char *address)
{
	puppet_send(p, json_pack("{s:s s:[I i i i i s s]}", "t", "submit",
	    "d", (json_int_t)id, rendition, (int)action, 0, 1, key,
	    address), -1);
}

json_t *
puppet_result(struct puppet *p)
{
	static const char *const names[RESULT_WIDTH] = { "id", "outcome",
		"code", "retry_after", "peer_id", "text" };
	json_t *packet, *row;

	if (p->results == NULL || p->at >= json_array_size(p->results)) {
		json_decref(p->results);
		p->results = NULL;
		p->at = 0;
		packet = puppet_wait(p, "result", NULL);
		if (packet == NULL)
			return NULL;
		p->results = json_incref(json_object_get(packet, "d"));
		json_decref(packet);
	}
	row = json_object();
	for (size_t i = 0; i < RESULT_WIDTH; i++)
		json_object_set(row, names[i],
		    json_array_get(p->results, p->at++));
	return row;
}

json_t *
puppet_load_all(const char *file, const json_t **issuer_r)
{
	json_t *root = json_load_file(file, JSON_REJECT_DUPLICATES, NULL);
	json_t *issuer = NULL, *all;

	*issuer_r = NULL;
	if (root == NULL)
		return NULL;
	all = announce_split(root, &issuer);
	*issuer_r = json_incref(issuer);
	json_decref(root);
	return all;
}

json_t *
puppet_load(const char *file, const char *id, json_t **issuer_r)
{
	const json_t *issuer;
	json_t *all = puppet_load_all(file, &issuer), *one, *found = NULL;
	size_t i;

	*issuer_r = (json_t *)(uintptr_t)issuer;
	json_array_foreach(all, i, one)
		if (found == NULL && (id == NULL || strcmp(id,
		    json_string_value(json_object_get(one, "id"))) == 0))
			found = json_incref(one);
	json_decref(all);
	return found;
}
