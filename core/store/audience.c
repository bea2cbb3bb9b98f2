/*
 * audience: walks lists, subscribers and reached targets in id order, always
 * by index, never with a sorter. Writes nothing. Called by claims, counts
 * and recovery, and by readers for addresses.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/audience.h"

/* ----------------------------------------------------------------- ars -- */

static bool
all_zero(const char *s, size_t from, size_t to)
{
	while (from < to)
		if (s[from++] != '0')
			return false;
	return true;
}

bool
audience_ars(const char *ars, char out[13])
{
	static const size_t levels[] = { 0, 2, 3, 5, 9, 12 };
	size_t level = 5;

	if (strlen(ars) != 12 || strspn(ars, "0123456789") != 12)
		return false;
	while (level > 0 && all_zero(ars, levels[level - 1], levels[level]))
		level--;
	memcpy(out, ars, levels[level]);
	out[levels[level]] = '\0';
	return true;
}

bool
audience_touches(const char *a, const char *b)
{
	size_t na = strlen(a), nb = strlen(b);

	return strncmp(a, b, na < nb ? na : nb) == 0;
}

/* --------------------------------------------------------------- parse -- */

static int
bad(struct err *e, const char *why)
{
	return err_set(e, ERR_INVALID, "accept: audience: %s", why);
}

static int
parse_list(struct audience *a, const json_t *list, struct err *e)
{
	size_t i;
	json_t *v;

	a->type = AUDIENCE_LIST;
	a->n = json_array_size(list);
	if (!json_is_array(list))
		return bad(e, "list is not an array");
	json_array_foreach(list, i, v)
		if (!json_is_string(v) ||
		    json_string_length(v) >= STORE_ADDRESS_MAX)
			return bad(e, "an address of the list is no string "
			    "or too long");
	return 0;
}

static int
parse_topics(struct audience *a, const json_t *topics, struct err *e)
{
	size_t i;
	json_t *v;

	if (topics == NULL || json_array_size(topics) == 0)
		return topics == NULL || json_is_array(topics) ? 0 :
		    bad(e, "topics is not an array");
	if (json_array_size(topics) > AUDIENCE_TOPICS)
		return bad(e, "more than 64 topics");
	a->topics[a->n_topics++] = "";
	json_array_foreach(topics, i, v) {
		if (!json_is_string(v))
			return bad(e, "a topic is no string");
		a->topics[a->n_topics++] = json_string_value(v);
	}
	return 0;
}

static int
check_ars(const json_t *ars, struct err *e)
{
	char digits[13];
	size_t i;
	json_t *v;

	if (ars == NULL)
		return 0;
	if (json_is_string(ars))
		return audience_ars(json_string_value(ars), digits) ? 0 :
		    bad(e, "ars is not 12 digits");
	if (!json_is_array(ars))
		return bad(e, "ars is neither a string nor an array");
	json_array_foreach(ars, i, v)
		if (!json_is_string(v) ||
		    !audience_ars(json_string_value(v), digits))
			return bad(e, "an ars is not 12 digits");
	return 0;
}

/* Whoever names one person means nobody else: nothing narrows or widens. */
static int
parse_one(struct audience *a, struct err *e)
{
	a->ref = json_string_value(json_object_get(a->json, "ref"));
	if (a->ref == NULL || json_object_size(a->json) != 2)
		return bad(e, "ref is no string, or not alone with kind");
	return 0;
}

static int
parse_people(struct audience *a, struct err *e)
{
	a->type = AUDIENCE_PEOPLE;
	a->kind = json_string_value(json_object_get(a->json, "kind"));
	if (a->kind == NULL || a->kind[0] == '\0')
		return bad(e, "needs list, kind or reached");
	if (json_object_get(a->json, "ref") != NULL)
		return parse_one(a, e);
	if (check_ars(json_object_get(a->json, "ars"), e) == -1)
		return -1;
	return parse_topics(a, json_object_get(a->json, "topics"), e);
}

int
audience_parse(const json_t *json, struct audience *a, struct err *e)
{
	const json_t *v;

	memset(a, 0, sizeof(*a));
	if (!json_is_object(json))
		return bad(e, "not an object");
	a->json = json_deep_copy(json);
	if ((v = json_object_get(a->json, "list")) != NULL)
		return parse_list(a, v, e);
	if ((v = json_object_get(a->json, "reached")) == NULL)
		return parse_people(a, e);
	a->type = AUDIENCE_REACHED;
	a->source = json_integer_value(v);
	return a->source > 0 ? 0 : bad(e, "reached is no job");
}

void
audience_fini(struct audience *a)
{
	if (a->origin != NULL)
		audience_fini(a->origin);
	free(a->origin);
	json_decref(a->json);
	memset(a, 0, sizeof(*a));
}

