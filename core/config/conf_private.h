/*
 * conf_private: what the parts of conf share. Only for conf*.c.
 */
#ifndef CONFIG_CONF_PRIVATE_H
#define CONFIG_CONF_PRIVATE_H

#include "config/conf.h"
#include "config/section.h"
#include "config/tree.h"

struct conf_channel_own {
	struct conf_channel seen;	/* what others see */
	const struct setting *group;	/* borrowed from its tree */
	char *prefix;			/* "channels.NAME." */
	struct section section;		/* our keys */
	json_t *stamps;			/* key to what its file was */
};

struct conf {
	struct tree **trees;
	size_t n_trees;
	bool incomplete;	/* a file could not be read or parsed */
	struct section main;
	struct conf_channel_own **channels;
	size_t n_channels;
};

/* Add a channel that begins with this setting. */
void
conf_add_channel(struct conf *c, const struct setting *group,
    struct faults *p);
/* Fill in what was not set, after all files were read. */
void
conf_finish_channel(struct conf_channel_own *ch, struct faults *p);
void
conf_free_channel(struct conf_channel_own *ch);
const struct conf_channel_own *
conf_own_channel(const struct conf *c, const char *name);

#endif
