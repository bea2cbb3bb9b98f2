/*
 * dial: connects to the relay. It must never send a password before the
 * channel is encrypted and its peer known, unless the operator said so.
 * Called by conn.
 */
#include "config.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "dial.h"

struct dialer {
	const struct lf_host *host;
	struct lf_channel *channel;
	struct dial_conf conf;
	char *url;		/* with the name for EHLO as its path */
	CURLM *multi;
	struct lf_timer *timer;
};

/* One socket that libcurl waits for. */
struct dial_sock {
	struct dialer *dialer;
	curl_socket_t fd;
	struct lf_watch *watch;
};

struct dial {
	struct dialer *dialer;
	CURL *easy;
	dial_cb *cb;		/* NULL once called */
	void *arg;
	struct reply_reader reader;
	struct reply last;
	struct smtp_caps caps;
	bool authenticated;
	char error[CURL_ERROR_SIZE];
};

/* What a failure of libcurl is about; others are the network. */
static const struct {
	CURLcode rc;
	enum reply_stage stage;
	const char *text;
} failures[] = {
	{ CURLE_WEIRD_SERVER_REPLY, REPLY_GREETING, "the relay refuses us" },
	{ CURLE_REMOTE_ACCESS_DENIED, REPLY_EHLO, "the relay refuses us" },
	{ CURLE_USE_SSL_FAILED, REPLY_EHLO, "the relay offers no STARTTLS" },
	{ CURLE_PEER_FAILED_VERIFICATION, REPLY_EHLO,
	    "the certificate of the relay is not trusted" },
	{ CURLE_SSL_CACERT_BADFILE, REPLY_EHLO, "ca_file is not PEM" },
	{ CURLE_SSL_CONNECT_ERROR, REPLY_EHLO, "TLS failed" },
	{ CURLE_LOGIN_DENIED, REPLY_AUTH, "user or password is wrong" },
	{ CURLE_COULDNT_RESOLVE_HOST, REPLY_STAGES,
	    "the relay's name is not known" },
	{ CURLE_COULDNT_CONNECT, REPLY_STAGES, "nobody listens at the relay" },
	{ CURLE_OPERATION_TIMEDOUT, REPLY_STAGES,
	    "the relay does not answer" },
};

static void
dial_finish(struct dial *d, const struct smtp_result *failure)
{
	dial_cb *cb = d->cb;

	d->cb = NULL;
	if (cb != NULL)
		cb(d->arg, failure);
}

/* The relay as a whole is at fault, whoever the next mail is for. */
static void
dial_failed(struct dial *d, CURLcode rc)
{
	struct smtp_result r = { .outcome = LF_CHANNEL_DOWN };
	enum reply_stage stage = REPLY_STAGES;
	const char *text = "the connection broke";

	for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++)
		if (failures[i].rc == rc) {
			stage = failures[i].stage;
			text = failures[i].text;
		}
	if (stage != REPLY_STAGES && d->last.code >= 400) {
		r.outcome = reply_outcome(stage, &d->last);
		r.code = d->last.code;
		snprintf(r.text, sizeof r.text, "%s: %s: %d %s",
		    reply_stage_name(stage), text, d->last.code,
		    d->last.text);
	} else
		snprintf(r.text, sizeof r.text, "connect: %s: %.120s", text,
		    d->error);
	dial_finish(d, &r);
}

static void
dial_ended(struct dial *d, CURLcode rc)
{
	static const struct smtp_result no_auth = {
		.outcome = LF_CHANNEL_DOWN,
		.text = "AUTH: the relay did not ask for the password: "
		    "use its submission port",
	};

	if (rc != CURLE_OK)
		dial_failed(d, rc);
	else if (*d->dialer->conf.user != '\0' && !d->authenticated)
		dial_finish(d, &no_auth);
	else
		dial_finish(d, NULL);
}

static void
dialer_read_ends(struct dialer *dl)
{
	CURLMsg *msg;
	struct dial *d;
	int left;

	while ((msg = curl_multi_info_read(dl->multi, &left)) != NULL) {
		if (msg->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE,
		    (char **)&d);
		dial_ended(d, msg->data.result);
	}
}

