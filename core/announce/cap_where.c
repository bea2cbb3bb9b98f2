/*
 * cap_where: the area of a message in canonical form. Called by cap_map.
 *
 * German codes become Regionalschluessel (ARS). Where only the municipality
 * code (AGS) or a weather cell is given, its district is taken: one warned
 * too many is better than one too few.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "announce/cap_map.h"
#include "announce/cap_text.h"
#include "announce/cap_words.h"
#include "announce/lang.h"
#include "base/buf.h"

#define ARS_MAX		1000
#define POINTS_MAX	3000	/* of all polygons; then they are thinned */
#define RINGS_MAX	300
#define NAMES_SHOWN	3
#define NAME_LONG	120	/* bytes of an areaDesc that is a list */

static bool
digits(const char *s, size_t n, size_t wanted)
{
	return n == wanted && strspn(s, "0123456789") >= n;
}

/* Is this one of the sixteen Laender, or the whole country? */
static bool
land_ok(const char *ars)
{
	int land = (ars[0] - '0') * 10 + ars[1] - '0';

	return land <= 16;
}

/* The first n digits, and zeros: the region that contains it. */
static void
add_ars(json_t *set, const char *s, size_t n)
{
	char ars[13] = "000000000000";

	if (!land_ok(s))
		return;
	memcpy(ars, s, n);
	json_object_set_new(set, ars, json_true());
}

/* Tables of numbers lose the zero in front: eleven digits, or seven. */
static void
add_code(json_t *set, const char *domain, const char *s, size_t n)
{
	bool ars = strcmp(domain, "ARS") == 0;
	bool ags = strcmp(domain, "AGS") == 0;
	char full[16];

	if ((ars && n == 11) || (ags && n == 7)) {
		snprintf(full, sizeof(full), "0%.*s", (int)n, s);
		s = full;
		n++;
	}
	if (digits(s, n, 12))
		add_ars(set, s, 12);
	else if (ags && digits(s, n, 8))
		add_ars(set, s, 5);
	else if (strcmp(domain, "WARNCELLID") == 0 && digits(s, n, 9) &&
	    strchr("178", *s) != NULL)
		add_ars(set, s + 1, 5);
}

static void
add_codes(json_t *set, const char *domain, const char *list)
{
	while (*(list += strspn(list, ", \t\n")) != '\0') {
		size_t n = strcspn(list, ", \t\n");

		add_code(set, domain, list, n);
		list += n;
	}
}

/* Too many to keep: the regions above them, districts and then Laender. One
 * warned too many is better than one too few. */
static json_t *
widened(json_t *set, struct cap_report *r)
{
	static const size_t levels[] = { 5, 2 };
	const char *ars;
	json_t *wider, *v;

	for (size_t i = 0; i < 2 && json_object_size(set) > ARS_MAX; i++) {
		cap_found(r, CAP_ACCEPT, "R30", 0, "%zu codes: the regions "
		    "of %zu digits above them are taken",
		    json_object_size(set), levels[i]);
		wider = json_object();
		json_object_foreach(set, ars, v)
			add_ars(wider, ars, levels[i]);
		json_decref(set);
		set = wider;
	}
	return set;
}

static void
add_shapes(json_t *set, const struct cap_values *values)
{
	for (size_t i = 0; i < values->n; i++)
		if (*cap_str(&values->v[i]) != '\0')
			json_object_set_new(set, cap_str(&values->v[i]),
			    json_true());
}

static size_t
points_in(const char *ring)
{
	size_t n = 1;

	for (; *ring != '\0'; ring++)
		n += *ring == ' ';
	return n;
}

/* Every step-th point, and the last. */
static json_t *
thinned(const char *ring, size_t step)
{
	size_t n = points_in(ring), i = 0;
	struct buf out;
	json_t *j;

	if (step <= 1 || n < 4 * step)
		return json_string(ring);
	buf_init(&out, strlen(ring) + 1);
	for (const char *p = ring;; p++, i++) {
		size_t len = strcspn(p, " ");

		if (i % step == 0 || i + 1 == n)
			buf_fmt(&out, "%s%.*s", i == 0 ? "" : " ", (int)len,
			    p);
		p += len;
		if (*p == '\0')
			break;
	}
	j = json_string(buf_cstr(&out));
	buf_fini(&out);
	return j;
}

