/*
 * engine: the channels and the jobs between them and the store. Accepts an
 * announcement only after its commit; brings back what an earlier epoch left;
 * swaps configurations. Sends nothing itself. Called by core and control.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "config/conf.h"
#include "engine/channel.h"
#include "engine/engine_private.h"
#include "engine/hello.h"
#include "litfass/plugin.h"
#include "store/flight.h"
#include "store/store.h"

#define LEDGER	"flight."	/* file names begin so */

static void
moved(void *arg, const char *uid)
{
	struct engine *e = arg;

	if (e->listener != NULL)
		e->listener(e->listener_arg, uid);
}

struct channel *
engine_channel(const struct engine *e, const char *name)
{
	for (size_t i = 0; name != NULL && i < e->n; i++)
		if (strcmp(channel_name(e->channels[i]), name) == 0)
			return e->channels[i];
	return NULL;
}

struct channel **
engine_routes(const struct engine *e, size_t *n_r)
{
	struct channel **list;
	size_t n = e->n;

	for (const struct leaving *l = e->leaving; l != NULL; l = l->next)
		n++;
	list = xcalloc(n + 1, sizeof(*list));
	for (n = 0; n < e->n; n++)
		list[n] = e->channels[n];
	for (const struct leaving *l = e->leaving; l != NULL; l = l->next) {
		const struct conf_channel *cc = conf_channel(e->with.config,
		    channel_name(l->ch));

		if (cc != NULL && cc->enabled)
			list[n++] = l->ch;
	}
	*n_r = n;
	return list;
}

/* ---------------------------------------------------- start and recovery -- */

static char *
flight_path(const struct engine *e, const char *channel)
{
	return xasprintf("%s/" LEDGER "%s", e->with.state_dir, channel);
}

/* Everything that any channel had in flight when we died. */
struct flights {
	struct store_flight *list;
	size_t n;
	bool trusted;
};

typedef int ledger_cb(const char *path, struct flights *all, struct err *err);

static int
read_ledger(const char *path, struct flights *all, struct err *err)
{
	struct store_flight *some;
	bool trusted;
	size_t n;

	if (flight_read(path, &some, &n, &trusted, err) != 0)
		return -1;
	all->list = xreallocarray(all->list, all->n + n + 1, sizeof(*some));
	if (n > 0)
		memcpy(all->list + all->n, some, n * sizeof(*some));
	all->n += n;
	all->trusted = all->trusted && trusted;
	free(some);
	return 0;
}

static int
remove_ledger(const char *path, struct flights *all, struct err *err)
{
	(void)all;
	(void)err;
	(void)unlink(path);
	return 0;
}

/* Of all channels that ever were: one that was removed or switched off may
 * have had something in flight as well. */
static int
each_ledger(const struct engine *e, ledger_cb *cb, struct flights *all,
    struct err *err)
{
	DIR *dir = opendir(e->with.state_dir);
	struct dirent *entry;
	char *path;
	int rc = 0;

	if (dir == NULL)
		return err_set(err, ERR_FAILED, "read folder %s: %s: check its "
		    "permissions", e->with.state_dir, strerror(errno));
	while (rc == 0 && (entry = readdir(dir)) != NULL) {
		if (strncmp(entry->d_name, LEDGER, strlen(LEDGER)) != 0)
			continue;
		path = xasprintf("%s/%s", e->with.state_dir, entry->d_name);
		rc = cb(path, all, err);
		free(path);
	}
	closedir(dir);
	return rc;
}

static int
recover(struct engine *e, struct err *err)
{
	struct flights all = { NULL, 0, true };
	size_t doubt = 0;
	int rc = each_ledger(e, read_ledger, &all, err);

	if (rc == 0)
		rc = store_recover(e->with.store, all.list, all.n, all.trusted,
		    loop_wall(e->with.loop).us, &doubt, err);
	free(all.list);
	/* the store knows now; an old ledger would spoil the next recovery */
	if (rc == 0)
		rc = each_ledger(e, remove_ledger, NULL, err);
	if (rc == 0 && doubt > 0)
		log_warn("%zu deliveries were in flight when litfassd died: "
		    "resent or held as their channel says", doubt);
	return rc;
}

