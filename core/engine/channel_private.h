/*
 * channel_private: the insides of a channel, for claim, rendition, submit,
 * settle and channel only.
 */
#ifndef ENGINE_CHANNEL_PRIVATE_H
#define ENGINE_CHANNEL_PRIVATE_H

#include "engine/channel.h"
#include "engine/delivery.h"
#include "engine/sched.h"
#include "engine/twin.h"

#define JOB_LANGS	32

/* A job in progress. */
struct job {
	struct job *next;		/* in order of acceptance */
	struct job *next_busy;		/* while claim_barriers() runs */
	uint32_t chain_hash;
	struct store_job j;
	struct sched_queue queue;	/* ready to be sent */
	struct rendition *renditions;
	char *langs[JOB_LANGS];		/* of the texts, default first */
	size_t n_langs;			/* 0: not needed yet */
	uint32_t live;			/* deliveries in memory */
	uint32_t inflight;		/* of those, with the worker */
	uint32_t committing;		/* outcomes on their way to disk */
	bool claiming;
	struct mono claim_at;		/* not before: the store failed */
	bool exhausted;			/* cursor at its end */
	bool started;			/* its time has come */
	bool poison;			/* workers died rendering it */
	bool over;			/* ended or done: nothing to claim */
	enum store_job_state how;	/* when over */
};

/* The bytes of one announcement in one language on this channel. */
struct rendition {
	struct rendition *next;
	struct job *job;
	uint32_t number;		/* on the wire */
	char key[80];			/* "de", "de+uk" */
	char lang[40], wanted[40];
	enum { RENDITION_WANTED, RENDITION_ASKED, RENDITION_KEEPING,
	    RENDITION_READY, RENDITION_REFUSED } state;
	uint32_t asked;			/* place among the questions */
	unsigned deaths;		/* of workers that were asked */
	bool known;			/* to the worker that runs now */
	char refusal[160];
	struct delivery *waiting;
};

/* A claimed delivery. */
struct delivery {
	struct sched_item item;		/* must be first */
	struct job *job;
	struct rendition *rendition;
	struct delivery *next_waiting;
	enum delivery_state state;
	uint64_t wire_id;		/* while with the worker */
	int flight;			/* slot in the ledger, -1 none */
	struct mono deadline;
	struct store_target target;
	int64_t lease;
};

struct channel {
	const struct channel_with *with;
	const struct conf *config;
	const struct conf_channel *cc;
	char *name;
	json_t *meta;
	uint64_t caps;
	char address_kind[40];
	int64_t timeout;		/* us until a delivery is overdue */
	struct sched sched;
	struct twin *twin;
	struct flight *flight;
	struct job *jobs;		/* begun, in order of acceptance */
	struct job *later;		/* by the time they begin; there may
					 * be thousands, so turns skip them */
	int64_t newest_job;		/* highest id it was ever given */
	struct delivery **slots;	/* with the worker, by wire id */
	size_t n_slots;
	uint32_t *free;			/* indexes of slots */
	size_t n_free;
	size_t in_ledger;
	uint32_t suspects;		/* were with a worker that died */
	struct delivery *alone;		/* the one with the worker now */
	uint64_t turn;			/* makes wire ids unique */
	uint32_t renditions_made, questions;
	struct settle_batch *batch;	/* outcomes of this turn */
	struct settle_batch *unrecorded;	/* the store had no room */
	struct ending *unended;		/* the same for ends of jobs */
	struct loop_timer *again_timer;	/* what the store had no room for */
	struct loop_timer *timer;
	bool kicked;
	uint32_t pending;	/* writes other than outcomes */
	json_t *metrics;
	char *paused;			/* cause, NULL when not */
	char sandbox[128];
	char trouble[256];		/* what the plugin said is wrong */
	struct {
		bool on;
		bool stopped;	/* the worker has ended */
		loop_cb *done;
		void *arg;
		int64_t ms;
		struct loop_timer *timer;
	} drain;
};

