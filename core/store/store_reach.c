/*
 * store_reach: how many an audience would reach, before anything is sent.
 * Reads only, and stops at a limit, however few of those it looked at are
 * meant. Called by the engine when a person asks.
 */
#include "config.h"

#include "store/store_private.h"

#define CHUNK	256

static int64_t
count(struct db *d, const struct audience *a, int64_t max, bool *more_r)
{
	int64_t ids[CHUNK], cursor = 0, found = 0;
	struct store_target t;
	size_t n = CHUNK;

	for (; n == CHUNK && max > 0; max -= (int64_t)n) {
		n = audience_walk(d, a, cursor, INT64_MAX, ids,
		    max < CHUNK ? (size_t)max : CHUNK);
		for (size_t i = 0; i < n; i++)
			if (audience_target(d, a, ids[i], false, &t) ==
			    AUDIENCE_YES)
				found++;
		if (n > 0)
			cursor = ids[n - 1];
	}
	*more_r = audience_walk(d, a, cursor, INT64_MAX, ids, 1) > 0;
	return found;
}

int64_t
store_reach(struct store *s, const json_t *audience, int64_t max,
    bool *more_r)
{
	struct audience a;
	int64_t n = -1;

	*more_r = false;
	if (audience_parse(audience, &a, NULL) == 0)
		n = a.type == AUDIENCE_LIST ? (int64_t)a.n :
		    count(store_reader(s), &a, max, more_r);
	audience_fini(&a);
	return n;
}
