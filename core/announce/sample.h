/*
 * sample: an announcement that only tries a channel. It says so, first of
 * all by its status.
 */
#ifndef ANNOUNCE_SAMPLE_H
#define ANNOUNCE_SAMPLE_H

#include <jansson.h>

#include "base/clock.h"

/* An announcement of status test, sent now and over after this many seconds.
 * group: the display group that shows it, or NULL. Given. */
json_t *
sample_announcement(const char *id, const char *group, struct wall now,
    int seconds);

#endif
