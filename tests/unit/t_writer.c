/*
 * t_writer: group commit when something is in its way: a full or a broken
 * disk, a lock that somebody else holds, work without a pause.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "store/store_private.h"
#include "unit/store_fixture.h"

/* ---------------------------------------------------------------- disk -- */

/* What SQLite finds when it writes and syncs: SQLITE_OK, the disk as it is.
 * A full one has room again as soon as the reserve is given up. */
static atomic_int write_rc, sync_rc;
static char reserve[128];
static sqlite3_vfs disk, *below;
/* Of files with locks, and of those without. */
static sqlite3_io_methods methods[2], beneath[2];

static const sqlite3_io_methods *
real(const sqlite3_file *file)
{
	return &beneath[file->pMethods - methods];
}

static int
disk_write(sqlite3_file *file, const void *p, int n, sqlite3_int64 at)
{
	int rc = write_rc;

	if (rc == SQLITE_FULL && access(reserve, F_OK) == -1)
		rc = SQLITE_OK;
	return rc != SQLITE_OK ? rc :
	    real(file)->xWrite(file, p, n, at);
}

static int
disk_sync(sqlite3_file *file, int flags)
{
	int rc = sync_rc;

	return rc != SQLITE_OK ? rc : real(file)->xSync(file, flags);
}

static int
disk_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
    int *out)
{
	int rc = below->xOpen(below, name, file, flags, out);
	int kind = (flags & SQLITE_OPEN_MAIN_DB) == 0;

	(void)vfs;
	if (rc != SQLITE_OK)
		return rc;
	beneath[kind] = methods[kind] = *file->pMethods;
	methods[kind].xWrite = disk_write;
	methods[kind].xSync = disk_sync;
	file->pMethods = &methods[kind];
	return SQLITE_OK;
}

static void
disk_init(void)
{
	below = sqlite3_vfs_find(NULL);
	disk = *below;
	disk.zName = "disk";
	disk.xOpen = disk_open;
	sqlite3_vfs_register(&disk, 1);
}

static void
init(struct fx *f)
{
	fx_init(f, true);
	snprintf(reserve, sizeof(reserve), "%s.reserve", f->path);
	assert_int_equal(access(reserve, F_OK), 0);
}

/* ------------------------------------------------------------ full disk -- */

static void
outcomes_fit_when_the_disk_is_full(void **state)
{
	struct fx f;

	(void)state;
	init(&f);
	fx_accept(&f, (struct fx_new){ .uid = "lf-1" });
	fx_claim(&f, 1, 2, FX_NOW);
	write_rc = SQLITE_FULL;
	assert_int_equal(fx_accept(&f, (struct fx_new){ .uid = "lf-2" }),
	    ERR_UNREACHABLE);
	assert_non_null(strstr(f.err.text, "disk full"));
	assert_int_equal(access(reserve, F_OK), 0);
	fx_put(&f, 1, 1, STORE_ACCEPTED);
	assert_int_equal(access(reserve, F_OK), -1);
	write_rc = SQLITE_OK;
	assert_int_equal(fx_accept(&f, (struct fx_new){ .uid = "lf-2" }),
	    ERR_OK);
	assert_int_equal(access(reserve, F_OK), 0);
	assert_int_equal(fx_count(&f, "lf-1", 0, "accepted"), 1);
	fx_fini(&f);
}

/* --------------------------------------------------------------- broken -- */

