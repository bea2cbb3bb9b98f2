/*
 * template: parse once to a flat list of nodes, walk it with a stack of
 * values. Never fails on missing values and never recurses deeper than
 * TEMPLATE_DEPTH. Called by compose.
 */
#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "text/template.h"

#define WORK_MAX	200000	/* nodes visited in one rendering */

enum kind { TEXT, ESCAPED, RAW, SECTION, INVERTED };

struct node {
	enum kind kind;
	char *s;		/* text or name */
	size_t end;		/* of a section: the node behind it */
};

struct template {
	struct node *nodes;
	size_t n, room;
};

/* ------------------------------------------------------------- parsing -- */

struct parser {
	struct template *t;
	const char *text, *at;
	size_t open[TEMPLATE_DEPTH];	/* sections, by node */
	const char *tags[TEMPLATE_DEPTH];	/* where they begin */
	size_t depth;
	struct err *e;
};

struct tag {
	char sigil;		/* one of "#^/!&{", or 0 */
	const char *begin, *end;	/* with its braces */
	const char *name;
	size_t len;
};

/* Column in bytes: editors that count letters are near enough. */
static int
refuse(const struct parser *p, const char *at, const char *what)
{
	const char *line = p->text;
	int n = 1;

	for (const char *s = p->text; s < at; s++)
		if (*s == '\n') {
			n++;
			line = s + 1;
		}
	return err_set(p->e, ERR_INVALID, "read the template: line %d, "
	    "column %d: %s", n, (int)(at - line) + 1, what);
}

static struct node *
node_add(struct template *t, enum kind kind, const char *s, size_t len)
{
	struct node *node;

	if (t->n == t->room) {
		t->room = t->room == 0 ? 16 : 2 * t->room;
		t->nodes = xreallocarray(t->nodes, t->room,
		    sizeof(*t->nodes));
	}
	node = &t->nodes[t->n++];
	*node = (struct node){ .kind = kind, .s = xstrndup(s, len) };
	return node;
}

static bool
name_valid(const char *s, size_t len)
{
	if (len == 1 && *s == '.')
		return true;
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '.' && (i == 0 || i + 1 == len ||
		    s[i - 1] == '.'))
			return false;
		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUV"
		    "WXYZ0123456789_-.", s[i]) == NULL)
			return false;
	}
	return len > 0;
}

static void
trim(struct tag *tag)
{
	while (tag->len > 0 && strchr(" \t\r\n", *tag->name) != NULL) {
		tag->name++;
		tag->len--;
	}
	while (tag->len > 0 &&
	    strchr(" \t\r\n", tag->name[tag->len - 1]) != NULL)
		tag->len--;
}

