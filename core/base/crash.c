/*
 * crash: die at a named point. Never in a build for use. Called by store and
 * engine around what must be durable; tests/crash/crash.py knows the names.
 */
#include "config.h"

#include "base/crash.h"

#ifdef LF_CRASH_POINTS

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

void
crash_point(const char *name)
{
	static atomic_long passed;
	const char *want = getenv("LITFASS_CRASH");
	size_t len = strlen(name);
	long nth = 1;

	if (want == NULL || strncmp(want, name, len) != 0)
		return;
	if (want[len] == ':')
		nth = strtol(want + len + 1, NULL, 10);
	else if (want[len] != '\0')
		return;
	if (atomic_fetch_add(&passed, 1) + 1 == nth)
		raise(SIGKILL);
}

#endif
