/*
 * settings: what litfass(1) takes from litfass.conf(5), if there is one.
 */
#ifndef LITFASS_SETTINGS_H
#define LITFASS_SETTINGS_H

#include "base/err.h"
#include "base/zone.h"
#include "command.h"

struct conf;

/* The configuration file that counts: --config or the usual place. */
const char *
settings_path(const struct cli *c);
/* Load it; problems are printed on standard error. Given. */
int
settings_load(const struct cli *c, struct conf **conf_r, struct err *e);
/* As above, but quietly NULL when it can't be read: an ordinary user need
 * not be able to. */
struct conf *
settings_try(const struct cli *c);
/* Path of the control socket, given. */
char *
settings_socket(const struct cli *c);
/* The time zone of the issuer, else that of the machine, else UTC. Given. */
struct zone *
settings_zone(const struct cli *c);
/* Path of litfassd, which previews and describes plugins: LITFASS_DAEMON, or
 * where it was installed. Borrowed. */
const char *
settings_daemon(void);

#endif
