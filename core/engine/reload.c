/*
 * reload: from one configuration to the next without losing a delivery. What
 * did not change goes on; a changed channel finishes what is in flight, gives
 * the rest back to the store, and comes back as a new one. Called by core.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "engine/engine_private.h"

/* Bring the channel of this name up as configured now. */
static void
come_in(struct engine *e, const char *name)
{
	const struct conf_channel *cc = conf_channel(e->with.config, name);
	struct err err = { ERR_OK, "" };
	struct store_job *jobs;
	struct channel *ch;
	size_t n;

	if (cc == NULL || !cc->enabled)
		return;
	ch = engine_make_channel(e, e->with.config, cc, &err);
	if (ch == NULL || store_jobs(e->with.store, &jobs, &n, &err) != 0) {
		log_warn("channel %s: %s: it stays off until the next reload",
		    name, err.text);
		channel_free(&ch);
		return;
	}
	e->channels = xreallocarray(e->channels, e->n + 1,
	    sizeof(e->channels[0]));
	e->channels[e->n++] = ch;
	for (size_t i = 0; i < n; i++)
		if (strcmp(jobs[i].channel, name) == 0)
			channel_job_add(ch, &jobs[i]);
	free(jobs);
	channel_start(ch);
}

static void
left(void *arg)
{
	struct leaving *l = arg, **p;
	char *name = xstrdup(channel_name(l->ch));

	for (p = &l->e->leaving; *p != l; p = &(*p)->next)
		continue;
	*p = l->next;
	channel_free(&l->ch);
	if (l->e->drain.done != NULL)
		engine_one_drained(l->e); /* all are leaving now */
	else
		come_in(l->e, name);
	free(name);
	free(l);
}

static void
go_out(struct engine *e, size_t i)
{
	struct leaving *l = xcalloc(1, sizeof(*l));

	l->e = e;
	l->ch = e->channels[i];
	l->next = e->leaving;
	e->leaving = l;
	e->channels[i] = e->channels[--e->n];
	channel_drain(l->ch, conf_int(e->with.config, "drain_timeout"), left,
	    l);
}

/* Does a changed key need a new worker for this channel? "channels.sms" and
 * everything below it are the channel's own; other keys are everybody's. */
static bool
concerns(const struct conf_change *c, const char *name)
{
	size_t len = strlen(name);
	const char *rest;

	if (c->effect == CONF_RELOAD)
		return false;
	if (strncmp(c->key, "channels.", 9) != 0)
		return c->effect == CONF_WORKER;
	rest = c->key + 9;
	return strncmp(rest, name, len) == 0 &&
	    (rest[len] == '\0' || rest[len] == '.');
}

static bool
changed(const struct conf_change *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (concerns(&list[i], name))
			return true;
	return false;
}

static void
say_restart(const struct conf_change *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].effect == CONF_RESTART)
			log_warn("reload: %s has changed: it takes effect "
			    "when litfassd is started again", list[i].key);
}

static bool
is_leaving(const struct engine *e, const char *name)
{
	for (const struct leaving *l = e->leaving; l != NULL; l = l->next)
		if (strcmp(channel_name(l->ch), name) == 0)
			return true;
	return false;
}

bool
engine_settled(const struct engine *e)
{
	return e->leaving == NULL;
}

int
engine_reload(struct engine *e, struct conf *config, struct err *err)
{
	struct conf_change *list;
	size_t n = conf_diff(e->with.config, config, &list);

	(void)err;
	say_restart(list, n);
	e->with.config = config;
	for (size_t i = e->n; i-- > 0;) {
		const char *name = channel_name(e->channels[i]);
		const struct conf_channel *cc = conf_channel(config, name);

		if (cc == NULL || !cc->enabled || changed(list, n, name) ||
		    !channel_fits(e->channels[i], cc))
			go_out(e, i);
		else
			channel_reconf(e->channels[i], config);
	}
	for (size_t i = 0; i < conf_n_channels(config); i++) {
		const char *name = conf_channel_at(config, i)->name;

		if (engine_channel(e, name) == NULL &&
		    !is_leaving(e, name))
			come_in(e, name);
	}
	conf_changes_free(&list, n);
	return 0;
}
