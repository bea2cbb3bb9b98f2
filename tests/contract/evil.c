/*
 * evil: a plugin that breaks its contract, in the way its parameter says.
 * Only its own worker may suffer.
 */
#define _POSIX_C_SOURCE 200809L

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "litfass/plugin.h"

#define GOSSIP	"anna@example.net and +49 30 23125115 were not at home"

struct evil {
	const struct lf_host *host;
	struct lf_channel *ch;
	const char *how;
};

static const struct lf_param params[] = {
	{ .key = "how", .type = LF_PARAM_ENUM, .def = "not",
	  .choices = "not|crash|hang|double|outcome|stray|conf|render|state|"
	    "escaped|name|open|utf8|gossip",
	  .doc = "what to do wrong" },
};

static int
is(const struct evil *v, const char *how)
{
	return strcmp(v->how, how) == 0;
}

static int
evil_open(const struct lf_host *host, struct lf_channel *ch, void **self_r)
{
	struct evil *v = calloc(1, sizeof(*v));

	if (v == NULL)
		return -1;
	v->host = host;
	v->ch = ch;
	v->how = host->conf_str(ch, "how");
	*self_r = v;
	if (is(v, "conf"))
		host->conf_str(ch, "never_declared");
	return is(v, "open") ? -1 : 0;
}

static int
evil_render(void *self, const struct lf_announcement *a, struct lf_out *out)
{
	struct evil *v = self;

	(void)a;
	if (is(v, "render"))
		return -1;
	v->host->out_text(out, is(v, "utf8") ? "\xff\xfe" : "evil");
	return 0;
}

static void
finish(struct evil *v, struct lf_delivery *d, int32_t outcome)
{
	struct lf_outcome o = { .size = sizeof(o), .outcome = outcome,
		.text = is(v, "utf8") ? "\xff" : "done" };

	if (is(v, "gossip")) {
		o.text = GOSSIP;
		v->host->log(v->ch, LF_LOG_WARN, GOSSIP);
	}
	v->host->done(v->ch, d, &o);
}

static void
submit_state(struct evil *v, char c, size_t len)
{
	char *big = malloc(len + 1);

	if (big == NULL)
		return;
	memset(big, c, len);
	big[len] = '\0';
	v->host->state_put(v->ch, "big", big);
	free(big);
}

static void
evil_submit(void *self, struct lf_delivery *d)
{
	struct evil *v = self;
	struct lf_delivery stray = { .size = sizeof(stray) };

	if (is(v, "crash"))
		raise(SIGSEGV);
	if (is(v, "hang"))
		for (;;)
			pause();
	if (is(v, "state"))
		submit_state(v, 'x', 69999);
	if (is(v, "escaped"))
		submit_state(v, '\1', 20000);
	if (is(v, "name"))
		v->host->metric_add(v->ch, "", 1);
	if (is(v, "stray"))
		finish(v, &stray, LF_ACCEPTED);
	finish(v, d, is(v, "outcome") ? 99 : LF_ACCEPTED);
	if (is(v, "double"))
		finish(v, d, LF_ACCEPTED);
}

static void
evil_close(void *self)
{
	free(self);
}

const struct lf_plugin litfass_plugin = {
	LF_PLUGIN_HEAD,
	.name = "evil", .version = "1.0", .summary = "breaks its contract",
	.licence = "MIT", .contact = "none", .address_kind = "none",
	.params = params, .n_params = 1,
	.max_inflight = 8, .send_timeout = 30,
	.open = evil_open, .render = evil_render, .submit = evil_submit,
	.close = evil_close,
};
