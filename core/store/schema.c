/*
 * schema: creates and upgrades the tables. Steps are only ever appended; a
 * step that was released is never changed. Called once by store_open().
 *
 * Rules: STRICT tables, times in microseconds UTC with 0 for none, states in
 * the predicate of a partial index and never in front of a key, no cascades.
 */
#include "config.h"

#include "base/log.h"
#include "store/schema.h"

#define APPLICATION_ID	1279674195	/* "LFSS" */

static const char step_1[] =
"CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL)"
"  STRICT, WITHOUT ROWID;"
/* One row per start of the daemon. Ownership goes by epoch. */
"CREATE TABLE node(epoch INTEGER PRIMARY KEY, boot_id TEXT NOT NULL,"
"  pid INTEGER NOT NULL, started INTEGER NOT NULL,"
"  clean_stop INTEGER NOT NULL DEFAULT 0) STRICT;"

"CREATE TABLE announcement(id INTEGER PRIMARY KEY AUTOINCREMENT,"
"  uid TEXT NOT NULL, version INTEGER NOT NULL, chain TEXT NOT NULL,"
"  idem_key TEXT UNIQUE, hash BLOB NOT NULL CHECK(length(hash) = 32),"
"  lane INTEGER NOT NULL, accepted INTEGER NOT NULL,"
"  not_before INTEGER NOT NULL, expires INTEGER NOT NULL,"
"  cancelled INTEGER NOT NULL DEFAULT 0, body TEXT NOT NULL,"
"  UNIQUE(uid, version)) STRICT;"
"CREATE TABLE rendition(ann INTEGER NOT NULL, channel TEXT NOT NULL,"
"  key TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY(ann, channel, key))"
"  STRICT, WITHOUT ROWID;"

/* open: active, or ended with targets still out. source: the job whose
 * reached targets this one walks. counted: how far total is counted, NULL
 * when it is known. n_*: deliveries by state. */
"CREATE TABLE job(id INTEGER PRIMARY KEY AUTOINCREMENT,"
"  ann INTEGER NOT NULL REFERENCES announcement(id),"
"  chain TEXT NOT NULL, channel TEXT NOT NULL, action INTEGER NOT NULL,"
"  lane INTEGER NOT NULL, doubt INTEGER NOT NULL,"
"  state INTEGER NOT NULL DEFAULT 0, open INTEGER NOT NULL DEFAULT 1,"
"  not_before INTEGER NOT NULL, expires INTEGER NOT NULL,"
"  accepted INTEGER NOT NULL, audience TEXT NOT NULL,"
"  source INTEGER NOT NULL DEFAULT 0, cursor INTEGER NOT NULL DEFAULT 0,"
"  hwm INTEGER NOT NULL, exhausted INTEGER NOT NULL DEFAULT 0,"
"  out INTEGER NOT NULL DEFAULT 0, total INTEGER NOT NULL DEFAULT 0,"
"  counted INTEGER, n_retry INTEGER NOT NULL DEFAULT 0,"
"  n_accepted INTEGER NOT NULL DEFAULT 0,"
"  n_delivered INTEGER NOT NULL DEFAULT 0,"
"  n_failed INTEGER NOT NULL DEFAULT 0,"
"  n_expired INTEGER NOT NULL DEFAULT 0,"
"  n_unknown INTEGER NOT NULL DEFAULT 0,"
"  n_cancelled INTEGER NOT NULL DEFAULT 0,"
"  n_superseded INTEGER NOT NULL DEFAULT 0,"
"  n_suppressed INTEGER NOT NULL DEFAULT 0,"
"  first_at INTEGER NOT NULL DEFAULT 0,"
"  last_at INTEGER NOT NULL DEFAULT 0) STRICT;"
"CREATE INDEX job_open ON job(id) WHERE open = 1;"
"CREATE INDEX job_ann ON job(ann);"
"CREATE INDEX job_chain ON job(chain, channel);"
"CREATE INDEX job_source ON job(source) WHERE source <> 0;"
"CREATE INDEX job_counting ON job(id) WHERE counted IS NOT NULL;"

"CREATE TABLE lease(id INTEGER PRIMARY KEY, job INTEGER NOT NULL,"
"  epoch INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,"
"  remain INTEGER NOT NULL, taken INTEGER NOT NULL) STRICT;"
"CREATE INDEX lease_job ON lease(job, first);"
/* taken: the epoch that is trying it now, 0 when it waits. attempt: tries
 * already charged. */
"CREATE TABLE retry(job INTEGER NOT NULL, target INTEGER NOT NULL,"
"  attempt INTEGER NOT NULL, in_doubt INTEGER NOT NULL,"
"  due INTEGER NOT NULL, taken INTEGER NOT NULL DEFAULT 0,"
"  at INTEGER NOT NULL, outcome INTEGER NOT NULL, code INTEGER NOT NULL,"
"  peer_id TEXT, text TEXT, PRIMARY KEY(job, target))"
"  STRICT, WITHOUT ROWID;"
"CREATE INDEX retry_due ON retry(job, due, target) WHERE taken = 0;"
"CREATE INDEX retry_taken ON retry(taken) WHERE taken <> 0;"
"CREATE TABLE outcome(job INTEGER NOT NULL, target INTEGER NOT NULL,"
"  state INTEGER NOT NULL, attempt INTEGER NOT NULL, at INTEGER NOT NULL,"
"  outcome INTEGER NOT NULL, code INTEGER NOT NULL, peer_id TEXT,"
"  text TEXT, PRIMARY KEY(job, target)) STRICT, WITHOUT ROWID;"
"CREATE INDEX outcome_bad ON outcome(job, state, target) WHERE state > 3;"
/* Every try but a success at the first. */
"CREATE TABLE attempt(job INTEGER NOT NULL, target INTEGER NOT NULL,"
"  n INTEGER NOT NULL, at INTEGER NOT NULL, state INTEGER NOT NULL,"
"  counts INTEGER NOT NULL, in_doubt INTEGER NOT NULL,"
"  outcome INTEGER NOT NULL, code INTEGER NOT NULL, peer_id TEXT,"
"  text TEXT, PRIMARY KEY(job, target, n, at)) STRICT, WITHOUT ROWID;"

