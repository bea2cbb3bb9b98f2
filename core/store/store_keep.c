/*
 * store_keep: the plain things: renditions, bodies, values of a channel.
 * Decides nothing. Called by the engine.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "litfass/plugin.h"
#include "store/store_private.h"

struct keep_op {
	struct op op;
	int64_t ann;
	char *channel, *key, *text;
	store_cb *cb;
	void *arg;
};

static void
keep_done(struct op *op)
{
	const struct keep_op *k = (struct keep_op *)op;

	if (k->cb != NULL)
		k->cb(k->arg, &op->err);
}

static void
keep_fini(struct op *op)
{
	struct keep_op *k = (struct keep_op *)op;

	free(k->channel);
	free(k->key);
	free(k->text);
}

static struct keep_op *
keep_new(const char *channel, const char *key, const char *text,
    store_cb *cb, void *arg)
{
	struct keep_op *k = xcalloc(1, sizeof(*k));

	k->op.done = keep_done;
	k->op.fini = keep_fini;
	k->channel = xstrdup(channel);
	k->key = xstrdup(key);
	k->text = xstrdup(text);
	k->cb = cb;
	k->arg = arg;
	return k;
}

/* ---------------------------------------------------------- renditions -- */

static int
rendition_run(struct store *s, struct op *op, struct err *e)
{
	const struct keep_op *k = (struct keep_op *)op;

	(void)e;
	db_run(&s->wdb, "INSERT OR REPLACE INTO rendition(ann, channel, key,"
	    " text) VALUES(?1, ?2, ?3, ?4)", DB_I(k->ann), DB_T(k->channel),
	    DB_T(k->key), DB_T(k->text));
	return 0;
}

void
store_rendition_put(struct store *s, int64_t ann, const char *channel,
    const char *key, const char *text, store_cb *cb, void *arg)
{
	struct keep_op *k = keep_new(channel, key, text, cb, arg);

	k->op.run = rendition_run;
	k->ann = ann;
	writer_add(s->writer, &k->op);
}

/* The first column of the first row, given; NULL without one. */
static char *
one_text(struct db *d, sqlite3_stmt *st)
{
	char *s = NULL;

	if (db_row(d, st)) {
		s = xstrdup(db_text(st, 0));
		db_end(st);
	}
	return s;
}

char *
store_rendition_get(struct store *s, int64_t ann, const char *channel,
    const char *key)
{
	return one_text(&s->rdb, db_query(store_reader(s), "SELECT text FROM"
	    " rendition WHERE ann = ?1 AND channel = ?2 AND key = ?3",
	    DB_I(ann), DB_T(channel), DB_T(key)));
}

/* ------------------------------------------------------- announcements -- */

char *
store_body(struct store *s, int64_t ann)
{
	return one_text(&s->rdb, db_query(store_reader(s), "SELECT body FROM"
	    " announcement WHERE id = ?1", DB_I(ann)));
}

void
store_chain_of(struct store *s, const char *uid, char *out, size_t n)
{
	char *chain = one_text(&s->rdb, db_query(store_reader(s),
	    "SELECT chain FROM announcement WHERE uid = ?1"
	    " ORDER BY version DESC LIMIT 1", DB_T(uid)));

	snprintf(out, n, "%s", chain == NULL ? uid : chain);
	free(chain);
}

int64_t
store_find(struct store *s, const char *uid)
{
	return db_int(store_reader(s), 0, "SELECT id FROM announcement WHERE"
	    " uid = ?1 ORDER BY version DESC LIMIT 1", DB_T(uid));
}

json_t *
store_shown(struct store *s, const char *chain, const char *channel,
    int64_t now)
{
	json_t *shown = json_array(), *list;
	sqlite3_stmt *st;

	st = db_query(store_reader(s), "SELECT DISTINCT audience FROM job"
	    " WHERE chain = ?1 AND channel = ?2 AND action = ?3 AND"
	    " (expires = 0 OR expires > ?4)", DB_T(chain), DB_T(channel),
	    DB_I(LF_SEND), DB_I(now));
	while (db_row(&s->rdb, st)) {
		list = json_loads(db_text(st, 0), 0, NULL);
		json_array_extend(shown, json_object_get(list, "list"));
		json_decref(list);
	}
	return shown;
}

/* ------------------------------------------------------------- channels -- */

static int
channel_run(struct store *s, struct op *op, struct err *e)
{
	const struct keep_op *k = (struct keep_op *)op;

	(void)e;
	if (k->text == NULL)
		db_run(&s->wdb, "DELETE FROM channel WHERE name = ?1 AND"
		    " key = ?2", DB_T(k->channel), DB_T(k->key));
	else
		db_run(&s->wdb, "INSERT OR REPLACE INTO channel(name, key,"
		    " value) VALUES(?1, ?2, ?3)", DB_T(k->channel),
		    DB_T(k->key), DB_T(k->text));
	return 0;
}

void
store_channel_put(struct store *s, const char *channel, const char *key,
    const char *value, store_cb *cb, void *arg)
{
	struct keep_op *k = keep_new(channel, key, value, cb, arg);

	k->op.run = channel_run;
	writer_add(s->writer, &k->op);
}

json_t *
store_channel_get(struct store *s, const char *channel)
{
	sqlite3_stmt *st;
	json_t *all = json_object();

	st = db_query(store_reader(s), "SELECT key, value FROM channel WHERE"
	    " name = ?1", DB_T(channel));
	while (db_row(&s->rdb, st))
		json_object_set_new(all, db_text(st, 0),
		    json_string(db_text(st, 1)));
	return all;
}
