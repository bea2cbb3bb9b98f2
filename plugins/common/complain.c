/*
 * complain: says what is wrong with a configuration. It must never be given
 * a secret. Called by plugins while they open.
 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>

#include "common/complain.h"

int
complain(const struct lf_host *host, struct lf_channel *channel,
    const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	host->log(channel, LF_LOG_WARN, text);
	return -1;
}
