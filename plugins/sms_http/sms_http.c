/*
 * sms_http: the channel plugin for SMS through the HTTP interface of a
 * gateway. What differs between gateways is data: see preset. Loaded by the
 * worker.
 */
#include "config.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "litfass/plugin.h"

#include "common/complain.h"
#include "answer.h"
#include "preset.h"
#include "request.h"

#define REPLY_MAX	65536	/* bytes of an answer */

/* who: the sender, unless the phone shows it already; stop: what makes the
 * headline a sentence. The body costs parts: only where people would not know
 * enough without it. */
#define TEMPLATE(who, stop)						\
    "{{#mark}}[{{mark}}] {{/mark}}" who					\
    "{{#label}}{{label}} – {{/label}}{{headline}}" stop			\
    "{{#is_warning}}{{#area}} {{w.area}}: {{area}}.{{/area}}"		\
    "{{#expires_brief}} {{w.until}}: {{expires_brief}}."		\
    "{{/expires_brief}}{{/is_warning}}"					\
    " {{instruction}}{{^instruction}}{{teaser}}{{^teaser}}"		\
    "{{#is_warning}}{{body}}{{/is_warning}}{{^is_warning}}{{^link}}"	\
    "{{body}}{{/link}}{{/is_warning}}{{/teaser}}{{/instruction}}"	\
    " {{link}}"
#define WHO	"{{#sender_short}}{{sender_short}}: {{/sender_short}}"

static const struct lf_param params[] = {
	{ .key = "preset", .type = LF_PARAM_ENUM, .def = "generic",
	    .choices = "generic|twilio|vonage|seven|sipgate|link_mobility|"
	    "messagebird|infobip|kannel", .doc = "gateway" },
	{ .key = "url", .type = LF_PARAM_URL, .flags = LF_REQUIRED,
	    .doc = "address of the gateway; a preset adds its path" },
	{ .key = "user", .type = LF_PARAM_STRING,
	    .doc = "account at the gateway" },
	{ .key = "password", .type = LF_PARAM_SECRET,
	    .doc = "password, token or key of the account" },
	{ .key = "from", .type = LF_PARAM_STRING,
	    .doc = "sender on the phone: 11 letters and digits or a number" },
	{ .key = "method", .type = LF_PARAM_ENUM, .def = "preset",
	    .choices = "preset|GET|POST|PUT", .doc = "HTTP method" },
	{ .key = "body", .type = LF_PARAM_ENUM, .def = "preset",
	    .choices = "preset|form|json|query",
	    .doc = "how fields are sent" },
	{ .key = "number", .type = LF_PARAM_ENUM, .def = "preset",
	    .choices = "preset|plus|digits|00",
	    .doc = "form of a number: +49170, 49170 or 0049170" },
	{ .key = "fields", .type = LF_PARAM_TEXT,
	    .doc = "fields of the request, with places to fill" },
	{ .key = "headers", .type = LF_PARAM_TEXT,
	    .doc = "header lines of the request, with places to fill" },
	{ .key = "ok", .type = LF_PARAM_STRING,
	    .doc = "what a good answer holds: $.path=value|value" },
	{ .key = "id", .type = LF_PARAM_STRING,
	    .doc = "path of the message id in an answer" },
	{ .key = "code", .type = LF_PARAM_STRING,
	    .doc = "paths of the error code in an answer" },
	{ .key = "error", .type = LF_PARAM_STRING,
	    .doc = "path of the error text in an answer" },
	{ .key = "codes", .type = LF_PARAM_STRING,
	    .doc = "what codes mean: code=class code=class" },
	{ .key = "max_parts", .type = LF_PARAM_INT, .def = "3", .min = 1,
	    .max = 10, .doc = "parts a generated text may have" },
	{ .key = "transliterate", .type = LF_PARAM_ENUM, .def = "auto",
	    .choices = "never|auto|always",
	    .doc = "replace letters GSM-7 lacks; auto: if it saves a part" },
	{ .key = "timeout", .type = LF_PARAM_DURATION, .def = "30s",
	    .min = 1000, .max = 300000,
	    .doc = "how long to wait for an answer" },
	{ .key = "template", .type = LF_PARAM_TEXT,
	    .doc = "template of the text" },
};