/* --------------------------------------------------------------- cache -- */

/* False when there is no such job. */
static bool
read_one(struct db *d, int64_t job, struct audience *a)
{
	struct err e = { ERR_OK, "" };
	sqlite3_stmt *st;
	json_t *json = NULL;

	st = db_query(d, "SELECT audience FROM job WHERE id = ?1", DB_I(job));
	if (db_row(d, st)) {
		json = json_loads(db_text(st, 0), 0, NULL);
		db_end(st);
	}
	if (json == NULL)
		return false;
	if (audience_parse(json, a, &e) == -1)
		log_bug("store: job %lld: %s", (long long)job, e.text);
	json_decref(json);
	a->job = job;
	return true;
}

static struct audience *
load(struct db *d, struct audience_cache *c, int64_t job)
{
	struct audience *a = &c->known[c->next++ % AUDIENCE_CACHE];

	audience_fini(a);
	if (!read_one(d, job, a))
		return NULL;
	if (a->type == AUDIENCE_REACHED) {
		a->origin = xcalloc(1, sizeof(*a->origin));
		(void)read_one(d, a->source, a->origin);
	}
	return a;
}

const struct audience *
audience_of(struct db *d, struct audience_cache *c, int64_t job)
{
	for (size_t i = 0; i < AUDIENCE_CACHE; i++)
		if (c->known[i].job == job && job != 0)
			return &c->known[i];
	return load(d, c, job);
}

void
audience_cache_fini(struct audience_cache *c)
{
	for (size_t i = 0; i < AUDIENCE_CACHE; i++)
		audience_fini(&c->known[i]);
}

/* ---------------------------------------------------------------- walk -- */

static size_t
take(struct db *d, sqlite3_stmt *st, int64_t *ids, size_t max)
{
	size_t n = 0;

	while (n < max && db_row(d, st))
		ids[n++] = sqlite3_column_int64(st, 0);
	if (st != NULL)
		db_end(st);
	return n;
}

static size_t
walk_list(const struct audience *a, int64_t cursor, int64_t *ids, size_t max)
{
	size_t n = 0;

	while (n < max && cursor < (int64_t)a->n)
		ids[n++] = ++cursor;
	return n;
}

/* One ordered stream a topic, merged by SQLite: UNION drops who is in two.
 * A DISTINCT over topic IN (...) would sort everybody first. */
static size_t
walk_topics(struct db *d, const struct audience *a, int64_t cursor,
    int64_t hwm, int64_t *ids, size_t max)
{
	sqlite3_stmt *st;
	struct buf sql;
	size_t n;

	buf_init(&sql, 16384);
	for (size_t i = 0; i < a->n_topics; i++)
		buf_fmt(&sql, "%sSELECT sub FROM membership WHERE"
		    " topic = ?%zu AND sub > ?1 AND sub <= ?2",
		    i == 0 ? "" : " UNION ", i + 4);
	buf_str(&sql, " ORDER BY sub LIMIT ?3");
	st = db_prepare(d, buf_cstr(&sql));
	buf_fini(&sql);
	db_bind(d, st, 1, (struct db_arg)DB_I(cursor));
	db_bind(d, st, 2, (struct db_arg)DB_I(hwm));
	db_bind(d, st, 3, (struct db_arg)DB_I(max));
	for (size_t i = 0; i < a->n_topics; i++)
		db_bind(d, st, (int)i + 4,
		    (struct db_arg)DB_T(a->topics[i]));
	n = take(d, st, ids, max);
	sqlite3_finalize(st);
	return n;
}

size_t
audience_walk(struct db *d, const struct audience *a, int64_t cursor,
    int64_t hwm, int64_t *ids, size_t max)
{
	if (a->type == AUDIENCE_LIST)
		return walk_list(a, cursor, ids, max);
	if (a->type == AUDIENCE_REACHED)
		return take(d, db_query(d, "SELECT target FROM outcome WHERE"
		    " job = ?1 AND target > ?2 AND target <= ?3 AND"
		    " state IN (2, 3, 6) ORDER BY target LIMIT ?4",
		    DB_I(a->source), DB_I(cursor), DB_I(hwm), DB_I(max)),
		    ids, max);
	if (a->ref != NULL)
		return take(d, db_query(d, "SELECT s.id FROM subscriber s"
		    " JOIN address a ON a.kind = ?2 AND a.sub = s.id"
		    " WHERE s.ref = ?1 AND s.id > ?3 AND s.id <= ?4",
		    DB_T(a->ref), DB_T(a->kind), DB_I(cursor), DB_I(hwm)),
		    ids, max);
	if (a->n_topics > 0)
		return walk_topics(d, a, cursor, hwm, ids, max);
	return take(d, db_query(d, "SELECT sub FROM address WHERE kind = ?1"
	    " AND sub > ?2 AND sub <= ?3 ORDER BY sub LIMIT ?4",
	    DB_T(a->kind), DB_I(cursor), DB_I(hwm), DB_I(max)), ids, max);
}

