/*
 * zone: read a tzfile and answer what local clocks show. Never touches TZ or
 * any other state of the process. Called by when, view and the renderers.
 */
#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/zone.h"
#include "base/zone_rule.h"

#define ZONE_DIR	"/usr/share/zoneinfo"
#define ZONE_FILE_MAX	(64 * 1024)
#define HEADER_LEN	44

struct zone {
	char *name;
	size_t n;		/* changes of the offset */
	int64_t *at;		/* UTC seconds, ascending */
	int32_t *offset;	/* from at[i] on */
	int32_t first;		/* offset before at[0] */
	struct zone_rule rule;	/* behind the last change */
};

/* The counts of a header, in the order of RFC 8536 section 3.1. */
struct header {
	uint32_t isut, isstd, leap, time, type, chars;
};

struct bytes {
	const unsigned char *p;
	size_t len;
};

static uint32_t
be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

static int64_t
be64(const unsigned char *p)
{
	return (int64_t)((uint64_t)be32(p) << 32 | be32(p + 4));
}

static int
take(struct bytes *b, size_t n, const unsigned char **p_r)
{
	if (n > b->len)
		return -1;
	*p_r = b->p;
	b->p += n;
	b->len -= n;
	return 0;
}

static int
read_header(struct bytes *b, struct header *h)
{
	const unsigned char *p;

	if (take(b, HEADER_LEN, &p) < 0 || memcmp(p, "TZif", 4) != 0 ||
	    p[4] < '2')
		return -1;
	h->isut = be32(p + 20);
	h->isstd = be32(p + 24);
	h->leap = be32(p + 28);
	h->time = be32(p + 32);
	h->type = be32(p + 36);
	h->chars = be32(p + 40);
	if ((h->isut | h->isstd | h->leap | h->time | h->chars) > 0xffff)
		return -1;
	return h->type >= 1 && h->type <= 255 ? 0 : -1;
}

/* Skip the part for old readers, whose times have 32 bits. */
static int
skip_version1(struct bytes *b)
{
	const unsigned char *p;
	struct header h;

	if (read_header(b, &h) < 0)
		return -1;
	return take(b, (size_t)h.time * 5 + (size_t)h.type * 6 + h.chars +
	    (size_t)h.leap * 8 + h.isstd + h.isut, &p);
}

static bool
offset_ok(int32_t seconds)
{
	return seconds >= -26 * 3600 && seconds <= 26 * 3600;
}

static int
read_changes(struct zone *z, const struct header *h,
    const unsigned char *times, const unsigned char *index,
    const unsigned char *types)
{
	z->n = h->time;
	z->at = xcalloc(z->n + 1, sizeof(*z->at));
	z->offset = xcalloc(z->n + 1, sizeof(*z->offset));
	z->first = (int32_t)be32(types);
	for (size_t i = 0; i < z->n; i++) {
		if (index[i] >= h->type)
			return -1;
		z->at[i] = be64(times + i * 8);
		z->offset[i] = (int32_t)be32(types + (size_t)index[i] * 6);
		if (i > 0 && z->at[i] <= z->at[i - 1])
			return -1;
		if (!offset_ok(z->offset[i]))
			return -1;
	}
	return offset_ok(z->first) ? 0 : -1;
}

static int
read_rule(struct zone *z, struct bytes *b)
{
	const unsigned char *p, *end;

	if (take(b, 1, &p) < 0 || *p != '\n')
		return -1;
	end = memchr(b->p, '\n', b->len);
	if (end == NULL)
		return -1;
	return zone_rule_parse((const char *)b->p, (size_t)(end - b->p),
	    &z->rule);
}

static int
read_file(struct zone *z, struct bytes *b)
{
	const unsigned char *times, *index, *types, *rest;
	struct header h;

	if (skip_version1(b) < 0 || read_header(b, &h) < 0)
		return -1;
	if (take(b, (size_t)h.time * 8, &times) < 0 ||
	    take(b, h.time, &index) < 0 ||
	    take(b, (size_t)h.type * 6, &types) < 0 ||
	    take(b, h.chars + (size_t)h.leap * 12 + h.isstd + h.isut,
	    &rest) < 0)
		return -1;
	if (read_changes(z, &h, times, index, types) < 0)
		return -1;
	return read_rule(z, b);
}

