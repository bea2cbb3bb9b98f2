/*
 * t_store_crash: kill -9 at named points, a full disk, threads, and that no
 * hot query walks a table. What was acknowledged must be there afterwards.
 */
#include "config.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <sodium.h>

#include "base/log.h"
#include "litfass/plugin.h"
#include "store/store_private.h"
#include "unit/store_fixture.h"

/* -------------------------------------------------------------- kill -9 -- */

static const char *die_at;

static void
die(const char *name)
{
	if (strcmp(name, die_at) == 0)
		kill(getpid(), SIGKILL);
}

/* Run work in a child that is killed at a point; the folder is f's. */
static void
crash(struct fx *f, const char *at, void (*work)(struct fx *))
{
	pid_t pid;
	int status;

	fx_close(f);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		fx_open(f);
		die_at = at;
		writer_point = die;
		work(f);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	fx_open(f);
}

static void
accept_one(struct fx *f)
{
	(void)fx_accept(f, (struct fx_new){ .uid = "lf-1" });
}

static void
kill_before_commit_leaves_nothing(void **state)
{
	struct fx f;

	(void)state;
	fx_init(&f, true);
	crash(&f, "before-commit", accept_one);
	assert_int_equal(store_find(f.store, "lf-1"), 0);
	assert_int_equal(fx_accept(&f, (struct fx_new){ .uid = "lf-1" }),
	    ERR_OK);
	assert_false(f.duplicate);
	fx_fini(&f);
}

static void
kill_after_commit_keeps_it(void **state)
{
	struct fx f;

	(void)state;
	fx_init(&f, true);
	crash(&f, "after-commit", accept_one);
	assert_int_not_equal(store_find(f.store, "lf-1"), 0);
	assert_int_equal(fx_accept(&f, (struct fx_new){ .uid = "lf-1" }),
	    ERR_OK);
	assert_true(f.duplicate);
	fx_fini(&f);
}

/* Accept lf-1, let work die on it, recover; how many are in doubt. started:
 * what the ledger has, NULL nothing. */
static size_t
recover(struct fx *f, void (*work)(struct fx *), enum store_doubt policy,
    const struct store_flight *started)
{
	struct err e;
	size_t n;

	fx_init(f, true);
	fx_accept(f, (struct fx_new){ .uid = "lf-1", .doubt = policy });
	crash(f, "never", work);
	assert_int_equal(store_recover(f->store, started, started != NULL,
	    true, FX_NOW, &n, &e), 0);
	return n;
}

static const struct store_flight first = { 1, 1 }, second = { 1, 2 };

static void
claim_and_die(struct fx *f)
{
	(void)fx_claim(f, 1, 2, FX_NOW);
	fx_put(f, 1, 1, STORE_ACCEPTED);
	kill(getpid(), SIGKILL);
}

static void
kill_between_claim_and_record_loses_nobody(void **state)
{
	struct fx f;

	(void)state;
	assert_int_equal(recover(&f, claim_and_die, STORE_DOUBT_RESEND,
	    &second), 1);
	fx_claim(&f, 1, 9, FX_NOW);
	assert_int_equal(f.n_targets, 2);
	assert_int_equal(f.targets[0].target, 2);
	assert_true(f.targets[0].in_doubt);
	assert_int_equal(f.targets[1].target, 3);
	assert_false(f.targets[1].in_doubt);
	fx_fini(&f);
}

static void
record_and_die(struct fx *f)
{
	(void)fx_claim(f, 1, 3, FX_NOW);
	fx_put(f, 1, 1, STORE_RETRY);
	(void)fx_claim(f, 1, 1, FX_NOW + CLOCK_SECOND);
	kill(getpid(), SIGKILL);
}

static void
kill_during_a_retry_keeps_its_count(void **state)
{
	struct fx f;

	(void)state;
	assert_int_equal(recover(&f, record_and_die, STORE_DOUBT_RESEND,
	    &first), 1);
	fx_claim(&f, 1, 9, FX_NOW + 5 * CLOCK_SECOND);
	assert_int_equal(f.n_targets, 3);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(f.targets[i].attempt,
		    f.targets[i].target == 1 ? 3 : 1);
	fx_fini(&f);
}

