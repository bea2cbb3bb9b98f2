/*
 * status: how announcements and deliveries stand: status, deliveries, trace,
 * retry, cancel.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "client.h"
#include "follow.h"
#include "out.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define PAGE		1000

static const struct out_column list_columns[] = {
	{ "id", OUT_TEXT }, { "version", OUT_NUMBER }, { "state", OUT_STATE },
	{ "lane", OUT_TEXT }, { "accepted", OUT_TIME },
	{ "expires", OUT_TIME },
};

static const struct out_column channel_columns[] = {
	{ "channel", OUT_TEXT }, { "action", OUT_TEXT },
	{ "state", OUT_STATE }, { "total", OUT_NUMBER },
	{ "queued", OUT_NUMBER }, { "retry", OUT_NUMBER },
	{ "accepted", OUT_NUMBER }, { "delivered", OUT_NUMBER },
	{ "failed", OUT_NUMBER }, { "expired", OUT_NUMBER },
	{ "unknown", OUT_NUMBER }, { "last", OUT_TIME },
};

static const struct out_column delivery_columns[] = {
	{ "delivery", OUT_TEXT }, { "channel", OUT_TEXT },
	{ "action", OUT_TEXT }, { "address", OUT_TEXT },
	{ "state", OUT_STATE }, { "attempt", OUT_NUMBER },
	{ "code", OUT_NUMBER }, { "at", OUT_TIME }, { "due", OUT_TIME },
	{ "peer_id", OUT_TEXT }, { "text", OUT_TEXT },
};

static const struct out_column trace_columns[] = {
	{ "attempt", OUT_NUMBER }, { "at", OUT_TIME }, { "state", OUT_STATE },
	{ "code", OUT_NUMBER }, { "peer_id", OUT_TEXT },
	{ "text", OUT_TEXT },
};

void
status_print(const struct cli *c, const json_t *status)
{
	const char *id = json_string_value(json_object_get(status, "id"));

	if (out_json(c, status))
		return;
	if (c->format == OUT_ID) {
		puts(id == NULL ? "" : id);
		return;
	}
	out_field(c, status, "id", OUT_TEXT);
	out_field(c, status, "version", OUT_TEXT);
	out_field(c, status, "state", OUT_STATE);
	out_field(c, status, "accepted", OUT_TIME);
	out_field(c, status, "expires", OUT_TIME);
	putchar('\n');
	out_rows(c, json_object_get(status, "channels"), channel_columns,
	    COUNT(channel_columns), "channel");
}

static int
list(const struct cli *c, struct err *e)
{
	json_t *rows;
	long limit;

	if (command_limit(c, &limit, e) == -1 ||
	    client_once(c, "list", json_pack("{s:I}", "limit",
	    (json_int_t)limit), &rows, e) == -1)
		return -1;
	out_rows(c, rows, list_columns, COUNT(list_columns), "id");
	json_decref(rows);
	return 0;
}

int
status_run(const struct cli *c, struct err *e)
{
	json_t *status;
	int rc;

	if (c->n_args == 0 && c->opt[OPT_WATCH] != NULL)
		return err_set(e, ERR_USAGE, "status --watch: an ID is "
		    "missing: litfass status lists them");
	if (c->n_args == 0)
		return list(c, e);
	if (c->opt[OPT_WATCH] != NULL)
		rc = follow(c, c->args[0], false, &status, e);
	else
		rc = client_once(c, "status", json_pack("{s:s}", "id",
		    c->args[0]), &status, e);
	if (rc == 0 && !(c->opt[OPT_WATCH] != NULL &&
	    c->format == OUT_JSONL))
		status_print(c, status);
	json_decref(status);
	return rc;
}

void
deliveries_print(const struct cli *c, const json_t *rows)
{
	out_rows(c, rows, delivery_columns, COUNT(delivery_columns),
	    "delivery");
}

/* All pages as one array, at most limit rows (0: all). */
static int
collect(const struct cli *c, struct client *cl, long limit, json_t *all,
    struct err *e)
{
	const char *after = "";
	json_t *page, *last, *request;
	bool more;
	size_t n;

	do {
		request = json_pack("{s:s,s:s,s:s*,s:s*,s:i}", "id",
		    c->args[0], "after", after, "channel",
		    c->opt[OPT_ONE_CHANNEL], "state", c->opt[OPT_STATE],
		    "limit", PAGE);
		if (client_ask(cl, "deliveries", request, &page, &more,
		    e) == -1) {
			json_decref(page);
			return -1;
		}
		n = json_array_size(page);
		json_array_extend(all, page);
		json_decref(page);
		last = json_array_get(all, json_array_size(all) - 1);
		after = json_string_value(json_object_get(last,
		    "delivery"));
	} while (n == PAGE && after != NULL &&
	    (limit == 0 || json_array_size(all) < (size_t)limit));
	while (limit > 0 && json_array_size(all) > (size_t)limit)
		json_array_remove(all, json_array_size(all) - 1);
	return 0;
}

