/*
 * rendition: the bytes of an announcement per language of its recipients.
 * Made once by the plugin, kept in the store, and the same at every attempt.
 * Deliveries wait here until their rendition is durable. Called by claim,
 * submit and channel.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "announce/announce.h"
#include "announce/lang.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/channel_private.h"
#include "litfass/plugin.h"
#include "worker/wire.h"

#define WANTED_MAX	8
#define DEATHS		2	/* of workers, until a text is to blame */

static void
queue(struct channel *ch, struct delivery *d)
{
	if (d->job->over && d->job->how != STORE_JOB_DONE)
		settle(ch, d, settle_event(d->job->how), NULL);
	else
		sched_push(&ch->sched, &d->job->queue, &d->item);
}

static void
release(struct channel *ch, struct rendition *r)
{
	struct settle_how how = { .text = r->refusal };
	struct delivery *d;

	while ((d = r->waiting) != NULL) {
		r->waiting = d->next_waiting;
		if (r->state == RENDITION_READY)
			queue(ch, d);
		else
			settle(ch, d, DELIVERY_E_REFUSED, &how);
	}
	settle_flush(ch);
	channel_kick(ch);
}

static const char poison[] = "worker-died: two workers died making this";

/* Ask the worker; without one the question is put when it is ready. */
static void
ask(struct channel *ch, struct rendition *r)
{
	struct err e = { ERR_OK, "" };
	char *body;
	json_t *p;
	int fd;

	if (r->state != RENDITION_WANTED || twin_state(ch->twin) != TWIN_UP)
		return;
	body = channel_body(ch, r->job);
	if (body == NULL) {
		channel_again(ch);
		return;
	}
	fd = wire_blob_new(body, strlen(body), &e);
	free(body);
	if (fd < 0) {
		log_warn("channel %s: %s", ch->name, e.text);
		channel_again(ch);
		return;
	}
	p = json_pack("{ss si ss ss ss}", "t", "render", "id",
	    (int)r->number, "lang", r->lang, "wanted", r->wanted, "chain",
	    r->job->j.chain);
	if (twin_send(ch->twin, p, &fd, 1) == 0) {
		r->state = RENDITION_ASKED;
		r->asked = ++ch->questions;
	} else
		channel_again(ch);
	json_decref(p);
}

static bool
in_store(struct channel *ch, const struct rendition *r)
{
	char *text = store_rendition_get(channel_store(ch), r->job->j.ann,
	    ch->name, r->key);
	bool there = text != NULL;

	free(text);
	return there;
}

static struct rendition *
rendition_new(struct channel *ch, struct job *job, const char *key,
    const char *lang, const char *wanted)
{
	struct rendition *r = xcalloc(1, sizeof(*r));

	r->job = job;
	r->number = ++ch->renditions_made;
	snprintf(r->key, sizeof(r->key), "%s", key);
	snprintf(r->lang, sizeof(r->lang), "%s", lang);
	snprintf(r->wanted, sizeof(r->wanted), "%s", wanted);
	r->next = job->renditions;
	job->renditions = r;
	if (job->j.action == LF_RETRACT || in_store(ch, r))
		r->state = RENDITION_READY;
	else if (job->poison) {
		r->state = RENDITION_REFUSED;
		snprintf(r->refusal, sizeof(r->refusal), "%s", poison);
	} else
		ask(ch, r);
	return r;
}

/* The language for somebody who reads these, best first. */
static void
choose(const struct job *job, const char *langs, char *key, size_t n,
    const char **lang_r, char *wanted, size_t wanted_n)
{
	char copy[sizeof(((struct store_target *)0)->langs)], *save = NULL;
	const char *list[WANTED_MAX];
	struct lang_choice c;
	size_t n_list = 0;

	snprintf(copy, sizeof(copy), "%s", langs);
	for (char *s = strtok_r(copy, ",", &save);
	    s != NULL && n_list < WANTED_MAX; s = strtok_r(NULL, ",", &save))
		list[n_list++] = s;
	c = lang_choose(list, n_list, (const char *const *)job->langs,
	    job->n_langs, job->langs[0]);
	*lang_r = job->langs[c.index < 0 ? 0 : c.index];
	if (n_list == 0 || !c.fallback) {
		snprintf(wanted, wanted_n, "%s", *lang_r);
		snprintf(key, n, "%s", *lang_r);
	} else {
		snprintf(wanted, wanted_n, "%s", list[0]);
		snprintf(key, n, "%s+%s", *lang_r, list[0]);
	}
}

