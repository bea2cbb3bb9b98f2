/*
 * control_command: one table of what a client may ask, one function each.
 * Checks the form of a request; what it means is the engine's and the store's
 * business. Called by control_peer with every line.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/near.h"
#include "control_private.h"
#include "engine/engine.h"
#include "store/store.h"

#define LIMIT_DEFAULT	100
#define LIMIT_MAX	1000

typedef void command_fn(struct control_request *r, const json_t *args);

struct command {
	const char *name;
	command_fn *run;
};

/* ------------------------------------------------------------- helpers -- */

static void
fail(struct control_request *r, enum err_code code, const char *what,
    const char *why)
{
	struct err e;

	err_set(&e, code, "%s: %s", what, why);
	control_answer(r, &e, NULL);
}

static void
succeed(struct control_request *r, json_t *result)
{
	control_answer(r, NULL, result);
}

/* A member that must be there; otherwise r has been answered: NULL. */
static const char *
need(struct control_request *r, const json_t *args, const char *key)
{
	const char *s = json_string_value(json_object_get(args, key));
	struct err e;

	if (s != NULL)
		return s;
	err_set(&e, ERR_USAGE, "request: %s: a text is missing: give one",
	    key);
	control_answer(r, &e, NULL);
	return NULL;
}

static const char *
text_of(const json_t *args, const char *key, const char *absent)
{
	const char *s = json_string_value(json_object_get(args, key));

	return s == NULL ? absent : s;
}

static int
limit_of(const json_t *args)
{
	json_int_t n = json_integer_value(json_object_get(args, "limit"));

	if (n <= 0)
		return LIMIT_DEFAULT;
	return n > LIMIT_MAX ? LIMIT_MAX : (int)n;
}

/* -1: any state; -2: there is no such state. */
static int
state_of(const json_t *args)
{
	const char *name = text_of(args, "state", NULL);

	if (name == NULL)
		return -1;
	for (int i = 0; i < STORE_STATES; i++)
		if (strcmp(store_state_name((enum store_state)i), name) == 0)
			return i;
	return -2;
}

static void
no_such(struct control_request *r, const char *what, const char *name)
{
	struct err e;

	err_set(&e, ERR_NOT_FOUND, "%s %s: there is none: litfass status "
	    "lists what there is", what, name);
	control_answer(r, &e, NULL);
}

static int64_t
now_us(const struct control_request *r)
{
	return loop_wall(r->control->with.loop).us;
}

static struct store *
store_of(const struct control_request *r)
{
	return r->control->with.store;
}

/* --------------------------------------------------- what engine does -- */

static void
engine_done(void *arg, const struct err *e, json_t *result)
{
	control_answer(arg, e, result);
}

static bool
has_announcement(struct control_request *r, const json_t *args)
{
	if (json_is_object(json_object_get(args, "announcement")))
		return true;
	fail(r, ERR_USAGE, "request", "announcement: an object is missing: "
	    "give one");
	return false;
}

/* Who would get it; nothing is accepted. */
static void
cmd_audience(struct control_request *r, const json_t *args)
{
	if (has_announcement(r, args))
		engine_plan(r->control->with.engine, args, engine_done, r);
}

static void
cmd_publish(struct control_request *r, const json_t *args)
{
	if (has_announcement(r, args))
		engine_publish(r->control->with.engine, args, r->actor,
		    engine_done, r);
}

static void
cmd_channel_test(struct control_request *r, const json_t *args)
{
	if (need(r, args, "channel") != NULL && need(r, args, "to") != NULL)
		engine_test(r->control->with.engine, args, r->actor,
		    engine_done, r);
}

static void
cmd_cancel(struct control_request *r, const json_t *args)
{
	if (need(r, args, "id") != NULL)
		engine_cancel(r->control->with.engine, args, r->actor,
		    engine_done, r);
}

static void
cmd_retry(struct control_request *r, const json_t *args)
{
	if (need(r, args, "id") != NULL && need(r, args, "state") != NULL)
		engine_retry(r->control->with.engine, args, r->actor,
		    engine_done, r);
}

