/*
 * town: see town.h. Links with stub_twin in place of the real worker.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/hello.h"
#include "litfass/plugin.h"
#include "unit/conf_text.h"
#include "unit/stub_twin.h"
#include "unit/town.h"

static const char *address_kind;

/* In place of engine/hello.c: no process is asked. */
int
hello_describe(const struct conf *c, const struct conf_channel *cc,
    const char *program, json_t **meta_r, struct err *e)
{
	(void)c;
	(void)cc;
	(void)program;
	(void)e;
	*meta_r = json_pack("{ss si si si}", "address_kind", address_kind,
	    "caps", (int)LF_CAP_RETRACT, "max_inflight", 8, "send_timeout",
	    10);
	return 0;
}

json_t *
hello_new(const struct conf *c, const struct conf_channel *cc,
    const json_t *meta, const json_t *kept, bool live, int *fds,
    size_t *n_r, struct err *e)
{
	(void)c;
	(void)cc;
	(void)meta;
	(void)kept;
	(void)live;
	(void)fds;
	(void)n_r;
	(void)e;
	return NULL;
}

void
town_open(struct town *t, const char *kind)
{
	memset(t, 0, sizeof(*t));
	address_kind = kind;
	stub_reset();
	fx_init(&t->fx, false);
	t->conf = good(CONF(""));
	t->next = good(CONF("path = \"/tmp/other\";"));
}

void
town_start(struct town *t)
{
	struct engine_with with = { .loop = t->fx.loop,
		.store = t->fx.store, .config = t->conf, .program = "none",
		.state_dir = t->fx.dir };
	struct err e = { ERR_OK, "" };

	assert_int_equal(engine_new(&with, &t->engine, &e), 0);
	engine_start(t->engine);
	loop_once(t->fx.loop, 0);
}

void
town_close(struct town *t)
{
	char path[128];

	json_decref(t->result);
	engine_free(&t->engine);
	conf_free(&t->conf);
	conf_free(&t->next);
	snprintf(path, sizeof(path), "%s/flight.a", t->fx.dir);
	unlink(path);
	fx_fini(&t->fx);
}

void
town_answered(void *arg, const struct err *e, json_t *result)
{
	struct town *t = arg;

	t->answers++;
	t->code = e->code;
	snprintf(t->text, sizeof(t->text), "%s", e->text);
	json_decref(t->result);
	t->result = result;
}

void
town_wait(struct town *t, int before)
{
	while (t->answers == before)
		loop_once(t->fx.loop, 0);
	loop_once(t->fx.loop, 0);
}

void
town_ask(struct town *t, const char *id, json_t *members, json_t *request)
{
	json_t *all = json_load_file(TEST_DATA "/announcements.json", 0, NULL);
	json_t *a = json_deep_copy(json_array_get(json_object_get(all,
	    "announcements"), 0));
	int before = t->answers;

	assert_non_null(all);
	json_object_set_new(a, "id", json_string(id));
	json_object_update(a, members);
	json_object_set_new(request, "announcement", a);
	engine_publish(t->engine, request, "uid:1000", town_answered, t);
	json_decref(request);
	json_decref(members);
	json_decref(all);
	town_wait(t, before);
}

void
town_publish(struct town *t, const char *id)
{
	town_ask(t, id, json_object(), json_object());
}
