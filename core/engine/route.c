/*
 * route: channels and audiences of an announcement. Reads configuration and
 * store, writes neither. Who gets what follows one rule: warnings,
 * all-clears, corrections and everything severe go to the whole area, all
 * else to those who chose a topic of it. Called by engine.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "announce/announce.h"
#include "announce/problem.h"
#include "base/near.h"
#include "config/conf.h"
#include "engine/route.h"
#include "litfass/plugin.h"

/* What is being planned, to keep argument lists short. */
struct plan {
	const struct route_with *with;
	const struct announce *a;
	struct route *r;
	struct problems *p;
};

static bool
in_array(const json_t *array, const char *s)
{
	const json_t *v;
	size_t i;

	json_array_foreach(array, i, v)
		if (strcmp(json_string_value(v), s) == 0)
			return true;
	return false;
}

/* How bad, from 0; what we do not know counts as the least. */
static int
severity_rank(const char *severity)
{
	static const char *const rising[] = { "unknown", "info", "minor",
	    "moderate", "severe", "extreme" };

	for (int i = 0; i < 6; i++)
		if (strcmp(rising[i], severity) == 0)
			return i;
	return 0;
}

enum store_lane
route_lane(const struct announce *a)
{
	static const char *const lanes[STORE_LANES] = {
		[STORE_WARNING] = "warning", [STORE_URGENT] = "urgent",
		[STORE_NORMAL] = "normal", [STORE_BULK] = "bulk",
	};

	for (int i = 0; i < STORE_LANES; i++)
		if (strcmp(lanes[i], a->lane) == 0)
			return (enum store_lane)i;
	return STORE_NORMAL;
}

static bool
is_one_of(const char *s, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcmp(s, *list) == 0)
			return true;
	return false;
}

/* Topics do not matter when it is about safety. */
static bool
for_everybody(const struct announce *a)
{
	static const char *const kinds[] = { "warning", "all_clear",
	    "correction", NULL };
	static const char *const severities[] = { "severe", "extreme", NULL };

	return is_one_of(a->kind, kinds) ||
	    is_one_of(a->severity, severities);
}

static enum store_doubt
doubt(const struct plan *pl, const struct conf_channel *cc,
    const struct channel *ch)
{
	enum store_lane lane = route_lane(pl->a);

	if (channel_can(ch, LF_CAP_IDEMPOTENT))
		return STORE_DOUBT_RESEND;
	if (strcmp(cc->in_doubt, "resend") == 0)
		return STORE_DOUBT_RESEND;
	if (strcmp(cc->in_doubt, "hold") == 0)
		return STORE_DOUBT_HOLD;
	return lane == STORE_WARNING || lane == STORE_URGENT ?
	    STORE_DOUBT_RESEND : STORE_DOUBT_HOLD;
}

static void
add_job(struct plan *pl, const struct channel *ch,
    const struct store_new_job *job, json_t *audience)
{
	json_t *name = json_string(channel_name(ch)); /* may outlive it */
	struct store_new_job *j;

	json_array_append_new(pl->r->keep, audience);
	json_array_append_new(pl->r->keep, name);
	if (pl->r->n == ROUTE_JOBS)
		return;
	j = &pl->r->jobs[pl->r->n++];
	*j = *job;
	j->channel = json_string_value(name);
	j->audience = audience;
	j->lane = route_lane(pl->a);
}

static json_t *
list_audience(json_t *list)
{
	return json_pack("{so}", "list", list);
}

static json_t *
people_audience(const struct plan *pl, const char *kind)
{
	const json_t *j = pl->a->json;
	const json_t *topics = json_object_get(j, "topics");
	const json_t *ars = json_object_get(json_object_get(j, "area"),
	    "ars");
	json_t *who = json_pack("{ss}", "kind", kind);

	if (pl->with->ref != NULL) {
		json_object_set_new(who, "ref", json_string(pl->with->ref));
		return who;
	}
	if (!for_everybody(pl->a) && json_array_size(topics) > 0)
		json_object_set_new(who, "topics", json_deep_copy(topics));
	if (ars != NULL)
		json_object_set_new(who, "ars", json_deep_copy(ars));
	return who;
}

