/*
 * dial: brings a connection to the point where a relay is ready for MAIL:
 * TCP, TLS or STARTTLS, EHLO and AUTH, through libcurl without blocking.
 * Afterwards it is a plain pipe of bytes.
 */
#ifndef EMAIL_DIAL_H
#define EMAIL_DIAL_H

#include <stdbool.h>
#include <stddef.h>

#include "litfass/plugin.h"

#include "smtp.h"

enum dial_tls { DIAL_OFF, DIAL_STARTTLS, DIAL_TLS, DIAL_INSECURE };

/* All kept until dialer_free(). */
struct dial_conf {
	const char *url;	/* "smtp://host:587" */
	const char *helo;
	const char *user;	/* "" sends no AUTH */
	const char *password;
	const char *ca;		/* PEM text, "" the system's */
	enum dial_tls tls;
	long timeout_ms;	/* for all of it */
};

struct dialer;
struct dial;

/* failure is NULL when the relay is ready. */
typedef void dial_cb(void *arg, const struct smtp_result *failure);

/* NULL when url is not one. */
struct dialer *
dialer_new(const struct lf_host *host, struct lf_channel *channel,
    const struct dial_conf *conf);
void
dialer_free(struct dialer **);

/* cb is called once, never from within dial_new(). NULL out of memory. */
struct dial *
dial_new(struct dialer *, dial_cb *cb, void *arg);
/* Closes the connection; cb is not called any more. */
void
dial_free(struct dial **);
/* After success only. */
const struct smtp_caps *
dial_caps(const struct dial *);
int
dial_fd(const struct dial *);
/* Bytes moved, 0 not now, -1 the connection is gone. */
long
dial_send(struct dial *, const char *p, size_t n);
long
dial_recv(struct dial *, char *p, size_t n);

#endif
