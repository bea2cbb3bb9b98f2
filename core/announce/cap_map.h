/*
 * cap_map: a message on its way to canonical form. Only for cap_map.c,
 * cap_content.c and cap_where.c.
 */
#ifndef ANNOUNCE_CAP_MAP_H
#define ANNOUNCE_CAP_MAP_H

#include "announce/cap_tree.h"
#include "announce/lang.h"

struct cap_map {
	const struct cap_alert *a;
	const struct cap_policy *policy;
	struct cap_report *r;
	char tags[CAP_INFOS][LANG_MAX];	/* our language of each info */
	const struct cap_info *worst;	/* the most severe, NULL: no info */
	bool all_clear;
};

/* The members "content" and "office" of j, and the names of its area. */
void
cap_content(const struct cap_map *m, json_t *j, json_t *area);
/* Shorten the texts until j is not too long for an announcement. */
void
cap_content_fit(const struct cap_map *m, json_t *j);
/* A text of one line, cleaned and cut to max code points. s is given. */
void
cap_set_short(json_t *o, const char *key, char *s, size_t max);
/* Does this info lift the warning? */
bool
cap_clears(const struct cap_info *info);
/* The member "area" without its names. Given. */
json_t *
cap_where(const struct cap_map *m);
/* "Altstadt, Nordstadt und 3 weitere" of the infos in one language; "" when
 * none is named. Given. */
char *
cap_where_name(const struct cap_map *m, const char *tag);

#endif
