/*
 * core: the role that holds the queue: configuration, store, engine, control
 * socket and signals. Loads no plugin, opens no network connection. Called by
 * main.
 */
#include "config.h"

#include <errno.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/loop.h"
#include "base/mem.h"
#include "config/conf.h"
#include "control.h"
#include "core.h"
#include "engine/checkup.h"
#include "engine/engine.h"
#include "notify.h"
#include "store/store.h"
#include "recheck.h"

#define DEADLINE_MS	10000	/* after the time to drain */
#define RECHECK_MS	120000	/* plugins that hang take 10 s each */

struct core {
	const struct core_options *options;
	struct loop *loop;
	struct conf *conf;
	struct conf **old;	/* until nobody can hold them any more */
	size_t n_old;
	struct store *store;
	struct engine *engine;
	struct control *control;
	struct loop_timer *watchdog, *deadline;
	struct loop_signal *signals[3];
	char *state_dir;
	struct {
		struct recheck *recheck;	/* NULL: none is under way */
		bool again;		/* another signal came meanwhile */
		control_reloaded_fn *done;
		void *arg;
	} reload;
	bool stopping;
	int rc;
};

/* --------------------------------------------------------- configuration -- */

static void
print_faults(const struct faults *f)
{
	for (size_t i = 0; i < f->n; i++)
		fprintf(stderr, "%s%s\n", f->list[i].notice ? "note: " : "",
		    f->list[i].text);
	if (f->errors > 0)
		fprintf(stderr, "%zu error%s in the configuration\n",
		    f->errors, f->errors == 1 ? "" : "s");
}

static int
load(const struct core_options *o, struct conf **c_r, struct faults *f)
{
	char *text;
	int rc;

	if (o->config != NULL)
		return conf_load(o->config, c_r, f);
	text = conf_default(LF_STATEDIR);
	rc = conf_load_text("built-in", text, c_r, f);
	free(text);
	return rc;
}

/* Everything a start would find; *c_r NULL when there is a fault. */
static int
load_checked(const struct core_options *o, struct conf **c_r,
    struct faults *f)
{
	if (load(o, c_r, f) != 0)
		return -1;
	checkup_issuer(*c_r, f);
	for (size_t i = 0; i < conf_n_channels(*c_r); i++) {
		const struct conf_channel *cc = conf_channel_at(*c_r, i);

		if (cc->enabled)
			json_decref(checkup_channel(*c_r, cc, o->program, f));
	}
	if (f->errors == 0)
		return 0;
	conf_free(c_r);
	return -1;
}

/* The same for whoever started us, before there is a log. */
static int
load_aloud(const struct core_options *o, struct conf **c_r)
{
	struct faults f;
	int rc;

	faults_init(&f);
	rc = load_checked(o, c_r, &f);
	print_faults(&f);
	faults_fini(&f);
	return rc;
}

/* What only the plugins can find; the number of faults. */
static size_t
open_aloud(const struct core_options *o, const struct conf *c)
{
	struct faults f;
	size_t errors;

	faults_init(&f);
	for (size_t i = 0; i < conf_n_channels(c); i++) {
		const struct conf_channel *cc = conf_channel_at(c, i);

		if (cc->enabled)
			checkup_open(c, cc, o->program, &f);
	}
	print_faults(&f);
	errors = f.errors;
	faults_fini(&f);
	return errors;
}

int
core_check(const struct core_options *o)
{
	struct conf *c;

	if (load_aloud(o, &c) != 0)
		return EXIT_CONFIG;
	if (open_aloud(o, c) > 0) {
		conf_free(&c);
		return EXIT_CONFIG;
	}
	printf("%s: ok, %zu channel%s\n", o->config != NULL ? o->config :
	    "built-in configuration", conf_n_channels(c),
	    conf_n_channels(c) == 1 ? "" : "s");
	conf_free(&c);
	return 0;
}

int
core_dump(const struct core_options *o)
{
	struct faults f;
	struct conf *c;
	struct buf out;
	int rc;

	faults_init(&f);
	rc = load(o, &c, &f);
	print_faults(&f);
	faults_fini(&f);
	if (rc != 0)
		return EXIT_CONFIG;
	buf_init(&out, 4 * 1024 * 1024);
	conf_dump(c, &out);
	fputs(buf_cstr(&out), stdout);
	buf_fini(&out);
	conf_free(&c);
	return 0;
}

/* --------------------------------------------------------------- signals -- */

