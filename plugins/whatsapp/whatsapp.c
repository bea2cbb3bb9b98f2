/*
 * whatsapp: messages to subscribers through the WhatsApp Cloud API, or a
 * provider that speaks it. One call a recipient; the API knows no batches.
 * It never logs the token, a phone number or a message id. The worker calls
 * it through litfass_plugin.
 */
#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "answer.h"
#include "litfass/plugin.h"
#include "message.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

#define TIMEOUT_MS	30000

struct whatsapp {
	const struct lf_host *host;
	struct lf_channel *ch;
	bool template;		/* mode */
	char url[1024];
	char *auth;		/* "Authorization: Bearer ..." */
};

/* One call that is under way. */
struct send {
	struct whatsapp *w;
	struct lf_delivery *d;
	struct lf_transfer *transfer;
};

#define TEMPLATE(kind, doc)						\
	{ "template_" kind, LF_PARAM_TEXT, 0, NULL, 0, 0, NULL, doc }

static const struct lf_param params[] = {
	{ "base_url", LF_PARAM_URL, 0, "https://graph.facebook.com", 0, 0,
	    NULL, "address of the API or of a provider that speaks it" },
	{ "messages_path", LF_PARAM_STRING, 0,
	    "/{version}/{phone_number_id}/messages", 0, 0, NULL,
	    "path of the send call" },
	{ "api_version", LF_PARAM_STRING, 0, "v25.0", 0, 0, NULL,
	    "version of the API" },
	{ "phone_number_id", LF_PARAM_STRING, 0, NULL, 0, 0, NULL,
	    "id of the number we send from; not the number itself" },
	{ "token", LF_PARAM_SECRET, LF_REQUIRED, NULL, 0, 0, NULL,
	    "token of a system user, or the provider's key" },
	{ "auth_header", LF_PARAM_STRING, 0, "Authorization", 0, 0, NULL,
	    "header with the token; any other name than Authorization "
	    "carries it without \"Bearer\"" },
	{ "mode", LF_PARAM_ENUM, 0, "text", 0, 0, "text|template",
	    "text reaches those who wrote within 24 hours; template "
	    "everyone" },
	{ "text", LF_PARAM_TEXT, 0, MESSAGE_DEFAULT, 0, 0, NULL,
	    "template of the message in mode text" },
	{ "template_languages", LF_PARAM_STRING, 0, "de", 0, 0, NULL,
	    "languages in which all templates are approved" },
	TEMPLATE("default", "approved template and its parameters"),
	TEMPLATE("warning", "the same for warnings"),
	TEMPLATE("all_clear", "the same for all-clears"),
	TEMPLATE("correction", "the same for corrections"),
	TEMPLATE("police_notice", "the same for notices of the police"),
	TEMPLATE("road_closure", "the same for road closures"),
	TEMPLATE("outage", "the same for outages"),
	TEMPLATE("service", "the same for news of services"),
	TEMPLATE("event", "the same for events"),
	TEMPLATE("livestream", "the same for live streams"),
	TEMPLATE("poll", "the same for polls"),
};

/* ------------------------------------------------------- configuration -- */

static bool
is_template(const struct lf_param *p)
{
	return strncmp(p->key, "template_", 9) == 0 &&
	    p->type == LF_PARAM_TEXT;
}

/* The template for a kind of announcement, "" when there is none. */
static const char *
template_of(const struct whatsapp *w, const char *kind)
{
	const char *spec;

	for (size_t i = 0; i < N(params); i++) {
		if (!is_template(&params[i]) ||
		    strcmp(params[i].key + 9, kind) != 0)
			continue;
		spec = w->host->conf_str(w->ch, params[i].key);
		if (*spec != '\0')
			return spec;
	}
	return w->host->conf_str(w->ch, "template_default");
}

/* Plain HTTP would show the token to everyone on the way. */
static bool
url_safe(const char *url)
{
	static const char *const near[] = { "http://127.0.0.1",
		"http://[::1]", "http://localhost" };
	size_t len;

	if (strncmp(url, "https://", 8) == 0)
		return true;
	for (size_t i = 0; i < N(near); i++) {
		len = strlen(near[i]);
		if (strncmp(url, near[i], len) == 0 &&
		    strchr(":/", url[len]) != NULL)
			return true;
	}
	return false;
}

