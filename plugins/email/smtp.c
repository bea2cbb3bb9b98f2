/*
 * smtp: the dialogue of one connection. It must never send a recipient's
 * address it was not given, and never settle a message twice. Called by
 * relay; fed with bytes by the unit test.
 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "litfass/plugin.h"

#include "address.h"
#include "smtp.h"

#define AWAITED_MAX	8

struct smtp {
	struct smtp_caps caps;
	enum reply_stage awaited[AWAITED_MAX];
	unsigned n_awaited;
	struct reply_reader in;
	FILE *out;		/* writes into out_data */
	char *out_data;
	size_t out_len;
	size_t out_off;		/* bytes of it that are sent */
	struct smtp_mail mail;
	bool open;		/* a message is not settled yet */
	bool settled;		/* result waits to be taken */
	bool dot;		/* the final dot is in out */
	bool dead;
	unsigned errors;
	struct smtp_result result;
};

typedef void stage_fn(struct smtp *, const struct reply *);

/* A whole word: the relay's name stands in its answer, too. */
static bool
offers(const char *line, const char *word)
{
	size_t n = strlen(word);

	return strncasecmp(line, word, n) == 0 &&
	    (line[n] == '\0' || line[n] == ' ');
}

void
smtp_caps_line(struct smtp_caps *c, const char *line)
{
	if (offers(line, "PIPELINING"))
		c->pipelining = true;
	else if (offers(line, "8BITMIME"))
		c->eightbit = true;
	else if (offers(line, "SMTPUTF8"))
		c->utf8 = true;
	else if (offers(line, "SIZE")) {
		c->size = true;
		c->size_max = strtoull(line + 4, NULL, 10);
	}
}

struct smtp *
smtp_new(const struct smtp_caps *caps)
{
	struct smtp *s = calloc(1, sizeof *s);

	if (s == NULL)
		return NULL;
	s->caps = *caps;
	s->out = open_memstream(&s->out_data, &s->out_len);
	if (s->out == NULL) {
		free(s);
		return NULL;
	}
	return s;
}

void
smtp_free(struct smtp **sp)
{
	if (*sp == NULL)
		return;
	fclose((*sp)->out);
	free((*sp)->out_data);
	free(*sp);
	*sp = NULL;
}

static void
await(struct smtp *s, enum reply_stage stage)
{
	if (s->n_awaited < AWAITED_MAX)
		s->awaited[s->n_awaited++] = stage;
	else
		smtp_lost(s, "too many commands wait for an answer");
}

