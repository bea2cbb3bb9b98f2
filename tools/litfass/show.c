/*
 * show: previews and audiences for people. Called by preview, channel test
 * and publish.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "announce/announce.h"
#include "base/buf.h"
#include "base/mem.h"
#include "client.h"
#include "config/conf.h"
#include "engine/preview.h"
#include "out.h"
#include "settings.h"
#include "show.h"

#define BODY_MAX	(32 * 1024 * 1024)

/* --------------------------------------------------------------- render -- */

static int
render(const struct cli *c, const struct conf *conf,
    const struct announce *a, json_t **previews_r, struct err *e)
{
	const char *names = c->opt[OPT_CHANNEL];
	struct preview_with w = { .conf = conf,
		.program = settings_daemon(),
		.channel = c->opt[OPT_ONE_CHANNEL],
		.lang = c->opt[OPT_LANG] };
	json_t *list, *name, *some;
	size_t i;
	int rc = 0;

	if (names == NULL)
		return preview_run(&w, a, previews_r, e);
	*previews_r = json_array();
	list = show_split(names);
	json_array_foreach(list, i, name) {
		w.channel = json_string_value(name);
		rc = preview_run(&w, a, &some, e);
		if (rc == -1)
			break;
		json_array_extend(*previews_r, some);
		json_decref(some);
	}
	json_decref(list);
	if (rc == -1)
		json_decref(*previews_r);
	return rc;
}

json_t *
show_split(const char *s)
{
	json_t *list;
	size_t n;

	if (s == NULL)
		return NULL;
	list = json_array();
	for (; *s != '\0'; s += n + (s[n] == ',')) {
		n = strcspn(s, ",");
		if (n > 0)
			json_array_append_new(list, json_stringn(s, n));
	}
	return list;
}

/* As litfassd would see it with --exercise. */
static json_t *
as_sent(const struct cli *c, json_t *item)
{
	json_t *copy = json_copy(item);

	if (c->opt[OPT_EXERCISE] != NULL)
		json_object_set_new(copy, "status", json_string("exercise"));
	return copy;
}

int
show_render(const struct cli *c, json_t *item, json_t **previews_r,
    struct err *e)
{
	struct announce *a = NULL;
	struct problems p;
	struct conf *conf;
	json_t *copy = as_sent(c, item);
	int rc;

	*previews_r = NULL;
	problems_init(&p);
	rc = announce_from_json(copy, &a, &p);
	if (rc == -1) {
		json_t *list = problems_json(&p);

		out_problems(list);
		json_decref(list);
		err_set(e, ERR_INVALID, "preview: the announcement is "
		    "refused: correct the errors above");
	}
	problems_fini(&p);
	json_decref(copy);
	if (rc == 0)
		rc = settings_load(c, &conf, e);
	if (rc == 0) {
		rc = render(c, conf, a, previews_r, e);
		conf_free(&conf);
	}
	announce_free(&a);
	return rc;
}

/* ---------------------------------------------------------------- print -- */

/* The body with {address} and {key} where they will stand. Given. */
static char *
body_of(const json_t *row)
{
	const char *body = out_text(row, "body");
	const json_t *slots = json_object_get(row, "slots"), *slot;
	size_t len = strlen(body), at = 0, offset, i;
	struct buf b;

	buf_init(&b, BODY_MAX);
	json_array_foreach(slots, i, slot) {
		const char *name = json_string_value(json_array_get(slot,
		    1));

		offset = (size_t)json_integer_value(json_array_get(slot, 0));
		if (offset < at || offset > len || name == NULL)
			continue;
		buf_add(&b, body + at, offset - at);
		buf_fmt(&b, "{%s}", name);
		at = offset;
	}
	buf_add(&b, body + at, len - at);
	return b.data == NULL ? xstrdup("") : buf_steal(&b);
}

static void
print_measures(const json_t *row)
{
	json_t *measures = json_object_get(row, "measures"), *n;
	const char *name;

	printf("%lld characters, %lld bytes", (long long)json_integer_value(
	    json_object_get(row, "chars")), (long long)json_integer_value(
	    json_object_get(row, "bytes")));
	json_object_foreach(measures, name, n) {
		fputs(", ", stdout);
		out_safe(stdout, name, false);
		printf(" %lld", (long long)json_integer_value(n));
	}
	putchar('\n');
}

static void
print_warnings(const json_t *row)
{
	const json_t *w;
	size_t i;

	json_array_foreach(json_object_get(row, "warnings"), i, w) {
		printf("! %s: ", out_text(w, "slug"));
		out_safe(stdout, out_text(w, "text"), false);
		putchar('\n');
	}
}

static void
print_row(const json_t *row)
{
	char *body;

	printf("--- %s", out_text(row, "channel"));
	if (*out_text(row, "lang") != '\0')
		printf(", %s", out_text(row, "lang"));
	printf(" (%s)\n", out_text(row, "plugin"));
	if (!json_is_true(json_object_get(row, "ok"))) {
		printf("! %s: ", out_text(row, "slug"));
		out_safe(stdout, out_text(row, "text"), false);
		fputs("\n\n", stdout);
		return;
	}
	if (json_object_get(row, "body64") != NULL) {
		puts("(not text: -o json shows it as base64)");
	} else {
		body = body_of(row);
		out_safe(stdout, body, true);
		putchar('\n');
		free(body);
	}
	print_measures(row);
	print_warnings(row);
	putchar('\n');
}

void
show_print(const struct cli *c, const json_t *previews)
{
	const json_t *row;
	size_t i;

	if (out_json(c, previews))
		return;
	json_array_foreach(previews, i, row) {
		if (c->format == OUT_ID)
			puts(out_text(row, "channel"));
		else
			print_row(row);
	}
}

/* ------------------------------------------------------------- audience -- */

static const char *
any_headline(const json_t *item)
{
	json_t *content = json_object_get(item, "content"), *text;
	const char *lang;

	json_object_foreach(content, lang, text)
		if (*out_text(text, "headline") != '\0')
			return out_text(text, "headline");
	return "";
}

void
show_headline(FILE *f, const json_t *item)
{
	out_safe(f, out_text(item, "id"), false);
	fputs(": ", f);
	out_safe(f, any_headline(item), false);
	fputc('\n', f);
}

static void
print_audience(const json_t *channels, FILE *f)
{
	const json_t *row, *n;
	size_t i;

	json_array_foreach(channels, i, row) {
		fprintf(f, "%s%s", i > 0 ? ", " : "", out_text(row,
		    "channel"));
		n = json_object_get(row, "targets");
		if (json_is_integer(n))
			fprintf(f, " (%s%lld)", json_is_true(
			    json_object_get(row, "more")) ? "at least " :
			    "", (long long)json_integer_value(n));
	}
	fputc('\n', f);
}

void
show_audience(const struct cli *c, json_t *item, FILE *f)
{
	json_t *result = NULL, *request;
	struct err e = { ERR_OK, "" };

	request = json_pack("{s:O,s:o*}", "announcement", item, "channels",
	    show_split(c->opt[OPT_CHANNEL]));
	if (client_once(c, "audience", request, &result, &e) == 0)
		print_audience(json_object_get(result, "channels"), f);
	else
		fprintf(f, "recipients not counted: %s\n", e.text);
	json_decref(result);
}
