/*
 * broker: takes the address of a broker apart. It resolves nothing. The
 * plugin calls it once, when it opens.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "broker.h"

/* The port behind the colon at s, or 0. */
static int
port_parse(const char *s)
{
	char *end;
	long port;

	if (s[1] < '0' || s[1] > '9')
		return 0;
	port = strtol(s + 1, &end, 10);
	return *end == '\0' && port >= 1 && port <= 65535 ? (int)port : 0;
}

const char *
broker_parse(const char *url, struct broker *b)
{
	const char *host, *end;
	size_t len;

	b->tls = strncmp(url, "mqtts://", 8) == 0;
	if (!b->tls && strncmp(url, "mqtt://", 7) != 0)
		return "write it as mqtt://host or mqtts://host";
	host = strchr(url, '/') + 2;
	b->port = b->tls ? 8883 : 1883;
	if (strpbrk(host, "@?#") != NULL)
		return "give user and password as parameters of their own";
	len = strcspn(host, "/");
	if (host[len] != '\0' && host[len + 1] != '\0')
		return "a broker has no path";
	if (*host == '[') {
		end = strchr(++host, ']');
		if (end == NULL)
			return "the bracket of the IPv6 address is open";
	} else
		end = host + strcspn(host, ":/");
	len = (size_t)(end - host);
	if (len == 0 || len >= sizeof(b->host))
		return "the host name is missing or too long";
	memcpy(b->host, host, len);
	b->host[len] = '\0';
	end += *end == ']';
	if (*end == '\0' || *end == '/')
		return NULL;
	b->port = *end == ':' ? port_parse(end) : 0;
	return b->port > 0 ? NULL : "the port is not a number up to 65535";
}
