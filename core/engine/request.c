/*
 * request: what a person asks of the engine, from the request to the answer:
 * publish, test, cancel, retry, pause, resume. Answers from the loop, never
 * inside the call, and says "accepted" only after the commit. Called by
 * control.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "announce/announce.h"
#include "announce/problem.h"
#include "announce/sample.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/when.h"
#include "engine/engine_private.h"
#include "engine/route.h"
#include "litfass/plugin.h"

/* One request on its way through the store. */
struct request {
	struct engine *e;
	engine_cb *cb;
	void *arg;
	struct announce *a;
	struct problems problems;
	struct route route;
	json_t *result;
	const char *what;	/* for errors: "publish" */
	struct err err;
	char uid[72];
	char chain[72];
	int64_t not_before;
};

#define AT_MAX	INT64_C(253402300799)	/* the end of the year 9999 */

static struct request *
request_new(struct engine *e, const char *what, engine_cb *cb, void *arg)
{
	struct request *r = xcalloc(1, sizeof(*r));

	r->e = e;
	r->what = what;
	r->cb = cb;
	r->arg = arg;
	problems_init(&r->problems);
	return r;
}

/* Answer and forget. */
static void
request_end(void *arg)
{
	struct request *r = arg;

	if (r->err.code != ERR_OK)
		err_prefix(&r->err, "%s", r->what);
	r->cb(r->arg, &r->err, r->result);
	announce_free(&r->a);
	problems_fini(&r->problems);
	route_fini(&r->route);
	free(r);
}

/* Refuse from the loop, not from inside the call. */
static void
request_refuse(struct request *r)
{
	loop_defer(r->e->with.loop, request_end, r);
}

static void
refuse_with_problems(struct request *r)
{
	size_t first = 0;

	while (first < r->problems.n &&
	    r->problems.items[first].level != PROBLEM_ERROR)
		first++;
	err_set(&r->err, ERR_INVALID, "%s: %s",
	    first < r->problems.n ? r->problems.items[first].slug : "refused",
	    first < r->problems.n ? r->problems.items[first].message : "");
	r->result = json_pack("{so}", "problems", problems_json(&r->problems));
	request_refuse(r);
}

static json_t *
route_json(const struct route *route)
{
	json_t *list = json_array();

	for (size_t i = 0; i < route->n; i++) {
		const struct store_new_job *j = &route->jobs[i];
		const json_t *targets = json_object_get(j->audience, "list");
		json_t *o;

		if (j->action != LF_SEND)
			continue;
		o = json_pack("{ss}", "channel", j->channel);
		if (targets != NULL)
			json_object_set_new(o, "targets",
			    json_integer((json_int_t)json_array_size(targets)));
		json_array_append_new(list, o);
	}
	return list;
}

static void
accepted(void *arg, const struct err *err, const struct store_change *c)
{
	struct request *r = arg;
	struct engine *e = r->e;

	r->err = *err;
	if (err->code == ERR_OK && !c->duplicate) {
		engine_give_jobs(e, c->jobs, c->n_jobs);
		LOG_EVENT(LOG_LEVEL_INFO, "accepted", LOG_S("ann", r->uid),
		    LOG_N("jobs", c->n_jobs));
	}
	if (err->code == ERR_OK)
		r->result = json_pack("{ss sI ss sb so so}", "id", r->uid,
		    "version", (json_int_t)r->a->version,
		    "state", r->not_before >
		    loop_wall(e->with.loop).us ? "scheduled" : "dispatching",
		    "duplicate", (int)c->duplicate,
		    "channels", route_json(&r->route),
		    "problems", problems_json(&r->problems));
	request_end(r);
}

/* The announcement of a request, with the exercise mark put in. Given; NULL:
 * there is none. */
static json_t *
announcement_of(const json_t *request)
{
	json_t *a = json_object_get(request, "announcement");

	if (!json_is_object(a))
		return NULL;
	a = json_copy(a);
	if (json_is_true(json_object_get(request, "exercise")))
		json_object_set_new(a, "status", json_string("exercise"));
	return a;
}

