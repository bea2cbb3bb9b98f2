/*
 * lint: say what is wrong with a file before anybody sees it.
 */
#include "config.h"

#include "judge.h"
#include "out.h"
#include "source.h"

static const struct out_column columns[] = {
	{ "id", OUT_TEXT }, { "result", OUT_TEXT },
};

/* A file that could not even be read has a verdict as well. */
static void
print_unreadable(const struct cli *c, json_t *problems)
{
	json_t *verdict;

	if (problems == NULL)
		return;
	verdict = json_pack("{s:s,s:O}", "result", "reject", "problems",
	    problems);
	if (!out_json(c, verdict))
		out_problems(problems);
	json_decref(verdict);
}

/* One announcement is an object, a collection an array. */
static void
print_verdicts(const struct cli *c, const json_t *verdicts)
{
	bool one = json_array_size(verdicts) == 1;

	if (!one || !out_json(c, json_array_get(verdicts, 0)))
		out_rows(c, verdicts, columns,
		    sizeof(columns) / sizeof(columns[0]), "id");
	if (c->format == OUT_TABLE)
		judge_say(verdicts);
}

int
lint_run(const struct cli *c, struct err *e)
{
	json_t *problems, *verdicts;
	struct source s;
	size_t refused = 0;
	int rc = source_load(c, &s, &problems, e);

	if (rc == 0) {
		verdicts = judge_source(c, &s, false);
		print_verdicts(c, verdicts);
		refused = judge_refused(verdicts);
		json_decref(verdicts);
	} else {
		print_unreadable(c, problems);
	}
	if (refused > 0)
		rc = err_set(e, ERR_INVALID, "lint %s: refused: correct the "
		    "errors above", s.name);
	json_decref(problems);
	source_fini(&s);
	return rc;
}
