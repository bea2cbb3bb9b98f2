/*
 * trial: litfass channel test: show what a channel makes of a test, or, with
 * --to, let litfassd send it to one and say what became of it.
 */
#include "config.h"

#include <stdio.h>

#include "announce/sample.h"
#include "base/clock.h"
#include "client.h"
#include "follow.h"
#include "out.h"
#include "show.h"

#define LASTS	600	/* seconds, of one that is only shown */

/* ----------------------------------------------------------------- show -- */

static int
all_work(const json_t *previews, const char *name, struct err *e)
{
	const json_t *row;
	size_t i;

	json_array_foreach(previews, i, row)
		if (!json_is_true(json_object_get(row, "ok")))
			return err_set(e, ERR_FAILED, "channel %s: it does "
			    "not work: %s", name, json_string_value(
			    json_object_get(row, "text")));
	return 0;
}

static int
show(const struct cli *c, struct err *e)
{
	json_t *item = sample_announcement("lf-channel-test", NULL,
	    clock_wall(), LASTS), *previews;
	struct cli one = *c;
	int rc;

	one.opt[OPT_ONE_CHANNEL] = c->args[0];
	rc = show_render(&one, item, &previews, e);
	if (rc == 0) {
		show_print(c, previews);
		rc = all_work(previews, c->args[0], e);
		json_decref(previews);
	}
	json_decref(item);
	return rc;
}

/* ----------------------------------------------------------------- send -- */

/* The delivery itself: what the other side said. */
static int
tell_outcome(const struct cli *c, const char *id, struct err *e)
{
	json_t *rows;

	if (client_once(c, "deliveries", json_pack("{s:s}", "id", id), &rows,
	    e) == -1)
		return -1;
	deliveries_print(c, rows);
	json_decref(rows);
	return 0;
}

static int
wait_for(const struct cli *c, const char *id, struct err *e)
{
	json_t *status;
	int rc = follow(c, id, true, &status, e);

	if (rc == 0)
		rc = tell_outcome(c, id, e);
	if (rc == 0)
		rc = follow_verdict(status, e);
	json_decref(status);
	return rc;
}

static void
tell_id(const struct cli *c, const json_t *result, const char *id)
{
	if (out_json(c, result))
		return;
	if (c->format == OUT_ID) {
		puts(id);
		return;
	}
	out_field(c, result, "id", OUT_TEXT);
	out_field(c, result, "state", OUT_STATE);
	fprintf(stderr, "note: litfass deliveries %s tells what became of "
	    "it\n", id);
}

static int
send_one(const struct cli *c, struct err *e)
{
	json_t *result;
	const char *id;
	int rc = 0;

	if (client_once(c, "channel-test", json_pack("{s:s,s:s}", "channel",
	    c->args[0], "to", c->opt[OPT_TO]), &result, e) == -1)
		return -1;
	id = out_text(result, "id");
	if (c->opt[OPT_WAIT] != NULL)
		rc = wait_for(c, id, e);
	else
		tell_id(c, result, id);
	json_decref(result);
	return rc;
}

int
channel_test_run(const struct cli *c, struct err *e)
{
	if (c->opt[OPT_TO] == NULL && c->opt[OPT_WAIT] != NULL)
		return err_set(e, ERR_USAGE, "channel test --wait: nothing is "
		    "sent without --to: name one who gets it");
	if (c->opt[OPT_TO] != NULL && c->opt[OPT_LANG] != NULL)
		return err_set(e, ERR_USAGE, "channel test --lang: who gets "
		    "it gets the language he chose: leave --lang out");
	return c->opt[OPT_TO] == NULL ? show(c, e) : send_one(c, e);
}