static void
on_reload(void *arg);

static void
drained(void *arg)
{
	struct core *c = arg;

	loop_stop(c->loop);
}

/* A disk that is full could keep outcomes from being recorded for ever. */
static void
on_deadline(void *arg)
{
	struct core *c = arg;

	log_warn("stopping takes too long: stopping now; what is not recorded "
	    "will be in doubt");
	loop_stop(c->loop);
}

static void
on_stop(void *arg)
{
	struct core *c = arg;

	if (c->stopping) {
		log_warn("told to stop twice: stopping now; what is in "
		    "flight will be in doubt");
		loop_stop(c->loop);
		return;
	}
	c->stopping = true;
	log_info("stopping: waiting for what is in flight");
	notify_send("STOPPING=1\nSTATUS=waiting for what is in flight");
	loop_timer_set(c->deadline, (conf_int(c->conf, "drain_timeout") +
	    DEADLINE_MS) * 1000);
	engine_drain(c->engine, conf_int(c->conf, "drain_timeout"), drained,
	    c);
}

static void
free_old(struct core *c)
{
	for (size_t i = 0; i < c->n_old; i++)
		conf_free(&c->old[i]);
	free(c->old);
	c->old = NULL;
	c->n_old = 0;
}

static void
set_log(const struct conf *c)
{
	const char *level = conf_str(c, "log.level");

	log_init("litfassd", strcmp(conf_str(c, "log.format"), "json") == 0 ?
	    LOG_JSON : LOG_TEXT, strcmp(level, "debug") == 0 ?
	    LOG_LEVEL_DEBUG : strcmp(level, "warn") == 0 ? LOG_LEVEL_WARN :
	    LOG_LEVEL_INFO);
}

static void
log_faults(const struct faults *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->list[i].notice)
			log_info("%s", f->list[i].text);
		else
			log_warn("%s", f->list[i].text);
}

/* Swap what a recheck has found fit. */
static int
swap(struct core *c, struct err *e)
{
	struct conf *fresh;
	struct faults f;
	int rc;

	faults_init(&f);
	rc = load(c->options, &fresh, &f);
	log_faults(&f);
	faults_fini(&f);
	if (rc != 0)
		return err_set(e, ERR_INVALID, "reload: it has changed again");
	if (engine_settled(c->engine))
		free_old(c);
	if (engine_reload(c->engine, fresh, e) != 0) {
		conf_free(&fresh);
		return -1;
	}
	c->old = xreallocarray(c->old, c->n_old + 1, sizeof(*c->old));
	c->old[c->n_old++] = c->conf;
	c->conf = fresh;
	set_log(fresh);
	log_info("configuration reloaded");
	return 0;
}

/* Tell whoever asked for the reload. */
static void
reloaded(struct core *c, const struct err *e)
{
	control_reloaded_fn *done = c->reload.done;

	recheck_free(&c->reload.recheck);
	c->reload.done = NULL;
	if (e->code != ERR_OK)
		log_warn("%s", e->text);
	notify_send("READY=1");
	if (done != NULL)
		done(c->reload.arg, e);
}

static void
tried(void *arg, bool fit)
{
	struct core *c = arg;
	struct err e = { ERR_OK, "" };

	if (c->stopping)
		err_set(&e, ERR_STATE, "reload: litfassd is stopping");
	else if (!fit)
		err_set(&e, ERR_INVALID, "reload: the configuration is "
		    "refused, the old one stays: litfassd --check tells why");
	else
		(void)swap(c, &e);
	reloaded(c, &e);
	if (c->reload.again) {
		c->reload.again = false;
		on_reload(c);
	}
}

/* Validate, then swap; the old configuration stays on any error. */
static int
reload(void *arg, control_reloaded_fn *done, void *done_arg, struct err *e)
{
	struct core *c = arg;

	if (c->stopping)
		return err_set(e, ERR_STATE, "reload: litfassd is stopping");
	if (c->reload.recheck != NULL)
		return err_set(e, ERR_STATE, "reload: one is under way: try "
		    "again when it is done");
	if (recheck_new(c->loop, c->options->program, c->options->config,
	    RECHECK_MS, tried, c, &c->reload.recheck, e) == -1)
		return err_prefix(e, "reload");
	notify_send("RELOADING=1");
	c->reload.done = done;
	c->reload.arg = done_arg;
	return 0;
}

