/*
 * cap_rules: judge a message and repair what only describes. One function a
 * rule, or a few that belong together. Called by cap.
 */
#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "announce/cap_text.h"
#include "announce/cap_tree.h"
#include "announce/prose.h"
#include "base/mem.h"
#include "base/when.h"

#define HEADLINE_SOFT	250	/* bytes; the aim of the standard is 160 */

static const char *const statuses[] = { "Actual", "Exercise", "System",
	"Test", "Draft", NULL };
static const char *const msg_types[] = { "Alert", "Update", "Cancel", "Ack",
	"Error", NULL };
static const char *const scopes[] = { "Public", "Restricted", "Private",
	NULL };
static const char *const categories[] = { "Geo", "Met", "Safety", "Security",
	"Rescue", "Fire", "Health", "Env", "Transport", "Infra", "CBRNE",
	"Other", NULL };
static const char *const urgencies[] = { "Immediate", "Expected", "Future",
	"Past", "Unknown", NULL };
static const char *const severities[] = { "Extreme", "Severe", "Moderate",
	"Minor", "Unknown", NULL };
static const char *const certainties[] = { "Observed", "Likely", "Possible",
	"Unlikely", "Unknown", NULL };

static bool
listed(const char *s, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcmp(s, *list) == 0)
			return true;
	return false;
}

static bool
is(const struct cap_value *v, const char *s)
{
	return strcmp(cap_str(v), s) == 0;
}

/* ---------------------------------------------------------- the message -- */

/* R05, R06 */
static int
judge_token(const struct cap_value *v, const char *rule, const char *what,
    struct cap_report *r)
{
	const char *s = cap_str(v);

	if (*s == '\0')
		return cap_found(r, CAP_REJECT, rule, v->line,
		    "%s is missing: nobody can refer to this message", what);
	if (s[strcspn(s, " \t\r\n,<&")] != '\0')
		return cap_found(r, CAP_REJECT, rule, v->line, "%s has a "
		    "blank, comma, < or &: references to it would break",
		    what);
	return 0;
}

/* R08, R09, R10 */
static int
judge_word(const struct cap_value *v, const char *const *list,
    const char *rule, const char *what, struct cap_report *r)
{
	if (listed(cap_str(v), list))
		return 0;
	return cap_found(r, CAP_REJECT, rule, v->line, "%s \"%.40s\" is not "
	    "a word of CAP: who may see this is not clear", what,
	    cap_str(v));
}

/* R07. -1: not to be used. */
static int
judge_time(const struct cap_alert *a, const struct cap_value *v,
    struct wall *w_r, struct cap_report *r)
{
	struct when_form f;

	w_r->us = 0;
	if (*cap_str(v) == '\0')
		return 0;
	if (when_scan(cap_str(v), w_r, &f, NULL) < 0 || !f.offset) {
		w_r->us = 0;
		return -1;
	}
	if (a->version == 12 && (f.zulu || f.fraction || !f.colon || f.leap))
		cap_found(r, CAP_WARN, "R07", v->line, "\"%.40s\" is not "
		    "spelt as CAP asks for, but clear", cap_str(v));
	return 0;
}

static int
judge_control(struct cap_alert *a, struct cap_report *r)
{
	int bad = judge_token(&a->identifier, "R05", "identifier", r);

	bad |= judge_token(&a->sender, "R06", "sender", r);
	bad |= judge_word(&a->status, statuses, "R08", "status", r);
	bad |= judge_word(&a->msg_type, msg_types, "R09", "msgType", r);
	bad |= judge_word(&a->scope, scopes, "R10", "scope", r);
	if (judge_time(a, &a->sent, &a->sent_at, r) < 0 ||
	    a->sent_at.us == 0)
		bad |= cap_found(r, CAP_REJECT, "R07", a->sent.line, "sent "
		    "\"%.40s\" is no date and time with an offset",
		    cap_str(&a->sent));
	return bad == 0 ? 0 : -1;
}

/* R11, R12 */
static void
judge_scope(struct cap_alert *a, struct cap_report *r)
{
	bool restriction = *cap_str(&a->restriction) != '\0';

	if (restriction != is(&a->scope, "Restricted"))
		cap_found(r, CAP_WARN, "R11", a->scope.line, "restriction "
		    "and scope do not fit together");
	if (is(&a->scope, "Private") && *cap_str(&a->addresses) == '\0')
		cap_found(r, CAP_WARN, "R12", a->scope.line,
		    "scope is Private, but no addresses are named");
}