int
deliveries_run(const struct cli *c, struct err *e)
{
	struct client *cl;
	json_t *all;
	long limit;
	int rc;

	if (command_limit(c, &limit, e) == -1 ||
	    client_open(c, &cl, e) == -1)
		return -1;
	all = json_array();
	rc = collect(c, cl, limit, all, e);
	client_close(&cl);
	if (rc == 0 && c->opt[OPT_CSV] != NULL)
		out_csv(all, delivery_columns, COUNT(delivery_columns));
	else if (rc == 0)
		deliveries_print(c, all);
	json_decref(all);
	return rc;
}

static void
print_story(const struct cli *c, const json_t *story)
{
	static const struct out_column facts[] = {
		{ "delivery", OUT_TEXT }, { "id", OUT_TEXT },
		{ "version", OUT_TEXT }, { "channel", OUT_TEXT },
		{ "action", OUT_TEXT }, { "address", OUT_TEXT },
		{ "state", OUT_STATE }, { "accepted", OUT_TIME },
		{ "not_before", OUT_TIME }, { "expires", OUT_TIME },
		{ "attempt", OUT_TEXT }, { "at", OUT_TIME },
		{ "due", OUT_TIME }, { "code", OUT_TEXT },
		{ "peer_id", OUT_TEXT }, { "text", OUT_TEXT },
	};
	const json_t *attempts = json_object_get(story, "attempts");

	for (size_t i = 0; i < COUNT(facts); i++)
		out_field(c, story, facts[i].key, facts[i].kind);
	if (json_array_size(attempts) == 0)
		return;
	putchar('\n');
	out_rows(c, attempts, trace_columns, COUNT(trace_columns),
	    "attempt");
}

int
trace_run(const struct cli *c, struct err *e)
{
	json_t *story;

	if (client_once(c, "trace", json_pack("{s:s}", "delivery",
	    c->args[0]), &story, e) == -1)
		return -1;
	if (c->format == OUT_ID)
		puts(c->args[0]);
	else if (!out_json(c, story))
		print_story(c, story);
	json_decref(story);
	return 0;
}

int
retry_run(const struct cli *c, struct err *e)
{
	const char *state = c->opt[OPT_RETRY_STATE];
	json_t *result, *request;
	json_int_t n;

	request = json_pack("{s:s,s:s,s:s*}", "id", c->args[0], "state",
	    state == NULL ? "failed" : state, "channel",
	    c->opt[OPT_ONE_CHANNEL]);
	if (client_once(c, "retry", request, &result, e) == -1)
		return -1;
	n = json_integer_value(json_object_get(result, "count"));
	if (!out_json(c, result))
		printf("%lld %s tried again\n", (long long)n, n == 1 ?
		    "delivery is" : "deliveries are");
	json_decref(result);
	return 0;
}

/* ---------------------------------------------------------------- cancel -- */

bool
status_ask(const char *question)
{
	char answer[16];

	fprintf(stderr, "%s [yes/no] ", question);
	fflush(stderr);
	return fgets(answer, sizeof(answer), stdin) != NULL &&
	    strcmp(answer, "yes\n") == 0;
}

static int
confirm_cancel(const struct cli *c, struct err *e)
{
	char question[160];

	if (c->opt[OPT_YES] != NULL || !isatty(STDIN_FILENO))
		return 0;
	snprintf(question, sizeof(question), "Stop %.72s and take it back?",
	    c->args[0]);
	if (status_ask(question))
		return 0;
	return err_set(e, ERR_STATE, "cancel %.72s: you did not say yes: "
	    "nothing was changed", c->args[0]);
}

int
cancel_run(const struct cli *c, struct err *e)
{
	json_t *result;

	if (confirm_cancel(c, e) == -1 || client_once(c, "cancel",
	    json_pack("{s:s}", "id", c->args[0]), &result, e) == -1)
		return -1;
	if (!out_json(c, result) && c->format == OUT_ID)
		puts(c->args[0]);
	if (c->format == OUT_TABLE) {
		out_field(c, result, "id", OUT_TEXT);
		out_field(c, result, "retract", OUT_TEXT);
	}
	json_decref(result);
	return 0;
}
