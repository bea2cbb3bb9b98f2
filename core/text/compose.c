/*
 * compose: tries texts until one fits, with as little cut as possible. Never
 * cuts inside a sentence, except in the headline. Called by the host service
 * "expand".
 */
#include "config.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "text/compose.h"
#include "text/gsm7.h"
#include "text/md.h"
#include "text/template.h"
#include "text/utf8.h"

#define HEADLINE_KEEP	40	/* characters left while there are other
				 * parts to cut */
#define HEADLINE_LEAST	12	/* fewer say nothing */
#define AREA_LEAST	20	/* an area with less is left out */

/* A part that can become shorter, in steps: 0 is least, n is all of it. */
struct part {
	const char *name;
	char *source;
	size_t *ends;		/* of sentences, for Markdown */
	uint32_t least;		/* characters, of a part that loses its tail */
	size_t n, kept;
	bool told;		/* its absence can be seen */
};

enum { BODY, TEASER, AREA, HEADLINE, INSTRUCTION, PARTS };

struct draft {
	const struct compose *c;
	const struct lf_announcement *a;
	struct template *template;
	struct template_run run;
	json_t *values;
	struct part parts[PARTS];
	struct buf text;		/* the last try */
	bool broken;			/* by Markdown; e says why */
	struct err *e;
};

typedef void set_fn(struct draft *, struct part *, size_t kept);

uint64_t
compose_length(const char *s, uint32_t unit)
{
	struct gsm7_sms sms;
	uint32_t parts;

	if (unit != LF_UNIT_SMS)
		return utf8_length(s, unit);
	gsm7_measure(s, GSM7_SAVES, &sms);
	parts = sms.parts;
	gsm7_fini(&sms);
	return parts;
}

/* -------------------------------------------------------------- values -- */

/* Markdown is in its form already; all else is plain text. */
static void
escape(void *arg, const char *name, const char *value, struct buf *out)
{
	const struct draft *d = arg;

	if (strcmp(name, "body") == 0 || strcmp(name, "instruction") == 0)
		buf_str(out, value);
	else
		md_escape(value, d->c->form, out);
}

static void
set_value(struct draft *d, const char *name, const struct buf *b)
{
	json_object_set_new(d->values, name, json_string(buf_cstr(b)));
}

/* Keep so many sentences of a Markdown text. */
static void
set_prose(struct draft *d, struct part *p, size_t kept)
{
	size_t stop = kept == p->n ? MD_ALL : kept == 0 ? 0 :
	    p->ends[kept - 1];
	struct buf b;

	p->kept = kept;
	buf_init(&b, COMPOSE_MAX);
	if (md_render_until(p->source, d->c->form, stop, &b, d->e) != 0)
		d->broken = true;
	set_value(d, p->name, &b);
	buf_fini(&b);
}

/* All or nothing. */
static void
set_teaser(struct draft *d, struct part *p, size_t kept)
{
	p->kept = kept;
	json_object_set_new(d->values, p->name,
	    json_string(kept == p->n ? p->source : ""));
}

/* Keep so many characters more than the least. */
static void
set_tail(struct draft *d, struct part *p, size_t kept)
{
	struct buf b;

	p->kept = kept;
	buf_init(&b, COMPOSE_MAX);
	if (kept == p->n)
		buf_str(&b, p->source);
	else
		utf8_cut(p->source, LF_UNIT_CHARS, p->least + kept, &b);
	set_value(d, p->name, &b);
	buf_fini(&b);
}

/* The same, but the last step leaves nothing. */
static void
set_area(struct draft *d, struct part *p, size_t kept)
{
	set_tail(d, p, kept);
	if (kept == 0 && p->n > 0)
		json_object_set_new(d->values, p->name, json_string(""));
}

/* How far a part may lose its tail. */
static void
tail_least(struct part *p, uint32_t least)
{
	uint64_t len = utf8_length(p->source, LF_UNIT_CHARS);

	p->least = least;
	p->n = p->kept = len > least ? (size_t)(len - least) : 0;
}

/* ---------------------------------------------------------------- mark -- */

/* Behind the tags, brackets and blanks at the beginning. */
static const char *
first_word(const char *s, uint32_t form)
{
	size_t len = strlen(s), n;
	int32_t cp;

	for (; len > 0; s += n, len -= n) {
		n = utf8_decode(s, len, &cp);
		if (cp == '<' && form == LF_FORM_HTML)
			n = strcspn(s, ">") + (strchr(s, '>') != NULL);
		else if (utf8_is_word(cp))
			break;
	}
	return s;
}

