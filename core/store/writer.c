/*
 * writer: group commit. The only one that begins or ends a transaction on
 * the writing connection; never calls an owner before the commit. A full
 * disk fails single ops; any other I/O error ends the process, because
 * after a failed sync nobody knows what is on disk. Called by the store.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/writer.h"

#define RESERVE_BYTES	(16 << 20)
/* Background work waits for a pause of this length (us), or for as many
 * groups that found none. */
#define PAUSE		5000
#define PATIENCE	16

struct oplist {
	struct op *first, **tail;
};

struct writer {
	struct store *store;
	struct db *db;
	struct loop *loop;
	struct loop_timer *timer;	/* instead of the thread */
	const char *reserve;		/* path, NULL without */
	bool reserved;			/* the file is there */
	bool threaded, stop, busy;
	bool pause;		/* nothing came for a while */
	unsigned passed;	/* groups that went before background work */
	pthread_t thread;
	pthread_mutex_t lock;	/* guards the lists, stop, busy, stats */
	pthread_cond_t work, idle;
	struct oplist todo, background, finished;
	struct writer_stats stats;
};

void (*writer_point)(const char *name);

static void
list_init(struct oplist *l)
{
	l->first = NULL;
	l->tail = &l->first;
}

static void
list_add(struct oplist *l, struct op *op)
{
	op->next = NULL;
	*l->tail = op;
	l->tail = &op->next;
}

static struct op *
list_take(struct oplist *l)
{
	struct op *op = l->first;

	if (op != NULL && (l->first = op->next) == NULL)
		l->tail = &l->first;
	return op;
}

static void
op_free(struct op *op)
{
	if (op->fini != NULL)
		op->fini(op);
	free(op);
}

/* ------------------------------------------------------------- reserve -- */

/* 16 MiB that are given up when the disk is full, so that the outcomes of
 * what is under way still fit. */
static void
reserve_make(struct writer *w)
{
	int fd, rc = -1;

	if (w->reserve == NULL || w->reserved)
		return;
	fd = open(w->reserve, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd != -1) {
		rc = posix_fallocate(fd, 0, RESERVE_BYTES);
		close(fd);
	}
	w->reserved = rc == 0;
	if (!w->reserved)
		unlink(w->reserve);
}

static void
reserve_drop(struct writer *w)
{
	log_warn("store: the disk is full: new work is refused until there "
	    "is room: free some space");
	if (w->reserved)
		unlink(w->reserve);
	w->reserved = false;
}

/* --------------------------------------------------------------- group -- */

static void
point(const char *name)
{
	if (writer_point != NULL)
		writer_point(name);
}

/* No room, or somebody else has the lock: fails the whole transaction. */
static bool
no_room(const struct db *d)
{
	int rc = d->rc & 0xff;

	return rc == SQLITE_FULL || rc == SQLITE_BUSY;
}

/* What no later try can heal is for the supervisor. */
static void
check_fatal(const struct db *d)
{
	int rc = d->rc & 0xff;

	if (rc == SQLITE_OK || no_room(d) || rc == SQLITE_CONSTRAINT)
		return;
	if (rc == SQLITE_ERROR || rc == SQLITE_MISUSE || rc == SQLITE_RANGE)
		log_bug("store: %s", d->why);
	log_fatal(EXIT_IOERR, "store: %s (%d): check the disk, then start "
	    "again", d->why, d->rc);
}

static int
op_failed(struct db *d, struct op *op)
{
	if (db_ok(d))
		return -1;
	return err_set(&op->err, ERR_STATE, "store: %s: the request "
	    "contradicts what is stored", d->why);
}

/* False when the whole transaction is lost. */
static bool
run_op(struct writer *w, struct op *op)
{
	struct db *d = w->db;
	int rc;

	op->err = (struct err){ ERR_OK, "" };
	op->again = false;
	db_exec(d, "SAVEPOINT op");
	rc = op->run(w->store, op, &op->err);
	check_fatal(d);
	if (no_room(d))
		return false;
	if (rc == 0 && db_ok(d)) {
		db_exec(d, "RELEASE op");
		return db_ok(d);
	}
	(void)op_failed(d, op);
	db_clear(d);
	db_exec(d, "ROLLBACK TO op; RELEASE op");
	return db_ok(d);
}

