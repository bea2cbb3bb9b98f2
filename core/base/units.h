/*
 * units: durations, sizes and rates as people write them.
 *
 * One whole number and one unit, nothing between them: "250ms", "30s", "10m",
 * "2h", "3d"; "512B", "64kB", "16MB", "2GB" (powers of 1000), "64KiB",
 * "16MiB", "2GiB" (powers of 1024); "80/s", "10/m", "500/h". A bare "0" needs
 * no unit. Reading returns 0, or -1 with the reason and what to write instead
 * in *e (not the value's origin: the caller puts that in front).
 */
#ifndef BASE_UNITS_H
#define BASE_UNITS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define UNITS_TEXT	32	/* room for any text written here */

/* Milliseconds, never negative. */
int
units_duration(const char *s, int64_t *ms_r, struct err *e);
/* Bytes, never negative. */
int
units_size(const char *s, int64_t *bytes_r, struct err *e);
/* Events per second, 0 for "0". */
int
units_rate(const char *s, double *per_second_r, struct err *e);

/* The shortest text that reads back as the same value; returns out, which
 * has room for UNITS_TEXT bytes. Negative values are a bug of the caller. */
const char *
units_duration_text(int64_t ms, char *out);
const char *
units_size_text(int64_t bytes, char *out);

#endif
