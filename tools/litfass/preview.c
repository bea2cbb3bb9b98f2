/*
 * preview: show what channels would send, of a file or of an announcement
 * that litfassd has.
 */
#include "config.h"

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
	    &result, e) == -1)
		return -1;
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
