/*
 * doc: the document a display gets, litfass display protocol version 1.
 *
 * One announcement is one JSON document in all its languages. It says itself
 * until when it may be shown, because neither retained messages nor their
 * clearing survive a crash of the broker.
 */
#ifndef MQTT_DOC_H
#define MQTT_DOC_H

#include <stdint.h>

#include "litfass/plugin.h"

/*
 * Bytes of the document. A whole PUBLISH packet must stay below 4096 bytes:
 * Debian's broker sends larger WebSocket frames at 4 KB per 100 ms (mosquitto
 * issue 2252). Topic and properties take up to 400 of them; the rest is kept
 * for the signed envelope that is to come.
 */
#define DOC_MAX		3200

#define DOC_PAGES	8	/* pages in all languages together */
#define DOC_HEAD	60	/* characters of a headline */
#define DOC_TEXT	120	/* characters of the text on one page */
#define DOC_LINK	300	/* bytes of an address: a QR code with more is
				 * too fine for people at a distance */

/* How the text of a page is composed when the announcement has no
 * hand-written sign text. */
#define DOC_TEMPLATE							\
	"{{#is_warning}}{{instruction}}\n{{/is_warning}}"		\
	"{{teaser}}{{^teaser}}{{body}}{{/teaser}}"			\
	"{{^is_warning}}\n{{instruction}}{{/is_warning}}"

/* Write the document to out. 0, or -1 after out_refuse. */
int
doc_write(const struct lf_host *host, const struct lf_announcement *a,
    const char *tmpl, struct lf_out *out);

/* Bytes of s that make one page: at most max characters, up to the end of a
 * block, a sentence or a word; 0 when there is no such bound. */
uint64_t
doc_page(const char *s, uint64_t max);

#endif
