/*
 * fields: reads struct lf_announcement by a table of its members. Decides
 * nothing. Called by compose.
 */
#include "config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <utf8proc.h>

#include "text/fields.h"
#include "text/utf8.h"
#include "text/words.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))
#define TEXT(m)	{ #m, offsetof(struct lf_announcement, m) }

static const struct {
	const char *name;
	size_t at;	/* of the pointer */
} texts[] = {
	TEXT(id), TEXT(chain), TEXT(kind), TEXT(msg_type), TEXT(status),
	TEXT(lane), TEXT(category), TEXT(severity), TEXT(urgency),
	TEXT(certainty), TEXT(lang), TEXT(wanted), TEXT(dir), TEXT(mark),
	TEXT(headline), TEXT(teaser), TEXT(body), TEXT(instruction),
	TEXT(sms), TEXT(sign), TEXT(voice), TEXT(sender), TEXT(sender_short),
	TEXT(sender_domain), TEXT(office), TEXT(area), TEXT(link),
	TEXT(link_label), TEXT(question),
};

static json_t *
repaired(const char *s)
{
	size_t len = strlen(s);
	struct buf b;
	json_t *text;
	int32_t cp;

	buf_init(&b, 3 * len);
	for (size_t i = 0; i < len;) {
		i += utf8_decode(s + i, len - i, &cp);
		utf8_put(&b, cp);
	}
	text = json_string(buf_cstr(&b));
	buf_fini(&b);
	return text;
}

static void
set_text(json_t *o, const char *name, const char *s)
{
	json_t *text = json_string(s);

	json_object_set_new(o, name, text != NULL ? text : repaired(s));
}

static void
set_bool(json_t *o, const char *name, bool value)
{
	json_object_set_new(o, name, json_boolean(value));
}

static void
set_texts(json_t *o, const struct lf_announcement *a)
{
	const char *s;

	for (size_t i = 0; i < N(texts); i++) {
		memcpy(&s, (const char *)a + texts[i].at, sizeof(s));
		set_text(o, texts[i].name, s);
	}
}

static void
set_flags(json_t *o, const struct lf_announcement *a)
{
	set_bool(o, "is_warning", strcmp(a->kind, "warning") == 0);
	set_bool(o, "is_all_clear", strcmp(a->kind, "all_clear") == 0);
	set_bool(o, "is_correction", strcmp(a->kind, "correction") == 0);
	set_bool(o, "is_update", strcmp(a->msg_type, "update") == 0);
	set_bool(o, "is_exercise", a->flags & LF_ANN_EXERCISE);
	set_bool(o, "is_test", a->flags & LF_ANN_TEST);
	set_bool(o, "is_fallback", a->flags & LF_ANN_FALLBACK);
	set_bool(o, "is_link_only", a->flags & LF_ANN_LINK_ONLY);
	set_text(o, "fallback_hint", a->flags & LF_ANN_FALLBACK ?
	    words_get(a->wanted, "fallback_hint") : "");
}

static void
set_times(json_t *o, const struct lf_announcement *a, fields_when_fn *when,
    void *arg)
{
	const struct {
		const char *name;
		int64_t t;
		bool brief;
	} times[] = {
		{ "sent", a->sent, false }, { "starts", a->starts, false },
		{ "expires", a->expires, false },
		{ "starts_brief", a->starts, true },
		{ "expires_brief", a->expires, true },
	};
	struct buf b;

	buf_init(&b, 256);
	for (size_t i = 0; i < N(times); i++) {
		buf_clear(&b);
		if (times[i].t != 0)
			when(arg, a->lang, times[i].t, times[i].brief, &b);
		set_text(o, times[i].name, buf_cstr(&b));
	}
	buf_fini(&b);
}

static json_t *
options_json(const struct lf_announcement *a)
{
	json_t *list = json_array(), *o;

	for (uint32_t i = 0; i < a->n_options; i++) {
		o = json_object();
		set_text(o, "id", a->options[i].id);
		set_text(o, "label", a->options[i].label);
		json_object_set_new(o, "number", json_integer(i + 1));
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *
attachments_json(const struct lf_announcement *a)
{
	json_t *list = json_array(), *o;

	for (uint32_t i = 0; i < a->n_attachments; i++) {
		o = json_object();
		set_text(o, "alt", a->attachments[i].alt);
		set_text(o, "type", a->attachments[i].type);
		set_text(o, "file", a->attachments[i].file);
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *
words_json(const struct lf_announcement *a)
{
	json_t *o = json_object();
	const char *key;

	for (size_t i = 0; (key = words_key(i)) != NULL; i++)
		set_text(o, key, words_get(a->lang, key));
	return o;
}

static bool
is_drill(const struct lf_announcement *a)
{
	return a->flags & (LF_ANN_EXERCISE | LF_ANN_TEST);
}

/* The severity in words: "große Gefahr". A drill frightens nobody. */
static void
set_severity_text(json_t *o, const struct lf_announcement *a)
{
	const char *word = NULL;
	char key[40];

	snprintf(key, sizeof(key), "severity_%s", a->severity);
	if (strcmp(a->severity, "unknown") != 0 && !is_drill(a))
		word = words_get(a->lang, key);
	set_text(o, "severity_text", word == NULL ? "" : word);
}

/* Only its letters and digits, without case. */
static void
letters_add(const char *s, struct buf *out)
{
	size_t len = strlen(s);
	int32_t cp;

	for (size_t i = 0; i < len;) {
		i += utf8_decode(s + i, len - i, &cp);
		if (utf8_is_word(cp))
			utf8_put(out, utf8proc_tolower(cp));
	}
}

/* "All clear: ..." has "All-clear" in it, "Sturmwarnung" has "Warnung". */
static bool
says(const char *s, const char *word)
{
	struct buf in, what;
	bool found;

	buf_init(&in, 4 * strlen(s));
	buf_init(&what, 4 * strlen(word));
	letters_add(s, &in);
	letters_add(word, &what);
	found = strstr(buf_cstr(&in), buf_cstr(&what)) != NULL;
	buf_fini(&in);
	buf_fini(&what);
	return found;
}

/* What kind of message it is, unless the headline says so itself. */
static void
set_label(json_t *o, const struct lf_announcement *a)
{
	const char *key = NULL, *word = "";

	if (strcmp(a->kind, "correction") == 0)
		key = a->kind;
	else if (strcmp(a->kind, "all_clear") == 0)
		/* What ended was no danger: a search, a closure. */
		key = strcmp(a->severity, "info") == 0 ? NULL : a->kind;
	else if (strcmp(a->msg_type, "update") == 0)
		key = "update";
	else if (strcmp(a->kind, "warning") == 0 && !is_drill(a))
		key = "warning";
	if (key != NULL)
		word = words_get(a->lang, key);
	set_text(o, "label", says(a->headline, word) ? "" : word);
}

json_t *
fields_json(const struct lf_announcement *a, fields_when_fn *when, void *arg)
{
	json_t *o = json_object();

	set_texts(o, a);
	set_flags(o, a);
	set_severity_text(o, a);
	set_label(o, a);
	set_times(o, a, when, arg);
	json_object_set_new(o, "options", options_json(a));
	json_object_set_new(o, "attachments", attachments_json(a));
	json_object_set_new(o, "w", words_json(a));
	return o;
}
