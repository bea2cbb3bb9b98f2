/*
 * transfer: "not sent" is tried again and "lost" may have arrived, so the
 * two are never mixed up. Must not send a request twice on its own. Called
 * by host.c.
 */
#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "worker/shard.h"
#include "worker/transfer.h"

#define TIMEOUT_MS	30000u
#define CONNECT_MS	10000u
#define REPLY_MAX	(1024u * 1024u)
#define HEAD_MAX	65536u	/* bytes of all lines before the body */
#define HEADERS_MAX	64u
#define SPARE_MAX	64u	/* easy handles kept for the next exchange */
#define KEEP_MAX	65536u	/* bytes of answer kept with each of them */
#define RETRY_MAX	3600	/* seconds that plugin.h honours */

struct endpoint {
	struct endpoint *next;
	char *host;
	bool plain;		/* http is allowed, too */
};

struct transfers {
	struct loop *loop;
	transfer_call *call;
	void *call_arg;
	struct shards *shards;
	CURLSH *share;		/* names and TLS sessions of all shards */
	struct endpoint *endpoints;
	struct lf_transfer *running, *spare;
	unsigned n_spare;
	char *ca_file;
	bool insecure;
};

struct lf_transfer {
	struct lf_transfer *next, **prev;
	struct transfers *all;
	struct shard *shard;		/* NULL: not with curl */
	struct loop_timer *refusal;	/* tells of a refusal, later */
	CURL *easy;
	struct curl_slist *headers;
	struct buf body;		/* of the answer */
	size_t head;			/* bytes of the answer's */
	size_t beyond;			/* the limit it broke, or 0 */
	uint64_t sending;		/* bytes of the request's body */
	lf_transfer_cb *cb;
	void *arg;
	bool begun;			/* the request is on its way */
	bool again;			/* curl would send it once more */
	bool finishing;
	char text[CURL_ERROR_SIZE + 64];
};

static void
done(CURL *easy, CURLcode code);

/* ------------------------------------------------------------ endpoints -- */

/* The part of a URL, given; NULL when it has none or is malformed. */
static char *
url_part(const char *url, CURLUPart part)
{
	CURLU *u = curl_url();
	char *s = NULL, *copy = NULL;

	if (curl_url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) ==
	    CURLUE_OK && curl_url_get(u, part, &s, 0) == CURLUE_OK)
		copy = xstrdup(s);
	curl_free(s);
	curl_url_cleanup(u);
	return copy;
}

int
transfers_allow(struct transfers *t, const char *url, struct err *e)
{
	char *host = url_part(url, CURLUPART_HOST);
	char *scheme = url_part(url, CURLUPART_SCHEME);
	struct endpoint *p;

	if (host == NULL || scheme == NULL) {
		free(host);
		free(scheme);
		return err_set(e, ERR_INVALID, "\"%.200s\" is no absolute "
		    "URL: write it as https://host/path", url);
	}
	p = xcalloc(1, sizeof(*p));
	p->host = host;
	p->plain = strcmp(scheme, "http") == 0;
	p->next = t->endpoints;
	t->endpoints = p;
	free(scheme);
	return 0;
}

static bool
is_allowed(const struct transfers *t, const char *host, bool plain)
{
	for (const struct endpoint *p = t->endpoints; p != NULL; p = p->next)
		if (strcasecmp(p->host, host) == 0 && (p->plain || !plain))
			return true;
	return false;
}

/* ----------------------------------------------------------- the engine -- */

static void
call_straight(void *arg, lf_transfer_cb *cb, void *cb_arg,
    const struct lf_reply *reply)
{
	(void)arg;
	cb(cb_arg, reply);
}

