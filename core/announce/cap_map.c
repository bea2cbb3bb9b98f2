/*
 * cap_map: from a judged message to announcement v1. Decides also what is
 * not for the public, and says why. Called by cap.
 */
#include "config.h"

#include <ctype.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "announce/cap_map.h"
#include "announce/prose.h"
#include "announce/schema.h"
#include "base/mem.h"
#include "base/when.h"

#define SOURCE_MAX	200	/* code points */
#define REFS_MAX	1000

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

/* The value in lower case: CAP writes "Severe", we write "severe". */
static void
set_lower(json_t *o, const char *key, const char *value)
{
	char *s = xstrdup(value);

	for (char *c = s; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	set(o, key, s);
	free(s);
}

static void
set_time(json_t *o, const char *key, struct wall w)
{
	char text[WHEN_MAX];

	set(o, key, when_format(w, text, sizeof(text)));
}

/* ------------------------------------------------------------------ ids -- */

const char *
cap_id(const char *sender, const char *identifier, char out[CAP_ID_MAX])
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	crypto_hash_sha256_state st;
	size_t n = 0;

	if (schema_id_ok(identifier) && strlen(identifier) >= 8) {
		snprintf(out, CAP_ID_MAX, "%s", identifier);
		return out;
	}
	crypto_hash_sha256_init(&st);
	crypto_hash_sha256_update(&st, (const unsigned char *)sender,
	    strlen(sender) + 1);
	crypto_hash_sha256_update(&st, (const unsigned char *)identifier,
	    strlen(identifier));
	crypto_hash_sha256_final(&st, hash);
	n = (size_t)snprintf(out, CAP_ID_MAX, "%.*s",
	    SCHEMA_ID_MAX - 9, identifier);
	n = n > SCHEMA_ID_MAX - 9 ? SCHEMA_ID_MAX - 9 : n;
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)out[i]) &&
		    (i == 0 || strchr("._-", out[i]) == NULL))
			out[i] = i == 0 ? 'x' : '-';
	snprintf(out + n, CAP_ID_MAX - n, "-%02x%02x%02x%02x", hash[0],
	    hash[1], hash[2], hash[3]);
	return out;
}

static json_t *
references(const struct cap_map *m)
{
	json_t *list = json_array(), *seen = json_object();
	char id[CAP_ID_MAX];

	for (size_t i = 0; i < m->a->refs.n; i++) {
		const struct cap_ref *ref = &m->a->refs.v[i];

		cap_id(ref->sender, ref->identifier, id);
		if (json_object_get(seen, id) != NULL)
			continue;
		if (json_array_size(list) == REFS_MAX) {
			cap_found(m->r, CAP_WARN, "R30", m->a->references.line,
			    "more than %d references: the others are left "
			    "out", REFS_MAX);
			break;
		}
		json_object_set_new(seen, id, json_true());
		json_array_append_new(list, json_string(id));
	}
	json_decref(seen);
	return list;
}

/* ------------------------------------------------------------ languages -- */

/* "de-DE" alone is "de"; with "de-AT" beside it, both stay. */
static void
drop_region(struct cap_map *m, size_t i)
{
	char *cut = strchr(m->tags[i], '-');
	size_t n = cut == NULL ? 0 : strlen(cut + 1);

	if (cut == NULL || (n != 2 && !(n == 3 && isdigit(
	    (unsigned char)cut[1]))))
		return;
	for (size_t k = 0; k < m->a->infos.n; k++)
		if (lang_related(m->tags[k], m->tags[i]) &&
		    !lang_special(m->tags[k]) &&
		    strcmp(m->tags[k], m->tags[i]) != 0)
			return;
	for (size_t k = m->a->infos.n; k-- > 0;)
		if (k != i && strcmp(m->tags[k], m->tags[i]) == 0)
			m->tags[k][cut - m->tags[i]] = '\0';
	*cut = '\0';
}

static void
find_tags(struct cap_map *m)
{
	for (size_t i = 0; i < m->a->infos.n; i++) {
		const char *tag = cap_str(&m->a->infos.v[i].language);

		if (*tag == '\0')
			tag = "en-us";
		lang_normal(lang_known(tag) ? tag : "und", m->tags[i]);
	}
	for (size_t i = 0; i < m->a->infos.n; i++)
		drop_region(m, i);
}