static void
on_ready(void *arg, uint32_t events)
{
	struct dial_sock *s = arg;
	struct dialer *dl = s->dialer;
	int what = 0, running;

	if (events & LF_READ)
		what |= CURL_CSELECT_IN;
	if (events & LF_WRITE)
		what |= CURL_CSELECT_OUT;
	/* This may free s. */
	curl_multi_socket_action(dl->multi, s->fd, what, &running);
	dialer_read_ends(dl);
}

static void
on_timer(void *arg)
{
	struct dialer *dl = arg;
	int running;

	curl_multi_socket_action(dl->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	dialer_read_ends(dl);
}

static void
sock_remove(struct dialer *dl, struct dial_sock *s)
{
	if (s == NULL)
		return;
	curl_multi_assign(dl->multi, s->fd, NULL);
	dl->host->watch_free(s->watch);
	free(s);
}

static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *sock)
{
	struct dialer *dl = arg;
	struct dial_sock *s = sock;
	uint32_t events = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		sock_remove(dl, s);
		return 0;
	}
	if (what & CURL_POLL_IN)
		events |= LF_READ;
	if (what & CURL_POLL_OUT)
		events |= LF_WRITE;
	if (s != NULL) {
		dl->host->watch_set(s->watch, events);
		return 0;
	}
	s = calloc(1, sizeof *s);
	if (s == NULL)
		return -1;
	s->dialer = dl;
	s->fd = fd;
	s->watch = dl->host->watch_new(dl->channel, fd, events, on_ready, s);
	curl_multi_assign(dl->multi, fd, s);
	return 0;
}

static int
on_timeout(CURLM *multi, long ms, void *arg)
{
	struct dialer *dl = arg;

	(void)multi;
	if (ms < 0)
		dl->host->timer_stop(dl->timer);
	else
		dl->host->timer_set(dl->timer, ms);
	return 0;
}

/* Every line the relay says until it is ready. */
static size_t
on_line(char *p, size_t size, size_t n, void *arg)
{
	struct dial *d = arg;
	char line[256];
	size_t used;

	(void)size;
	snprintf(line, sizeof line, "%.*s", (int)(n < 255 ? n : 255), p);
	line[strcspn(line, "\r\n")] = '\0';
	/* A greeting or the go for STARTTLS: what was offered before is not
	 * to be trusted. */
	if (strncmp(line, "220", 3) == 0)
		memset(&d->caps, 0, sizeof d->caps);
	else if (strncmp(line, "250", 3) == 0 && strlen(line) > 4)
		smtp_caps_line(&d->caps, line + 4);
	else if (strncmp(line, "235", 3) == 0)
		d->authenticated = true;
	(void)reply_feed(&d->reader, p, n, &used, &d->last);
	return n;
}

static bool
is_smtp(const char *url)
{
	return strncmp(url, "smtp://", 7) == 0 ||
	    strncmp(url, "smtps://", 8) == 0;
}

/* The address with the EHLO name as its path: so libcurl wants it. */
static char *
url_make(const struct dial_conf *conf)
{
	CURLU *u = curl_url();
	char *url = NULL, *out = NULL;
	bool good;

	if (u == NULL)
		return NULL;
	good = is_smtp(conf->url) &&
	    curl_url_set(u, CURLUPART_URL, conf->url, 0) == CURLUE_OK &&
	    curl_url_set(u, CURLUPART_PATH, conf->helo, 0) == CURLUE_OK;
	if (good && conf->tls == DIAL_TLS)
		good = curl_url_set(u, CURLUPART_SCHEME, "smtps", 0) ==
		    CURLUE_OK;
	if (good && curl_url_get(u, CURLUPART_URL, &url, 0) == CURLUE_OK)
		out = strdup(url);
	curl_free(url);
	curl_url_cleanup(u);
	return out;
}

