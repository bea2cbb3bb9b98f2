/*
 * handle: sets up libmosquitto. It never waits, except for the name server,
 * and knows nothing of states or deliveries. Called by link at each connect.
 */
#include "config.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <sys/socket.h>

#include <mqtt_protocol.h>

#include "handle.h"

#define CA_PATH		"/etc/ssl/certs"
#define USER_TIMEOUT_MS	10000u

static const char *
or_null(const char *s)
{
	return *s != '\0' ? s : NULL;
}

static int
set_tls(struct mosquitto *m, const struct link_conf *c)
{
	const char *ca = or_null(c->ca_file);
	int rc;

	if (!c->broker.tls)
		return MOSQ_ERR_SUCCESS;
	/* Read again at every connect: renewed certificates just work. */
	rc = mosquitto_tls_set(m, ca, ca != NULL ? NULL : CA_PATH,
	    or_null(c->cert_file), or_null(c->key_file), NULL);
	if (rc == MOSQ_ERR_SUCCESS)
		rc = mosquitto_tls_opts_set(m, 1, "tlsv1.2", NULL);
	return rc;
}

struct mosquitto *
handle_new(const struct link_conf *c, int version, void *arg, int *rc_r)
{
	/* Sets SIGPIPE to ignore for the process, which suits a worker. */
	struct mosquitto *m = mosquitto_new(or_null(c->client_id), true, arg);

	*rc_r = MOSQ_ERR_NOMEM;
	if (m == NULL)
		return NULL;
	mosquitto_int_option(m, MOSQ_OPT_PROTOCOL_VERSION, version);
	mosquitto_int_option(m, MOSQ_OPT_SEND_MAXIMUM, LINK_WINDOW);
	/* Without it a single small message waits 40 ms for Nagle. */
	mosquitto_int_option(m, MOSQ_OPT_TCP_NODELAY, 1);
	*rc_r = set_tls(m, c);
	if (*rc_r == MOSQ_ERR_SUCCESS && *c->user != '\0')
		*rc_r = mosquitto_username_pw_set(m, c->user, c->password);
	if (*rc_r == MOSQ_ERR_SUCCESS)
		return m;
	mosquitto_destroy(m);
	return NULL;
}

int
handle_connect(struct mosquitto *m, const struct link_conf *c, bool ipv4)
{
	unsigned ms = USER_TIMEOUT_MS;
	int rc;

	rc = mosquitto_connect_bind_async(m, c->broker.host, c->broker.port,
	    c->keepalive, ipv4 ? "0.0.0.0" : NULL);
	if (rc == MOSQ_ERR_CONN_PENDING)
		rc = MOSQ_ERR_SUCCESS;
	/* Bytes that nobody acknowledges end the connection after 10 s, not
	 * after a quarter of an hour. */
	if (rc == MOSQ_ERR_SUCCESS)
		setsockopt(mosquitto_socket(m), IPPROTO_TCP, TCP_USER_TIMEOUT,
		    &ms, sizeof(ms));
	return rc;
}
