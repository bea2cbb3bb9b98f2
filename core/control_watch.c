/*
 * control_watch: requests that last: follow an announcement, wait for the
 * engine to become idle. Sends the newest state and never a backlog: a slow
 * client simply sees fewer steps. Called by control_command.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "control_private.h"
#include "engine/engine.h"
#include "store/store.h"

#define PUSH_EVERY	(CLOCK_SECOND / 10)	/* at most */
#define BEAT		CLOCK_SECOND		/* at least */
#define IDLE_EVERY	(CLOCK_SECOND / 100)

struct control_watch {
	struct control_request *request;
	struct loop_timer *timer;
	char *uid;		/* NULL: wait for idle */
	bool until_live;
	bool soon;		/* the timer stands for a change */
};

static struct control_watch *
watch_new(struct control_request *r, loop_cb *tick)
{
	struct control_watch *w = xcalloc(1, sizeof(*w));

	w->request = r;
	w->timer = loop_timer_new(r->control->with.loop, tick, w);
	r->watch = w;
	return w;
}

void
control_watch_free(struct control_watch **wp)
{
	struct control_watch *w = *wp;

	if (w == NULL)
		return;
	*wp = NULL;
	loop_timer_free(&w->timer);
	free(w->uid);
	free(w);
}

/* Nothing will change any more, or nothing the client waits for. */
static bool
settled(const json_t *status, bool until_live)
{
	static const char *const ends[] = { "done", "partial", "cancelled",
		"expired" };
	const char *state;

	state = json_string_value(json_object_get(status, "state"));
	if (state == NULL)
		return true;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (strcmp(state, ends[i]) == 0)
			return true;
	return until_live && strcmp(state, "live") == 0;
}

static void
push(void *arg)
{
	struct control_watch *w = arg;
	struct control_request *r = w->request;
	struct err e;
	json_t *status;

	w->soon = false;
	loop_timer_set(w->timer, BEAT);
	if (!control_peer_drained(r->peer))
		return;
	status = store_status(r->control->with.store, w->uid);
	if (status == NULL) {
		err_set(&e, ERR_NOT_FOUND, "announcement %s: there is none: "
		    "litfass status lists what there is", w->uid);
		control_answer(r, &e, NULL);
	} else if (settled(status, w->until_live)) {
		control_answer(r, NULL, status);
	} else {
		control_answer_more(r, status);
	}
}

void
control_watch_new(struct control_request *r, const json_t *args)
{
	const char *uid = json_string_value(json_object_get(args, "id"));
	const char *until = json_string_value(json_object_get(args, "until"));
	struct control_watch *w;
	struct err e;

	if (uid == NULL) {
		err_set(&e, ERR_USAGE, "request: id: a text is missing: give "
		    "one");
		control_answer(r, &e, NULL);
		return;
	}
	w = watch_new(r, push);
	w->uid = xstrdup(uid);
	w->until_live = until != NULL && strcmp(until, "live") == 0;
	push(w);
}

void
control_watch_moved(struct control_request *r, const char *uid)
{
	struct control_watch *w = r->watch;

	if (w == NULL || w->uid == NULL || w->soon ||
	    strcmp(w->uid, uid) != 0)
		return;
	w->soon = true;
	loop_timer_set(w->timer, PUSH_EVERY);
}

static void
look_idle(void *arg)
{
	struct control_watch *w = arg;
	struct control_request *r = w->request;

	if (engine_idle(r->control->with.engine))
		control_answer(r, NULL, NULL);
	else
		loop_timer_set(w->timer, IDLE_EVERY);
}

void
control_idle_new(struct control_request *r)
{
	look_idle(watch_new(r, look_idle));
}