static bool
begins_with_mark(const char *s, const char *mark, uint32_t form)
{
	size_t n = strlen(mark);
	int32_t cp;

	s = first_word(s, form);
	if (strncmp(s, mark, n) != 0)
		return false;
	utf8_decode(s + n, strlen(s + n), &cp);
	return s[n] == '\0' || !utf8_is_word(cp);
}

/* A headline that has the mark already needs no other. */
static void
mark_once(struct draft *d)
{
	const char *mark = d->a->mark;

	if (begins_with_mark(d->a->headline, mark, LF_FORM_PLAIN))
		json_object_set_new(d->values, "mark", json_string(""));
}

static void
mark_first(const struct draft *d, const char *s, struct buf *out)
{
	const char *mark = d->a->mark;

	if (*mark == '\0' || begins_with_mark(s, mark, d->c->form))
		return;
	if (d->c->form == LF_FORM_HTML)
		buf_str(out, "<p><strong>[");
	else
		buf_chr(out, '[');
	md_escape(mark, d->c->form, out);
	buf_str(out, d->c->form == LF_FORM_HTML ? "]</strong></p>\n" : "] ");
}

/* --------------------------------------------------------------- trying -- */

/* Line breaks of the template go, blanks where a part is empty, and the full
 * stop behind a part that was cut. */
static void
add_line(const char *s, struct buf *out)
{
	static const char cut[] = UTF8_ELLIPSIS ".";
	char last = ' ';

	for (; *s != '\0'; s++) {
		if (strncmp(s, cut, sizeof(cut) - 1) == 0) {
			buf_str(out, UTF8_ELLIPSIS);
			s += sizeof(cut) - 2;
		} else if (last != ' ' || !strchr(" \n", *s))
			buf_chr(out, *s == '\n' ? ' ' : *s);
		last = *s == '\n' ? ' ' : *s;
	}
	if (out->len > 0 && out->data[out->len - 1] == ' ')
		buf_cut(out, out->len - 1);
}

/* 1: it fits, 0: it does not, -1: it cannot be made. */
static int
try(struct draft *d)
{
	const struct compose *c = d->c;
	struct buf b;
	int rc;

	if (d->broken)
		return -1;
	buf_init(&b, COMPOSE_MAX);
	rc = template_render(d->template, &d->run, &b, d->e);
	buf_clear(&d->text);
	mark_first(d, buf_cstr(&b), &d->text);
	if (c->form == LF_FORM_LINE)
		add_line(buf_cstr(&b), &d->text);
	else
		buf_str(&d->text, buf_cstr(&b));
	buf_fini(&b);
	if (rc != 0)
		return -1;
	return c->unit == LF_UNIT_NONE ||
	    compose_length(buf_cstr(&d->text), c->unit) <= c->max;
}

/*
 * Keep as much of a part as fits, when all of it does not. Leaves the least
 * when not even that fits.
 */
static int
shorten(struct draft *d, size_t which, set_fn *set)
{
	struct part *p = &d->parts[which];
	char *before = xstrdup(buf_cstr(&d->text));
	size_t low = 0, high = p->n, mid;
	int rc;

	set(d, p, 0);
	rc = try(d);
	p->told = strcmp(before, buf_cstr(&d->text)) != 0;
	free(before);
	if (rc != 1)
		return rc;
	while (high - low > 1) {
		mid = low + (high - low) / 2;
		set(d, p, mid);
		if (try(d) == 1)
			low = mid;
		else
			high = mid;
	}
	set(d, p, low);
	return try(d);
}

/* The headline was cut in vain when the instruction had to be cut as well. */
static int
headline_again(struct draft *d)
{
	struct part *p = &d->parts[HEADLINE];

	set_tail(d, p, p->n);
	return try(d) == 1 ? 1 : shorten(d, HEADLINE, set_tail);
}

