/*
 * flight: a table by address, because that is what a plugin hands back; an
 * address it made up must not be followed. Called by worker.c and host.c.
 */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "worker/flight.h"

#define BUCKETS		1024u	/* a power of two */
#define LANDED		64u	/* remembered after done */

struct flight {
	struct lf_delivery d;	/* first: its address is ours */
	struct flight *next;
	struct sheet *sheet;
	char *body;		/* this recipient's own, or NULL */
	char *address;
	char key[65];
};

struct flights {
	struct flight *bucket[BUCKETS];
	struct flight *landed[LANDED];
	size_t n_landed;	/* ever */
	size_t count;
};

struct flights *
flights_new(void)
{
	return xcalloc(1, sizeof(struct flights));
}

static void
flight_free(struct flight *fl)
{
	if (fl == NULL)
		return;
	if (fl->sheet != NULL)
		sheet_unref(fl->sheet);
	free(fl->body);
	free(fl->address);
	free(fl);
}

void
flights_free(struct flights **fp)
{
	struct flights *f = *fp;
	struct flight *fl;

	if (f == NULL)
		return;
	*fp = NULL;
	for (unsigned i = 0; i < BUCKETS; i++)
		while ((fl = f->bucket[i]) != NULL) {
			f->bucket[i] = fl->next;
			flight_free(fl);
		}
	for (unsigned i = 0; i < LANDED; i++)
		flight_free(f->landed[i]);
	free(f);
}

size_t
flights_count(const struct flights *f)
{
	return f->count;
}

/* Blocks of malloc differ above their lowest bits. */
static unsigned
bucket_of(const void *p)
{
	uintptr_t n = (uintptr_t)p >> 4;

	return (unsigned)(n ^ (n >> 10)) & (BUCKETS - 1);
}

/* Without slots all recipients share the bytes of the rendition. */
static void
set_body(struct flight *fl)
{
	struct rendition *r = fl->sheet->rendition;
	struct buf b;
	size_t len;

	fl->d.body = "";
	if (r == NULL || fl->d.action == LF_RETRACT)
		return;
	fl->d.body = rendition_body(r, &len);
	fl->d.body_len = len;
	if (!rendition_has_slots(r))
		return;
	buf_init(&b, 2 * RENDITION_BODY);
	rendition_fill(r, fl->address, fl->key, &b);
	fl->d.body_len = b.len;
	fl->d.body = fl->body = buf_steal(&b);
}

static struct flight *
flight_new(const struct flight_order *o, struct sheet *sheet)
{
	struct flight *fl = xcalloc(1, sizeof(*fl));

	sheet_ref(sheet);
	fl->sheet = sheet;
	fl->address = xstrdup(o->address);
	snprintf(fl->key, sizeof(fl->key), "%s", o->key);
	fl->d.size = sizeof(fl->d);
	fl->d.action = o->action;
	fl->d.flags = o->flags;
	fl->d.attempt = o->attempt;
	fl->d.id = o->id;
	fl->d.key = fl->key;
	fl->d.address = fl->address;
	fl->d.announcement = sheet->announcement;
	fl->d.chain = sheet->chain;
	fl->d.lang = sheet->lang;
	fl->d.expires = sheet->expires;
	set_body(fl);
	return fl;
}

struct lf_delivery *
flights_add(struct flights *f, const struct flight_order *order,
    struct sheet *sheet)
{
	struct flight *fl = flight_new(order, sheet);
	unsigned b = bucket_of(fl);

	fl->next = f->bucket[b];
	f->bucket[b] = fl;
	f->count++;
	return &fl->d;
}

struct lf_delivery *
flights_find(const struct flights *f, uint64_t id)
{
	for (unsigned i = 0; i < BUCKETS; i++)
		for (struct flight *fl = f->bucket[i]; fl != NULL;
		    fl = fl->next)
			if (fl->d.id == id)
				return &fl->d;
	return NULL;
}

static void
remember(struct flights *f, struct flight *fl)
{
	struct flight **place = &f->landed[f->n_landed++ % LANDED];

	flight_free(*place);
	sheet_unref(fl->sheet);
	fl->sheet = NULL;
	*place = fl;
}

enum flight_landing
flights_land(struct flights *f, const struct lf_delivery *d)
{
	struct flight **fp = &f->bucket[bucket_of(d)], *fl;

	while ((fl = *fp) != NULL && &fl->d != d)
		fp = &fl->next;
	if (fl != NULL) {
		*fp = fl->next;
		f->count--;
		remember(f, fl);
		return FLIGHT_LANDED;
	}
	for (unsigned i = 0; i < LANDED; i++)
		if (f->landed[i] != NULL && &f->landed[i]->d == d)
			return FLIGHT_LANDED_BEFORE;
	return FLIGHT_UNKNOWN;
}

static const struct flight *
flight_of(const struct lf_delivery *d)
{
	return (const struct flight *)(const void *)d;
}

const char *
flight_meta(const struct lf_delivery *d, const char *key)
{
	const struct sheet *sh = flight_of(d)->sheet;

	return sh != NULL && sh->rendition != NULL ?
	    rendition_meta(sh->rendition, key) : "";
}

/* Shares its position with other copies: plugins read with pread(2). Opening
 * it anew would need the file's path, which the sandbox hides. */
int
flight_media_open(const struct lf_delivery *d, uint32_t i)
{
	const struct sheet *sh = flight_of(d)->sheet;

	if (sh == NULL || i >= sh->n_media || sh->media[i] < 0)
		return -1;
	return fcntl(sh->media[i], F_DUPFD_CLOEXEC, 0);
}
