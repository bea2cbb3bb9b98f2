/*
 * cap: read, judge and map one document; keep the report. Never fetches
 * anything a document names. Called by the command line and importers.
 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "announce/cap_tree.h"
#include "base/mem.h"

#define FINDINGS_MAX	200

static const char *const result_names[] = { "accept", "accept+warn",
	"reject" };
static const char *const level_names[] = { "note", "warn", "reject" };

void
cap_policy_init(struct cap_policy *p)
{
	*p = (struct cap_policy){ .max_bytes = 4 * 1024 * 1024,
		.valid = 24 * 3600, .until_cancel = 30 * 24 * 3600,
		.all_clear = 6 * 3600, .exercise = true };
}

int
cap_found(struct cap_report *r, enum cap_result level, const char *rule,
    unsigned long line, const char *fmt, ...)
{
	struct cap_finding *f;
	char text[400];
	va_list ap;

	if (level > r->result)
		r->result = level;
	if (r->n == FINDINGS_MAX && level != CAP_REJECT)
		return -1;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	r->items = xreallocarray(r->items, r->n + 1, sizeof(*r->items));
	f = &r->items[r->n++];
	f->level = level;
	snprintf(f->rule, sizeof(f->rule), "%s", rule);
	f->line = line;
	f->message = xstrdup(text);
	return -1;
}

void
cap_report_fini(struct cap_report *r)
{
	for (size_t i = 0; i < r->n; i++)
		free(r->items[i].message);
	free(r->items);
	memset(r, 0, sizeof(*r));
}

const char *
cap_result_name(enum cap_result result)
{
	return result_names[result];
}

static bool
rule_listed(const json_t *rules, const char *rule)
{
	for (size_t i = 0; i < json_array_size(rules); i++)
		if (strcmp(json_string_value(json_array_get(rules, i)),
		    rule) == 0)
			return true;
	return false;
}

/* Text from the document may be cut inside a character. */
static json_t *
message_json(const char *s)
{
	size_t n = strlen(s);
	json_t *j = NULL;

	for (size_t cut = 0; j == NULL && cut < 4 && cut <= n; cut++)
		j = json_stringn(s, n - cut);
	return j == NULL ? json_string("?") : j;
}

json_t *
cap_report_json(const struct cap_report *r)
{
	json_t *o = json_object(), *rules = json_array();
	json_t *findings = json_array();

	for (size_t i = 0; i < r->n; i++) {
		const struct cap_finding *f = &r->items[i];
		json_t *j = json_object();

		if (f->level != CAP_ACCEPT && !rule_listed(rules, f->rule))
			json_array_append_new(rules, json_string(f->rule));
		json_object_set_new(j, "level",
		    json_string(level_names[f->level]));
		json_object_set_new(j, "rule", json_string(f->rule));
		json_object_set_new(j, "line",
		    json_integer((json_int_t)f->line));
		json_object_set_new(j, "message", message_json(f->message));
		json_array_append_new(findings, j);
	}
	json_object_set_new(o, "result",
	    json_string(cap_result_name(r->result)));
	json_object_set_new(o, "rules", rules);
	json_object_set_new(o, "signature", json_string(r->signature));
	json_object_set_new(o, "withheld", json_string(r->withheld));
	json_object_set_new(o, "findings", findings);
	return o;
}

static int
read_and_judge(const char *xml, size_t len, const struct cap_policy *policy,
    struct cap_alert *alert, struct cap_report *r)
{
	if (len > policy->max_bytes || len > CAP_BYTES_MAX)
		return cap_found(r, CAP_REJECT, "R30", 0, "the document has "
		    "%zu bytes, more than the %zu allowed", len,
		    policy->max_bytes);
	if (cap_tree_read(xml, len, alert, r) < 0)
		return -1;
	if (alert->signatures > 0)
		r->signature = "present-unverified";
	if (cap_rules(alert, r) < 0)
		return -1;
	if (policy->strict && r->result == CAP_WARN)
		r->result = CAP_REJECT;
	return r->result == CAP_REJECT ? -1 : 0;
}

int
cap_read(const char *xml, size_t len, const struct cap_policy *policy,
    json_t **announcement_r, struct cap_report *report_r)
{
	struct cap_alert alert;
	int rc;

	memset(&alert, 0, sizeof(alert));
	memset(report_r, 0, sizeof(*report_r));
	report_r->signature = "none";
	*announcement_r = NULL;
	rc = read_and_judge(xml, len, policy, &alert, report_r);
	if (rc == 0)
		*announcement_r = cap_map(&alert, policy, report_r);
	else
		snprintf(report_r->withheld, sizeof(report_r->withheld),
		    "rejected");
	cap_tree_fini(&alert);
	return rc;
}
