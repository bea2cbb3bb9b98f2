/*
 * check: the rules of an announcement, one function each, and the questions
 * that need the issuer and the clock. Called by announce.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "announce/announce.h"
#include "announce/check.h"
#include "announce/issuer.h"
#include "announce/lang.h"
#include "announce/prose.h"
#include "announce/schema.h"
#include "base/buf.h"

static bool
is(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

static const char *
content_text(const struct announce *a, const char *lang, const char *key)
{
	const char *s = json_string_value(json_object_get(json_object_get(
	    json_object_get(a->json, "content"), lang), key));

	return s == NULL ? "" : s;
}

static bool
needs_instruction(const struct announce *a)
{
	if (is(a->msg_type, "cancel") || is(a->kind, "all_clear"))
		return false;
	return is(a->kind, "warning") || is(a->severity, "extreme") ||
	    is(a->severity, "severe");
}

static void
check_instruction(const struct announce *a, struct problems *p)
{
	struct place at = { "", 0 };
	bool official = json_object_get(a->json, "source") != NULL;

	if (!needs_instruction(a))
		return;
	for (size_t i = 0; i < a->languages.n; i++) {
		const char *lang = a->languages.list[i];

		if (!prose_blank(content_text(a, lang, "instruction")))
			continue;
		place_back(&at, 0);
		place_key(&at, "content");
		place_key(&at, lang);
		place_key(&at, "instruction");
		/* Somebody else's warning must not be lost over this. */
		problem_add(p, official ? PROBLEM_WARN : PROBLEM_ERROR,
		    at.text, "missing-instruction", "people who are warned "
		    "must learn what to do: add one or two sentences");
	}
}

static const char *const must_end[] = { "warning", "event", "livestream",
	"poll" };

static void
check_expires(const struct announce *a, struct problems *p)
{
	bool needed = a->groups.n > 0;

	if (json_object_get(a->json, "expires") != NULL &&
	    !json_is_null(json_object_get(a->json, "expires")))
		return;
	for (size_t i = 0; i < sizeof(must_end) / sizeof(must_end[0]); i++)
		needed = needed || is(a->kind, must_end[i]);
	if (needed)
		problem_add(p, PROBLEM_ERROR, "/expires", "missing-expires",
		    "without an end it would stay on displays and be sent "
		    "when it is long over: say until when it is valid");
}

static void
check_order(const struct announce *a, struct problems *p)
{
	if (a->expires.us == 0)
		return;
	if (a->starts.us > 0 && a->expires.us <= a->starts.us)
		problem_add(p, PROBLEM_ERROR, "/expires",
		    "expires-before-starts", "it ends before it starts, so "
		    "nobody would see it: correct one of the times");
	else if (a->expires.us <= a->sent.us)
		problem_add(p, PROBLEM_ERROR, "/expires",
		    "expires-before-starts", "it is over before it is sent: "
		    "correct one of the times");
}

/* At least one text, and no empty one. */
static bool
has_text(json_t *texts)
{
	const char *tag, *s = json_string_value(texts);
	json_t *v;

	if (s != NULL)
		return !prose_blank(s);
	json_object_foreach(texts, tag, v) {
		s = json_string_value(v);
		if (s == NULL || prose_blank(s))
			return false;
	}
	return json_object_size(texts) > 0;
}

static void
check_alt(const struct announce *a, struct problems *p)
{
	json_t *item, *list = json_object_get(a->json, "attachments");
	struct place at = { "", 0 };
	size_t i;

	json_array_foreach(list, i, item) {
		if (!json_is_object(item) ||
		    has_text(json_object_get(item, "alt")))
			continue;
		place_back(&at, 0);
		place_key(&at, "attachments");
		place_index(&at, i);
		place_key(&at, "alt");
		problem_add(p, PROBLEM_ERROR, at.text, "missing-alt-text",
		    "who can't see it gets nothing: describe in words what "
		    "it shows");
	}
}

static void
check_link_only(const struct announce *a, struct problems *p)
{
	bool needed = a->link_only.n > 0 || a->full_text.n > 0 ||
	    a->personal_data;

	if (needed && !json_is_object(json_object_get(a->json, "link")))
		problem_add(p, PROBLEM_ERROR, "/link", "missing-link",
		    "privacy lets some channels carry only a link, and there "
		    "is none: add it");
}

static void
check_references(const struct announce *a, struct problems *p)
{
	if (a->id[0] != '\0' && names_have(&a->references, a->id))
		problem_add(p, PROBLEM_ERROR, "/references", "bad-reference",
		    "it refers to itself: name the earlier announcement");
	if (a->references.n == 0 && is(a->msg_type, "cancel"))
		problem_add(p, PROBLEM_ERROR, "/references", "bad-reference",
		    "it cancels nothing: name what it takes back");
	else if (a->references.n == 0 && is(a->msg_type, "update"))
		problem_add(p, PROBLEM_WARN, "/references", "bad-reference",
		    "it updates nothing and is treated as new: name the "
		    "earlier announcement");
}

static const char *const prose_keys[] = { "headline", "teaser", "body",
	"instruction", "sms", "sign", "voice" };

#define PROSE_KEYS	(sizeof(prose_keys) / sizeof(prose_keys[0]))