/* SQLITE_OK, or why nothing of it was written. */
static int
commit(struct writer *w, struct op *list)
{
	struct db *d = w->db;
	bool ok = true;
	int rc;

	db_exec(d, "BEGIN IMMEDIATE");
	for (struct op *op = list; op != NULL && ok && db_ok(d); op = op->next)
		ok = run_op(w, op);
	if (ok) {
		point("before-commit");
		db_exec(d, "COMMIT");
	}
	check_fatal(d);
	if (ok && db_ok(d)) {
		point("after-commit");
		return SQLITE_OK;
	}
	rc = d->rc & 0xff;
	db_clear(d);
	if (!sqlite3_get_autocommit(d->conn))
		db_exec(d, "ROLLBACK");
	check_fatal(d);
	db_clear(d);
	return rc;
}

static void
refuse(struct op *op, int rc)
{
	op->again = false;
	err_set(&op->err, ERR_UNREACHABLE, rc == SQLITE_BUSY ?
	    "store: another program holds the database: nothing was written: "
	    "end that program and try again" :
	    "store: disk full: nothing was written: free some space and try "
	    "again");
}

static void
commit_alone(struct writer *w, struct op *op)
{
	int rc = commit(w, op);

	if (rc == SQLITE_FULL && !op->intake && w->reserved) {
		reserve_drop(w);
		rc = commit(w, op);
	}
	if (rc != SQLITE_OK)
		refuse(op, rc);
}

/* Take what may not even be tried off a list of ops. */
static struct op *
refuse_intake(struct op *list, struct oplist *out)
{
	struct oplist keep;
	struct op *op;

	list_init(&keep);
	while ((op = list) != NULL) {
		list = op->next;
		if (!op->intake) {
			list_add(&keep, op);
			continue;
		}
		refuse(op, SQLITE_FULL);
		list_add(out, op);
	}
	return keep.first;
}

static void
run_group(struct writer *w, struct op *list, struct oplist *out)
{
	int rc = SQLITE_OK;
	struct op *op;

	if (w->reserve != NULL && !w->reserved) {
		reserve_make(w);
		if (!w->reserved)
			list = refuse_intake(list, out);
	}
	if (list != NULL)
		rc = commit(w, list);
	while ((op = list) != NULL) {
		list = op->next;
		op->next = NULL;
		if (rc == SQLITE_BUSY)	/* each alone would wait as long */
			refuse(op, rc);
		else if (rc != SQLITE_OK)
			commit_alone(w, op);
		list_add(out, op);
	}
}

/* --------------------------------------------------------------- queue -- */

/* Under the lock. The turn of background work has come. */
static bool
background_now(struct writer *w)
{
	if (w->background.first == NULL)
		return false;
	if (w->todo.first == NULL && (w->pause || !w->threaded))
		return true;
	return w->passed >= PATIENCE;
}

/* Under the lock. NULL: nothing to do. */
static struct op *
take_group(struct writer *w)
{
	bool background = background_now(w);
	struct op *group;

	if (w->todo.first != NULL) {
		w->pause = false;
		w->passed++;
	}
	if (background)
		list_add(&w->todo, list_take(&w->background));
	if (background || w->background.first == NULL)
		w->passed = 0;
	group = w->todo.first;
	list_init(&w->todo);
	return group;
}

/* Under the lock. */
static void
finish_group(struct writer *w, struct oplist *out)
{
	struct op *op;

	w->stats.commits++;
	while ((op = list_take(out)) != NULL) {
		w->stats.ops++;
		list_add(op->again ? &w->background : &w->finished, op);
	}
}

/* Under the lock, which is given up meanwhile. False: nothing to do. */
static bool
turn(struct writer *w)
{
	struct op *group = take_group(w);
	struct oplist out;

	if (group == NULL)
		return false;
	list_init(&out);
	w->busy = true;
	pthread_mutex_unlock(&w->lock);
	run_group(w, group, &out);
	pthread_mutex_lock(&w->lock);
	w->busy = false;
	finish_group(w, &out);
	pthread_cond_broadcast(&w->idle);
	return true;
}

/* Under the lock. */
static void
wait_for_work(struct writer *w)
{
	int64_t until = clock_mono().us + PAUSE;
	struct timespec t;

	if (w->background.first == NULL) {
		pthread_cond_wait(&w->work, &w->lock);
		return;
	}
	t.tv_sec = (time_t)(until / CLOCK_SECOND);
	t.tv_nsec = (long)(until % CLOCK_SECOND) * 1000;
	w->pause = pthread_cond_clockwait(&w->work, &w->lock,
	    CLOCK_MONOTONIC, &t) == ETIMEDOUT;
}

