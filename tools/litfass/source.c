/*
 * source: from a file name to a list of announcements. Judges nothing but the
 * form of the file. Called by publish, lint and preview.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "announce/announce.h"
#include "announce/cap.h"
#include "announce/guard.h"
#include "base/buf.h"
#include "base/mem.h"
#include "source.h"

static enum err_code
code_of(int error)
{
	if (error == ENOENT)
		return ERR_NOT_FOUND;
	return error == EACCES ? ERR_DENIED : ERR_FAILED;
}

int
source_read(const char *path, size_t max, char **text_r, size_t *len_r,
    struct err *e)
{
	bool in = strcmp(path, "-") == 0;
	FILE *f = in ? stdin : fopen(path, "re");
	char part[16384];
	struct buf b;
	size_t n;
	int error;

	if (f == NULL)
		return err_set(e, code_of(errno), "read %s: %s: check the "
		    "name of the file", path, strerror(errno));
	buf_init(&b, max);
	while (buf_ok(&b) && (n = fread(part, 1, sizeof(part), f)) > 0)
		buf_add(&b, part, n);
	error = ferror(f) ? errno : 0;
	if (!in)
		fclose(f);
	if (error == 0 && buf_ok(&b)) {
		*len_r = b.len;
		*text_r = b.len == 0 ? xstrdup("") : buf_steal(&b);
		return 0;
	}
	if (error != 0)
		err_set(e, code_of(error), "read %s: %s: check the file",
		    path, strerror(error));
	else
		err_set(e, ERR_INVALID, "read %s: it has more than %zu "
		    "bytes: split it", path, max);
	buf_fini(&b);
	return -1;
}

/* ------------------------------------------------------------------ JSON -- */

static int
take_json(struct source *s, const char *text, size_t len,
    json_t **problems_r, struct err *e)
{
	struct problems p;
	json_t *root;

	problems_init(&p);
	root = guard_load(text, len, GUARD_FILE, &p);
	if (root == NULL) {
		*problems_r = problems_json(&p);
		problems_fini(&p);
		return err_set(e, ERR_INVALID, "read %s: this is not an "
		    "announcement: see above", s->name);
	}
	problems_fini(&p);
	s->items = announce_split(root, &s->issuer);
	s->issuer = json_incref(s->issuer);
	json_decref(root);
	return 0;
}

static void
take_cap(struct source *s, const char *xml, size_t len)
{
	struct cap_policy policy;
	struct cap_report report;
	json_t *item = NULL;

	cap_policy_init(&policy);
	cap_read(xml, len, &policy, &item, &report);
	s->cap = cap_report_json(&report);
	s->items = json_array();
	if (item != NULL)
		json_array_append_new(s->items, item);
	cap_report_fini(&report);
}

int
source_need(const struct source *s, struct err *e)
{
	const char *why;

	if (json_array_size(s->items) > 0)
		return 0;
	if (s->cap == NULL)
		return err_set(e, ERR_INVALID, "read %s: there is no "
		    "announcement in it: add one", s->name);
	why = json_string_value(json_object_get(s->cap, "withheld"));
	if (why != NULL && *why != '\0')
		return err_set(e, ERR_INVALID, "read %s: this message is not "
		    "for the public: %s: nothing is to be done", s->name,
		    why);
	return err_set(e, ERR_INVALID, "read %s: this message is rejected: "
	    "litfass lint --cap %s tells why", s->name, s->name);
}

static int
keep_one(struct source *s, const char *id, struct err *e)
{
	json_t *item, *one = NULL;
	size_t i;

	json_array_foreach(s->items, i, item) {
		const char *has = json_string_value(json_object_get(item,
		    "id"));

		if (has != NULL && strcmp(has, id) == 0)
			one = item;
	}
	if (one == NULL)
		return err_set(e, ERR_NOT_FOUND, "read %s: %.72s: there is "
		    "no announcement of this id in it: litfass lint -f %s "
		    "-o id lists them", s->name, id, s->name);
	item = json_pack("[O]", one);
	json_decref(s->items);
	s->items = item;
	return 0;
}

int
source_load(const struct cli *c, struct source *s, json_t **problems_r,
    struct err *e)
{
	const char *file = c->opt[OPT_FILE], *cap = c->opt[OPT_CAP];
	char *text;
	size_t len;
	int rc = 0;

	memset(s, 0, sizeof(*s));
	*problems_r = NULL;
	if ((file == NULL) == (cap == NULL))
		return err_set(e, ERR_USAGE, "litfass %s: give one file: -f "
		    "FILE for an announcement or --cap FILE for a CAP "
		    "warning", c->command->name);
	s->name = xstrdup(cap != NULL ? cap : file);
	if (source_read(s->name, cap != NULL ? CAP_BYTES_MAX : GUARD_FILE,
	    &text, &len, e) == -1)
		return -1;
	if (cap != NULL)
		take_cap(s, text, len);
	else
		rc = take_json(s, text, len, problems_r, e);
	free(text);
	if (rc == 0 && c->opt[OPT_ID] != NULL)
		rc = keep_one(s, c->opt[OPT_ID], e);
	return rc;
}

void
source_fini(struct source *s)
{
	free(s->name);
	json_decref(s->items);
	json_decref(s->issuer);
	json_decref(s->cap);
	memset(s, 0, sizeof(*s));
}
