/*
 * flight: the deliveries that a plugin has in its hands.
 *
 * A delivery is known by its address from submit until done. For a while
 * after that it is remembered, so that a second done is seen as what it is.
 */
#ifndef WORKER_FLIGHT_H
#define WORKER_FLIGHT_H

#include <stdbool.h>
#include <stddef.h>

#include "litfass/plugin.h"
#include "worker/sheet.h"

struct flights;

struct flight_order {
	uint64_t id;
	uint32_t action, flags, attempt;
	const char *key, *address;	/* copied */
};

struct flights *
flights_new(void);
void
flights_free(struct flights **fp);
size_t
flights_count(const struct flights *f);

/* Take off. sheet is kept until done. */
struct lf_delivery *
flights_add(struct flights *f, const struct flight_order *order,
    struct sheet *sheet);
/* The delivery with this id; NULL when it is not in flight. */
struct lf_delivery *
flights_find(const struct flights *f, uint64_t id);

enum flight_landing { FLIGHT_LANDED, FLIGHT_LANDED_BEFORE, FLIGHT_UNKNOWN };

/* Land. One of ours may be read until the next call of this unit, anything
 * else must not be followed. */
enum flight_landing
flights_land(struct flights *f, const struct lf_delivery *d);

/* Members of struct lf_host. */
const char *
flight_meta(const struct lf_delivery *d, const char *key);
int
flight_media_open(const struct lf_delivery *d, uint32_t i);

#endif
