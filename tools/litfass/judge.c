/*
 * judge: the same checks as in litfassd, without litfassd. Called by lint,
 * publish and preview.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "announce/announce.h"
#include "announce/issuer.h"
#include "config/conf.h"
#include "judge.h"
#include "out.h"
#include "settings.h"

static struct issuer *
find_issuer(const struct cli *c, const struct source *s)
{
	struct conf *conf = settings_try(c);
	json_t *json;
	struct issuer *issuer = NULL;

	if (conf != NULL) {
		json = conf_issuer(conf);
		issuer = issuer_new(json, NULL);
		json_decref(json);
		conf_free(&conf);
	}
	if (issuer == NULL && s->issuer != NULL)
		issuer = issuer_new(s->issuer, NULL);
	return issuer;
}

static const char *
result_of(const struct problems *p)
{
	if (p->errors > 0)
		return "reject";
	return p->warnings > 0 ? "accept+warn" : "accept";
}

static bool
is_refused(const json_t *verdict)
{
	return strcmp(json_string_value(json_object_get(verdict, "result")),
	    "reject") == 0;
}

static json_t *
judge_one(json_t *item, const struct issuer *issuer, bool publish)
{
	struct announce *a = NULL;
	struct problems p;
	json_t *verdict;

	problems_init(&p);
	if (announce_from_json(item, &a, &p) == 0)
		announce_lint(a, issuer, clock_wall(), publish, &p);
	verdict = json_pack("{s:O*,s:s,s:o}", "id",
	    json_object_get(item, "id"), "result", result_of(&p),
	    "problems", problems_json(&p));
	announce_free(&a);
	problems_fini(&p);
	return verdict;
}

/*
 * The rules of CAP decide, and what they let through must be a good
 * announcement as well. Warnings about the latter do not change the result.
 */
static json_t *
judge_cap(const struct source *s, const struct issuer *issuer, bool publish)
{
	json_t *verdict = json_copy(s->cap), *inner;
	json_t *item = json_array_get(s->items, 0);

	if (item == NULL) {
		json_object_set_new(verdict, "problems", json_array());
		return verdict;
	}
	inner = judge_one(item, issuer, publish);
	json_object_set(verdict, "id", json_object_get(inner, "id"));
	json_object_set(verdict, "problems", json_object_get(inner,
	    "problems"));
	if (is_refused(inner))
		json_object_set(verdict, "result", json_object_get(inner,
		    "result"));
	json_decref(inner);
	return verdict;
}

json_t *
judge_source(const struct cli *c, const struct source *s, bool publish)
{
	struct issuer *issuer = find_issuer(c, s);
	json_t *verdicts = json_array(), *item;
	size_t i;

	if (s->cap != NULL)
		json_array_append_new(verdicts, judge_cap(s, issuer,
		    publish));
	else
		json_array_foreach(s->items, i, item)
			json_array_append_new(verdicts, judge_one(item,
			    issuer, publish));
	issuer_free(&issuer);
	return verdicts;
}

size_t
judge_refused(const json_t *verdicts)
{
	const json_t *v;
	size_t i, n = 0;

	json_array_foreach(verdicts, i, v)
		if (is_refused(v))
			n++;
	return n;
}

/* "warn: R23: line 7: …" */
static void
say_findings(const json_t *findings)
{
	const json_t *f;
	size_t i;

	json_array_foreach(findings, i, f) {
		const char *level = json_string_value(json_object_get(f,
		    "level"));
		const char *rule = json_string_value(json_object_get(f,
		    "rule"));
		const char *text = json_string_value(json_object_get(f,
		    "message"));
		json_int_t line = json_integer_value(json_object_get(f,
		    "line"));

		fprintf(stderr, "%s: %s: ", level == NULL ? "note" : level,
		    rule == NULL ? "?" : rule);
		if (line > 0)
			fprintf(stderr, "line %lld: ", (long long)line);
		out_safe(stderr, text == NULL ? "" : text, false);
		fputc('\n', stderr);
	}
}

void
judge_say(const json_t *verdicts)
{
	const json_t *v, *problems;
	size_t i;

	json_array_foreach(verdicts, i, v) {
		say_findings(json_object_get(v, "findings"));
		problems = json_object_get(v, "problems");
		if (json_array_size(problems) == 0)
			continue;
		if (json_array_size(verdicts) > 1) {
			const char *id = json_string_value(json_object_get(v,
			    "id"));

			out_safe(stderr, id == NULL ? "?" : id, false);
			fputs(":\n", stderr);
		}
		out_problems(problems);
	}
}
