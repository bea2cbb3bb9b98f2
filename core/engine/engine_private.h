/*
 * engine_private: the insides of the engine, for engine and request only.
 */
#ifndef ENGINE_ENGINE_PRIVATE_H
#define ENGINE_ENGINE_PRIVATE_H

#include "config/conf.h"
#include "engine/channel.h"
#include "engine/engine.h"
#include "store/store.h"

/* A channel on its way out, and perhaps in again. */
struct leaving {
	struct leaving *next;
	struct engine *e;
	struct channel *ch;
};

struct engine {
	struct engine_with with;
	struct channel_with channel_with;
	struct channel **channels;
	size_t n;
	struct leaving *leaving;
	engine_listener *listener;
	void *listener_arg;
	struct {
		size_t left;
		loop_cb *done;
		void *arg;
	} drain;
};

/* NULL when there is none of that name. */
struct channel *
engine_channel(const struct engine *e, const char *name);
/* A channel that is not started yet, or NULL. */
struct channel *
engine_make_channel(struct engine *e, const struct conf *config,
    const struct conf_channel *cc, struct err *err);
/*
 * Channels that an announcement may go to: those that are here, and those
 * that are away for a moment because their configuration has changed; what
 * they are to send waits for them in the store. Array given.
 */
struct channel **
engine_routes(const struct engine *e, size_t *n_r);
/* A channel is done, for engine_drain(). */
void
engine_one_drained(struct engine *e);
/* Hand unfinished jobs to their channels. */
void
engine_give_jobs(struct engine *e, const struct store_job *jobs, size_t n);

#endif
