/*
 * db: runs SQL with sticky errors and cached statements. Knows no table;
 * never retries. Called by the writer and by readers of the store.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "store/db.h"

static void
fail(struct db *d, int rc)
{
	if (d->rc != 0)
		return;
	d->rc = rc;
	snprintf(d->why, sizeof(d->why), "%s", sqlite3_errmsg(d->conn));
}

int
db_open(const char *path, int flags, struct db *d, struct err *e)
{
	int rc;

	memset(d, 0, sizeof(*d));
	rc = sqlite3_open_v2(path, &d->conn, flags | SQLITE_OPEN_NOMUTEX,
	    NULL);
	if (d->conn == NULL)
		log_fatal(EXIT_TEMPFAIL, "open store: no memory");
	if (rc == SQLITE_OK) {
		sqlite3_extended_result_codes(d->conn, 1);
		sqlite3_busy_timeout(d->conn, 10000);
		return 0;
	}
	err_set(e, ERR_FAILED, "open store: %s: %s: check the path and its "
	    "permissions", path, sqlite3_errmsg(d->conn));
	db_close(d);
	return -1;
}

void
db_close(struct db *d)
{
	for (size_t i = 0; i < DB_CACHE; i++)
		sqlite3_finalize(d->cache[i].stmt);
	if (sqlite3_close(d->conn) != SQLITE_OK)
		log_bug("close store: a statement is still in use");
	memset(d, 0, sizeof(*d));
}

bool
db_ok(const struct db *d)
{
	return d->rc == 0;
}

void
db_clear(struct db *d)
{
	sqlite3_stmt *st = NULL;

	while ((st = sqlite3_next_stmt(d->conn, st)) != NULL)
		sqlite3_reset(st);
	d->rc = 0;
	d->why[0] = '\0';
}

void
db_exec(struct db *d, const char *sql)
{
	int rc;

	if (d->rc != 0)
		return;
	rc = sqlite3_exec(d->conn, sql, NULL, NULL, NULL);
	if (rc != SQLITE_OK)
		fail(d, rc);
}

sqlite3_stmt *
db_prepare(struct db *d, const char *sql)
{
	sqlite3_stmt *st = NULL;
	int rc;

	if (d->rc != 0)
		return NULL;
	rc = sqlite3_prepare_v3(d->conn, sql, -1, SQLITE_PREPARE_PERSISTENT,
	    &st, NULL);
	if (rc != SQLITE_OK)
		fail(d, rc);
	return st;
}

/* The cached statement, reset. */
static sqlite3_stmt *
cached(struct db *d, const char *sql)
{
	size_t at = ((uintptr_t)sql >> 3) % DB_CACHE, n = 0;

	while (d->cache[at].sql != NULL && d->cache[at].sql != sql) {
		at = (at + 1) % DB_CACHE;
		if (++n == DB_CACHE)
			log_bug("store: more than %d statements", DB_CACHE);
	}
	if (d->cache[at].stmt == NULL) {
		d->cache[at].stmt = db_prepare(d, sql);
		if (d->cache[at].stmt != NULL)
			d->cache[at].sql = sql;
	}
	sqlite3_reset(d->cache[at].stmt);
	return d->cache[at].stmt;
}

void
db_bind(struct db *d, sqlite3_stmt *st, int at, struct db_arg a)
{
	int rc;

	if (st == NULL || d->rc != 0)
		return;
	if (a.type == 'i')
		rc = sqlite3_bind_int64(st, at, a.i);
	else if (a.p == NULL)
		rc = sqlite3_bind_null(st, at);
	else if (a.type == 't')
		rc = sqlite3_bind_text(st, at, a.p, -1, SQLITE_STATIC);
	else
		rc = sqlite3_bind_blob64(st, at, a.p, (uint64_t)a.i,
		    SQLITE_STATIC);
	if (rc != SQLITE_OK)
		fail(d, rc);
}

sqlite3_stmt *
db_query_args(struct db *d, const char *sql, const struct db_arg *a, size_t n)
{
	sqlite3_stmt *st;

	if (d->rc != 0)
		return NULL;
	st = cached(d, sql);
	for (size_t i = 0; i < n; i++)
		db_bind(d, st, (int)i + 1, a[i]);
	return d->rc == 0 ? st : NULL;
}

bool
db_row(struct db *d, sqlite3_stmt *st)
{
	int rc;

	if (st == NULL || d->rc != 0)
		return false;
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		return true;
	if (rc != SQLITE_DONE)
		fail(d, rc);
	sqlite3_reset(st);
	return false;
}

void
db_end(sqlite3_stmt *st)
{
	sqlite3_reset(st);
}

void
db_run_args(struct db *d, const char *sql, const struct db_arg *a, size_t n)
{
	sqlite3_stmt *st = db_query_args(d, sql, a, n);

	while (db_row(d, st))
		continue;
}

int64_t
db_int_args(struct db *d, int64_t none, const char *sql,
    const struct db_arg *a, size_t n)
{
	sqlite3_stmt *st = db_query_args(d, sql, a, n);
	int64_t v = none;

	if (db_row(d, st)) {
		if (sqlite3_column_type(st, 0) != SQLITE_NULL)
			v = sqlite3_column_int64(st, 0);
		db_end(st);
	}
	return v;
}

int64_t
db_changes(const struct db *d)
{
	return d->rc == 0 ? sqlite3_changes64(d->conn) : 0;
}

const char *
db_text(sqlite3_stmt *st, int col)
{
	const char *s = (const char *)sqlite3_column_text(st, col);

	return s == NULL ? "" : s;
}
