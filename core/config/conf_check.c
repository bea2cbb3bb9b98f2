/*
 * conf_check: what a channel tells its plugin, against the schema the plugin
 * gave. The schema is foreign and is itself checked first. Called before a
 * worker is started and by check-config.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "config/conf_private.h"
#include "config/keys.h"
#include "config/value.h"

#define PARAMS_MAX	256

static uint32_t
type_of(const json_t *param)
{
	const json_t *type = json_object_get(param, "type");

	if (json_is_string(type))
		return table_type_of(json_string_value(type));
	if (json_integer_value(type) < TABLE_STRING ||
	    json_integer_value(type) > TABLE_TEXT)
		return 0;
	return (uint32_t)json_integer_value(type);
}

/* Borrowed from param; NULL for null and what is not there. */
static const char *
str(const json_t *param, const char *key)
{
	return json_string_value(json_object_get(param, key));
}

static int64_t
num(const json_t *param, const char *key)
{
	return json_integer_value(json_object_get(param, key));
}

/* A row that borrows from param; -1 with the reason. */
static int
row_of(const json_t *param, struct table_row *row, struct err *e)
{
	json_t *value;
	const char *doc = str(param, "doc");

	*row = (struct table_row){ str(param, "key"), type_of(param),
	    (uint32_t)num(param, "flags"), str(param, "default"),
	    num(param, "min"), num(param, "max"), str(param, "choices"),
	    doc == NULL ? "see its man page" : doc, "" };
	if (row->key == NULL || !table_is_word(row->key))
		return err_set(e, ERR_INVALID, "a parameter has no name");
	if (row->type == 0)
		return err_set(e, ERR_INVALID, "parameter %s has no type",
		    row->key);
	if (row->type == TABLE_ENUM && row->choices == NULL)
		return err_set(e, ERR_INVALID, "parameter %s has no choices",
		    row->key);
	value = value_default(row, e);
	if (value == NULL)
		return err_prefix(e, "default of parameter %s", row->key);
	json_decref(value);
	return 0;
}

/* The schema as a table; its rows are given and borrow from the schema. */
static int
table_of(const json_t *schema, struct table *t_r, struct err *e)
{
	size_t n = json_array_size(schema);
	struct table_row *rows;

	if (!json_is_array(schema) || n > PARAMS_MAX)
		return err_set(e, ERR_INVALID, "no list of at most %d "
		    "parameters", PARAMS_MAX);
	rows = xcalloc(n + 1, sizeof(*rows));
	for (size_t i = 0; i < n; i++)
		if (row_of(json_array_get(schema, i), &rows[i], e) != 0) {
			free(rows);
			return -1;
		}
	t_r->rows = rows;
	t_r->n = n;
	return 0;
}

/*
 * Check all settings of the channel. A parameter of the plugin may have one
 * of our names: then both get the same setting.
 */
static void
take_params(struct section *s, const struct setting *group,
    struct faults *p)
{
	const char *ours[64] = { NULL };
	const struct table_row *row;

	for (size_t i = 0; i < keys_channel.n && i < 63; i++)
		ours[i] = keys_channel.rows[i].key;
	for (const struct setting *m = group->first; m != NULL; m = m->next) {
		row = table_find(s->table, m->key);
		if (row != NULL)
			section_set(s, row, m, p);
		else if (table_find(&keys_channel, m->key) == NULL)
			section_unknown(s, "", m, ours, p);
	}
}

/* What is set and not null; given. */
static json_t *
params_of(const struct section *s)
{
	json_t *params = json_object(), *value;
	const char *key;

	json_object_foreach(s->values, key, value)
		if (!json_is_null(value))
			json_object_set(params, key, value);
	return params;
}

json_t *
conf_check_channel(const struct conf *c, const char *name,
    const json_t *schema, struct faults *p)
{
	const struct conf_channel_own *ch = conf_own_channel(c, name);
	size_t before = p->errors;
	struct section s;
	struct table t;
	struct err e;
	json_t *params = NULL;

	if (ch == NULL)
		return NULL;
	if (table_of(schema, &t, &e) != 0) {
		faults_add(p, ch->seen.file, ch->seen.line, "channels.%s: "
		    "the parameters of plugin %s make no sense: %s: tell its "
		    "author", name, ch->seen.plugin, e.text);
		return NULL;
	}
	section_init(&s, &t, ch->prefix);
	take_params(&s, ch->group, p);
	section_finish(&s, ch->seen.file, ch->seen.line, p);
	if (p->errors == before)
		params = params_of(&s);
	section_fini(&s);
	free((void *)(uintptr_t)t.rows);
	return params;
}
