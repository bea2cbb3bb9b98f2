/*
 * cap_tree: a CAP message as it stands in the document. Only for cap*.c.
 *
 * Values are trimmed; what is absent is NULL, so they are read with cap_str().
 * Rules repair values in place; what cannot be used is made empty.
 */
#ifndef ANNOUNCE_CAP_TREE_H
#define ANNOUNCE_CAP_TREE_H

#include "announce/cap.h"
#include "base/clock.h"

#define CAP_DEPTH	64	/* nested elements */
#define CAP_INFOS	64
#define CAP_AREAS	20000
#define CAP_POINTS	100000	/* of one polygon */

struct cap_value {
	char *s;
	unsigned long line;
};

struct cap_values {
	struct cap_value *v;
	size_t n;
};

struct cap_pair {
	struct cap_value name, value;
};

struct cap_pairs {
	struct cap_pair *v;
	size_t n;
};

struct cap_resource {
	struct cap_value desc, mime, size, uri, deref, digest;
};

struct cap_area {
	struct cap_value desc, altitude, ceiling;
	struct cap_values polygons, circles;
	struct cap_pairs geocodes;
};

struct cap_info {
	struct cap_value language, event, urgency, severity, certainty,
	    audience, effective, onset, expires, sender_name, headline,
	    description, instruction, web, contact;
	struct cap_values categories, responses;
	struct cap_pairs event_codes, parameters;
	struct { struct cap_resource *v; size_t n; } resources;
	struct { struct cap_area *v; size_t n; } areas;
	struct wall effective_at, onset_at, expires_at;	/* 0: not given */
};

struct cap_ref {
	char *sender, *identifier;
	struct wall sent;	/* 0: not readable */
};

struct cap_alert {
	struct cap_value identifier, sender, sent, status, msg_type, source,
	    scope, restriction, addresses, note, references, incidents,
	    password;
	struct cap_values codes;
	struct { struct cap_info *v; size_t n; } infos;
	struct { struct cap_ref *v; size_t n; } refs;
	struct wall sent_at;
	int version;		/* 10, 11, 12 */
	unsigned signatures;
	size_t areas;		/* in all infos */
};

/* Add a finding; the worst one is the result. Returns -1. */
int
cap_found(struct cap_report *r, enum cap_result level, const char *rule,
    unsigned long line, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* 0, or -1 after a finding that rejects. alert_r is filled either way. */
int
cap_tree_read(const char *xml, size_t len, struct cap_alert *alert_r,
    struct cap_report *r);
void
cap_tree_fini(struct cap_alert *alert);
/* "" when absent. Borrowed. */
const char *
cap_str(const struct cap_value *v);
/* Replace a value; s is given. */
void
cap_value_set(struct cap_value *v, char *s);
/* A pair's value by its name, "" when absent. Borrowed. */
const char *
cap_pair_get(const struct cap_pairs *pairs, const char *name);

/* Fill refs from references. */
void
cap_refs(struct cap_alert *alert, struct cap_report *r);
/* Judge and repair one area. False: nothing of it can be used. */
bool
cap_area_judge(struct cap_area *area, struct cap_report *r);

/* Judge and repair. -1 when the message is rejected. */
int
cap_rules(struct cap_alert *alert, struct cap_report *r);

/* Canonical v1 of a judged alert, given; NULL with r->withheld set. */
json_t *
cap_map(const struct cap_alert *alert, const struct cap_policy *policy,
    struct cap_report *r);

#endif
