/*
 * message: writes the mail of an announcement, text and HTML, with places
 * for address and key. It must never use a clock: a retry is the same mail,
 * byte for byte. Called by email.
 */
#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "encode.h"
#include "flow.h"
#include "message.h"
#include "mime.h"

/* "=_" can't come out of quoted-printable: no text holds this boundary. */
#define BOUNDARY	"=_litfass-alternative"

/* In a warning, what to do comes before what is going on. */
#define TEXT_INSTRUCTION						\
    "{{#instruction}}\n"						\
    "{{w.what_to_do}}:\n"						\
    "{{instruction}}\n"							\
    "\n"								\
    "{{/instruction}}\n"

static const char text_default[] =
    "{{#mark}}[{{mark}}] {{/mark}}"
    "{{#label}}{{label}} – {{/label}}{{headline}}\n"
    "\n"
    "{{#is_fallback}}\n"
    "{{fallback_hint}}\n"
    "\n"
    "{{/is_fallback}}\n"
    "{{#teaser}}\n"
    "{{teaser}}\n"
    "\n"
    "{{/teaser}}\n"
    "{{#is_warning}}\n"
    TEXT_INSTRUCTION
    "{{/is_warning}}\n"
    "{{#body}}\n"
    "{{body}}\n"
    "\n"
    "{{/body}}\n"
    "{{#question}}\n"
    "{{question}}\n"
    "{{#options}}\n"
    "{{number}}. {{label}}\n"
    "{{/options}}\n"
    "\n"
    "{{/question}}\n"
    "{{^is_warning}}\n"
    TEXT_INSTRUCTION
    "{{/is_warning}}\n"
    "{{#is_warning}}\n"
    "{{#severity_text}}\n"
    "{{w.severity}}: {{severity_text}}\n"
    "{{/severity_text}}\n"
    "{{#area}}\n"
    "{{w.area}}: {{area}}\n"
    "{{/area}}\n"
    "{{#starts}}\n"
    "{{w.from}}: {{starts}}\n"
    "{{/starts}}\n"
    "{{#expires}}\n"
    "{{w.until}}: {{expires}}\n"
    "{{/expires}}\n"
    "\n"
    "{{/is_warning}}\n"
    "{{#link}}\n"
    "{{link_label}}{{^link_label}}{{w.more_info}}{{/link_label}}: {{link}}\n"
    "{{/link}}\n";

#define HTML_INSTRUCTION						\
    "{{#instruction}}\n"						\
    "<h2 style=\"font-size:20px;margin:16px 0 8px\">{{w.what_to_do}}</h2>\n" \
    "{{{instruction}}}\n"						\
    "{{/instruction}}\n"

static const char html_default[] =
    "<h1 style=\"font-size:24px;line-height:1.25;margin:8px 0\">"
    "{{#mark}}[{{mark}}] {{/mark}}"
    "{{#label}}{{label}} – {{/label}}{{headline}}</h1>\n"
    "{{#is_fallback}}\n"
    "<p lang=\"{{wanted}}\" dir=\"auto\">{{fallback_hint}}</p>\n"
    "{{/is_fallback}}\n"
    "{{#teaser}}\n"
    "<p><strong>{{teaser}}</strong></p>\n"
    "{{/teaser}}\n"
    "{{#is_warning}}\n"
    HTML_INSTRUCTION
    "{{/is_warning}}\n"
    "{{{body}}}\n"
    "{{#question}}\n"
    "<p><strong>{{question}}</strong></p>\n"
    "<ol>\n"
    "{{#options}}\n"
    "<li>{{label}}</li>\n"
    "{{/options}}\n"
    "</ol>\n"
    "{{/question}}\n"
    "{{^is_warning}}\n"
    HTML_INSTRUCTION
    "{{/is_warning}}\n"
    "{{#is_warning}}\n"
    "{{#severity_text}}\n"
    "<p><strong>{{w.severity}}:</strong> {{severity_text}}</p>\n"
    "{{/severity_text}}\n"
    "{{#area}}\n"
    "<p><strong>{{w.area}}:</strong> {{area}}</p>\n"
    "{{/area}}\n"
    "{{#starts}}\n"
    "<p><strong>{{w.from}}:</strong> {{starts}}</p>\n"
    "{{/starts}}\n"
    "{{#expires}}\n"
    "<p><strong>{{w.until}}:</strong> {{expires}}</p>\n"
    "{{/expires}}\n"
    "{{/is_warning}}\n"
    "{{#link}}\n"
    "<p><a href=\"{{link}}\" style=\"color:#003f8a\">"
    "{{#link_label}}{{link_label}}{{/link_label}}"
    "{{^link_label}}{{w.more_info}}{{/link_label}}</a></p>\n"
    "{{/link}}\n";

