/*
 * fault: collect what is wrong. Never prints: check-config, litfassd and
 * the tests each show the list in their own way.
 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "config/fault.h"

#define PROBLEMS_MAX	200

void
faults_init(struct faults *p)
{
	memset(p, 0, sizeof(*p));
}

void
faults_fini(struct faults *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->list[i].text);
	free(p->list);
	faults_init(p);
}

static void __attribute__((format(printf, 5, 0)))
keep(struct faults *p, bool notice, const char *file, unsigned line,
    const char *fmt, va_list ap)
{
	char text[1024];

	if (p->n == PROBLEMS_MAX)
		return;
	vsnprintf(text, sizeof(text), fmt, ap);
	p->list = xreallocarray(p->list, p->n + 1, sizeof(*p->list));
	p->list[p->n].notice = notice;
	p->list[p->n++].text = line == 0 ? xasprintf("%s: %s", file, text) :
	    xasprintf("%s:%u: %s", file, line, text);
}

int
faults_add(struct faults *p, const char *file, unsigned line,
    const char *fmt, ...)
{
	va_list ap;

	p->errors++;
	va_start(ap, fmt);
	keep(p, false, file, line, fmt, ap);
	va_end(ap);
	return -1;
}

void
faults_notice(struct faults *p, const char *file, unsigned line,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	keep(p, true, file, line, fmt, ap);
	va_end(ap);
}
