/*
 * schema: the shape of an announcement, version 1, as tables.
 *
 * Every member has a row: its key, what it may hold, how long it may be. The
 * walk over the tables finds unknown members, wrong types, bad values and
 * bad texts, and names their place.
 */
#ifndef ANNOUNCE_SCHEMA_H
#define ANNOUNCE_SCHEMA_H

#include <jansson.h>
#include <stdbool.h>

struct problems;

/* Code points of the hand-written texts. */
#define SCHEMA_HEADLINE		160
#define SCHEMA_TEASER		500
#define SCHEMA_BODY		20000
#define SCHEMA_INSTRUCTION	4000
#define SCHEMA_SMS		1000
#define SCHEMA_SIGN		1000
#define SCHEMA_VOICE		4000
#define SCHEMA_ID_MAX		64	/* bytes */

void
schema_check(json_t *announcement, struct problems *p);

/* [A-Za-z0-9][A-Za-z0-9._-]*, at most SCHEMA_ID_MAX. */
bool
schema_id_ok(const char *id);
/* May a display group be called so? [A-Za-z0-9_-]{1,64} */
bool
schema_name_ok(const char *name);

#endif
