/*
 * compose: from a template and an announcement to a text that fits.
 *
 * A text that is too long is shortened until it fits: the body by sentences
 * from its end, then the teaser goes, then the tail of the area and at last
 * all of it, the tail of the headline, and in the end the instruction by
 * sentences. The link and the mark of an exercise are never cut. Each cut is
 * told, so that nothing vanishes silently.
 */
#ifndef TEXT_COMPOSE_H
#define TEXT_COMPOSE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "litfass/plugin.h"
#include "text/fields.h"

#define COMPOSE_MAX	(2 * 1024 * 1024)	/* bytes of a text */

/* Something the press office should know. slug is stable; both borrowed. */
typedef void compose_note_fn(void *arg, const char *slug, const char *text);

struct compose {
	const char *template;
	uint32_t form;		/* LF_FORM_* */
	uint32_t unit, max;	/* LF_UNIT_*, and how many of them */
	fields_when_fn *when;
	compose_note_fn *note;
	void *arg;		/* for both */
};

/*
 * Add a's text to out. Nothing is added on error: the template is wrong, or
 * not even a short headline fits with mark and link.
 */
int
compose(const struct compose *c, const struct lf_announcement *a,
    struct buf *out, struct err *e);

/*
 * Length of a text in any LF_UNIT_*; for LF_UNIT_SMS the parts it takes when
 * it is transliterated where that saves one.
 */
uint64_t
compose_length(const char *s, uint32_t unit);

#endif
