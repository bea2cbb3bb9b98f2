/*
 * mem: checked allocation. Never returns NULL for a size above zero.
 * Called by everyone.
 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"

static void *
checked(void *p, size_t size)
{
	if (p == NULL && size > 0)
		log_fatal(EXIT_TEMPFAIL, "out of memory for %zu bytes", size);
	return p;
}

void *
xmalloc(size_t size)
{
	return checked(malloc(size), size);
}

void *
xcalloc(size_t n, size_t size)
{
	return checked(calloc(n, size), n * size);
}

void *
xreallocarray(void *p, size_t n, size_t size)
{
	return checked(reallocarray(p, n, size), n * size);
}

char *
xstrdup(const char *s)
{
	return s == NULL ? NULL : checked(strdup(s), 1);
}

char *
xstrndup(const char *s, size_t n)
{
	return checked(strndup(s, n), 1);
}

char *
xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) < 0)
		s = NULL;
	va_end(ap);
	return checked(s, 1);
}