void
rendition_attach(struct channel *ch, struct delivery *d)
{
	char key[80], wanted[40];
	struct rendition *r;
	const char *lang;

	if (!job_need_langs(ch, d->job)) {
		settle(ch, d, DELIVERY_E_DOWN, NULL);
		settle_flush(ch);
		return;
	}
	choose(d->job, d->target.langs, key, sizeof(key), &lang, wanted,
	    sizeof(wanted));
	for (r = d->job->renditions; r != NULL; r = r->next)
		if (strcmp(r->key, key) == 0)
			break;
	if (r == NULL)
		r = rendition_new(ch, d->job, key, lang, wanted);
	d->rendition = r;
	d->next_waiting = r->waiting;
	r->waiting = d;
	if (r->state >= RENDITION_READY)
		release(ch, r);
}

/* The rendition's bytes, then the attachments; how many, or -1. */
static int
open_files(struct channel *ch, const struct rendition *r, int fds[WIRE_FDS],
    json_t *present)
{
	char *text = store_rendition_get(channel_store(ch), r->job->j.ann,
	    ch->name, r->key);
	char *body = channel_body(ch, r->job);
	struct err e = { ERR_OK, "" };
	struct problems p;
	struct announce *a;
	size_t n = 0;

	fds[0] = -1;
	if (text != NULL && body != NULL)
		fds[0] = wire_blob_new(text, strlen(text), &e);
	problems_init(&p);
	if (fds[0] >= 0 &&
	    announce_parse(body, strlen(body), &a, &p) == 0) {
		n = media_open(ch, a, fds + 1, WIRE_FDS - 1, present);
		announce_free(&a);
	}
	problems_fini(&p);
	free(text);
	free(body);
	return fds[0] < 0 ? -1 : (int)n + 1;
}

int
rendition_send(struct channel *ch, struct rendition *r)
{
	const struct store_job *j = &r->job->j;
	bool empty = j->action == LF_RETRACT;
	json_t *present = json_array(), *p;
	int fds[WIRE_FDS], n = 0, rc;

	if (!r->known && !empty)
		n = open_files(ch, r, fds, present);
	if (r->known || n < 0) {
		json_decref(present);
		return n;
	}
	p = json_pack("{ss si ss ss ss sI so sb}", "t", "rendition", "r",
	    (int)r->number, "announcement", j->uid, "chain", j->chain,
	    "lang", r->lang, "expires",
	    (json_int_t)(j->expires / CLOCK_SECOND), "media", present,
	    "empty", (int)empty);
	rc = twin_send(ch->twin, p, fds, (size_t)n);
	json_decref(p);
	r->known = rc == 0;
	return rc;
}

void
rendition_ask(struct channel *ch)
{
	for (struct job *job = ch->jobs; job != NULL; job = job->next)
		for (struct rendition *r = job->renditions; r != NULL;
		    r = r->next)
			ask(ch, r);
}

static struct rendition *
by_number(const struct channel *ch, json_int_t number)
{
	for (struct job *job = ch->jobs; job != NULL; job = job->next)
		for (struct rendition *r = job->renditions; r != NULL;
		    r = r->next)
			if (r->number == number)
				return r;
	return NULL;
}

struct kept {
	struct channel *ch;
	uint32_t number;
};

