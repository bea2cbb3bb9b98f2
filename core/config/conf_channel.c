/*
 * conf_channel: the channels of a configuration. Our own keys are checked
 * when the files are read; those of a plugin as soon as somebody has its
 * schema. Never loads a plugin.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "config/conf_private.h"
#include "config/keys.h"

const struct conf_channel_own *
conf_own_channel(const struct conf *c, const char *name)
{
	for (size_t i = 0; i < c->n_channels; i++)
		if (strcmp(c->channels[i]->seen.name, name) == 0)
			return c->channels[i];
	return NULL;
}

static int
check_group(const struct conf *c, const struct setting *g,
    struct faults *p)
{
	const struct conf_channel_own *other;

	if (g->value != NULL)
		return faults_add(p, g->file, g->line, "channels.%s: must be "
		    "a group: write %s: { plugin = ...; };", g->key, g->key);
	if (!table_is_word(g->key))
		return faults_add(p, g->file, g->line, "channels.%s: not a "
		    "name for a channel: it stands in file names and logs: "
		    "use at most 32 of a-z, 0-9, - and _", g->key);
	other = conf_own_channel(c, g->key);
	if (other == NULL)
		return 0;
	return faults_add(p, g->file, g->line, "channels.%s: there is "
	    "already a channel of this name at %s:%u: rename one of the two",
	    g->key, other->group->file, other->group->line);
}

/*
 * A secret, a template or a certificate that is another one in the same file
 * is a change as well. The credentials of the service manager, which have no
 * path, never change while we run.
 */
static void
stamp(struct conf_channel_own *ch, const struct setting *s)
{
	const char *path = json_string_value(s->value);
	struct stat st;

	if (path == NULL || *path != '/' || stat(path, &st) != 0 ||
	    !S_ISREG(st.st_mode))
		return;
	json_object_set_new(ch->stamps, s->key, json_pack("[IIIII]",
	    (json_int_t)st.st_dev, (json_int_t)st.st_ino,
	    (json_int_t)st.st_size, (json_int_t)st.st_mtim.tv_sec,
	    (json_int_t)st.st_mtim.tv_nsec));
}

void
conf_add_channel(struct conf *c, const struct setting *group,
    struct faults *p)
{
	struct conf_channel_own *ch;
	const struct table_row *row;

	if (check_group(c, group, p) != 0)
		return;
	ch = xcalloc(1, sizeof(*ch));
	ch->group = group;
	ch->seen.name = group->key;
	ch->prefix = xasprintf("channels.%s.", group->key);
	ch->stamps = json_object();
	section_init(&ch->section, &keys_channel, ch->prefix);
	for (const struct setting *s = group->first; s != NULL; s = s->next) {
		row = table_find(&keys_channel, s->key);
		if (row != NULL)
			section_set(&ch->section, row, s, p);
		stamp(ch, s);
	}
	c->channels = xreallocarray(c->channels, c->n_channels + 1,
	    sizeof(c->channels[0]));
	c->channels[c->n_channels++] = ch;
}

static const char *
str(const struct conf_channel_own *ch, const char *key)
{
	return json_string_value(json_object_get(ch->section.values, key));
}

static int64_t
num(const struct conf_channel_own *ch, const char *key)
{
	return json_integer_value(json_object_get(ch->section.values, key));
}

void
conf_finish_channel(struct conf_channel_own *ch, struct faults *p)
{
	struct conf_channel *seen = &ch->seen;
	json_t *values = ch->section.values;

	section_finish(&ch->section, ch->group->file, ch->group->line, p);
	seen->plugin = str(ch, "plugin");
	seen->enabled = json_is_true(json_object_get(values, "enabled"));
	seen->rate = json_real_value(json_object_get(values, "rate"));
	seen->burst = num(ch, "burst");
	seen->window = num(ch, "window");
	seen->languages = json_object_get(values, "languages");
	seen->kinds = json_object_get(values, "kinds");
	seen->default_groups = json_object_get(values, "default_groups");
	seen->min_severity = str(ch, "min_severity");
	seen->in_doubt = str(ch, "in_doubt");
	seen->file = ch->group->file;
	seen->line = ch->group->line;
}

void
conf_free_channel(struct conf_channel_own *ch)
{
	section_fini(&ch->section);
	json_decref(ch->stamps);
	free(ch->prefix);
	free(ch);
}

size_t
conf_n_channels(const struct conf *c)
{
	return c->n_channels;
}

const struct conf_channel *
conf_channel_at(const struct conf *c, size_t i)
{
	return i < c->n_channels ? &c->channels[i]->seen : NULL;
}

const struct conf_channel *
conf_channel(const struct conf *c, const char *name)
{
	const struct conf_channel_own *ch = conf_own_channel(c, name);

	return ch == NULL ? NULL : &ch->seen;
}
