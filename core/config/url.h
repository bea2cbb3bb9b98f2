/*
 * url: is this an address a plugin may be told to talk to?
 */
#ifndef CONFIG_URL_H
#define CONFIG_URL_H

#include "base/err.h"

/* Absolute, scheme http(s), smtp(s) or mqtt(s), a host, perhaps a port; no
 * user and no password (RFC 3986 section 3.2.1 warns of them, and they would
 * end in logs). 0, or -1 with the reason and what to do. */
int
url_check(const char *url, struct err *e);

#endif
