/*
 * shard: curl's multi handles on our loop.
 *
 * A multi handle takes SHARD_BUSY transfers, then the next one is used: curl
 * looks for a free connection in a list, and the search eats all gain above
 * that. The first shard with room is taken, so connections are used again.
 */
#ifndef WORKER_SHARD_H
#define WORKER_SHARD_H

#include <curl/curl.h>

#include "base/loop.h"

#define SHARD_BUSY	250u

struct shard;
struct shards;

/* easy has left its shard already. Always called from the loop. */
typedef void shard_done_cb(CURL *easy, CURLcode code);

/* loop is borrowed. */
struct shards *
shards_new(struct loop *loop, shard_done_cb *done);
/* Every easy handle must have been removed. */
void
shards_free(struct shards **sp);

/* Start easy (borrowed until done or removed); NULL when curl refuses. */
struct shard *
shards_add(struct shards *all, CURL *easy);
/* Stop easy; done is not called for it. */
void
shard_remove(struct shard *s, CURL *easy);

#endif
