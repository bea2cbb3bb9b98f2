/*
 * store_people: subscribers with their addresses and topics. An address
 * belongs to one subscriber; that is settled here, never at delivery. Called
 * by the engine and the control socket.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/store_private.h"
#include "store/subscriber.h"

struct people_op {
	struct op op;
	json_t *people;		/* ours alone: json is not shared by threads */
	char *actor;
	int64_t now, n;
	store_cb *cb;
	store_count_cb *count_cb;
	void *arg;
};

/* --------------------------------------------------------------- write -- */

static const char *
text_of(const json_t *p, const char *key)
{
	const char *s = json_string_value(json_object_get(p, key));

	return s == NULL ? "" : s;
}

/* The row of the subscriber, new or emptied for what comes now. */
static int64_t
open_row(struct db *d, const json_t *p, int64_t now)
{
	int64_t id = db_int(d, 0, "SELECT id FROM subscriber WHERE ref = ?1",
	    DB_T(text_of(p, "ref")));

	if (id == 0) {
		db_run(d, "INSERT INTO subscriber(ref, langs, ars, created,"
		    " changed) VALUES(?1, '', '', ?2, ?2)",
		    DB_T(text_of(p, "ref")), DB_I(now));
		return sqlite3_last_insert_rowid(d->conn);
	}
	db_run(d, "DELETE FROM membership WHERE sub = ?1", DB_I(id));
	db_run(d, "DELETE FROM address WHERE sub = ?1", DB_I(id));
	return id;
}

static void
put_preferences(struct db *d, int64_t id, const json_t *p, int64_t now)
{
	struct buf langs;
	char ars[13] = "";
	size_t i;
	json_t *v;

	buf_init(&langs, 64);
	json_array_foreach(json_object_get(p, "languages"), i, v)
		buf_fmt(&langs, "%s%s", i == 0 ? "" : ",",
		    json_string_value(v));
	(void)audience_ars(text_of(p, "ars"), ars);
	db_run(d, "UPDATE subscriber SET langs = ?2, ars = ?3, changed = ?4"
	    " WHERE id = ?1", DB_I(id), DB_T(buf_cstr(&langs)), DB_T(ars),
	    DB_I(now));
	buf_fini(&langs);
}

static void
put_topics(struct db *d, int64_t id, const json_t *topics)
{
	size_t i;
	json_t *v;

	if (json_array_size(topics) == 0)
		db_run(d, "INSERT INTO membership(topic, sub) VALUES('',"
		    " ?1)", DB_I(id));
	json_array_foreach(topics, i, v)
		db_run(d, "INSERT OR IGNORE INTO membership(topic, sub)"
		    " VALUES(?1, ?2)", DB_T(json_string_value(v)), DB_I(id));
}

/* The address must not be that of somebody else. */
static int
put_address(struct db *d, int64_t id, const json_t *p, const char *kind,
    const char *addr, struct err *e)
{
	char other[72] = "";
	sqlite3_stmt *st;

	st = db_query(d, "SELECT s.ref FROM address a JOIN subscriber s ON"
	    " s.id = a.sub WHERE a.kind = ?1 AND a.addr = ?2 AND"
	    " a.addr IS NOT NULL", DB_T(kind), DB_T(addr));
	if (db_row(d, st)) {
		sqlite3_snprintf(sizeof(other), other, "%s", db_text(st, 0));
		db_end(st);
		return err_set(e, ERR_STATE, "subscriber %s: %s: the address "
		    "is that of subscriber %s: remove it there first",
		    text_of(p, "ref"), kind, other);
	}
	db_run(d, "INSERT INTO address(kind, sub, addr) VALUES(?1, ?2, ?3)",
	    DB_T(kind), DB_I(id), DB_T(addr));
	return 0;
}

static int
put_person(struct db *d, const json_t *p, int64_t now, struct err *e)
{
	const char *kind;
	int64_t id;
	json_t *v;

	if (subscriber_check(p, e) == -1)
		return err_prefix(e, "%.64s", text_of(p, "ref"));
	id = open_row(d, p, now);
	put_preferences(d, id, p, now);
	put_topics(d, id, json_object_get(p, "topics"));
	json_object_foreach(json_object_get(p, "addresses"), kind, v)
		if (put_address(d, id, p, kind, json_string_value(v),
		    e) == -1)
			return -1;
	return 0;
}

/* ------------------------------------------------------------------ op -- */

