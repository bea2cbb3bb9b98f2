/*
 * announce: parse, keep and write one announcement. Judging is in schema.c
 * (members) and check.c (rules). Reads no clock, no file. Called by core, the
 * workers and the command line.
 */
#include "config.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "announce/announce.h"
#include "announce/check.h"
#include "announce/guard.h"
#include "announce/schema.h"
#include "base/mem.h"
#include "base/when.h"

static const char *
member(json_t *o, const char *key, const char *def)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s == NULL ? def : s;
}

static struct wall
time_member(json_t *o, const char *key)
{
	struct wall w = { 0 };

	if (when_parse(member(o, key, ""), &w, NULL) < 0)
		w.us = 0;
	return w;
}

static void
names_add(struct names *names, const char *s)
{
	names->list = xreallocarray(names->list, names->n + 2,
	    sizeof(*names->list));
	names->list[names->n++] = s;
	names->list[names->n] = NULL;
}

/* A string, or an array of strings. */
static void
names_read(struct names *names, json_t *v)
{
	json_t *item;
	size_t i;

	if (json_is_string(v))
		names_add(names, json_string_value(v));
	json_array_foreach(v, i, item)
		if (json_is_string(item))
			names_add(names, json_string_value(item));
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
read_languages(struct names *names, json_t *content)
{
	const char *tag;
	json_t *v;

	json_object_foreach(content, tag, v)
		if (json_is_object(v))
			names_add(names, tag);
	if (names->n > 1)
		qsort(names->list, names->n, sizeof(*names->list), by_name);
}

bool
names_have(const struct names *names, const char *name)
{
	for (size_t i = 0; i < names->n; i++)
		if (strcmp(names->list[i], name) == 0)
			return true;
	return false;
}

static const struct {
	const char *priority, *lane;
} lanes[] = {
	{ "urgent", "urgent" },
	{ "high", "urgent" },
	{ "normal", "normal" },
	{ "low", "bulk" },
};

static bool
one_of(const char *word, const char *a, const char *b, const char *c)
{
	return strcmp(word, a) == 0 || strcmp(word, b) == 0 ||
	    strcmp(word, c) == 0;
}

/* An exercise keeps the lane of the real thing: that is what is exercised. */
static const char *
derive_lane(const struct announce *a)
{
	const char *priority = member(a->json, "priority", "normal");

	if (one_of(a->severity, "extreme", "severe", "severe"))
		return "warning";
	if (strcmp(priority, "urgent") == 0 &&
	    one_of(a->kind, "warning", "all_clear", "correction"))
		return "warning";
	for (size_t i = 0; i < sizeof(lanes) / sizeof(lanes[0]); i++)
		if (strcmp(priority, lanes[i].priority) == 0)
			return lanes[i].lane;
	return "normal";
}

static void
read_members(struct announce *a)
{
	json_t *j = a->json, *area = json_object_get(j, "area");
	json_t *privacy = json_object_get(j, "privacy");
	json_int_t version = json_integer_value(json_object_get(j,
	    "version"));

	a->id = member(j, "id", "");
	a->chain = member(j, "chain", "");
	a->kind = member(j, "kind", "");
	a->msg_type = member(j, "msg_type", "");
	a->status = member(j, "status", "");
	a->category = member(j, "category", "Other");
	a->severity = member(j, "severity", "unknown");
	a->urgency = member(j, "urgency", "unknown");
	a->certainty = member(j, "certainty", "unknown");
	a->lane = derive_lane(a);
	a->version = version > 0 ? (uint32_t)version : 1;
	a->sent = time_member(j, "sent");
	a->starts = time_member(j, "starts");
	a->expires = time_member(j, "expires");
	read_languages(&a->languages, json_object_get(j, "content"));
	names_read(&a->references, json_object_get(j, "references"));
	names_read(&a->topics, json_object_get(j, "topics"));
	names_read(&a->ars, json_object_get(area, "ars"));
	names_read(&a->groups, json_object_get(area, "display_groups"));
	names_read(&a->full_text, json_object_get(privacy,
	    "full_text_channels"));
	names_read(&a->link_only, json_object_get(privacy,
	    "link_only_channels"));
	names_read(&a->no_attachment, json_object_get(privacy,
	    "no_attachment_channels"));
	a->personal_data = json_is_true(json_object_get(privacy,
	    "contains_personal_data"));
}

int
announce_from_json(json_t *json, struct announce **a_r, struct problems *p)
{
	struct announce *a = xcalloc(1, sizeof(*a));
	size_t before = p->errors;

	a->json = json_incref(json);
	a->text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
	a->len = strlen(a->text);
	if (guard_check(a->text, a->len, GUARD_ANNOUNCEMENT, p) == 0)
		schema_check(json, p);
	read_members(a);
	check_rules(a, p);
	if (p->errors > before)
		announce_free(&a);
	*a_r = a;
	return a == NULL ? -1 : 0;
}

int
announce_parse(const char *text, size_t len, struct announce **a_r,
    struct problems *p)
{
	json_t *root = guard_load(text, len, GUARD_ANNOUNCEMENT, p);
	int rc;

	*a_r = NULL;
	if (root == NULL)
		return -1;
	rc = announce_from_json(root, a_r, p);
	json_decref(root);
	return rc;
}

void
announce_free(struct announce **a)
{
	struct announce *x = *a;

	if (x == NULL)
		return;
	free(x->languages.list);
	free(x->references.list);
	free(x->topics.list);
	free(x->ars.list);
	free(x->groups.list);
	free(x->full_text.list);
	free(x->link_only.list);
	free(x->no_attachment.list);
	json_decref(x->json);
	free(x->text);
	free(x);
	*a = NULL;
}

json_t *
announce_split(json_t *root, json_t **issuer_r)
{
	json_t *list = json_object_get(root, "announcements");

	*issuer_r = NULL;
	if (json_is_array(list)) {
		*issuer_r = json_object_get(root, "issuer");
		return json_incref(list);
	}
	list = json_array();
	json_array_append(list, root);
	return list;
}

void
announce_hash(const struct announce *a, unsigned char hash_r[ANNOUNCE_HASH])
{
	crypto_hash_sha256(hash_r, (const unsigned char *)a->text, a->len);
}

static bool
is_channel(const char *name, const char *channel, const char *plugin)
{
	size_t n = strlen(name);

	return strcasecmp(name, channel) == 0 ||
	    (strncasecmp(name, plugin, n) == 0 &&
	    (plugin[n] == '\0' || plugin[n] == '_'));
}

bool
names_have_channel(const struct names *names, const char *channel,
    const char *plugin)
{
	for (size_t i = 0; i < names->n; i++)
		if (is_channel(names->list[i], channel, plugin))
			return true;
	return false;
}

/* Personal data goes out in full only where that was said. */
bool
announce_in_full(const struct announce *a, const char *channel,
    const char *plugin)
{
	if (names_have_channel(&a->link_only, channel, plugin))
		return false;
	return (!a->personal_data && a->full_text.n == 0) ||
	    names_have_channel(&a->full_text, channel, plugin);
}

bool
announce_with_attachments(const struct announce *a, const char *channel,
    const char *plugin)
{
	return announce_in_full(a, channel, plugin) &&
	    !names_have_channel(&a->no_attachment, channel, plugin);
}
