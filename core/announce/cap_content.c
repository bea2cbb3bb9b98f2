/*
 * cap_content: the texts of a message, by language. Called by cap_map.
 */
#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "announce/cap_map.h"
#include "announce/cap_text.h"
#include "announce/cap_words.h"
#include "announce/guard.h"
#include "announce/prose.h"
#include "announce/schema.h"
#include "base/buf.h"
#include "base/mem.h"

#define OFFICE_MAX	200	/* code points */
#define AREA_MAX	300
#define CONTACT_MAX	500
#define LABEL_MAX	200
#define ELLIPSIS	"\xe2\x80\xa6"
#define BODY_SHORT	500	/* a body is never made shorter */
#define BODY_BYTES	(SCHEMA_BODY * 4)

static bool
is(const struct cap_value *v, const char *s)
{
	return strcmp(cap_str(v), s) == 0;
}

static void
set(json_t *o, const char *key, const char *value)
{
	json_object_set_new(o, key, json_string(value));
}

/* Add a Markdown paragraph, unless it is there already. */
static void
add_paragraph(struct buf *out, const char *plain, size_t max)
{
	char *cut = xstrdup(plain), *md;

	/* Escapes make it longer: leave room. */
	cap_text_cut(cut, max * 3 / 4);
	md = cap_markdown(cut, true);
	if (*md != '\0' && strstr(buf_cstr(out), md) == NULL) {
		if (out->len > 0)
			buf_str(out, "\n\n");
		buf_str(out, md);
	}
	free(md);
	free(cut);
}

static size_t
points(const char *s)
{
	size_t n = 0;

	while (prose_next(&s) != 0)
		n++;
	return n;
}

/* A link is there as a whole or not at all. False: it has no room. */
static bool
add_resource(struct buf *out, const struct cap_resource *res)
{
	const char *uri = cap_str(&res->uri);
	char *plain, *desc, *link;
	bool fits;

	if (!prose_url_ok(uri) || strpbrk(uri, "()[]") != NULL ||
	    strstr(uri, "&#") != NULL)
		return true;
	plain = xstrdup(*cap_str(&res->desc) == '\0' ? uri :
	    cap_str(&res->desc));
	cap_text_cut(plain, LABEL_MAX);
	desc = cap_markdown(plain, false);
	link = xasprintf("%s[%s](%s)", out->len > 0 ? "\n\n" : "", desc, uri);
	fits = points(buf_cstr(out)) + points(link) <= SCHEMA_BODY;
	if (fits)
		buf_str(out, link);
	free(link);
	free(desc);
	free(plain);
	return fits;
}

static void
add_resources(const struct cap_map *m, struct buf *out,
    const struct cap_info *info)
{
	for (size_t i = 0; i < info->resources.n; i++) {
		if (add_resource(out, &info->resources.v[i]))
			continue;
		cap_found(m->r, CAP_ACCEPT, "R30",
		    info->resources.v[i].uri.line, "no room for this resource "
		    "and those behind it: left out");
		return;
	}
}

/* What a cut broke: an escape, or a link, which is a line of its own. */
static void
mend(char *s)
{
	char *escape = strstr(s, "\\" ELLIPSIS), *line = strrchr(s, '\n');
	char *link;

	if (escape != NULL)
		memcpy(escape, ELLIPSIS, sizeof(ELLIPSIS));
	line = line == NULL ? s : line + 1;
	link = *line == '[' ? strstr(line, "](") : NULL;
	if (link != NULL)
		memcpy(link, ELLIPSIS, sizeof(ELLIPSIS));
}

/* Too long for a member: cut, and say so. */
static void
set_text(const struct cap_map *m, json_t *o, const char *key,
    const char *text, size_t max)
{
	char *s = xstrdup(text);

	if (cap_text_cut(s, max)) {
		cap_found(m->r, CAP_ACCEPT, "R30", 0, "%s is longer than %zu "
		    "characters: shortened", key, max);
		mend(s);
	}
	if (*s != '\0')
		set(o, key, s);
	free(s);
}