/* Those it names, or those the channel has for what names none. */
static const json_t *
groups_of(const json_t *announcement, const struct conf_channel *cc)
{
	const json_t *named = json_object_get(json_object_get(announcement,
	    "area"), "display_groups");

	return json_array_size(named) > 0 ? named : cc->default_groups;
}

/*
 * Take it back where earlier ones of its chain are shown and this one will
 * not be. stay: where it will be shown, borrowed, may be NULL.
 */
static void
plan_left(struct plan *pl, const struct channel *ch, const json_t *stay)
{
	struct store_new_job job = { .action = LF_RETRACT,
	    .doubt = STORE_DOUBT_RESEND,
	    .not_before = pl->with->not_before };
	json_t *shown, *left, *v;
	size_t i;

	if (!channel_can(ch, LF_CAP_RETRACT))
		return;
	left = json_array();
	shown = store_shown(pl->with->store, pl->with->chain,
	    channel_name(ch), pl->with->now);
	json_array_foreach(shown, i, v)
		if (!in_array(stay, json_string_value(v)) &&
		    !in_array(left, json_string_value(v)))
			json_array_append(left, v);
	json_decref(shown);
	if (json_array_size(left) > 0)
		add_job(pl, ch, &job, list_audience(left));
	else
		json_decref(left);
}

static void
plan_groups(struct plan *pl, const struct channel *ch,
    const struct conf_channel *cc, const struct store_new_job *job)
{
	const json_t *groups = groups_of(pl->a->json, cc);

	if (json_array_size(groups) > 0)
		add_job(pl, ch, job, list_audience(json_deep_copy(groups)));
	else
		problem_add(pl->p, PROBLEM_WARN, "/area/display_groups",
		    "no-display-groups", "channel %s: no display shows this: "
		    "name groups, or set default_groups",
		    channel_name(ch));
	plan_left(pl, ch, groups);
}

/* What can be taken back is taken back when it expires. */
static void
plan_retract(struct plan *pl, const struct channel *ch,
    const struct store_new_job *sent, const json_t *audience)
{
	struct store_new_job job = *sent;

	if (!channel_can(ch, LF_CAP_RETRACT) || sent->expires == 0)
		return;
	job.action = LF_RETRACT;
	job.not_before = sent->expires;
	job.expires = 0;
	add_job(pl, ch, &job, json_deep_copy(audience));
}

static void
plan_channel(struct plan *pl, const struct channel *ch,
    const struct conf_channel *cc)
{
	const char *kind = channel_address_kind(ch);
	size_t before = pl->r->n;
	struct store_new_job job = {
		.action = LF_SEND,
		.doubt = doubt(pl, cc, ch),
		.not_before = pl->with->not_before,
		.expires = pl->a->expires.us,
	};

	if (strcmp(kind, "group") == 0)
		plan_groups(pl, ch, cc, &job);
	else if (strcmp(kind, "none") == 0)
		add_job(pl, ch, &job, list_audience(json_pack("[s]", "*")));
	else
		add_job(pl, ch, &job, people_audience(pl, kind));
	if (pl->r->n > before && pl->r->jobs[before].action == LF_SEND)
		plan_retract(pl, ch, &job, pl->r->jobs[before].audience);
}

/* Does the channel's configuration want this one? Why not goes to p. */
static bool
wanted(struct plan *pl, const struct channel *ch,
    const struct conf_channel *cc)
{
	const char *why = NULL;

	if (pl->with->only != NULL)
		return in_array(pl->with->only, cc->name);
	if (json_array_size(cc->kinds) > 0 &&
	    !in_array(cc->kinds, pl->a->kind))
		why = "its kinds do not include this one";
	else if (severity_rank(pl->a->severity) <
	    severity_rank(cc->min_severity))
		why = "it is below min_severity";
	else if (strcmp(channel_address_kind(ch), "sms") == 0 &&
	    route_lane(pl->a) == STORE_BULK &&
	    json_array_size(cc->kinds) == 0)
		why = "low priority does not go to SMS unless the channel's "
		    "kinds say so";
	if (why != NULL)
		problem_add(pl->p, PROBLEM_WARN, "", "channel-left-out",
		    "channel %s: not used: %s", cc->name, why);
	return why == NULL;
}