static int
read_announcement(struct request *r, const json_t *request)
{
	json_t *json = announcement_of(request);
	struct wall now = loop_wall(r->e->with.loop);
	int rc;

	if (json == NULL)
		return problem_add(&r->problems, PROBLEM_ERROR, "",
		    "no-announcement", "the request has no announcement");
	rc = announce_from_json(json, &r->a, &r->problems);
	json_decref(json);
	if (rc != 0)
		return -1;
	announce_lint(r->a, NULL, now, true, &r->problems);
	return problems_ok(&r->problems) ? 0 : -1;
}

/* When one that we have says that it was sent. */
static int64_t
sent_of(struct store *s, int64_t ann)
{
	char *body = store_body(s, ann);
	json_t *json = body == NULL ? NULL : json_loads(body, 0, NULL);
	const char *sent = json_string_value(json_object_get(json, "sent"));
	struct wall w = { 0 };

	if (sent != NULL)
		(void)when_parse(sent, &w, NULL);
	json_decref(json);
	free(body);
	return w.us;
}

static void
check_reference(struct request *r, size_t i)
{
	const char *id = r->a->references.list[i];
	int64_t ann = store_find(r->e->with.store, id);
	char *pointer;

	if (ann != 0) {
		/* As happens when a file is copied and changed. */
		if (r->a->sent.us <= sent_of(r->e->with.store, ann))
			problem_add(&r->problems, PROBLEM_WARN, "/sent",
			    "sent-not-later", "%s was sent no earlier, by its "
			    "own words: displays that have it will take this "
			    "for the older one and ignore it: publish again "
			    "with the time of now", id);
		return;
	}
	pointer = xasprintf("/references/%zu", i);
	problem_add(&r->problems, PROBLEM_WARN, pointer, "unknown-reference",
	    "%s was not published here: it is taken for the beginning of the "
	    "chain", id);
	free(pointer);
}

/* An all-clear must go out, even when nobody here knows its warning. */
static void
check_references(struct request *r)
{
	for (size_t i = 0; i < r->a->references.n; i++)
		check_reference(r, i);
}

static void
accept(struct request *r, const json_t *request, const char *actor)
{
	const char *key = json_string_value(json_object_get(request, "key"));
	unsigned char hash[ANNOUNCE_HASH];
	struct store_new n = {
		.uid = r->a->id, .version = r->a->version,
		.chain = r->chain, .idem_key = key,
		.hash = hash, .body = r->a->text,
		.actor = actor, .lane = route_lane(r->a),
		.now = loop_wall(r->e->with.loop).us,
		.not_before = r->not_before,
		.expires = r->a->expires.us,
		.jobs = r->route.jobs, .n_jobs = r->route.n,
	};

	announce_hash(r->a, hash);
	snprintf(r->uid, sizeof(r->uid), "%s", n.uid);
	store_accept(r->e->with.store, &n, accepted, r);
}

/* When it is to begin, in us; 0 now. */
static int
read_at(struct request *r, const json_t *request)
{
	const json_t *at = json_object_get(request, "at");
	json_int_t s = json_integer_value(at);

	if (at != NULL && (!json_is_integer(at) || s < 0 || s > AT_MAX))
		return problem_add(&r->problems, PROBLEM_ERROR, "", "bad-at",
		    "the time to begin is no time: give seconds since 1970, "
		    "before the year 10000");
	r->not_before = s * CLOCK_SECOND;
	if (r->a->expires.us != 0 && r->not_before >= r->a->expires.us)
		return problem_add(&r->problems, PROBLEM_ERROR, "/expires",
		    "expires-before-it-begins", "it is to begin when it has "
		    "already expired, so nobody would get it: begin earlier "
		    "or let it expire later");
	return 0;
}

static void
find_chain(struct request *r)
{
	const char *first = r->a->references.n > 0 ?
	    r->a->references.list[0] : r->a->id;

	store_chain_of(r->e->with.store, first, r->chain, sizeof(r->chain));
}

/* What it would become: the announcement, its route and problems in r. ref:
 * of the only subscriber who is to get it, or NULL. */
static int
plan(struct request *r, const json_t *request, const char *ref)
{
	struct engine *e = r->e;
	size_t n;
	struct channel **channels = engine_routes(e, &n);
	struct route_with with = {
		.channels = channels, .n_channels = n,
		.config = e->with.config, .store = e->with.store,
		.chain = r->chain,
		.only = json_object_get(request, "channels"), .ref = ref,
		.now = loop_wall(e->with.loop).us,
	};
	int rc = read_announcement(r, request);

	if (rc == 0)
		rc = read_at(r, request);
	if (rc == 0) {
		find_chain(r);
		with.not_before = r->not_before;
		rc = route_plan(&with, r->a, &r->route, &r->problems);
	}
	free(channels);
	if (rc == 0)
		check_references(r);
	return rc;
}

