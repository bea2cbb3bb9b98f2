/*
 * topic: names on the broker. PREFIX/g/GROUP/a/CHAIN is the place of one
 * announcement for one display group; every announcement of a chain has the
 * same place, so an update or all-clear replaces what it follows.
 */
#ifndef MQTT_TOPIC_H
#define MQTT_TOPIC_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes with NUL. Small displays have small buffers. */
#define TOPIC_MAX	201

/* A prefix has no wildcard, no empty level and no slash at its ends. */
bool
topic_prefix_ok(const char *prefix);
/* False when a group or chain can't be one level of a topic. */
bool
topic_make(const char *prefix, const char *group, const char *chain,
    char topic_r[TOPIC_MAX]);

#endif
