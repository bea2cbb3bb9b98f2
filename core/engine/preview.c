/*
 * preview: ask throw-away workers for renditions, one after the other. Never
 * starts a plugin's connection and never touches the store. Called by
 * litfass(1) and by checkup.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "announce/announce.h"
#include "announce/lang.h"
#include "base/clock.h"
#include "config/conf.h"
#include "engine/hello.h"
#include "engine/preview.h"
#include "engine/spawn.h"
#include "litfass/plugin.h"
#include "text/utf8.h"
#include "worker/wire.h"

#define READY_WAIT	(10 * CLOCK_SECOND)
#define RENDER_WAIT	(5 * CLOCK_SECOND)
#define END_WAIT	(2 * CLOCK_SECOND)

struct preview {
	const struct preview_with *with;
	const struct announce *a;
	const struct conf_channel *cc;
	json_t *meta;
	struct wire *wire;
	int fd;			/* of the wire, to wait for it */
	pid_t pid;
	json_t *rows;
};

static const char *
member(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	return s == NULL ? "" : s;
}

/* -------------------------------------------------------------- packets -- */

static int
wait_for(const struct preview *p, int64_t until, struct err *e)
{
	struct pollfd pfd = { .fd = p->fd, .events = POLLIN };
	int64_t left = until - clock_mono().us;

	if (left <= 0)
		return err_set(e, ERR_DEADLINE, "it did not answer in time");
	if (poll(&pfd, 1, (int)(left / 1000) + 1) == -1 && errno != EINTR)
		return err_set(e, ERR_FAILED, "poll: %s", strerror(errno));
	return 0;
}

/* The next packet of one of two types, given; NULL: it failed or is late. */
static json_t *
next_packet(struct preview *p, int64_t wait, const char *type, int *fds,
    size_t *n_r, struct err *e)
{
	int64_t until = clock_mono().us + wait;
	json_t *packet;
	int rc;

	for (;;) {
		rc = wire_recv(p->wire, &packet, fds, n_r, e);
		if (rc == -1)
			return NULL;
		if (rc == 0) {
			if (wait_for(p, until, e) == -1)
				return NULL;
			continue;
		}
		if (strcmp(member(packet, "t"), type) == 0)
			return packet;
		wire_close_fds(fds, *n_r);
		if (strcmp(member(packet, "t"), "failed") == 0)
			err_set(e, ERR_FAILED, "%s", member(packet, "text"));
		rc = strcmp(member(packet, "t"), "failed");
		json_decref(packet);
		if (rc == 0)
			return NULL;
	}
}

/* --------------------------------------------------------------- worker -- */

static int
say_hello(struct preview *p, struct err *e)
{
	int fds[WIRE_FDS];
	json_t *packet;
	size_t n = 0;
	int rc;

	packet = hello_new(p->with->conf, p->cc, p->meta, NULL, false, fds,
	    &n, e);
	if (packet == NULL)
		return -1;
	/* People want to see the text, not what the sandbox enforces. */
	json_object_set_new(json_object_get(packet, "log"), "level",
	    json_string("warn"));
	rc = wire_send(p->wire, packet, fds, n, e);
	json_decref(packet);
	if (rc == -1)
		return -1;
	packet = next_packet(p, READY_WAIT, "ready", fds, &n, e);
	if (packet == NULL)
		return -1;
	wire_close_fds(fds, n);
	json_decref(packet);
	return 0;
}

static int
start(struct preview *p, struct err *e)
{
	if (spawn_worker(p->with->program, &p->fd, &p->pid, e) == -1)
		return -1;
	if (fcntl(p->fd, F_SETFL, O_NONBLOCK) == -1)
		return err_set(e, ERR_FAILED, "fcntl: %s", strerror(errno));
	p->wire = wire_new(p->fd);
	return say_hello(p, e);
}

