/*
 * email: the channel plugin for mail over SMTP. It must never put two
 * people into one envelope. Loaded by the worker.
 */
#include "config.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "litfass/plugin.h"

#include "common/complain.h"
#include "address.h"
#include "message.h"
#include "relay.h"

static const struct lf_param params[] = {
	{ .key = "relay", .type = LF_PARAM_URL, .flags = LF_REQUIRED,
	    .doc = "mail relay, such as smtp://mail.example.org:587" },
	{ .key = "tls", .type = LF_PARAM_ENUM, .def = "starttls",
	    .choices = "off|starttls|tls|insecure",
	    .doc = "encryption; insecure does not check the certificate" },
	{ .key = "ca", .type = LF_PARAM_TEXT,
	    .doc = "certificates to trust, PEM; default the system's" },
	{ .key = "user", .type = LF_PARAM_STRING,
	    .doc = "account at the relay; empty: no login" },
	{ .key = "password", .type = LF_PARAM_SECRET,
	    .doc = "password of the account" },
	{ .key = "helo", .type = LF_PARAM_STRING,
	    .doc = "own name towards the relay; default the domain of from" },
	{ .key = "from", .type = LF_PARAM_STRING, .flags = LF_REQUIRED,
	    .doc = "address of the sender" },
	{ .key = "from_name", .type = LF_PARAM_STRING,
	    .doc = "name of the sender; default that of the announcement" },
	{ .key = "return_path", .type = LF_PARAM_STRING,
	    .doc = "address for bounces; default from" },
	{ .key = "reply_to", .type = LF_PARAM_STRING,
	    .doc = "address for answers" },
	{ .key = "list_id", .type = LF_PARAM_STRING,
	    .doc = "identity of the list, such as warnungen.example.org" },
	{ .key = "list_name", .type = LF_PARAM_STRING,
	    .doc = "name of the list for people" },
	{ .key = "unsubscribe_url", .type = LF_PARAM_STRING,
	    .doc = "https address to leave the list, with {address} or {key}" },
	{ .key = "unsubscribe_mailto", .type = LF_PARAM_STRING,
	    .doc = "mail address to leave the list, may hold {key}" },
	{ .key = "connections", .type = LF_PARAM_INT, .def = "4", .min = 1,
	    .max = RELAY_CONNECTIONS_MAX,
	    .doc = "connections to the relay at most" },
	{ .key = "messages", .type = LF_PARAM_INT, .def = "0", .min = 0,
	    .max = 1000000,
	    .doc = "messages per connection before a new one; 0 no limit" },
	{ .key = "timeout", .type = LF_PARAM_DURATION, .def = "5m",
	    .min = 1000, .max = 600000,
	    .doc = "how long to wait for an answer of the relay" },
	{ .key = "final_timeout", .type = LF_PARAM_DURATION, .def = "10m",
	    .min = 60000, .max = 1800000,
	    .doc = "how long to wait once a message is sent" },
	{ .key = "template_text", .type = LF_PARAM_TEXT,
	    .doc = "template of the text part" },
	{ .key = "template_html", .type = LF_PARAM_TEXT,
	    .doc = "template of the HTML part, inside the body" },
};

struct email {
	const struct lf_host *host;
	struct lf_channel *channel;
	struct message_conf message;
	struct dial_conf dial;
	struct dialer *dialer;
	struct relay *relay;
	char *helo;
	bool no_password;	/* right in a preview, which has no secrets */
};

static const char no_password[] = "password_file: missing although there is "
    "a user: add it, or leave out the user";

static const char *
conf_str(const struct email *e, const char *key)
{
	return e->host->conf_str(e->channel, key);
}

static int
addresses_check(const struct email *e)
{
	static const char *const keys[] = { "from", "return_path", "reply_to",
		NULL };
	const char *address;

	for (int i = 0; keys[i] != NULL; i++) {
		address = conf_str(e, keys[i]);
		if ((*address != '\0' || i == 0) && !(address_valid(address) &&
		    address_is_ascii(address)))
			return COMPLAIN(e, "%s: not a mail address: write it "
			    "as press@example.org", keys[i]);
	}
	return 0;
}

/* What stands in a header or a command as it is. */
static int
words_check(const struct email *e)
{
	static const char *const keys[] = { "helo", "list_id",
		"unsubscribe_url", "unsubscribe_mailto", NULL };
	const char *url = conf_str(e, "unsubscribe_url");

	for (int i = 0; keys[i] != NULL; i++)
		for (const char *s = conf_str(e, keys[i]); *s != '\0'; s++)
			if (*s <= 0x20 || *s >= 0x7f ||
			    strchr("<>\"", *s) != NULL)
				return COMPLAIN(e, "%s: holds a space, a "
				    "bracket, a quote or a letter that is "
				    "not ASCII: leave it out", keys[i]);
	if (*url != '\0' && strncmp(url, "https://", 8) != 0)
		return COMPLAIN(e, "unsubscribe_url: not https: mail "
		    "providers take nothing else");
	if (strchr(conf_str(e, "list_id"), '@') != NULL)
		return COMPLAIN(e, "list_id: not a name like "
		    "warnungen.example.org: write a dot for the @");
	return 0;
}

