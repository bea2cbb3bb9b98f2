/*
 * house: see house.h. Links with stub_twin in place of the real worker.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "litfass/plugin.h"
#include "store/flight.h"
#include "unit/conf_text.h"
#include "unit/house.h"
#include "unit/stub_twin.h"

static void
moved(void *arg, const char *uid)
{
	struct house *h = arg;

	assert_non_null(uid);
	h->moved++;
}

void
house_open(struct house *h, const char *more, unsigned caps)
{
	struct err e = { ERR_OK, "" };
	json_t *meta = json_pack("{ss si si si}", "address_kind", "group",
	    "caps", (int)caps, "max_inflight", 8, "send_timeout", 10);
	struct flight *flight;
	char text[1024];

	memset(h, 0, sizeof(*h));
	stub_reset();
	fx_init(&h->fx, false);
	snprintf(text, sizeof(text), HEAD "channels: { a: { plugin = \"file\";"
	    " %s }; };\n", more);
	h->conf = good(text);
	h->with = (struct channel_with){ .loop = h->fx.loop,
	    .store = h->fx.store, .program = "none", .moved = moved,
	    .arg = h };
	snprintf(h->ledger, sizeof(h->ledger), "%s/flight.a", h->fx.dir);
	assert_int_equal(flight_open(h->ledger, channel_flight_slots(
	    conf_channel(h->conf, "a"), meta), &flight, &e), 0);
	h->ch = channel_new(&h->with, h->conf, "a", meta, flight, &e);
	assert_non_null(h->ch);
	json_decref(meta);
	channel_start(h->ch);
}

void
house_close(struct house *h)
{
	channel_free(&h->ch);
	conf_free(&h->conf);
	unlink(h->ledger);
	fx_fini(&h->fx);
}

void
house_pass(struct house *h, int64_t us)
{
	loop_once(h->fx.loop, us);
}

static void
accepted(void *arg, const struct err *e, const struct store_change *c)
{
	struct house *h = arg;

	assert_int_equal(e->code, ERR_OK);
	assert_in_range(c->n_jobs, 1, 2);
	memcpy(h->jobs, c->jobs, c->n_jobs * sizeof(*c->jobs));
	h->n_jobs = c->n_jobs;
}

static int64_t
wall(int64_t s)
{
	return s == 0 ? 0 : FX_NOW + SECONDS(s);
}

static json_t *
audience(int n)
{
	json_t *list = json_array();
	char name[16];

	for (int i = 1; i <= (n == 0 ? 1 : n); i++) {
		snprintf(name, sizeof(name), "g%d", i);
		json_array_append_new(list, json_string(name));
	}
	return json_pack("{so}", "list", list);
}

void
house_publish(struct house *h, struct publish p)
{
	json_t *who = audience(p.targets);
	struct store_new_job jobs[2] = { { .channel = "a",
	    .action = p.only_retract ? LF_RETRACT : LF_SEND, .lane = p.lane,
	    .doubt = p.doubt, .not_before = wall(p.at),
	    .expires = wall(p.expires), .audience = who } };
	unsigned char hash[32] = { (unsigned char)p.version };
	struct store_new n = { .uid = p.uid, .version = p.version > 0 ?
	    p.version : 1, .chain = p.chain != NULL ? p.chain : p.uid,
	    .hash = hash, .body = "{\"content\":{\"de\":{}}}",
	    .actor = "uid:1000", .lane = p.lane,
	    .now = loop_wall(h->fx.loop).us, .not_before = wall(p.at),
	    .expires = wall(p.expires), .jobs = jobs,
	    .n_jobs = p.take_back ? 2 : 1 };

	jobs[1] = jobs[0];
	jobs[1].action = LF_RETRACT;
	jobs[1].not_before = jobs[0].expires;
	jobs[1].expires = 0;
	h->n_jobs = 0;
	store_accept(h->fx.store, &n, accepted, h);
	while (h->n_jobs == 0)
		loop_once(h->fx.loop, 0);
	json_decref(who);
	for (size_t i = 0; i < h->n_jobs; i++)
		channel_job_add(h->ch, &h->jobs[i]);
	house_pass(h, 0);
}

void
house_count(struct house *h, const char *uid, const char *counter,
    int64_t n)
{
	int64_t got = fx_count(&h->fx, uid, 0, counter);

	if (got != n)
		fail_msg("%s: %s is %lld instead of %lld", uid, counter,
		    (long long)got, (long long)n);
}
