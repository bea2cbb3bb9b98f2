/*
 * doc: writes the display document. It is pure: the same announcement gives
 * the same bytes. When the document is too large it drops pages, then
 * shortens texts, and says so; it never drops a language or a headline that
 * way. The plugin's render calls it.
 */
#include "config.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "doc.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))
#define ELLIPSIS	"\xe2\x80\xa6"
#define WORD	12	/* characters lost when a page ends before a word */

struct page {
	const struct lf_announcement *view;
	const char *head;
	const char *text;	/* text_len bytes of it */
	uint64_t text_len;
	bool first;		/* of its language */
};

struct doc {
	const struct lf_host *host;
	const struct lf_announcement *a;
	struct lf_out *out;
	struct page pages[DOC_PAGES];
	size_t n;
};

/*
 * Smaller numbers win the screen: 0 danger to life, 1 warnings and what ends
 * them, 3 disruption, 5 information, 7 events.
 */
static const struct {
	const char *kind, *class;
	int pri;
} classes[] = {
	{ "warning", "warning", 1 },
	{ "all_clear", "allclear", 1 },
	{ "correction", "info", 1 },
	{ "police_notice", "info", 3 },
	{ "road_closure", "disruption", 3 },
	{ "outage", "disruption", 3 },
	{ "event", "event", 7 },
	{ "livestream", "event", 7 },
	{ "poll", "poll", 7 },
	{ "", "info", 5 },	/* anything else */
};

/* Each step is tried until the document fits: text characters a page. */
static const uint32_t shorter[] = { 80, 50, 0 };

/* Does a sentence end before the blank at i? "12. Januar" goes on. */
static bool
ends_sentence(const char *s, uint64_t i)
{
	if (s[i] != ' ' || i == 0 || strchr(".!?", s[i - 1]) == NULL)
		return false;
	return s[i - 1] != '.' || i < 2 || s[i - 2] < '0' || s[i - 2] > '9';
}

/* A block or sentence that fills less than share per cent of a page does not
 * end it. */
static uint64_t
page_len(const char *s, uint64_t max, uint64_t share)
{
	uint64_t i, chars = 0, block = 0, sentence = 0, word = 0;

	for (i = 0; s[i] != '\0'; i++) {
		if (((unsigned char)s[i] & 0xc0) != 0x80 && ++chars > max)
			break;
		if (s[i] == '\n')
			block = i;
		if (s[i] == ' ')
			word = i;
		if (ends_sentence(s, i))
			sentence = i;
	}
	if (s[i] == '\0')
		return i;
	if (block * 100 > i * share)
		return block;
	if (sentence * 100 > i * share)
		return sentence;
	return word > block ? word : block;
}

/* A page that is not half full wastes reading time. */
uint64_t
doc_page(const char *s, uint64_t max)
{
	return page_len(s, max, 50);
}

static uint64_t
chars_of(const char *s, uint64_t len)
{
	uint64_t n = 0;

	for (uint64_t i = 0; i < len; i++)
		n += ((unsigned char)s[i] & 0xc0) != 0x80;
	return n;
}

static size_t
count_pages(const char *s, uint64_t share)
{
	uint64_t len = 1;
	size_t n = 0;

	for (s += strspn(s, " \n"); *s != '\0' && len > 0; n++) {
		len = page_len(s, DOC_TEXT, share);
		s += len;
		s += strspn(s, " \n");
	}
	return n;
}

static bool
is_cut(const char *s)
{
	size_t len = strlen(s), n = strlen(ELLIPSIS);

	return len >= n && strcmp(s + len - n, ELLIPSIS) == 0;
}

/* Pages end where a reader would turn them, unless that costs text; of one
 * that is cut in any case, the end is worth less than whole sentences. */
static uint64_t
best_share(const char *s, size_t room)
{
	static const uint64_t shares[] = { 50, 75, 100 };
	size_t i = 0, n = is_cut(s) ? 1 : N(shares);

	while (i + 1 < n && count_pages(s, shares[i]) > room)
		i++;
	return shares[i];
}

static void
page_add(struct doc *d, const struct lf_announcement *view,
    const char *head, const char *text, uint64_t len, bool first)
{
	struct page *p = &d->pages[d->n++];

	while (len > 0 && strchr(" \n", text[len - 1]) != NULL)
		len--;
	*p = (struct page){ view, head, text, len, first };
}

/* What is left over, cut to one page, behind a sentence if that leaves half
 * of it. */
