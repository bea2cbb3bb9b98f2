/*
 * view: fill struct lf_announcement of the plugin contract. Reads no clock
 * and decides nothing but what privacy rules say. Called by the worker.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "announce/lang.h"
#include "announce/texts.h"
#include "announce/view.h"
#include "base/mem.h"

struct view {
	struct lf_announcement main;
	struct lf_announcement *all;
};

/* What every language of one view has in common. */
struct frame {
	const struct announce *a;
	const struct issuer *issuer;
	const char *chain;
	bool in_full, attachments;
};

static const struct {
	const char *lang, *exercise, *test;
} marks[] = {
	{ "en", "EXERCISE", "TEST" },	/* also for languages not listed */
	{ "de", "ÜBUNG", "TEST" },
	{ "ar", "تمرين", "اختبار" },
	{ "bg", "УЧЕНИЕ", "ТЕСТ" },
	{ "cs", "CVIČENÍ", "TEST" },
	{ "el", "ΑΣΚΗΣΗ", "ΔΟΚΙΜΗ" },
	{ "es", "SIMULACRO", "PRUEBA" },
	{ "fa", "تمرین", "آزمایش" },
	{ "fr", "EXERCICE", "TEST" },
	{ "hr", "VJEŽBA", "TEST" },
	{ "it", "ESERCITAZIONE", "TEST" },
	{ "nl", "OEFENING", "TEST" },
	{ "pl", "ĆWICZENIA", "TEST" },
	{ "pt", "EXERCÍCIO", "TESTE" },
	{ "ro", "EXERCIȚIU", "TEST" },
	{ "ru", "УЧЕНИЯ", "ТЕСТ" },
	{ "sr", "VEŽBA", "TEST" },
	{ "tr", "TATBİKAT", "TEST" },
	{ "uk", "НАВЧАННЯ", "ТЕСТ" },
};

const char *
view_mark(const char *status, const char *lang)
{
	size_t found = 0;

	if (strcmp(status, "exercise") != 0 && strcmp(status, "test") != 0)
		return "";
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (lang_related(marks[i].lang, lang))
			found = i;
	return strcmp(status, "test") == 0 ? marks[found].test :
	    marks[found].exercise;
}

static int64_t
seconds(struct wall w)
{
	return w.us / CLOCK_SECOND;
}

static const char *
pick(const struct frame *f, json_t *o, const char *key, const char *lang)
{
	return texts_pick(json_object_get(o, key), lang,
	    f->issuer->default_language);
}

static const char *
plain(json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s == NULL ? "" : s;
}

static void
fill_control(const struct frame *f, struct lf_announcement *v)
{
	const struct announce *a = f->a;

	v->size = sizeof(*v);
	v->version = a->version;
	v->id = a->id;
	v->chain = f->chain;
	v->kind = a->kind;
	v->msg_type = a->msg_type;
	v->status = a->status;
	v->lane = a->lane;
	v->category = a->category;
	v->severity = a->severity;
	v->urgency = a->urgency;
	v->certainty = a->certainty;
	v->sent = seconds(a->sent);
	v->starts = seconds(a->starts);
	v->expires = seconds(a->expires);
	v->groups = a->groups.list;
	v->n_groups = (uint32_t)a->groups.n;
	v->references = a->references.list;
	v->n_references = (uint32_t)a->references.n;
	if (strcmp(a->status, "exercise") == 0)
		v->flags |= LF_ANN_EXERCISE;
	if (strcmp(a->status, "test") == 0)
		v->flags |= LF_ANN_TEST;
}

/* Without permission for the text: what makes people follow the link. */
static void
fill_texts(const struct frame *f, struct lf_announcement *v)
{
	json_t *c = json_object_get(json_object_get(f->a->json, "content"),
	    v->lang);

	v->headline = plain(c, "headline");
	v->teaser = plain(c, "teaser");
	v->body = v->instruction = v->sms = v->sign = v->voice = "";
	if (!f->in_full) {
		v->flags |= LF_ANN_LINK_ONLY;
		return;
	}
	v->body = plain(c, "body");
	v->instruction = plain(c, "instruction");
	v->sms = plain(c, "sms");
	v->sign = plain(c, "sign");
	v->voice = plain(c, "voice");
}

static void
fill_frame(const struct frame *f, struct lf_announcement *v)
{
	json_t *j = f->a->json, *link = json_object_get(j, "link");

	v->dir = lang_dir(v->lang);
	v->mark = view_mark(f->a->status, v->lang);
	v->sender = issuer_name(f->issuer, v->lang);
	v->sender_short = f->issuer->sender_short;
	v->sender_domain = f->issuer->domain;
	v->office = pick(f, j, "office", v->lang);
	v->area = pick(f, json_object_get(j, "area"), "name", v->lang);
	v->link = plain(link, "url");
	v->link_label = pick(f, link, "label", v->lang);
}