struct dialer *
dialer_new(const struct lf_host *host, struct lf_channel *channel,
    const struct dial_conf *conf)
{
	struct dialer *dl = calloc(1, sizeof *dl);

	if (dl == NULL)
		return NULL;
	dl->host = host;
	dl->channel = channel;
	dl->conf = *conf;
	curl_global_init(CURL_GLOBAL_DEFAULT);
	dl->url = url_make(conf);
	dl->multi = curl_multi_init();
	dl->timer = host->timer_new(channel, on_timer, dl);
	if (dl->url == NULL || dl->multi == NULL) {
		dialer_free(&dl);
		return NULL;
	}
	curl_multi_setopt(dl->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(dl->multi, CURLMOPT_SOCKETDATA, dl);
	curl_multi_setopt(dl->multi, CURLMOPT_TIMERFUNCTION, on_timeout);
	curl_multi_setopt(dl->multi, CURLMOPT_TIMERDATA, dl);
	return dl;
}

void
dialer_free(struct dialer **dlp)
{
	struct dialer *dl = *dlp;

	if (dl == NULL)
		return;
	if (dl->multi != NULL)
		curl_multi_cleanup(dl->multi);
	dl->host->timer_free(dl->timer);
	free(dl->url);
	free(dl);
	*dlp = NULL;
}

static void
tls_options(CURL *e, const struct dial_conf *conf)
{
	struct curl_blob ca = { .data = (void *)(uintptr_t)conf->ca,
	    .len = strlen(conf->ca), .flags = CURL_BLOB_COPY };
	bool check = conf->tls != DIAL_INSECURE;

	curl_easy_setopt(e, CURLOPT_USE_SSL, (long)(conf->tls == DIAL_OFF ?
	    CURLUSESSL_NONE : CURLUSESSL_ALL));
	curl_easy_setopt(e, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, check ? 1L : 0L);
	curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, check ? 2L : 0L);
	if (ca.len > 0)
		curl_easy_setopt(e, CURLOPT_CAINFO_BLOB, &ca);
}

static void
options(struct dial *d)
{
	const struct dial_conf *conf = &d->dialer->conf;
	CURL *e = d->easy;

	curl_easy_setopt(e, CURLOPT_URL, d->dialer->url);
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(e, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_PROXY, "");
	curl_easy_setopt(e, CURLOPT_PRIVATE, d);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, d->error);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_line);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, d);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, conf->timeout_ms);
	curl_easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L);
	tls_options(e, conf);
	if (*conf->user != '\0') {
		curl_easy_setopt(e, CURLOPT_USERNAME, conf->user);
		curl_easy_setopt(e, CURLOPT_PASSWORD, conf->password);
		curl_easy_setopt(e, CURLOPT_SASL_IR, 1L);
	}
}

struct dial *
dial_new(struct dialer *dl, dial_cb *cb, void *arg)
{
	struct dial *d = calloc(1, sizeof *d);

	if (d == NULL)
		return NULL;
	d->dialer = dl;
	d->cb = cb;
	d->arg = arg;
	d->easy = curl_easy_init();
	if (d->easy == NULL) {
		free(d);
		return NULL;
	}
	options(d);
	curl_multi_add_handle(dl->multi, d->easy);
	return d;
}

void
dial_free(struct dial **dp)
{
	struct dial *d = *dp;

	if (d == NULL)
		return;
	curl_multi_remove_handle(d->dialer->multi, d->easy);
	curl_easy_cleanup(d->easy);
	free(d);
	*dp = NULL;
}

const struct smtp_caps *
dial_caps(const struct dial *d)
{
	return &d->caps;
}

int
dial_fd(const struct dial *d)
{
	curl_socket_t fd = CURL_SOCKET_BAD;

	curl_easy_getinfo(d->easy, CURLINFO_ACTIVESOCKET, &fd);
	return fd;
}

static long
moved(CURLcode rc, size_t n)
{
	if (rc == CURLE_AGAIN)
		return 0;
	return rc == CURLE_OK && n > 0 && n <= LONG_MAX ? (long)n : -1;
}

long
dial_send(struct dial *d, const char *p, size_t n)
{
	size_t sent = 0;
	CURLcode rc = curl_easy_send(d->easy, p, n, &sent);

	return moved(rc, sent);
}

long
dial_recv(struct dial *d, char *p, size_t n)
{
	size_t got = 0;
	CURLcode rc = curl_easy_recv(d->easy, p, n, &got);

	return moved(rc, got);
}
