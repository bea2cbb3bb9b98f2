/*
 * sheet: kept copies of what is being sent. Believes nothing the packet
 * says. Called by worker.c and flight.c.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "worker/sheet.h"
#include "worker/wire.h"

static char *
copy_text(const json_t *packet, const char *key)
{
	const char *s = json_string_value(json_object_get(packet, key));

	return xstrdup(s != NULL ? s : "");
}

static struct rendition *
read_rendition(int fd, struct err *e)
{
	struct rendition *r;
	json_error_t je;
	json_t *json;
	char *text;
	size_t len;

	if (wire_blob_read(fd, WIRE_BLOB, &text, &len, e) != 0)
		return NULL;
	json = json_loadb(text, len, JSON_REJECT_DUPLICATES, &je);
	free(text);
	if (json == NULL) {
		err_set(e, ERR_INVALID, "read a rendition: %s", je.text);
		return NULL;
	}
	r = rendition_new(json, e);
	json_decref(json);
	return r;
}

/* The descriptors from fds on belong to the attachments that are true. */
static int
take_media(struct sheet *sh, const json_t *present, int *fds, size_t n,
    struct err *e)
{
	size_t used = 0;

	sh->n_media = json_array_size(present);
	sh->media = xcalloc(sh->n_media + 1, sizeof(*sh->media));
	for (size_t i = 0; i < sh->n_media; i++) {
		sh->media[i] = -1;
		if (json_is_true(json_array_get(present, i)) && used < n) {
			sh->media[i] = fds[used];
			fds[used++] = -1;
		}
	}
	return used == n ? 0 : err_set(e, ERR_INVALID, "read a rendition: "
	    "%zu descriptors, %zu attachments", n, used);
}

/* The first descriptor is the rendition's, the others are media. */
static int
take_files(struct sheet *sh, const json_t *packet, int *fds, size_t n,
    struct err *e)
{
	size_t first = json_is_true(json_object_get(packet, "empty")) ? 0 : 1;

	if (n < first)
		return err_set(e, ERR_INVALID,
		    "read a rendition: no descriptor came with it");
	if (first == 1 &&
	    (sh->rendition = read_rendition(fds[0], e)) == NULL)
		return -1;
	return take_media(sh, json_object_get(packet, "media"), fds + first,
	    n - first, e);
}

int
sheets_add(struct sheets *s, const json_t *packet, int *fds, size_t n,
    struct err *e)
{
	struct sheet *sh = xcalloc(1, sizeof(*sh));
	json_t *number = json_object_get(packet, "r");

	sh->refs = 1;
	sh->number = json_integer_value(number);
	sh->announcement = copy_text(packet, "announcement");
	sh->chain = copy_text(packet, "chain");
	sh->lang = copy_text(packet, "lang");
	sh->expires = json_integer_value(json_object_get(packet, "expires"));
	if (!json_is_integer(number) || sheets_find(s, sh->number) != NULL)
		err_set(e, ERR_INVALID,
		    "read a rendition: its number is missing or in use");
	else if (take_files(sh, packet, fds, n, e) == 0) {
		sh->next = s->list;
		s->list = sh;
		return 0;
	}
	sheet_unref(sh);
	return -1;
}

struct sheet *
sheets_find(const struct sheets *s, json_int_t number)
{
	struct sheet *sh = s->list;

	while (sh != NULL && sh->number != number)
		sh = sh->next;
	return sh;
}

void
sheets_forget(struct sheets *s, json_int_t number)
{
	struct sheet **sp = &s->list, *sh;

	while ((sh = *sp) != NULL && sh->number != number)
		sp = &sh->next;
	if (sh == NULL)
		return;
	*sp = sh->next;
	sheet_unref(sh);
}

void
sheets_fini(struct sheets *s)
{
	while (s->list != NULL)
		sheets_forget(s, s->list->number);
}

void
sheet_ref(struct sheet *sh)
{
	sh->refs++;
}

void
sheet_unref(struct sheet *sh)
{
	if (--sh->refs > 0)
		return;
	wire_close_fds(sh->media, sh->n_media);
	free(sh->media);
	rendition_free(&sh->rendition);
	free(sh->announcement);
	free(sh->chain);
	free(sh->lang);
	free(sh);
}
