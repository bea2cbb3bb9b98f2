/*
 * db: one SQLite connection with its prepared statements.
 *
 * Errors are sticky, as in buf: after the first failure every call does
 * nothing and returns no row, so an operation may check db_ok() once at its
 * end. Statements are cached by the address of their text, which therefore
 * must be a literal. A connection belongs to one thread.
 */
#ifndef STORE_DB_H
#define STORE_DB_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define DB_CACHE	256

struct db {
	sqlite3 *conn;
	int rc;			/* first failure since db_clear(), else 0 */
	char why[200];
	struct {
		const char *sql;
		sqlite3_stmt *stmt;
	} cache[DB_CACHE];
};

/* A value to bind. Texts and blobs are borrowed until the next use of the
 * same statement; a NULL text is SQL NULL. */
struct db_arg {
	int type;
	int64_t i;
	const void *p;
};

#define DB_I(x)		{ 'i', (int64_t)(x), NULL }
#define DB_T(s)		{ 't', 0, (s) }
#define DB_B(ptr, n)	{ 'b', (int64_t)(n), (ptr) }

/* flags as for sqlite3_open_v2(). */
int
db_open(const char *path, int flags, struct db *d, struct err *e);
void
db_close(struct db *d);
bool
db_ok(const struct db *d);
/* Forget the failure and end every statement. */
void
db_clear(struct db *d);

/* Without arguments; several statements in one text; not cached. */
void
db_exec(struct db *d, const char *sql);

sqlite3_stmt *
db_query_args(struct db *d, const char *sql, const struct db_arg *a,
    size_t n);
void
db_run_args(struct db *d, const char *sql, const struct db_arg *a, size_t n);
int64_t
db_int_args(struct db *d, int64_t none, const char *sql,
    const struct db_arg *a, size_t n);

#define DB_ARGS(...)							\
	(const struct db_arg[]){ __VA_ARGS__ },				\
	sizeof((const struct db_arg[]){ __VA_ARGS__ }) /		\
	    sizeof(struct db_arg)

/* Begin a query; rows come from db_row(). NULL after a failure. */
#define db_query(d, sql, ...)						\
	db_query_args((d), (sql), DB_ARGS(__VA_ARGS__))
/* Run to the end. */
#define db_run(d, sql, ...)						\
	db_run_args((d), (sql), DB_ARGS(__VA_ARGS__))
/* First column of the first row; none when there is no row or it is NULL. */
#define db_int(d, none, sql, ...)					\
	db_int_args((d), (none), (sql), DB_ARGS(__VA_ARGS__))

/* The next row is there. False ends the query. */
bool
db_row(struct db *d, sqlite3_stmt *st);
/* End a query before its last row. */
void
db_end(sqlite3_stmt *st);
/* Prepare a text made at run time; the caller finalises. */
sqlite3_stmt *
db_prepare(struct db *d, const char *sql);
/* Bind value number at (from 1). */
void
db_bind(struct db *d, sqlite3_stmt *st, int at, struct db_arg a);
/* Rows changed by the last write. */
int64_t
db_changes(const struct db *d);
/* A column as text, "" for NULL; borrowed until the next row. */
const char *
db_text(sqlite3_stmt *st, int col);

#endif
