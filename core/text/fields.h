/*
 * fields: what a template can name: an announcement as JSON.
 *
 * The names are those of struct lf_announcement (litfass/plugin.h), and a few
 * that say yes or no: litfass-plugin(7) lists them. Every name is there even
 * when it is empty, so that a name that is not there is a mistake.
 */
#ifndef TEXT_FIELDS_H
#define TEXT_FIELDS_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "base/buf.h"
#include "litfass/plugin.h"

/* Add the time t for people, in the issuer's time zone; brief for SMS. */
typedef void fields_when_fn(void *arg, const char *lang, int64_t t,
    bool brief, struct buf *out);

/*
 * Given. body and instruction are Markdown, everything else is plain text;
 * bytes that are not UTF-8 become U+FFFD.
 */
json_t *
fields_json(const struct lf_announcement *a, fields_when_fn *when, void *arg);

#endif
