/*
 * render: an announcement in one language, through the plugin.
 */
#ifndef WORKER_RENDER_H
#define WORKER_RENDER_H

#include <jansson.h>

#include "announce/issuer.h"
#include "base/err.h"
#include "worker/host.h"

struct render_order {
	const char *lang, *wanted, *chain;	/* wanted, chain: may be NULL */
	const char *text;			/* canonical announcement */
	size_t len;
};

/*
 * 1: *json_r is the rendition, given. 0: refused, *slug_r and *text_r
 * (borrowed until the next render) say why. -1: the order is malformed.
 */
int
render_run(struct lf_channel *ch, void *self, const struct issuer *issuer,
    const struct render_order *order, json_t **json_r, const char **slug_r,
    const char **text_r, struct err *e);

#endif