/* The tag that begins at tag->begin. */
static int
tag_read(struct parser *p, struct tag *tag)
{
	const char *s = tag->begin + 2, *close;

	if (*s == '>' || *s == '=' || *s == '<' || *s == '$')
		return refuse(p, tag->begin, *s == '=' ?
		    "delimiters cannot be changed" :
		    "a template cannot include another");
	tag->sigil = *s != '\0' && strchr("#^/!&{", *s) != NULL ? *s++ : '\0';
	close = strstr(s, tag->sigil == '{' ? "}}}" : "}}");
	if (close == NULL)
		return refuse(p, tag->begin, tag->sigil == '{' ?
		    "the tag is not closed with }}}" :
		    "the tag is not closed with }}");
	tag->name = s;
	tag->len = (size_t)(close - s);
	tag->end = close + (tag->sigil == '{' ? 3 : 2);
	trim(tag);
	if (tag->sigil != '!' && !name_valid(tag->name, tag->len))
		return refuse(p, tag->begin, "a name has letters, digits, "
		    "_, - and single dots");
	return 0;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/*
 * True when the tag is alone on its line; then the line's own bytes are
 * from *from_r up to *to_r.
 */
static bool
alone(const struct parser *p, const struct tag *tag, const char **from_r,
    const char **to_r)
{
	const char *from = tag->begin, *to = tag->end;

	if (tag->sigil == '\0' || strchr("#^/!", tag->sigil) == NULL)
		return false;
	while (from > p->text && is_blank(from[-1]))
		from--;
	if (from > p->text && from[-1] != '\n')
		return false;
	while (is_blank(*to))
		to++;
	if (*to != '\0' && *to != '\n' && (to[0] != '\r' || to[1] != '\n'))
		return false;
	*from_r = from;
	*to_r = to + (*to == '\r') + (*to != '\0');
	return true;
}

static int
section_open(struct parser *p, const struct tag *tag)
{
	if (p->depth == TEMPLATE_DEPTH)
		return refuse(p, tag->begin,
		    "more than 16 sections in each other");
	p->open[p->depth] = p->t->n;
	p->tags[p->depth++] = tag->begin;
	node_add(p->t, tag->sigil == '#' ? SECTION : INVERTED, tag->name,
	    tag->len);
	return 0;
}

static int
section_close(struct parser *p, const struct tag *tag)
{
	struct node *open;

	if (p->depth == 0)
		return refuse(p, tag->begin, "no section is open here");
	open = &p->t->nodes[p->open[p->depth - 1]];
	if (strlen(open->s) != tag->len ||
	    memcmp(open->s, tag->name, tag->len) != 0)
		return refuse(p, tag->begin,
		    "another section has to be closed first");
	open->end = p->t->n;
	p->depth--;
	return 0;
}

static int
tag_take(struct parser *p, const struct tag *tag)
{
	switch (tag->sigil) {
	case '#':
	case '^':
		return section_open(p, tag);
	case '/':
		return section_close(p, tag);
	case '!':
		return 0;
	}
	node_add(p->t, tag->sigil == '\0' ? ESCAPED : RAW, tag->name,
	    tag->len);
	return 0;
}

static int
parse(struct parser *p)
{
	struct tag tag = { 0 };
	const char *text_end, *next;

	while ((tag.begin = strstr(p->at, "{{")) != NULL) {
		if (tag_read(p, &tag) != 0)
			return -1;
		text_end = tag.begin;
		next = tag.end;
		alone(p, &tag, &text_end, &next);
		if (text_end > p->at)
			node_add(p->t, TEXT, p->at,
			    (size_t)(text_end - p->at));
		if (tag_take(p, &tag) != 0)
			return -1;
		p->at = next;
	}
	if (*p->at != '\0')
		node_add(p->t, TEXT, p->at, strlen(p->at));
	if (p->depth > 0)
		return refuse(p, p->tags[p->depth - 1],
		    "the section is not closed");
	return 0;
}

struct template *
template_parse(const char *text, struct err *e)
{
	struct parser p = { .text = text, .at = text, .e = e };

	if (strlen(text) > TEMPLATE_MAX) {
		err_set(e, ERR_INVALID, "read the template: it is longer "
		    "than %d bytes", TEMPLATE_MAX);
		return NULL;
	}
	p.t = xcalloc(1, sizeof(*p.t));
	if (parse(&p) != 0)
		template_free(&p.t);
	return p.t;
}

void
template_free(struct template **tp)
{
	struct template *t = *tp;

	if (t == NULL)
		return;
	*tp = NULL;
	for (size_t i = 0; i < t->n; i++)
		free(t->nodes[i].s);
	free(t->nodes);
	free(t);
}

/* ----------------------------------------------------------- rendering -- */

struct walk {
	const struct template *t;
	const json_t *stack[TEMPLATE_DEPTH + 1];
	size_t depth;		/* values on the stack */
	size_t work;
	struct template_run *run;
	struct buf *out;
};

/* The member of o called by the first len bytes of name. */
static const json_t *
member(const json_t *o, const char *name, size_t len)
{
	return json_object_getn(o, name, len);
}

/* The innermost value that has the name's first part decides. */
static const json_t *
lookup(struct walk *w, const char *name)
{
	size_t len = strcspn(name, "."), i = w->depth;
	const char *rest = name;
	const json_t *v = NULL;

	if (strcmp(name, ".") == 0)
		return w->stack[w->depth - 1];
	while (v == NULL && i-- > 0)
		v = member(w->stack[i], name, len);
	while (v != NULL && rest[len] == '.') {
		rest += len + 1;
		len = strcspn(rest, ".");
		v = member(v, rest, len);
	}
	if (v == NULL && *w->run->unknown == '\0')
		snprintf(w->run->unknown, sizeof(w->run->unknown), "%s",
		    name);
	return v;
}

static bool
has_value(const json_t *v)
{
	switch (v == NULL ? JSON_NULL : json_typeof(v)) {
	case JSON_NULL:
	case JSON_FALSE:
		return false;
	case JSON_STRING:
		return json_string_length(v) > 0;
	case JSON_ARRAY:
		return json_array_size(v) > 0;
	default:
		return true;
	}
}

static void
value_add(struct walk *w, const struct node *node)
{
	const json_t *v = lookup(w, node->s);

	if (json_is_integer(v))
		buf_fmt(w->out, "%lld", (long long)json_integer_value(v));
	else if (!json_is_string(v))
		return;
	else if (node->kind == ESCAPED && w->run->escape != NULL)
		w->run->escape(w->run->arg, node->s, json_string_value(v),
		    w->out);
	else
		buf_add(w->out, json_string_value(v), json_string_length(v));
}

static void
walk(struct walk *w, size_t from, size_t to);

static void
walk_with(struct walk *w, const json_t *v, size_t from, size_t to)
{
	w->stack[w->depth++] = v;
	walk(w, from, to);
	w->depth--;
}

static void
section(struct walk *w, size_t at)
{
	const struct node *node = &w->t->nodes[at];
	const json_t *v = lookup(w, node->s);

	if (has_value(v) != (node->kind == SECTION))
		return;
	if (node->kind == INVERTED)
		walk(w, at + 1, node->end);
	else if (!json_is_array(v))
		walk_with(w, v, at + 1, node->end);
	else
		for (size_t i = 0; i < json_array_size(v); i++)
			walk_with(w, json_array_get(v, i), at + 1, node->end);
}

static void
walk(struct walk *w, size_t from, size_t to)
{
	const struct node *node;

	for (size_t i = from; i < to; i++) {
		node = &w->t->nodes[i];
		if (w->work++ > WORK_MAX || !buf_ok(w->out))
			return;
		if (node->kind == TEXT)
			buf_str(w->out, node->s);
		else if (node->kind == ESCAPED || node->kind == RAW)
			value_add(w, node);
		else {
			section(w, i);
			i = node->end - 1;
		}
	}
}

int
template_render(const struct template *t, struct template_run *run,
    struct buf *out, struct err *e)
{
	struct walk w = { .t = t, .stack = { run->values }, .depth = 1,
		.run = run, .out = out };

	run->unknown[0] = '\0';
	walk(&w, 0, t->n);
	if (w.work > WORK_MAX)
		return err_set(e, ERR_INVALID, "expand the template: its "
		    "lists in lists are too much work");
	if (!buf_ok(out))
		return err_set(e, ERR_INVALID, "expand the template: the "
		    "text is longer than %zu bytes", out->max);
	return 0;
}
