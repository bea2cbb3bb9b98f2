/*
 * tally: sums changes of job counters. Never decides anything. Called by
 * whoever writes outcomes.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/tally.h"

void
tallies_init(struct tallies *t)
{
	t->list = NULL;
	t->n = 0;
}

void
tallies_fini(struct tallies *t)
{
	free(t->list);
	tallies_init(t);
}

struct tally *
tallies_of(struct tallies *t, int64_t job)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->list[i].job == job)
			return &t->list[i];
	t->list = xreallocarray(t->list, t->n + 1, sizeof(*t->list));
	memset(&t->list[t->n], 0, sizeof(*t->list));
	t->list[t->n].job = job;
	return &t->list[t->n++];
}

void
tally_final(struct tally *t, enum store_state st, int64_t at)
{
	t->n[st]++;
	if (t->first == 0 || at < t->first)
		t->first = at;
	if (at > t->last)
		t->last = at;
}

void
tally_write(struct db *d, const struct tally *t)
{
	db_run(d, "UPDATE job SET out = out + ?2, n_retry = n_retry + ?3,"
	    " n_accepted = n_accepted + ?4, n_delivered = n_delivered + ?5,"
	    " n_failed = n_failed + ?6, n_expired = n_expired + ?7,"
	    " n_unknown = n_unknown + ?8, n_cancelled = n_cancelled + ?9,"
	    " n_superseded = n_superseded + ?10,"
	    " n_suppressed = n_suppressed + ?11,"
	    " first_at = CASE WHEN first_at = 0 OR (?12 > 0 AND"
	    "  ?12 < first_at) THEN ?12 ELSE first_at END,"
	    " last_at = max(last_at, ?13) WHERE id = ?1",
	    DB_I(t->job), DB_I(t->out), DB_I(t->n[STORE_RETRY]),
	    DB_I(t->n[STORE_ACCEPTED]), DB_I(t->n[STORE_DELIVERED]),
	    DB_I(t->n[STORE_FAILED]), DB_I(t->n[STORE_EXPIRED]),
	    DB_I(t->n[STORE_UNKNOWN]), DB_I(t->n[STORE_CANCELLED]),
	    DB_I(t->n[STORE_SUPERSEDED]), DB_I(t->n[STORE_SUPPRESSED]),
	    DB_I(t->first), DB_I(t->last));
}

void
tallies_write(struct db *d, struct tallies *t)
{
	for (size_t i = 0; i < t->n; i++)
		tally_write(d, &t->list[i]);
	tallies_fini(t);
}