static int
fit(struct draft *d)
{
	static const struct {
		size_t which;
		set_fn *set;
	} order[] = {
		{ BODY, set_prose }, { TEASER, set_teaser },
		{ AREA, set_area }, { HEADLINE, set_tail },
		{ INSTRUCTION, set_prose },
	};
	int rc = try(d);

	for (size_t i = 0; rc == 0 && i < PARTS; i++)
		if (d->parts[order[i].which].n > 0) {
			rc = shorten(d, order[i].which, order[i].set);
			if (rc == 1 && order[i].which == INSTRUCTION)
				rc = headline_again(d);
		}
	if (rc != 0)
		return rc;
	tail_least(&d->parts[HEADLINE], HEADLINE_LEAST);
	return d->parts[HEADLINE].n > 0 ?
	    shorten(d, HEADLINE, set_tail) : 0;
}

/* --------------------------------------------------------------- around -- */

static void
note_part(const struct draft *d, const struct part *p)
{
	struct buf slug, text;
	bool gone = p->kept == 0 && p != &d->parts[HEADLINE];

	if (p->kept == p->n || !p->told)
		return;
	buf_init(&slug, 64);
	buf_init(&text, 200);
	buf_fmt(&slug, "%s-%s", p->name, gone ? "dropped" : "shortened");
	buf_fmt(&text, "%s: too long: ", d->a->lang);
	if (gone)
		buf_fmt(&text, "the %s is left out", p->name);
	else if (p->ends != NULL)
		buf_fmt(&text, "of the %s only %zu of %zu sentences are left",
		    p->name, p->kept, p->n);
	else
		buf_fmt(&text, "the tail of the %s is cut", p->name);
	d->c->note(d->c->arg, buf_cstr(&slug), buf_cstr(&text));
	buf_fini(&slug);
	buf_fini(&text);
}

static void
note_unknown(const struct draft *d)
{
	struct buf text;

	if (*d->run.unknown == '\0')
		return;
	buf_init(&text, 200);
	buf_fmt(&text, "the template asks for {{%s}}, which there is not",
	    d->run.unknown);
	d->c->note(d->c->arg, "template-unknown-name", buf_cstr(&text));
	buf_fini(&text);
}

static void
part_init(struct draft *d, size_t which, const char *name)
{
	struct part *p = &d->parts[which];

	p->name = name;
	p->source = xstrdup(json_string_value(json_object_get(d->values,
	    name)));
}

static void
prose_init(struct draft *d, size_t which, const char *name)
{
	struct part *p = &d->parts[which];

	part_init(d, which, name);
	p->n = md_sentences(p->source, d->c->form, &p->ends);
	set_prose(d, p, p->n);
}

static void
area_init(struct draft *d)
{
	struct part *p = &d->parts[AREA];

	part_init(d, AREA, "area");
	tail_least(p, AREA_LEAST);
	if (p->n == 0)
		p->n = p->kept = *p->source != '\0';
}

static void
draft_init(struct draft *d)
{
	buf_init(&d->text, COMPOSE_MAX);
	d->values = fields_json(d->a, d->c->when, d->c->arg);
	d->run = (struct template_run){ .values = d->values,
		.escape = escape, .arg = d };
	mark_once(d);
	prose_init(d, BODY, "body");
	prose_init(d, INSTRUCTION, "instruction");
	part_init(d, TEASER, "teaser");
	d->parts[TEASER].n = d->parts[TEASER].kept =
	    *d->parts[TEASER].source != '\0';
	area_init(d);
	part_init(d, HEADLINE, "headline");
	tail_least(&d->parts[HEADLINE], HEADLINE_KEEP);
}

static void
draft_fini(struct draft *d)
{
	for (size_t i = 0; i < PARTS; i++) {
		free(d->parts[i].source);
		free(d->parts[i].ends);
	}
	json_decref(d->values);
	buf_fini(&d->text);
}

static int
finish(struct draft *d, int rc, struct buf *out)
{
	if (rc == 0)
		return err_set(d->e, ERR_INVALID, "shorten a text: not even "
		    "headline, mark and link fit");
	if (rc == -1)
		return -1;
	buf_str(out, buf_cstr(&d->text));
	for (size_t i = 0; i < PARTS; i++)
		note_part(d, &d->parts[i]);
	note_unknown(d);
	return 0;
}

int
compose(const struct compose *c, const struct lf_announcement *a,
    struct buf *out, struct err *e)
{
	struct draft d = { .c = c, .a = a, .e = e };
	int rc;

	d.template = template_parse(c->template, e);
	if (d.template == NULL)
		return -1;
	draft_init(&d);
	rc = finish(&d, fit(&d), out);
	draft_fini(&d);
	template_free(&d.template);
	return rc;
}