/* R13, R14 */
static int
judge_references(struct cap_alert *a, struct cap_report *r)
{
	cap_refs(a, r);
	if (a->refs.n > 0 || is(&a->msg_type, "Alert"))
		return 0;
	if (is(&a->msg_type, "Cancel"))
		return cap_found(r, CAP_REJECT, "R13", a->msg_type.line,
		    "it cancels, but does not say what: nothing is guessed");
	cap_found(r, CAP_WARN, "R13", a->msg_type.line, "%s without "
	    "references%s", cap_str(&a->msg_type), is(&a->msg_type,
	    "Update") ? ": treated as a new alert" : "");
	return 0;
}

/* R08: who warns must say of what. */
static void
judge_infos(struct cap_alert *a, struct cap_report *r)
{
	if (a->infos.n == 0 && !is(&a->status, "System") &&
	    (is(&a->msg_type, "Alert") || is(&a->msg_type, "Update")))
		cap_found(r, CAP_WARN, "R08", a->msg_type.line,
		    "there is no info block: nothing to publish");
}

/* ----------------------------------------------------------------- info -- */

/* R15, R16 */
static void
judge_event(const struct cap_alert *a, struct cap_info *i,
    struct cap_report *r)
{
	bool known = false;

	for (size_t k = 0; k < i->categories.n; k++)
		known = known || listed(cap_str(&i->categories.v[k]),
		    categories);
	if (!known && a->version > 10)
		cap_found(r, CAP_WARN, "R15", i->event.line, "no category "
		    "that CAP knows: treated as Other");
	if (*cap_str(&i->event) == '\0')
		cap_found(r, CAP_WARN, "R16", i->event.line,
		    "event is missing");
}

/* The word of CAP that s was meant to be. */
static const char *
meant(const char *s, const char *const *list)
{
	if (strcmp(s, "Very Likely") == 0)
		return "Likely";
	for (; *list != NULL; list++)
		if (strcasecmp(s, *list) == 0)
			return *list;
	return "Unknown";
}

/* R17 */
static void
judge_scale(struct cap_value *v, const char *const *list, const char *what,
    struct cap_report *r)
{
	if (listed(cap_str(v), list))
		return;
	cap_found(r, CAP_WARN, "R17", v->line, "%s \"%.40s\" is not a word "
	    "of CAP", what, cap_str(v));
	cap_value_set(v, xstrdup(meant(cap_str(v), list)));
}

/* R18 */
static void
judge_language(struct cap_info *i, struct cap_report *r)
{
	const char *s = cap_str(&i->language);
	size_t n = 0;

	for (; *s != '\0'; s++) {
		n = *s == '-' || *s == '_' ? 0 : n + 1;
		if (n > 8 || (n > 0 && !isalnum((unsigned char)*s)))
			break;
	}
	if (*s != '\0' || (n == 0 && *cap_str(&i->language) != '\0'))
		cap_found(r, CAP_WARN, "R18", i->language.line,
		    "\"%.40s\" is no language tag", cap_str(&i->language));
}

static void
judge_info_time(const struct cap_alert *a, const struct cap_value *v,
    struct wall *w_r, const char *what, struct cap_report *r)
{
	if (judge_time(a, v, w_r, r) < 0)
		cap_found(r, CAP_WARN, "R07", v->line, "%s \"%.40s\" is no "
		    "date and time with an offset: left out", what,
		    cap_str(v));
}

/* R07, R19 */
static void
judge_times(const struct cap_alert *a, struct cap_info *i,
    struct cap_report *r)
{
	judge_info_time(a, &i->effective, &i->effective_at, "effective", r);
	judge_info_time(a, &i->onset, &i->onset_at, "onset", r);
	judge_info_time(a, &i->expires, &i->expires_at, "expires", r);
	if (i->expires_at.us == 0)
		return;
	if (i->expires_at.us <= a->sent_at.us ||
	    i->expires_at.us <= i->effective_at.us)
		cap_found(r, CAP_WARN, "R19", i->expires.line,
		    "it expires before it begins");
}