static void
fill_attachments(const struct frame *f, struct lf_announcement *v)
{
	json_t *list = json_object_get(f->a->json, "attachments"), *it;
	struct lf_attachment *out;
	size_t i;

	if (!f->attachments || json_array_size(list) == 0)
		return;
	out = xcalloc(json_array_size(list), sizeof(*out));
	json_array_foreach(list, i, it) {
		out[i].size = sizeof(out[i]);
		out[i].type = plain(it, "type");
		out[i].role = plain(it, "role");
		out[i].file = plain(it, "file");
		out[i].mime = plain(it, "mime");
		out[i].alt = pick(f, it, "alt", v->lang);
	}
	v->attachments = out;
	v->n_attachments = (uint32_t)json_array_size(list);
}

static void
fill_poll(const struct frame *f, struct lf_announcement *v)
{
	json_t *poll = json_object_get(f->a->json, "poll"), *it;
	json_t *list = json_object_get(poll, "options");
	struct lf_option *out;
	size_t i;

	v->question = "";
	if (!f->in_full || json_array_size(list) == 0)
		return;
	v->question = pick(f, poll, "question", v->lang);
	out = xcalloc(json_array_size(list), sizeof(*out));
	json_array_foreach(list, i, it) {
		out[i].id = plain(it, "id");
		out[i].label = pick(f, it, "label", v->lang);
	}
	v->options = out;
	v->n_options = (uint32_t)json_array_size(list);
}

static void
fill(const struct frame *f, struct lf_announcement *v, const char *lang)
{
	v->lang = v->wanted = lang;
	fill_control(f, v);
	fill_texts(f, v);
	fill_frame(f, v);
	fill_attachments(f, v);
	fill_poll(f, v);
}

/* The issuer's default first, the others by tag. */
static void
fill_all(const struct frame *f, struct view *v)
{
	const struct names *langs = &f->a->languages;
	const char *def = f->issuer->default_language;
	size_t first, n = 0;
	struct lang_choice c;

	c = lang_choose(&def, 1, langs->list, langs->n, def);
	first = c.index < 0 ? 0 : (size_t)c.index;
	v->all = xcalloc(langs->n + 1, sizeof(*v->all));
	if (langs->n > 0)
		fill(f, &v->all[n++], langs->list[first]);
	for (size_t i = 0; i < langs->n; i++)
		if (i != first)
			fill(f, &v->all[n++], langs->list[i]);
	v->main.all = v->all;
	v->main.n_all = (uint32_t)n;
}

static void
note_fallback(const struct announce *a, struct lf_announcement *v,
    const char *wanted)
{
	struct lang_choice c;

	c = lang_choose(&wanted, 1, a->languages.list, a->languages.n, NULL);
	if (!c.fallback && lang_related(wanted, v->lang))
		return;
	v->flags |= LF_ANN_FALLBACK;
	v->wanted = wanted;
}

struct view *
view_new(const struct announce *a, const struct issuer *issuer,
    const struct view_for *who)
{
	const char *lang = who->lang, *plugin = who->plugin;
	struct frame f = { .a = a, .issuer = issuer,
		.chain = who->chain == NULL ? a->id : who->chain,
		.in_full = plugin == NULL ||
		    announce_in_full(a, who->channel, plugin),
		.attachments = plugin == NULL ||
		    announce_with_attachments(a, who->channel, plugin) };
	struct view *v = xcalloc(1, sizeof(*v));
	struct lang_choice c;

	c = lang_choose(&lang, 1, a->languages.list, a->languages.n,
	    issuer->default_language);
	fill(&f, &v->main, c.index < 0 ? issuer->default_language :
	    a->languages.list[c.index]);
	note_fallback(a, &v->main, who->wanted == NULL ? lang : who->wanted);
	fill_all(&f, v);
	return v;
}

/* calloc gave both; the contract only lends them out as const. */
static void
drop_arrays(const struct lf_announcement *v)
{
	union {
		const void *lent;
		void *own;
	} attachments = { v->attachments }, options = { v->options };

	free(attachments.own);
	free(options.own);
}

void
view_free(struct view **v)
{
	if (*v == NULL)
		return;
	for (uint32_t i = 0; i < (*v)->main.n_all; i++)
		drop_arrays(&(*v)->all[i]);
	drop_arrays(&(*v)->main);
	free((*v)->all);
	free(*v);
	*v = NULL;
}

const struct lf_announcement *
view_get(const struct view *v)
{
	return &v->main;
}
