/*
 * reply: reads SMTP replies and classes them by stage, enhanced code and
 * basic code, in this order. It must never blame a recipient for a fault of
 * the relay. Called by smtp and relay.
 */
#include "config.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "litfass/plugin.h"

#include "reply.h"

#define BYTES_MAX	65536	/* of one reply: more is not a mail server */

static const char *const stage_names[REPLY_STAGES] = {
	[REPLY_GREETING] = "greeting",
	[REPLY_EHLO] = "EHLO",
	[REPLY_AUTH] = "AUTH",
	[REPLY_MAIL] = "MAIL",
	[REPLY_RCPT] = "RCPT",
	[REPLY_DATA] = "DATA",
	[REPLY_DOT] = "message",
	[REPLY_RSET] = "RSET",
	[REPLY_QUIT] = "QUIT",
};

/*
 * Enhanced codes, RFC 3463 and the IANA registry, as they are used in the
 * wild. class 0 is either. rcpt holds for RCPT, dot for the reply to the
 * message, where a policy is about what we send and not about whom.
 */
static const struct rule {
	int class, subject, first, last;
	int32_t rcpt, dot;
} rules[] = {
	{ 5, 1, 1, 4, LF_PERMFAIL, LF_PERMFAIL },	/* no such mailbox */
	{ 5, 1, 6, 6, LF_PERMFAIL, LF_PERMFAIL },	/* moved */
	{ 0, 1, 7, 8, LF_CHANNEL_DOWN, LF_CHANNEL_DOWN }, /* our sender */
	{ 5, 1, 10, 10, LF_PERMFAIL, LF_PERMFAIL },	/* null MX */
	{ 5, 2, 1, 1, LF_PERMFAIL, LF_PERMFAIL },	/* disabled */
	{ 0, 2, 2, 2, LF_TEMPFAIL, LF_TEMPFAIL },	/* full */
	{ 5, 2, 3, 3, LF_PERMFAIL, LF_PERMFAIL },	/* too long for it */
	{ 0, 2, 0, 4, LF_TEMPFAIL, LF_TEMPFAIL },
	{ 5, 3, 3, 4, LF_PERMFAIL, LF_PERMFAIL },	/* too big */
	{ 0, 3, 0, 5, LF_TEMPFAIL, LF_TEMPFAIL },	/* system */
	{ 5, 4, 4, 4, LF_PERMFAIL, LF_PERMFAIL },	/* no route */
	{ 5, 4, 6, 7, LF_PERMFAIL, LF_PERMFAIL },	/* loop, too old */
	{ 0, 4, 0, 7, LF_TEMPFAIL, LF_TEMPFAIL },	/* network */
	{ 0, 5, 3, 3, LF_TEMPFAIL, LF_TEMPFAIL },	/* too many */
	{ 5, 5, 0, 6, LF_PERMFAIL, LF_PERMFAIL },	/* protocol */
	{ 5, 6, 0, 10, LF_PERMFAIL, LF_PERMFAIL },	/* content */
	{ 4, 7, 0, 1, LF_TEMPFAIL, LF_TEMPFAIL },
	{ 5, 7, 0, 1, LF_TEMPFAIL, LF_CHANNEL_DOWN },	/* policy */
	{ 5, 7, 2, 2, LF_PERMFAIL, LF_PERMFAIL },	/* closed list */
	{ 0, 7, 3, 15, LF_CHANNEL_DOWN, LF_CHANNEL_DOWN }, /* account, TLS */
	{ 5, 7, 16, 19, LF_PERMFAIL, LF_PERMFAIL },	/* priority */
	{ 0, 7, 20, 27, LF_CHANNEL_DOWN, LF_CHANNEL_DOWN }, /* DKIM, SPF */
	{ 0, 7, 28, 28, LF_TEMPFAIL, LF_TEMPFAIL },	/* mail flood */
	{ 0, 7, 29, 32, LF_CHANNEL_DOWN, LF_CHANNEL_DOWN }, /* DMARC, TLS */
	{ 0, 7, 500, 599, LF_CHANNEL_DOWN, LF_CHANNEL_DOWN }, /* Microsoft */
};

/* Basic codes where there is no enhanced code that says more. */
static const struct basic {
	int code;
	int32_t rcpt, dot;
} basics[] = {
	{ 500, LF_PERMFAIL, LF_PERMFAIL },
	{ 501, LF_PERMFAIL, LF_PERMFAIL },
	{ 502, LF_PERMFAIL, LF_PERMFAIL },
	{ 503, LF_TEMPFAIL, LF_TEMPFAIL },
	{ 504, LF_PERMFAIL, LF_PERMFAIL },
	{ 521, LF_PERMFAIL, LF_PERMFAIL },
	{ 530, LF_CHANNEL_DOWN, LF_CHANNEL_DOWN },
	{ 534, LF_CHANNEL_DOWN, LF_CHANNEL_DOWN },
	{ 535, LF_CHANNEL_DOWN, LF_CHANNEL_DOWN },
	{ 538, LF_CHANNEL_DOWN, LF_CHANNEL_DOWN },
	{ 541, LF_TEMPFAIL, LF_CHANNEL_DOWN },
	{ 550, LF_TEMPFAIL, LF_TEMPFAIL },	/* unless it names the user */
	{ 551, LF_PERMFAIL, LF_PERMFAIL },
	{ 552, LF_TEMPFAIL, LF_PERMFAIL },	/* full; or too big */
	{ 553, LF_PERMFAIL, LF_PERMFAIL },	/* unless it names us */
	{ 554, LF_TEMPFAIL, LF_CHANNEL_DOWN },	/* policy */
	{ 555, LF_PERMFAIL, LF_PERMFAIL },
	{ 556, LF_PERMFAIL, LF_PERMFAIL },
};

