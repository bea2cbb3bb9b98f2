/*
 * keys: every key of litfass.conf that is ours, as two tables.
 */
#ifndef CONFIG_KEYS_H
#define CONFIG_KEYS_H

#include "config/table.h"

/* Outside of channels; keys with dots are in groups. */
extern const struct table keys_main;
/* In every channel; all other keys there belong to the plugin. */
extern const struct table keys_channel;

#endif
