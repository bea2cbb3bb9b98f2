/*
 * order: a client of the control socket that sends the same announcement
 * again and again under new ids.
 */
#ifndef BENCH_ORDER_H
#define BENCH_ORDER_H

#include <stdbool.h>

#include "base/buf.h"

/* What is replaced in a template by the next id. */
#define ORDER_ID	"@ID@"

struct order {
	int fd;
	struct buf in;
};

/* The template: a whole request on one line, without its end. Given. */
char *
order_template(const char *path);
void
order_open(struct order *o, const char *socket);
void
order_close(struct order *o);
/* Send the template under an id that this process has not used. */
void
order_publish(struct order *o, const char *template);
/* Send a command without arguments and wait for its answer. */
void
order_ask(struct order *o, const char *cmd);
/* Read what is there: true when an answer is complete. A refusal ends the
 * process. */
bool
order_answered(struct order *o);

#endif