static void *
writer_main(void *arg)
{
	struct writer *w = arg;

	pthread_mutex_lock(&w->lock);
	while (!w->stop) {
		if (turn(w))
			loop_wake(w->loop);
		else
			wait_for_work(w);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

/* On the loop: call the owners of what is committed. */
static void
deliver(void *arg)
{
	struct writer *w = arg;
	struct op *op, *list;

	pthread_mutex_lock(&w->lock);
	list = w->finished.first;
	list_init(&w->finished);
	pthread_mutex_unlock(&w->lock);
	while ((op = list) != NULL) {
		list = op->next;
		if (op->done != NULL)
			op->done(op);
		op_free(op);
	}
}

static void
inline_turn(void *arg)
{
	struct writer *w = arg;

	pthread_mutex_lock(&w->lock);
	(void)turn(w);
	if (w->todo.first != NULL || w->background.first != NULL)
		loop_timer_set(w->timer, 0);
	pthread_mutex_unlock(&w->lock);
	deliver(w);
}

static void
add(struct writer *w, struct oplist *l, struct op *op)
{
	pthread_mutex_lock(&w->lock);
	list_add(l, op);
	pthread_cond_signal(&w->work);
	pthread_mutex_unlock(&w->lock);
	if (!w->threaded && !loop_timer_active(w->timer))
		loop_timer_set(w->timer, 0);
}

void
writer_add(struct writer *w, struct op *op)
{
	add(w, &w->todo, op);
}

void
writer_add_background(struct writer *w, struct op *op)
{
	add(w, &w->background, op);
}

void
writer_now(struct writer *w, struct op *op)
{
	struct oplist out;

	op->next = NULL;
	list_init(&out);
	pthread_mutex_lock(&w->lock);
	while (w->busy)
		pthread_cond_wait(&w->idle, &w->lock);
	run_group(w, op, &out);
	w->stats.commits++;
	w->stats.ops++;
	pthread_mutex_unlock(&w->lock);
}

void
writer_stats(struct writer *w, struct writer_stats *st_r)
{
	pthread_mutex_lock(&w->lock);
	*st_r = w->stats;
	st_r->queued = 0;
	for (struct op *op = w->todo.first; op != NULL; op = op->next)
		st_r->queued++;
	pthread_mutex_unlock(&w->lock);
}

/* Signals belong to the loop's thread. */
static void
start_thread(struct writer *w)
{
	sigset_t all, old;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	if (pthread_create(&w->thread, NULL, writer_main, w) != 0)
		log_fatal(EXIT_TEMPFAIL, "store: can't start a thread: "
		    "check the limit on tasks");
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

struct writer *
writer_new(struct store *s, struct db *d, struct loop *l, bool threaded,
    const char *reserve)
{
	struct writer *w = xcalloc(1, sizeof(*w));

	w->store = s;
	w->db = d;
	w->loop = l;
	w->threaded = threaded;
	w->reserve = reserve;
	list_init(&w->todo);
	list_init(&w->background);
	list_init(&w->finished);
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->work, NULL);
	pthread_cond_init(&w->idle, NULL);
	reserve_make(w);
	if (threaded) {
		loop_on_wake(l, deliver, w);
		start_thread(w);
	} else
		w->timer = loop_timer_new(l, inline_turn, w);
	return w;
}

static void
list_free(struct oplist *l)
{
	struct op *op;

	while ((op = list_take(l)) != NULL)
		op_free(op);
}

/* Background work is dropped: it is found again at the next start. */
void
writer_free(struct writer **wp)
{
	struct writer *w = *wp;

	*wp = NULL;
	pthread_mutex_lock(&w->lock);
	w->stop = true;
	pthread_cond_signal(&w->work);
	pthread_mutex_unlock(&w->lock);
	if (w->threaded) {
		pthread_join(w->thread, NULL);
		loop_on_wake(w->loop, NULL, NULL);
	}
	pthread_mutex_lock(&w->lock);
	list_free(&w->background);
	while (w->todo.first != NULL)
		(void)turn(w);
	pthread_mutex_unlock(&w->lock);
	list_free(&w->background);
	list_free(&w->finished);
	loop_timer_free(&w->timer);
	pthread_cond_destroy(&w->work);
	pthread_cond_destroy(&w->idle);
	pthread_mutex_destroy(&w->lock);
	free(w);
}
