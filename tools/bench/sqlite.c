/*
 * sqlite: SQLite alone, with our settings: rows of the size of an outcome, so
 * many of them a commit. Called by probe.
 */
#include "config.h"

#include <sqlite3.h>

#include "base/log.h"
#include "probe.h"
#include "samples.h"

static void
check(sqlite3 *db, bool good)
{
	if (!good)
		log_fatal(EXIT_TEMPFAIL, "probe: sqlite: %s",
		    sqlite3_errmsg(db));
}

static void
exec(sqlite3 *db, const char *sql)
{
	check(db, sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK);
}

static void
commit_rows(sqlite3 *db, sqlite3_stmt *st, int64_t first, size_t batch)
{
	exec(db, "BEGIN IMMEDIATE");
	for (size_t i = 0; i < batch; i++) {
		sqlite3_bind_int64(st, 1, first + (int64_t)i);
		sqlite3_bind_text(st, 2, "wamid.012345678901234567", -1,
		    SQLITE_STATIC);
		check(db, sqlite3_step(st) == SQLITE_DONE);
		sqlite3_reset(st);
	}
	exec(db, "COMMIT");
}

int
sqlite_run(char **argv)
{
	size_t count = probe_number(argv[2], 1000000);
	size_t batch = probe_number(argv[3], 4096);
	sqlite3_stmt *st;
	struct samples s;
	sqlite3 *db;

	check(NULL, sqlite3_open(argv[1], &db) == SQLITE_OK);
	exec(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
	    "CREATE TABLE outcome(job, target, state, attempt, at, code,"
	    " peer_id, PRIMARY KEY(job, target)) WITHOUT ROWID");
	check(db, sqlite3_prepare_v2(db, "INSERT INTO outcome VALUES(1, ?1,"
	    " 2, 1, 1773068400000000, 200, ?2)", -1, &st, NULL) ==
	    SQLITE_OK);
	samples_init(&s, count, PROBE_SECONDS);
	while (!samples_over(&s)) {
		int64_t begun = samples_now();

		commit_rows(db, st, (int64_t)(s.n * batch), batch);
		samples_add(&s, begun);
	}
	samples_print(&s, batch, "");
	samples_fini(&s);
	sqlite3_finalize(st);
	sqlite3_close(db);
	return 0;
}
