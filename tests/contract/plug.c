/*
 * plug: run a plugin by hand through a real worker, without core.
 *
 *	plug PLUGIN.so --params FILE --announcement FILE [--lang de]
 *	    [--id ID] [--secret KEY=FILE] [--address A]... [--key K]
 *	    [--submit | --retract] [--sandbox MODE]
 *
 * Prints one JSON object a line: the rendition, and with --submit one result
 * for each address, in the order in which they come. params holds typed
 * values: durations in ms, sizes in bytes. Exit code 0: all lines are there.
 */
#include "config.h"

#include <sys/wait.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "contract/puppet.h"
#include "litfass/plugin.h"

struct options {
	const char *plugin, *params, *announcement, *id, *lang, *key,
	    *sandbox;
	json_t *secrets, *addresses;
	uint32_t action;	/* 0: render only */
};

static int
usage(void)
{
	fputs("usage: plug PLUGIN.so --params FILE --announcement FILE\n"
	    "    [--id ID] [--lang TAG] [--secret KEY=FILE]... "
	    "[--address A]...\n    [--key K] [--submit | --retract] "
	    "[--sandbox MODE]\n", stderr);
	return 2;
}

static int
add_secret(struct options *o, const char *arg)
{
	const char *eq = strchr(arg, '=');
	char *key;

	if (eq == NULL)
		return -1;
	key = xstrndup(arg, (size_t)(eq - arg));
	json_object_set_new(o->secrets, key, json_string(eq + 1));
	free(key);
	return 0;
}

static int
parse_option(struct options *o, int c)
{
	const char **text[] = { ['p'] = &o->params, ['n'] = &o->announcement,
		['i'] = &o->id, ['l'] = &o->lang, ['k'] = &o->key,
		['x'] = &o->sandbox };

	switch (c) {
	case 's':
		return add_secret(o, optarg);
	case 'a':
		return json_array_append_new(o->addresses,
		    json_string(optarg));
	case 'S':
		o->action = LF_SEND;
		return 0;
	case 'R':
		o->action = LF_RETRACT;
		return 0;
	case '?':
		return -1;
	default:
		*text[c] = optarg;
		return 0;
	}
}

static int
parse(struct options *o, int argc, char *argv[])
{
	static const struct option known[] = {
		{ "params", 1, NULL, 'p' }, { "announcement", 1, NULL, 'n' },
		{ "id", 1, NULL, 'i' }, { "lang", 1, NULL, 'l' },
		{ "key", 1, NULL, 'k' }, { "sandbox", 1, NULL, 'x' },
		{ "secret", 1, NULL, 's' }, { "address", 1, NULL, 'a' },
		{ "submit", 0, NULL, 'S' }, { "retract", 0, NULL, 'R' },
		{ NULL, 0, NULL, 0 }
	};
	int c;

	o->secrets = json_object();
	o->addresses = json_array();
	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1)
		if (parse_option(o, c) != 0)
			return -1;
	if (optind != argc - 1 || o->announcement == NULL)
		return -1;
	o->plugin = argv[optind];
	if (json_array_size(o->addresses) == 0)
		json_array_append_new(o->addresses, json_string(""));
	return 0;
}

static void
print(json_t *json)
{
	json_dumpf(json, stdout, JSON_COMPACT);
	putchar('\n');
	fflush(stdout);
	json_decref(json);
}

static int
send_all(struct puppet *p, const struct options *o, int rendition)
{
	size_t n = json_array_size(o->addresses);
	json_t *r;
	char key[80];

	for (size_t i = 0; i < n; i++) {
		snprintf(key, sizeof(key), i == 0 ? "%s" : "%s-%zu",
		    o->key, i + 1);
		puppet_submit(p, (int64_t)i + 1, rendition, o->action, key,
		    json_string_value(json_array_get(o->addresses, i)));
	}
	for (size_t i = 0; i < n; i++) {
		r = puppet_result(p);
		if (r == NULL)
			return -1;
		json_object_set_new(r, "outcome", json_string(puppet_outcome(
		    json_integer_value(json_object_get(r, "outcome")))));
		print(r);
	}
	return 0;
}

static int
work(struct puppet *p, const struct options *o, const json_t *announcement)
{
	json_t *ready = puppet_wait(p, "ready", NULL);
	json_t *rendered = ready == NULL ? NULL :
	    puppet_render(p, announcement, o->lang);
	json_t *rendition = json_incref(json_object_get(rendered,
	    "rendition"));
	int r, rc = -1;

	json_decref(ready);
	if (rendition == NULL && rendered != NULL)
		print(json_incref(rendered));
	if (rendition != NULL) {
		print(json_incref(rendition));
		rc = 0;
	}
	if (rendition != NULL && o->action != 0) {
		r = puppet_rendition(p, announcement, o->action ==
		    LF_RETRACT ? NULL : rendition, o->lang);
		rc = send_all(p, o, r);
	}
	json_decref(rendition);
	json_decref(rendered);
	return rc;
}

int
main(int argc, char *argv[])
{
	struct options o = { .lang = "de", .key = "test-1" };
	struct puppet_setup setup = { 0 };
	json_t *announcement, *issuer = NULL, *params = NULL;
	struct puppet *p;
	char path[PATH_MAX];
	int rc;

	if (parse(&o, argc, argv) != 0)
		return usage();
	announcement = puppet_load(o.announcement, o.id, &issuer);
	if (o.params != NULL)
		params = json_load_file(o.params, 0, NULL);
	if (announcement == NULL || (o.params != NULL && params == NULL) ||
	    realpath(o.plugin, path) == NULL) {
		fputs("plug: can't read the plugin, the announcement or the "
		    "parameters\n", stderr);
		return 2;
	}
	setup.path = path;
	setup.params = params;
	setup.secrets = o.secrets;
	setup.issuer = issuer;
	setup.sandbox = o.sandbox;
	p = puppet_new(&setup);
	rc = work(p, &o, announcement);
	if (puppet_end(&p) != 0)
		rc = -1;
	json_decref(announcement);
	json_decref(issuer);
	json_decref(params);
	json_decref(o.secrets);
	json_decref(o.addresses);
	return rc == 0 ? 0 : 1;
}
