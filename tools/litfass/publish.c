/*
 * publish: hand announcements to litfassd, after checking them here and
 * asking the person when people's lives depend on it.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/when.h"
#include "client.h"
#include "follow.h"
#include "judge.h"
#include "out.h"
#include "settings.h"
#include "show.h"
#include "source.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static const struct out_column result_columns[] = {
	{ "id", OUT_TEXT }, { "version", OUT_NUMBER }, { "state", OUT_STATE },
};

static const struct out_column channel_columns[] = {
	{ "channel", OUT_TEXT }, { "targets", OUT_NUMBER },
};

/* --------------------------------------------------------------- request -- */

static int
read_time(const struct cli *c, json_int_t *at_r, struct err *e)
{
	struct zone *zone;
	struct wall w;
	int rc;

	*at_r = 0;
	if (c->opt[OPT_AT] == NULL)
		return 0;
	zone = settings_zone(c);
	rc = when_parse_human(c->opt[OPT_AT], clock_wall(), zone, &w, e);
	zone_free(&zone);
	if (rc == -1) {
		e->code = ERR_USAGE;
		return err_prefix(e, "--at %.40s", c->opt[OPT_AT]);
	}
	*at_r = w.us / CLOCK_SECOND;
	return 0;
}

static json_t *
make_request(const struct cli *c, json_t *item, json_int_t at)
{
	json_t *r = json_pack("{s:O,s:o*,s:s*}", "announcement", item,
	    "channels", show_split(c->opt[OPT_CHANNEL]), "key",
	    c->opt[OPT_KEY]);

	if (at != 0)
		json_object_set_new(r, "at", json_integer(at));
	if (c->opt[OPT_EXERCISE] != NULL)
		json_object_set_new(r, "exercise", json_true());
	return r;
}

/* --------------------------------------------------------------- consent -- */

/* Real, extreme, and not declared an exercise. */
static bool
needs_consent(const struct cli *c, const json_t *item)
{
	return c->opt[OPT_YES] == NULL && c->opt[OPT_EXERCISE] == NULL &&
	    strcmp(out_text(item, "severity"), "extreme") == 0 &&
	    strcmp(out_text(item, "status"), "actual") == 0;
}

static int
get_consent(const struct cli *c, json_t *item, struct err *e)
{
	const char *id = out_text(item, "id");

	if (!isatty(STDIN_FILENO))
		return err_set(e, ERR_INVALID, "publish %.72s: it is real and "
		    "of severity extreme: confirm it with --yes", id);
	fprintf(stderr, "This is REAL and of severity EXTREME:\n\n  ");
	show_headline(stderr, item);
	fprintf(stderr, "  to ");
	show_audience(c, item, stderr);
	if (status_ask("\nPublish it?"))
		return 0;
	return err_set(e, ERR_STATE, "publish %.72s: you did not say yes: "
	    "nothing was sent", id);
}

static int
get_consents(const struct cli *c, const struct source *s, struct err *e)
{
	json_t *item;
	size_t i;

	json_array_foreach(s->items, i, item)
		if (needs_consent(c, item) && get_consent(c, item, e) == -1)
			return -1;
	return 0;
}

/* --------------------------------------------------------------- results -- */

static void
print_one(const struct cli *c, const json_t *result)
{
	if (json_object_get(result, "status") != NULL) {
		status_print(c, json_object_get(result, "status"));
		return;
	}
	out_field(c, result, "id", OUT_TEXT);
	out_field(c, result, "version", OUT_TEXT);
	out_field(c, result, "state", OUT_STATE);
	if (json_is_true(json_object_get(result, "duplicate")))
		fprintf(stderr, "note: %s was accepted before: nothing is "
		    "sent again\n", out_text(result, "id"));
	putchar('\n');
	out_rows(c, json_object_get(result, "channels"), channel_columns,
	    COUNT(channel_columns), "channel");
}

static void
print_results(const struct cli *c, const json_t *results)
{
	bool one = json_array_size(results) == 1;
	const json_t *first = json_array_get(results, 0);

	if (one && out_json(c, first))
		return;
	if (one && c->format == OUT_TABLE)
		print_one(c, first);
	else
		out_rows(c, results, result_columns, COUNT(result_columns),
		    "id");
}

