/*
 * answer: what a gateway's answer means for the delivery.
 */
#ifndef SMS_HTTP_ANSWER_H
#define SMS_HTTP_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "preset.h"

struct answer {
	int32_t outcome;	/* LF_* */
	int32_t code;		/* the gateway's own code if it is a number,
				 * else the HTTP status */
	char peer_id[256];	/* "" when not given */
	char text[256];
};

/*
 * Read an answer. resend: an earlier try may have arrived, so "duplicate" is
 * good news. An answer of 2xx that makes no sense is LF_UNKNOWN: the message
 * was perhaps sent.
 */
void
answer_read(const struct preset *p, int32_t status, const char *body,
    size_t len, bool resend, struct answer *a);
/* NULL, or what is wrong with a list "code=class code=class". */
const char *
answer_codes_objection(const char *codes);

#endif