struct transfers *
transfers_new(struct loop *loop, transfer_call *call, void *arg)
{
	struct transfers *t = xcalloc(1, sizeof(*t));

	/* Counted by curl: as many calls as channels do no harm. */
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		log_fatal(EXIT_TEMPFAIL, "start curl: it refuses");
	t->loop = loop;
	t->call = call != NULL ? call : call_straight;
	t->call_arg = arg;
	t->shards = shards_new(loop, done);
	t->share = curl_share_init();
	curl_share_setopt(t->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
	curl_share_setopt(t->share, CURLSHOPT_SHARE,
	    CURL_LOCK_DATA_SSL_SESSION);
	return t;
}

static void
destroy(struct lf_transfer *x)
{
	curl_easy_cleanup(x->easy);
	loop_timer_free(&x->refusal);
	buf_fini(&x->body);
	free(x);
}

/* Out of the list and to the spare ones. */
static void
retire(struct lf_transfer *x)
{
	struct transfers *t = x->all;

	*x->prev = x->next;
	if (x->next != NULL)
		x->next->prev = x->prev;
	curl_slist_free_all(x->headers);
	x->headers = NULL;
	curl_easy_reset(x->easy);
	if (x->body.cap > KEEP_MAX)
		buf_fini(&x->body);
	if (t->n_spare >= SPARE_MAX) {
		destroy(x);
		return;
	}
	x->next = t->spare;
	t->spare = x;
	t->n_spare++;
}

void
transfers_free(struct transfers **tp)
{
	struct transfers *t = *tp;
	struct lf_transfer *x;
	struct endpoint *p;

	if (t == NULL)
		return;
	*tp = NULL;
	while ((x = t->running) != NULL)
		transfer_cancel(x);
	while ((x = t->spare) != NULL) {
		t->spare = x->next;
		destroy(x);
	}
	shards_free(&t->shards);
	curl_share_cleanup(t->share);
	while ((p = t->endpoints) != NULL) {
		t->endpoints = p->next;
		free(p->host);
		free(p);
	}
	free(t->ca_file);
	free(t);
	curl_global_cleanup();
}

void
transfers_insecure(struct transfers *t)
{
	t->insecure = true;
}

void
transfers_ca_file(struct transfers *t, const char *path)
{
	free(t->ca_file);
	t->ca_file = xstrdup(path);
}

/* ----------------------------------------------------------- the answer -- */

static size_t
on_body(char *p, size_t size, size_t n, void *arg)
{
	struct lf_transfer *x = arg;

	buf_add(&x->body, p, size * n);
	if (buf_ok(&x->body))
		return size * n;
	x->beyond = x->body.max;
	return 0;
}

/* curl keeps every line, of however many a peer sends. */
static size_t
on_head(char *p, size_t size, size_t n, void *arg)
{
	struct lf_transfer *x = arg;

	(void)p;
	x->head += size * n;
	if (x->head <= HEAD_MAX)
		return size * n;
	x->beyond = HEAD_MAX;
	return 0;
}

/*
 * curl sends a request again by itself when a kept connection ends without
 * an answer; but then the peer may have acted on it already. So it gets no
 * name, no socket and no kept connection for a second time.
 */
static bool
sends_again(struct lf_transfer *x)
{
	x->again = x->begun;
	return x->again;
}

static int
on_resolve(void *resolver, void *reserved, void *arg)
{
	(void)resolver;
	(void)reserved;
	return sends_again(arg);
}

static curl_socket_t
on_open(void *arg, curlsocktype purpose, struct curl_sockaddr *a)
{
	(void)purpose;
	return sends_again(arg) ? CURL_SOCKET_BAD :
	    socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

static int
on_request(void *arg, char *ip, char *local_ip, int port, int local_port)
{
	struct lf_transfer *x = arg;

	(void)ip;
	(void)local_ip;
	(void)port;
	(void)local_port;
	if (sends_again(x))
		return CURL_PREREQFUNC_ABORT;
	x->begun = true;
	return CURL_PREREQFUNC_OK;
}

/* Has the whole request left, once begun? When in doubt: yes. */
static bool
was_sent(struct lf_transfer *x)
{
	curl_off_t uploaded = 0;
	long bytes = 0;

	if (x->again)	/* curl counts from 0 for its second try */
		return true;
	curl_easy_getinfo(x->easy, CURLINFO_REQUEST_SIZE, &bytes);
	curl_easy_getinfo(x->easy, CURLINFO_SIZE_UPLOAD_T, &uploaded);
	return bytes > 0 && (uint64_t)uploaded >= x->sending;
}

static uint32_t
classify(struct lf_transfer *x, CURLcode code)
{
	if (code == CURLE_OK)
		return LF_TRANSFER_OK;
	if (x->begun)
		return was_sent(x) ? LF_TRANSFER_LOST : LF_TRANSFER_NOT_SENT;
	switch (code) {
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_INVALIDCERTSTATUS:
	case CURLE_UNSUPPORTED_PROTOCOL:
		return LF_TRANSFER_REFUSED;
	default:
		return LF_TRANSFER_NOT_SENT;
	}
}

static const char *
describe(struct lf_transfer *x, CURLcode code)
{
	if (x->beyond != 0)
		snprintf(x->text, sizeof(x->text),
		    "the answer is longer than %zu bytes", x->beyond);
	else if (x->again)
		snprintf(x->text, sizeof(x->text),
		    "the connection ended before the answer");
	else if (code != CURLE_OK && x->text[0] == '\0')
		snprintf(x->text, sizeof(x->text), "%s",
		    curl_easy_strerror(code));
	return x->text;
}

static void
deliver(struct lf_transfer *x, struct lf_reply *reply)
{
	x->finishing = true;
	reply->size = sizeof(*reply);
	reply->body = buf_cstr(&x->body);
	reply->body_len = x->body.len;
	x->all->call(x->all->call_arg, x->cb, x->arg, reply);
	retire(x);
}

static void
done(CURL *easy, CURLcode code)
{
	struct lf_transfer *x = NULL;
	struct lf_reply reply = { 0 };
	curl_off_t retry = 0;
	long status = 0;

	curl_easy_getinfo(easy, CURLINFO_PRIVATE, &x);
	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &retry);
	reply.error = classify(x, code);
	reply.status = (int32_t)status;
	reply.retry_after = retry <= 0 ? 0 :
	    retry > RETRY_MAX ? RETRY_MAX : (uint32_t)retry;
	reply.text = describe(x, code);
	x->shard = NULL;
	deliver(x, &reply);
}

static void
refused(void *arg)
{
	struct lf_transfer *x = arg;
	struct lf_reply reply = { .error = LF_TRANSFER_REFUSED };

	reply.text = x->text;
	deliver(x, &reply);
}

/* ---------------------------------------------------------- the request -- */

static bool
is_token(const char *s)
{
	size_t len = s != NULL ? strlen(s) : 0;

	return len > 0 && len <= 16 &&
	    strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == len;
}

/* "Name: value" without a line end, which would smuggle in another one. */
static bool
is_header(const char *s)
{
	return s != NULL && strchr(s, ':') != NULL && s[0] != ':' &&
	    strpbrk(s, "\r\n") == NULL;
}

static bool
is_wellformed(const struct lf_request *q)
{
	if (!is_token(q->method) || q->url == NULL ||
	    q->n_headers > HEADERS_MAX ||
	    (q->body == NULL && q->body_len > 0))
		return false;
	for (uint32_t i = 0; i < q->n_headers; i++)
		if (!is_header(q->headers[i]))
			return false;
	return true;
}

static bool
has_header(const struct lf_request *q, const char *name)
{
	for (uint32_t i = 0; i < q->n_headers; i++)
		if (strncasecmp(q->headers[i], name, strlen(name)) == 0)
			return true;
	return false;
}

static void
set_headers(struct lf_transfer *x, const struct lf_request *q)
{
	/* Without "Expect:" curl waits for the peer before a large body. */
	x->headers = curl_slist_append(NULL, "Expect:");
	if (!has_header(q, "Content-Type:"))
		x->headers = curl_slist_append(x->headers, "Content-Type:");
	for (uint32_t i = 0; i < q->n_headers; i++)
		x->headers = curl_slist_append(x->headers, q->headers[i]);
	curl_easy_setopt(x->easy, CURLOPT_HTTPHEADER, x->headers);
}

static void
set_method(struct lf_transfer *x, const struct lf_request *q)
{
	bool has_body = q->body_len > 0 || (strcmp(q->method, "GET") != 0 &&
	    strcmp(q->method, "HEAD") != 0 &&
	    strcmp(q->method, "DELETE") != 0);

	if (has_body) {
		curl_easy_setopt(x->easy, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)q->body_len);
		curl_easy_setopt(x->easy, CURLOPT_COPYPOSTFIELDS,
		    q->body != NULL ? q->body : "");
	}
	if (strcmp(q->method, "HEAD") == 0)
		curl_easy_setopt(x->easy, CURLOPT_NOBODY, 1L);
	curl_easy_setopt(x->easy, CURLOPT_CUSTOMREQUEST, q->method);
}

