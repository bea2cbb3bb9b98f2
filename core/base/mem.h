/*
 * mem: allocation that succeeds or ends the process.
 *
 * Ending is safe: what was accepted is on disk, and the supervisor starts a
 * new process that reads it again. Results are given: the caller frees.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

void *
xmalloc(size_t size);
void *
xcalloc(size_t n, size_t size);
/* Resize to n elements of size bytes; ends the process on overflow. */
void *
xreallocarray(void *p, size_t n, size_t size);
/* NULL stays NULL. */
char *
xstrdup(const char *s);
char *
xstrndup(const char *s, size_t n);
char *
xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
