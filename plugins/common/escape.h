/*
 * escape: values in forms that any protocol can carry.
 */
#ifndef PLUGIN_ESCAPE_H
#define PLUGIN_ESCAPE_H

#include <stddef.h>
#include <stdio.h>

/* RFC 4648 section 4, on one line. */
void
escape_base64(FILE *, const void *p, size_t n);
/* RFC 3986: all but unreserved characters as %XX. */
void
escape_percent(FILE *, const char *s);

#endif
