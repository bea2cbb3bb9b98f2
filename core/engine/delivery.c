/*
 * delivery: the one table of states and events. Pure; never touches a clock,
 * a store or a worker. Called by channel for every step of a delivery.
 */
#include "config.h"

#include "base/log.h"
#include "engine/delivery.h"
#include "litfass/plugin.h"

/* Cells hold next state + 1, so that an empty cell means impossible. */
#define TO(state)	(DELIVERY_##state + 1)
#define WHEN(event)	[DELIVERY_E_##event]
#define IN(state)	[DELIVERY_##state]

#define WITH_THE_WORKER							\
	WHEN(DELIVERED) = TO(DELIVERED),				\
	WHEN(ACCEPTED) = TO(ACCEPTED),					\
	WHEN(TEMPFAIL) = TO(RETRY),					\
	WHEN(PERMFAIL) = TO(FAILED),					\
	WHEN(DOWN) = TO(RETRY),						\
	WHEN(DOUBT_RESEND) = TO(RETRY),					\
	WHEN(DOUBT_HOLD) = TO(UNKNOWN)

#define NOT_WITH_THE_WORKER						\
	WHEN(EXPIRE) = TO(EXPIRED),					\
	WHEN(CANCEL) = TO(CANCELLED),					\
	WHEN(SUPERSEDE) = TO(SUPERSEDED),				\
	WHEN(SUPPRESS) = TO(SUPPRESSED),				\
	WHEN(GIVE_UP) = TO(FAILED)

static const unsigned char table[DELIVERY_STATES][DELIVERY_EVENTS] = {
	IN(QUEUED) = {
		NOT_WITH_THE_WORKER,
		WHEN(SUBMIT) = TO(SENDING),
		WHEN(REFUSED) = TO(FAILED),
		/* the channel stops before it was this one's turn */
		WHEN(DOWN) = TO(RETRY),
	},
	IN(SENDING) = {
		WITH_THE_WORKER,
		WHEN(OVERDUE) = TO(CANCELLING),
	},
	IN(CANCELLING) = {
		WITH_THE_WORKER,
	},
	IN(RETRY) = {
		NOT_WITH_THE_WORKER,
		WHEN(CLAIM) = TO(QUEUED),
	},
	IN(ACCEPTED) = {
		/* later truth of a receipt */
		WHEN(DELIVERED) = TO(DELIVERED),
		WHEN(PERMFAIL) = TO(FAILED),
	},
	IN(FAILED) = {
		WHEN(AGAIN) = TO(RETRY),
	},
	IN(UNKNOWN) = {
		WHEN(AGAIN) = TO(RETRY),
		WHEN(DELIVERED) = TO(DELIVERED),
		WHEN(ACCEPTED) = TO(ACCEPTED),
	},
	IN(DELIVERED) = { 0 },
	IN(EXPIRED) = { 0 },
	IN(CANCELLED) = { 0 },
	IN(SUPERSEDED) = { 0 },
	IN(SUPPRESSED) = { 0 },
};

static const struct {
	const char *name;
	enum store_state store;
	bool final;
} states[DELIVERY_STATES] = {
	IN(QUEUED) = { "queued", STORE_QUEUED, false },
	IN(SENDING) = { "sending", STORE_QUEUED, false },
	IN(CANCELLING) = { "cancelling", STORE_QUEUED, false },
	IN(RETRY) = { "retry", STORE_RETRY, false },
	IN(ACCEPTED) = { "accepted", STORE_ACCEPTED, true },
	IN(DELIVERED) = { "delivered", STORE_DELIVERED, true },
	IN(FAILED) = { "failed", STORE_FAILED, true },
	IN(EXPIRED) = { "expired", STORE_EXPIRED, true },
	IN(UNKNOWN) = { "unknown", STORE_UNKNOWN, true },
	IN(CANCELLED) = { "cancelled", STORE_CANCELLED, true },
	IN(SUPERSEDED) = { "superseded", STORE_SUPERSEDED, true },
	IN(SUPPRESSED) = { "suppressed", STORE_SUPPRESSED, true },
};

bool
delivery_may(enum delivery_state st, enum delivery_event ev,
    enum delivery_state *next_r)
{
	unsigned char cell;

	if (st >= DELIVERY_STATES || ev >= DELIVERY_EVENTS)
		return false;
	cell = table[st][ev];
	if (cell == 0)
		return false;
	*next_r = (enum delivery_state)(cell - 1);
	return true;
}

enum delivery_state
delivery_next(enum delivery_state st, enum delivery_event ev)
{
	enum delivery_state next;

	if (!delivery_may(st, ev, &next))
		log_bug("delivery: event %d is impossible in state %d",
		    (int)ev, (int)st);
	return next;
}

bool
delivery_final(enum delivery_state st)
{
	return states[st].final;
}

const char *
delivery_state_name(enum delivery_state st)
{
	return states[st].name;
}

enum store_state
delivery_store_state(enum delivery_state st)
{
	return states[st].store;
}

enum delivery_event
delivery_event_of(int32_t outcome, enum store_doubt doubt)
{
	switch (outcome) {
	case LF_DELIVERED:
		return DELIVERY_E_DELIVERED;
	case LF_ACCEPTED:
		return DELIVERY_E_ACCEPTED;
	case LF_TEMPFAIL:
		return DELIVERY_E_TEMPFAIL;
	case LF_PERMFAIL:
		return DELIVERY_E_PERMFAIL;
	case LF_UNKNOWN:
		return doubt == STORE_DOUBT_RESEND ?
		    DELIVERY_E_DOUBT_RESEND : DELIVERY_E_DOUBT_HOLD;
	default:
		return DELIVERY_E_DOWN;
	}
}
