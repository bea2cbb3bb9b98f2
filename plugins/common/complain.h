/*
 * complain: a fault in the configuration of a channel, told to its operator.
 */
#ifndef PLUGIN_COMPLAIN_H
#define PLUGIN_COMPLAIN_H

#include "litfass/plugin.h"

/* Always -1, for open to return. No secrets. */
int
complain(const struct lf_host *host, struct lf_channel *channel,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* For a struct with the members host and channel. */
#define COMPLAIN(self, ...)						\
	complain((self)->host, (self)->channel, __VA_ARGS__)

#endif
