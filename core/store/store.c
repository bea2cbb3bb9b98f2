/*
 * store: opens, locks and closes the database and keeps the words for
 * states. Never writes outside the writer. Called by the core role.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "store/flight.h"
#include "store/schema.h"
#include "store/store_private.h"

static const char *const state_names[STORE_STATES] = {
	[STORE_QUEUED] = "queued", [STORE_RETRY] = "retry",
	[STORE_ACCEPTED] = "accepted", [STORE_DELIVERED] = "delivered",
	[STORE_FAILED] = "failed", [STORE_EXPIRED] = "expired",
	[STORE_UNKNOWN] = "unknown", [STORE_CANCELLED] = "cancelled",
	[STORE_SUPERSEDED] = "superseded", [STORE_SUPPRESSED] = "suppressed",
};

const char *
store_state_name(enum store_state st)
{
	if ((unsigned)st >= STORE_STATES)
		log_bug("store: no such state: %d", (int)st);
	return state_names[st];
}

const char *
store_instance(const struct store *s)
{
	return s->instance;
}

struct db *
store_reader(struct store *s)
{
	if (!db_ok(&s->rdb)) {
		log_warn("read store: %s: %s", s->path, s->rdb.why);
		db_clear(&s->rdb);
	}
	return &s->rdb;
}

char *
store_text(const char *s)
{
	size_t n;

	if (s == NULL)
		return NULL;
	n = strnlen(s, STORE_TEXT_MAX + 1);
	if (n > STORE_TEXT_MAX)
		for (n = STORE_TEXT_MAX; n > 0 && (s[n] & 0xc0) == 0x80;)
			n--;
	return xstrndup(s, n);
}

/* ---------------------------------------------------------------- open -- */

/* Locks and shared memory of SQLite do not work there. Magic numbers from
 * statfs(2): NFS, SMB, CIFS, SMB2, AFS, Coda, Ceph, Lustre. */
static int
check_file_system(const char *path, int fd, struct err *e)
{
	static const uint32_t network[] = { 0x6969, 0x517b, 0xff534d42,
		0xfe534d42, 0x5346414f, 0x73757245, 0x00c36400, 0x0bd00bd0 };
	struct statfs fs;

	if (fstatfs(fd, &fs) == -1)
		return err_set(e, ERR_FAILED, "open store: %s: %s: check the "
		    "file system", path, strerror(errno));
	for (size_t i = 0; i < sizeof(network) / sizeof(network[0]); i++)
		if ((uint32_t)fs.f_type == network[i])
			return err_set(e, ERR_FAILED, "open store: %s: on a "
			    "network file system: use a local disk", path);
	return 0;
}

/* A lock file of its own: opening and closing the database itself would
 * drop the locks SQLite holds on it. */
static int
lock(struct store *s, struct err *e)
{
	char *path = xasprintf("%s.lock", s->path);
	int rc = 0;

	s->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (s->lock_fd == -1)
		rc = err_set(e, ERR_FAILED, "open store: %s: %s: check the "
		    "folder and its permissions", path, strerror(errno));
	else if (check_file_system(s->path, s->lock_fd, e) == -1)
		rc = -1;
	else if (flock(s->lock_fd, LOCK_EX | LOCK_NB) == -1)
		rc = err_set(e, ERR_STATE, "open store: %s: in use by "
		    "another litfassd: stop it first", s->path);
	free(path);
	return rc;
}

/* SQLite would create it readable for everyone. */
static int
create_private(const char *path, struct err *e)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_EXCL, 0600);

	if (fd != -1)
		close(fd);
	else if (errno != EEXIST)
		return err_set(e, ERR_FAILED, "open store: %s: %s: check the "
		    "folder and its permissions", path, strerror(errno));
	return 0;
}

static void
begin_epoch(struct store *s)
{
	struct db *d = &s->wdb;
	char boot_id[FLIGHT_BOOT_ID];
	sqlite3_stmt *st;

	flight_boot_id(boot_id);
	db_run(d, "INSERT INTO node(boot_id, pid, started) VALUES(?1, ?2,"
	    " ?3)", DB_T(boot_id), DB_I(getpid()),
	    DB_I(loop_wall(s->loop).us));
	s->epoch = sqlite3_last_insert_rowid(d->conn);
	st = db_query(d, "SELECT value FROM meta WHERE key = ?1",
	    DB_T("instance"));
	if (db_row(d, st)) {
		snprintf(s->instance, sizeof(s->instance), "%s",
		    db_text(st, 0));
		db_end(st);
	}
}

static int
open_database(struct store *s, bool durable, struct err *e)
{
	if (create_private(s->path, e) == -1 ||
	    db_open(s->path, SQLITE_OPEN_READWRITE, &s->wdb, e) == -1 ||
	    schema_open(&s->wdb, s->path, durable, e) == -1)
		return -1;
	begin_epoch(s);
	if (!db_ok(&s->wdb))
		return err_set(e, ERR_FAILED, "open store: %s: %s: check "
		    "disk space and permissions", s->path, s->wdb.why);
	return db_open(s->path, SQLITE_OPEN_READONLY, &s->rdb, e);
}

static void
dispose(struct store *s)
{
	audience_cache_fini(&s->waudience);
	audience_cache_fini(&s->raudience);
	db_close(&s->rdb);
	db_close(&s->wdb);
	if (s->lock_fd != -1)
		close(s->lock_fd);
	free(s->path);
	free(s->reserve);
	free(s);
}

int
store_open(const char *path, struct loop *l, unsigned flags,
    struct store **s_r, struct err *e)
{
	struct store *s = xcalloc(1, sizeof(*s));
	bool threaded = (flags & STORE_INLINE) == 0, uncounted;

	s->loop = l;
	s->lock_fd = -1;
	s->path = xstrdup(path);
	if (threaded)
		s->reserve = xasprintf("%s.reserve", path);
	if (lock(s, e) == -1 || open_database(s, threaded, e) == -1) {
		dispose(s);
		return -1;
	}
	uncounted = db_int(&s->wdb, 0, "SELECT 1 FROM job WHERE counted IS"
	    " NOT NULL AND id > ?1 LIMIT 1", DB_I(0)) != 0;
	s->writer = writer_new(s, &s->wdb, l, threaded, s->reserve);
	if (uncounted)
		store_count(s);
	*s_r = s;
	return 0;
}

void
store_close(struct store **sp)
{
	struct store *s = *sp;

	if (s == NULL)
		return;
	*sp = NULL;
	writer_free(&s->writer);
	db_run(&s->wdb, "UPDATE node SET clean_stop = ?1 WHERE epoch = ?2",
	    DB_I(loop_wall(s->loop).us), DB_I(s->epoch));
	db_close(&s->rdb);
	if (!db_ok(&s->wdb))
		log_warn("close store: %s: %s", s->path, s->wdb.why);
	dispose(s);
}