static void
cancel_and_die(struct fx *f)
{
	(void)fx_claim(f, 1, 2, FX_NOW);
	(void)fx_cancel(f, "lf-1", "a");
	kill(getpid(), SIGKILL);
}

static void
recovery_ends_what_was_cancelled(void **state)
{
	struct fx f;

	(void)state;
	assert_int_equal(recover(&f, cancel_and_die, STORE_DOUBT_RESEND,
	    &second), 1);
	assert_int_equal(fx_count(&f, "lf-1", 0, "unknown"), 1);
	assert_int_equal(fx_count(&f, "lf-1", 0, "cancelled"), 2);
	fx_claim(&f, 2, 9, FX_NOW);	/* a display may show it */
	assert_int_equal(f.n_targets, 1);
	assert_int_equal(f.targets[0].target, 2);
	assert_true(f.exhausted);
	fx_fini(&f);
}

static void
take_back_and_die(struct fx *f)
{
	(void)fx_claim(f, 1, 2, FX_NOW);
	(void)fx_cancel(f, "lf-1", "a");
	(void)fx_claim(f, 2, 9, FX_NOW);	/* nobody yet */
	kill(getpid(), SIGKILL);
}

static void
what_turns_out_in_doubt_is_taken_back(void **state)
{
	struct fx f;

	(void)state;
	assert_int_equal(recover(&f, take_back_and_die, STORE_DOUBT_RESEND,
	    &second), 1);
	fx_claim(&f, 2, 9, FX_NOW);
	assert_int_equal(f.n_targets, 1);
	assert_int_equal(f.targets[0].target, 2);
	fx_fini(&f);
}

/* Somebody has said: send what is in doubt again. */
static void
resend_and_die(struct fx *f)
{
	(void)fx_claim(f, 1, 3, FX_NOW);
	fx_put(f, 1, 1, STORE_UNKNOWN);
	(void)fx_retry(f, "lf-1", STORE_UNKNOWN);
	(void)fx_claim(f, 1, 1, FX_NOW);
	kill(getpid(), SIGKILL);
}

static void
what_a_person_decided_is_not_held_again(void **state)
{
	struct fx f;
	json_t *j;

	(void)state;
	assert_int_equal(recover(&f, resend_and_die, STORE_DOUBT_HOLD,
	    NULL), 0);
	j = store_trace(f.store, "1.1");
	assert_int_equal(json_array_size(json_object_get(j, "attempts")), 1);
	json_decref(j);
	fx_claim(&f, 1, 1, FX_NOW);
	assert_int_equal(f.n_targets, 1);
	assert_true(f.targets[0].in_doubt);
	fx_fini(&f);
}

/* ---------------------------------------------------------------- disk -- */

/* Let the database have no page more, or as many as it likes. */
static void
fill_disk(struct fx *f, bool full)
{
	/* SQLite raises a limit below the present size to that size. */
	db_exec(&f->store->wdb, full ? "PRAGMA max_page_count = 1" :
	    "PRAGMA max_page_count = 1000000");
}

static void
full_disk_refuses_and_does_nothing_half(void **state)
{
	char uid[16];
	struct fx f;
	int failed = 0;

	(void)state;
	fx_init(&f, false);
	fill_disk(&f, true);
	for (int i = 0; i < 200; i++) {
		snprintf(uid, sizeof(uid), "lf-%d", i);
		if (fx_accept(&f, (struct fx_new){ .uid = uid,
		    .n_jobs = 4 }) == ERR_OK)
			continue;
		failed++;
		assert_int_equal(f.err.code, ERR_UNREACHABLE);
		assert_int_equal(store_find(f.store, uid), 0);
	}
	assert_true(failed > 0);
	fill_disk(&f, false);
	assert_int_equal(fx_accept(&f, (struct fx_new){ .uid = uid }),
	    ERR_OK);
	assert_false(f.duplicate);
	fx_fini(&f);
}

static int
never(void *arg)
{
	(void)arg;
	return 1;
}

