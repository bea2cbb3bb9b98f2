/*
 * engine: what is sent when, in the core process. Owns the channels (one
 * worker each), the jobs in progress and the clockwork between them.
 *
 * Every call with a callback answers exactly once, from the loop, never
 * inside the call. Results are given. e->code is ERR_OK on success.
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include <jansson.h>

#include "base/err.h"
#include "base/loop.h"

struct conf;
struct store;
struct engine;

/* What a new engine stands on; all kept. */
struct engine_with {
	struct loop *loop;
	struct store *store;
	struct conf *config;
	const char *program;	/* path of litfassd, to start workers */
	const char *state_dir;	/* folder of the flight ledgers */
};

/* Recovers what an earlier epoch left; starts no worker yet. */
int
engine_new(const struct engine_with *with, struct engine **e_r,
    struct err *e);
void
engine_free(struct engine **e);
/* Start the workers and go. */
void
engine_start(struct engine *e);
/* Stop claiming, let workers finish for at most ms, then call done. */
void
engine_drain(struct engine *e, int64_t ms, loop_cb *done, void *arg);
/* Swap the configuration (kept on success): changed channels get a new
 * worker, removed ones are drained. The one before is in use until
 * engine_settled(). */
int
engine_reload(struct engine *e, struct conf *config, struct err *err);

/* False while a channel still uses an earlier configuration than the last. */
bool
engine_settled(const struct engine *e);

typedef void engine_cb(void *arg, const struct err *e, json_t *result);

/*
 * {"announcement":{…}, "channels":["sms"] (absent: all), "at":unix seconds,
 *  "exercise":true, "key":"idempotency key"}
 * result: {"id","version","state","duplicate","channels":[{"channel",
 * "targets" (absent when not a list)}], "problems":[…warnings]}
 * ERR_INVALID: result is {"problems":[…]}.
 */
void
engine_publish(struct engine *e, const json_t *request, const char *actor,
    engine_cb *cb, void *arg);
/*
 * The same, but nothing is accepted: who would get it. result:
 * {"channels":[{"channel","targets","more":true when these are those among
 * the first ENGINE_COUNT people only}],"problems"}
 */
#define ENGINE_COUNT	20000
void
engine_plan(struct engine *e, const json_t *request, engine_cb *cb,
    void *arg);
/*
 * {"channel","to"}: send a short-lived announcement of status test to one
 * subscriber, by his ref, or to one display group; a channel that names
 * nobody wants "*". The result is that of engine_publish(). ERR_NOT_FOUND:
 * no such channel, or nobody of that ref has an address for it.
 */
void
engine_test(struct engine *e, const json_t *request, const char *actor,
    engine_cb *cb, void *arg);
/* {"id"}; result {"id","retract":["mqtt"]} */
void
engine_cancel(struct engine *e, const json_t *request, const char *actor,
    engine_cb *cb, void *arg);
/* {"id","channel" (optional),"state":"failed"|"unknown"}; result {"count"} */
void
engine_retry(struct engine *e, const json_t *request, const char *actor,
    engine_cb *cb, void *arg);
/* {"channel","cause"}; a paused channel keeps what it has to send. */
void
engine_pause(struct engine *e, const json_t *request, const char *actor,
    engine_cb *cb, void *arg);
void
engine_resume(struct engine *e, const json_t *request, const char *actor,
    engine_cb *cb, void *arg);

/*
 * [{"channel","plugin","version","state":"up|starting|down|paused|off",
 * "cause","inflight","window","rate","breaker":"closed|open|half-open",
 * "queued_jobs","restarts","pid","sandbox","metrics":{…}}] Given.
 */
json_t *
engine_channels(const struct engine *e);

/* Called on the loop whenever deliveries of an announcement moved; uid is
 * borrowed. One listener. */
typedef void engine_listener(void *arg, const char *uid);
void
engine_listen(struct engine *e, engine_listener *cb, void *arg);
/* True when nothing is claimed, in flight or waiting to be committed. */
bool
engine_idle(const struct engine *e);

#endif
