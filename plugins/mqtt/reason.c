/*
 * reason: the tables of answers. A code that no table knows pauses the
 * channel; it never drops a message. Called for every answer.
 */
#include "config.h"

#include <mosquitto.h>
#include <stddef.h>

#include "litfass/plugin.h"
#include "reason.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

static const struct reason connacks[] = {
	/* MQTT 3.1.1 */
	{ 1, LF_CHANNEL_DOWN, "the broker does not speak this version: "
	    "set protocol" },
	{ 2, LF_CHANNEL_DOWN, "the broker refuses the client id: "
	    "set client_id" },
	{ 3, LF_TEMPFAIL, "the broker is unavailable" },
	{ 4, LF_CHANNEL_DOWN, "user or password is wrong" },
	{ 5, LF_CHANNEL_DOWN, "the broker does not let us in: check user, "
	    "password and certificate" },
	/* MQTT 5 */
	{ 0x80, LF_TEMPFAIL, "the broker refused without a reason" },
	{ 0x83, LF_TEMPFAIL, "the broker refused for a reason of its own" },
	{ 0x84, LF_CHANNEL_DOWN, "the broker does not speak this version: "
	    "set protocol" },
	{ 0x85, LF_CHANNEL_DOWN, "the broker refuses the client id: "
	    "set client_id" },
	{ 0x86, LF_CHANNEL_DOWN, "user or password is wrong" },
	{ 0x87, LF_CHANNEL_DOWN, "the broker does not let us in: check user, "
	    "password and certificate" },
	{ 0x88, LF_TEMPFAIL, "the broker is unavailable" },
	{ 0x89, LF_TEMPFAIL, "the broker is busy" },
	{ 0x8a, LF_CHANNEL_DOWN, "the broker has banned this client" },
	{ 0x8c, LF_CHANNEL_DOWN, "the broker wants another way to log in" },
	{ 0x97, LF_TEMPFAIL, "a quota of the broker is used up" },
	{ 0x9a, LF_CHANNEL_DOWN, "the broker keeps no retained messages" },
	{ 0x9b, LF_CHANNEL_DOWN, "the broker does not take QoS 1" },
	{ 0x9c, LF_CHANNEL_DOWN, "the broker has moved: change url" },
	{ 0x9d, LF_CHANNEL_DOWN, "the broker has moved: change url" },
	{ 0x9f, LF_TEMPFAIL, "too many connects: the broker wants a pause" },
};

static const struct reason disconnects[] = {
	{ 0x87, LF_CHANNEL_DOWN, "the broker does not let us in any more" },
	{ 0x8b, LF_TEMPFAIL, "the broker shuts down" },
	{ 0x8e, LF_TEMPFAIL, "another client has logged in with our "
	    "client_id: give each its own" },
	{ 0x95, LF_TEMPFAIL, "a message was larger than the broker allows" },
	{ 0x97, LF_TEMPFAIL, "a quota of the broker is used up" },
	{ 0x98, LF_TEMPFAIL, "an administrator of the broker cut us off" },
	{ 0x9c, LF_CHANNEL_DOWN, "the broker has moved: change url" },
	{ 0x9d, LF_CHANNEL_DOWN, "the broker has moved: change url" },
};

static const struct reason pubacks[] = {
	{ 0x00, LF_ACCEPTED, NULL },
	/* Only QoS 1 tells this; a bridge counts as a subscriber. */
	{ 0x10, LF_ACCEPTED, "the broker has it; no display is subscribed "
	    "just now" },
	{ 0x80, LF_TEMPFAIL, "the broker refused without a reason" },
	{ 0x83, LF_TEMPFAIL, "the broker refused for a reason of its own" },
	/* One group's topic: not a reason to stop all the others. */
	{ 0x87, LF_TEMPFAIL, "the broker forbids writing to this topic: "
	    "check its access list" },
	{ 0x90, LF_PERMFAIL, "the broker refuses this topic name" },
	{ 0x91, LF_TEMPFAIL, "packet number in use: sent again" },
	{ 0x95, LF_PERMFAIL, "larger than the broker allows" },
	{ 0x97, LF_TEMPFAIL, "a quota of the broker is used up" },
	{ 0x99, LF_PERMFAIL, "the broker refuses this payload" },
};

/*
 * Of these only NO_CONN leaves the message in the library's memory, where it
 * would be sent after a reconnect (mosquitto issue 120). We throw the handle
 * away on every disconnect, so nothing has left the house.
 */
static const struct reason library[] = {
	{ MOSQ_ERR_NO_CONN, LF_TEMPFAIL, "not connected" },
	{ MOSQ_ERR_INVAL, LF_PERMFAIL, "the topic is not valid" },
	{ MOSQ_ERR_PAYLOAD_SIZE, LF_PERMFAIL, "the payload is too large" },
	{ MOSQ_ERR_MALFORMED_UTF8, LF_PERMFAIL, "the topic is not UTF-8" },
	{ MOSQ_ERR_OVERSIZE_PACKET, LF_PERMFAIL,
	    "larger than the broker allows" },
	{ MOSQ_ERR_QOS_NOT_SUPPORTED, LF_CHANNEL_DOWN,
	    "the broker does not take QoS 1" },
	{ MOSQ_ERR_NOMEM, LF_TEMPFAIL, "out of memory" },
};

static const struct reason unknown = { -1, LF_CHANNEL_DOWN,
	"an answer we do not know" };
static const struct reason goodbye = { -1, LF_TEMPFAIL,
	"the broker ended the connection" };

static const struct reason *
find(const struct reason *table, size_t n, int code,
    const struct reason *otherwise)
{
	for (size_t i = 0; i < n; i++)
		if (table[i].code == code)
			return &table[i];
	return otherwise;
}

const struct reason *
reason_connack(int code)
{
	return find(connacks, N(connacks), code, &unknown);
}

const struct reason *
reason_disconnect(int code)
{
	return find(disconnects, N(disconnects), code, &goodbye);
}

const struct reason *
reason_puback(int code)
{
	return find(pubacks, N(pubacks), code, &unknown);
}

const struct reason *
reason_library(int rc)
{
	return find(library, N(library), rc, &unknown);
}