static void
on_reload(void *arg)
{
	struct core *c = arg;
	struct err e = { ERR_OK, "" };

	if (c->reload.recheck != NULL)
		c->reload.again = true;
	else if (reload(c, NULL, NULL, &e) != 0)
		log_warn("%s", e.text);
}

static void
on_watchdog(void *arg)
{
	struct core *c = arg;

	notify_send("WATCHDOG=1");
	loop_timer_set(c->watchdog, notify_watchdog());
}

static void
watch(struct core *c)
{
	c->signals[0] = loop_signal_new(c->loop, SIGTERM, on_stop, c);
	c->signals[1] = loop_signal_new(c->loop, SIGINT, on_stop, c);
	c->signals[2] = loop_signal_new(c->loop, SIGHUP, on_reload, c);
	c->watchdog = loop_timer_new(c->loop, on_watchdog, c);
	c->deadline = loop_timer_new(c->loop, on_deadline, c);
	if (notify_watchdog() > 0)
		loop_timer_set(c->watchdog, notify_watchdog());
}

/* ------------------------------------------------------------ start, end -- */

static int
make_dir(const char *path, struct err *e)
{
	if (mkdir(path, 0750) == 0 || errno == EEXIST)
		return 0;
	return err_set(e, ERR_FAILED, "create folder %s: %s", path,
	    strerror(errno));
}

static int
make_dirs(struct core *c, struct err *e)
{
	char *store = xstrdup(conf_str(c->conf, "store.path"));
	char *sock = xstrdup(conf_str(c->conf, "control.socket"));
	int rc;

	c->state_dir = xstrdup(dirname(store));
	rc = make_dir(c->state_dir, e);
	if (rc == 0)
		rc = make_dir(dirname(sock), e);
	free(store);
	free(sock);
	return rc;
}

static int
start(struct core *c, struct err *e)
{
	struct engine_with ew;
	struct control_with cw;

	if (make_dirs(c, e) != 0 ||
	    store_open(conf_str(c->conf, "store.path"), c->loop, 0,
	    &c->store, e) != 0)
		return -1;
	ew = (struct engine_with){ .loop = c->loop, .store = c->store,
	    .config = c->conf, .program = c->options->program,
	    .state_dir = c->state_dir };
	if (engine_new(&ew, &c->engine, e) != 0)
		return -1;
	cw = (struct control_with){ .loop = c->loop, .engine = c->engine,
	    .store = c->store, .path = conf_str(c->conf, "control.socket"),
	    .group = conf_str(c->conf, "control.group"), .reload = reload,
	    .reload_arg = c };
	if (control_new(&cw, &c->control, e) != 0)
		return -1;
	watch(c);
	engine_start(c->engine);
	return 0;
}

static void
finish(struct core *c)
{
	static const struct err gone = { ERR_STATE,
	    "reload: litfassd has stopped" };

	for (size_t i = 0; i < 3; i++)
		loop_signal_free(&c->signals[i]);
	loop_timer_free(&c->watchdog);
	loop_timer_free(&c->deadline);
	if (c->reload.recheck != NULL)
		reloaded(c, &gone);
	engine_free(&c->engine);
	store_close(&c->store);
	control_free(&c->control);
	loop_free(&c->loop);
	conf_free(&c->conf);
	free_old(c);
	free(c->state_dir);
}

static bool
root_without_leave(const struct core *c)
{
	return geteuid() == 0 && !c->options->allow_root &&
	    !conf_bool(c->conf, "allow_root");
}

int
core_main(const struct core_options *o)
{
	struct core c = { .options = o };
	struct err e = { ERR_OK, "" };

	if (load_aloud(o, &c.conf) != 0)
		return EXIT_CONFIG;
	if (root_without_leave(&c)) {
		conf_free(&c.conf);
		fprintf(stderr, "litfassd: will not run as root: it needs no "
		    "privilege: start it as its own user, or say "
		    "--allow-root\n");
		return EXIT_CONFIG;
	}
	set_log(c.conf);
	signal(SIGPIPE, SIG_IGN);
	c.loop = loop_new();
	if (start(&c, &e) != 0) {
		log_warn("%s", e.text);
		c.rc = e.code == ERR_INVALID ? EXIT_CONFIG : EXIT_TEMPFAIL;
	} else {
		log_info("litfassd " VERSION " is up");
		notify_send("READY=1");
		loop_run(c.loop);
		log_info("litfassd is down");
	}
	finish(&c);
	return c.rc;
}