static void
cmd_pause(struct control_request *r, const json_t *args)
{
	if (need(r, args, "channel") != NULL)
		engine_pause(r->control->with.engine, args, r->actor,
		    engine_done, r);
}

static void
cmd_resume(struct control_request *r, const json_t *args)
{
	if (need(r, args, "channel") != NULL)
		engine_resume(r->control->with.engine, args, r->actor,
		    engine_done, r);
}

static void
cmd_channels(struct control_request *r, const json_t *args)
{
	(void)args;
	succeed(r, engine_channels(r->control->with.engine));
}

/* ----------------------------------------------- what the store knows -- */

static void
cmd_status(struct control_request *r, const json_t *args)
{
	const char *id = need(r, args, "id");
	json_t *status;

	if (id == NULL)
		return;
	status = store_status(store_of(r), id);
	if (status == NULL)
		no_such(r, "announcement", id);
	else
		succeed(r, status);
}

/* The announcement itself, as it was accepted. */
static void
cmd_show(struct control_request *r, const json_t *args)
{
	const char *id = need(r, args, "id");
	int64_t ann;
	char *body;

	if (id == NULL)
		return;
	ann = store_find(store_of(r), id);
	body = ann == 0 ? NULL : store_body(store_of(r), ann);
	if (body == NULL)
		no_such(r, "announcement", id);
	else
		succeed(r, json_loads(body, 0, NULL));
	free(body);
}

static void
cmd_list(struct control_request *r, const json_t *args)
{
	succeed(r, store_list(store_of(r), limit_of(args)));
}

static void
cmd_deliveries(struct control_request *r, const json_t *args)
{
	const char *id = need(r, args, "id");
	int state = state_of(args);

	if (id == NULL)
		return;
	if (state == -2)
		fail(r, ERR_USAGE, "state", "there is no such state: use "
		    "queued, retry, accepted, delivered, failed, expired, "
		    "unknown, cancelled, superseded or suppressed");
	else if (store_find(store_of(r), id) == 0)
		no_such(r, "announcement", id);
	else
		succeed(r, store_deliveries(store_of(r), id,
		    text_of(args, "channel", NULL), state,
		    text_of(args, "after", ""), limit_of(args)));
}

static void
cmd_trace(struct control_request *r, const json_t *args)
{
	const char *delivery = need(r, args, "delivery");
	json_t *story;

	if (delivery == NULL)
		return;
	story = store_trace(store_of(r), delivery);
	if (story == NULL)
		no_such(r, "delivery", delivery);
	else
		succeed(r, story);
}

static void
cmd_stats(struct control_request *r, const json_t *args)
{
	(void)args;
	succeed(r, json_pack("{s:o*,s:o*,s:i}", "store",
	    store_stats(store_of(r)), "channels",
	    engine_channels(r->control->with.engine), "clients",
	    (int)r->control->n_peers));
}

/* --------------------------------------------------------------- people -- */

static void
store_done(void *arg, const struct err *e)
{
	control_answer(arg, e, NULL);
}

/* Only where a row was refused does an error come with a result. */
static void
store_imported(void *arg, const struct err *e, const struct store_import *done)
{
	json_t *result = NULL;

	if (e->code == ERR_OK || json_array_size(done->refused) > 0)
		result = json_pack("{s:I,s:I,s:I,s:O}", "added",
		    (json_int_t)done->added, "changed",
		    (json_int_t)done->changed, "unchanged",
		    (json_int_t)done->unchanged, "refused", done->refused);
	control_answer(arg, e, result);
}

static void
cmd_subscriber_add(struct control_request *r, const json_t *args)
{
	const json_t *who = json_object_get(args, "subscriber");

	if (!json_is_object(who))
		fail(r, ERR_USAGE, "request", "subscriber: an object is "
		    "missing: give one");
	else
		store_subscriber_put(store_of(r), who, r->actor, now_us(r),
		    store_done, r);
}

static void
cmd_subscriber_import(struct control_request *r, const json_t *args)
{
	const json_t *all = json_object_get(args, "subscribers");

	if (!json_is_array(all))
		fail(r, ERR_USAGE, "request", "subscribers: a list is "
		    "missing: give one");
	else
		store_subscriber_import(store_of(r), all,
		    json_is_true(json_object_get(args, "check")), r->actor,
		    now_us(r), store_imported, r);
}

