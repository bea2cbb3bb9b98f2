/*
 * hello: put together what a worker is told at its start. Secrets travel as
 * opened files, never as text. Loads no plugin. Called by engine, channel and
 * preview.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "config/conf.h"
#include "config/secret.h"
#include "engine/hello.h"
#include "engine/spawn.h"
#include "worker/wire.h"

char *
hello_path(const struct conf *c, const char *plugin)
{
	return xasprintf("%s/%s.so", conf_str(c, "plugins.dir"), plugin);
}

int
hello_describe(const struct conf *c, const struct conf_channel *cc,
    const char *program, json_t **meta_r, struct err *e)
{
	char *path = hello_path(c, cc->plugin);
	int rc = spawn_describe(program, path, meta_r, e);

	free(path);
	return rc;
}

/* The first fault stands for all; litfassd --check shows every one. */
static int
first_fault(const struct faults *f, struct err *e)
{
	for (size_t i = 0; i < f->n; i++)
		if (!f->list[i].notice)
			return err_set(e, ERR_INVALID, "%s", f->list[i].text);
	return err_set(e, ERR_INVALID, "its parameters are refused");
}

static json_t *
typed_params(const struct conf *c, const struct conf_channel *cc,
    const json_t *meta, struct err *e)
{
	struct faults f;
	json_t *params;

	faults_init(&f);
	params = conf_check_channel(c, cc->name,
	    json_object_get(meta, "params"), &f);
	if (params == NULL)
		first_fault(&f, e);
	faults_fini(&f);
	return params;
}

static int
open_secret(const char *key, const char *path, size_t n, struct err *e)
{
	if (n < WIRE_FDS)
		return secret_open(path, e);
	return err_set(e, ERR_INVALID, "%s: a plugin can't have more than %d "
	    "secrets", key, WIRE_FDS);
}

/*
 * Move the secrets out of params: their names into an array, given, their
 * files into fds. A preview needs none.
 */
static json_t *
open_secrets(json_t *params, bool live, int *fds, size_t *n_r, struct err *e)
{
	json_t *names = json_array(), *value;
	const char *key, *path;
	void *tmp;
	int fd;

	*n_r = 0;
	json_object_foreach_safe(params, tmp, key, value) {
		path = json_string_value(json_object_get(value, "$secret"));
		if (path == NULL)
			continue;
		fd = open_secret(key, path, *n_r, e);
		if (fd < 0 && live) {
			wire_close_fds(fds, *n_r);
			json_decref(names);
			return NULL;
		}
		if (fd >= 0) {
			fds[(*n_r)++] = fd;
			json_array_append_new(names, json_string(key));
		}
		json_object_del(params, key);
	}
	return names;
}

static json_t *
state_of(const json_t *kept)
{
	json_t *state = json_object(), *value;
	const char *key;

	json_object_foreach((json_t *)(uintptr_t)kept, key, value)
		if (strncmp(key, "state.", 6) == 0)
			json_object_set(state, key + 6, value);
	return state;
}

json_t *
hello_new(const struct conf *c, const struct conf_channel *cc,
    const json_t *meta, const json_t *kept, bool live, int *fds,
    size_t *n_r, struct err *e)
{
	json_t *params = typed_params(c, cc, meta, e), *secrets, *hello;
	char *path;

	if (params == NULL)
		return NULL;
	secrets = open_secrets(params, live, fds, n_r, e);
	if (secrets == NULL) {
		json_decref(params);
		return NULL;
	}
	path = hello_path(c, cc->plugin);
	hello = json_pack("{ss si ss ss ss sb ss s{ss ss} so so so so}",
	    "t", "hello", "proto", WIRE_PROTO, "channel", cc->name,
	    "plugin", cc->plugin, "path", path, "live", (int)live,
	    "sandbox", conf_str(c, "sandbox"),
	    "log", "format", conf_str(c, "log.format"),
	    "level", conf_str(c, "log.level"),
	    "issuer", conf_issuer(c), "params", params,
	    "secrets", secrets, "state", state_of(kept));
	free(path);
	return hello;
}
