/*
 * crash: places where a test may let this process die, as by kill -9.
 *
 * Only built with configure --enable-crash-points, which builds with
 * sanitizers have as well; in all others a point is nothing.
 */
#ifndef BASE_CRASH_H
#define BASE_CRASH_H

#ifdef LF_CRASH_POINTS
/*
 * Die here if the environment says so: LITFASS_CRASH=NAME or NAME:N, at the
 * Nth pass. Any thread.
 */
void
crash_point(const char *name);
#else
#define crash_point(name)	((void)(name))
#endif

#endif