static void
say(struct smtp *s, enum reply_stage stage, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* One command and the wait for its answer. */
static void
say(struct smtp *s, enum reply_stage stage, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(s->out, fmt, ap);
	va_end(ap);
	fputs("\r\n", s->out);
	if (fflush(s->out) != 0 || ferror(s->out))
		smtp_lost(s, "out of memory");
	await(s, stage);
}

static void
settle(struct smtp *s, int32_t outcome, int32_t code, const char *text)
{
	if (!s->open)
		return;
	s->open = false;
	s->settled = true;
	s->result.outcome = outcome;
	s->result.code = code;
	s->result.peer_id[0] = '\0';
	snprintf(s->result.text, sizeof s->result.text, "%s", text);
}

static void
settle_reply(struct smtp *s, enum reply_stage stage, const struct reply *r)
{
	char text[256];

	snprintf(text, sizeof text, "%s: %d %s", reply_stage_name(stage),
	    r->code, r->text);
	settle(s, reply_outcome(stage, r), r->code, text);
}

static void
say_mail(struct smtp *s)
{
	bool utf8 = !address_is_ascii(s->mail.to);
	char size[32] = "";

	if (s->caps.size)
		snprintf(size, sizeof size, " SIZE=%zu", s->mail.len);
	say(s, REPLY_MAIL, "MAIL FROM:<%s>%s%s%s", s->mail.from, size,
	    utf8 && s->caps.eightbit ? " BODY=8BITMIME" : "",
	    utf8 ? " SMTPUTF8" : "");
}

static void
say_rcpt(struct smtp *s)
{
	say(s, REPLY_RCPT, "RCPT TO:<%s>", s->mail.to);
}

/* Why this message can't even be offered; NULL when it can. */
static const char *
objection(const struct smtp *s)
{
	if (!address_valid(s->mail.to))
		return "the address is not valid";
	if (!address_is_ascii(s->mail.to) && !s->caps.utf8)
		return "5.6.7 the relay does not take UTF-8 addresses";
	if (s->caps.size_max > 0 && s->mail.len > s->caps.size_max)
		return "5.3.4 the message is over the relay's limit";
	return NULL;
}

/* What went out is forgotten; only when nothing waits in out. */
static void
out_rewind(struct smtp *s)
{
	if (s->out_off < s->out_len)
		return;
	rewind(s->out);
	fflush(s->out);
	s->out_len = 0;
	s->out_off = 0;
}

void
smtp_mail(struct smtp *s, const struct smtp_mail *m)
{
	const char *why;

	s->mail = *m;
	s->open = true;
	s->settled = false;
	s->dot = false;
	out_rewind(s);
	why = objection(s);
	if (why != NULL) {
		settle(s, LF_PERMFAIL, 0, why);
		return;
	}
	say_mail(s);
	if (s->caps.pipelining) {
		say_rcpt(s);
		say(s, REPLY_DATA, "DATA");
	}
}

void
smtp_quit(struct smtp *s)
{
	out_rewind(s);
	say(s, REPLY_QUIT, "QUIT");
}

/* The message with CRLF line ends and stuffed dots, RFC 5321 4.5.2. */
static void
body_write(FILE *f, const char *p, size_t n)
{
	bool start = true;

	for (size_t i = 0; i < n; i++) {
		if (p[i] == '\0')
			continue;
		if (start && p[i] == '.')
			putc_unlocked('.', f);
		start = p[i] == '\n' || p[i] == '\r';
		if (p[i] == '\r' && i + 1 < n && p[i + 1] == '\n')
			i++;
		if (start)
			fputs("\r\n", f);
		else
			putc_unlocked(p[i], f);
	}
	if (!start)
		fputs("\r\n", f);
}

static void
refused(struct smtp *s, enum reply_stage stage, const struct reply *r)
{
	settle_reply(s, stage, r);
	/* Pipelined: the answers to RCPT and DATA still come. */
	if (s->n_awaited == 0)
		say(s, REPLY_RSET, "RSET");
}

static void
on_mail(struct smtp *s, const struct reply *r)
{
	if (r->code / 100 != 2)
		refused(s, REPLY_MAIL, r);
	else if (s->n_awaited == 0)
		say_rcpt(s);
}

static void
on_rcpt(struct smtp *s, const struct reply *r)
{
	if (r->code / 100 != 2)
		refused(s, REPLY_RCPT, r);
	else if (s->n_awaited == 0)
		say(s, REPLY_DATA, "DATA");
}

static void
on_data(struct smtp *s, const struct reply *r)
{
	if (r->code != 354) {
		refused(s, REPLY_DATA, r);
		return;
	}
	/* A relay may take DATA although it refused the only recipient
	 * (RFC 2920 3.1): an empty message goes to nobody. */
	if (s->open)
		body_write(s->out, s->mail.message, s->mail.len);
	say(s, REPLY_DOT, ".");
	s->dot = s->open;
}

/* As Postfix and as Exim say it; "" when nobody does. */
static const char *
queue_id(const char *text)
{
	static const char *const marks[] = { "queued as ", "OK id=", NULL };
	const char *at;

	for (int i = 0; marks[i] != NULL; i++) {
		at = strcasestr(text, marks[i]);
		if (at != NULL)
			return at + strlen(marks[i]);
	}
	return "";
}

static void
on_dot(struct smtp *s, const struct reply *r)
{
	const char *id = queue_id(r->text);
	bool took = s->open && r->code / 100 == 2;

	settle_reply(s, REPLY_DOT, r);
	if (took)
		snprintf(s->result.peer_id, sizeof s->result.peer_id, "%.*s",
		    (int)strcspn(id, " )>"), id);
}

static void
on_rset(struct smtp *s, const struct reply *r)
{
	if (r->code / 100 != 2)
		s->dead = true;
}

static void
on_quit(struct smtp *s, const struct reply *r)
{
	(void)r;
	s->dead = true;
}

static stage_fn *const stages[REPLY_STAGES] = {
	[REPLY_MAIL] = on_mail,
	[REPLY_RCPT] = on_rcpt,
	[REPLY_DATA] = on_data,
	[REPLY_DOT] = on_dot,
	[REPLY_RSET] = on_rset,
	[REPLY_QUIT] = on_quit,
};

/* Whether a code can be the answer that a stage waits for. */
static bool
is_answer(enum reply_stage stage, int code)
{
	if (stage == REPLY_STAGES)	/* "421 idle too long" */
		return false;
	if (code >= 400)
		return code < 600;
	return stage == REPLY_DATA ? code == 354 : code / 100 == 2;
}

/* True when what this would answer has not left yet. */
static bool
is_early(const struct smtp *s)
{
	return s->n_awaited == 1 && s->out_off < s->out_len;
}

/* One answer too many or too few, and every later one would be taken for
 * that of somebody else: then this connection is of no more use. */
static void
on_reply(struct smtp *s, const struct reply *r)
{
	enum reply_stage stage = smtp_stage(s);

	if (r->code >= 400)
		s->errors++;
	if (!is_answer(stage, r->code) || (is_early(s) && r->code < 400)) {
		smtp_lost(s, "the relay is out of step");
		return;
	}
	if (r->code == 421 || is_early(s)) {
		settle_reply(s, stage, r);
		s->dead = true;
		return;
	}
	s->n_awaited--;
	memmove(s->awaited, s->awaited + 1,
	    s->n_awaited * sizeof s->awaited[0]);
	stages[stage](s, r);
}

void
smtp_in(struct smtp *s, const char *p, size_t n)
{
	struct reply r;
	size_t used;
	int got;

	while (n > 0 && !s->dead) {
		got = reply_feed(&s->in, p, n, &used, &r);
		p += used;
		n -= used;
		if (got < 0)
			smtp_lost(s, "the relay does not speak SMTP");
		else if (got > 0)
			on_reply(s, &r);
	}
}

void
smtp_lost(struct smtp *s, const char *why)
{
	bool doubt = s->dot && s->out_off == s->out_len;

	s->dead = true;
	settle(s, doubt ? LF_UNKNOWN : LF_TEMPFAIL, 0, why);
}

const char *
smtp_out(const struct smtp *s, size_t *len_r)
{
	*len_r = s->dead ? 0 : s->out_len - s->out_off;
	return s->out_data + s->out_off;
}

void
smtp_sent(struct smtp *s, size_t n)
{
	s->out_off += n;
}

bool
smtp_take(struct smtp *s, struct smtp_result *result_r)
{
	if (!s->settled)
		return false;
	s->settled = false;
	*result_r = s->result;
	return true;
}

bool
smtp_idle(const struct smtp *s)
{
	return !s->dead && !s->open && !s->settled && s->n_awaited == 0 &&
	    s->out_off == s->out_len;
}

bool
smtp_dead(const struct smtp *s)
{
	return s->dead;
}

enum reply_stage
smtp_stage(const struct smtp *s)
{
	return s->n_awaited > 0 ? s->awaited[0] : REPLY_STAGES;
}

unsigned
smtp_errors(const struct smtp *s)
{
	return s->errors;
}
