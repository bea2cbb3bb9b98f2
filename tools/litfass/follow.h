/*
 * follow: watch an announcement until it is settled, showing progress.
 */
#ifndef LITFASS_FOLLOW_H
#define LITFASS_FOLLOW_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "command.h"

/*
 * until_live: return as soon as everything is sent, else only when nothing
 * changes any more. With -o jsonl and a watch each state is printed. The last
 * status is given.
 */
int
follow(const struct cli *c, const char *id, bool until_live,
    json_t **status_r, struct err *e);

/* ERR_STATE when it was cancelled, ERR_DEADLINE when it expired before
 * anybody was reached, ERR_PARTIAL when some or all were not reached for
 * another reason; else 0. */
int
follow_verdict(const json_t *status, struct err *e);

/* As litfass status ID prints it. */
void
status_print(const struct cli *c, const json_t *status);
/* As litfass deliveries ID prints them. */
void
deliveries_print(const struct cli *c, const json_t *rows);
/* Ask on the terminal; true for "yes". */
bool
status_ask(const char *question);

#endif
