/*
 * message: one announcement as one mail. Everything but address and key is
 * the same for all recipients.
 */
#ifndef EMAIL_MESSAGE_H
#define EMAIL_MESSAGE_H

#include "litfass/plugin.h"

/* All kept; "" for what is not configured. */
struct message_conf {
	const char *from;		/* address */
	const char *from_name;		/* "" the announcement's sender */
	const char *reply_to;		/* address */
	const char *list_id;		/* "warnungen.stadt.example" */
	const char *list_name;		/* phrase of the list */
	const char *unsubscribe_url;	/* with {address} or {key} */
	const char *unsubscribe_mailto;	/* address, may hold {key} */
	const char *text;		/* template, "" the built-in one */
	const char *html;
};

/* 0, or -1 after out_refuse. */
int
message_render(const struct lf_host *host, const struct message_conf *conf,
    const struct lf_announcement *a, struct lf_out *out);

#endif
