/*
 * host_render: the rendition being made, and the texts for it.
 *
 * The functions from out_text() on are members of struct lf_host; what they
 * do stands in plugin.h. They may be called only inside render.
 */
#ifndef WORKER_HOST_RENDER_H
#define WORKER_HOST_RENDER_H

#include <jansson.h>

#include "litfass/plugin.h"

/* ch is borrowed. */
struct lf_out *
out_new(struct lf_channel *ch);
void
out_free(struct lf_out **op);

/* Around one render. */
void
out_begin(struct lf_out *out);
/*
 * rc is what render returned. The rendition as JSON, given, or NULL with
 * *slug_r and *text_r (borrowed until the next out_begin()) when the
 * announcement was refused.
 */
json_t *
out_end(struct lf_out *out, int rc, const char **slug_r,
    const char **text_r);

void
out_text(struct lf_out *out, const char *s);
void
out_bytes(struct lf_out *out, const void *p, uint64_t len);
void
out_slot(struct lf_out *out, const char *name, uint32_t escape);
void
out_measure(struct lf_out *out, const char *name, int64_t n);
void
out_meta(struct lf_out *out, const char *key, const char *value);
void
out_warn(struct lf_out *out, const char *slug, const char *text);
void
out_refuse(struct lf_out *out, const char *slug, const char *text);

const char *
out_expand(struct lf_out *out, const struct lf_announcement *a,
    const char *tmpl, uint32_t form, uint32_t unit, uint32_t max);
const char *
out_markdown(struct lf_out *out, const char *md, uint32_t form);
const char *
out_escape(struct lf_out *out, const char *s, uint32_t how);
const char *
out_cut(struct lf_out *out, const char *s, uint32_t unit, uint32_t max);
uint64_t
out_length(const char *s, uint32_t unit);
void
out_sms(struct lf_out *out, const char *text, uint32_t translit,
    struct lf_sms *sms_r);
const char *
out_word(struct lf_out *out, const char *lang, const char *key);
const char *
out_when(struct lf_out *out, const char *lang, int64_t t);

#endif
