/*
 * conf_diff: what a reload changes, and what that needs. Compares checked
 * values, so another order, comment or unit is no change. Never decides to
 * restart anything. Called by reload and by check-config.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "config/conf_private.h"
#include "config/keys.h"

struct diff {
	struct conf_change *list;
	size_t n;
};

static void
add(struct diff *d, enum conf_effect effect, const char *prefix,
    const char *key)
{
	d->list = xreallocarray(d->list, d->n + 1, sizeof(*d->list));
	d->list[d->n].effect = effect;
	d->list[d->n++].key = xasprintf("%s%s", prefix, key);
}

static enum conf_effect
effect_of(const struct table_row *row)
{
	if ((row->flags & TABLE_RESTART) != 0)
		return CONF_RESTART;
	return (row->flags & TABLE_RELOAD) != 0 ? CONF_RELOAD : CONF_WORKER;
}

static void
diff_section(struct diff *d, const struct section *a,
    const struct section *b)
{
	for (size_t i = 0; i < a->table->n; i++) {
		const struct table_row *row = &a->table->rows[i];

		if (!json_equal(section_value(a, row->key),
		    section_value(b, row->key)))
			add(d, effect_of(row), a->prefix, row->key);
	}
}

static bool
is_plugins(const struct setting *s)
{
	return table_find(&keys_channel, s->key) == NULL;
}

static const struct setting *
member(const struct setting *group, const char *key)
{
	const struct setting *s = group->first;

	while (s != NULL && strcmp(s->key, key) != 0)
		s = s->next;
	return s;
}

/* Written the same, and the file that is named still the same file? */
static bool
same_value(const struct conf_channel_own *a, const struct setting *s,
    const struct conf_channel_own *b, const struct setting *other)
{
	json_t *was = json_object_get(a->stamps, s->key);
	json_t *is = json_object_get(b->stamps, s->key);

	return json_equal(s->value, other->value) &&
	    (was == is || json_equal(was, is));
}

/* The plugin's own, as written: its schema is not known here. */
static void
diff_params(struct diff *d, const struct conf_channel_own *a,
    const struct conf_channel_own *b)
{
	const struct setting *s, *other;

	for (s = a->group->first; s != NULL; s = s->next) {
		other = member(b->group, s->key);
		if (is_plugins(s) && (other == NULL ||
		    !same_value(a, s, b, other)))
			add(d, CONF_WORKER, a->prefix, s->key);
	}
	for (s = b->group->first; s != NULL; s = s->next)
		if (is_plugins(s) && member(a->group, s->key) == NULL)
			add(d, CONF_WORKER, a->prefix, s->key);
}

size_t
conf_diff(const struct conf *before, const struct conf *after,
    struct conf_change **list_r)
{
	struct diff d = { NULL, 0 };
	const struct conf_channel_own *a, *b;

	diff_section(&d, &before->main, &after->main);
	for (size_t i = 0; i < before->n_channels; i++) {
		a = before->channels[i];
		b = conf_own_channel(after, a->seen.name);
		if (b == NULL) {
			add(&d, CONF_WORKER, "channels.", a->seen.name);
			continue;
		}
		diff_section(&d, &a->section, &b->section);
		diff_params(&d, a, b);
	}
	for (size_t i = 0; i < after->n_channels; i++) {
		b = after->channels[i];
		if (conf_own_channel(before, b->seen.name) == NULL)
			add(&d, CONF_WORKER, "channels.", b->seen.name);
	}
	*list_r = d.list;
	return d.n;
}

void
conf_changes_free(struct conf_change **list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free((*list)[i].key);
	free(*list);
	*list = NULL;
}
