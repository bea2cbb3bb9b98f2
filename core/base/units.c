/*
 * units: read and write durations, sizes and rates. Never rounds and never
 * wraps: what does not fit is refused. Called by the configuration and by the
 * command line.
 */
#include "config.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/units.h"

struct unit {
	const char *name;
	int64_t factor;
};

/* Biggest first: writing takes the first that divides. */
static const struct unit durations[] = {
	{ "d", 86400000 },
	{ "h", 3600000 },
	{ "m", 60000 },
	{ "s", 1000 },
	{ "ms", 1 },
	{ NULL, 0 }
};

static const struct unit sizes[] = {
	{ "GiB", INT64_C(1) << 30 },
	{ "GB", 1000000000 },
	{ "MiB", 1 << 20 },
	{ "MB", 1000000 },
	{ "KiB", 1 << 10 },
	{ "kB", 1000 },
	{ "B", 1 },
	{ NULL, 0 }
};

/* Seconds. */
static const struct unit rates[] = {
	{ "/s", 1 },
	{ "/m", 60 },
	{ "/h", 3600 },
	{ NULL, 0 }
};

static const struct unit *
find(const struct unit *u, const char *name)
{
	for (; u->name != NULL; u++)
		if (strcmp(u->name, name) == 0)
			return u;
	return NULL;
}

/* The digits at the start of s; *rest_r points behind them. */
static int
digits(const char *s, int64_t *n_r, const char **rest_r)
{
	int64_t n = 0;

	if (!isdigit((unsigned char)*s))
		return -1;
	for (; isdigit((unsigned char)*s); s++)
		if (__builtin_mul_overflow(n, INT64_C(10), &n) ||
		    __builtin_add_overflow(n, (int64_t)(*s - '0'), &n))
			return -1;
	*n_r = n;
	*rest_r = s;
	return 0;
}

/* Number and unit of s. A bare 0 has the last, smallest unit. */
static const struct unit *
split(const char *s, const struct unit *table, int64_t *n_r)
{
	const char *rest;
	const struct unit *u = table;

	if (digits(s, n_r, &rest) != 0)
		return NULL;
	if (*n_r != 0 || *rest != '\0')
		return find(table, rest);
	while (u[1].name != NULL)
		u++;
	return u;
}

static int
scaled(const char *s, const struct unit *table, const char *hint,
    int64_t *n_r, struct err *e)
{
	int64_t n;
	const struct unit *u = split(s, table, &n);

	if (u == NULL)
		return err_set(e, ERR_INVALID, "\"%.64s\" is not a %s", s,
		    hint);
	if (__builtin_mul_overflow(n, u->factor, n_r))
		return err_set(e, ERR_INVALID, "\"%.64s\" is too large: "
		    "it does not fit into 64 bits", s);
	return 0;
}

int
units_duration(const char *s, int64_t *ms_r, struct err *e)
{
	return scaled(s, durations, "duration: write a whole number and ms, "
	    "s, m, h or d, like \"30s\"", ms_r, e);
}

int
units_size(const char *s, int64_t *bytes_r, struct err *e)
{
	return scaled(s, sizes, "size: write a whole number and B, kB, MB, "
	    "GB, KiB, MiB or GiB, like \"16MB\"", bytes_r, e);
}

int
units_rate(const char *s, double *per_second_r, struct err *e)
{
	int64_t n;
	const struct unit *u = split(s, rates, &n);

	if (u == NULL)
		return err_set(e, ERR_INVALID, "\"%.64s\" is not a rate: "
		    "write a whole number and /s, /m or /h, like \"80/s\"",
		    s);
	*per_second_r = (double)n / (double)u->factor;
	return 0;
}

static const char *
text(int64_t n, const struct unit *u, char *out)
{
	if (n < 0)
		log_bug("units: %" PRId64 " is negative", n);
	while (u[1].name != NULL && (n == 0 || n % u->factor != 0))
		u++;
	snprintf(out, UNITS_TEXT, "%" PRId64 "%s", n / u->factor, u->name);
	return out;
}

const char *
units_duration_text(int64_t ms, char *out)
{
	return text(ms, durations, out);
}

const char *
units_size_text(int64_t bytes, char *out)
{
	return text(bytes, sizes, out);
}
