/*
 * template: a small part of Mustache (mustache(5)), over JSON.
 *
 *	{{x}}		the value, escaped
 *	{{{x}}} {{&x}}	the value as it is
 *	{{#x}}...{{/x}}	once when x has a value, for a list once an element
 *	{{^x}}...{{/x}}	when it has none
 *	{{! remark }}	nothing
 *
 * A name is letters, digits, "_" and "-"; a dot leads to a member, "." alone
 * is the element of the section. Empty texts and lists, false and null are no
 * value. A line that holds only a section's tag or a remark disappears.
 * Partials, functions and other delimiters are refused.
 *
 * Pure. Who writes a template is trusted to mean well, but not to be right:
 * depth, work and output have limits.
 */
#ifndef TEXT_TEMPLATE_H
#define TEXT_TEMPLATE_H

#include <jansson.h>

#include "base/buf.h"
#include "base/err.h"

#define TEMPLATE_MAX	65536	/* bytes of a template */
#define TEMPLATE_DEPTH	16	/* sections in each other */

struct template;

/* Add value, called name, in the form that is asked for. */
typedef void template_escape_fn(void *arg, const char *name,
    const char *value, struct buf *out);

struct template_run {
	const json_t *values;		/* an object */
	template_escape_fn *escape;	/* NULL: all values as they are */
	void *arg;
	/* Set: the first name that there is not, or "". */
	char unknown[64];
};

/* Given; NULL with the line and column of what is wrong. */
struct template *
template_parse(const char *text, struct err *e);
void
template_free(struct template **t);

/*
 * Add t filled with the values of run. What was added stays in out on error:
 * too much work, or the buffer was full.
 */
int
template_render(const struct template *t, struct template_run *run,
    struct buf *out, struct err *e);

#endif