/* --------------------------------------------------------------- facts -- */

static const char *const scale[] = { "Extreme", "Severe", "Moderate",
	"Minor", "Unknown" };
static const char *const priorities[] = { "urgent", "urgent", "high",
	"normal", "normal" };

static size_t
rank(const struct cap_info *info)
{
	size_t i = 0;

	while (i < 4 && !is(&info->severity, scale[i]))
		i++;
	return i;
}

/* A message that lifts a warning here and warns there still warns. */
static void
find_worst(struct cap_map *m)
{
	size_t cleared = 0;

	for (size_t i = 0; i < m->a->infos.n; i++) {
		const struct cap_info *info = &m->a->infos.v[i];

		if (m->worst == NULL || rank(info) < rank(m->worst))
			m->worst = info;
		cleared += cap_clears(info);
	}
	m->all_clear = is(&m->a->msg_type, "Cancel") ||
	    (cleared > 0 && cleared == m->a->infos.n);
}

static void
set_scale(const struct cap_map *m, json_t *j)
{
	static const struct cap_info unknown;
	const struct cap_info *w = m->worst == NULL ? &unknown : m->worst;
	size_t i = rank(w);

	set_lower(j, "severity", scale[i]);
	set(j, "priority", priorities[i]);
	set_lower(j, "urgency", w == &unknown ? "unknown" :
	    cap_str(&w->urgency));
	set_lower(j, "certainty", w == &unknown ? "unknown" :
	    cap_str(&w->certainty));
}

/* The first known word; cap_rules warned about others. */
static const char *
category_of(const struct cap_info *info)
{
	static const char known[] = " Geo Met Safety Security Rescue Fire "
	    "Health Env Transport Infra CBRNE Other ";
	char word[16];

	for (size_t i = 0; i < info->categories.n; i++) {
		const char *s = cap_str(&info->categories.v[i]);

		if (strlen(s) > 12 || *s == '\0' || strchr(s, ' ') != NULL)
			continue;
		snprintf(word, sizeof(word), " %s ", s);
		if (strstr(known, word) != NULL)
			return s;
	}
	return "Other";
}

static const char *const code_names[] = { "profile:DE-BBK-EVENTCODE",
	"profile:DE-BBK-EVENTCODE:01.00R", "II", "SAME", "OET:v1.0" };

static void
set_event(const struct cap_map *m, json_t *j)
{
	size_t n = sizeof(code_names) / sizeof(code_names[0]);

	set(j, "category", m->worst == NULL ? "Other" :
	    category_of(m->worst));
	for (size_t i = 0; m->worst != NULL && i < n; i++) {
		const char *code = cap_pair_get(&m->worst->event_codes,
		    code_names[i]);

		if (!schema_name_ok(code))
			continue;
		set(j, "event_code", code);
		return;
	}
}

static struct wall
later(struct wall a, struct wall b)
{
	return a.us > b.us ? a : b;
}

/*
 * Seconds from sent, without an expires. The German warning system sends none
 * and always cancels, so its warnings stay until then.
 */
static int64_t
valid_for(const struct cap_map *m)
{
	if (is(&m->a->msg_type, "Cancel"))
		return m->policy->all_clear;
	if (strncmp(cap_str(&m->a->identifier), "mow.", 4) == 0)
		return m->policy->until_cancel;
	return m->policy->valid;
}

/* Of the information; where an office says when the event ends and that is
 * later, until then. */
static struct wall
expires_of(const struct cap_map *m)
{
	struct wall w = { 0 }, end;
	int64_t valid;

	for (size_t i = 0; i < m->a->infos.n; i++) {
		const struct cap_info *info = &m->a->infos.v[i];

		w = later(w, info->expires_at);
		if (info->expires_at.us > 0 && when_parse(cap_pair_get(
		    &info->parameters, "eventEndingTime"), &end, NULL) == 0)
			w = later(w, end);
	}
	if (w.us > 0)
		return w;
	valid = valid_for(m);
	cap_found(m->r, CAP_ACCEPT, "R19", 0, "no expires: it is over %lld "
	    "hours after it was sent", (long long)valid / 3600);
	w.us = m->a->sent_at.us + CLOCK_SECOND * valid;
	return w;
}