struct sms_http {
	const struct lf_host *host;
	struct lf_channel *channel;
	struct preset preset;	/* with what the configuration overrides */
	const char *url;
	const char *user, *password, *from;
	const char *template;
	uint32_t max_parts;
	uint32_t translit;
	uint32_t timeout_ms;
};

/* One message under way; the delivery's data. */
struct flight {
	struct sms_http *s;
	struct lf_delivery *d;
	struct lf_transfer *transfer;
};

static const char *
conf_str(const struct sms_http *s, const char *key)
{
	return s->host->conf_str(s->channel, key);
}

/* The preset, and over it every key that is configured. */
static int
preset_read(struct sms_http *s)
{
	const struct preset *p = preset_find(conf_str(s, "preset"));
	const struct { const char *key, *unset; const char **to; } keys[] = {
		{ "method", "preset", &s->preset.method },
		{ "body", "preset", &s->preset.body },
		{ "number", "preset", &s->preset.number },
		{ "fields", "", &s->preset.fields },
		{ "headers", "", &s->preset.headers },
		{ "ok", "", &s->preset.ok },
		{ "id", "", &s->preset.id },
		{ "code", "", &s->preset.code },
		{ "error", "", &s->preset.text },
		{ "codes", "", &s->preset.codes },
	};
	const char *value;

	if (p == NULL)
		return COMPLAIN(s, "preset: not known: see "
		    "litfass-sms_http(5)");
	s->preset = *p;
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		value = conf_str(s, keys[i].key);
		if (strcmp(value, keys[i].unset) != 0)
			*keys[i].to = value;
	}
	return 0;
}

static uint32_t
translit_read(const struct sms_http *s)
{
	const char *word = conf_str(s, "transliterate");

	if (strcmp(word, "never") == 0)
		return 0;
	return strcmp(word, "always") == 0 ? 2 : 1;
}

static void
conf_read(struct sms_http *s)
{
	const char *password = s->host->secret(s->channel, "password");

	s->url = conf_str(s, "url");
	s->user = conf_str(s, "user");
	s->password = password != NULL ? password : "";
	s->from = conf_str(s, "from");
	s->template = conf_str(s, "template");
	s->max_parts = (uint32_t)s->host->conf_int(s->channel, "max_parts");
	s->timeout_ms = (uint32_t)s->host->conf_int(s->channel, "timeout");
	s->translit = translit_read(s);
}

static bool
is_in_the_clear(const char *url)
{
	static const char *const near[] = { "http://127.", "http://[::1]",
		"http://localhost", NULL };

	for (int i = 0; near[i] != NULL; i++)
		if (strncmp(url, near[i], strlen(near[i])) == 0)
			return false;
	return strncmp(url, "https://", 8) != 0;
}

/* Write one request to nobody: a mistake shows now and not at a storm. */
static int
conf_try(const struct sms_http *s)
{
	const struct message m = { .to = "+4917604069000", .from = s->from,
	    .text = "x", .key = "k", .user = s->user,
	    .password = s->password, .ttl = 3600 };
	struct request r;
	char why[128];
	int rc;

	rc = request_make(&s->preset, s->url, &m, &r, why);
	request_fini(&r);
	return rc == 0 ? 0 : COMPLAIN(s, "fields, headers or url: %s", why);
}