static int
publish_one(const struct cli *c, struct client *cl, json_t *item,
    json_int_t at, json_t *results, struct err *e)
{
	json_t *result;
	bool more;
	int rc;

	rc = client_ask(cl, "publish", make_request(c, item, at), &result,
	    &more, e);
	if (c->format == OUT_TABLE || rc == -1)
		out_problems(json_object_get(result, "problems"));
	if (rc == 0)
		json_array_append(results, result);
	else
		err_prefix(e, "publish %.72s", out_text(item, "id"));
	json_decref(result);
	return rc;
}

/* Follow each; the first that went wrong decides. */
static int
wait_for(const struct cli *c, json_t *results, struct err *e)
{
	struct err one;
	json_t *result, *status;
	size_t i;
	int rc = 0;

	json_array_foreach(results, i, result) {
		if (follow(c, out_text(result, "id"), true, &status, e) == -1) {
			json_decref(status);
			return -1;
		}
		if (follow_verdict(status, &one) == -1 && rc == 0) {
			*e = one;
			rc = -1;
		}
		json_object_set_new(result, "status", status);
	}
	return rc;
}

static int
publish_all(const struct cli *c, const struct source *s, json_t *results,
    struct err *e)
{
	struct client *cl;
	json_int_t at;
	json_t *item;
	size_t i;
	int rc = 0;

	if (c->opt[OPT_KEY] != NULL && json_array_size(s->items) > 1)
		return err_set(e, ERR_USAGE, "--key: the file has several "
		    "announcements: choose one with --id");
	if (read_time(c, &at, e) == -1 || get_consents(c, s, e) == -1 ||
	    client_open(c, &cl, e) == -1)
		return -1;
	json_array_foreach(s->items, i, item) {
		rc = publish_one(c, cl, item, at, results, e);
		if (rc == -1)
			break;
	}
	client_close(&cl);
	if (rc == 0 && c->opt[OPT_WAIT] != NULL)
		rc = wait_for(c, results, e);
	return rc;
}

/* --------------------------------------------------------------- command -- */

static int
dry_run(const struct cli *c, const struct source *s, const json_t *verdicts,
    struct err *e)
{
	json_t *all = json_array(), *item, *previews;
	size_t i;
	int rc = 0;

	json_array_foreach(s->items, i, item) {
		rc = show_render(c, item, &previews, e);
		if (rc == -1)
			break;
		json_array_append_new(all, json_pack("{s:O,s:o}", "lint",
		    json_array_get(verdicts, i), "preview", previews));
		if (c->format != OUT_TABLE)
			continue;
		show_headline(stdout, item);
		show_print(c, previews);
		fprintf(stderr, "would go to ");
		show_audience(c, item, stderr);
	}
	if (rc == 0 && c->format == OUT_ID)
		out_rows(c, verdicts, NULL, 0, "id");
	else if (rc == 0)
		out_json(c, json_array_size(all) == 1 ?
		    json_array_get(all, 0) : all);
	json_decref(all);
	return rc;
}

static int
publish_judged(const struct cli *c, const struct source *s,
    const json_t *verdicts, struct err *e)
{
	json_t *results;
	int rc;

	if (judge_refused(verdicts) > 0) {
		judge_say(verdicts);
		return err_set(e, ERR_INVALID, "publish %s: refused, nothing "
		    "was sent: correct the errors above", s->name);
	}
	if (source_need(s, e) == -1)
		return -1;
	if (c->opt[OPT_DRY_RUN] != NULL) {
		judge_say(verdicts);
		return dry_run(c, s, verdicts, e);
	}
	results = json_array();
	rc = publish_all(c, s, results, e);
	if (json_array_size(results) > 0)
		print_results(c, results);
	json_decref(results);
	return rc;
}

int
publish_run(const struct cli *c, struct err *e)
{
	json_t *problems, *verdicts;
	struct source s;
	int rc;

	rc = source_load(c, &s, &problems, e);
	out_problems(problems);
	json_decref(problems);
	if (rc == 0) {
		verdicts = judge_source(c, &s, true);
		rc = publish_judged(c, &s, verdicts, e);
		json_decref(verdicts);
	}
	source_fini(&s);
	return rc;
}
