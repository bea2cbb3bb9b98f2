/*
 * delivery: the states of one delivery and the events that move it. One
 * table; what is not in it is a bug and aborts.
 *
 *	queued -> sending -> accepted -> delivered
 *	   ^         |-> retry (-> queued), failed, unknown
 *	   '---------'
 *	queued, retry -> expired, cancelled, superseded, suppressed
 */
#ifndef ENGINE_DELIVERY_H
#define ENGINE_DELIVERY_H

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

enum delivery_state {
	DELIVERY_QUEUED,	/* claimed, waiting for its turn */
	DELIVERY_SENDING,	/* with the worker */
	DELIVERY_CANCELLING,	/* with the worker, which was asked to stop */
	DELIVERY_RETRY,
	DELIVERY_ACCEPTED,
	DELIVERY_DELIVERED,
	DELIVERY_FAILED,
	DELIVERY_EXPIRED,
	DELIVERY_UNKNOWN,
	DELIVERY_CANCELLED,
	DELIVERY_SUPERSEDED,
	DELIVERY_SUPPRESSED,
	DELIVERY_STATES
};

enum delivery_event {
	DELIVERY_E_SUBMIT,	/* given to the worker */
	DELIVERY_E_OVERDUE,	/* no outcome in time */
	DELIVERY_E_DELIVERED,	/* what the plugin or a receipt said */
	DELIVERY_E_ACCEPTED,
	DELIVERY_E_TEMPFAIL,
	DELIVERY_E_PERMFAIL,
	DELIVERY_E_DOWN,
	DELIVERY_E_DOUBT_RESEND,	/* in doubt, and the job resends */
	DELIVERY_E_DOUBT_HOLD,		/* in doubt, a person decides */
	DELIVERY_E_REFUSED,	/* the plugin can't render it */
	DELIVERY_E_CLAIM,	/* a retry comes due */
	DELIVERY_E_GIVE_UP,	/* too late or too often to try again */
	DELIVERY_E_EXPIRE,
	DELIVERY_E_CANCEL,
	DELIVERY_E_SUPERSEDE,
	DELIVERY_E_SUPPRESS,	/* the recipient is gone */
	DELIVERY_E_AGAIN,	/* a person asked for another try */
	DELIVERY_EVENTS
};

/* Aborts when the event is impossible in this state. */
enum delivery_state
delivery_next(enum delivery_state st, enum delivery_event ev);
/* The same question without the abort; false leaves *next_r alone. */
bool
delivery_may(enum delivery_state st, enum delivery_event ev,
    enum delivery_state *next_r);
/* True for states with an outcome that no later try changes by itself. */
bool
delivery_final(enum delivery_state st);
const char *
delivery_state_name(enum delivery_state st);
/* The word in the store for a state that is recorded. */
enum store_state
delivery_store_state(enum delivery_state st);
/*
 * The event for a plugin's outcome (LF_*). Values we do not know count as
 * LF_CHANNEL_DOWN: they hold the message and never drop it.
 */
enum delivery_event
delivery_event_of(int32_t outcome, enum store_doubt doubt);

#endif
