/*
 * problem: collect findings. Never judges, never prints. Called by guard,
 * schema, check and the command line.
 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "announce/problem.h"
#include "base/mem.h"

void
problems_init(struct problems *p)
{
	memset(p, 0, sizeof(*p));
}

void
problems_fini(struct problems *p)
{
	for (size_t i = 0; i < p->n; i++) {
		free(p->items[i].pointer);
		free(p->items[i].message);
	}
	free(p->items);
	problems_init(p);
}

bool
problems_ok(const struct problems *p)
{
	return p->errors == 0;
}

bool
problems_has(const struct problems *p, const char *slug)
{
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->items[i].slug, slug) == 0)
			return true;
	return false;
}

/* Where the next one goes; PROBLEMS_MAX: nowhere. An error takes the place of
 * a warning rather than being left out: it says why all is refused. */
static size_t
place_for(struct problems *p, enum problem_level level)
{
	size_t at = p->n;

	if (at < PROBLEMS_MAX) {
		p->items = xreallocarray(p->items, at + 1, sizeof(*p->items));
		return p->n++;
	}
	if (level == PROBLEM_WARN)
		return PROBLEMS_MAX;
	while (at > 0 && p->items[at - 1].level == PROBLEM_ERROR)
		at--;
	if (at == 0)
		return PROBLEMS_MAX;
	free(p->items[at - 1].pointer);
	free(p->items[at - 1].message);
	return at - 1;
}

int
problem_add(struct problems *p, enum problem_level level,
    const char *pointer, const char *slug, const char *fmt, ...)
{
	char text[512];
	struct problem *it;
	va_list ap;
	size_t at;

	if (level == PROBLEM_ERROR)
		p->errors++;
	else
		p->warnings++;
	at = place_for(p, level);
	if (at == PROBLEMS_MAX)
		return -1;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	it = &p->items[at];
	it->level = level;
	it->pointer = xstrdup(pointer);
	it->slug = slug;
	it->message = xstrdup(text);
	return -1;
}

static const char *
level_name(enum problem_level level)
{
	return level == PROBLEM_ERROR ? "error" : "warn";
}

/* What a user wrote may end in the middle of a character: show it anyway. */
static json_t *
text_json(const char *s)
{
	json_t *j = json_string(s);
	char *copy;

	if (j != NULL)
		return j;
	copy = xstrdup(s);
	for (char *c = copy; *c != '\0'; c++)
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	j = json_string(copy);
	free(copy);
	return j;
}

json_t *
problems_json(const struct problems *p)
{
	json_t *list = json_array();

	for (size_t i = 0; i < p->n; i++) {
		const struct problem *it = &p->items[i];
		json_t *o = json_object();

		json_object_set_new(o, "level",
		    json_string(level_name(it->level)));
		json_object_set_new(o, "pointer", text_json(it->pointer));
		json_object_set_new(o, "slug", json_string(it->slug));
		json_object_set_new(o, "message", text_json(it->message));
		json_array_append_new(list, o);
	}
	return list;
}

/* A place that does not fit stays where it is: still a true prefix. */
static void
place_add(struct place *at, const char *s, size_t n)
{
	if (at->len + n >= sizeof(at->text))
		return;
	memcpy(at->text + at->len, s, n);
	at->len += n;
	at->text[at->len] = '\0';
}

size_t
place_key(struct place *at, const char *key)
{
	size_t mark = at->len;

	place_add(at, "/", 1);
	for (; *key != '\0'; key++) {
		if (*key == '~')
			place_add(at, "~0", 2);
		else if (*key == '/')
			place_add(at, "~1", 2);
		else
			place_add(at, key, 1);
	}
	return mark;
}

size_t
place_index(struct place *at, size_t i)
{
	char text[24];

	snprintf(text, sizeof(text), "%zu", i);
	return place_key(at, text);
}

void
place_back(struct place *at, size_t mark)
{
	at->len = mark;
	at->text[mark] = '\0';
}
