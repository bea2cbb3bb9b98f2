/*
 * old: a plugin as it was built with the first header, ABI 1.0. It has to
 * run for ever; the header beside it is frozen.
 */
#include <stdlib.h>

#include "plugin.h"

struct old {
	const struct lf_host *host;
	struct lf_channel *ch;
};

static int
old_open(const struct lf_host *host, struct lf_channel *ch, void **self_r)
{
	struct old *o = calloc(1, sizeof(*o));

	if (o == NULL)
		return -1;
	o->host = host;
	o->ch = ch;
	*self_r = o;
	return 0;
}

static int
old_render(void *self, const struct lf_announcement *a, struct lf_out *out)
{
	struct old *o = self;

	o->host->out_text(out, a->headline);
	o->host->out_text(out, " for ");
	o->host->out_slot(out, "address", LF_ESC_NONE);
	return 0;
}

static void
old_submit(void *self, struct lf_delivery *d)
{
	struct old *o = self;
	struct lf_outcome r = { .size = sizeof(r), .outcome = LF_ACCEPTED,
		.text = d->body };

	o->host->done(o->ch, d, &r);
}

static void
old_close(void *self)
{
	free(self);
}

const struct lf_plugin litfass_plugin = {
	LF_PLUGIN_HEAD,
	.name = "old", .version = "1.0", .summary = "built long ago",
	.licence = "MIT", .contact = "none", .address_kind = "none",
	.max_inflight = 8, .send_timeout = 30,
	.open = old_open, .render = old_render, .submit = old_submit,
	.close = old_close,
};