/* What the mail is made with and from. */
struct letter {
	const struct lf_host *host;
	const struct message_conf *conf;
	const struct lf_announcement *a;
	struct lf_out *out;
};

static const char *
or_else(const char *s, const char *other)
{
	return *s != '\0' ? s : other;
}

/* The name in Message-ID; never anything but a domain. */
static const char *
id_domain(const struct letter *l)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
	const char *d = l->a->sender_domain;

	if (*d != '\0' && strspn(d, letters) == strlen(d))
		return d;
	return strchr(l->conf->from, '@') + 1;
}

/* RFC 5322 3.3. Names are English whatever the language. */
static void
date_write(FILE *f, int64_t t)
{
	static const char days[][4] = { "Sun", "Mon", "Tue", "Wed", "Thu",
		"Fri", "Sat" };
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t when = (time_t)t;
	struct tm tm;

	gmtime_r(&when, &tm);
	fprintf(f, "Date: %s, %d %s %d %02d:%02d:%02d +0000\r\n",
	    days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon],
	    tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* An id as the left side of a Message-ID: dot-atom letters only. */
static void
atom_write(FILE *f, const char *id)
{
	for (; *id != '\0'; id++)
		fputc(isalnum((unsigned char)*id) || *id == '-' ? *id : '.',
		    f);
}

/* "[ÜBUNG] Warnung – headline", given; NULL when it can't be made. */
static char *
subject_make(const struct letter *l)
{
	const char *subject = l->host->expand(l->out, l->a,
	    "{{#mark}}[{{mark}}] {{/mark}}"
	    "{{#label}}{{label}} – {{/label}}{{headline}}", LF_FORM_LINE,
	    LF_UNIT_NONE, 0);

	return subject == NULL ? NULL : strdup(subject);
}

/* A pattern with {address} and {key} as slots. */
static void
pattern_write(FILE *f, const char *s)
{
	for (; *s != '\0'; s++) {
		if (strncmp(s, "{address}", 9) == 0) {
			fputc(SLOT_ADDRESS_URL, f);
			s += 8;
		} else if (strncmp(s, "{key}", 5) == 0) {
			fputc(SLOT_KEY, f);
			s += 4;
		} else if ((unsigned char)*s > 0x20 && *s != '>' && *s != '"')
			fputc(*s, f);
	}
}

/* RFC 2369 and, when there is an address to post to, RFC 8058. */
static void
list_write(FILE *f, const struct message_conf *conf)
{
	bool url = *conf->unsubscribe_url != '\0';
	bool mail = *conf->unsubscribe_mailto != '\0';

	if (*conf->list_id != '\0')
		encode_mailbox(f, "List-Id", conf->list_name, conf->list_id);
	if (!url && !mail)
		return;
	fputs("List-Unsubscribe: ", f);
	if (url) {
		fputc('<', f);
		pattern_write(f, conf->unsubscribe_url);
		fputs(mail ? ">,\r\n " : ">", f);
	}
	if (mail) {
		fputs("<mailto:", f);
		pattern_write(f, conf->unsubscribe_mailto);
		fputc('>', f);
	}
	fputs("\r\n", f);
	if (url && strncmp(conf->unsubscribe_url, "https:", 6) == 0)
		encode_field(f, "List-Unsubscribe-Post",
		    "List-Unsubscribe=One-Click");
}

/* All mails of a chain hang below an id that is never sent itself, so that
 * readers show them together even when one is missing. */
static void
ids_write(FILE *f, const struct letter *l)
{
	const char *domain = id_domain(l);

	fprintf(f, "Message-ID: <%c@%s>\r\n", SLOT_KEY, domain);
	fputs("References: <", f);
	atom_write(f, l->a->chain);
	fprintf(f, "@%s>\r\n", domain);
	if (strcmp(l->a->chain, l->a->id) == 0)
		return;
	fputs("In-Reply-To: <", f);
	atom_write(f, l->a->chain);
	fprintf(f, "@%s>\r\n", domain);
}

static bool
is_urgent(const struct lf_announcement *a)
{
	return strcmp(a->severity, "extreme") == 0 ||
	    strcmp(a->severity, "severe") == 0;
}

static void
headers_write(FILE *f, const struct letter *l, const char *subject)
{
	const struct message_conf *conf = l->conf;

	date_write(f, l->a->sent);
	encode_mailbox(f, "From", or_else(conf->from_name, l->a->sender),
	    conf->from);
	if (*conf->reply_to != '\0')
		encode_mailbox(f, "Reply-To", NULL, conf->reply_to);
	fprintf(f, "To: <%c>\r\n", SLOT_ADDRESS);
	encode_text(f, "Subject", subject);
	ids_write(f, l);
	list_write(f, conf);
	encode_field(f, "Auto-Submitted", "auto-generated");
	encode_field(f, "Precedence", "list");
	if (is_urgent(l->a))
		encode_field(f, "Importance", "high");
	encode_field(f, "Content-Language", l->a->lang);
	fputs("X-Litfass-Id: ", f);
	atom_write(f, l->a->id);
	fprintf(f, "/%c\r\n", SLOT_KEY);
	encode_field(f, "MIME-Version", "1.0");
}

/* Text of strangers without the newlines at its end. */
static void
body_write(FILE *f, const char *s)
{
	size_t n = strlen(s);
	char *copy;

	while (n > 0 && s[n - 1] == '\n')
		n--;
	copy = strndup(s, n);
	if (copy != NULL)
		encode_clean(f, copy);
	fputc('\n', f);
	free(copy);
}

static void
text_footer(FILE *f, const struct letter *l)
{
	fputs("\n-- \n", f);
	encode_clean(f, l->a->sender);
	if (*l->a->office != '\0' && strcmp(l->a->office, l->a->sender) != 0) {
		fputs(", ", f);
		encode_clean(f, l->a->office);
	}
	fputc('\n', f);
	if (*l->conf->unsubscribe_url != '\0') {
		pattern_write(f, l->conf->unsubscribe_url);
		fputc('\n', f);
	}
}

/* Close what open_memstream() began: the text, given; NULL when there was no
 * memory for all of it. */
static char *
finish(FILE *f, char **text)
{
	bool good = ferror(f) == 0;

	if (fclose(f) == 0 && good)
		return *text;
	free(*text);
	*text = NULL;
	return NULL;
}

/* The text part, given; NULL after out_refuse. */
static char *
text_make(const struct letter *l)
{
	const char *expanded = l->host->expand(l->out, l->a,
	    or_else(l->conf->text, text_default), LF_FORM_PLAIN,
	    LF_UNIT_NONE, 0);
	char *text = NULL, *flowed = NULL;
	size_t len;
	FILE *f;

	if (expanded == NULL)
		return NULL;
	f = open_memstream(&text, &len);
	if (f == NULL)
		return NULL;
	body_write(f, expanded);
	text_footer(f, l);
	if (finish(f, &text) != NULL)
		flowed = flow_make(text);
	free(text);
	return flowed;
}

/* Language and direction stand twice: mail readers on the web take html and
 * body away. */
static void
html_head(FILE *f, const struct letter *l, const char *subject)
{
	const char *lang = l->host->escape(l->out, l->a->lang, LF_ESC_HTML);
	const char *dir = strcmp(l->a->dir, "rtl") == 0 ? "rtl" : "ltr";

	fprintf(f, "<!DOCTYPE html>\n<html lang=\"%s\" dir=\"%s\">\n", lang,
	    dir);
	fputs("<head><meta charset=\"utf-8\"><meta name=\"viewport\" "
	    "content=\"width=device-width, initial-scale=1\">"
	    "<meta name=\"color-scheme\" content=\"light dark\"><title>", f);
	encode_clean(f, l->host->escape(l->out, subject, LF_ESC_HTML));
	fprintf(f, "</title></head>\n<body style=\"margin:0;padding:0;"
	    "background:#ffffff;color:#1a1a1a;"
	    "font-family:Arial,Helvetica,sans-serif;font-size:16px;"
	    "line-height:1.5\">\n<div role=\"article\" "
	    "aria-roledescription=\"email\" lang=\"%s\" dir=\"%s\" "
	    "style=\"max-width:600px;margin:0 auto;padding:16px\">\n", lang,
	    dir);
}

static void
html_foot(FILE *f, const struct letter *l)
{
	fputs("<hr>\n<p>", f);
	encode_clean(f, l->host->escape(l->out, l->a->sender, LF_ESC_HTML));
	if (*l->a->office != '\0' && strcmp(l->a->office, l->a->sender) != 0) {
		fputs(", ", f);
		encode_clean(f, l->host->escape(l->out, l->a->office,
		    LF_ESC_HTML));
	}
	fputs("</p>\n", f);
	if (*l->conf->unsubscribe_url != '\0') {
		fputs("<p><a href=\"", f);
		pattern_write(f, l->host->escape(l->out,
		    l->conf->unsubscribe_url, LF_ESC_HTML));
		fprintf(f, "\" style=\"color:#003f8a\">%s</a></p>\n",
		    l->host->escape(l->out, l->host->word(l->out, l->a->lang,
		    "unsubscribe"), LF_ESC_HTML));
	}
	fputs("</div></body></html>\n", f);
}

/* The HTML part, given; NULL after out_refuse. */
static char *
html_make(const struct letter *l, const char *subject)
{
	const char *expanded = l->host->expand(l->out, l->a,
	    or_else(l->conf->html, html_default), LF_FORM_HTML,
	    LF_UNIT_NONE, 0);
	char *html = NULL;
	size_t len;
	FILE *f;

	if (expanded == NULL)
		return NULL;
	f = open_memstream(&html, &len);
	if (f == NULL)
		return NULL;
	html_head(f, l, subject);
	body_write(f, expanded);
	html_foot(f, l);
	return finish(f, &html);
}

/* Hand the finished mail over, slots as slots. */
static void
emit(const struct letter *l, const char *p, size_t n)
{
	size_t run;

	while (n > 0) {
		for (run = 0; run < n && !encode_is_slot(p[run]); run++)
			continue;
		if (run > 0)
			l->host->out_bytes(l->out, p, run);
		p += run;
		n -= run;
		if (n == 0)
			return;
		l->host->out_slot(l->out, *p == SLOT_KEY ? "key" : "address",
		    *p == SLOT_ADDRESS_URL ? LF_ESC_URL : LF_ESC_NONE);
		p++;
		n--;
	}
}

static int
letter_write(const struct letter *l, const char *subject, const char *text,
    const char *html)
{
	const struct mime_part parts[] = {
		{ .type = "text/plain; charset=utf-8; format=flowed",
		    .lang = l->a->lang, .encoding = MIME_QP, .body = text,
		    .len = strlen(text) },
		{ .type = "text/html; charset=utf-8", .lang = l->a->lang,
		    .encoding = MIME_QP, .body = html, .len = strlen(html) },
	};
	const struct mime_part top = { .type = "multipart/alternative",
	    .boundary = BOUNDARY, .parts = parts, .n_parts = 2 };
	char *mail = NULL;
	size_t len;
	FILE *f = open_memstream(&mail, &len);

	if (f == NULL)
		return -1;
	headers_write(f, l, subject);
	mime_write(f, &top);
	if (finish(f, &mail) == NULL)
		return -1;
	emit(l, mail, len);
	l->host->out_measure(l->out, "bytes", (int64_t)len);
	free(mail);
	return 0;
}

int
message_render(const struct lf_host *host, const struct message_conf *conf,
    const struct lf_announcement *a, struct lf_out *out)
{
	const struct letter l = { host, conf, a, out };
	char *subject = subject_make(&l);
	char *text = text_make(&l);
	char *html = text == NULL || subject == NULL ? NULL :
	    html_make(&l, subject);
	int rc = html == NULL ? -1 : letter_write(&l, subject, text, html);

	if (rc != 0)
		host->out_refuse(out, "email-template",
		    "the mail can't be written: check template_text and "
		    "template_html");
	if (a->n_attachments > 0)
		host->out_warn(out, "attachments-dropped",
		    "attachments are not in the mail: give a link to them");
	free(subject);
	free(text);
	free(html);
	return rc;
}
