/*
 * checkup: everything a start would find, without starting anything. The
 * configuration room checks what it has a table for; here is what needs the
 * announcement's rules and the plugins themselves.
 */
#ifndef ENGINE_CHECKUP_H
#define ENGINE_CHECKUP_H

#include <jansson.h>

struct conf;
struct conf_channel;
struct faults;

void
checkup_issuer(const struct conf *c, struct faults *f);

/*
 * Ask the plugin of a channel what it is, in a process of its own, and check
 * the channel against it. Given is what the plugin said; NULL, with faults
 * added, when it can't be asked.
 */
json_t *
checkup_channel(const struct conf *c, const struct conf_channel *cc,
    const char *program, struct faults *f);

/*
 * Let the plugin itself read the channel's configuration, in a worker that is
 * thrown away. Not for a running core: it waits, and what a plugin needs may
 * be missing for the moment only.
 */
void
checkup_open(const struct conf *c, const struct conf_channel *cc,
    const char *program, struct faults *f);

#endif