static void
url_add(struct whatsapp *w, const char *s, size_t len)
{
	size_t at = strlen(w->url);

	snprintf(w->url + at, sizeof(w->url) - at, "%.*s", (int)len, s);
}

/* Fill in the path; false when the result is too long. */
static bool
url_make(struct whatsapp *w, const char *base, const char *path)
{
	static const struct {
		const char *mark, *key;
	} marks[] = {
		{ "{version}", "api_version" },
		{ "{phone_number_id}", "phone_number_id" },
	};
	const char *value;
	size_t len = strlen(base), i;

	url_add(w, base, len - (len > 0 && base[len - 1] == '/'));
	while (*path != '\0') {
		for (i = 0; i < N(marks); i++)
			if (strncmp(path, marks[i].mark,
			    strlen(marks[i].mark)) == 0)
				break;
		if (i == N(marks)) {
			url_add(w, path++, 1);
			continue;
		}
		value = w->host->conf_str(w->ch, marks[i].key);
		url_add(w, value, strlen(value));
		path += strlen(marks[i].mark);
	}
	return strlen(w->url) + 1 < sizeof(w->url);
}

static bool
auth_make(struct whatsapp *w)
{
	const char *name = w->host->conf_str(w->ch, "auth_header");
	const char *token = w->host->secret(w->ch, "token");
	bool bearer = strcasecmp(name, "Authorization") == 0;
	size_t size;

	if (token == NULL)
		return true; /* a preview has no secrets */
	/* A line break in the file would begin another header. */
	if (*token == '\0' || strpbrk(token, "\r\n") != NULL)
		return false;
	size = strlen(name) + strlen(token) + sizeof(": Bearer ");
	w->auth = malloc(size);
	if (w->auth == NULL)
		return false;
	snprintf(w->auth, size, "%s: %s%s", name, bearer ? "Bearer " : "",
	    token);
	return true;
}

/* What is wrong with the templates, or NULL. */
static const char *
templates_check(const struct whatsapp *w)
{
	const char *spec, *why = NULL;

	if (!w->template)
		return NULL;
	if (strspn(w->host->conf_str(w->ch, "template_languages"), " ") ==
	    strlen(w->host->conf_str(w->ch, "template_languages")))
		return "template_languages: name at least one";
	for (size_t i = 0; i < N(params) && why == NULL; i++) {
		if (!is_template(&params[i]))
			continue;
		spec = w->host->conf_str(w->ch, params[i].key);
		if (*spec != '\0')
			why = message_spec_check(spec);
	}
	return why;
}