/* The rendition is durable, or the store could not take it. */
static void
on_kept(void *arg, const struct err *e)
{
	struct kept *k = arg;
	struct rendition *r = by_number(k->ch, k->number);

	k->ch->pending--;
	if (r != NULL && e->code == ERR_OK) {
		r->state = RENDITION_READY;
		release(k->ch, r);
	} else if (r != NULL) {
		log_warn("channel %s: keep a rendition: %s: trying again",
		    k->ch->name, e->text);
		r->state = RENDITION_WANTED;
		channel_again(k->ch);
	}
	free(k);
}

static void
refuse(struct channel *ch, struct rendition *r)
{
	r->state = RENDITION_REFUSED;
	LOG_EVENT(LOG_LEVEL_WARN, "rendition.refused", LOG_S("ch", ch->name),
	    LOG_S("ann", r->job->j.uid), LOG_S("lang", r->key),
	    LOG_S("text", r->refusal));
	release(ch, r);
}

static void
refused(struct channel *ch, struct rendition *r, const json_t *packet)
{
	const char *slug = json_string_value(json_object_get(packet, "slug"));
	const char *text = json_string_value(json_object_get(packet, "text"));

	snprintf(r->refusal, sizeof(r->refusal), "%s: %s",
	    slug != NULL ? slug : "refused", text != NULL ? text : "");
	refuse(ch, r);
}

/* One announcement that kills its plugin must not end the channel. */
static void
suspect(struct channel *ch, struct rendition *first)
{
	if (++first->deaths < DEATHS)
		return;
	first->job->poison = true;
	for (struct rendition *r = first->job->renditions; r != NULL;
	    r = r->next)
		if (r->state == RENDITION_WANTED) {
			snprintf(r->refusal, sizeof(r->refusal), "%s", poison);
			refuse(ch, r);
		}
}

void
rendition_worker_gone(struct channel *ch, bool alone)
{
	struct rendition *first = NULL;

	for (struct job *job = ch->jobs; job != NULL; job = job->next)
		for (struct rendition *r = job->renditions; r != NULL;
		    r = r->next) {
			r->known = false;
			if (r->state != RENDITION_ASKED)
				continue;
			r->state = RENDITION_WANTED;
			if (first == NULL || r->asked < first->asked)
				first = r;
		}
	if (first != NULL && alone)
		suspect(ch, first);
}

int
rendition_rendered(struct channel *ch, const json_t *packet, const int *fds,
    size_t n, struct err *e)
{
	struct rendition *r = by_number(ch,
	    json_integer_value(json_object_get(packet, "id")));
	struct kept *k;
	size_t len;
	char *text;

	if (r == NULL || r->state != RENDITION_ASKED)
		return 0; /* its job is over */
	if (!json_is_true(json_object_get(packet, "ok"))) {
		refused(ch, r, packet);
		return 0;
	}
	if (n != 1)
		return err_set(e, ERR_INVALID, "rendered without a text");
	if (wire_blob_read(fds[0], WIRE_BLOB, &text, &len, e) != 0)
		return -1;
	if (strlen(text) != len) {
		free(text);
		return err_set(e, ERR_INVALID, "a rendition with a NUL byte");
	}
	k = xcalloc(1, sizeof(*k));
	k->ch = ch;
	k->number = r->number;
	r->state = RENDITION_KEEPING;
	ch->pending++;
	store_rendition_put(channel_store(ch), r->job->j.ann, ch->name,
	    r->key, text, on_kept, k);
	free(text);
	return 0;
}

void
rendition_free_all(struct channel *ch, struct job *job)
{
	json_t *numbers = json_array(), *p;
	struct rendition *r;

	while ((r = job->renditions) != NULL) {
		job->renditions = r->next;
		if (r->known)
			json_array_append_new(numbers,
			    json_integer(r->number));
		free(r);
	}
	p = json_pack("{ss sO}", "t", "forget", "r", numbers);
	if (json_array_size(numbers) > 0 && twin_state(ch->twin) == TWIN_UP)
		twin_send(ch->twin, p, NULL, 0);
	json_decref(p);
	json_decref(numbers);
}