/* The exit code of a process that accepts one here. */
static int
code_of(struct fx *f, void (*spoil)(struct fx *))
{
	pid_t pid = fork();
	int status;

	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		fx_open(f);
		spoil(f);
		(void)fx_accept(f, (struct fx_new){ .uid = "lf-1" });
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
break_sync(struct fx *f)
{
	(void)f;
	sync_rc = SQLITE_IOERR_FSYNC;
}

/* Nobody knows what is on disk then: promise nothing more. */
static void
a_failed_sync_ends_the_process(void **state)
{
	struct fx f;

	(void)state;
	init(&f);
	fx_close(&f);
	assert_int_equal(code_of(&f, break_sync), EX_IOERR);
	fx_open(&f);
	fx_fini(&f);
}

/* Overwrite the first page of the jobs. */
static void
damage(struct fx *f)
{
	FILE *file = fopen(f->path, "r+");
	int64_t page = db_int(&f->store->rdb, 0, "SELECT rootpage FROM"
	    " sqlite_schema WHERE name = ?1", DB_T("job"));

	assert_non_null(file);
	assert_int_equal(fseek(file, (long)(page - 1) * 4096, SEEK_SET), 0);
	for (int i = 0; i < 4096; i++)
		fputc('x', file);
	fclose(file);
}

static void
a_damaged_page_ends_the_process(void **state)
{
	struct fx f;

	(void)state;
	init(&f);
	fx_close(&f);	/* and with it the log: all is in the file */
	assert_int_equal(code_of(&f, damage), EX_IOERR);
	fx_open(&f);
	fx_fini(&f);
}

/* --------------------------------------------------------------- locked -- */

static int waits;

static int
wait_no_more(void *arg, int n)
{
	(void)arg;
	(void)n;
	waits++;
	return 0;
}

/* Somebody has opened the database and forgotten a transaction. */
static sqlite3 *
hold_lock(struct fx *f)
{
	sqlite3 *other = fx_lock(f);

	sqlite3_busy_handler(f->store->wdb.conn, wait_no_more, NULL);
	waits = 0;
	return other;
}

static void
a_lock_is_waited_for_once_by_all(void **state)
{
	sqlite3 *other;
	struct fx f;

	(void)state;
	fx_init(&f, false);
	other = hold_lock(&f);
	fx_send(&f, (struct fx_new){ .uid = "lf-1" });
	fx_send(&f, (struct fx_new){ .uid = "lf-2" });
	fx_send(&f, (struct fx_new){ .uid = "lf-3" });
	while (f.answers < 3)
		fx_wait(&f);
	assert_int_equal(waits, 1);
	assert_int_equal(f.err.code, ERR_UNREACHABLE);
	assert_non_null(strstr(f.err.text, "another program"));
	sqlite3_close(other);
	assert_int_equal(fx_accept(&f, (struct fx_new){ .uid = "lf-3" }),
	    ERR_OK);
	assert_false(f.duplicate);
	fx_fini(&f);
}

static void
a_lock_is_no_full_disk(void **state)
{
	sqlite3 *other;
	struct fx f;

	(void)state;
	init(&f);
	other = hold_lock(&f);
	store_channel_put(f.store, "a", "paused", "1", fx_answer, &f);
	fx_wait(&f);
	assert_int_equal(f.err.code, ERR_UNREACHABLE);
	assert_int_equal(access(reserve, F_OK), 0);
	sqlite3_close(other);
	fx_fini(&f);
}

/* ------------------------------------------------------------- no pause -- */

struct hurry {
	struct fx *fx;
	int left;
};

/* There is always something to write, until the count is there. */
static void
put_again(void *arg, const struct err *e)
{
	struct hurry *h = arg;

	assert_int_equal(e->code, ERR_OK);
	if (fx_count(h->fx, "lf-1", 0, "total") == -1 && h->left-- > 0)
		store_channel_put(h->fx->store, "a", "state.n", "1",
		    put_again, h);
}

/* An audience is counted, and a rare one found, however much there is. */
static void
background_work_is_done_without_a_pause(void **state)
{
	struct hurry h = { .left = 100 };
	struct fx f;

	(void)state;
	fx_init(&f, false);
	h.fx = &f;
	assert_int_equal(fx_subscriber(&f, "{\"ref\":\"k\",\"addresses\":"
	    "{\"sms\":\"+4930123456\"}}"), ERR_OK);
	fx_send(&f, (struct fx_new){ .uid = "lf-1",
	    .audience = "{\"kind\":\"sms\"}" });
	put_again(&h, &f.err);
	while (fx_count(&f, "lf-1", 0, "total") == -1)
		loop_once(f.loop, 0);
	assert_int_equal(fx_count(&f, "lf-1", 0, "total"), 1);
	assert_true(h.left > 0);
	loop_run(f.loop);
	fx_fini(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(outcomes_fit_when_the_disk_is_full),
		cmocka_unit_test(a_failed_sync_ends_the_process),
		cmocka_unit_test(a_damaged_page_ends_the_process),
		cmocka_unit_test(a_lock_is_waited_for_once_by_all),
		cmocka_unit_test(a_lock_is_no_full_disk),
		cmocka_unit_test(background_work_is_done_without_a_pause),
	};

	log_init("t_writer", LOG_TEXT, LOG_LEVEL_FATAL);
	disk_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
