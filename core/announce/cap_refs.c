/*
 * cap_refs: the list of earlier messages, in the three ways it is written.
 * Called by cap_rules.
 *
 * The standard: white space between "sender,identifier,sent". Some join them
 * with commas. The federal chain notation has one triple whose first two
 * fields are lists: "ID-3 ID-2 SENDER,ID-3 ID-2 ID-1,DATE"; the middle one
 * names all earlier messages.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "announce/cap_tree.h"
#include "base/mem.h"
#include "base/when.h"

#define BLANK		" \t\r\n"

struct span {
	const char *s;
	size_t n;
};

static void
add(struct cap_alert *a, struct span sender, struct span id, struct span sent)
{
	struct when_form form;
	struct cap_ref *ref;
	char *time;

	if (id.n == 0)
		return;
	a->refs.v = xreallocarray(a->refs.v, a->refs.n + 1,
	    sizeof(*a->refs.v));
	ref = &a->refs.v[a->refs.n++];
	ref->sender = xstrndup(sender.s, sender.n);
	ref->identifier = xstrndup(id.s, id.n);
	time = xstrndup(sent.s, sent.n);
	if (when_scan(time, &ref->sent, &form, NULL) < 0 || !form.offset)
		ref->sent.us = 0;
	free(time);
}

/* The next word of a list; n is 0 at its end. */
static struct span
word(const char **p, const char *end, const char *stops)
{
	struct span w;

	while (*p < end && strchr(stops, **p) != NULL)
		(*p)++;
	w.s = *p;
	while (*p < end && strchr(stops, **p) == NULL)
		(*p)++;
	w.n = (size_t)(*p - w.s);
	return w;
}

static size_t
count(const char *s, char c)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += *s == c;
	return n;
}

/* Two commas, and blanks between them. */
static bool
is_chain(const char *s)
{
	const char *first = strchr(s, ','), *second;

	if (first == NULL || count(s, ',') != 2)
		return false;
	second = strchr(first + 1, ',');
	return strcspn(first + 1, BLANK) < (size_t)(second - first - 1);
}

static void
read_chain(struct cap_alert *a, const char *s)
{
	const char *first = strchr(s, ','), *second = strchr(first + 1, ',');
	struct span sender = { s, 0 }, none = { "", 0 }, w;
	const char *p = s;

	while ((w = word(&p, first, BLANK)).n > 0)
		sender = w;
	p = first + 1;
	while ((w = word(&p, second, BLANK)).n > 0)
		add(a, sender, w, none);
}

/* Triples; false when the number of fields does not fit. */
static bool
read_triples(struct cap_alert *a, const char *s, const char *end,
    const char *stops)
{
	struct span f[3];
	size_t n = 0;
	const char *p = s;

	for (;;) {
		f[n] = word(&p, end, stops);
		if (f[n].n == 0)
			return n == 0;
		if (++n < 3)
			continue;
		add(a, f[0], f[1], f[2]);
		n = 0;
	}
}

static void
read_list(struct cap_alert *a, const char *s, struct cap_report *r)
{
	const char *p = s, *end = s + strlen(s);
	bool good = true, usual = true;
	struct span w;

	while ((w = word(&p, end, BLANK)).n > 0) {
		size_t before = a->refs.n;

		good = read_triples(a, w.s, w.s + w.n, ",") && good;
		usual = usual && a->refs.n == before + 1;
	}
	if (!good)
		cap_found(r, CAP_WARN, "R13", a->references.line, "a "
		    "reference is not \"sender,identifier,sent\" and is left "
		    "out");
	else if (!usual)
		cap_found(r, CAP_WARN, "R13", a->references.line,
		    "references are joined with commas instead of blanks");
}

static bool
is_self(const struct cap_alert *a, const struct cap_ref *ref)
{
	return strcmp(ref->identifier, cap_str(&a->identifier)) == 0 &&
	    (ref->sender[0] == '\0' ||
	    strcmp(ref->sender, cap_str(&a->sender)) == 0);
}

static void
drop_self(struct cap_alert *a, struct cap_report *r)
{
	size_t keep = 0;

	for (size_t i = 0; i < a->refs.n; i++) {
		struct cap_ref *ref = &a->refs.v[i];

		if (!is_self(a, ref)) {
			a->refs.v[keep++] = *ref;
			continue;
		}
		cap_found(r, CAP_WARN, "R14", a->references.line,
		    "the message refers to itself%s: left out",
		    ref->sent.us == a->sent_at.us ? "" :
		    " at another time (the id was used again)");
		free(ref->sender);
		free(ref->identifier);
	}
	a->refs.n = keep;
}

static void
check_later(const struct cap_alert *a, struct cap_report *r)
{
	for (size_t i = 0; i < a->refs.n; i++)
		if (a->refs.v[i].sent.us > a->sent_at.us)
			cap_found(r, CAP_WARN, "R14", a->references.line,
			    "it refers to %.60s, which was sent later",
			    a->refs.v[i].identifier);
}

void
cap_refs(struct cap_alert *a, struct cap_report *r)
{
	const char *s = cap_str(&a->references);

	if (is_chain(s))
		read_chain(a, s);
	else
		read_list(a, s, r);
	drop_self(a, r);
	check_later(a, r);
}