void
engine_publish(struct engine *e, const json_t *request, const char *actor,
    engine_cb *cb, void *arg)
{
	struct request *r = request_new(e, "publish", cb, arg);

	if (plan(r, request, NULL) != 0)
		refuse_with_problems(r);
	else
		accept(r, request, actor);
}

static json_t *
reach_json(const struct request *r)
{
	json_t *list = json_array();

	for (size_t i = 0; i < r->route.n; i++) {
		const struct store_new_job *j = &r->route.jobs[i];
		bool more;
		int64_t n;
		json_t *o;

		if (j->action != LF_SEND)
			continue;
		n = store_reach(r->e->with.store, j->audience, ENGINE_COUNT,
		    &more);
		o = json_pack("{ss sI}", "channel", j->channel, "targets",
		    (json_int_t)n);
		if (more)
			json_object_set_new(o, "more", json_true());
		json_array_append_new(list, o);
	}
	return list;
}

void
engine_plan(struct engine *e, const json_t *request, engine_cb *cb,
    void *arg)
{
	struct request *r = request_new(e, "plan", cb, arg);

	if (plan(r, request, NULL) != 0) {
		refuse_with_problems(r);
		return;
	}
	r->result = json_pack("{so so}", "channels", reach_json(r),
	    "problems", problems_json(&r->problems));
	loop_defer(e->with.loop, request_end, r);
}

/* ----------------------------------------------- cancel, retry and pause -- */

static void
cancelled(void *arg, const struct err *err, const struct store_change *c)
{
	struct request *r = arg;

	r->err = *err;
	if (err->code == ERR_OK) {
		for (size_t i = 0; i < r->e->n; i++)
			channel_jobs_ended(r->e->channels[i], r->uid,
			    STORE_JOB_CANCELLED);
		engine_give_jobs(r->e, c->jobs, c->n_jobs);
	} else {
		json_decref(r->result);
		r->result = NULL;
	}
	request_end(r);
}

void
engine_cancel(struct engine *e, const json_t *request, const char *actor,
    engine_cb *cb, void *arg)
{
	const char *id = json_string_value(json_object_get(request, "id"));
	struct request *r = request_new(e, "cancel", cb, arg);
	const char *retract[ROUTE_JOBS];
	size_t n = 0, n_channels;
	struct channel **channels = engine_routes(e, &n_channels);
	json_t *names = json_array();

	for (size_t i = 0; i < n_channels && n < ROUTE_JOBS; i++)
		if (channel_can(channels[i], LF_CAP_RETRACT)) {
			retract[n] = channel_name(channels[i]);
			json_array_append_new(names,
			    json_string(retract[n++]));
		}
	snprintf(r->uid, sizeof(r->uid), "%s", id != NULL ? id : "");
	r->result = json_pack("{ss so}", "id", r->uid, "retract", names);
	store_cancel(e->with.store, r->uid, retract, n, actor,
	    loop_wall(e->with.loop).us, cancelled, r);
	free(channels);
}

static void
retried(void *arg, const struct err *err, const struct store_change *c)
{
	struct request *r = arg;

	r->err = *err;
	if (err->code == ERR_OK) {
		r->result = json_pack("{sI}", "count", (json_int_t)c->n);
		engine_give_jobs(r->e, c->jobs, c->n_jobs);
	}
	request_end(r);
}

void
engine_retry(struct engine *e, const json_t *request, const char *actor,
    engine_cb *cb, void *arg)
{
	const char *id = json_string_value(json_object_get(request, "id"));
	const char *state = json_string_value(
	    json_object_get(request, "state"));
	struct request *r = request_new(e, "retry", cb, arg);
	enum store_state st = STORE_FAILED;

	if (state != NULL && strcmp(state, "unknown") == 0)
		st = STORE_UNKNOWN;
	else if (state == NULL || strcmp(state, "failed") != 0) {
		err_set(&r->err, ERR_INVALID, "state %s: only failed or "
		    "unknown ones can be tried again",
		    state != NULL ? state : "(none)");
		request_refuse(r);
		return;
	}
	snprintf(r->uid, sizeof(r->uid), "%s", id != NULL ? id : "");
	store_retry(e->with.store, r->uid,
	    json_string_value(json_object_get(request, "channel")), st, actor,
	    loop_wall(e->with.loop).us, retried, r);
}

