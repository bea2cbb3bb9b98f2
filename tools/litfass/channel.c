/*
 * channel: channels and plugins: how they are, hold one, let it go on.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "client.h"
#include "config/conf.h"
#include "engine/spawn.h"
#include "out.h"
#include "settings.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static const struct out_column channel_columns[] = {
	{ "channel", OUT_TEXT }, { "plugin", OUT_TEXT },
	{ "state", OUT_STATE }, { "queued_jobs", OUT_NUMBER },
	{ "inflight", OUT_NUMBER }, { "breaker", OUT_TEXT },
	{ "restarts", OUT_NUMBER }, { "cause", OUT_TEXT },
};

static const struct out_column plugin_columns[] = {
	{ "name", OUT_TEXT }, { "version", OUT_TEXT },
	{ "address_kind", OUT_TEXT }, { "summary", OUT_TEXT },
};

static const struct out_column param_columns[] = {
	{ "key", OUT_TEXT }, { "type", OUT_TEXT }, { "required", OUT_TEXT },
	{ "default", OUT_TEXT }, { "choices", OUT_TEXT },
	{ "doc", OUT_TEXT },
};

int
channel_list_run(const struct cli *c, struct err *e)
{
	json_t *rows;

	if (client_once(c, "channels", json_object(), &rows, e) == -1)
		return -1;
	out_rows(c, rows, channel_columns, COUNT(channel_columns),
	    "channel");
	json_decref(rows);
	return 0;
}

/* Commands that change something and answer nothing worth a table. */
static int
order(const struct cli *c, const char *cmd, json_t *request, struct err *e)
{
	json_t *result;
	int rc = client_once(c, cmd, request, &result, e);

	if (rc == 0 && result != NULL)
		out_json(c, result);
	json_decref(result);
	return rc;
}

int
pause_run(const struct cli *c, struct err *e)
{
	const char *why = c->opt[OPT_REASON];

	return order(c, "pause", json_pack("{s:s,s:s}", "channel",
	    c->args[0], "cause", why == NULL ? "paused by hand" : why), e);
}

int
resume_run(const struct cli *c, struct err *e)
{
	return order(c, "resume", json_pack("{s:s}", "channel", c->args[0]),
	    e);
}

int
reload_run(const struct cli *c, struct err *e)
{
	return order(c, "reload", json_object(), e);
}

int
stats_run(const struct cli *c, struct err *e)
{
	json_t *result;
	char *s;

	if (client_once(c, "stats", json_object(), &result, e) == -1)
		return -1;
	if (!out_json(c, result)) {
		s = json_dumps(result, JSON_INDENT(2) | JSON_SORT_KEYS);
		puts(s == NULL ? "" : s);
		free(s);
	}
	json_decref(result);
	return 0;
}

/* --------------------------------------------------------------- plugins -- */

/* The folder of plugins, given: of the configuration, else the usual one. */
static char *
plugin_folder(const struct cli *c)
{
	struct conf *conf = settings_try(c);
	char *dir;

	dir = xstrdup(conf == NULL ? LF_LIBDIR "/plugins" :
	    conf_str(conf, "plugins.dir"));
	conf_free(&conf);
	return dir;
}

static int
is_plugin(const struct dirent *d)
{
	size_t len = strlen(d->d_name);

	return len > 3 && strcmp(d->d_name + len - 3, ".so") == 0;
}

/* One that can't be loaded is listed with the reason. */
static json_t *
describe(const char *dir, const char *file)
{
	char *path = xasprintf("%s/%s", dir, file);
	struct err e = { ERR_OK, "" };
	json_t *meta;

	if (spawn_describe(settings_daemon(), path, &meta, &e) == -1)
		meta = json_pack("{s:s#,s:s}", "name", file,
		    (int)strlen(file) - 3, "summary", e.text);
	free(path);
	return meta;
}

int
plugin_list_run(const struct cli *c, struct err *e)
{
	char *dir = plugin_folder(c);
	struct dirent **files;
	json_t *rows;
	int n;

	n = scandir(dir, &files, is_plugin, alphasort);
	if (n == -1) {
		err_set(e, ERR_NOT_FOUND, "plugin list: %s: %s: set "
		    "plugins.dir in the configuration, or name it with -c",
		    dir, strerror(errno));
		free(dir);
		return -1;
	}
	rows = json_array();
	for (int i = 0; i < n; i++) {
		json_array_append_new(rows, describe(dir,
		    files[i]->d_name));
		free(files[i]);
	}
	free(files);
	free(dir);
	out_rows(c, rows, plugin_columns, COUNT(plugin_columns), "name");
	json_decref(rows);
	return 0;
}

/* A template as default would burst the table; -o json has it. */
static void
hide_long_default(json_t *param)
{
	const char *def = json_string_value(json_object_get(param,
	    "default"));

	if (def != NULL && strchr(def, '\n') != NULL)
		json_object_set_new(param, "default",
		    json_string("(see -o json)"));
}

/* Types and flags as words: plugin.h has them as numbers. */
static void
name_types(json_t *params)
{
	static const char *const types[] = { "?", "string", "int", "bool",
		"duration", "size", "url", "secret", "enum", "text" };
	json_t *p;
	size_t i;

	json_array_foreach(params, i, p) {
		json_int_t t = json_integer_value(json_object_get(p,
		    "type"));
		json_int_t flags = json_integer_value(json_object_get(p,
		    "flags"));

		if (t > 0 && t < (json_int_t)COUNT(types))
			json_object_set_new(p, "type",
			    json_string(types[t]));
		json_object_set_new(p, "required",
		    json_string(flags & 1 ? "yes" : ""));
		hide_long_default(p);
	}
}

static void
print_plugin(const struct cli *c, json_t *meta)
{
	static const char *const keys[] = { "name", "version", "summary",
		"licence", "contact", "abi", "address_kind", "can",
		"max_inflight", "send_timeout" };

	if (out_json(c, meta))
		return;
	if (c->format == OUT_ID) {
		puts(json_string_value(json_object_get(meta, "name")));
		return;
	}
	for (size_t i = 0; i < COUNT(keys); i++)
		out_field(c, meta, keys[i], OUT_TEXT);
	putchar('\n');
	name_types(json_object_get(meta, "params"));
	out_rows(c, json_object_get(meta, "params"), param_columns,
	    COUNT(param_columns), "key");
}

int
plugin_info_run(const struct cli *c, struct err *e)
{
	const char *name = c->args[0];
	char *dir, *path;
	json_t *meta;
	int rc;

	if (strpbrk(name, "/.") != NULL)
		return err_set(e, ERR_USAGE, "plugin info %.40s: this is no "
		    "name of a plugin: litfass plugin list shows them", name);
	dir = plugin_folder(c);
	path = xasprintf("%s/%s.so", dir, name);
	rc = spawn_describe(settings_daemon(), path, &meta, e);
	if (rc == 0) {
		print_plugin(c, meta);
		json_decref(meta);
	}
	free(path);
	free(dir);
	return rc;
}