static const char *
last_page(const struct doc *d, const char *text)
{
	uint64_t len = doc_page(text, DOC_TEXT - 1), max = DOC_TEXT;
	const char *s;

	if (text[len] == '\n' || ends_sentence(text, len))
		max = chars_of(text, len) + 1;
	s = d->host->cut(d->out, text, LF_UNIT_CHARS, (uint32_t)max);

	if (strcmp(s, text) != 0)
		d->host->out_warn(d->out, "pages-shortened",
		    "the end of a text is cut: it needs more pages");
	return s;
}

/* Lay text out on up to room pages; what is left over is cut. */
static void
pages_fill(struct doc *d, const struct lf_announcement *view,
    const char *head, const char *text, size_t room)
{
	uint64_t len, share = best_share(text, room);
	bool cut = false;

	for (size_t i = 0; i < room && !cut; i++) {
		text += strspn(text, " \n");
		if (i > 0 && *text == '\0')
			return;
		len = page_len(text, DOC_TEXT, share);
		cut = *text != '\0' && (i + 1 == room || len == 0);
		if (cut) {
			text = last_page(d, text);
			len = strlen(text);
		}
		page_add(d, view, head, text, len, i == 0);
		text += len;
	}
}

/* A text written by hand for signs: its first line is the headline, or what
 * of it fits there. */
static int
pages_sign(struct doc *d, const struct lf_announcement *view, size_t room)
{
	const char *s, *head;
	uint64_t len;
	char *copy;

	s = d->host->expand(d->out, view, "{{sign}}", LF_FORM_SIGN,
	    LF_UNIT_CHARS, (uint32_t)(DOC_HEAD + DOC_TEXT * room));
	if (s == NULL)
		return -1;
	copy = strndup(s, strcspn(s, "\n"));
	if (copy == NULL)
		return -1;
	len = doc_page(copy, DOC_HEAD);
	if (len > 0)
		copy[len] = '\0';
	head = d->host->cut(d->out, copy, LF_UNIT_CHARS, DOC_HEAD);
	free(copy);
	pages_fill(d, view, head, s + len, room);
	return 0;
}

static int
pages_add(struct doc *d, const struct lf_announcement *view,
    const char *tmpl, size_t room)
{
	struct lf_announcement unmarked = *view;
	const char *head, *text;

	if (*view->sign != '\0')
		return pages_sign(d, view, room);
	/* The mark stands in the head of every page. */
	unmarked.mark = "";
	head = d->host->expand(d->out, view, "{{headline}}", LF_FORM_SIGN,
	    LF_UNIT_CHARS, DOC_HEAD);
	text = d->host->expand(d->out, &unmarked, tmpl, LF_FORM_SIGN,
	    LF_UNIT_CHARS, (uint32_t)(DOC_TEXT * room - WORD * (room - 1)));
	if (head == NULL || text == NULL)
		return -1;
	pages_fill(d, view, head, text, room);
	return 0;
}

static int
pages_make(struct doc *d, const char *tmpl)
{
	const struct lf_announcement *views = d->a->all;
	size_t n = d->a->n_all, room;

	if (n == 0) {
		views = d->a;
		n = 1;
	}
	if (n > DOC_PAGES) {
		n = DOC_PAGES;
		d->host->out_warn(d->out, "languages-dropped",
		    "a display document has room for 8 languages");
	}
	room = DOC_PAGES / n > 3 ? 3 : DOC_PAGES / n;
	for (size_t i = 0; i < n; i++)
		if (pages_add(d, &views[i], tmpl, room) == -1)
			return -1;
	return 0;
}

static json_t *
page_json(const struct page *p)
{
	json_t *o = json_object();

	json_object_set_new(o, "lang", json_string(p->view->lang));
	if (strcmp(p->view->dir, "rtl") == 0)
		json_object_set_new(o, "dir", json_string("rtl"));
	json_object_set_new(o, "head", json_string(p->head));
	if (p->text_len > 0)
		json_object_set_new(o, "text", json_stringn(p->text,
		    p->text_len));
	return o;
}

static json_t *
pages_json(const struct doc *d)
{
	json_t *list = json_array();

	for (size_t i = 0; i < d->n; i++)
		json_array_append_new(list, page_json(&d->pages[i]));
	return list;
}

static void
set_time(json_t *o, const char *key, int64_t t)
{
	time_t when = (time_t)t;
	struct tm tm;
	char s[32];

	if (t == 0 || gmtime_r(&when, &tm) == NULL)
		return;
	if (strftime(s, sizeof(s), "%Y-%m-%dT%H:%M:%SZ", &tm) > 0)
		json_object_set_new(o, key, json_string(s));
}