static struct wall
starts_of(const struct cap_map *m, struct wall expires)
{
	struct wall w = { 0 };

	for (size_t i = 0; i < m->a->infos.n; i++) {
		const struct cap_info *info = &m->a->infos.v[i];
		struct wall t = info->onset_at;

		if (t.us == 0)
			t = info->effective_at;
		if (t.us > 0 && (w.us == 0 || t.us < w.us))
			w = t;
	}
	return w.us == 0 || w.us >= expires.us ? m->a->sent_at : w;
}

static void
set_link(const struct cap_map *m, json_t *j)
{
	for (size_t i = 0; i < m->a->infos.n; i++) {
		const char *web = cap_str(&m->a->infos.v[i].web);

		if (prose_url_ok(web)) {
			json_object_set_new(j, "link",
			    json_pack("{s:s}", "url", web));
			return;
		}
	}
}

static void
set_source(const struct cap_map *m, json_t *j)
{
	json_t *source = json_object();

	set(source, "format", m->a->version == 12 ? "CAP 1.2" :
	    m->a->version == 11 ? "CAP 1.1" : "CAP 1.0");
	cap_set_short(source, "sender", xstrdup(cap_str(&m->a->sender)),
	    SOURCE_MAX);
	cap_set_short(source, "identifier",
	    xstrdup(cap_str(&m->a->identifier)), SOURCE_MAX);
	json_object_set_new(j, "source", source);
}

static void
set_identity(const struct cap_map *m, json_t *j)
{
	char id[CAP_ID_MAX];

	set(j, "id", cap_id(cap_str(&m->a->sender),
	    cap_str(&m->a->identifier), id));
	set(j, "kind", m->all_clear ? "all_clear" : "warning");
	if (m->a->refs.n == 0)
		set(j, "msg_type", "alert");
	else
		set_lower(j, "msg_type", cap_str(&m->a->msg_type));
	set_lower(j, "status", cap_str(&m->a->status));
	json_object_set_new(j, "references", references(m));
	json_object_set_new(j, "topics", json_pack("[s]", "warnung"));
}

/* --------------------------------------------------------- who may see it */

static bool
status_allowed(const struct cap_map *m)
{
	const struct cap_value *status = &m->a->status;

	return is(status, "Actual") ||
	    (is(status, "Exercise") && m->policy->exercise) ||
	    (is(status, "Test") && m->policy->test);
}

/* Both conditions, status and scope, and a type that is for people. */
static bool
for_the_public(const struct cap_map *m)
{
	const struct cap_alert *a = m->a;
	char *why = m->r->withheld;
	size_t n = sizeof(m->r->withheld);

	if (!status_allowed(m))
		snprintf(why, n, "status %s is not published",
		    cap_str(&a->status));
	else if (!is(&a->scope, "Public"))
		snprintf(why, n, "scope %s is not public",
		    cap_str(&a->scope));
	else if (is(&a->msg_type, "Ack") || is(&a->msg_type, "Error"))
		snprintf(why, n, "msgType %s is not for people",
		    cap_str(&a->msg_type));
	else if (a->infos.n == 0 && !is(&a->msg_type, "Cancel"))
		snprintf(why, n, "there is no text");
	return *why == '\0';
}

json_t *
cap_map(const struct cap_alert *a, const struct cap_policy *policy,
    struct cap_report *r)
{
	struct cap_map m = { .a = a, .policy = policy, .r = r };
	struct wall expires;
	json_t *j, *area;

	if (!for_the_public(&m))
		return NULL;
	find_tags(&m);
	find_worst(&m);
	expires = expires_of(&m);
	if (expires.us <= a->sent_at.us) {
		snprintf(r->withheld, sizeof(r->withheld),
		    "it was over when it was sent");
		return NULL;
	}
	j = json_object();
	area = cap_where(&m);
	set_identity(&m, j);
	set_event(&m, j);
	set_scale(&m, j);
	cap_content(&m, j, area);
	json_object_set_new(j, "area", area);
	set_time(j, "sent", a->sent_at);
	set_time(j, "starts", starts_of(&m, expires));
	set_time(j, "expires", expires);
	set_link(&m, j);
	set_source(&m, j);
	cap_content_fit(&m, j);
	return j;
}
