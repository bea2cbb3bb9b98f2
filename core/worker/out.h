/*
 * out: the insides of struct lf_out, shared by host_render.c (what the
 * plugin writes) and host_text.c (the texts it asks for).
 */
#ifndef WORKER_OUT_H
#define WORKER_OUT_H

#include <jansson.h>

#include "base/buf.h"
#include "litfass/plugin.h"

struct out_string {
	struct out_string *next;
	char *s;
};

struct lf_out {
	struct lf_channel *ch;		/* borrowed */
	int active;			/* inside render */
	struct buf body;
	json_t *slots, *measures, *meta, *warnings;
	json_t *refusal;		/* [slug, text], or NULL */
	char *failure;			/* why a text could not be made */
	struct out_string *strings;	/* lent out until render returns */
};

/* Ends the worker when render is not running. */
void
out_check(const struct lf_out *out, const char *what);
/* Lend a string (given) to the plugin until render returns. */
const char *
out_lend(struct lf_out *out, char *s);

#endif
