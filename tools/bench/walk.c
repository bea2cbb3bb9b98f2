/*
 * walk: the store alone: accepting announcements with so many outstanding,
 * and walking one audience with claim and record as a channel does. Called by
 * probe.
 */
#include "config.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "litfass/plugin.h"
#include "probe.h"
#include "samples.h"
#include "store/store.h"

#define NOW	INT64_C(1773068400000000)
#define BATCH	4096

struct walk {
	struct loop *loop;
	struct store *store;
	struct samples samples;
	json_t *audience;
	const char *body;
	size_t asked, max, batch;
	size_t under_way;
	bool done;
	int64_t job;
};

static void
good(const struct err *e)
{
	if (e->code != ERR_OK)
		log_fatal(EXIT_TEMPFAIL, "probe: store: %s", e->text);
}

static void
walk_init(struct walk *w, const char *path)
{
	struct err e = { ERR_OK, "" };

	*w = (struct walk){ .loop = loop_new(), .body = "{}" };
	if (store_open(path, w->loop, 0, &w->store, &e) == -1)
		good(&e);
}

static void
walk_fini(struct walk *w)
{
	json_decref(w->audience);
	samples_fini(&w->samples);
	store_close(&w->store);
	loop_free(&w->loop);
}

static void
wait_for(struct walk *w)
{
	while (w->under_way > 0)
		loop_once(w->loop, CLOCK_SECOND);
}

/* -------------------------------------------------------------- accept -- */

struct asked {
	struct walk *walk;
	int64_t begun;
};

static void
ask(struct asked *a, store_change_cb *cb)
{
	static const char *const channels[] = { "a", "b", "c", "d" };
	struct walk *w = a->walk;
	struct store_new_job jobs[4];
	unsigned char hash[32] = { 0 };
	char uid[32];
	struct store_new n = { .uid = uid, .chain = uid, .version = 1,
		.hash = hash, .body = w->body, .actor = "uid:0",
		.lane = STORE_NORMAL, .now = NOW, .jobs = jobs, .n_jobs = 4 };

	for (size_t i = 0; i < 4; i++)
		jobs[i] = (struct store_new_job){ .channel = channels[i],
		    .action = LF_SEND, .lane = STORE_NORMAL,
		    .audience = w->audience };
	snprintf(uid, sizeof(uid), "bench-%zu", w->asked++);
	w->under_way++;
	a->begun = samples_now();
	store_accept(w->store, &n, cb, a);
}

static void
accepted(void *arg, const struct err *e, const struct store_change *c)
{
	struct asked *a = arg;
	struct walk *w = a->walk;

	good(e);
	w->job = c->jobs[0].id;
	w->under_way--;
	samples_add(&w->samples, a->begun);
	if (w->asked < w->max && !samples_over(&w->samples))
		ask(a, accepted);
}

int
store_accept_run(char **argv)
{
	size_t n = probe_number(argv[2], 1024);
	struct asked asked[1024];
	char body[1001];
	struct walk w;

	walk_init(&w, argv[1]);
	memset(body, 'x', sizeof(body) - 1);
	body[sizeof(body) - 1] = '\0';
	w.body = body;
	w.audience = json_pack("{s:s}", "kind", "email");
	w.max = probe_number(argv[3], 1000000);
	samples_init(&w.samples, w.max, PROBE_SECONDS);
	for (size_t i = 0; i < n && w.asked < w.max; i++) {
		asked[i].walk = &w;
		ask(&asked[i], accepted);
	}
	wait_for(&w);
	samples_print(&w.samples, 1, "");
	walk_fini(&w);
	return 0;
}

/* ------------------------------------------------------ claim and record -- */

static void
imported(void *arg, const struct err *e, const struct store_import *done)
{
	struct walk *w = arg;

	(void)done;
	good(e);
	w->under_way--;
}

static void
people(struct walk *w, size_t n)
{
	json_t *list = json_array();
	char ref[24], address[48];

	for (size_t i = 0; i < n; i++) {
		snprintf(ref, sizeof(ref), "p%zu", i);
		snprintf(address, sizeof(address), "p%zu@example.org", i);
		json_array_append_new(list, json_pack(
		    "{s:s,s:[s],s:{s:s}}", "ref", ref, "languages", "de",
		    "addresses", "email", address));
	}
	w->under_way++;
	store_subscriber_import(w->store, list, false, "uid:0", NOW,
	    imported, w);
	json_decref(list);
	wait_for(w);
}

static void
walk_on(struct walk *w);

static void
recorded(void *arg, const struct err *e, const struct store_progress *p,
    size_t n)
{
	struct walk *w = arg;

	good(e);
	w->under_way--;
	w->done = w->done || (n > 0 && p[0].done);
}

static void
record(struct walk *w, const struct store_batch *b)
{
	static struct store_outcome out[BATCH];

	for (size_t i = 0; i < b->n; i++)
		out[i] = (struct store_outcome){ .job = w->job,
		    .target = b->targets[i].target, .lease = b->lease,
		    .state = STORE_ACCEPTED, .attempt = 1, .counts = true,
		    .at = NOW, .outcome = LF_ACCEPTED, .code = 200,
		    .peer_id = "wamid.012345678901234567" };
	w->under_way++;
	store_record(w->store, out, b->n, recorded, w);
}

static void
claimed(void *arg, const struct err *e, const struct store_batch *b)
{
	struct walk *w = arg;

	good(e);
	w->under_way--;
	if (b->n > 0)
		record(w, b);
	for (size_t i = 0; i < b->n; i++)
		samples_add(&w->samples, w->samples.last);
	w->done = b->exhausted || b->job_done;
	if (!w->done)
		walk_on(w);
}

static void
walk_on(struct walk *w)
{
	w->under_way++;
	store_claim(w->store, w->job, w->batch, NOW, claimed, w);
}

int
store_walk_run(char **argv)
{
	size_t targets = probe_number(argv[2], 1000000);
	struct asked a;
	struct walk w;

	walk_init(&w, argv[1]);
	w.batch = probe_number(argv[3], BATCH);
	w.audience = json_pack("{s:s}", "kind", "email");
	people(&w, targets);
	w.max = 1;
	samples_init(&w.samples, targets, PROBE_SECONDS);
	a.walk = &w;
	ask(&a, accepted);
	wait_for(&w);
	samples_fini(&w.samples);
	samples_init(&w.samples, targets, PROBE_SECONDS);
	walk_on(&w);
	wait_for(&w);
	w.samples.last = samples_now();
	samples_print(&w.samples, 1, "");
	walk_fini(&w);
	return 0;
}
