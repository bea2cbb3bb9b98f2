/*
 * channel: the core's side of one configured channel: its worker, its jobs,
 * its scheduler and its flight ledger.
 *
 * The way of a delivery through it: claim.c takes targets from the store,
 * rendition.c gets the bytes for their languages, sched.c says whose turn it
 * is, submit.c hands it to the worker, settle.c makes the answer durable.
 */
#ifndef ENGINE_CHANNEL_H
#define ENGINE_CHANNEL_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "base/loop.h"
#include "store/store.h"

struct channel;
struct conf;
struct conf_channel;
struct flight;

struct channel_with {
	struct loop *loop;
	struct store *store;
	const char *program;
	/* Deliveries of this announcement moved; uid borrowed. */
	void (*moved)(void *arg, const char *uid);
	void *arg;
};

/*
 * with and config are kept. meta: what --describe said, borrowed.
 * flight (given) has at least channel_flight_slots() slots.
 */
struct channel *
channel_new(const struct channel_with *with, const struct conf *config,
    const char *name, const json_t *meta, struct flight *flight,
    struct err *e);
/* Slots that a channel with this configuration needs. */
size_t
channel_flight_slots(const struct conf_channel *cc, const json_t *meta);
/* Kills the worker; nothing may be in flight unless the process ends. */
void
channel_free(struct channel **ch);

/* Is there room for the window of a newer configuration? If not, it takes a
 * new channel. */
bool
channel_fits(const struct channel *ch, const struct conf_channel *cc);
/* The same channel out of a newer configuration (kept): new limits hold at
 * once. */
void
channel_reconf(struct channel *ch, const struct conf *config);

void
channel_start(struct channel *ch);
/* Stop claiming, wait for what is in flight at most ms, end the worker, then
 * call done. */
void
channel_drain(struct channel *ch, int64_t ms, loop_cb *done, void *arg);

/* A job that the store knows. Jobs come in order of acceptance. */
void
channel_job_add(struct channel *ch, const struct store_job *job);
/* The store has ended the jobs of this announcement: drop what waits, let
 * what is in flight finish. */
void
channel_jobs_ended(struct channel *ch, const char *uid,
    enum store_job_state how);
/* Retries were made due by hand: look again. */
void
channel_kick(struct channel *ch);
void
channel_pause(struct channel *ch, const char *cause);
void
channel_resume(struct channel *ch);

const char *
channel_name(const struct channel *ch);
/* "email", "group", "none" ... as the plugin said. */
const char *
channel_address_kind(const struct channel *ch);
bool
channel_can(const struct channel *ch, uint64_t cap);
bool
channel_idle(const struct channel *ch);
/* One element of engine_channels(). Given. */
json_t *
channel_json(const struct channel *ch);

#endif