static struct channel *
by_name(const struct route_with *with, const char *name)
{
	for (size_t i = 0; name != NULL && i < with->n_channels; i++)
		if (strcmp(channel_name(with->channels[i]), name) == 0)
			return with->channels[i];
	return NULL;
}

static int
check_only(const struct plan *pl)
{
	const json_t *v;
	size_t i;
	int rc = 0;

	if (pl->with->only != NULL && !json_is_array(pl->with->only))
		return problem_add(pl->p, PROBLEM_ERROR, "", "unknown-channel",
		    "channels is to be a list of names");
	json_array_foreach(pl->with->only, i, v)
		if (by_name(pl->with, json_string_value(v)) == NULL)
			rc = problem_add(pl->p, PROBLEM_ERROR, "",
			    "unknown-channel", "channel %s: not configured "
			    "or not enabled: litfass channel list shows "
			    "those that are", json_is_string(v) ?
			    json_string_value(v) : "(no name)");
	return rc;
}

/* The name of a channel or plugin that is nearly name; NULL when name is one,
 * or none is near: it may be a channel of another city. */
static const char *
near_channel(const struct plan *pl, const char *name)
{
	const struct names one = { &name, 1 };
	const char *near = NULL;

	for (size_t i = 0; i < pl->with->n_channels; i++) {
		const struct conf_channel *cc = conf_channel(
		    pl->with->config, channel_name(pl->with->channels[i]));
		const char *known[2] = { NULL, NULL };

		if (cc == NULL)
			continue;
		if (names_have_channel(&one, cc->name, cc->plugin))
			return NULL;
		known[0] = cc->name;
		known[1] = cc->plugin;
		if (near == NULL)
			near = near_word(name, known, 2);
	}
	return near;
}

/* Misspelt, a channel that may only carry the link would carry it all, and
 * nobody would know. */
static int
check_privacy(const struct plan *pl)
{
	const struct announce *a = pl->a;
	const struct {
		const char *member;
		const struct names *names;
	} lists[] = {
		{ "full_text_channels", &a->full_text },
		{ "link_only_channels", &a->link_only },
		{ "no_attachment_channels", &a->no_attachment },
	};
	char pointer[64];
	int rc = 0;

	for (size_t i = 0; i < 3; i++)
		for (size_t k = 0; k < lists[i].names->n; k++) {
			const char *name = lists[i].names->list[k];
			const char *near = near_channel(pl, name);

			if (near == NULL)
				continue;
			snprintf(pointer, sizeof(pointer), "/privacy/%s/%zu",
			    lists[i].member, k);
			rc = problem_add(pl->p, PROBLEM_ERROR, pointer,
			    "unknown-channel", "there is no channel or "
			    "plugin \"%s\": did you mean \"%s\"?", name,
			    near);
		}
	return rc;
}

int
route_plan(const struct route_with *with, const struct announce *a,
    struct route *r, struct problems *p)
{
	struct plan pl = { with, a, r, p };

	memset(r, 0, sizeof(*r));
	r->keep = json_array();
	if (check_only(&pl) != 0 || check_privacy(&pl) != 0)
		return -1;
	for (size_t i = 0; i < with->n_channels; i++) {
		const struct channel *ch = with->channels[i];
		const struct conf_channel *cc = conf_channel(
		    with->config, channel_name(ch));

		if (cc != NULL && wanted(&pl, ch, cc))
			plan_channel(&pl, ch, cc);
		else if (cc != NULL && with->only == NULL)
			plan_left(&pl, ch, NULL);
	}
	if (r->n == 0)
		return problem_add(p, PROBLEM_ERROR, "", "no-channel",
		    "no channel is left for this announcement: enable one or "
		    "name one");
	return 0;
}

void
route_fini(struct route *r)
{
	json_decref(r->keep);
	r->keep = NULL;
	r->n = 0;
}