struct zone *
zone_parse(const char *name, const void *data, size_t len, struct err *e)
{
	struct bytes b = { data, len };
	struct zone *z = xcalloc(1, sizeof(*z));

	z->name = xstrdup(name);
	if (read_file(z, &b) < 0) {
		zone_free(&z);
		err_set(e, ERR_INVALID, "read time zone: %s: this is not a "
		    "complete tzfile of version 2: reinstall tzdata", name);
	}
	return z;
}

static bool
name_ok(const char *name)
{
	if (!isalpha((unsigned char)*name) || strlen(name) > 64)
		return false;
	for (const char *p = name; *p != '\0'; p++)
		if (!isalnum((unsigned char)*p) && !strchr("/_+-", *p))
			return false;
	return true;
}

struct zone *
zone_load(const char *name, struct err *e)
{
	char path[128], *data;
	struct zone *z;
	size_t n;
	FILE *f;

	if (!name_ok(name)) {
		err_set(e, ERR_INVALID, "read time zone: \"%.64s\": no such "
		    "name: use one like Europe/Berlin", name);
		return NULL;
	}
	snprintf(path, sizeof(path), ZONE_DIR "/%s", name);
	f = fopen(path, "rbe");
	if (f == NULL) {
		err_set(e, ERR_NOT_FOUND, "read time zone: %s: no file %s: "
		    "check the name and install tzdata", name, path);
		return NULL;
	}
	data = xmalloc(ZONE_FILE_MAX);
	n = fread(data, 1, ZONE_FILE_MAX, f);
	fclose(f);
	z = zone_parse(name, data, n, e);
	free(data);
	return z;
}

void
zone_free(struct zone **z)
{
	if (*z == NULL)
		return;
	free((*z)->name);
	free((*z)->at);
	free((*z)->offset);
	free(*z);
	*z = NULL;
}

const char *
zone_name(const struct zone *z)
{
	return z->name;
}

static int32_t
offset_at(const struct zone *z, int64_t seconds)
{
	size_t lo = 0, hi = z->n;

	if (z->n == 0 || seconds >= z->at[z->n - 1]) {
		if (z->rule.known)
			return zone_rule_offset(&z->rule, seconds);
		return z->n == 0 ? z->first : z->offset[z->n - 1];
	}
	if (seconds < z->at[0])
		return z->first;
	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;

		if (z->at[mid] <= seconds)
			lo = mid;
		else
			hi = mid;
	}
	return z->offset[lo];
}

static int64_t
whole_seconds(struct wall w)
{
	return w.us / CLOCK_SECOND - (w.us % CLOCK_SECOND < 0 ? 1 : 0);
}

int32_t
zone_offset(const struct zone *z, struct wall w)
{
	return offset_at(z, whole_seconds(w));
}

void
zone_civil(const struct zone *z, struct wall w, struct civil *c_r)
{
	int64_t s = whole_seconds(w);

	civil_from_seconds(s + offset_at(z, s), c_r);
}

struct wall
zone_moment(const struct zone *z, const struct civil *c,
    enum zone_fit *fit_r)
{
	int64_t local = civil_to_seconds(c);
	/* The offsets a day before and after bracket any change. */
	int32_t before = offset_at(z, local - 86400);
	int32_t after = offset_at(z, local + 86400);
	int64_t first = local - before, second = local - after;
	bool first_ok = offset_at(z, first) == before;
	bool second_ok = offset_at(z, second) == after;
	int64_t lo = second, hi = first;

	*fit_r = first_ok && second_ok && first != second ? ZONE_TWICE :
	    ZONE_ONCE;
	if (first_ok)
		return (struct wall){ first * CLOCK_SECOND };
	if (second_ok)
		return (struct wall){ second * CLOCK_SECOND };
	/* In a gap: the change lies between the two readings; find it. */
	*fit_r = ZONE_GAP;
	while (hi - lo > 1) {
		int64_t mid = lo + (hi - lo) / 2;

		if (offset_at(z, mid) == before)
			lo = mid;
		else
			hi = mid;
	}
	return (struct wall){ hi * CLOCK_SECOND };
}
