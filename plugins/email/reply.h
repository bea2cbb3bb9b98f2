/*
 * reply: SMTP replies (RFC 5321 4.2) and what they mean for a delivery.
 */
#ifndef EMAIL_REPLY_H
#define EMAIL_REPLY_H

#include <stddef.h>
#include <stdint.h>

/* What a reply answers. */
enum reply_stage {
	REPLY_GREETING,
	REPLY_EHLO,
	REPLY_AUTH,
	REPLY_MAIL,
	REPLY_RCPT,
	REPLY_DATA,
	REPLY_DOT,
	REPLY_RSET,
	REPLY_QUIT,
	REPLY_STAGES
};

struct reply {
	int code;		/* 250; 0 while nothing was read */
	int detail[3];		/* 5.1.1, RFC 3463; {0} when there is none */
	char text[200];		/* of the last line, safe to log: words with
				 * an '@' are left out */
};

/* Collects one reply after another; zero it before the first. */
struct reply_reader {
	char line[512];
	size_t len;
	size_t bytes;		/* of the reply so far */
	struct reply cur;
};

const char *
reply_stage_name(enum reply_stage stage);
/*
 * Take bytes up to the end of one reply. 1 with the reply, 0 when more is
 * needed, -1 when this is not SMTP. *used_r is how many bytes were taken.
 */
int
reply_feed(struct reply_reader *, const char *p, size_t n, size_t *used_r,
    struct reply *reply_r);
/*
 * The outcome (LF_*) of a reply. A fault of the relay, of our account or of
 * our sender never comes back as LF_PERMFAIL: nobody loses an address by it.
 */
int32_t
reply_outcome(enum reply_stage stage, const struct reply *r);

#endif