static char *
headline_of(const struct cap_map *m, const struct cap_info *info,
    const char *tag)
{
	char *where, *s;

	if (*cap_str(&info->headline) != '\0')
		return xstrdup(cap_str(&info->headline));
	where = cap_where_name(m, tag);
	s = xasprintf("%s%s%s", cap_str(&info->event),
	    *cap_str(&info->event) != '\0' && *where != '\0' ? " " : "",
	    where);
	free(where);
	if (*s != '\0')
		return s;
	free(s);
	return xstrdup(cap_str(&info->severity));
}

static void
set_body(const struct cap_map *m, json_t *text, const char *tag)
{
	const char *first = NULL;
	struct buf body;

	buf_init(&body, BODY_BYTES * CAP_INFOS);
	for (size_t i = 0; i < m->a->infos.n; i++) {
		const struct cap_info *info = &m->a->infos.v[i];
		const char *headline = cap_str(&info->headline);

		if (strcmp(m->tags[i], tag) != 0)
			continue;
		if (first != NULL && strcmp(first, headline) != 0)
			add_paragraph(&body, headline, SCHEMA_HEADLINE * 2);
		first = headline;
		add_paragraph(&body, cap_str(&info->description),
		    SCHEMA_BODY);
		add_paragraph(&body, cap_str(&info->contact), CONTACT_MAX);
		add_resources(m, &body, info);
	}
	set_text(m, text, "body", buf_cstr(&body), SCHEMA_BODY);
	buf_fini(&body);
}

/* The first response that asks for something. */
static const char *
response_of(const struct cap_info *info)
{
	for (size_t i = 0; i < info->responses.n; i++)
		if (!is(&info->responses.v[i], "None") &&
		    !is(&info->responses.v[i], "AllClear"))
			return cap_str(&info->responses.v[i]);
	return "Monitor";
}

bool
cap_clears(const struct cap_info *info)
{
	for (size_t i = 0; i < info->responses.n; i++)
		if (is(&info->responses.v[i], "AllClear"))
			return true;
	return false;
}

/* An all-clear often still carries the old advice: only what was written for
 * it is kept. */
static void
set_instruction(const struct cap_map *m, json_t *text, const char *tag)
{
	const char *response = NULL, *words;
	struct buf out;

	buf_init(&out, BODY_BYTES * CAP_INFOS);
	for (size_t i = 0; i < m->a->infos.n; i++) {
		const struct cap_info *info = &m->a->infos.v[i];

		if (strcmp(m->tags[i], tag) != 0)
			continue;
		if (response == NULL)
			response = response_of(info);
		if (!m->all_clear || cap_clears(info))
			add_paragraph(&out, cap_str(&info->instruction),
			    SCHEMA_INSTRUCTION);
	}
	if (out.len == 0 && !m->all_clear && response != NULL) {
		words = cap_words_response(tag, response);
		buf_str(&out, words == NULL ? "" : words);
	}
	set_text(m, text, "instruction", buf_cstr(&out),
	    SCHEMA_INSTRUCTION);
	buf_fini(&out);
}

static const struct {
	const char *parameter, *member;
	size_t max;
} written[] = {
	{ "layer:sms", "sms", SCHEMA_SMS },
	{ "CMAMtext", "sms", SCHEMA_SMS },
	{ "layer:display", "sign", SCHEMA_SIGN },
};

/* Texts that the office wrote for one kind of channel. */
static void
set_written(const struct cap_map *m, json_t *text,
    const struct cap_info *info)
{
	bool odd = false;

	for (size_t i = 0; i < sizeof(written) / sizeof(written[0]); i++) {
		const char *s = cap_pair_get(&info->parameters,
		    written[i].parameter);
		char *plain;

		if (*s == '\0' || json_object_get(text, written[i].member))
			continue;
		plain = cap_text(s, false, &odd);
		if (strpbrk(plain, "<[") == NULL)
			set_text(m, text, written[i].member, plain,
			    written[i].max);
		free(plain);
	}
}

/* "<b" would read as HTML where nothing is escaped. */
static void
defuse(char *s)
{
	for (; *s != '\0'; s++)
		if (*s == '<' && s[1] != ' ' && !isdigit((unsigned char)s[1]))
			*s = '(';
}

