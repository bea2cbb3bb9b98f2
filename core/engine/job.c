/*
 * job: the jobs of one channel, from the store's word to the last delivery:
 * their beginning, their end by expiry or by a later version, and what they
 * take with them. Never claims, never sends. Called by channel and engine.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "announce/lang.h"
#include "base/log.h"
#include "base/mem.h"
#include "config/conf.h"
#include "engine/channel_private.h"
#include "litfass/plugin.h"

static void
add_lang(struct job *job, const char *lang)
{
	if (job->n_langs < JOB_LANGS)
		job->langs[job->n_langs++] = xstrdup(lang);
}

/* Is a text in this language meant for the channel? */
static bool
carries(const struct channel *ch, const char *lang)
{
	const json_t *v;
	size_t i;

	json_array_foreach(ch->cc->languages, i, v)
		if (lang_same(json_string_value(v), lang))
			return true;
	return json_array_size(ch->cc->languages) == 0;
}

/* The issuer's own language first. */
static void
add_langs(struct channel *ch, struct job *job, json_t *content)
{
	const char *lang, *own = conf_str(ch->config,
	    "issuer.default_language");
	json_t *text;

	json_object_foreach(content, lang, text)
		if (lang_same(lang, own) && carries(ch, lang))
			add_lang(job, lang);
	json_object_foreach(content, lang, text)
		if (!lang_same(lang, own) && carries(ch, lang))
			add_lang(job, lang);
	/* better a language the channel was not meant for than silence */
	json_object_foreach(content, lang, text)
		if (job->n_langs == 0)
			add_lang(job, lang);
}

/* Reads and parses the text again, so not before somebody is to get it. */
bool
job_need_langs(struct channel *ch, struct job *job)
{
	char *body;
	json_t *a;

	if (job->n_langs > 0)
		return true;
	body = channel_body(ch, job);
	a = body != NULL ? json_loads(body, 0, NULL) : NULL;
	add_langs(ch, job, json_object_get(a, "content"));
	if (body != NULL && job->n_langs == 0)
		log_warn("channel %s: announcement %s is damaged in the "
		    "store: it waits: check the disk", ch->name, job->j.uid);
	json_decref(a);
	free(body);
	return job->n_langs > 0;
}

static void
put_later(struct channel *ch, struct job *job)
{
	struct job **p = &ch->later;

	while (*p != NULL && (*p)->j.not_before <= job->j.not_before)
		p = &(*p)->next;
	job->next = *p;
	*p = job;
}

static void
put_begun(struct channel *ch, struct job *job)
{
	struct job **p = &ch->jobs;

	while (*p != NULL && (*p)->j.id < job->j.id)
		p = &(*p)->next;
	job->next = *p;
	*p = job;
	job->started = true;
}

void
job_unlink(struct channel *ch, struct job *job)
{
	struct job **p = job->started ? &ch->jobs : &ch->later;

	while (*p != job)
		p = &(*p)->next;
	*p = job->next;
}

static struct job *
known(const struct channel *ch, int64_t id)
{
	struct job *const lists[] = { ch->jobs, ch->later };

	if (id > ch->newest_job) /* the usual case, with thousands there */
		return NULL;
	for (size_t i = 0; i < 2; i++)
		for (struct job *job = lists[i]; job != NULL; job = job->next)
			if (job->j.id == id)
				return job;
	return NULL;
}

/* FNV-1a */
static uint32_t
hash_of(const char *s)
{
	uint32_t h = 2166136261u;

	for (; *s != '\0'; s++)
		h = (h ^ (unsigned char)*s) * 16777619u;
	return h;
}

void
channel_job_add(struct channel *ch, const struct store_job *j)
{
	struct job *job = known(ch, j->id);

	if (job != NULL) {
		/* a person asked for another try */
		job->j.next_retry = j->next_retry;
		job->over = false;
	} else if (j->state == STORE_JOB_ACTIVE) {
		job = xcalloc(1, sizeof(*job));
		job->j = *j;
		job->chain_hash = hash_of(j->chain);
		job->exhausted = j->exhausted;
		sched_queue_init(&job->queue, j->lane);
		put_later(ch, job);
		if (j->id > ch->newest_job)
			ch->newest_job = j->id;
	}
	channel_kick(ch);
}

/* The end of a job on its way to the store. */
struct ending {
	struct ending *next;	/* among those that failed */
	struct channel *ch;
	int64_t job, at;
	enum store_job_state how;
};