static void
cmd_subscriber_list(struct control_request *r, const json_t *args)
{
	json_int_t after = json_integer_value(json_object_get(args, "after"));
	bool reveal = json_is_true(json_object_get(args, "reveal"));

	if (reveal)
		store_audit(store_of(r), r->actor, "reveal", "subscribers",
		    "", now_us(r));
	succeed(r, store_subscribers(store_of(r), after, limit_of(args),
	    reveal));
}

/* ------------------------------------------------------------ the house -- */

static void
cmd_ping(struct control_request *r, const json_t *args)
{
	(void)args;
	succeed(r, json_pack("{s:s,s:i}", "version", PACKAGE_VERSION, "pid",
	    (int)getpid()));
}

static void
reloaded(void *arg, const struct err *e)
{
	struct control_request *r = arg;

	store_audit(store_of(r), r->actor, "reload", "config",
	    err_name(e->code), now_us(r));
	control_answer(r, e, NULL);
}

static void
cmd_reload(struct control_request *r, const json_t *args)
{
	const struct control_with *w = &r->control->with;
	struct err e = { ERR_OK, "" };

	(void)args;
	if (w->reload(w->reload_arg, reloaded, r, &e) != 0)
		reloaded(r, &e);
}

static void
cmd_idle(struct control_request *r, const json_t *args)
{
	(void)args;
	control_idle_new(r);
}

static const struct command commands[] = {
	{ "publish", cmd_publish },
	{ "audience", cmd_audience },
	{ "status", cmd_status },
	{ "show", cmd_show },
	{ "list", cmd_list },
	{ "deliveries", cmd_deliveries },
	{ "trace", cmd_trace },
	{ "retry", cmd_retry },
	{ "cancel", cmd_cancel },
	{ "pause", cmd_pause },
	{ "resume", cmd_resume },
	{ "channels", cmd_channels },
	{ "channel-test", cmd_channel_test },
	{ "subscriber-add", cmd_subscriber_add },
	{ "subscriber-import", cmd_subscriber_import },
	{ "subscriber-list", cmd_subscriber_list },
	{ "watch", control_watch_new },
	{ "stats", cmd_stats },
	{ "ping", cmd_ping },
	{ "reload", cmd_reload },
	{ "idle", cmd_idle },
};

#define N_COMMANDS	(sizeof(commands) / sizeof(commands[0]))

static void
unknown_command(struct control_request *r, const char *name)
{
	const char *known[N_COMMANDS], *near;
	struct err e;

	for (size_t i = 0; i < N_COMMANDS; i++)
		known[i] = commands[i].name;
	near = near_word(name, known, N_COMMANDS);
	err_set(&e, ERR_USAGE, "request: %.40s: there is no such command%s%s",
	    name, near == NULL ? "" : ": did you mean ",
	    near == NULL ? "" : near);
	control_answer(r, &e, NULL);
}

static void
run(struct control_request *r, const json_t *args)
{
	const char *name;

	if (json_integer_value(json_object_get(args, "v")) != CONTROL_PROTO) {
		fail(r, ERR_USAGE, "request", "this litfassd speaks protocol "
		    "1: send \"v\":1 or install the matching litfass");
		return;
	}
	name = need(r, args, "cmd");
	if (name == NULL)
		return;
	for (size_t i = 0; i < N_COMMANDS; i++) {
		if (strcmp(commands[i].name, name) == 0) {
			commands[i].run(r, args);
			return;
		}
	}
	unknown_command(r, name);
}

void
control_command(struct control_request *r, const char *line, size_t len)
{
	json_error_t why;
	json_t *args;

	args = json_loadb(line, len, JSON_REJECT_DUPLICATES, &why);
	if (json_is_object(args))
		run(r, args);
	else
		fail(r, ERR_USAGE, "request is not a JSON object",
		    args == NULL ? why.text : "send one object per line");
	json_decref(args);
}
