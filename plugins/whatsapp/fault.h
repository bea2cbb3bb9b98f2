/*
 * fault: the errors of the Cloud API, and who is at fault.
 *
 * Source: the error code pages of the WhatsApp Business Platform (2025-11 and
 * 2026-09) and the OpenAPI file of the business messaging API. The code
 * decides, not the HTTP status: one code comes with several statuses.
 *
 * Errors that pass are tried until the announcement expires: a count of tries
 * would be used up in seconds by a warning, while the service recovers.
 */
#ifndef WHATSAPP_FAULT_H
#define WHATSAPP_FAULT_H

#include <stdint.h>

enum fault_class {
	FAULT_RETRY,	/* try the same again */
	FAULT_PACE,	/* we are too fast */
	FAULT_PAIR,	/* too fast for this recipient only */
	FAULT_DEFER,	/* the recipient gets no more advertising now */
	FAULT_DEAD,	/* this recipient can't be reached */
	FAULT_WINDOW,	/* free text outside the 24 hours: use a template */
	FAULT_FIX,	/* the request is wrong */
	FAULT_TEMPLATE,	/* the template is missing, paused or disabled: its
			 * messages wait, those of other kinds do not */
	FAULT_CHANNEL,	/* token, account, number, configuration */
	FAULT_UNSURE,	/* it may have been sent */
	FAULT_CLASSES
};

struct fault {
	int first, last;	/* codes */
	enum fault_class class;
	uint32_t wait;		/* seconds, 0: the class decides */
	const char *text;
};

/* The row of a code, or NULL. subcode 0: none. */
const struct fault *
fault_find(int code, int subcode);
/* For an error without a code, or with one that has no row: by HTTP status.
 * Never NULL. */
const struct fault *
fault_guess(int status);
/* For an answer that is not JSON. Never NULL. */
const struct fault *
fault_foreign(int status);

/* What it means for a delivery: LF_TEMPFAIL ... */
int32_t
fault_outcome(const struct fault *f);
/* Seconds to wait before attempt + 1, 0: litfass decides. */
uint32_t
fault_wait(const struct fault *f, uint32_t attempt);

#endif