/* The worker ends when its wire does; one that hangs is killed. */
static void
finish(struct preview *p)
{
	const struct timespec moment = { .tv_nsec = 2000000 };
	int64_t until = clock_mono().us + END_WAIT;

	wire_free(&p->wire);
	if (p->pid <= 0)
		return;
	while (waitpid(p->pid, NULL, WNOHANG) == 0) {
		if (clock_mono().us > until)
			kill(p->pid, SIGKILL);
		nanosleep(&moment, NULL);
	}
}

/* ----------------------------------------------------------------- rows -- */

static json_t *
new_row(const struct preview *p, const char *lang, bool ok)
{
	return json_pack("{s:s,s:s,s:s,s:b}", "channel", p->cc->name,
	    "plugin", p->cc->plugin, "lang", lang, "ok", (int)ok);
}

static void
add_refusal(struct preview *p, const char *lang, const char *slug,
    const char *text)
{
	json_t *row = new_row(p, lang, false);

	json_object_set_new(row, "slug", json_string(slug));
	json_object_set_new(row, "text", json_string(text));
	json_array_append_new(p->rows, row);
}

/* [["parts", 2], …] as an object. */
static json_t *
measures_of(const json_t *rendition)
{
	json_t *object = json_object();
	const json_t *pair;
	size_t i;

	json_array_foreach(json_object_get(rendition, "measures"), i, pair) {
		const char *name = json_string_value(json_array_get(pair, 0));

		if (name != NULL)
			json_object_set(object, name, json_array_get(pair,
			    1));
	}
	return object;
}

static json_t *
warnings_of(const json_t *rendition)
{
	json_t *list = json_array();
	const json_t *pair;
	size_t i;

	json_array_foreach(json_object_get(rendition, "warnings"), i, pair)
		json_array_append_new(list, json_pack("{s:O*,s:O*}", "slug",
		    json_array_get(pair, 0), "text", json_array_get(pair,
		    1)));
	return list;
}

static void
add_rendition(struct preview *p, const char *lang, const json_t *rendition)
{
	json_t *row = new_row(p, lang, true), *slots;
	const json_t *body = json_object_get(rendition, "body");
	const char *text = json_string_value(body);

	if (text != NULL) {
		json_object_set_new(row, "body", json_string(text));
		json_object_set_new(row, "bytes",
		    json_integer((json_int_t)strlen(text)));
		json_object_set_new(row, "chars", json_integer((json_int_t)
		    utf8_length(text, LF_UNIT_CHARS)));
	} else {
		json_object_set(row, "body64", json_object_get(rendition,
		    "body64"));
	}
	slots = json_object_get(rendition, "slots");
	if (json_array_size(slots) > 0)
		json_object_set(row, "slots", slots);
	json_object_set_new(row, "measures", measures_of(rendition));
	json_object_set_new(row, "warnings", warnings_of(rendition));
	json_array_append_new(p->rows, row);
}

/* --------------------------------------------------------------- render -- */

static int
ask(struct preview *p, const char *lang, const char *wanted, struct err *e)
{
	json_t *packet;
	int fd, rc;

	fd = wire_blob_new(p->a->text, p->a->len, e);
	if (fd == -1)
		return -1;
	packet = json_pack("{s:s,s:s,s:i,s:s,s:s,s:s}", "t", "render",
	    "why", "preview", "id", 1, "lang", lang, "wanted", wanted,
	    "chain", *p->a->chain == '\0' ? p->a->id : p->a->chain);
	rc = wire_send(p->wire, packet, &fd, 1, e);
	json_decref(packet);
	return rc;
}