static void
set_limits(struct lf_transfer *x, const struct lf_request *q)
{
	uint32_t ms = q->timeout_ms != 0 ? q->timeout_ms : TIMEOUT_MS;

	curl_easy_setopt(x->easy, CURLOPT_TIMEOUT_MS, (long)ms);
	curl_easy_setopt(x->easy, CURLOPT_CONNECTTIMEOUT_MS,
	    (long)(ms < CONNECT_MS ? ms : CONNECT_MS));
	curl_easy_setopt(x->easy, CURLOPT_NOSIGNAL, 1L);
	/* Or the end of a transfer waits for its name to be looked up. */
	curl_easy_setopt(x->easy, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(x->easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(x->easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(x->easy, CURLOPT_PROXY, "");
	/* Measured: kept HTTP/1.1 connections cost a third less than h2. */
	curl_easy_setopt(x->easy, CURLOPT_HTTP_VERSION,
	    (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(x->easy, CURLOPT_SSLVERSION,
	    (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(x->easy, CURLOPT_USERAGENT,
	    "litfass/" PACKAGE_VERSION);
}

static void
set_trust(struct lf_transfer *x)
{
	if (x->all->ca_file != NULL)
		curl_easy_setopt(x->easy, CURLOPT_CAINFO, x->all->ca_file);
	if (!x->all->insecure)
		return;
	curl_easy_setopt(x->easy, CURLOPT_SSL_VERIFYPEER, 0L);
	curl_easy_setopt(x->easy, CURLOPT_SSL_VERIFYHOST, 0L);
}

static void
set_callbacks(struct lf_transfer *x)
{
	curl_easy_setopt(x->easy, CURLOPT_PRIVATE, x);
	curl_easy_setopt(x->easy, CURLOPT_SHARE, x->all->share);
	curl_easy_setopt(x->easy, CURLOPT_ERRORBUFFER, x->text);
	curl_easy_setopt(x->easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(x->easy, CURLOPT_WRITEDATA, x);
	curl_easy_setopt(x->easy, CURLOPT_HEADERFUNCTION, on_head);
	curl_easy_setopt(x->easy, CURLOPT_HEADERDATA, x);
	curl_easy_setopt(x->easy, CURLOPT_RESOLVER_START_FUNCTION, on_resolve);
	curl_easy_setopt(x->easy, CURLOPT_RESOLVER_START_DATA, x);
	curl_easy_setopt(x->easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
	curl_easy_setopt(x->easy, CURLOPT_OPENSOCKETDATA, x);
	curl_easy_setopt(x->easy, CURLOPT_PREREQFUNCTION, on_request);
	curl_easy_setopt(x->easy, CURLOPT_PREREQDATA, x);
}

/* A transfer with a clean easy handle, in the list of those that run. */
static struct lf_transfer *
fresh(struct transfers *t)
{
	struct lf_transfer *x = t->spare;

	if (x != NULL) {
		t->spare = x->next;
		t->n_spare--;
		buf_clear(&x->body);
	} else {
		x = xcalloc(1, sizeof(*x));
		x->all = t;
		x->easy = curl_easy_init();
		if (x->easy == NULL)
			log_fatal(EXIT_TEMPFAIL, "start curl: no memory");
		buf_init(&x->body, REPLY_MAX);
		x->refusal = loop_timer_new(t->loop, refused, x);
	}
	x->next = t->running;
	if (x->next != NULL)
		x->next->prev = &x->next;
	x->prev = &t->running;
	t->running = x;
	x->shard = NULL;
	x->begun = x->again = x->finishing = false;
	x->head = x->beyond = 0;
	x->text[0] = '\0';
	return x;
}

static void
refuse(struct lf_transfer *x, const char *host)
{
	snprintf(x->text, sizeof(x->text), "contact %.100s: refused: it is "
	    "not the host of a configured URL", host);
	loop_timer_set(x->refusal, 0);
}

static void
begin(struct lf_transfer *x, const struct lf_request *q)
{
	x->sending = q->body_len;
	x->body.max = q->max_reply != 0 ? q->max_reply : REPLY_MAX;
	set_callbacks(x);
	set_limits(x, q);
	set_trust(x);
	set_method(x, q);
	set_headers(x, q);
	curl_easy_setopt(x->easy, CURLOPT_URL, q->url);
	x->shard = shards_add(x->all->shards, x->easy);
	if (x->shard == NULL)
		log_fatal(EXIT_TEMPFAIL, "start a transfer: curl refuses");
}

struct lf_transfer *
transfer_start(struct transfers *t, const struct lf_request *q,
    lf_transfer_cb *cb, void *arg)
{
	char *host = is_wellformed(q) ? url_part(q->url, CURLUPART_HOST) :
	    NULL;
	char *scheme;
	struct lf_transfer *x;

	if (host == NULL)
		return NULL;
	scheme = url_part(q->url, CURLUPART_SCHEME);
	x = fresh(t);
	x->cb = cb;
	x->arg = arg;
	if (is_allowed(t, host, strcmp(scheme, "https") != 0))
		begin(x, q);
	else
		refuse(x, host);
	free(scheme);
	free(host);
	return x;
}

void
transfer_cancel(struct lf_transfer *x)
{
	if (x->finishing)
		return;
	loop_timer_stop(x->refusal);
	if (x->shard != NULL)
		shard_remove(x->shard, x->easy);
	retire(x);
}