static int
conf_check(const struct sms_http *s)
{
	const char *why = sender_objection(s->from);

	/* sipgate wants the name of an extension. */
	if (why != NULL && strcmp(s->preset.name, "sipgate") != 0)
		return COMPLAIN(s, "from: %s: choose another sender", why);
	why = answer_codes_objection(s->preset.codes);
	if (why != NULL)
		return COMPLAIN(s, "codes: can't read \"%.40s\": write "
		    "code=class", why);
	if (is_in_the_clear(s->url))
		COMPLAIN(s, "url: not https: numbers and the password can be "
		    "read on the way");
	return conf_try(s);
}

static int
sms_open(const struct lf_host *host, struct lf_channel *channel,
    void **self_r)
{
	struct sms_http *s = calloc(1, sizeof *s);

	if (s == NULL)
		return -1;
	s->host = host;
	s->channel = channel;
	if (preset_read(s) == 0) {
		conf_read(s);
		if (conf_check(s) == 0) {
			*self_r = s;
			return 0;
		}
	}
	free(s);
	return -1;
}

static const char *
template_for(const struct sms_http *s, const struct lf_announcement *a)
{
	bool named = isalpha((unsigned char)*s->from);
	size_t n = strlen(a->headline);

	if (*s->template != '\0')
		return s->template;
	if (n > 0 && strchr(".!?", a->headline[n - 1]) != NULL)
		return named ? TEMPLATE("", "") : TEMPLATE(WHO, "");
	return named ? TEMPLATE("", ".") : TEMPLATE(WHO, ".");
}

/* A text by hand is sent as it is; others are made to fit. */
static const char *
text_make(const struct sms_http *s, const struct lf_announcement *a,
    struct lf_out *out)
{
	if (*a->sms != '\0')
		return s->host->expand(out, a, "{{sms}}", LF_FORM_PLAIN,
		    LF_UNIT_NONE, 0);
	return s->host->expand(out, a, template_for(s, a), LF_FORM_LINE,
	    LF_UNIT_SMS, s->max_parts);
}

static int
sms_render(void *self, const struct lf_announcement *a, struct lf_out *out)
{
	struct sms_http *s = self;
	struct lf_sms sms = { .size = sizeof sms };
	const char *text = text_make(s, a, out);

	if (text == NULL) {
		s->host->out_refuse(out, "sms-too-long", "the headline alone "
		    "is longer than max_parts allows: write an sms text");
		return -1;
	}
	s->host->sms(out, text, s->translit, &sms);
	s->host->out_text(out, sms.text);
	s->host->out_meta(out, "encoding",
	    sms.encoding == LF_SMS_UCS2 ? "ucs2" : "gsm7");
	s->host->out_measure(out, "parts", sms.parts);
	s->host->out_measure(out, "units", sms.units);
	if (sms.parts > s->max_parts)
		s->host->out_warn(out, "sms-many-parts", "the sms text needs "
		    "more parts than max_parts: shorten it");
	if (sms.encoding == LF_SMS_UCS2)
		s->host->out_warn(out, "sms-ucs2", "letters outside GSM-7 "
		    "leave only 70 characters a part");
	return 0;
}

static void
finish(struct flight *f, int32_t outcome, int32_t code, uint32_t retry_after,
    const char *peer_id, const char *text)
{
	struct sms_http *s = f->s;
	struct lf_delivery *d = f->d;
	const struct lf_outcome o = { .size = sizeof o, .outcome = outcome,
	    .code = code, .retry_after = retry_after, .peer_id = peer_id,
	    .text = text };

	d->data = NULL;
	free(f);
	s->host->done(s->channel, d, &o);
}

static int32_t
lost_outcome(const struct lf_reply *reply)
{
	/* It began to answer: so it has the message, whatever ended that. */
	if (reply->status > 0)
		return LF_UNKNOWN;
	switch (reply->error) {
	case LF_TRANSFER_NOT_SENT:
		return LF_TEMPFAIL;
	case LF_TRANSFER_REFUSED:
		return LF_CHANNEL_DOWN;
	default:
		return LF_UNKNOWN;
	}
}

