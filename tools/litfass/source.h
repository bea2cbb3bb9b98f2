/*
 * source: the announcements a person gave with -f or --cap.
 */
#ifndef LITFASS_SOURCE_H
#define LITFASS_SOURCE_H

#include <jansson.h>

#include "base/err.h"
#include "command.h"

struct source {
	char *name;		/* of the file, for messages */
	json_t *items;		/* an array of announcements */
	json_t *issuer;		/* that of the collection, or NULL */
	/* Only after --cap: what cap_report_json() gives. A message that is
	 * rejected or not for the public leaves no item. */
	json_t *cap;
};

/* The bytes of a file, or of standard input for "-"; given, NUL behind the
 * last. At most max. */
int
source_read(const char *path, size_t max, char **text_r, size_t *len_r,
    struct err *e);

/*
 * Read what -f, --cap and --id name. ERR_USAGE without either, ERR_NOT_FOUND
 * for an absent file or id, ERR_INVALID for a file that is no announcement:
 * then *problems_r (given) may say more. The source is to be ended with
 * source_fini() in any case.
 */
int
source_load(const struct cli *c, struct source *s, json_t **problems_r,
    struct err *e);
/* ERR_INVALID when there is no announcement in it, and why. */
int
source_need(const struct source *s, struct err *e);
void
source_fini(struct source *s);

#endif
