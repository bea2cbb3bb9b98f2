/*
 * conf: read all files, hand each setting to its table, check what depends
 * on two of them. Never acts on a value. Called at start, at reload and by
 * check-config.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/zone.h"
#include "config/conf_private.h"
#include "config/keys.h"

#define CHANNELS	"channels"

typedef void take_fn(struct conf *, const struct tree *, struct faults *);

static struct conf *
conf_new(void)
{
	struct conf *c = xcalloc(1, sizeof(*c));

	section_init(&c->main, &keys_main, "");
	return c;
}

void
conf_free(struct conf **cp)
{
	struct conf *c = *cp;

	*cp = NULL;
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->n_channels; i++)
		conf_free_channel(c->channels[i]);
	for (size_t i = 0; i < c->n_trees; i++)
		tree_free(&c->trees[i]);
	section_fini(&c->main);
	free(c->channels);
	free(c->trees);
	free(c);
}

/* Is there a row in this group, which ends with a dot? */
static bool
is_group(const char *group)
{
	for (size_t i = 0; i < keys_main.n; i++)
		if (strncmp(keys_main.rows[i].key, group,
		    strlen(group)) == 0)
			return true;
	return false;
}

static void
take_setting(struct conf *c, const char *group, const struct setting *s,
    struct faults *p)
{
	static const char *const more[] = { CHANNELS, NULL };
	char key[160], inner[164];
	const struct table_row *row;

	snprintf(key, sizeof(key), "%s%.120s", group, s->key);
	snprintf(inner, sizeof(inner), "%s.", key);
	row = table_find(&keys_main, key);
	if (row != NULL)
		section_set(&c->main, row, s, p);
	else if (!is_group(inner))
		section_unknown(&c->main, group, s,
		    *group == '\0' ? more : NULL, p);
	else if (s->value != NULL)
		faults_add(p, s->file, s->line, "%s: must be a group: write "
		    "%s: { ... };", key, key);
	else
		for (s = s->first; s != NULL; s = s->next)
			take_setting(c, inner, s, p);
}

static void
take_channels(struct conf *c, const struct setting *group,
    struct faults *p)
{
	if (group->value != NULL) {
		faults_add(p, group->file, group->line, "channels: must be a "
		    "group of channels: write channels: { NAME: { plugin = "
		    "...; }; };");
		return;
	}
	for (const struct setting *s = group->first; s != NULL; s = s->next)
		conf_add_channel(c, s, p);
}

/* A file like litfass.conf. */
static void
take_main(struct conf *c, const struct tree *t, struct faults *p)
{
	for (const struct setting *s = t->root.first; s != NULL; s = s->next)
		if (strcmp(s->key, CHANNELS) == 0)
			take_channels(c, s, p);
		else
			take_setting(c, "", s, p);
}

/* A file in channels.d. */
static void
take_channel_file(struct conf *c, const struct tree *t, struct faults *p)
{
	for (const struct setting *s = t->root.first; s != NULL; s = s->next)
		if (strcmp(s->key, CHANNELS) == 0)
			faults_add(p, s->file, s->line, "channels: is not "
			    "needed here: files in channels.d hold channels "
			    "only: write NAME: { plugin = ...; };");
		else
			conf_add_channel(c, s, p);
}

/* The tree now belongs to the configuration. */
static void
take_tree(struct conf *c, struct tree *t, take_fn *take, struct faults *p)
{
	if (t == NULL) {
		c->incomplete = true;
		return;
	}
	c->trees = xreallocarray(c->trees, c->n_trees + 1,
	    sizeof(c->trees[0]));
	c->trees[c->n_trees++] = t;
	take(c, t, p);
}

static int
is_conf_file(const struct dirent *d)
{
	return fnmatch("*.conf", d->d_name, FNM_PERIOD) == 0;
}

static int
by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void
take_folder(struct conf *c, const char *folder, take_fn *take,
    struct faults *p)
{
	struct dirent **list;
	struct stat st;
	int n = scandir(folder, &list, is_conf_file, by_bytes);

	if (n >= 0 && stat(folder, &st) == 0)
		tree_mode(folder, st.st_mode, p);
	if (n < 0 && errno != ENOENT)
		faults_add(p, folder, 0, "cannot be read: %s: make it a "
		    "folder that the user of litfassd may read",
		    strerror(errno));
	for (int i = 0; i < n; i++) {
		char *path = xasprintf("%s/%s", folder, list[i]->d_name);

		take_tree(c, tree_read(path, p), take, p);
		free(path);
		free(list[i]);
	}
	if (n >= 0)
		free(list);
}

/* The folder of that name beside the file; given. */
static char *
beside(const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return xstrdup(name);
	return xasprintf("%.*s/%s", (int)(slash - path), path, name);
}