static void
ended(void *arg, const struct err *e)
{
	struct ending *end = arg;
	struct channel *ch = end->ch;

	/* ERR_STATE: it was ended by others */
	if (e->code != ERR_OK && e->code != ERR_STATE) {
		log_warn("channel %s: end a job: %s: trying again", ch->name,
		    e->text);
		end->next = ch->unended;
		ch->unended = end;
		channel_again(ch);
		return;
	}
	ch->pending--;
	free(end);
	channel_kick(ch);
}

/* Kept until it is done: with the job alive in the store, a restart would
 * send what is over. */
static void
end_in_store(struct channel *ch, const struct job *job,
    enum store_job_state how)
{
	struct ending *end = xcalloc(1, sizeof(*end));

	*end = (struct ending){ .ch = ch, .job = job->j.id, .how = how,
	    .at = channel_wall(ch).us };
	ch->pending++;
	store_end_job(channel_store(ch), end->job, how, end->at, ended, end);
}

void
job_end_again(struct channel *ch)
{
	struct ending *end, *list = ch->unended;

	ch->unended = NULL;
	while ((end = list) != NULL) {
		list = end->next;
		store_end_job(channel_store(ch), end->job, end->how, end->at,
		    ended, end);
	}
}

static void
end_job(struct channel *ch, struct job *job, enum store_job_state how)
{
	job->over = true;
	job->how = how;
	settle_waiting(ch, job, settle_event(how));
	claim_forget(ch, job);
}

void
channel_jobs_ended(struct channel *ch, const char *uid,
    enum store_job_state how)
{
	struct job *job, *next;

	for (job = ch->later; job != NULL; job = next) {
		next = job->next;
		if (strcmp(uid, job->j.uid) == 0)
			end_job(ch, job, how);
	}
	for (job = ch->jobs; job != NULL; job = next) {
		next = job->next;
		/* taking back that has begun goes on, as in the store */
		if (!job->over && job->j.action == LF_SEND &&
		    strcmp(uid, job->j.uid) == 0)
			end_job(ch, job, how);
	}
	channel_kick(ch);
}

static bool
has_expired(const struct job *job, int64_t now)
{
	return job->j.action == LF_SEND && job->j.expires != 0 &&
	    job->j.expires <= now;
}

void
job_expire_all(struct channel *ch)
{
	int64_t now = channel_wall(ch).us;
	struct job *job, *next;

	for (job = ch->jobs; job != NULL; job = next) {
		next = job->next;
		if (job->over || !has_expired(job, now))
			continue;
		end_in_store(ch, job, STORE_JOB_EXPIRED);
		ch->with->moved(ch->with->arg, job->j.uid);
		end_job(ch, job, STORE_JOB_EXPIRED);
	}
}

/*
 * The turn of a later version has come: whatever earlier ones of its chain
 * still wait for is void, taking back included, since that would hit the new
 * one. What is in flight lands first (claim_barriers).
 */
static void
supersede(struct channel *ch, const struct job *job, struct job *list)
{
	struct job *o, *next;

	for (o = list; o != NULL; o = next) {
		next = o->next;
		if (o->over || o->j.id >= job->j.id ||
		    o->j.ann == job->j.ann ||
		    o->chain_hash != job->chain_hash ||
		    strcmp(o->j.chain, job->j.chain) != 0)
			continue;
		end_in_store(ch, o, STORE_JOB_SUPERSEDED);
		end_job(ch, o, STORE_JOB_SUPERSEDED);
	}
}

void
job_start_all(struct channel *ch)
{
	int64_t now = channel_wall(ch).us;
	struct job *job;

	while ((job = ch->later) != NULL && job->j.not_before <= now) {
		ch->later = job->next;
		put_begun(ch, job);
		if (has_expired(job, now))
			continue;
		supersede(ch, job, ch->jobs);
		supersede(ch, job, ch->later);
	}
}

static void
drop_waiting(struct job *job)
{
	struct delivery *d;
	struct rendition *r;

	while ((d = (struct delivery *)job->queue.head) != NULL) {
		job->queue.head = d->item.next;
		free(d);
	}
	while ((r = job->renditions) != NULL) {
		job->renditions = r->next;
		while ((d = r->waiting) != NULL) {
			r->waiting = d->next_waiting;
			free(d);
		}
		free(r);
	}
}

static void
free_list(struct job *job)
{
	struct job *next;

	for (; job != NULL; job = next) {
		next = job->next;
		drop_waiting(job);
		for (size_t i = 0; i < job->n_langs; i++)
			free(job->langs[i]);
		free(job);
	}
}

void
job_free_all(struct channel *ch)
{
	struct ending *end;

	while ((end = ch->unended) != NULL) {
		ch->unended = end->next;
		free(end);
	}
	free_list(ch->jobs);
	free_list(ch->later);
	ch->jobs = ch->later = NULL;
}
