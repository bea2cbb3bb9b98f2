/*
 * preview: what a channel would send, from its real plugin with its real
 * configuration, in a worker of its own that is thrown away. Nothing is sent:
 * the plugin is opened but not started. Needs no store and no running
 * litfassd. Blocks, at most some seconds a channel.
 */
#ifndef ENGINE_PREVIEW_H
#define ENGINE_PREVIEW_H

#include <jansson.h>

#include "base/err.h"

struct announce;
struct conf;
struct conf_channel;

struct preview_with {
	const struct conf *conf;
	const char *program;	/* path of litfassd */
	const char *channel;	/* only this one, NULL: all that are enabled */
	const char *lang;	/* for a reader of this language, NULL: in
				 * every language the channel would use */
};

/*
 * An array, given, with one object for each channel and language: {"channel",
 * "plugin","lang","ok":true,"body" or "body64","bytes","chars","slots":
 * [[offset, name, escape],…],"measures":{"parts":2},"warnings":[{"slug",
 * "text"},…]}, or with "ok":false and "slug" and "text" when the plugin
 * refuses the announcement or does not work ("plugin-failed").
 *
 * ERR_NOT_FOUND when there is no such channel.
 */
int
preview_run(const struct preview_with *w, const struct announce *a,
    json_t **rows_r, struct err *e);

/* Only open the plugin of a channel; -1 with why it refuses. */
int
preview_open(const struct conf *c, const struct conf_channel *cc,
    const char *program, struct err *e);

#endif
