/*
 * client: one conversation with litfassd over its control socket
 * (core/control.h has the protocol). Blocks; waits at most a minute for an
 * answer.
 */
#ifndef LITFASS_CLIENT_H
#define LITFASS_CLIENT_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "command.h"

struct client;

/* Connect where --socket, LITFASS_SOCKET or the configuration says.
 * ERR_UNREACHABLE when nobody answers. */
int
client_open(const struct cli *c, struct client **cl_r, struct err *e);
void
client_close(struct client **cl);

/*
 * Send a request (given; "v" and "cmd" are added) and read its answer. The
 * result is given and may be set on error too; it may be NULL on success.
 */
int
client_ask(struct client *cl, const char *cmd, json_t *request,
    json_t **result_r, bool *more_r, struct err *e);
/* The next answer of a request with several; *more_r: another follows. */
int
client_next(struct client *cl, json_t **result_r, bool *more_r,
    struct err *e);

/* Open, ask, close; no result on error. */
int
client_once(const struct cli *c, const char *cmd, json_t *request,
    json_t **result_r, struct err *e);

#endif