/* Words that settle what a bare 550 or 553 means. */
static const char *const host_words[] = {
	"block list", "blocklist", "blacklist", "block listed", "spamhaus",
	"policy", "reputation", "spf", "dkim", "dmarc", "rate limit",
	"too many", "try again", "temporarily", "relay", "sender", NULL
};
static const char *const user_words[] = {
	"unknown user", "user unknown", "no such user", "does not exist",
	"mailbox not found", "mailbox unavailable", "recipient rejected",
	"recipient not found", "address rejected", "no such recipient",
	"no mailbox", "keine solche", "kein postfach", NULL
};

const char *
reply_stage_name(enum reply_stage stage)
{
	return stage_names[stage];
}

/* Copy words, but not those that look like an address. */
static void
text_copy(char *to, size_t size, const char *from)
{
	size_t len = 0, n;

	for (from += strspn(from, " "); *from != '\0';
	    from += strspn(from, " ")) {
		n = strcspn(from, " ");
		if (memchr(from, '@', n) == NULL && len + n + 2 < size) {
			if (len > 0)
				to[len++] = ' ';
			for (size_t i = 0; i < n; i++)
				to[len++] = isprint((unsigned char)from[i]) ?
				    from[i] : '?';
		}
		from += n;
	}
	to[len] = '\0';
}

/* "5.1.1 text" into detail when its class fits the code. */
static void
detail_parse(struct reply *r, const char *s)
{
	int d[3];
	int used = 0;

	if (sscanf(s, " %1d.%3d.%3d%n", &d[0], &d[1], &d[2], &used) != 3 ||
	    isdigit((unsigned char)s[used]) || d[0] != r->code / 100)
		return;
	memcpy(r->detail, d, sizeof d);
}

/* 1 last line of a reply, 0 not the last, -1 not a reply. */
static int
line_parse(struct reply_reader *rr)
{
	const char *s = rr->line;
	int code;

	if (!isdigit((unsigned char)s[0]) || !isdigit((unsigned char)s[1]) ||
	    !isdigit((unsigned char)s[2]) ||
	    (s[3] != '\0' && s[3] != ' ' && s[3] != '-'))
		return -1;
	code = (s[0] - '0') * 100 + (s[1] - '0') * 10 + s[2] - '0';
	if (code < 100 || (rr->cur.code != 0 && rr->cur.code != code))
		return -1;
	rr->cur.code = code;
	if (s[3] == '\0')
		return 1;
	detail_parse(&rr->cur, s + 4);
	if (s[3] == '-')
		return 0;
	text_copy(rr->cur.text, sizeof rr->cur.text, s + 4);
	return 1;
}

int
reply_feed(struct reply_reader *rr, const char *p, size_t n, size_t *used_r,
    struct reply *reply_r)
{
	int last;

	*used_r = 0;
	for (size_t i = 0; i < n; i++) {
		*used_r = i + 1;
		if (++rr->bytes > BYTES_MAX)
			return -1;
		if (p[i] != '\n') {
			if (p[i] != '\r' && p[i] != '\0' &&
			    rr->len + 1 < sizeof rr->line)
				rr->line[rr->len++] = p[i];
			continue;
		}
		rr->line[rr->len] = '\0';
		rr->len = 0;
		last = line_parse(rr);
		if (last == 0)
			continue;
		*reply_r = rr->cur;
		memset(&rr->cur, 0, sizeof rr->cur);
		rr->bytes = 0;
		return last;
	}
	return 0;
}

static bool
has_word(const char *text, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strcasestr(text, *words) != NULL)
			return true;
	return false;
}

static const struct rule *
rule_find(const struct reply *r)
{
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
		const struct rule *u = &rules[i];

		if ((u->class == 0 || u->class == r->detail[0]) &&
		    u->subject == r->detail[1] && r->detail[2] >= u->first &&
		    r->detail[2] <= u->last)
			return u;
	}
	return NULL;
}

static int32_t
basic_outcome(enum reply_stage stage, const struct reply *r)
{
	bool host = has_word(r->text, host_words);

	if (r->code == 550 && !host && has_word(r->text, user_words))
		return LF_PERMFAIL;
	if (r->code == 553 && host)
		return LF_CHANNEL_DOWN;
	for (size_t i = 0; i < sizeof basics / sizeof basics[0]; i++)
		if (basics[i].code == r->code)
			return stage == REPLY_DOT ? basics[i].dot :
			    basics[i].rcpt;
	return LF_TEMPFAIL;
}

/* Before a recipient was named only the relay, our account, our sender or
 * the size of the message can be at fault. */
static int32_t
host_outcome(enum reply_stage stage, const struct reply *r)
{
	bool too_big = r->code == 552 ||
	    (r->detail[1] == 3 && r->detail[2] == 4);

	if (r->code < 500)
		return LF_TEMPFAIL;
	if (stage == REPLY_MAIL && too_big)
		return LF_PERMFAIL;
	return LF_CHANNEL_DOWN;
}

int32_t
reply_outcome(enum reply_stage stage, const struct reply *r)
{
	const struct rule *u;

	if (r->code >= 200 && r->code < 300)
		return LF_ACCEPTED;
	if (r->code < 400 || r->code > 599)
		return LF_TEMPFAIL;
	if (r->code == 421)
		return LF_TEMPFAIL;
	u = rule_find(r);
	if (stage != REPLY_RCPT && stage != REPLY_DOT)
		return u != NULL && u->rcpt == LF_CHANNEL_DOWN ?
		    LF_CHANNEL_DOWN : host_outcome(stage, r);
	if (u != NULL)
		return stage == REPLY_DOT ? u->dot : u->rcpt;
	if (r->code < 500)
		return LF_TEMPFAIL;
	return basic_outcome(stage, r);
}
