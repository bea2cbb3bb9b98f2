/*
 * geo: places as official warnings name them.
 *
 * A polygon is text, "lat,lon lat,lon ...", WGS 84 degrees, closed (CAP 1.2
 * section 3.2.4). A circle is "lat,lon radius", radius in kilometres. ARS
 * (Amtlicher Regionalschluessel) has twelve digits.
 */
#ifndef ANNOUNCE_GEO_H
#define ANNOUNCE_GEO_H

#include <stdbool.h>
#include <stddef.h>

struct geo_point {
	double lat, lon;
};

/* Read "lat,lon"; *p moves behind it. 0, or -1 when there is none. */
int
geo_pair(const char **p, struct geo_point *point_r);
/* A plain decimal number, without exponent. */
int
geo_number(const char **p, double *n_r);
/* -90 to 90 and -180 to 180. */
bool
geo_on_earth(const struct geo_point *point);
/* NULL, or what is wrong with it: a literal. */
const char *
geo_polygon_fault(const char *s);
const char *
geo_circle_fault(const char *s);
bool
geo_ars_ok(const char *s);

#endif
