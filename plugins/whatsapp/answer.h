/*
 * answer: what the Cloud API answered, as an outcome.
 */
#ifndef WHATSAPP_ANSWER_H
#define WHATSAPP_ANSWER_H

#include "litfass/plugin.h"

struct answer {
	struct lf_outcome outcome;	/* its text points into this struct */
	char text[256];
};

/* Fill a from the reply to attempt 1, 2 ... */
void
answer_read(const struct lf_reply *reply, uint32_t attempt,
    struct answer *a);

#endif