/* -------------------------------------------------------------- target -- */

static bool
ars_fits(const struct audience *a, const char *subscriber)
{
	const json_t *ars = json_object_get(a->json, "ars");
	char digits[13];
	size_t i;
	json_t *v;

	if (ars == NULL || subscriber[0] == '\0')
		return true;
	if (json_is_string(ars))
		return audience_ars(json_string_value(ars), digits) &&
		    audience_touches(digits, subscriber);
	json_array_foreach(ars, i, v)
		if (audience_ars(json_string_value(v), digits) &&
		    audience_touches(digits, subscriber))
			return true;
	return json_array_size(ars) == 0;
}

/* Not snprintf: this is done for every recipient. */
static void
copy_text(sqlite3_stmt *st, int col, char *out, size_t room)
{
	const unsigned char *s = sqlite3_column_text(st, col);
	size_t n = (size_t)sqlite3_column_bytes(st, col);

	if (n >= room)
		n = room - 1;
	if (n > 0)
		memcpy(out, s, n);
	out[n] = '\0';
}

static enum audience_answer
person(struct db *d, const struct audience *a, int64_t id, bool chosen,
    struct store_target *t)
{
	enum audience_answer yes = AUDIENCE_YES;
	sqlite3_stmt *st;

	st = db_query(d, "SELECT a.addr, s.langs, s.ars, s.state FROM"
	    " address a JOIN subscriber s ON s.id = a.sub"
	    " WHERE a.kind = ?1 AND a.sub = ?2", DB_T(a->kind), DB_I(id));
	if (!db_row(d, st))
		return chosen ? AUDIENCE_GONE : AUDIENCE_NO;
	copy_text(st, 0, t->address, sizeof(t->address));
	copy_text(st, 1, t->langs, sizeof(t->langs));
	if (!chosen && !ars_fits(a, db_text(st, 2)))
		yes = AUDIENCE_NO;
	else if (t->address[0] == '\0' || sqlite3_column_int(st, 3) != 0)
		yes = AUDIENCE_GONE;
	db_end(st);
	return yes;
}

enum audience_answer
audience_target(struct db *d, const struct audience *a, int64_t target,
    bool chosen, struct store_target *t)
{
	t->target = target;
	t->langs[0] = '\0';
	t->address[0] = '\0';
	if (a != NULL && a->type == AUDIENCE_REACHED) {
		a = a->origin;
		chosen = true;
	}
	if (a == NULL || a->type == AUDIENCE_REACHED)
		return AUDIENCE_GONE;
	if (a->type == AUDIENCE_PEOPLE)
		return person(d, a, target, chosen, t);
	if (target < 1 || target > (int64_t)a->n)
		return AUDIENCE_GONE;
	snprintf(t->address, sizeof(t->address), "%s", json_string_value(
	    json_array_get(json_object_get(a->json, "list"),
	    (size_t)target - 1)));
	return AUDIENCE_YES;
}

/* --------------------------------------------------------------- count -- */

#define COUNT_RANGE	20000	/* ids, when it is a matter of counting keys */
#define COUNT_WALK	256	/* candidates, when each must be looked at */

static int64_t
count_walk(struct db *d, const struct audience *a, int64_t hwm,
    int64_t *cursor)
{
	int64_t ids[COUNT_WALK], meant = 0;
	struct store_target t;
	size_t n;

	n = audience_walk(d, a, *cursor, hwm, ids, COUNT_WALK);
	for (size_t i = 0; i < n; i++)
		if (audience_target(d, a, ids[i], false, &t) != AUDIENCE_NO)
			meant++;
	*cursor = n < COUNT_WALK ? hwm : ids[n - 1];
	return meant;
}

int64_t
audience_count(struct db *d, const struct audience *a, int64_t hwm,
    int64_t *cursor)
{
	int64_t from = *cursor;

	if (a->type != AUDIENCE_PEOPLE || a->n_topics > 0 ||
	    a->ref != NULL || json_object_get(a->json, "ars") != NULL)
		return count_walk(d, a, hwm, cursor);
	*cursor = hwm - from > COUNT_RANGE ? from + COUNT_RANGE : hwm;
	return db_int(d, 0, "SELECT count(*) FROM address WHERE kind = ?1 AND"
	    " sub > ?2 AND sub <= ?3", DB_T(a->kind), DB_I(from),
	    DB_I(*cursor));
}