/* Polygons of a whole country can be larger than all texts together. */
static json_t *
shapes(json_t *set, struct cap_report *r)
{
	json_t *list = json_array(), *v;
	size_t points = 0, step;
	const char *ring;

	json_object_foreach(set, ring, v)
		points += points_in(ring);
	if (json_object_size(set) > RINGS_MAX) {
		cap_found(r, CAP_ACCEPT, "R30", 0, "%zu polygons or circles "
		    "are too many: only codes are kept",
		    json_object_size(set));
		return list;
	}
	step = (points + POINTS_MAX - 1) / POINTS_MAX;
	if (step > 1)
		cap_found(r, CAP_ACCEPT, "R30", 0, "%zu points: every %zu. "
		    "is kept", points, step);
	json_object_foreach(set, ring, v)
		json_array_append_new(list, thinned(ring, step));
	return list;
}

static json_t *
keys(json_t *set)
{
	json_t *list = json_array(), *v;
	const char *key;

	json_object_foreach(set, key, v)
		json_array_append_new(list, json_string(key));
	return list;
}

/* Given is a list; a single element stands for itself, none is left out. */
static void
set_list(json_t *area, const char *key, json_t *list)
{
	if (json_array_size(list) == 1)
		json_object_set(area, key, json_array_get(list, 0));
	else if (json_array_size(list) > 1)
		json_object_set(area, key, list);
	json_decref(list);
}

/* --------------------------------------------------------------- names -- */

struct names_of {
	json_t *seen;
	struct buf out;
	size_t n;
};

static void
add_name(struct names_of *names, const char *s, size_t n)
{
	while (n > 0 && *s == ' ') {
		s++;
		n--;
	}
	if (n == 0 || json_object_getn(names->seen, s, n) != NULL)
		return;
	json_object_setn_new(names->seen, s, n, json_true());
	if (names->n++ < NAMES_SHOWN)
		buf_fmt(&names->out, "%s%.*s", names->n == 1 ? "" : ", ",
		    (int)n, s);
}

/* A long description is a list of names; a short one may hold commas. */
static void
add_desc(struct names_of *names, const char *s)
{
	if (strcmp(s, "polygonal event area") == 0)
		return;
	if (strlen(s) <= NAME_LONG) {
		add_name(names, s, strlen(s));
		return;
	}
	while (*s != '\0') {
		size_t n = strcspn(s, ",;");

		add_name(names, s, n);
		s += n + (s[n] != '\0');
	}
}

char *
cap_where_name(const struct cap_map *m, const char *tag)
{
	struct names_of names = { .seen = json_object() };
	char more[64];

	buf_init(&names.out, 4 * 1024 * 1024);
	for (size_t i = 0; i < m->a->infos.n; i++) {
		const struct cap_info *info = &m->a->infos.v[i];

		if (strcmp(m->tags[i], tag) != 0)
			continue;
		for (size_t k = 0; k < info->areas.n; k++)
			add_desc(&names, cap_str(&info->areas.v[k].desc));
	}
	if (names.n > NAMES_SHOWN)
		buf_fmt(&names.out, " %s", cap_words_more(tag,
		    names.n - NAMES_SHOWN, more, sizeof(more)));
	json_decref(names.seen);
	return buf_steal(&names.out);
}

json_t *
cap_where(const struct cap_map *m)
{
	json_t *area = json_object(), *ars = json_object();
	json_t *rings = json_object(), *circles = json_object();

	for (size_t i = 0; i < m->a->infos.n; i++) {
		const struct cap_info *info = &m->a->infos.v[i];

		add_codes(ars, "ARS", cap_pair_get(&info->parameters,
		    "warnVerwaltungsbereiche"));
		for (size_t k = 0; k < info->areas.n; k++) {
			const struct cap_area *a = &info->areas.v[k];

			for (size_t g = 0; g < a->geocodes.n; g++)
				add_codes(ars,
				    cap_str(&a->geocodes.v[g].name),
				    cap_str(&a->geocodes.v[g].value));
			add_shapes(rings, &a->polygons);
			add_shapes(circles, &a->circles);
		}
	}
	ars = widened(ars, m->r);
	set_list(area, "ars", keys(ars));
	set_list(area, "polygon", shapes(rings, m->r));
	set_list(area, "circle", shapes(circles, m->r));
	json_decref(ars);
	json_decref(rings);
	json_decref(circles);
	return area;
}
