/*
 * import: a table of people, row by row judged here and then by litfassd,
 * which takes all or none. Says in words what was done. Prints no address.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "client.h"
#include "out.h"
#include "source.h"
#include "store/csv.h"

#define FILE_MAX	(64 * 1024 * 1024)
#define BATCH_ROWS	2000		/* of one request */
#define BATCH_BYTES	(512 * 1024)	/* well below CONTROL_LINE */

struct import {
	const struct cli *c;
	const char *file;
	json_t *people, *lines;		/* the good rows and where they are */
	json_t *refused;		/* [{"line":7,"text":"…"}] */
	json_int_t added, changed, unchanged;
	bool asked;			/* litfassd has said its part */
	size_t written;			/* rows that are in for good */
};

static bool
only_check(const struct import *i)
{
	return i->c->opt[OPT_CHECK] != NULL;
}

static int
read_table(struct import *i, struct err *e)
{
	char *text;
	size_t len;

	if (source_read(i->file, FILE_MAX, &text, &len, e) == -1)
		return -1;
	csv_subscribers(text, len, &i->people, &i->lines, i->refused);
	free(text);
	return 0;
}

/* ------------------------------------------------------------- litfassd -- */

/* From row first on as much as fits in a request; *n_r rows. Given. */
static json_t *
next_batch(const struct import *i, size_t first, size_t *n_r)
{
	json_t *batch = json_array(), *row;
	size_t bytes = 0;

	*n_r = 0;
	while (*n_r < BATCH_ROWS) {
		row = json_array_get(i->people, first + *n_r);
		if (row == NULL)
			break;
		bytes += json_dumpb(row, NULL, 0, JSON_COMPACT) + 1;
		if (bytes > BATCH_BYTES && *n_r > 0)
			break;
		json_array_append(batch, row);
		(*n_r)++;
	}
	return batch;
}

/* What litfassd says of rows is about the batch: find their lines. */
static void
take_answer(struct import *i, const json_t *answer, size_t first)
{
	const json_t *r;
	size_t k;

	i->added += json_integer_value(json_object_get(answer, "added"));
	i->changed += json_integer_value(json_object_get(answer, "changed"));
	i->unchanged += json_integer_value(json_object_get(answer,
	    "unchanged"));
	json_array_foreach(json_object_get(answer, "refused"), k, r)
		json_array_append_new(i->refused, json_pack("{s:O*,s:O*}",
		    "line", json_array_get(i->lines, first + (size_t)
		    json_integer_value(json_object_get(r, "row"))), "text",
		    json_object_get(r, "text")));
}

/* All batches, each of which is taken as a whole. A refused one stops a real
 * import, a check goes on to find what else is wrong. */
static int
send_all(struct import *i, struct client *cl, bool check, struct err *e)
{
	size_t total = json_array_size(i->people), n;
	json_t *answer, *batch;
	bool more;
	int rc = 0;

	i->added = i->changed = i->unchanged = 0;
	for (size_t at = 0; at < total && rc == 0; at += n) {
		batch = next_batch(i, at, &n);
		rc = client_ask(cl, "subscriber-import", json_pack(
		    "{s:o,s:b}", "subscribers", batch, "check", check),
		    &answer, &more, e);
		take_answer(i, answer, at);
		if (check && json_array_size(json_object_get(answer,
		    "refused")) > 0)
			rc = 0;
		json_decref(answer);
		if (rc == 0 && !check)
			i->written = at + n;
	}
	i->asked = rc == 0;
	return rc;
}

/* More than one batch is tried as a whole before the first is written. */
static int
ask_litfassd(struct import *i, struct err *e)
{
	json_t *one;
	struct client *cl;
	size_t n;
	int rc = 0;

	if (client_open(i->c, &cl, e) == -1)
		return only_check(i) && e->code == ERR_UNREACHABLE ? 0 : -1;
	one = next_batch(i, 0, &n);
	json_decref(one);
	if (only_check(i) || n < json_array_size(i->people))
		rc = send_all(i, cl, true, e);
	if (rc == 0 && !only_check(i) && json_array_size(i->refused) == 0)
		rc = send_all(i, cl, false, e);
	client_close(&cl);
	return rc;
}

/* --------------------------------------------------------------- report -- */

static void
say_refused(const struct import *i)
{
	const json_t *r;
	size_t k;

	json_array_foreach(i->refused, k, r) {
		fprintf(stderr, "%s:%lld: ", i->file, (long long)
		    json_integer_value(json_object_get(r, "line")));
		out_safe(stderr, json_string_value(json_object_get(r,
		    "text")), false);
		fputc('\n', stderr);
	}
}

static void
print_words(const struct import *i, const struct err *e)
{
	size_t n = json_array_size(i->people);

	printf("%zu subscriber%s: ", n, n == 1 ? "" : "s");
	if (!i->asked)
		printf("nothing is wrong with the file; who is new was not "
		    "asked (%s)\n", e->text);
	else
		printf("%lld %sadded, %lld %schanged, %lld %s\n",
		    (long long)i->added, only_check(i) ? "would be " : "",
		    (long long)i->changed, only_check(i) ? "would be " : "",
		    (long long)i->unchanged, only_check(i) ?
		    "would stay as they are" : "unchanged");
}

static json_t *
report_json(const struct import *i)
{
	json_t *o = json_pack("{s:I,s:b,s:O}", "rows",
	    (json_int_t)(json_array_size(i->people)), "check",
	    only_check(i), "refused", i->refused);

	if (i->asked) {
		json_object_set_new(o, "added", json_integer(i->added));
		json_object_set_new(o, "changed", json_integer(i->changed));
		json_object_set_new(o, "unchanged",
		    json_integer(i->unchanged));
	}
	return o;
}

static void
print_report(const struct import *i, bool good, const struct err *e)
{
	json_t *report = report_json(i), *p;
	size_t k;

	if (!out_json(i->c, report) && good) {
		if (i->c->format == OUT_TABLE)
			print_words(i, e);
		else
			json_array_foreach(i->people, k, p)
				puts(json_string_value(json_object_get(p,
				    "ref")));
	}
	json_decref(report);
}

/* -------------------------------------------------------------- command -- */

static int
refuse(const struct import *i, struct err *e)
{
	size_t n = json_array_size(i->refused);

	say_refused(i);
	return err_set(e, ERR_INVALID, "%zu row%s refused: correct what is "
	    "said above", n, n == 1 ? " is" : "s are");
}

/* Only when somebody else changes people meanwhile is a part written. */
static int
say_how_far(const struct import *i, struct err *e)
{
	if (i->written > 0)
		return err_prefix(e, "import %s: the first %zu rows are in",
		    i->file, i->written);
	return err_prefix(e, "import %s: nothing was changed", i->file);
}

int
subscriber_import_run(const struct cli *c, struct err *e)
{
	struct import i = { .c = c, .file = c->args[0] };
	int rc;

	i.refused = json_array();
	rc = read_table(&i, e);
	if (rc == 0 && json_array_size(i.refused) == 0)
		rc = ask_litfassd(&i, e);
	if (rc == 0 || json_array_size(i.refused) > 0)
		print_report(&i, rc == 0 && json_array_size(i.refused) == 0,
		    e);
	if (json_array_size(i.refused) > 0)
		rc = refuse(&i, e);
	if (rc == -1)
		say_how_far(&i, e);
	json_decref(i.people);
	json_decref(i.lines);
	json_decref(i.refused);
	return rc;
}
