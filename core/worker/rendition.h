/*
 * rendition: what render wrote, and one recipient's copy of it.
 *
 * Travels as JSON (core/DESIGN.md, "A rendition"). Slots are places that are
 * filled with the address or the key of a delivery, escaped.
 */
#ifndef WORKER_RENDITION_H
#define WORKER_RENDITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/buf.h"
#include "base/err.h"

#define RENDITION_BODY	(8 * 1024 * 1024)	/* bytes */
#define RENDITION_SLOTS	1024

struct rendition;

/* Read the JSON form; the file is that of the other side, so everything is
 * checked. json is borrowed. Given; NULL with the reason. */
struct rendition *
rendition_new(const json_t *json, struct err *e);
void
rendition_free(struct rendition **rp);

/* The JSON form. body is borrowed, the others are given. Given. */
json_t *
rendition_json(const void *body, size_t len, json_t *slots,
    json_t *measures, json_t *meta, json_t *warnings);

bool
rendition_has_slots(const struct rendition *r);
/* The body with empty slots, borrowed; ends with NUL. */
const char *
rendition_body(const struct rendition *r, size_t *len_r);
/* The body for one recipient is added to out. */
void
rendition_fill(const struct rendition *r, const char *address,
    const char *key, struct buf *out);
/* What out_meta noted, "" when absent. Borrowed. */
const char *
rendition_meta(const struct rendition *r, const char *key);

#endif
