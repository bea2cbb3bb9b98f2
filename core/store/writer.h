/*
 * writer: the one thread that writes, in groups.
 *
 * Whatever is queued when the last commit ends goes into the next
 * transaction, each op in a savepoint of its own. After the commit the ops
 * come back to the loop and call their owners. Background ops run one at a
 * time, when nothing else waits and for a moment nothing came, so that their
 * commit does not stand before the next. Where there is no such moment one
 * joins every 16th group.
 */
#ifndef STORE_WRITER_H
#define STORE_WRITER_H

#include <stdbool.h>

#include "base/err.h"
#include "base/loop.h"
#include "store/db.h"

struct store;
struct writer;

/*
 * Embed it first in a struct of your own; the writer frees that struct. run
 * is called within a transaction and maybe again after a rollback, so it
 * begins from its inputs. It returns -1 with err set to take back what this
 * op did; database errors need no check.
 */
struct op {
	struct op *next;
	int (*run)(struct store *s, struct op *op, struct err *e);
	void (*done)(struct op *op);	/* on the loop; may be NULL */
	void (*fini)(struct op *op);	/* free its parts; may be NULL */
	struct err err;
	bool intake;	/* new work: refused while the disk is full */
	bool again;	/* set by run: queue once more, at low priority */
};

struct writer_stats {
	int64_t commits, ops, queued;
};

/* threaded false: runs on the loop. d and reserve are kept; d belongs to the
 * writer from here. */
struct writer *
writer_new(struct store *s, struct db *d, struct loop *l, bool threaded,
    const char *reserve);
/* Commit what is queued, stop. Nobody is called back. */
void
writer_free(struct writer **w);
/* op is given. */
void
writer_add(struct writer *w, struct op *op);
void
writer_add_background(struct writer *w, struct op *op);
/* Commit this op now and wait for it; op stays the caller's. */
void
writer_now(struct writer *w, struct op *op);
void
writer_stats(struct writer *w, struct writer_stats *st_r);

/* For crash tests: called at "before-commit" and "after-commit". */
extern void (*writer_point)(const char *name);

#endif