static int
take_answer(struct preview *p, const char *lang, const json_t *packet,
    const int *fds, size_t n, struct err *e)
{
	json_t *rendition;
	char *text;
	size_t len;

	if (!json_is_true(json_object_get(packet, "ok"))) {
		add_refusal(p, lang, member(packet, "slug"), member(packet,
		    "text"));
		return 0;
	}
	if (n != 1)
		return err_set(e, ERR_FAILED, "its answer has no rendition");
	if (wire_blob_read(fds[0], WIRE_BLOB, &text, &len, e) == -1)
		return -1;
	rendition = json_loadb(text, len, JSON_ALLOW_NUL, NULL);
	free(text);
	if (rendition == NULL)
		return err_set(e, ERR_FAILED, "its rendition is not JSON");
	add_rendition(p, lang, rendition);
	json_decref(rendition);
	return 0;
}

static int
render(struct preview *p, const char *lang, const char *wanted,
    struct err *e)
{
	int fds[WIRE_FDS], rc;
	json_t *packet;
	size_t n = 0;

	if (ask(p, lang, wanted, e) == -1)
		return -1;
	packet = next_packet(p, RENDER_WAIT, "rendered", fds, &n, e);
	if (packet == NULL)
		return -1;
	rc = take_answer(p, lang, packet, fds, n, e);
	wire_close_fds(fds, n);
	json_decref(packet);
	return rc;
}

static int
render_for(struct preview *p, const char *wanted, struct err *e)
{
	const struct names *have = &p->a->languages;
	struct lang_choice choice;
	const char *lang;

	choice = lang_choose(&wanted, 1, have->list, have->n,
	    conf_str(p->with->conf, "issuer.default_language"));
	if (choice.index < 0)
		return err_set(e, ERR_INVALID, "there is no text in any "
		    "language");
	lang = have->list[choice.index];
	return render(p, lang, choice.fallback ? wanted : lang, e);
}

/* Does the channel have recipients with languages of their own? */
static bool
is_for_people(const struct preview *p)
{
	const char *kind = member(p->meta, "address_kind");

	return strcmp(kind, "group") != 0 && strcmp(kind, "none") != 0;
}

static int
render_all(struct preview *p, struct err *e)
{
	const struct names *have = &p->a->languages;
	const char *own = conf_str(p->with->conf, "issuer.default_language");

	if (p->with->lang != NULL)
		return render_for(p, p->with->lang, e);
	if (!is_for_people(p))
		return render_for(p, own, e);
	for (size_t i = 0; i < have->n; i++)
		if (render(p, have->list[i], have->list[i], e) == -1)
			return -1;
	return 0;
}

static void
preview_channel(struct preview *p)
{
	struct err e = { ERR_OK, "" };

	p->meta = NULL;
	p->wire = NULL;
	p->pid = 0;
	if (hello_describe(p->with->conf, p->cc, p->with->program, &p->meta,
	    &e) == -1 || start(p, &e) == -1 || render_all(p, &e) == -1)
		add_refusal(p, "", "plugin-failed", e.text);
	finish(p);
	json_decref(p->meta);
}

int
preview_open(const struct conf *c, const struct conf_channel *cc,
    const char *program, struct err *e)
{
	const struct preview_with with = { .conf = c, .program = program };
	struct preview p = { .with = &with, .cc = cc };
	int rc = hello_describe(c, cc, program, &p.meta, e);

	if (rc == 0)
		rc = start(&p, e);
	finish(&p);
	json_decref(p.meta);
	return rc;
}

int
preview_run(const struct preview_with *w, const struct announce *a,
    json_t **rows_r, struct err *e)
{
	struct preview p = { .with = w, .a = a };
	size_t n = conf_n_channels(w->conf);

	if (w->channel != NULL && conf_channel(w->conf, w->channel) == NULL)
		return err_set(e, ERR_NOT_FOUND, "preview %.40s: there is no "
		    "such channel in the configuration: litfass check-config "
		    "lists them", w->channel);
	p.rows = json_array();
	for (size_t i = 0; i < n; i++) {
		p.cc = conf_channel_at(w->conf, i);
		if (w->channel == NULL ? p.cc->enabled :
		    strcmp(w->channel, p.cc->name) == 0)
			preview_channel(&p);
	}
	*rows_r = p.rows;
	return 0;
}
