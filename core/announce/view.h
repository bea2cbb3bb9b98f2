/*
 * view: an announcement in one language, as a plugin sees it.
 *
 * Pure: the same announcement, issuer and arguments give the same view. All
 * strings belong to the announcement and the issuer, which must live longer.
 */
#ifndef ANNOUNCE_VIEW_H
#define ANNOUNCE_VIEW_H

#include "announce/announce.h"
#include "announce/issuer.h"
#include "litfass/plugin.h"

struct view;

/* For whom; strings stay with the view, but for channel and plugin. */
struct view_for {
	const char *lang;	/* of the texts; when there are none in it,
				 * the best other one is taken */
	const char *wanted;	/* what was asked for, NULL: lang; without a
				 * text in it the view says LF_ANN_FALLBACK */
	const char *chain;	/* id that began it, NULL: this one */
	const char *channel, *plugin;	/* for privacy; NULL: everything may
					 * be seen */
};

struct view *
view_new(const struct announce *a, const struct issuer *issuer,
    const struct view_for *who);
void
view_free(struct view **v);
/* Borrowed until view_free(). */
const struct lf_announcement *
view_get(const struct view *v);

/* "ÜBUNG", "TEST" in a language; "" for an actual announcement. */
const char *
view_mark(const char *status, const char *lang);

#endif
