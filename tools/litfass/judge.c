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

json_t *
judge_source(const struct cli *c, const struct source *s, bool publish)
{
	struct issuer *issuer = find_issuer(c, s);
	json_t *verdicts = json_array(), *item;
	size_t i;

	json_array_foreach(s->items, i, item)
		json_array_append_new(verdicts, judge_one(item, issuer,
		    publish));
	issuer_free(&issuer);
	return verdicts;
}

size_t
judge_refused(const json_t *verdicts)
{
	const json_t *v;
	size_t i, n = 0;

	json_array_foreach(verdicts, i, v)
		if (strcmp(json_string_value(json_object_get(v, "result")),
		    "reject") == 0)
			n++;
	return n;
}

void
judge_say(const json_t *verdicts)
{
	const json_t *v, *problems;
	size_t i;

	json_array_foreach(verdicts, i, v) {
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
