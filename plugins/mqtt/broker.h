/*
 * broker: where the broker is, from an address such as
 * mqtts://broker.example:8883.
 */
#ifndef MQTT_BROKER_H
#define MQTT_BROKER_H

#include <stdbool.h>

struct broker {
	char host[256];
	int port;	/* 1883, or 8883 with TLS, when not given */
	bool tls;
};

/* NULL, or what is wrong with the address, for people; static. */
const char *
broker_parse(const char *url, struct broker *broker_r);

#endif
