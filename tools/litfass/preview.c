/*
 * preview: show what channels would send, of a file, of an announcement that
 * litfassd has, or of a test text.
 */
#include "config.h"

#include <string.h>

#include "client.h"
#include "judge.h"
#include "out.h"
#include "show.h"
#include "source.h"

static int
preview_items(const struct cli *c, const json_t *items, struct err *e)
{
	json_t *previews, *all = json_array(), *item;
	size_t i;
	int rc = 0;

	json_array_foreach(items, i, item) {
		rc = show_render(c, item, &previews, e);
		if (rc == -1)
			break;
		if (c->format == OUT_TABLE && json_array_size(items) > 1)
			show_headline(stdout, item);
		if (c->format == OUT_TABLE)
			show_print(c, previews);
		json_array_extend(all, previews);
		json_decref(previews);
	}
	if (rc == 0 && c->format != OUT_TABLE)
		show_print(c, all);
	json_decref(all);
	return rc;
}

static int
preview_stored(const struct cli *c, struct err *e)
{
	json_t *result, *items;
	int rc;

	if (client_once(c, "show", json_pack("{s:s}", "id", c->args[0]),
	    &result, e) == -1) {
		json_decref(result);
		return -1;
	}
	items = json_pack("[O]", result);
	rc = preview_items(c, items, e);
	json_decref(items);
	json_decref(result);
	return rc;
}

int
preview_run_cli(const struct cli *c, struct err *e)
{
	json_t *problems;
	struct source s;
	int rc;

	if (c->n_args == 1 && c->opt[OPT_FILE] == NULL &&
	    c->opt[OPT_CAP] == NULL)
		return preview_stored(c, e);
	if (c->n_args == 1)
		return err_set(e, ERR_USAGE, "litfass preview: an ID and a "
		    "file: give one of them");
	rc = source_load(c, &s, &problems, e);
	out_problems(problems);
	json_decref(problems);
	if (rc == 0)
		rc = source_need(&s, e);
	if (rc == 0)
		rc = preview_items(c, s.items, e);
	source_fini(&s);
	return rc;
}

/* ---------------------------------------------------------- channel test -- */

static json_t *
test_announcement(void)
{
	return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,"
	    "s:{s:{s:s,s:s},s:{s:s,s:s}}}",
	    "id", "lf-channel-test", "kind", "service", "msg_type", "alert",
	    "status", "test", "category", "Other", "severity", "minor",
	    "urgency", "future", "certainty", "observed", "priority",
	    "normal", "sent", "2026-01-01T12:00:00+01:00", "expires",
	    "2036-01-01T12:00:00+01:00", "content",
	    "de", "headline", "Test des Kanals", "body",
	    "Dies ist eine Probe mit Umlauten: äöüÄÖÜß. Es ist nichts zu "
	    "tun.",
	    "en", "headline", "Test of the channel", "body",
	    "This is only a test. There is nothing to do.");
}

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

int
channel_test_run(const struct cli *c, struct err *e)
{
	struct cli one = *c;
	json_t *item = test_announcement(), *previews;
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
