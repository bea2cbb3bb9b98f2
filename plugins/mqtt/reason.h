/*
 * reason: what a broker or libmosquitto answers, as an outcome of ours.
 *
 * There are four number spaces: return codes of the library (MOSQ_ERR_*),
 * the MQTT 3.1.1 codes of CONNACK (section 3.2.2.3), and the MQTT 5 reason
 * codes of CONNACK (3.2.2.2), PUBACK (3.4.2.1) and DISCONNECT (3.14.2.1).
 */
#ifndef MQTT_REASON_H
#define MQTT_REASON_H

#include <stdint.h>

struct reason {
	int code;
	int32_t outcome;	/* LF_ACCEPTED ... */
	const char *text;	/* for people; NULL: nothing to say */
};

/* CONNACK of MQTT 5 and of 3.1.1: their codes do not overlap except 0. */
const struct reason *
reason_connack(int code);
/* Why the broker ended a connection that stood. */
const struct reason *
reason_disconnect(int code);
const struct reason *
reason_puback(int code);
/* What a failed call of the library says about one message. */
const struct reason *
reason_library(int rc);

#endif
