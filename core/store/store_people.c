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
	int64_t now;
	bool only_try;
	struct store_import done;
	json_t *refused;
	store_cb *cb;
	store_import_cb *import_cb;
	void *arg;
};

enum put { PUT_REFUSED, PUT_ADDED, PUT_CHANGED, PUT_UNCHANGED };

/* --------------------------------------------------------------- write -- */

static const char *
text_of(const json_t *p, const char *key)
{
	const char *s = json_string_value(json_object_get(p, key));

	return s == NULL ? "" : s;
}

static int64_t
find_row(struct db *d, const char *ref)
{
	return db_int(d, 0, "SELECT id FROM subscriber WHERE ref = ?1",
	    DB_T(ref));
}

static int64_t
new_row(struct db *d, const char *ref, int64_t now)
{
	db_run(d, "INSERT INTO subscriber(ref, langs, ars, created, changed)"
	    " VALUES(?1, '', '', ?2, ?2)", DB_T(ref), DB_I(now));
	return sqlite3_last_insert_rowid(d->conn);
}

static void
empty_row(struct db *d, int64_t id)
{
	db_run(d, "DELETE FROM membership WHERE sub = ?1", DB_I(id));
	db_run(d, "DELETE FROM address WHERE sub = ?1", DB_I(id));
}

/* All that a list may change about a person, to be compared. Given. */
static char *
portrait(struct db *d, int64_t id)
{
	sqlite3_stmt *st;
	struct buf b;

	buf_init(&b, 64 * 1024);
	st = db_query(d, "SELECT 0, langs, ars FROM subscriber WHERE id = ?1"
	    " UNION ALL SELECT 1, topic, '' FROM membership WHERE sub = ?1"
	    " UNION ALL SELECT 2, kind, addr FROM address WHERE sub = ?1"
	    " ORDER BY 1, 2", DB_I(id));
	while (db_row(d, st))
		buf_fmt(&b, "%s\n%s\n", db_text(st, 1), db_text(st, 2));
	buf_str(&b, "");
	return buf_steal(&b);
}

static void
put_preferences(struct db *d, int64_t id, const json_t *p)
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
	db_run(d, "UPDATE subscriber SET langs = ?2, ars = ?3 WHERE id = ?1",
	    DB_I(id), DB_T(buf_cstr(&langs)), DB_T(ars));
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

/* The address must not be that of somebody else, in whatever case. */
static int
put_address(struct db *d, int64_t id, const json_t *p, const char *kind,
    const char *addr, struct err *e)
{
	char other[72] = "";
	sqlite3_stmt *st;

	st = db_query(d, "SELECT s.ref FROM address a JOIN subscriber s ON"
	    " s.id = a.sub WHERE a.kind = ?1 AND a.addr = ?2"
	    " COLLATE NOCASE AND a.addr IS NOT NULL", DB_T(kind), DB_T(addr));
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
put_all(struct db *d, int64_t id, const json_t *p, struct err *e)
{
	const char *kind;
	json_t *v;

	put_preferences(d, id, p);
	put_topics(d, id, json_object_get(p, "topics"));
	json_object_foreach(json_object_get(p, "addresses"), kind, v)
		if (put_address(d, id, p, kind, json_string_value(v),
		    e) == -1)
			return -1;
	return 0;
}

static enum put
put_person(struct db *d, const json_t *p, int64_t now, struct err *e)
{
	char *before, *after;
	bool same;
	int64_t id;
	int rc;

	if (subscriber_check(p, e) == -1) {
		err_prefix(e, "%s", strlen(text_of(p, "ref")) > 64 ?
		    "(long ref)" : text_of(p, "ref"));
		return PUT_REFUSED;
	}
	id = find_row(d, text_of(p, "ref"));
	if (id == 0)
		return put_all(d, new_row(d, text_of(p, "ref"), now), p,
		    e) == -1 ? PUT_REFUSED : PUT_ADDED;
	before = portrait(d, id);
	empty_row(d, id);
	rc = put_all(d, id, p, e);
	after = portrait(d, id);
	same = strcmp(before, after) == 0;
	free(before);
	free(after);
	if (rc == -1)
		return PUT_REFUSED;
	if (!same)
		db_run(d, "UPDATE subscriber SET changed = ?2 WHERE id = ?1",
		    DB_I(id), DB_I(now));
	return same ? PUT_UNCHANGED : PUT_CHANGED;
}

/* ------------------------------------------------------------------ op -- */

static void
count(struct people_op *o, enum put how)
{
	o->done.added += how == PUT_ADDED;
	o->done.changed += how == PUT_CHANGED;
	o->done.unchanged += how == PUT_UNCHANGED;
}

/* Rows refused for an address that a later one gave up are tried again. */
static void
put_again(struct db *d, struct people_op *o, const json_t *later,
    struct err *e)
{
	struct err why;
	enum put how;
	json_t *v;
	size_t i;

	json_array_foreach(later, i, v) {
		json_int_t row = json_integer_value(json_array_get(v, 0));
		bool known = json_is_true(json_array_get(v, 1));

		how = put_person(d, json_array_get(o->people, (size_t)row),
		    o->now, &why);
		if (how != PUT_REFUSED) {
			count(o, known ? PUT_CHANGED : PUT_ADDED);
			continue;
		}
		if (json_array_size(o->refused) == 0)
			*e = why;
		json_array_append_new(o->refused, json_pack("{s:I,s:s}",
		    "row", row, "text", why.text));
	}
}

static void
put_people(struct db *d, struct people_op *o, struct err *e)
{
	json_t *later = json_array(), *v;
	struct err why;
	enum put how;
	bool known;
	size_t i;

	json_array_foreach(o->people, i, v) {
		known = find_row(d, text_of(v, "ref")) != 0;
		how = put_person(d, v, o->now, &why);
		if (how == PUT_REFUSED)
			json_array_append_new(later, json_pack("[I,b]",
			    (json_int_t)i, known));
		else
			count(o, how);
	}
	put_again(d, o, later, e);
	json_decref(later);
}

static int
people_run(struct store *s, struct op *op, struct err *e)
{
	struct people_op *o = (struct people_op *)op;
	char *n;

	memset(&o->done, 0, sizeof(o->done));
	json_array_clear(o->refused);
	o->done.refused = o->refused;
	put_people(&s->wdb, o, e);
	if (json_array_size(o->refused) > 0 || o->only_try)
		return -1;	/* takes all back */
	if (o->cb != NULL) {
		audit_add(&s->wdb, o->actor, "subscriber",
		    text_of(json_array_get(o->people, 0), "ref"), "", o->now);
		return 0;
	}
	n = xasprintf("%zu", json_array_size(o->people));
	audit_add(&s->wdb, o->actor, "import", "subscribers", n, o->now);
	free(n);
	return 0;
}

static void
people_done(struct op *op)
{
	struct people_op *o = (struct people_op *)op;

	if (o->cb != NULL)
		o->cb(o->arg, &op->err);
	else
		o->import_cb(o->arg, &op->err, &o->done);
}

static void
people_fini(struct op *op)
{
	struct people_op *o = (struct people_op *)op;

	json_decref(o->people);
	json_decref(o->refused);
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
	o->refused = json_array();
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
    bool only_try, const char *actor, int64_t now, store_import_cb *cb,
    void *arg)
{
	struct people_op *o = people_new(json_deep_copy(subscribers), actor,
	    now, arg);

	o->only_try = only_try;
	o->import_cb = cb;
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
