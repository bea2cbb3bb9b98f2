/*
 * cap_area: repair what offices write as polygons, circles and codes. Called
 * by cap_rules.
 */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "announce/cap_tree.h"
#include "announce/geo.h"
#include "base/buf.h"
#include "base/mem.h"

#define BLANK		" \t\r\n"
#define CROSSINGS_MAX	128	/* points; looking for them is quadratic */
#define RING_BYTES	(CAP_POINTS * 24)

struct ring {
	struct geo_point *v;
	size_t n;
	bool repaired;
};

/* ------------------------------------------------------------- polygons -- */

/* Longitudes around the date line may run on to 540 degrees. */
static bool
tolerable(const struct geo_point *p)
{
	return p->lat >= -90 && p->lat <= 90 && p->lon >= -540 &&
	    p->lon <= 540;
}

/* One "lat,lon", perhaps in parentheses or with a comma behind it. */
static const char *
read_point(const char *s, size_t len, struct ring *ring)
{
	struct geo_point *p = &ring->v[ring->n];
	char text[64];
	const char *t = text;
	size_t n = 0;

	for (size_t i = 0; i < len && n < sizeof(text) - 1; i++)
		if (s[i] != '(' && s[i] != ')')
			text[n++] = s[i];
	if (n > 0 && text[n - 1] == ',')
		n--;
	text[n] = '\0';
	ring->repaired = ring->repaired || n != len;
	if (n == 0)
		return NULL;
	if (geo_pair(&t, p) < 0 || *t != '\0')
		return "a point is not \"lat,lon\"";
	if (!tolerable(p))
		return "a point is not on earth";
	ring->n++;
	return NULL;
}

static const char *
read_ring(const char *s, struct ring *ring)
{
	const char *fault = NULL;

	while (*(s += strspn(s, BLANK)) != '\0' && fault == NULL) {
		size_t len = strcspn(s, BLANK);

		if (ring->n == CAP_POINTS)
			return "it has more than 100000 points";
		if ((ring->n & (ring->n - 1)) == 0)
			ring->v = xreallocarray(ring->v, ring->n * 2 + 2,
			    sizeof(*ring->v));
		fault = read_point(s, len, ring);
		s += len;
	}
	return fault;
}

static bool
same(const struct geo_point *a, const struct geo_point *b)
{
	return a->lat == b->lat && a->lon == b->lon;
}

static const char *
close_ring(struct ring *ring)
{
	if (ring->n > 0 && !same(&ring->v[0], &ring->v[ring->n - 1])) {
		ring->v = xreallocarray(ring->v, ring->n + 1,
		    sizeof(*ring->v));
		ring->v[ring->n] = ring->v[0];
		ring->n++;
		ring->repaired = true;
	}
	return ring->n < 4 ? "it has fewer than 4 points" : NULL;
}

/* Twice the area of a triangle; its sign is the side c lies on. */
static double
side(const struct geo_point *a, const struct geo_point *b,
    const struct geo_point *c)
{
	return (b->lon - a->lon) * (c->lat - a->lat) -
	    (b->lat - a->lat) * (c->lon - a->lon);
}

static bool
cross(const struct geo_point *a, const struct geo_point *b)
{
	return side(a, a + 1, b) * side(a, a + 1, b + 1) < 0 &&
	    side(b, b + 1, a) * side(b, b + 1, a + 1) < 0;
}

static bool
crosses_itself(const struct ring *ring)
{
	if (ring->n > CROSSINGS_MAX)
		return false;
	for (size_t i = 0; i + 1 < ring->n; i++)
		for (size_t k = i + 2; k + 1 < ring->n; k++)
			if (cross(&ring->v[i], &ring->v[k]))
				return true;
	return false;
}

/* Five decimals are one metre. */
static void
put_degree(struct buf *out, double d)
{
	long long n = llround(d * 100000);
	int digits = 5;

	buf_fmt(out, "%s%lld", n < 0 ? "-" : "", llabs(n) / 100000);
	n = llabs(n) % 100000;
	if (n == 0)
		return;
	for (; n % 10 == 0; n /= 10)
		digits--;
	buf_fmt(out, ".%0*lld", digits, n);
}