static void
set_class(json_t *o, const struct lf_announcement *a)
{
	size_t i = 0;
	int pri;

	while (i + 1 < N(classes) && strcmp(classes[i].kind, a->kind) != 0)
		i++;
	pri = classes[i].pri;
	if (strcmp(a->kind, "warning") == 0 &&
	    strcmp(a->severity, "extreme") == 0)
		pri = 0;
	json_object_set_new(o, "class", json_string(classes[i].class));
	json_object_set_new(o, "kind", json_string(a->kind));
	json_object_set_new(o, "severity", json_string(a->severity));
	json_object_set_new(o, "pri", json_integer(pri));
}

/*
 * Displays take only what is newer than what they have, by rev. An update is
 * an announcement of its own whose versions begin at 1 again, so the time of
 * sending comes first. Below 2^53, for displays that count in doubles.
 */
static json_t *
rev_json(const struct lf_announcement *a)
{
	return json_integer((json_int_t)a->sent * 1000 + a->version % 1000);
}

static json_t *
doc_json(const struct doc *d)
{
	const struct lf_announcement *a = d->a;
	json_t *o = json_object();

	json_object_set_new(o, "v", json_integer(1));
	json_object_set_new(o, "t", json_string("a"));
	json_object_set_new(o, "id", json_string(a->id));
	json_object_set_new(o, "aid", json_string(a->chain));
	json_object_set_new(o, "rev", rev_json(a));
	json_object_set_new(o, "state", json_string("show"));
	set_class(o, a);
	json_object_set_new(o, "test", json_boolean(
	    (a->flags & (LF_ANN_EXERCISE | LF_ANN_TEST)) != 0));
	set_time(o, "iat", a->sent);
	set_time(o, "from", a->starts != 0 ? a->starts : a->sent);
	set_time(o, "until", a->expires);
	json_object_set_new(o, "src", json_string(a->sender_short));
	json_object_set_new(o, "pages", pages_json(d));
	if (*a->link != '\0' && strlen(a->link) <= DOC_LINK)
		json_object_set_new(o, "link", json_string(a->link));
	return o;
}

/* The bytes of the document, given, or NULL when they are too many. */
static char *
doc_dump(const struct doc *d)
{
	json_t *o = doc_json(d);
	char *s = json_dumps(o, JSON_COMPACT);

	json_decref(o);
	if (s != NULL && strlen(s) > DOC_MAX) {
		free(s);
		return NULL;
	}
	return s;
}

static void
drop_extra_pages(struct doc *d)
{
	size_t kept = 0;

	for (size_t i = 0; i < d->n; i++)
		if (d->pages[i].first)
			d->pages[kept++] = d->pages[i];
	d->n = kept;
	d->host->out_warn(d->out, "pages-dropped",
	    "too large for displays: one page for each language is left");
}

static void
shorten_texts(struct doc *d, uint32_t max)
{
	for (size_t i = 0; i < d->n; i++) {
		struct page *p = &d->pages[i];
		char *copy = strndup(p->text, p->text_len);

		if (copy == NULL)
			continue;
		p->text = max == 0 ? "" : d->host->cut(d->out, copy,
		    LF_UNIT_CHARS, max);
		p->text_len = strlen(p->text);
		free(copy);
	}
}

static char *
doc_fit(struct doc *d)
{
	char *s = doc_dump(d);

	if (s != NULL)
		return s;
	drop_extra_pages(d);
	s = doc_dump(d);
	for (size_t i = 0; s == NULL && i < N(shorter); i++) {
		shorten_texts(d, shorter[i]);
		s = doc_dump(d);
		if (s != NULL)
			d->host->out_warn(d->out, "pages-shortened",
			    "too large for displays: the texts of the pages "
			    "are cut");
	}
	return s;
}

int
doc_write(const struct lf_host *host, const struct lf_announcement *a,
    const char *tmpl, struct lf_out *out)
{
	struct doc d = { .host = host, .a = a, .out = out };
	char *s;

	if (pages_make(&d, tmpl) == -1) {
		host->out_refuse(out, "no-room",
		    "headline and marks do not fit on a display page");
		return -1;
	}
	s = doc_fit(&d);
	if (s == NULL) {
		host->out_refuse(out, "document-too-large",
		    "the headlines alone are larger than a display takes");
		return -1;
	}
	if (strlen(a->link) > DOC_LINK)
		host->out_warn(out, "link-dropped", "the link is too long for "
		    "displays: nobody could scan it");
	if (a->expires == 0)
		host->out_warn(out, "no-end", "without an end, displays show "
		    "it until it is cancelled");
	host->out_measure(out, "bytes", (int64_t)strlen(s));
	host->out_measure(out, "pages", (int64_t)d.n);
	host->out_text(out, s);
	free(s);
	return 0;
}
