/*
 * transfer: HTTP exchanges of one channel, told apart by what was sent.
 *
 * Only hosts that were allowed are contacted, TLS is verified, redirects are
 * not followed, answers are capped. Answers always come from the loop, never
 * inside transfer_start().
 */
#ifndef WORKER_TRANSFER_H
#define WORKER_TRANSFER_H

#include "base/err.h"
#include "base/loop.h"
#include "litfass/plugin.h"

struct transfers;

/* How a callback is called: the host measures it. NULL: straight. */
typedef void transfer_call(void *arg, lf_transfer_cb *cb, void *cb_arg,
    const struct lf_reply *reply);

/* loop and arg are borrowed. */
struct transfers *
transfers_new(struct loop *loop, transfer_call *call, void *arg);
/* Ends what runs, without a callback. */
void
transfers_free(struct transfers **tp);

/* Allow the host of this URL; plain http only if the URL is http. */
int
transfers_allow(struct transfers *t, const char *url, struct err *e);
/* Do not verify the peer: for a test against one's own server. */
void
transfers_insecure(struct transfers *t);
/* Trust the certificates in this file in place of the system's. */
void
transfers_ca_file(struct transfers *t, const char *path);

/*
 * Start one exchange. The request is copied, arg is borrowed until the
 * callback. NULL, and no callback, when the request is malformed.
 */
struct lf_transfer *
transfer_start(struct transfers *t, const struct lf_request *q,
    lf_transfer_cb *cb, void *arg);
/* No callback follows. Harmless inside the callback. */
void
transfer_cancel(struct lf_transfer *x);

#endif