struct channel *
engine_make_channel(struct engine *e, const struct conf *config,
    const struct conf_channel *cc, struct err *err)
{
	struct flight *flight;
	struct channel *ch = NULL;
	char *path;
	json_t *meta;

	if (hello_describe(config, cc, e->with.program, &meta, err) != 0)
		return NULL;
	path = flight_path(e, cc->name);
	if (flight_open(path, channel_flight_slots(cc, meta), &flight,
	    err) == 0)
		ch = channel_new(&e->channel_with, config, cc->name, meta,
		    flight, err);
	free(path);
	json_decref(meta);
	return ch;
}

static int
make_channels(struct engine *e, struct err *err)
{
	size_t n = conf_n_channels(e->with.config);

	e->channels = xcalloc(n + 1, sizeof(e->channels[0]));
	for (size_t i = 0; i < n; i++) {
		const struct conf_channel *cc = conf_channel_at(
		    e->with.config, i);
		struct channel *ch;

		if (!cc->enabled)
			continue;
		ch = engine_make_channel(e, e->with.config, cc, err);
		if (ch == NULL)
			return err_prefix(err, "channel %s", cc->name);
		e->channels[e->n++] = ch;
	}
	return 0;
}

/* Hand the unfinished jobs to their channels. */
void
engine_give_jobs(struct engine *e, const struct store_job *jobs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct channel *ch = engine_channel(e, jobs[i].channel);

		if (ch != NULL)
			channel_job_add(ch, &jobs[i]);
		else
			log_info("announcement %s: its channel %s is not "
			    "here: it waits there", jobs[i].uid,
			    jobs[i].channel);
	}
}

static int
load_jobs(struct engine *e, struct err *err)
{
	struct store_job *jobs;
	size_t n;

	if (store_jobs(e->with.store, &jobs, &n, err) != 0)
		return -1;
	engine_give_jobs(e, jobs, n);
	free(jobs);
	return 0;
}

int
engine_new(const struct engine_with *with, struct engine **e_r,
    struct err *err)
{
	struct engine *e = xcalloc(1, sizeof(*e));

	e->with = *with;
	e->channel_with = (struct channel_with){ .loop = with->loop,
	    .store = with->store, .program = with->program, .moved = moved,
	    .arg = e };
	if (recover(e, err) != 0 || make_channels(e, err) != 0 ||
	    load_jobs(e, err) != 0) {
		engine_free(&e);
		return -1;
	}
	*e_r = e;
	return 0;
}

void
engine_free(struct engine **ep)
{
	struct engine *e = *ep;
	struct leaving *l;

	*ep = NULL;
	if (e == NULL)
		return;
	while ((l = e->leaving) != NULL) {
		e->leaving = l->next;
		channel_free(&l->ch);
		free(l);
	}
	for (size_t i = 0; i < e->n; i++)
		channel_free(&e->channels[i]);
	free(e->channels);
	free(e);
}

void
engine_start(struct engine *e)
{
	for (size_t i = 0; i < e->n; i++)
		channel_start(e->channels[i]);
}

/* --------------------------------------------------------------- drain -- */

void
engine_one_drained(struct engine *e)
{
	if (--e->drain.left == 0)
		e->drain.done(e->drain.arg);
}

static void
one_drained(void *arg)
{
	engine_one_drained(arg);
}

void
engine_drain(struct engine *e, int64_t ms, loop_cb *done, void *arg)
{
	e->drain.left = e->n;
	for (const struct leaving *l = e->leaving; l != NULL; l = l->next)
		e->drain.left++;
	e->drain.done = done;
	e->drain.arg = arg;
	if (e->drain.left == 0)
		loop_defer(e->with.loop, done, arg);
	for (size_t i = 0; i < e->n; i++)
		channel_drain(e->channels[i], ms, one_drained, e);
}

/* ------------------------------------------------------------- answers -- */

json_t *
engine_channels(const struct engine *e)
{
	json_t *list = json_array();

	for (size_t i = 0; i < e->n; i++)
		json_array_append_new(list, channel_json(e->channels[i]));
	return list;
}

void
engine_listen(struct engine *e, engine_listener *cb, void *arg)
{
	e->listener = cb;
	e->listener_arg = arg;
}

bool
engine_idle(const struct engine *e)
{
	for (size_t i = 0; i < e->n; i++)
		if (!channel_idle(e->channels[i]))
			return false;
	return true;
}