static inline struct store *
channel_store(const struct channel *ch)
{
	return ch->with->store;
}

static inline struct mono
channel_mono(const struct channel *ch)
{
	return loop_mono(ch->with->loop);
}

static inline struct wall
channel_wall(const struct channel *ch)
{
	return loop_wall(ch->with->loop);
}

uint32_t
channel_random(void);
/* The announcement of a job, given; NULL when the store can't give it back
 * now, which is told. */
char *
channel_body(struct channel *ch, const struct job *job);
/* Try in a second what could not be done now. */
void
channel_again(struct channel *ch);

/* job.c: what the clock and later versions mean for the jobs. */
void
job_expire_all(struct channel *ch);
void
job_start_all(struct channel *ch);
/* End in the store what could not be ended a second ago. */
void
job_end_again(struct channel *ch);
/* Out of its list. */
void
job_unlink(struct channel *ch, struct job *job);
/* Know the languages of its texts; false when they can't be read now. */
bool
job_need_langs(struct channel *ch, struct job *job);
void
job_free_all(struct channel *ch);

/* claim.c: fill the queues of runnable jobs. */
void
claim_more(struct channel *ch);
/* Let a new version wait until earlier ones of its chain have landed. */
void
claim_barriers(struct channel *ch);
/* Time in us until a job needs to be looked at, INT64_MAX for never. */
int64_t
claim_wait(const struct channel *ch);
/* Take a job out of memory when nothing of it is left. */
void
claim_forget(struct channel *ch, struct job *job);
void
claim_forget_all(struct channel *ch);

/* rendition.c: give a delivery its rendition; it is queued now or later. */
void
rendition_attach(struct channel *ch, struct delivery *d);
/* Make sure the worker has it; -1 when it could not be sent. */
int
rendition_send(struct channel *ch, struct rendition *r);
/* Ask for what is wanted and was not asked. */
void
rendition_ask(struct channel *ch);
/* What the next worker will not know. alone: no delivery was with the one
 * that died, so a question may have killed it. */
void
rendition_worker_gone(struct channel *ch, bool alone);
/* Packet "rendered". */
int
rendition_rendered(struct channel *ch, const json_t *packet, const int *fds,
    size_t n, struct err *e);
void
rendition_free_all(struct channel *ch, struct job *job);

/*
 * media.c: the attachments that this channel may have, as descriptors (given);
 * how many. present gets true or false for each attachment.
 */
struct announce;
size_t
media_open(const struct channel *ch, const struct announce *a, int *fds,
    size_t max, json_t *present);

/* submit.c */
/* Send what the scheduler allows; us until it wants to be asked again. */
int64_t
submit_run(struct channel *ch);
/* Packet "result". */
int
submit_results(struct channel *ch, const json_t *packet, struct err *e);
/* The worker is gone: everything with it is in doubt. */
void
submit_worker_gone(struct channel *ch);
/* Ask the worker to stop overdue ones, kill it when it does not answer; us
 * until the next deadline. */
int64_t
submit_overdue(struct channel *ch);

/* settle.c: collect outcomes during one turn, then commit them together. */
struct settle_how {
	int32_t outcome, code;
	uint32_t retry_after;
	const char *peer_id, *text;
};
/* What the end of its job means for a delivery that was not sent. */
enum delivery_event
settle_event(enum store_job_state how);
/* Move d by ev; d is gone afterwards. */
void
settle(struct channel *ch, struct delivery *d, enum delivery_event ev,
    const struct settle_how *how);
void
settle_flush(struct channel *ch);
/* Record what the store could not take a second ago. */
void
settle_again(struct channel *ch);
void
settle_free(struct channel *ch);
/* Drop what waits in memory of a job that is over. */
void
settle_waiting(struct channel *ch, struct job *job, enum delivery_event ev);

#endif