/* R20. A link may hide in HTML or lack its scheme. */
static void
judge_web(struct cap_info *i, struct cap_report *r)
{
	const char *s = cap_str(&i->web), *http;
	char *fixed;

	if (*s == '\0' || prose_url_ok(s))
		return;
	http = strcasestr(s, "http");
	if (strncasecmp(s, "www.", 4) == 0)
		fixed = xasprintf("https://%.*s", (int)strcspn(s, " \t\n"),
		    s);
	else if (http != NULL)
		fixed = xstrndup(http, strcspn(http, "\"'<> \t\n"));
	else
		fixed = xstrdup("");
	if (!prose_url_ok(fixed))
		fixed[0] = '\0';
	cap_found(r, CAP_WARN, "R20", i->web.line, "web is no full address: "
	    "%s", fixed[0] == '\0' ? "left out" : "repaired");
	cap_value_set(&i->web, fixed);
}

/* R21 */
static void
judge_resource(const struct cap_alert *a, struct cap_resource *res,
    struct cap_report *r)
{
	const char *mime = cap_str(&res->mime), *uri = cap_str(&res->uri);
	const char *size = cap_str(&res->size), *fault = NULL;
	const char *slash = strchr(mime, '/');

	if (*mime == '\0' ? a->version == 12 : slash == NULL || slash == mime
	    || slash[1] == '\0')
		fault = "mimeType is not type/subtype";
	else if (size[strspn(size, "0123456789")] != '\0')
		fault = "size is no number";
	else if (*uri != '\0' && !prose_url_ok(uri) &&
	    (strchr(uri, ':') != NULL || *cap_str(&res->deref) == '\0'))
		fault = "uri is no address on the web";
	if (fault == NULL)
		return;
	cap_found(r, CAP_WARN, "R21", res->desc.line, "a resource is left "
	    "out: %s", fault);
	cap_value_set(&res->uri, xstrdup(""));
}

/* R28 */
static void
clean(struct cap_value *v, bool line, const char *what, struct cap_report *r)
{
	bool odd = false;

	if (v->s == NULL)
		return;
	cap_value_set(v, cap_text(v->s, line, &odd));
	if (odd)
		cap_found(r, CAP_WARN, "R28", v->line, "%s has HTML or "
		    "invisible characters: made plain", what);
}

static void
judge_texts(struct cap_info *i, struct cap_report *r)
{
	clean(&i->event, true, "event", r);
	clean(&i->sender_name, true, "senderName", r);
	clean(&i->headline, true, "headline", r);
	clean(&i->description, false, "description", r);
	clean(&i->instruction, false, "instruction", r);
	clean(&i->contact, false, "contact", r);
	for (size_t k = 0; k < i->areas.n; k++)
		clean(&i->areas.v[k].desc, true, "areaDesc", r);
	for (size_t k = 0; k < i->resources.n; k++)
		clean(&i->resources.v[k].desc, true, "resourceDesc", r);
	/* R30 */
	if (strlen(cap_str(&i->headline)) > HEADLINE_SOFT)
		cap_found(r, CAP_WARN, "R30", i->headline.line,
		    "the headline is very long: shortened");
}

static bool
judge_areas(struct cap_info *i, struct cap_report *r)
{
	bool usable = i->areas.n == 0;

	for (size_t k = 0; k < i->areas.n; k++)
		usable = cap_area_judge(&i->areas.v[k], r) || usable;
	return usable;
}

static bool
judge_info(const struct cap_alert *a, struct cap_info *i,
    struct cap_report *r)
{
	judge_language(i, r);
	judge_event(a, i, r);
	judge_scale(&i->urgency, urgencies, "urgency", r);
	judge_scale(&i->severity, severities, "severity", r);
	judge_scale(&i->certainty, certainties, "certainty", r);
	judge_times(a, i, r);
	judge_web(i, r);
	for (size_t k = 0; k < i->resources.n; k++)
		judge_resource(a, &i->resources.v[k], r);
	judge_texts(i, r);
	return judge_areas(i, r);
}

int
cap_rules(struct cap_alert *a, struct cap_report *r)
{
	bool usable = a->infos.n == 0;

	if (judge_control(a, r) < 0)
		return -1;
	judge_scope(a, r);
	if (judge_references(a, r) < 0)
		return -1;
	judge_infos(a, r);
	for (size_t k = 0; k < a->infos.n; k++)
		usable = judge_info(a, &a->infos.v[k], r) || usable;
	if (!usable)
		return cap_found(r, CAP_REJECT, "R22", 0, "no area can be "
		    "used: nobody knows where it is valid");
	return 0;
}
