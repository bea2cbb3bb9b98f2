/*
 * subscriber: what a subscriber must look like, without a database.
 *
 * {"ref":"kdnr-17","languages":["tr","de"],"topics":["verkehr"],
 *  "ars":"990010000000","addresses":{"email":"...","sms":"+49..."}}
 *
 *	ref		1 to 64 bytes, no control characters
 *	addresses	at least one; kind [a-z0-9_-]{1,32}
 *	  email		one "@", local part <= 64, in all <= 254 (RFC 5321
 *			4.5.3.1), no space, control, comma or angle bracket
 *	  sms, whatsapp	"+" and 7 to 15 digits (E.164)
 *	  other		1 to 319 bytes, no control characters
 *	languages	tags like "de" or "zh-hans", in all <= 62 bytes
 *	topics		[a-z0-9-_]{1,48}, at most 64
 *	ars		12 digits
 */
#ifndef STORE_SUBSCRIBER_H
#define STORE_SUBSCRIBER_H

#include <jansson.h>

#include "base/err.h"

/* 0, or -1 with ERR_INVALID and the first thing that is wrong. The text
 * never contains an address. */
int
subscriber_check(const json_t *subscriber, struct err *e);

#endif