static void
message_conf_read(struct email *e)
{
	e->message = (struct message_conf){
		.from = conf_str(e, "from"),
		.from_name = conf_str(e, "from_name"),
		.reply_to = conf_str(e, "reply_to"),
		.list_id = conf_str(e, "list_id"),
		.list_name = conf_str(e, "list_name"),
		.unsubscribe_url = conf_str(e, "unsubscribe_url"),
		.unsubscribe_mailto = conf_str(e, "unsubscribe_mailto"),
		.text = conf_str(e, "template_text"),
		.html = conf_str(e, "template_html"),
	};
}

static enum dial_tls
tls_read(const struct email *e)
{
	static const struct { const char *word; enum dial_tls tls; } words[] = {
		{ "off", DIAL_OFF }, { "tls", DIAL_TLS },
		{ "insecure", DIAL_INSECURE },
	};
	const char *word = conf_str(e, "tls");

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcmp(word, words[i].word) == 0)
			return words[i].tls;
	return DIAL_STARTTLS;
}

static int
dial_conf_read(struct email *e)
{
	const char *password = e->host->secret(e->channel, "password");
	const char *helo = conf_str(e, "helo");
	int64_t timeout = e->host->conf_int(e->channel, "timeout");

	if (*helo == '\0')
		helo = strchr(e->message.from, '@') + 1;
	if (asprintf(&e->helo, "/%s", helo) < 0)
		return COMPLAIN(e, "out of memory");
	e->dial = (struct dial_conf){
		.url = conf_str(e, "relay"), .helo = e->helo,
		.user = conf_str(e, "user"),
		.password = password != NULL ? password : "",
		.ca = conf_str(e, "ca"), .tls = tls_read(e),
		.timeout_ms = (long)(timeout < 60000 ? timeout : 60000),
	};
	if (*e->dial.user != '\0' && e->dial.tls == DIAL_OFF)
		return COMPLAIN(e, "tls: off would send the password in "
		    "clear text: use starttls or tls, or no user");
	e->no_password = *e->dial.user != '\0' && password == NULL;
	return 0;
}

static void
on_done(void *arg, struct lf_delivery *d, const struct smtp_result *r)
{
	struct email *e = arg;
	const struct lf_outcome o = { .size = sizeof o,
	    .outcome = r->outcome, .code = r->code, .peer_id = r->peer_id,
	    .text = r->text };

	e->host->done(e->channel, d, &o);
}

static int
relay_open(struct email *e)
{
	const struct lf_host *h = e->host;
	const char *bounces = conf_str(e, "return_path");
	const struct relay_conf conf = {
		.conn = {
			.host = h, .channel = e->channel,
			.dialer = e->dialer,
			.timeout_ms = h->conf_int(e->channel, "timeout"),
			.final_ms = h->conf_int(e->channel, "final_timeout"),
			.max_messages = h->conf_int(e->channel, "messages"),
		},
		.from = *bounces != '\0' ? bounces : e->message.from,
		.connections = (unsigned)h->conf_int(e->channel,
		    "connections"),
	};

	e->relay = relay_new(&conf, on_done, e);
	return e->relay != NULL ? 0 : COMPLAIN(e, "out of memory");
}

static void
email_close(void *self)
{
	struct email *e = self;

	relay_free(&e->relay);
	dialer_free(&e->dialer);
	free(e->helo);
	free(e);
}

static int
email_setup(struct email *e)
{
	if (addresses_check(e) != 0 || words_check(e) != 0)
		return -1;
	message_conf_read(e);
	if (dial_conf_read(e) != 0)
		return -1;
	e->dialer = dialer_new(e->host, e->channel, &e->dial);
	if (e->dialer == NULL)
		return COMPLAIN(e, "relay: not an address like "
		    "smtp://mail.example.org:587");
	return relay_open(e);
}

static int
email_open(const struct lf_host *host, struct lf_channel *channel,
    void **self_r)
{
	struct email *e = calloc(1, sizeof *e);

	if (e == NULL)
		return -1;
	e->host = host;
	e->channel = channel;
	if (email_setup(e) != 0) {
		email_close(e);
		return -1;
	}
	*self_r = e;
	return 0;
}

static int
email_render(void *self, const struct lf_announcement *a, struct lf_out *out)
{
	struct email *e = self;

	return message_render(e->host, &e->message, a, out);
}

static void
email_start(void *self)
{
	struct email *e = self;

	if (e->no_password)
		COMPLAIN(e, no_password);
}

static void
email_submit(void *self, struct lf_delivery *d)
{
	static const struct lf_outcome down = { .size = sizeof down,
	    .outcome = LF_CHANNEL_DOWN, .text = no_password };
	struct email *e = self;

	if (e->no_password)
		e->host->done(e->channel, d, &down);
	else
		relay_send(e->relay, d);
}

static void
email_cancel(void *self, struct lf_delivery *d)
{
	struct email *e = self;

	relay_cancel(e->relay, d);
}

static void
email_drain(void *self)
{
	struct email *e = self;

	relay_drain(e->relay);
}

const struct lf_plugin litfass_plugin = {
	LF_PLUGIN_HEAD,
	.caps = LF_CAP_TEXT | LF_CAP_LINK,
	.name = "email",
	.version = PACKAGE_VERSION,
	.summary = "mail over SMTP, one envelope per recipient",
	.licence = "MIT",
	.contact = PACKAGE_BUGREPORT,
	.address_kind = "email",
	.params = params,
	.n_params = sizeof params / sizeof params[0],
	.max_inflight = 256,
	.send_timeout = 1800,
	.open = email_open,
	.start = email_start,
	.render = email_render,
	.submit = email_submit,
	.cancel = email_cancel,
	.drain = email_drain,
	.close = email_close,
};