static void
take_drop_ins(struct conf *c, const char *path, const char *name,
    take_fn *take, struct faults *p)
{
	char *folder = beside(path, name);

	take_folder(c, folder, take, p);
	free(folder);
}

/* Where a key was set, for a problem found later. */
static void
complain(const struct conf *c, const char *key, const char *text,
    struct faults *p)
{
	faults_add(p, conf_origin(c, key), 0, "%s: %s", key, text);
}

static void
check_language(const struct conf *c, struct faults *p)
{
	const char *lang = conf_str(c, "issuer.default_language");
	char text[200];

	if (json_object_get(section_value(&c->main, "issuer.name"),
	    lang) != NULL)
		return;
	snprintf(text, sizeof(text), "there is no name in the default "
	    "language: add %.32s = \"...\", or change "
	    "issuer.default_language", lang);
	complain(c, "issuer.name", text, p);
}

/* It becomes part of message ids and headers. */
static void
check_domain(const struct conf *c, struct faults *p)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";
	const char *domain = conf_str(c, "issuer.domain");

	if (*domain == '.' || *domain == '-' || strlen(domain) > 253 ||
	    strstr(domain, "..") != NULL ||
	    domain[strspn(domain, letters)] != '\0')
		complain(c, "issuer.domain", "is no name of a domain: write "
		    "\"example.org\", with umlauts in the form xn--...", p);
}

static void
check_zone(const struct conf *c, struct faults *p)
{
	struct err e;
	struct zone *z = zone_load(conf_str(c, "issuer.timezone"), &e);

	if (z == NULL)
		complain(c, "issuer.timezone", e.text, p);
	zone_free(&z);
}

/* before: the errors there were when loading began. */
static void
finish(struct conf *c, const char *file, size_t before, struct faults *p)
{
	if (c->incomplete)
		return;
	section_finish(&c->main, file, 0, p);
	for (size_t i = 0; i < c->n_channels; i++)
		conf_finish_channel(c->channels[i], p);
	if (p->errors > before)
		return;
	check_language(c, p);
	check_domain(c, p);
	check_zone(c, p);
	if (c->n_channels == 0)
		faults_notice(p, file, 0, "there is no channel: nothing "
		    "will be sent: add one in channels.d");
}

/* *c_r is c, or NULL when there were errors. */
static int
result(struct conf *c, size_t errors, struct conf **c_r)
{
	if (errors > 0)
		conf_free(&c);
	*c_r = c;
	return c == NULL ? -1 : 0;
}

int
conf_load(const char *path, struct conf **c_r, struct faults *p)
{
	struct conf *c = conf_new();
	size_t before = p->errors;

	take_tree(c, tree_read(path, p), take_main, p);
	if (c->incomplete)
		return result(c, 1, c_r);
	take_drop_ins(c, path, "conf.d", take_main, p);
	take_drop_ins(c, path, "channels.d", take_channel_file, p);
	finish(c, path, before, p);
	return result(c, p->errors - before, c_r);
}

int
conf_load_text(const char *name, const char *text, struct conf **c_r,
    struct faults *p)
{
	struct conf *c = conf_new();
	size_t before = p->errors;

	take_tree(c, tree_parse(name, text, strlen(text), p), take_main, p);
	finish(c, name, before, p);
	return result(c, p->errors - before, c_r);
}

const char *
conf_str(const struct conf *c, const char *key)
{
	json_t *value = section_value(&c->main, key);

	if (!json_is_string(value))
		log_bug("conf: %s is not a string", key);
	return json_string_value(value);
}

bool
conf_bool(const struct conf *c, const char *key)
{
	json_t *value = section_value(&c->main, key);

	if (!json_is_boolean(value))
		log_bug("conf: %s is not a bool", key);
	return json_is_true(value);
}

int64_t
conf_int(const struct conf *c, const char *key)
{
	json_t *value = section_value(&c->main, key);

	if (!json_is_integer(value))
		log_bug("conf: %s is not a number", key);
	return json_integer_value(value);
}

const json_t *
conf_list(const struct conf *c, const char *key)
{
	json_t *value = section_value(&c->main, key);

	if (!json_is_array(value))
		log_bug("conf: %s is not a list", key);
	return value;
}

const char *
conf_origin(const struct conf *c, const char *key)
{
	return section_origin(&c->main, key);
}

json_t *
conf_issuer(const struct conf *c)
{
	static const char group[] = "issuer.";
	json_t *issuer = json_object();

	for (size_t i = 0; i < keys_main.n; i++) {
		const char *key = keys_main.rows[i].key;

		if (strncmp(key, group, strlen(group)) == 0)
			json_object_set(issuer, key + strlen(group),
			    section_value(&c->main, key));
	}
	return issuer;
}