/* Is the description that of an earlier info in another language? */
static bool
untranslated(const struct cap_map *m, size_t i)
{
	const char *s = cap_str(&m->a->infos.v[i].description);

	for (size_t k = 0; k < i && *s != '\0'; k++)
		if (strcmp(m->tags[k], m->tags[i]) != 0 &&
		    is(&m->a->infos.v[k].description, s))
			return true;
	return false;
}

/*
 * Federal warnings come with a general headline in other languages ("Alert"),
 * over a German description. Over an all-clear that would frighten people.
 */
static void
set_headline(const struct cap_map *m, json_t *text, size_t i)
{
	const char *tag = m->tags[i], *word = NULL;
	char *s = headline_of(m, &m->a->infos.v[i], tag);

	if (untranslated(m, i)) {
		cap_found(m->r, CAP_ACCEPT, "R29", 0,
		    "the description is not translated to \"%s\"", tag);
		word = m->all_clear ? cap_words_all_clear(tag) : NULL;
	}
	defuse(s);
	set_text(m, text, "headline", word == NULL ? s : word,
	    SCHEMA_HEADLINE);
	free(s);
}

static json_t *
text_of(const struct cap_map *m, size_t first)
{
	const struct cap_info *info = &m->a->infos.v[first];
	const char *tag = m->tags[first];
	json_t *text = json_object();

	set_headline(m, text, first);
	set_body(m, text, tag);
	set_instruction(m, text, tag);
	set_written(m, text, info);
	return text;
}

/* A Cancel need not have any text. */
static json_t *
cancel_texts(void)
{
	return json_pack("{s:{s:s, s:s}, s:{s:s, s:s}}",
	    "de", "headline", "Entwarnung",
	    "body", "Die frühere Warnung ist aufgehoben.",
	    "en", "headline", "All clear",
	    "body", "The earlier warning has been cancelled.");
}

static bool
is_first(const struct cap_map *m, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(m->tags[k], m->tags[i]) == 0)
			return false;
	return true;
}

static const char *
office_of(const struct cap_info *info)
{
	const char *name = cap_pair_get(&info->parameters,
	    "sender_langname");

	return *name == '\0' ? cap_str(&info->sender_name) : name;
}

void
cap_set_short(json_t *o, const char *key, char *s, size_t max)
{
	bool odd = false;
	char *plain = cap_text(s, true, &odd);

	defuse(plain);
	cap_text_cut(plain, max);
	if (*plain != '\0')
		set(o, key, plain);
	free(plain);
	free(s);
}

void
cap_content(const struct cap_map *m, json_t *j, json_t *area)
{
	json_t *content = json_object(), *office = json_object();
	json_t *names = json_object();

	for (size_t i = 0; i < m->a->infos.n; i++) {
		if (!is_first(m, i))
			continue;
		json_object_set_new(content, m->tags[i], text_of(m, i));
		cap_set_short(office, m->tags[i],
		    xstrdup(office_of(&m->a->infos.v[i])), OFFICE_MAX);
		cap_set_short(names, m->tags[i],
		    cap_where_name(m, m->tags[i]), AREA_MAX);
	}
	if (m->a->infos.n == 0) {
		json_decref(content);
		content = cancel_texts();
	}
	json_object_set_new(j, "content", content);
	json_object_set_new(j, "office", office);
	json_object_set_new(area, "name", names);
}

/* Texts of many languages may each be good and together too many. */
void
cap_content_fit(const struct cap_map *m, json_t *j)
{
	size_t max = SCHEMA_BODY;
	const char *tag;
	json_t *text;

	while (json_dumpb(j, NULL, 0, JSON_COMPACT) > GUARD_ANNOUNCEMENT &&
	    max > BODY_SHORT) {
		max /= 2;
		json_object_foreach(json_object_get(j, "content"), tag, text) {
			const char *body = json_string_value(json_object_get(
			    text, "body"));

			if (body != NULL)
				set_text(m, text, "body", body, max);
		}
	}
}
