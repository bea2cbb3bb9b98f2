/*
 * issuer: who speaks. One a daemon, from the section "issuer" of litfass.conf
 * or the member of that name in a collection of announcements.
 */
#ifndef ANNOUNCE_ISSUER_H
#define ANNOUNCE_ISSUER_H

#include <jansson.h>

#include "base/err.h"

/* Read-only; strings are never NULL. */
struct issuer {
	json_t *json;
	const char *id;
	const char *sender_short;	/* "Lindenfurt", for SMS and signs */
	const char *domain;		/* links elsewhere are questioned */
	const char *default_language;
	const char *timezone;		/* IANA name */
	const char *ars;		/* 12 digits, or "" */
};

/* json is borrowed (a reference is taken). Given; NULL on error. */
struct issuer *
issuer_new(json_t *json, struct err *e);
void
issuer_free(struct issuer **i);
/* "Stadt Lindenfurt". Borrowed. */
const char *
issuer_name(const struct issuer *i, const char *lang);

#endif
