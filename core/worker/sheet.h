/*
 * sheet: a rendition that core handed over for sending, with its media.
 *
 * Known by a number until core forgets it; deliveries in flight keep it
 * alive beyond that.
 */
#ifndef WORKER_SHEET_H
#define WORKER_SHEET_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "worker/rendition.h"

struct sheet {
	struct sheet *next;
	unsigned refs;
	json_int_t number;
	char *announcement, *chain, *lang;
	int64_t expires;
	struct rendition *rendition;	/* NULL: empty, for a retract */
	int *media;			/* -1: the file is not there */
	size_t n_media;
};

struct sheets {
	struct sheet *list;
};

/*
 * From a "rendition" packet: fds (those used are set to -1) hold the
 * rendition, unless "empty" is true, and then the media. -1 with the reason.
 */
int
sheets_add(struct sheets *s, const json_t *packet, int *fds, size_t n,
    struct err *e);
/* Borrowed; NULL when there is none. */
struct sheet *
sheets_find(const struct sheets *s, json_int_t number);
void
sheets_forget(struct sheets *s, json_int_t number);
void
sheets_fini(struct sheets *s);

void
sheet_ref(struct sheet *sh);
void
sheet_unref(struct sheet *sh);

#endif