/* Whoever is told of a commit has its jobs: none waits for a restart. */
static void
jobs_come_with_the_commit(void **state)
{
	struct fx f;

	(void)state;
	fx_init(&f, false);
	sqlite3_progress_handler(f.store->rdb.conn, 1, never, NULL);
	assert_int_equal(fx_accept(&f, (struct fx_new){ .uid = "lf-1",
	    .n_jobs = 2 }), ERR_OK);
	assert_int_equal(f.n_jobs, 2);
	assert_string_equal(f.jobs[0].uid, "lf-1");
	assert_string_equal(f.jobs[1].channel, "b");
	assert_int_equal(fx_cancel(&f, "lf-1", "a"), ERR_OK);
	sqlite3_progress_handler(f.store->rdb.conn, 0, NULL, NULL);
	fx_fini(&f);
}

/* -------------------------------------------------------------- threads -- */

static void
threads_keep_every_promise(void **state)
{
	char uid[16];
	struct fx f;
	json_t *st;

	(void)state;
	fx_init(&f, true);
	for (int i = 0; i < 200; i++) {
		snprintf(uid, sizeof(uid), "lf-%d", i);
		fx_send(&f, (struct fx_new){ .uid = uid });
		json_decref(store_stats(f.store));
		json_decref(store_list(f.store, 3));
	}
	while (f.answers < 200)
		fx_wait(&f);
	assert_int_equal(f.err.code, ERR_OK);
	for (int i = 0; i < 200; i++) {
		snprintf(uid, sizeof(uid), "lf-%d", i);
		assert_int_not_equal(store_find(f.store, uid), 0);
	}
	st = store_stats(f.store);
	assert_true(json_integer_value(json_object_get(st, "commits")) <=
	    201);
	json_decref(st);
	fx_fini(&f);
}

static void
close_finishes_what_is_queued(void **state)
{
	char uid[16];
	struct fx f;

	(void)state;
	fx_init(&f, true);
	for (int i = 0; i < 50; i++) {
		snprintf(uid, sizeof(uid), "lf-%d", i);
		fx_send(&f, (struct fx_new){ .uid = uid });
	}
	f.answers = 0;
	fx_close(&f);
	assert_int_equal(f.answers, 0);
	fx_open(&f);
	assert_int_not_equal(store_find(f.store, "lf-49"), 0);
	fx_fini(&f);
}

/* ---------------------------------------------------------------- plans -- */

static void
explain(struct db *d, const char *sql)
{
	char text[2048];
	sqlite3_stmt *st;

	snprintf(text, sizeof(text), "EXPLAIN QUERY PLAN %s", sql);
	st = db_prepare(d, text);
	assert_non_null(st);
	while (db_row(d, st)) {
		const char *step = db_text(st, 3);

		if (strstr(step, "TEMP B-TREE") != NULL ||
		    (strncmp(step, "SCAN", 4) == 0 &&
		    strstr(step, "CONSTANT ROW") == NULL))
			fail_msg("%s\n%s", step, sql);
	}
	sqlite3_finalize(st);
}

static void
explain_all(struct db *d)
{
	assert_true(db_ok(d));
	for (size_t i = 0; i < DB_CACHE; i++)
		if (d->cache[i].sql != NULL &&
		    strncmp(d->cache[i].sql, "PRAGMA", 6) != 0)
			explain(d, d->cache[i].sql);
}