static double
wrapped(double lon)
{
	if (lon > 180)
		return lon - 360;
	return lon < -180 ? lon + 360 : lon;
}

static char *
write_ring(const struct ring *ring)
{
	struct buf out;

	buf_init(&out, RING_BYTES + 1024);
	for (size_t i = 0; i < ring->n; i++) {
		if (i > 0)
			buf_chr(&out, ' ');
		put_degree(&out, ring->v[i].lat);
		buf_chr(&out, ',');
		put_degree(&out, wrapped(ring->v[i].lon));
	}
	return buf_steal(&out);
}

/* True when it can be used; otherwise the value is made empty. */
static bool
judge_polygon(struct cap_value *v, struct cap_report *r)
{
	struct ring ring = { NULL, 0, false };
	const char *fault;

	if (*cap_str(v) == '\0') {
		cap_found(r, CAP_WARN, "R23", v->line, "a polygon is empty: "
		    "left out");
		return false;
	}
	fault = read_ring(cap_str(v), &ring);
	if (fault == NULL)
		fault = close_ring(&ring);
	if (fault != NULL)
		cap_found(r, CAP_WARN, "R23", v->line,
		    "a polygon can't be used: %s", fault);
	else if (ring.repaired)
		cap_found(r, CAP_WARN, "R23", v->line, "a polygon was "
		    "repaired: it was not closed or had stray signs");
	else if (crosses_itself(&ring))
		cap_found(r, CAP_WARN, "R23", v->line,
		    "a polygon crosses itself");
	cap_value_set(v, fault == NULL ? write_ring(&ring) : xstrdup(""));
	free(ring.v);
	return fault == NULL;
}

static bool
judge_circle(struct cap_value *v, struct cap_report *r)
{
	const char *fault = geo_circle_fault(cap_str(v));

	if (fault == NULL)
		return true;
	cap_found(r, CAP_WARN, "R24", v->line, "a circle can't be used: %s",
	    fault);
	cap_value_set(v, xstrdup(""));
	return false;
}

/* --------------------------------------------------------------- codes -- */

/* Domains of which it is known that a value never holds a comma or blank. */
static const char *const list_domains[] = { "ARS", "AGS", "FIPS6", "UGC",
	"SAME" };

static void
judge_codes(struct cap_pairs *codes, struct cap_report *r)
{
	for (size_t i = 0; i < codes->n; i++) {
		const char *name = cap_str(&codes->v[i].name);
		const char *value = cap_str(&codes->v[i].value);

		if (*name == '\0' || *value == '\0') {
			cap_found(r, CAP_WARN, "R25", codes->v[i].name.line,
			    "a geocode has no name or no value");
			continue;
		}
		for (size_t k = 0; k < sizeof(list_domains) /
		    sizeof(list_domains[0]); k++)
			if (strcmp(name, list_domains[k]) == 0 &&
			    strpbrk(value, ", ") != NULL)
				cap_found(r, CAP_WARN, "R25",
				    codes->v[i].value.line, "several codes "
				    "in one geocode: taken apart");
	}
}

static void
judge_heights(struct cap_area *a, struct cap_report *r)
{
	const char *low = cap_str(&a->altitude), *high = cap_str(&a->ceiling);
	double from, to;

	if (*high == '\0')
		return;
	if (*low == '\0' || geo_number(&low, &from) < 0 ||
	    geo_number(&high, &to) < 0 || to < from)
		cap_found(r, CAP_WARN, "R26", a->ceiling.line, "ceiling "
		    "without altitude, or below it: left out");
}

bool
cap_area_judge(struct cap_area *a, struct cap_report *r)
{
	bool tried = false, usable = a->geocodes.n > 0;

	for (size_t i = 0; i < a->polygons.n; i++) {
		tried = tried || *cap_str(&a->polygons.v[i]) != '\0';
		usable = judge_polygon(&a->polygons.v[i], r) || usable;
	}
	for (size_t i = 0; i < a->circles.n; i++) {
		tried = true;
		usable = judge_circle(&a->circles.v[i], r) || usable;
	}
	judge_codes(&a->geocodes, r);
	judge_heights(a, r);
	/* A text alone can't be targeted, but is no mistake. */
	return usable || !tried;
}
