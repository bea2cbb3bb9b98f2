/*
 * cap: public warnings in, Common Alerting Protocol 1.2 (and 1.1, 1.0).
 *
 * Fail closed on what decides who may read it (status, msgType, scope,
 * identifier, sender, sent), fail open on what only describes: a warning must
 * not get lost because an office forgot to close a polygon. Every finding
 * names its rule, R01 to R31.
 */
#ifndef ANNOUNCE_CAP_H
#define ANNOUNCE_CAP_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CAP_BYTES_MAX	(64 * 1024 * 1024)	/* no policy goes beyond */

struct cap_policy {
	size_t max_bytes;	/* of the document */
	int64_t valid;		/* seconds, when there is no expires */
	int64_t until_cancel;	/* the same for MoWaS, which never has one */
	int64_t all_clear;	/* the same for a Cancel */
	bool exercise, test;	/* give announcements of such a status */
	bool strict;		/* every warning rejects */
};

/* 4 MiB, 24 h, 30 days, 6 h, exercises but no tests, lenient. */
void
cap_policy_init(struct cap_policy *p);

enum cap_result { CAP_ACCEPT, CAP_WARN, CAP_REJECT };

struct cap_finding {
	enum cap_result level;	/* CAP_ACCEPT: a note */
	char rule[4];		/* "R23" */
	unsigned long line;	/* of the document, 0 unknown */
	char *message;
};

struct cap_report {
	enum cap_result result;
	struct cap_finding *items;
	size_t n;
	char withheld[96];	/* why nothing is published, or "" */
	const char *signature;	/* "none", "present-unverified" */
};

/*
 * 0 when accepted, -1 when rejected. *announcement_r is given: canonical v1,
 * or NULL when the message is rejected or is not for the public (report says
 * why in withheld). The report must be freed in either case.
 */
int
cap_read(const char *xml, size_t len, const struct cap_policy *policy,
    json_t **announcement_r, struct cap_report *report_r);

#define CAP_ID_MAX	65	/* bytes, with the NUL */

/*
 * Our id of a message: its identifier when that can be one, otherwise a
 * readable part of it and a hash over sender and identifier. Always the same,
 * so references find what they mean. Returns out.
 */
const char *
cap_id(const char *sender, const char *identifier, char out[CAP_ID_MAX]);

void
cap_report_fini(struct cap_report *r);
/* "accept", "accept+warn", "reject". */
const char *
cap_result_name(enum cap_result result);
/* {"result","signature","withheld","rules":["R04"],"findings":[{"level",
 * "rule","line","message"}]}, given. Notes are not among the rules. */
json_t *
cap_report_json(const struct cap_report *r);

#endif