static void
on_reply(void *arg, const struct lf_reply *reply)
{
	struct flight *f = arg;
	struct answer a;

	f->transfer = NULL;
	if (reply->error != LF_TRANSFER_OK) {
		finish(f, lost_outcome(reply), reply->status, 0, NULL,
		    reply->text);
		return;
	}
	answer_read(&f->s->preset, reply->status, reply->body,
	    reply->body_len, f->d->flags & LF_DLV_RESEND, &a);
	finish(f, a.outcome, a.code, reply->retry_after, a.peer_id, a.text);
}

static void
flight_start(struct flight *f, const struct request *r)
{
	const struct lf_request q = { .size = sizeof q,
	    .timeout_ms = f->s->timeout_ms, .method = f->s->preset.method,
	    .url = r->url, .headers = (const char *const *)r->headers,
	    .n_headers = r->n_headers, .max_reply = REPLY_MAX,
	    .body = r->body, .body_len = strlen(r->body) };

	f->transfer = f->s->host->transfer(f->s->channel, &q, on_reply, f);
	if (f->transfer == NULL)
		finish(f, LF_CHANNEL_DOWN, 0, 0, NULL,
		    "the request is malformed: check url and headers");
}

static int64_t
seconds_left(const struct flight *f)
{
	const struct sms_http *s = f->s;

	return f->d->expires == 0 ? INT32_MAX :
	    f->d->expires - s->host->wall_us(s->channel) / 1000000;
}

static void
flight_send(struct flight *f)
{
	struct sms_http *s = f->s;
	struct lf_delivery *d = f->d;
	struct request r;
	char why[128];
	const struct message m = { .to = d->address, .from = s->from,
	    .text = d->body, .key = d->key, .user = s->user,
	    .password = s->password,
	    .ucs2 = strcmp(s->host->meta(d, "encoding"), "ucs2") == 0,
	    .ttl = seconds_left(f) };

	if (request_make(&s->preset, s->url, &m, &r, why) == 0)
		flight_start(f, &r);
	else
		finish(f, LF_CHANNEL_DOWN, 0, 0, NULL, why);
	request_fini(&r);
}

static void
sms_submit(void *self, struct lf_delivery *d)
{
	static const struct lf_outcome no_memory = { .size = sizeof no_memory,
	    .outcome = LF_TEMPFAIL, .text = "out of memory" };
	struct sms_http *s = self;
	struct flight *f = calloc(1, sizeof *f);

	if (f == NULL) {
		s->host->done(s->channel, d, &no_memory);
		return;
	}
	f->s = s;
	f->d = d;
	d->data = f;
	if (!number_valid(d->address))
		finish(f, LF_PERMFAIL, 0, 0, NULL,
		    "the number is not E.164: write it as +491701234567");
	else if (seconds_left(f) <= 0)
		finish(f, LF_TEMPFAIL, 0, 0, NULL, "expired before its turn");
	else
		flight_send(f);
}

static void
sms_cancel(void *self, struct lf_delivery *d)
{
	struct sms_http *s = self;
	struct flight *f = d->data;

	s->host->transfer_cancel(f->transfer);
	/* The gateway may have it. */
	finish(f, LF_UNKNOWN, 0, 0, NULL, "cancelled under way");
}

static void
sms_close(void *self)
{
	free(self);
}

const struct lf_plugin litfass_plugin = {
	LF_PLUGIN_HEAD,
	.caps = LF_CAP_TEXT | LF_CAP_LINK,
	.name = "sms_http",
	.version = PACKAGE_VERSION,
	.summary = "SMS through a gateway's HTTP interface",
	.licence = "MIT",
	.contact = PACKAGE_BUGREPORT,
	.address_kind = "sms",
	.params = params,
	.n_params = sizeof params / sizeof params[0],
	.max_inflight = 128,
	.send_timeout = 330,
	.open = sms_open,
	.render = sms_render,
	.submit = sms_submit,
	.cancel = sms_cancel,
	.close = sms_close,
};