/* Only what can stand in the first word of a header line. */
static bool
header_ok(const char *name)
{
	return *name != '\0' && strspn(name, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == strlen(name);
}

static const char *
conf_check(struct whatsapp *w)
{
	const char *base = w->host->conf_str(w->ch, "base_url");
	const char *path = w->host->conf_str(w->ch, "messages_path");
	const char *id = w->host->conf_str(w->ch, "phone_number_id");

	if (!url_safe(base))
		return "base_url: use https; http only to this machine";
	if (*path != '/')
		return "messages_path: begin it with a slash";
	if (!header_ok(w->host->conf_str(w->ch, "auth_header")))
		return "auth_header: give the name of a header: letters, "
		    "digits and -";
	if (strstr(path, "{phone_number_id}") != NULL && (*id == '\0' ||
	    strspn(id, "0123456789") != strlen(id)))
		return "phone_number_id: give the digits of the id, from "
		    "the WhatsApp manager";
	if (!url_make(w, base, path))
		return "base_url and messages_path are too long";
	if (!auth_make(w))
		return "token: the file must hold the token on one line";
	return templates_check(w);
}

static void
whatsapp_free(struct whatsapp *w)
{
	if (w != NULL && w->auth != NULL) {
		explicit_bzero(w->auth, strlen(w->auth));
		free(w->auth);
	}
	free(w);
}

static int
whatsapp_open(const struct lf_host *host, struct lf_channel *ch,
    void **self_r)
{
	struct whatsapp *w = calloc(1, sizeof(*w));
	const char *why = "out of memory";

	if (w != NULL) {
		w->host = host;
		w->ch = ch;
		w->template = strcmp(host->conf_str(ch, "mode"),
		    "template") == 0;
		why = conf_check(w);
	}
	if (why != NULL) {
		host->log(ch, LF_LOG_WARN, why);
		whatsapp_free(w);
		return -1;
	}
	*self_r = w;
	return 0;
}

static void
whatsapp_close(void *self)
{
	whatsapp_free(self);
}

/* ---------------------------------------------------------- deliveries -- */

static int
whatsapp_render(void *self, const struct lf_announcement *a,
    struct lf_out *out)
{
	const struct whatsapp *w = self;
	const char *spec;

	if (!w->template)
		return message_text(w->host, a, w->host->conf_str(w->ch,
		    "text"), out);
	spec = template_of(w, a->kind);
	if (*spec == '\0') {
		w->host->out_refuse(out, "no-template", "there is no "
		    "template for this kind: set template_default");
		return -1;
	}
	return message_template(w->host, a, spec, w->host->conf_str(w->ch,
	    "template_languages"), out);
}

/* Without the plus the API would add the country code of our own number. */
static bool
number_ok(const char *s)
{
	size_t len = strlen(s);

	return *s == '+' && len >= 8 && len <= 16 &&
	    strspn(s + 1, "0123456789") == len - 1;
}

static void
on_reply(void *arg, const struct lf_reply *reply)
{
	struct send *s = arg;
	struct whatsapp *w = s->w;
	struct lf_delivery *d = s->d;
	struct answer answer;

	d->data = NULL;
	free(s);
	answer_read(reply, d->attempt, &answer);
	w->host->done(w->ch, d, &answer.outcome);
}

static void
give_back(struct whatsapp *w, struct lf_delivery *d, int32_t outcome,
    const char *text)
{
	struct lf_outcome o = { .size = sizeof(o), .outcome = outcome,
		.text = text };

	w->host->done(w->ch, d, &o);
}

static void
whatsapp_submit(void *self, struct lf_delivery *d)
{
	struct whatsapp *w = self;
	const char *const headers[] = { w->auth,
		"Content-Type: application/json" };
	struct lf_request request = { .size = sizeof(request),
		.timeout_ms = TIMEOUT_MS, .method = "POST", .url = w->url,
		.headers = headers, .n_headers = N(headers),
		.body = d->body, .body_len = d->body_len };
	struct send *s;

	if (w->auth == NULL) {
		give_back(w, d, LF_CHANNEL_DOWN, "there is no token: set "
		    "token_file");
		return;
	}
	if (!number_ok(d->address)) {
		give_back(w, d, LF_PERMFAIL, "not a phone number in "
		    "international form, with a plus");
		return;
	}
	s = malloc(sizeof(*s));
	if (s == NULL) {
		give_back(w, d, LF_TEMPFAIL, "out of memory");
		return;
	}
	*s = (struct send){ .w = w, .d = d };
	d->data = s;
	s->transfer = w->host->transfer(w->ch, &request, on_reply, s);
	if (s->transfer == NULL) {
		d->data = NULL;
		free(s);
		give_back(w, d, LF_CHANNEL_DOWN, "the request can't be made: "
		    "check base_url and messages_path");
	}
}

/* What is on its way can't be called back. */
static void
whatsapp_cancel(void *self, struct lf_delivery *d)
{
	struct whatsapp *w = self;
	struct send *s = d->data;

	if (s == NULL)
		return;
	w->host->transfer_cancel(s->transfer);
	d->data = NULL;
	free(s);
	give_back(w, d, LF_UNKNOWN, "called back without an answer");
}

const struct lf_plugin litfass_plugin = {
	LF_PLUGIN_HEAD,
	.caps = LF_CAP_TEXT | LF_CAP_LINK,
	.name = "whatsapp",
	.version = PACKAGE_VERSION,
	.summary = "Subscribers on WhatsApp, by the Cloud API",
	.licence = "MIT",
	.contact = PACKAGE_BUGREPORT,
	.address_kind = "whatsapp",
	.params = params,
	.n_params = N(params),
	.max_inflight = 40,
	.send_timeout = 45,
	.open = whatsapp_open,
	.render = whatsapp_render,
	.submit = whatsapp_submit,
	.cancel = whatsapp_cancel,
	.close = whatsapp_close,
};