/* Use everything once, then ask how each statement is run. */
static void
use_everything(struct fx *f)
{
	struct store_job *jobs;
	struct err e;
	size_t n;

	fx_subscriber(f, "{\"ref\":\"k\",\"topics\":[\"a\"],\"addresses\":"
	    "{\"sms\":\"+4930123456\"}}");
	fx_accept(f, (struct fx_new){ .uid = "lf-0", .key = "k",
	    .audience = "{\"kind\":\"sms\"}" });
	fx_claim(f, 1, 1, FX_NOW);
	fx_put(f, 1, 1, STORE_FAILED);
	fx_retry(f, "lf-0", STORE_FAILED);
	fx_claim(f, 1, 1, FX_NOW);
	fx_accept(f, (struct fx_new){ .uid = "lf-1" });
	fx_claim(f, 2, 3, FX_NOW);
	fx_put(f, 2, 1, STORE_ACCEPTED);
	fx_put(f, 2, 2, STORE_RETRY);
	fx_put(f, 2, 1, STORE_DELIVERED);
	fx_cancel(f, "lf-1", "a");
	fx_claim(f, 3, 3, FX_NOW);
	assert_int_equal(store_recover(f->store, NULL, 0, true, FX_NOW, &n,
	    &e), 0);
	assert_int_equal(store_jobs(f->store, &jobs, &n, &e), 0);
	free(jobs);
	json_decref(store_list(f->store, 5));
	json_decref(store_status(f->store, "lf-1"));
	json_decref(store_subscribers(f->store, 0, 5, true));
	json_decref(store_deliveries(f->store, "lf-1", "a", -1, "", 5));
	json_decref(store_deliveries(f->store, "lf-1", "a", STORE_FAILED, "",
	    5));
	json_decref(store_deliveries(f->store, "lf-1", "a", STORE_RETRY, "",
	    5));
	json_decref(store_trace(f->store, "1.1"));
	json_decref(store_channel_get(f->store, "a"));
	free(store_body(f->store, 1));
	free(store_rendition_get(f->store, 1, "a", "de"));
}

static void
no_query_walks_a_table(void **state)
{
	struct fx f;

	(void)state;
	fx_init(&f, false);
	use_everything(&f);
	explain_all(&f.store->wdb);
	explain_all(&f.store->rdb);
	explain(&f.store->wdb, "SELECT sub FROM membership WHERE topic = ?4"
	    " AND sub > ?1 AND sub <= ?2 UNION SELECT sub FROM membership"
	    " WHERE topic = ?5 AND sub > ?1 AND sub <= ?2 ORDER BY sub"
	    " LIMIT ?3");
	fx_fini(&f);
}

/* ---------------------------------------------------------------- audit -- */

static void
add_field(crypto_hash_sha256_state *h, sqlite3_stmt *st, int col)
{
	const char *s = db_text(st, col);

	crypto_hash_sha256_update(h, (const unsigned char *)s,
	    strlen(s) + 1);
}

static void
audit_is_a_chain(void **state)
{
	unsigned char hash[32] = { 0 };
	crypto_hash_sha256_state h;
	sqlite3_stmt *st;
	struct fx f;
	int rows = 0;

	(void)state;
	fx_init(&f, false);
	fx_accept(&f, (struct fx_new){ .uid = "lf-1" });
	store_audit(f.store, "uid:7", "reveal", "subscribers", NULL, FX_NOW);
	fx_cancel(&f, "lf-1", NULL);
	st = db_query(&f.store->rdb, "SELECT at, actor, what, object, data,"
	    " hash FROM audit WHERE seq > ?1 ORDER BY seq", DB_I(0));
	while (db_row(&f.store->rdb, st)) {
		crypto_hash_sha256_init(&h);
		crypto_hash_sha256_update(&h, hash, sizeof(hash));
		for (int i = 0; i < 5; i++)
			add_field(&h, st, i);
		crypto_hash_sha256_final(&h, hash);
		assert_memory_equal(hash, sqlite3_column_blob(st, 5), 32);
		rows++;
	}
	assert_int_equal(rows, 3);
	fx_fini(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kill_before_commit_leaves_nothing),
		cmocka_unit_test(kill_after_commit_keeps_it),
		cmocka_unit_test(kill_between_claim_and_record_loses_nobody),
		cmocka_unit_test(kill_during_a_retry_keeps_its_count),
		cmocka_unit_test(recovery_ends_what_was_cancelled),
		cmocka_unit_test(what_turns_out_in_doubt_is_taken_back),
		cmocka_unit_test(what_a_person_decided_is_not_held_again),
		cmocka_unit_test(full_disk_refuses_and_does_nothing_half),
		cmocka_unit_test(jobs_come_with_the_commit),
		cmocka_unit_test(threads_keep_every_promise),
		cmocka_unit_test(close_finishes_what_is_queued),
		cmocka_unit_test(no_query_walks_a_table),
		cmocka_unit_test(audit_is_a_chain),
	};

	log_init("t_store_crash", LOG_TEXT, LOG_LEVEL_FATAL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