/* langs: "tr,de". ars: the significant digits, '' everywhere. */
"CREATE TABLE subscriber(id INTEGER PRIMARY KEY AUTOINCREMENT,"
"  ref TEXT NOT NULL UNIQUE, langs TEXT NOT NULL, ars TEXT NOT NULL,"
"  state INTEGER NOT NULL DEFAULT 0, created INTEGER NOT NULL,"
"  changed INTEGER NOT NULL) STRICT;"
"CREATE TABLE address(kind TEXT NOT NULL, sub INTEGER NOT NULL, addr TEXT,"
"  PRIMARY KEY(kind, sub)) STRICT, WITHOUT ROWID;"
/* Two spellings of a mail address are one mailbox, which wants one mail. */
"CREATE UNIQUE INDEX address_addr ON address(kind, addr COLLATE NOCASE)"
"  WHERE addr IS NOT NULL;"
"CREATE INDEX address_sub ON address(sub);"
/* Topic '' : no topic of his own, so he gets everything. */
"CREATE TABLE membership(topic TEXT NOT NULL, sub INTEGER NOT NULL,"
"  PRIMARY KEY(topic, sub)) STRICT, WITHOUT ROWID;"
"CREATE INDEX membership_sub ON membership(sub);"

"CREATE TABLE channel(name TEXT NOT NULL, key TEXT NOT NULL,"
"  value TEXT NOT NULL, PRIMARY KEY(name, key)) STRICT, WITHOUT ROWID;"
"CREATE TABLE audit(seq INTEGER PRIMARY KEY, at INTEGER NOT NULL,"
"  actor TEXT NOT NULL, what TEXT NOT NULL, object TEXT NOT NULL,"
"  data TEXT NOT NULL, hash BLOB NOT NULL) STRICT;"
"INSERT INTO meta VALUES('instance', lower(hex(randomblob(4))));";

static const char *const steps[] = { step_1 };

#define SCHEMA_VERSION	((int64_t)(sizeof(steps) / sizeof(steps[0])))

static const char pragmas[] =
    "PRAGMA journal_mode = WAL;"
    "PRAGMA wal_autocheckpoint = 1000;"
    "PRAGMA journal_size_limit = 67108864;"
    "PRAGMA cache_size = -8192;"
    "PRAGMA temp_store = MEMORY;"
    "PRAGMA trusted_schema = OFF;"
    "PRAGMA cell_size_check = ON;";

static int64_t
pragma(struct db *d, const char *sql)
{
	sqlite3_stmt *st = db_prepare(d, sql);
	int64_t v = db_row(d, st) ? sqlite3_column_int64(st, 0) : 0;

	sqlite3_finalize(st);
	return v;
}

static void
upgrade(struct db *d, int64_t from)
{
	char sql[80];

	db_exec(d, "BEGIN IMMEDIATE");
	for (int64_t v = from; v < SCHEMA_VERSION; v++)
		db_exec(d, steps[v]);
	sqlite3_snprintf(sizeof(sql), sql,
	    "PRAGMA application_id = %d; PRAGMA user_version = %lld; COMMIT",
	    APPLICATION_ID, (long long)SCHEMA_VERSION);
	db_exec(d, sql);
}

int
schema_open(struct db *d, const char *path, bool durable, struct err *e)
{
	int64_t version, app, tables;

	version = pragma(d, "PRAGMA user_version");
	app = pragma(d, "PRAGMA application_id");
	tables = pragma(d, "SELECT count(*) FROM sqlite_schema");
	if (!db_ok(d))
		return err_set(e, ERR_FAILED, "open store: %s: %s: the file "
		    "is damaged or not ours: restore a backup or move it "
		    "away", path, d->why);
	if (app != APPLICATION_ID && (tables != 0 || version != 0))
		return err_set(e, ERR_FAILED, "open store: %s: a database "
		    "of another program: name another file", path);
	if (version > SCHEMA_VERSION)
		return err_set(e, ERR_FAILED, "open store: %s: written by "
		    "a newer litfass (version %d, we know %d): upgrade "
		    "litfass", path, (int)version, (int)SCHEMA_VERSION);
	if (version == 0)
		db_exec(d, "PRAGMA page_size = 4096");
	db_exec(d, pragmas);
	db_exec(d, durable ? "PRAGMA synchronous = FULL" :
	    "PRAGMA synchronous = OFF");
	if (version < SCHEMA_VERSION)
		upgrade(d, version);
	if (!db_ok(d))
		return err_set(e, ERR_FAILED, "open store: %s: %s: check "
		    "disk space and permissions", path, d->why);
	return 0;
}
