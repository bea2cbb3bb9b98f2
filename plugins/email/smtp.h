/*
 * smtp: the dialogue of one connection, bytes in and bytes out, from the
 * moment the relay is ready for MAIL. No sockets, no clock.
 *
 *	smtp_mail(s, &m);		one message to one recipient
 *	p = smtp_out(s, &n);		what to send now
 *	smtp_sent(s, n);		that much of it is with the kernel
 *	smtp_in(s, bytes, n);		what came back
 *	smtp_take(s, &result)		true once when the message is settled
 *	smtp_idle(s)			the next one may go
 *
 * MAIL, RCPT and DATA go in one write where the relay allows it (RFC 2920).
 * A message is in doubt (LF_UNKNOWN) only when its final dot was sent and
 * no answer came. A relay whose answers are out of step with our commands is
 * left: the next one would be taken for another recipient's.
 */
#ifndef EMAIL_SMTP_H
#define EMAIL_SMTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "reply.h"

/* What the relay said to EHLO. */
struct smtp_caps {
	bool pipelining;	/* RFC 2920 */
	bool size;		/* RFC 1870 */
	bool eightbit;		/* RFC 6152 */
	bool utf8;		/* RFC 6531 */
	uint64_t size_max;	/* bytes, 0 not given */
};

/* All borrowed; message until the result is taken or the session ends. */
struct smtp_mail {
	const char *from;	/* envelope sender */
	const char *to;		/* checked with address_valid() */
	const char *message;
	size_t len;
};

struct smtp_result {
	int32_t outcome;	/* LF_* */
	int32_t code;		/* basic code of the reply, 0 none */
	char text[256];		/* "RCPT: 550 5.1.1 unknown user" */
	char peer_id[64];	/* the relay's queue id, "" unknown */
};

struct smtp;

/* Read one line of the answer to EHLO into caps. */
void
smtp_caps_line(struct smtp_caps *, const char *line);

struct smtp *
smtp_new(const struct smtp_caps *);
void
smtp_free(struct smtp **);
/* Only when smtp_idle(). */
void
smtp_mail(struct smtp *, const struct smtp_mail *);
/* Only when smtp_idle(). */
void
smtp_quit(struct smtp *);
/* Borrowed until the next call. */
const char *
smtp_out(const struct smtp *, size_t *len_r);
void
smtp_sent(struct smtp *, size_t n);
void
smtp_in(struct smtp *, const char *p, size_t n);
/* The connection is gone or was given up; why is for people. */
void
smtp_lost(struct smtp *, const char *why);

bool
smtp_take(struct smtp *, struct smtp_result *result_r);
bool
smtp_idle(const struct smtp *);
/* Nothing more can be said on this connection. */
bool
smtp_dead(const struct smtp *);
/* What is awaited now; REPLY_STAGES when nothing. For time-outs. */
enum reply_stage
smtp_stage(const struct smtp *);
/* Replies of 4xx and 5xx so far: relays slow down or hang up after some. */
unsigned
smtp_errors(const struct smtp *);

#endif