static void
check_address(const struct announce *a, struct problems *p)
{
	struct place at = { "", 0 };

	for (size_t i = 0; i < a->languages.n; i++) {
		const char *lang = a->languages.list[i];
		struct prose_address form = { false, false };

		if (!lang_related(lang, "de"))
			continue;
		for (size_t k = 0; k < PROSE_KEYS; k++)
			prose_address(content_text(a, lang, prose_keys[k]),
			    &form);
		if (!form.formal || !form.informal)
			continue;
		place_back(&at, 0);
		place_key(&at, "content");
		place_key(&at, lang);
		problem_add(p, PROBLEM_WARN, at.text, "mixed-address",
		    "readers are addressed as Sie and as du: choose one");
	}
}

static void
check_tables(const struct announce *a, struct problems *p)
{
	static const char *const markup[] = { "body", "instruction" };
	struct place at = { "", 0 };

	for (size_t i = 0; i < 2 * a->languages.n; i++) {
		const char *lang = a->languages.list[i / 2];

		if (!prose_table_broken(content_text(a, lang, markup[i % 2])))
			continue;
		place_back(&at, 0);
		place_key(&at, "content");
		place_key(&at, lang);
		place_key(&at, markup[i % 2]);
		problem_add(p, PROBLEM_WARN, at.text, "bad-table", "below "
		    "the head of a table a column has fewer than three "
		    "dashes, so it is shown as signs: write |---|---|");
	}
}

void
check_rules(const struct announce *a, struct problems *p)
{
	check_instruction(a, p);
	check_expires(a, p);
	check_order(a, p);
	check_alt(a, p);
	check_link_only(a, p);
	check_references(a, p);
	check_address(a, p);
	check_tables(a, p);
}

/* ----------------------------------------------------------------- lint -- */

struct foreign {
	const char *domain;
	char host[64];		/* the first one found, or "" */
};

static bool
in_domain(const char *host, size_t n, const char *domain)
{
	size_t d = strlen(domain);

	return n >= d && strncasecmp(host + n - d, domain, d) == 0 &&
	    (n == d || host[n - d - 1] == '.');
}

static void
find_foreign(void *arg, const char *url, size_t len)
{
	struct foreign *f = arg;
	const char *host;
	size_t n;

	host = prose_url_host(url, &n);
	if (host == NULL || f->host[0] != '\0')
		return;
	if (n > len - (size_t)(host - url))
		n = len - (size_t)(host - url);
	if (n > 0 && !in_domain(host, n, f->domain))
		snprintf(f->host, sizeof(f->host), "%.*s", (int)(n < 63 ? n :
		    63), host);
}

static void
lint_text_links(const char *s, const char *domain, const char *pointer,
    struct problems *p)
{
	struct foreign f = { domain, "" };

	prose_links(s, find_foreign, &f);
	if (f.host[0] != '\0')
		problem_add(p, PROBLEM_WARN, pointer, "foreign-link",
		    "a link leads to %s, outside of %s: check that people "
		    "are meant to go there", f.host, domain);
}

static void
lint_links(const struct announce *a, const char *domain, struct problems *p)
{
	const char *url = json_string_value(json_object_get(json_object_get(
	    a->json, "link"), "url"));
	struct place at = { "", 0 };

	if (domain[0] == '\0')
		return;
	if (url != NULL)
		lint_text_links(url, domain, "/link/url", p);
	for (size_t i = 0; i < a->languages.n; i++)
		for (size_t k = 0; k < PROSE_KEYS; k++) {
			place_back(&at, 0);
			place_key(&at, "content");
			place_key(&at, a->languages.list[i]);
			place_key(&at, prose_keys[k]);
			lint_text_links(content_text(a, a->languages.list[i],
			    prose_keys[k]), domain, at.text, p);
		}
}

static bool
has_language(json_t *texts, const char *lang)
{
	const char *tag;
	json_t *v;

	if (json_object_size(texts) == 0)
		return true;	/* none, or a plain string for everybody */
	json_object_foreach(texts, tag, v)
		if (lang_related(tag, lang))
			return true;
	return false;
}

static void
lint_translated(const struct announce *a, const char *parent,
    const char *key, struct problems *p)
{
	json_t *texts = json_object_get(json_object_get(a->json, parent),
	    key);
	struct place at = { "", 0 };
	struct buf without;

	buf_init(&without, 100);
	for (size_t i = 0; i < a->languages.n; i++)
		if (!has_language(texts, a->languages.list[i]))
			buf_fmt(&without, "%s%s", without.len > 0 ? ", " : "",
			    a->languages.list[i]);
	place_key(&at, parent);
	place_key(&at, key);
	if (without.len > 0)
		problem_add(p, PROBLEM_WARN, at.text, "missing-translation",
		    "who reads this announcement in %s gets these words in "
		    "another language: add them", buf_cstr(&without));
	buf_fini(&without);
}

void
announce_lint(const struct announce *a, const struct issuer *issuer,
    struct wall now, bool publish, struct problems *p)
{
	if (now.us > 0 && a->expires.us > 0 && a->expires.us <= now.us)
		problem_add(p, publish ? PROBLEM_ERROR : PROBLEM_WARN,
		    "/expires", "expired", "it is already over: nothing "
		    "would be sent");
	lint_translated(a, "area", "name", p);
	lint_translated(a, "link", "label", p);
	if (issuer == NULL)
		return;
	if (!names_have(&a->languages, issuer->default_language))
		problem_add(p, PROBLEM_WARN, "/content",
		    "missing-default-language", "there is no text in \"%s\", "
		    "the language of the issuer: most people would read "
		    "another one", issuer->default_language);
	lint_links(a, issuer->domain, p);
}
