/*
 * hello: from the first packet to a plugin that is ready. The doors are shut
 * before foreign code is loaded. Called by worker.c.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "worker/load.h"
#include "worker/sandbox.h"
#include "worker/worker_private.h"

#define PATHS_MAX	64

/* Say why there is no plugin, and end. */
static void
fail(struct worker *w, const char *code, const struct err *e)
{
	log_warn("%s", e->text);
	worker_tell(w, json_pack("{s:s s:s s:s}", "t", "failed", "code", code,
	    "text", e->text), NULL, 0);
	_exit(EXIT_CONFIG);
}

static void
start_log(const json_t *hello)
{
	static const char *const levels[] = { "debug", "info", "warn" };
	const json_t *log = json_object_get(hello, "log");
	const char *format = worker_str(log, "format");
	const char *level = worker_str(log, "level");
	enum log_level min = LOG_LEVEL_INFO;

	for (int i = 0; level != NULL && i < 3; i++)
		if (strcmp(levels[i], level) == 0)
			min = (enum log_level)i;
	/* The ident is kept for good: the process has one channel. */
	log_init(xstrdup(worker_str(hello, "channel")), format != NULL &&
	    strcmp(format, "json") == 0 ? LOG_JSON : LOG_TEXT, min);
}

static bool
ends_with(const char *s, const char *end)
{
	size_t len = strlen(s), n = strlen(end);

	return len >= n && strcmp(s + len - n, end) == 0;
}

/* The plugin, and the paths among the channel's parameters: sandbox.h. */
static size_t
own_paths(const json_t *hello, struct sandbox_path paths[PATHS_MAX])
{
	json_t *params = json_object_get(hello, "params"), *v;
	const char *key, *s;
	size_t n = 1;

	paths[0].path = worker_str(hello, "path");
	paths[0].writable = false;
	json_object_foreach(params, key, v) {
		bool dir = ends_with(key, "dir");

		s = json_string_value(v);
		if (s == NULL || *s != '/' || n == PATHS_MAX ||
		    (!dir && !ends_with(key, "_file")))
			continue;
		paths[n].path = s;
		paths[n++].writable = dir;
	}
	return n;
}

static void
enter_sandbox(struct worker *w, const json_t *hello)
{
	struct sandbox_path paths[PATHS_MAX];
	struct err e = { ERR_OK, "" };
	const char *word = worker_str(hello, "sandbox");
	int mode = sandbox_mode(word != NULL ? word : "required");

	if (mode < 0)
		log_fatal(EXIT_SOFTWARE, "worker: unknown sandbox mode");
	if (sandbox_enter((enum sandbox_mode)mode, paths,
	    own_paths(hello, paths), &w->enforced, &e) != 0)
		fail(w, "sandbox", &e);
	log_info("sandbox: enforced: %s", w->enforced);
}

static void
read_secrets(struct worker *w, const struct packet *p, struct params *c)
{
	const json_t *names = json_object_get(p->json, "secrets");
	struct err e = { ERR_OK, "" };
	const char *name;

	for (size_t i = 0; i < json_array_size(names); i++) {
		name = json_string_value(json_array_get(names, i));
		if (name == NULL || i >= p->n_fds)
			log_fatal(EXIT_SOFTWARE, "worker: secrets and "
			    "descriptors do not match");
		if (params_add_secret(c, name, p->fds[i], &e) != 0)
			fail(w, "config", &e);
	}
}

static void
open_plugin(struct worker *w, const json_t *hello)
{
	struct err e = { ERR_OK, "" };
	int rc;

	host_enter(w->ch, "open");
	rc = w->plugin->open(&host_table, w->ch, &w->self);
	host_leave(w->ch);
	if (rc != 0) {
		err_set(&e, ERR_INVALID, "open channel %s: plugin %s "
		    "refuses: see the line above", w->ch->name,
		    w->plugin->name);
		fail(w, "open", &e);
	}
	if (!json_is_true(json_object_get(hello, "live")) ||
	    w->plugin->start == NULL)
		return;
	host_enter(w->ch, "start");
	w->plugin->start(w->self);
	host_leave(w->ch);
}

static void
say_ready(struct worker *w)
{
	const struct lf_plugin *p = w->plugin;
	char abi[16];

	snprintf(abi, sizeof(abi), "%d.%d", p->abi_major, p->abi_minor);
	worker_tell(w, json_pack("{s:s s:i s:s s:s s:s s:I s:s s:I s:I s:s}",
	    "t", "ready", "proto", WIRE_PROTO, "abi", abi,
	    "plugin", p->name, "version", p->version,
	    "caps", (json_int_t)p->caps, "address_kind", p->address_kind,
	    "max_inflight", (json_int_t)p->max_inflight,
	    "send_timeout", (json_int_t)p->send_timeout,
	    "sandbox", w->enforced), NULL, 0);
}

static int
check_hello(const struct worker *w, const json_t *hello, struct err *e)
{
	const json_t *proto = json_object_get(hello, "proto");

	if (w->ch != NULL)
		return err_set(e, ERR_INVALID, "a second hello");
	if (json_integer_value(proto) != WIRE_PROTO)
		return err_set(e, ERR_INVALID, "protocol %lld, this worker "
		    "speaks %d", (long long)json_integer_value(proto),
		    WIRE_PROTO);
	if (worker_str(hello, "channel") == NULL ||
	    worker_str(hello, "plugin") == NULL ||
	    worker_str(hello, "path") == NULL)
		return err_set(e, ERR_INVALID,
		    "hello without channel, plugin or path");
	return 0;
}

/* The plugin, its configuration and its channel; ends when one fails. */
static void
set_up(struct worker *w, const struct packet *p)
{
	json_t *issuer = json_object_get(p->json, "issuer");
	struct host_origin origin = {
		.state = json_object_get(p->json, "state"),
		.timezone = worker_str(issuer, "timezone"),
	};
	struct err e = { ERR_OK, "" };
	struct params *params;

	w->plugin = load_plugin(worker_str(p->json, "path"), &e);
	if (w->plugin == NULL)
		fail(w, "load", &e);
	if (strcmp(w->plugin->name, worker_str(p->json, "plugin")) != 0) {
		err_set(&e, ERR_INVALID, "load plugin: this is %s, the "
		    "channel wants %.64s", w->plugin->name,
		    worker_str(p->json, "plugin"));
		fail(w, "load", &e);
	}
	params = params_new(w->plugin, json_object_get(p->json, "params"), &e);
	if (params == NULL)
		fail(w, "config", &e);
	read_secrets(w, p, params);
	w->issuer = issuer_new(issuer, &e);
	if (w->issuer == NULL)
		fail(w, "config", &e);
	w->ch = host_new(worker_str(p->json, "channel"), w->loop, w->plugin,
	    params, &origin, &worker_events, w, &e);
	if (w->ch == NULL)
		fail(w, "config", &e);
}

int
worker_hello(struct worker *w, struct packet *p, struct err *e)
{
	if (check_hello(w, p->json, e) != 0)
		return -1;
	start_log(p->json);
	enter_sandbox(w, p->json);
	set_up(w, p);
	open_plugin(w, p->json);
	say_ready(w);
	return 0;
}
