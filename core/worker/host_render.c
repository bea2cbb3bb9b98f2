/*
 * host_render: collects what a plugin writes inside render. Pure: the same
 * calls give the same rendition. Called through the host's table and by
 * render.c.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "worker/host.h"
#include "worker/host_render.h"
#include "worker/out.h"
#include "worker/rendition.h"

#define NOTES_MAX	256	/* warnings, measures, notes each */

struct lf_out *
out_new(struct lf_channel *ch)
{
	struct lf_out *out = xcalloc(1, sizeof(*out));

	out->ch = ch;
	buf_init(&out->body, RENDITION_BODY);
	return out;
}

static void
give_back(struct lf_out *out)
{
	struct out_string *s;

	while ((s = out->strings) != NULL) {
		out->strings = s->next;
		free(s->s);
		free(s);
	}
}

static void
drop(struct lf_out *out)
{
	give_back(out);
	json_decref(out->slots);
	json_decref(out->measures);
	json_decref(out->meta);
	json_decref(out->warnings);
	json_decref(out->refusal);
	free(out->failure);
	out->failure = NULL;
	out->slots = out->measures = out->meta = NULL;
	out->warnings = out->refusal = NULL;
	buf_clear(&out->body);
}

void
out_free(struct lf_out **op)
{
	struct lf_out *out = *op;

	if (out == NULL)
		return;
	*op = NULL;
	drop(out);
	buf_fini(&out->body);
	free(out);
}

void
out_begin(struct lf_out *out)
{
	drop(out);
	out->slots = json_array();
	out->measures = json_array();
	out->meta = json_object();
	out->warnings = json_array();
	out->active = 1;
}

/* -1 without out_refuse, or a body beyond the limit, is a refusal too. */
static void
judge(struct lf_out *out, int rc)
{
	if (rc != 0 && out->refusal == NULL)
		out->refusal = json_pack("[ss]", "refused",
		    "the plugin gave no reason");
	else if (rc == 0 && out->refusal == NULL && !buf_ok(&out->body))
		out->refusal = json_pack("[ss]", "too-long",
		    "the rendition is longer than 8 MiB");
}

json_t *
out_end(struct lf_out *out, int rc, const char **slug_r,
    const char **text_r)
{
	json_t *json;

	out->active = 0;
	give_back(out);
	judge(out, rc);
	if (out->refusal != NULL) {
		*slug_r = json_string_value(json_array_get(out->refusal, 0));
		*text_r = json_string_value(json_array_get(out->refusal, 1));
		return NULL;
	}
	json = rendition_json(buf_cstr(&out->body), out->body.len,
	    out->slots, out->measures, out->meta, out->warnings);
	out->slots = out->measures = out->meta = out->warnings = NULL;
	return json;
}

void
out_check(const struct lf_out *out, const char *what)
{
	if (!out->active)
		host_broken(out->ch, 0, "%s outside render", what);
}

const char *
out_lend(struct lf_out *out, char *s)
{
	struct out_string *o = xcalloc(1, sizeof(*o));

	o->s = s;
	o->next = out->strings;
	out->strings = o;
	return s;
}

/* A text for JSON; what is not UTF-8 ends the worker. */
static json_t *
text_of(const struct lf_out *out, const char *s)
{
	json_t *text = json_string(s != NULL ? s : "");

	if (text == NULL)
		host_broken(out->ch, 0, "render: a text is not UTF-8");
	return text;
}

static void
note(struct lf_out *out, json_t *list, json_t *row)
{
	if (json_array_size(list) >= NOTES_MAX)
		host_broken(out->ch, 0, "render: more than %d notes",
		    NOTES_MAX);
	json_array_append_new(list, row);
}

void
out_text(struct lf_out *out, const char *s)
{
	out_check(out, "out_text");
	buf_str(&out->body, s);
}

void
out_bytes(struct lf_out *out, const void *p, uint64_t len)
{
	out_check(out, "out_bytes");
	buf_add(&out->body, p, (size_t)len);
}

void
out_slot(struct lf_out *out, const char *name, uint32_t escape)
{
	out_check(out, "out_slot");
	if ((strcmp(name, "address") != 0 && strcmp(name, "key") != 0) ||
	    escape > LF_ESC_URL)
		host_broken(out->ch, 0, "out_slot: unknown slot or escape");
	if (json_array_size(out->slots) >= RENDITION_SLOTS)
		host_broken(out->ch, 0, "out_slot: more than %d slots",
		    RENDITION_SLOTS);
	json_array_append_new(out->slots, json_pack("[Isi]",
	    (json_int_t)out->body.len, name, (int)escape));
}

void
out_measure(struct lf_out *out, const char *name, int64_t n)
{
	out_check(out, "out_measure");
	note(out, out->measures, json_pack("[oI]", text_of(out, name),
	    (json_int_t)n));
}

void
out_meta(struct lf_out *out, const char *key, const char *value)
{
	out_check(out, "out_meta");
	if (json_object_size(out->meta) >= NOTES_MAX ||
	    json_object_set_new(out->meta, key, text_of(out, value)) != 0)
		host_broken(out->ch, 0, "out_meta: a key is not UTF-8, or "
		    "there are more than %d", NOTES_MAX);
}

void
out_warn(struct lf_out *out, const char *slug, const char *text)
{
	out_check(out, "out_warn");
	note(out, out->warnings, json_pack("[oo]", text_of(out, slug),
	    text_of(out, text)));
}

/* With what the host knows better than the plugin. */
void
out_refuse(struct lf_out *out, const char *slug, const char *text)
{
	struct buf why;

	out_check(out, "out_refuse");
	buf_init(&why, 4096);
	buf_str(&why, text != NULL ? text : "");
	if (out->failure != NULL)
		buf_fmt(&why, " (%s)", out->failure);
	json_decref(out->refusal);
	out->refusal = json_pack("[oo]", text_of(out, slug),
	    text_of(out, buf_cstr(&why)));
	buf_fini(&why);
}