static int
people_run(struct store *s, struct op *op, struct err *e)
{
	struct people_op *o = (struct people_op *)op;
	char *count;
	size_t i;
	json_t *v;

	o->n = 0;
	json_array_foreach(o->people, i, v) {
		if (put_person(&s->wdb, v, o->now, e) == -1)
			return -1;
		o->n++;
	}
	if (o->cb != NULL) {
		audit_add(&s->wdb, o->actor, "subscriber",
		    text_of(json_array_get(o->people, 0), "ref"), "", o->now);
		return 0;
	}
	count = xasprintf("%lld", (long long)o->n);
	audit_add(&s->wdb, o->actor, "import", "subscribers", count, o->now);
	free(count);
	return 0;
}

static void
people_done(struct op *op)
{
	struct people_op *o = (struct people_op *)op;

	if (o->cb != NULL)
		o->cb(o->arg, &op->err);
	else
		o->count_cb(o->arg, &op->err,
		    op->err.code == ERR_OK ? o->n : 0);
}

static void
people_fini(struct op *op)
{
	struct people_op *o = (struct people_op *)op;

	json_decref(o->people);
	free(o->actor);
}

static struct people_op *
people_new(json_t *people, const char *actor, int64_t now, void *arg)
{
	struct people_op *o = xcalloc(1, sizeof(*o));

	o->op.run = people_run;
	o->op.done = people_done;
	o->op.fini = people_fini;
	o->op.intake = true;
	o->people = people;
	o->actor = xstrdup(actor);
	o->now = now;
	o->arg = arg;
	return o;
}

void
store_subscriber_put(struct store *s, const json_t *subscriber,
    const char *actor, int64_t now, store_cb *cb, void *arg)
{
	json_t *one = json_array();
	struct people_op *o;

	json_array_append_new(one, json_deep_copy(subscriber));
	o = people_new(one, actor, now, arg);
	o->cb = cb;
	writer_add(s->writer, &o->op);
}

void
store_subscriber_import(struct store *s, const json_t *subscribers,
    const char *actor, int64_t now, store_count_cb *cb, void *arg)
{
	struct people_op *o = people_new(json_deep_copy(subscribers), actor,
	    now, arg);

	o->count_cb = cb;
	writer_add(s->writer, &o->op);
}

/* ---------------------------------------------------------------- read -- */

static json_t *
read_topics(struct db *d, int64_t id)
{
	json_t *topics = json_array();
	sqlite3_stmt *st;

	st = db_query(d, "SELECT topic FROM membership WHERE sub = ?1 AND"
	    " topic <> '' ORDER BY topic", DB_I(id));
	while (db_row(d, st))
		json_array_append_new(topics, json_string(db_text(st, 0)));
	return topics;
}

static json_t *
read_addresses(struct db *d, int64_t id, bool reveal)
{
	json_t *all = json_object();
	sqlite3_stmt *st;
	char shape[32];

	st = db_query(d, "SELECT kind, addr FROM address WHERE sub = ?1 AND"
	    " addr IS NOT NULL ORDER BY kind", DB_I(id));
	while (db_row(d, st))
		json_object_set_new(all, db_text(st, 0), json_string(reveal ?
		    db_text(st, 1) : log_redact(db_text(st, 1), shape,
		    sizeof(shape))));
	return all;
}

static json_t *
split(const char *langs)
{
	json_t *list = json_array();
	size_t n;

	for (; *langs != '\0'; langs += n + (langs[n] == ',')) {
		n = strcspn(langs, ",");
		json_array_append_new(list, json_stringn(langs, n));
	}
	return list;
}

json_t *
store_subscribers(struct store *s, int64_t after, int limit, bool reveal)
{
	struct db *d = store_reader(s);
	json_t *list = json_array(), *p;
	sqlite3_stmt *st;
	int64_t id;
	char ars[16];

	st = db_query(d, "SELECT id, ref, langs, ars FROM subscriber WHERE"
	    " id > ?1 ORDER BY id LIMIT ?2", DB_I(after), DB_I(limit));
	while (db_row(d, st)) {
		id = sqlite3_column_int64(st, 0);
		sqlite3_snprintf(sizeof(ars), ars, "%s000000000000",
		    db_text(st, 3));
		ars[12] = '\0';
		p = json_pack("{s:I, s:s, s:o, s:o, s:o}", "id",
		    (json_int_t)id, "ref", db_text(st, 1), "languages",
		    split(db_text(st, 2)), "topics", read_topics(d, id),
		    "addresses", read_addresses(d, id, reveal));
		if (db_text(st, 3)[0] != '\0')
			json_object_set_new(p, "ars", json_string(ars));
		json_array_append_new(list, p);
	}
	return list;
}
