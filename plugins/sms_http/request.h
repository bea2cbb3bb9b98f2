/*
 * request: fills a preset's templates for one short message. Escaping goes
 * by where a value lands (form, JSON, header, path), never by pasting.
 */
#ifndef SMS_HTTP_REQUEST_H
#define SMS_HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "preset.h"

#define REQUEST_HEADERS_MAX	8

/* All borrowed. */
struct message {
	const char *to;		/* E.164 with +, checked by number_valid() */
	const char *from;
	const char *text;
	const char *key;
	const char *user;
	const char *password;
	bool ucs2;
	int64_t ttl;		/* seconds until it is no longer of use */
};

struct request {
	char *url;
	char *body;		/* "" when there is none */
	char *headers[REQUEST_HEADERS_MAX];
	uint32_t n_headers;
};

/* E.164: + and 8 to 15 digits, the first not 0. */
bool
number_valid(const char *s);
/*
 * A sender that a German network may show: 1 to 11 letters, digits or spaces
 * with a letter, or a number of at most 15 digits that is nobody's emergency
 * or premium number (section 120 TKG). NULL when it is right, else why not.
 */
const char *
sender_objection(const char *s);
/*
 * Build the request; url is the address with the preset's path. 0, or -1
 * with the reason in why; r is given then as well: request_fini().
 */
int
request_make(const struct preset *p, const char *url, const struct message *m,
    struct request *r, char why[128]);
/* Wipes what may hold the password. */
void
request_fini(struct request *r);

#endif
