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

/* The languages of the texts; the issuer's own first. */
static void
load_langs(struct channel *ch, struct job *job)
{
	char *body = store_body(channel_store(ch), job->j.ann);
	json_t *a = body != NULL ? json_loads(body, 0, NULL) : NULL;
	const char *lang, *own = conf_str(ch->config,
	    "issuer.default_language");
	json_t *content = json_object_get(a, "content"), *text;

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
	if (job->n_langs == 0)
		log_bug("announcement %s has no text in any language",
		    job->j.uid);
	json_decref(a);
	free(body);
}

void
channel_job_add(struct channel *ch, const struct store_job *j)
{
	struct job *job, **p;

	for (job = ch->jobs; job != NULL; job = job->next)
		if (job->j.id == j->id) {
			/* known already: a person asked for another try */
			job->j.next_retry = j->next_retry;
			job->over = false;
			channel_kick(ch);
			return;
		}
	job = xcalloc(1, sizeof(*job));
	job->j = *j;
	job->exhausted = j->exhausted;
	sched_queue_init(&job->queue, j->lane);
	load_langs(ch, job);
	for (p = &ch->jobs; *p != NULL; p = &(*p)->next)
		continue;
	*p = job;
	channel_kick(ch);
}

static enum delivery_event
event_for(enum store_job_state how)
{
	return how == STORE_JOB_CANCELLED ? DELIVERY_E_CANCEL :
	    how == STORE_JOB_SUPERSEDED ? DELIVERY_E_SUPERSEDE :
	    DELIVERY_E_EXPIRE;
}

static void
end_job(struct channel *ch, struct job *job, enum store_job_state how)
{
	job->over = true;
	job->how = how;
	settle_waiting(ch, job, event_for(how));
	claim_forget(ch, job);
}

void
channel_jobs_ended(struct channel *ch, const char *uid,
    enum store_job_state how)
{
	struct job *job, *next;

	for (job = ch->jobs; job != NULL; job = next) {
		next = job->next;
		if (!job->over && strcmp(uid, job->j.uid) == 0)
			end_job(ch, job, how);
	}
	channel_kick(ch);
}

void
job_expire_all(struct channel *ch)
{
	int64_t now = channel_wall(ch).us;
	struct job *job, *next;

	for (job = ch->jobs; job != NULL; job = next) {
		next = job->next;
		if (job->over || job->j.action != LF_SEND ||
		    job->j.expires == 0 || job->j.expires > now)
			continue;
		ch->pending++;
		store_end_job(channel_store(ch), job->j.id,
		    STORE_JOB_EXPIRED, now, channel_written, ch);
		ch->with->moved(ch->with->arg, job->j.uid);
		end_job(ch, job, STORE_JOB_EXPIRED);
	}
}

/*
 * The turn of a later version has come: whatever earlier ones of its chain
 * still wait for is void. What is in flight lands first (claim_barriers).
 */
static void
supersede(struct channel *ch, struct job *job)
{
	struct job *o, *next;

	for (o = ch->jobs; o != job; o = next) {
		next = o->next;
		if (o->over || strcmp(o->j.chain, job->j.chain) != 0)
			continue;
		ch->pending++;
		store_end_job(channel_store(ch), o->j.id,
		    STORE_JOB_SUPERSEDED, channel_wall(ch).us, channel_written,
		    ch);
		end_job(ch, o, STORE_JOB_SUPERSEDED);
	}
}

void
job_start_all(struct channel *ch)
{
	int64_t now = channel_wall(ch).us;

	for (struct job *job = ch->jobs; job != NULL; job = job->next) {
		if (job->started || job->over || job->j.not_before > now)
			continue;
		job->started = true;
		if (job->j.action == LF_SEND)
			supersede(ch, job);
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

void
job_free_all(struct channel *ch)
{
	struct job *job;

	while ((job = ch->jobs) != NULL) {
		ch->jobs = job->next;
		drop_waiting(job);
		for (size_t i = 0; i < job->n_langs; i++)
			free(job->langs[i]);
		free(job);
	}
}
