/*
 * subscriber: add people and list them. Checks the form of what was given;
 * litfassd keeps it.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "client.h"
#include "out.h"
#include "show.h"
#include "store/subscriber.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define PAGE		1000

static const struct out_column columns[] = {
	{ "id", OUT_NUMBER }, { "ref", OUT_TEXT }, { "addresses", OUT_TEXT },
	{ "languages", OUT_TEXT }, { "topics", OUT_TEXT },
	{ "ars", OUT_TEXT },
};

/* ------------------------------------------------------------------- add -- */

/* "email=a@example.net,sms=+49…" as an object, given. */
static json_t *
addresses(const char *s, struct err *e)
{
	json_t *object = json_object();
	const char *is;
	char *kind;
	size_t n;

	for (; *s != '\0'; s += n + (s[n] == ',')) {
		n = strcspn(s, ",");
		is = memchr(s, '=', n);
		if (is == NULL) {
			json_decref(object);
			err_set(e, ERR_USAGE, "--address: the kind is "
			    "missing: write email=name@example.net");
			return NULL;
		}
		kind = xstrndup(s, (size_t)(is - s));
		json_object_set_new(object, kind, json_stringn(is + 1,
		    n - (size_t)(is - s) - 1));
		free(kind);
	}
	return object;
}

/* What was not given is left out. Given; NULL when it is wrong. */
static json_t *
person(const struct cli *c, struct err *e)
{
	json_t *reach = addresses(c->opt[OPT_ADDRESS], e), *who;

	if (reach == NULL)
		return NULL;
	who = json_pack("{s:s,s:o,s:o*,s:o*,s:s*}", "ref", c->opt[OPT_REF],
	    "addresses", reach,
	    "languages", show_split(c->opt[OPT_LANGUAGES]),
	    "topics", show_split(c->opt[OPT_TOPICS]),
	    "ars", c->opt[OPT_ARS]);
	if (who == NULL)
		err_set(e, ERR_INVALID, "subscriber add: an option is not "
		    "UTF-8: use a terminal with UTF-8");
	else if (subscriber_check(who, e) == -1) {
		json_decref(who);
		who = NULL;
	}
	return who;
}

int
subscriber_add_run(const struct cli *c, struct err *e)
{
	json_t *who, *result;
	int rc;

	if (c->opt[OPT_REF] == NULL || c->opt[OPT_ADDRESS] == NULL)
		return err_set(e, ERR_USAGE, "subscriber add: --ref or "
		    "--address is missing: litfass help subscriber add "
		    "shows an example");
	who = person(c, e);
	if (who == NULL)
		return -1;
	rc = client_once(c, "subscriber-add", json_pack("{s:o}",
	    "subscriber", who), &result, e);
	json_decref(result);
	if (rc == 0 && c->format == OUT_ID)
		puts(c->opt[OPT_REF]);
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
	json_t *all;
	long max;
	struct client *cl;
	size_t n = PAGE;
	int rc = 0;

	if (command_limit(c, &max, e) == -1 || client_open(c, &cl, e) == -1)
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
