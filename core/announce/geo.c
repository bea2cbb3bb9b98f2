/*
 * geo: read and judge coordinates and codes, whatever the locale. Called by
 * check and cap.
 */
#include "config.h"

#include <ctype.h>
#include <string.h>

#include "announce/geo.h"

int
geo_number(const char **p, double *n_r)
{
	double n = 0, unit = 1, sign = 1;
	const char *s = *p;
	int digits = 0;

	if (*s == '-' || *s == '+')
		sign = *s++ == '-' ? -1 : 1;
	for (; isdigit((unsigned char)*s); s++, digits++)
		n = n * 10 + (*s - '0');
	if (*s == '.')
		for (s++; isdigit((unsigned char)*s); s++, digits++)
			n += (*s - '0') * (unit /= 10);
	if (digits == 0 || digits > 40)
		return -1;
	*n_r = sign * n;
	*p = s;
	return 0;
}

int
geo_pair(const char **p, struct geo_point *point_r)
{
	const char *s = *p;

	if (geo_number(&s, &point_r->lat) < 0 || *s++ != ',' ||
	    geo_number(&s, &point_r->lon) < 0)
		return -1;
	*p = s;
	return 0;
}

bool
geo_on_earth(const struct geo_point *point)
{
	return point->lat >= -90 && point->lat <= 90 &&
	    point->lon >= -180 && point->lon <= 180;
}

const char *
geo_polygon_fault(const char *s)
{
	struct geo_point first = { 0, 0 }, last = { 0, 0 };
	size_t n = 0;

	for (; *s != '\0'; n++) {
		if (geo_pair(&s, &last) < 0 || (*s != ' ' && *s != '\0'))
			return "it is not of the form \"lat,lon lat,lon\"";
		if (!geo_on_earth(&last))
			return "a latitude is beyond 90 or a longitude beyond "
			    "180 degrees";
		if (n == 0)
			first = last;
		s += strspn(s, " ");
	}
	if (n < 4)
		return "it has fewer than 4 points";
	if (first.lat != last.lat || first.lon != last.lon)
		return "its last point is not its first";
	return NULL;
}

const char *
geo_circle_fault(const char *s)
{
	struct geo_point centre;
	double radius;

	if (geo_pair(&s, &centre) < 0 || *s++ != ' ' ||
	    geo_number(&s, &radius) < 0 || *s != '\0' || radius < 0)
		return "it is not of the form \"lat,lon radius\"";
	if (!geo_on_earth(&centre))
		return "its centre is not on earth";
	return NULL;
}

bool
geo_ars_ok(const char *s)
{
	return strlen(s) == 12 && strspn(s, "0123456789") == 12;
}
