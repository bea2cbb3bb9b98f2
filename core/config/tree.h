/*
 * tree: one configuration file as settings that know where they stand.
 *
 * The only unit that knows libconfig. A setting is a group of settings or a
 * value: string, whole number, number with a fraction, true or false, or a
 * list of these as JSON; null when it was refused already.
 */
#ifndef CONFIG_TREE_H
#define CONFIG_TREE_H

#include <jansson.h>

#include "config/fault.h"

#define TREE_FILE_MAX	(1024 * 1024)	/* bytes of one file */

struct setting {
	char *key;
	json_t *value;		/* NULL: a group */
	struct setting *first;	/* members of a group, in order */
	struct setting *next;
	const char *file;	/* borrowed from the tree */
	unsigned line;		/* from 1 */
};

struct tree {
	char *file;
	struct setting root;	/* a group without a name */
};

/* Read a file, at most TREE_FILE_MAX bytes, that only its owner can change.
 * NULL with problems added when it cannot be read or parsed; otherwise
 * given. */
struct tree *
tree_read(const char *path, struct faults *p);
/* The same from text; file is its name in messages. */
struct tree *
tree_parse(const char *file, const char *text, size_t len,
    struct faults *p);
/* -1 with a problem added when the mode lets group or others write. */
int
tree_mode(const char *path, unsigned mode, struct faults *p);
void
tree_free(struct tree **t);

#endif
