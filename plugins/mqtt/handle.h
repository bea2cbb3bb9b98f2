/*
 * handle: a libmosquitto handle as litfass wants it, on its way to a broker.
 */
#ifndef MQTT_HANDLE_H
#define MQTT_HANDLE_H

#include <mosquitto.h>
#include <stdbool.h>

#include "link.h"

/*
 * A handle with options, TLS and login set, given, or NULL with a return
 * code of the library. version is MQTT_PROTOCOL_V5 or V311. TLS is always
 * verified: authority and host name.
 */
struct mosquitto *
handle_new(const struct link_conf *conf, int version, void *arg, int *rc_r);

/*
 * Begin to connect: a return code of the library. It tries only the first
 * address of a name when it must not block; ipv4 makes that an IPv4 one.
 */
int
handle_connect(struct mosquitto *m, const struct link_conf *conf, bool ipv4);

#endif