/* The channel a request names; NULL and an error in r when it does not. */
static struct channel *
named(struct request *r, const json_t *request)
{
	const char *name = json_string_value(
	    json_object_get(request, "channel"));
	struct channel *ch = engine_channel(r->e, name);

	if (ch == NULL)
		err_set(&r->err, ERR_NOT_FOUND, "channel %s: not configured "
		    "or not enabled: litfass channel list shows those that "
		    "are", name != NULL ? name : "(none)");
	return ch;
}

void
engine_pause(struct engine *e, const json_t *request, const char *actor,
    engine_cb *cb, void *arg)
{
	const char *cause = json_string_value(
	    json_object_get(request, "cause"));
	struct request *r = request_new(e, "pause", cb, arg);
	struct channel *ch = named(r, request);

	if (ch != NULL) {
		channel_pause(ch, cause != NULL ? cause : "paused by hand");
		store_audit(e->with.store, actor, "pause", channel_name(ch),
		    cause != NULL ? cause : "", loop_wall(e->with.loop).us);
		r->result = channel_json(ch);
	}
	request_refuse(r);
}

void
engine_resume(struct engine *e, const json_t *request, const char *actor,
    engine_cb *cb, void *arg)
{
	struct request *r = request_new(e, "resume", cb, arg);
	struct channel *ch = named(r, request);

	if (ch != NULL) {
		channel_resume(ch);
		store_audit(e->with.store, actor, "resume", channel_name(ch),
		    "", loop_wall(e->with.loop).us);
		r->result = channel_json(ch);
	}
	request_refuse(r);
}

/* ------------------------------------------------------------------ test -- */

#define TEST_PEOPLE	(10 * 60)	/* seconds in which it may be tried */
#define TEST_DISPLAY	(2 * 60)	/* seconds for which it is shown */

/* The request to publish it, given. */
static json_t *
test_request(struct engine *e, const char *channel, const char *group)
{
	struct wall now = loop_wall(e->with.loop);
	char id[72];

	snprintf(id, sizeof(id), "test-%s-%lld", channel, (long long)now.us);
	return json_pack("{s:o,s:[s]}", "announcement", sample_announcement(
	    id, group, now, group != NULL ? TEST_DISPLAY : TEST_PEOPLE),
	    "channels", channel);
}

/* Whom the channel may be tried on. */
static int
check_whom(struct request *r, const char *kind, const char *to)
{
	if (to == NULL || *to == '\0')
		return err_set(&r->err, ERR_USAGE, "to: a text is missing: "
		    "name one who gets it");
	if (strcmp(kind, "none") == 0 && strcmp(to, "*") != 0)
		return err_set(&r->err, ERR_USAGE, "to: this channel names "
		    "nobody: say \"*\"");
	return 0;
}

/* Somebody must be there: an audience of none would be a success. */
static int
check_there(struct request *r, const char *kind, const char *to)
{
	bool more;

	if (store_reach(r->e->with.store, r->route.jobs[0].audience, 1,
	    &more) > 0)
		return 0;
	return err_set(&r->err, ERR_NOT_FOUND, "%.64s: nobody of this ref "
	    "has an address of kind %s: litfass subscriber list shows who "
	    "has", to, kind);
}

void
engine_test(struct engine *e, const json_t *request, const char *actor,
    engine_cb *cb, void *arg)
{
	const char *to = json_string_value(json_object_get(request, "to"));
	struct request *r = request_new(e, "test", cb, arg);
	struct channel *ch = named(r, request);
	const char *kind;
	json_t *publish;
	bool group;

	if (ch == NULL || check_whom(r, channel_address_kind(ch), to) != 0) {
		request_refuse(r);
		return;
	}
	kind = channel_address_kind(ch);
	group = strcmp(kind, "group") == 0;
	publish = test_request(e, channel_name(ch), group ? to : NULL);
	if (plan(r, publish, to) != 0)
		refuse_with_problems(r);
	else if (check_there(r, kind, to) != 0)
		request_refuse(r);
	else
		accept(r, publish, actor);
	json_decref(publish);
}
