/*
 * render: the only place where announcement, issuer and plugin meet. Keeps
 * nothing between two calls. Called by worker.c.
 */
#include "config.h"

#include "announce/view.h"
#include "worker/host_render.h"
#include "worker/render.h"

static json_t *
through_plugin(struct lf_channel *ch, void *self,
    const struct lf_announcement *a, const char **slug_r,
    const char **text_r)
{
	int rc;

	out_begin(ch->out);
	host_enter(ch, "render");
	rc = ch->plugin->render(self, a, ch->out);
	host_leave(ch);
	return out_end(ch->out, rc, slug_r, text_r);
}

int
render_run(struct lf_channel *ch, void *self, const struct issuer *issuer,
    const struct render_order *order, json_t **json_r, const char **slug_r,
    const char **text_r, struct err *e)
{
	struct announce *a = NULL;
	struct problems problems;
	const struct view_for who = { .lang = order->lang,
		.wanted = order->wanted, .chain = order->chain,
		.channel = ch->name, .plugin = ch->plugin->name };
	struct view *view;
	int rc;

	problems_init(&problems);
	rc = announce_parse(order->text, order->len, &a, &problems);
	problems_fini(&problems);
	if (rc != 0)
		return err_set(e, ERR_INVALID,
		    "render: the announcement is not canonical");
	view = view_new(a, issuer, &who);
	*json_r = through_plugin(ch, self, view_get(view), slug_r, text_r);
	view_free(&view);
	announce_free(&a);
	return *json_r != NULL ? 1 : 0;
}
