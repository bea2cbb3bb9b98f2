/*
 * announce: one announcement, canonical JSON version 1.
 *
 * Read, judged and then never changed: every field may be read, none
 * written. The canonical form (sorted keys, no blanks) is what is stored,
 * hashed and sent to the workers; parsing it again gives the same.
 */
#ifndef ANNOUNCE_ANNOUNCE_H
#define ANNOUNCE_ANNOUNCE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "announce/problem.h"
#include "base/clock.h"

#define ANNOUNCE_HASH	32	/* bytes, SHA-256 */

struct issuer;

struct names {
	const char **list;
	size_t n;
};

/* No string is NULL; what is not there is "". Times not given are 0. */
struct announce {
	json_t *json;
	char *text;		/* canonical form; NUL behind the last byte */
	size_t len;
	const char *id;
	const char *chain;	/* as written, mostly ""; the store knows it */
	const char *kind, *msg_type, *status;
	const char *lane;	/* warning, urgent, normal, bulk */
	const char *category, *severity, *urgency, *certainty;
	uint32_t version;	/* 1 when not given */
	struct wall sent, starts, expires;
	struct names languages;	/* sorted by tag */
	struct names references, topics, ars, groups;
	struct names full_text, link_only, no_attachment;	/* channels */
	bool personal_data;
};

/*
 * Parse and judge. 0 and the announcement, given, also with warnings in p;
 * -1 when p has an error. text need not end with NUL.
 */
int
announce_parse(const char *text, size_t len, struct announce **a_r,
    struct problems *p);
/* The same from JSON that somebody parsed. json is borrowed. */
int
announce_from_json(json_t *json, struct announce **a_r, struct problems *p);
void
announce_free(struct announce **a);

/*
 * The announcements of a file: {"issuer": {...}, "announcements": [...]} or
 * just one. An array, given. *issuer_r is borrowed from root, or NULL.
 */
json_t *
announce_split(json_t *root, json_t **issuer_r);

/* What only shows with the issuer and the clock; now 0 skips the clock. With
 * publish, an announcement that is over is an error. issuer may be NULL. */
void
announce_lint(const struct announce *a, const struct issuer *issuer,
    struct wall now, bool publish, struct problems *p);

/* Of the canonical form. */
void
announce_hash(const struct announce *a, unsigned char hash_r[ANNOUNCE_HASH]);

/* May this announcement go out in full on this channel of that plugin? */
bool
announce_in_full(const struct announce *a, const char *channel,
    const char *plugin);
bool
announce_with_attachments(const struct announce *a, const char *channel,
    const char *plugin);

bool
names_have(const struct names *names, const char *name);
/* Is the channel in a list of privacy? By its own name or by its plugin's, of
 * which "sms" also means sms_http; case does not matter. */
bool
names_have_channel(const struct names *names, const char *channel,
    const char *plugin);

#endif
