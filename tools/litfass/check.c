/*
 * check: is the configuration right, down to the parameters of every plugin?
 */
#include "config.h"

#include <stdio.h>

#include "config/conf.h"
#include "engine/checkup.h"
#include "out.h"
#include "settings.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static const struct out_column columns[] = {
	{ "channel", OUT_TEXT }, { "plugin", OUT_TEXT },
	{ "version", OUT_TEXT }, { "enabled", OUT_TEXT },
	{ "result", OUT_TEXT },
};

static void
say_faults(const struct faults *f)
{
	for (size_t i = 0; i < f->n; i++)
		fprintf(stderr, "%s%s\n", f->list[i].notice ? "note: " : "",
		    f->list[i].text);
}

static json_t *
check_channel(const struct conf *conf, const struct conf_channel *cc)
{
	struct faults f;
	json_t *meta, *row;

	faults_init(&f);
	meta = checkup_channel(conf, cc, settings_daemon(), &f);
	if (f.errors == 0)
		checkup_open(conf, cc, settings_daemon(), &f);
	say_faults(&f);
	row = json_pack("{s:s,s:s,s:O*,s:s,s:s}", "channel", cc->name,
	    "plugin", cc->plugin, "version", json_object_get(meta,
	    "version"), "enabled", cc->enabled ? "yes" : "no", "result",
	    f.errors == 0 ? "ok" : "wrong");
	json_decref(meta);
	faults_fini(&f);
	return row;
}

static size_t
check_channels(const struct conf *conf, json_t *rows)
{
	size_t bad = 0;

	for (size_t i = 0; i < conf_n_channels(conf); i++) {
		json_t *row = check_channel(conf, conf_channel_at(conf, i));

		if (json_string_value(json_object_get(row,
		    "result"))[0] != 'o')
			bad++;
		json_array_append_new(rows, row);
	}
	return bad;
}

int
check_config_run(const struct cli *c, struct err *e)
{
	struct cli other = *c;
	struct conf *conf;
	json_t *rows;
	size_t bad;

	if (c->n_args == 1)
		other.opt[OPT_CONFIG] = c->args[0];
	if (settings_load(&other, &conf, e) == -1)
		return -1;
	rows = json_array();
	bad = check_channels(conf, rows);
	out_rows(c, rows, columns, COUNT(columns), "channel");
	json_decref(rows);
	conf_free(&conf);
	if (bad > 0)
		return err_set(e, ERR_INVALID, "configuration %s: %zu "
		    "channel%s wrong: correct what is said above",
		    settings_path(&other), bad, bad == 1 ? " is" : "s are");
	return 0;
}
