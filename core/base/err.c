/*
 * err: fill and name errors. Never prints, never exits. Called by everyone.
 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"

static const char *const names[ERR_CODES] = {
	[ERR_OK] = "ok",
	[ERR_FAILED] = "failed",
	[ERR_USAGE] = "usage",
	[ERR_INVALID] = "invalid",
	[ERR_NOT_FOUND] = "not-found",
	[ERR_DENIED] = "denied",
	[ERR_STATE] = "wrong-state",
	[ERR_UNREACHABLE] = "unreachable",
	[ERR_PARTIAL] = "partial",
	[ERR_DEADLINE] = "deadline",
};

int
err_set(struct err *e, enum err_code code, const char *fmt, ...)
{
	va_list ap;

	if (e == NULL)
		return -1;
	e->code = code;
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	return -1;
}

int
err_prefix(struct err *e, const char *fmt, ...)
{
	char old[sizeof(e->text)];
	va_list ap;
	size_t n;

	if (e == NULL)
		return -1;
	memcpy(old, e->text, sizeof(old));
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	n = strlen(e->text);
	snprintf(e->text + n, sizeof(e->text) - n, ": %s", old);
	return -1;
}

const char *
err_name(enum err_code code)
{
	if ((unsigned)code >= ERR_CODES)
		return names[ERR_FAILED];
	return names[code];
}

enum err_code
err_from_name(const char *name)
{
	for (unsigned i = 0; i < ERR_CODES; i++)
		if (strcmp(names[i], name) == 0)
			return (enum err_code)i;
	return ERR_FAILED;
}
