/*
 * subscriber: add people, one or many, and list them. Checks the form of
 * what was given; litfassd keeps it.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "csv.h"
#include "out.h"
#include "person.h"
#include "source.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define FILE_MAX	(64 * 1024 * 1024)
#define BATCH		2000	/* rows of one request */
#define PAGE		1000

static const struct out_column columns[] = {
	{ "id", OUT_NUMBER }, { "ref", OUT_TEXT }, { "addresses", OUT_TEXT },
	{ "languages", OUT_TEXT }, { "topics", OUT_TEXT },
	{ "ars", OUT_TEXT },
};

int
subscriber_add_run(const struct cli *c, struct err *e)
{
	json_t *who = NULL, *result;

	if (c->opt[OPT_REF] == NULL || c->opt[OPT_ADDRESS] == NULL)
		return err_set(e, ERR_USAGE, "subscriber add: --ref or "
		    "--address is missing: litfass help subscriber add "
		    "shows an example");
	if (person_from_options(c, &who, e) == -1)
		return -1;
	if (client_once(c, "subscriber-add", json_pack("{s:o}", "subscriber",
	    who), &result, e) == -1) {
		json_decref(result);
		return -1;
	}
	json_decref(result);
	if (c->format == OUT_ID)
		puts(c->opt[OPT_REF]);
	return 0;
}

/* ---------------------------------------------------------------- import -- */

/* Every row as a subscriber; all problems are said, not just the first. */
static json_t *
people_of(const char *file, const json_t *table, struct err *e)
{
	json_t *people = json_array(), *who;
	const json_t *row;
	size_t i, bad = 0;
	struct err one;

	json_array_foreach(table, i, row) {
		if (person_from_row(row, &who, &one) == 0) {
			json_array_append_new(people, who);
			continue;
		}
		if (bad++ < 100)
			fprintf(stderr, "%s:%lld: %s\n", file,
			    (long long)json_integer_value(json_object_get(
			    row, "line")), one.text);
	}
	if (bad == 0)
		return people;
	json_decref(people);
	err_set(e, ERR_INVALID, "import %s: %zu of %zu rows are wrong: "
	    "nothing was changed: correct them", file, bad,
	    json_array_size(table));
	return NULL;
}

static json_t *
read_people(const char *file, struct err *e)
{
	json_t *table, *people;
	char *text;
	size_t len;

	if (source_read(file, FILE_MAX, &text, &len, e) == -1)
		return NULL;
	table = csv_parse(text, len, e);
	free(text);
	if (table == NULL) {
		err_prefix(e, "import %s", file);
		return NULL;
	}
	people = people_of(file, table, e);
	json_decref(table);
	return people;
}

/* One request each; all rows of a request are taken or none. */
static int
send_batches(struct client *cl, const json_t *people, json_int_t *n_r,
    struct err *e)
{
	size_t n = json_array_size(people);
	json_t *batch, *result;
	bool more;
	int rc = 0;

	*n_r = 0;
	for (size_t i = 0; rc == 0 && i < n;) {
		batch = json_array();
		for (size_t k = 0; k < BATCH && i < n; k++)
			json_array_append(batch, json_array_get(people,
			    i++));
		rc = client_ask(cl, "subscriber-import", json_pack("{s:o}",
		    "subscribers", batch), &result, &more, e);
		*n_r += json_integer_value(json_object_get(result, "count"));
		json_decref(result);
	}
	return rc;
}

static void
print_count(const struct cli *c, json_int_t n)
{
	json_t *result = json_pack("{s:I}", "count", n);

	if (!out_json(c, result))
		printf("%lld\n", (long long)n);
	json_decref(result);
}

int
subscriber_import_run(const struct cli *c, struct err *e)
{
	json_t *people = read_people(c->args[0], e);
	json_int_t n = 0;
	struct client *cl;
	int rc = 0;

	if (people == NULL)
		return -1;
	if (c->opt[OPT_CHECK] != NULL) {
		n = (json_int_t)json_array_size(people);
	} else {
		rc = client_open(c, &cl, e);
		if (rc == 0) {
			rc = send_batches(cl, people, &n, e);
			client_close(&cl);
		}
	}
	if (rc == 0)
		print_count(c, n);
	else if (n > 0)
		err_prefix(e, "import: the first %lld rows are in", (long
		    long)n);
	json_decref(people);
	return rc;
}

/* ------------------------------------------------------------------ list -- */

static int
add_page(const struct cli *c, struct client *cl, json_t *all, size_t *n_r,
    struct err *e)
{
	const json_t *last = json_array_get(all, json_array_size(all) - 1);
	json_t *page, *request;
	bool more;
	int rc;

	request = json_pack("{s:I,s:i,s:b}", "after", json_integer_value(
	    json_object_get(last, "id")), "limit", PAGE, "reveal",
	    c->opt[OPT_REVEAL] != NULL);
	rc = client_ask(cl, "subscriber-list", request, &page, &more, e);
	*n_r = json_array_size(page);
	if (rc == 0)
		json_array_extend(all, page);
	json_decref(page);
	return rc;
}

/* {"email":"…"} as "email=…" for tables. */
static void
flatten(json_t *people)
{
	json_t *who, *list, *value;
	const char *kind;
	size_t i;

	json_array_foreach(people, i, who) {
		json_t *addresses = json_object_get(who, "addresses");

		if (!json_is_object(addresses))
			continue;
		list = json_array();
		json_object_foreach(addresses, kind, value)
			json_array_append_new(list, json_sprintf("%s=%s",
			    kind, json_string_value(value)));
		json_object_set_new(who, "addresses", list);
	}
}

int
subscriber_list_run(const struct cli *c, struct err *e)
{
	const char *limit = c->opt[OPT_LIMIT];
	long max = limit == NULL ? 0 : strtol(limit, NULL, 10);
	json_t *all;
	struct client *cl;
	size_t n = PAGE;
	int rc = 0;

	if (limit != NULL && max < 1)
		return err_set(e, ERR_USAGE, "--limit %.20s: this is not a "
		    "number: give one from 1 on", limit);
	if (client_open(c, &cl, e) == -1)
		return -1;
	all = json_array();
	while (rc == 0 && n == PAGE &&
	    (max == 0 || json_array_size(all) < (size_t)max))
		rc = add_page(c, cl, all, &n, e);
	client_close(&cl);
	while (max > 0 && json_array_size(all) > (size_t)max)
		json_array_remove(all, json_array_size(all) - 1);
	if (c->format == OUT_TABLE)
		flatten(all);
	if (rc == 0)
		out_rows(c, all, columns, COUNT(columns), "id");
	json_decref(all);
	return rc;
}
