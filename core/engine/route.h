/*
 * route: who gets an announcement, on which channels, and until when. Turns
 * one announcement into the jobs of the store.
 */
#ifndef ENGINE_ROUTE_H
#define ENGINE_ROUTE_H

#include <jansson.h>
#include <stddef.h>

#include "engine/channel.h"
#include "store/store.h"

struct announce;
struct problems;

#define ROUTE_JOBS	128

struct route {
	struct store_new_job jobs[ROUTE_JOBS];
	size_t n;
	json_t *keep;	/* owns the audiences */
};

struct route_with {
	struct channel *const *channels;
	size_t n_channels;
	const struct conf *config;
	struct store *store;
	const char *chain;	/* it will belong to */
	const json_t *only;	/* names of channels, NULL: all */
	const char *ref;	/* of the only subscriber, NULL: everybody it
				 * is for */
	int64_t not_before;	/* us, 0: now */
	int64_t now;
};

/*
 * Fill *r. -1 when a channel was named that does not exist, also in privacy
 * when it is nearly one that does, or no channel is left; the reasons, and
 * warnings about channels left out, are in p. The route is to be ended with
 * route_fini() in any case.
 */
int
route_plan(const struct route_with *with, const struct announce *a,
    struct route *r, struct problems *p);
enum store_lane
route_lane(const struct announce *a);
void
route_fini(struct route *r);

#endif
