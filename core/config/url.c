/*
 * url: check the shape of a configured URL. Resolves nothing, connects to
 * nothing. Called for parameters of type URL.
 */
#include "config.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "config/url.h"

static const char *const schemes[] = { "https://", "http://", "smtps://",
	"smtp://", "mqtts://", "mqtt://" };

/* Behind the scheme, or NULL. */
static const char *
skip_scheme(const char *url)
{
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (strncmp(url, schemes[i], strlen(schemes[i])) == 0)
			return url + strlen(schemes[i]);
	return NULL;
}

static bool
port_ok(const char *s, size_t n)
{
	long port = 0;

	if (n == 0 || n > 5)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!isdigit((unsigned char)s[i]))
			return false;
		port = port * 10 + (s[i] - '0');
	}
	return port >= 1 && port <= 65535;
}

static bool
host_ok(const char *s, size_t n)
{
	if (n == 0)
		return false;
	if (s[0] == '[')
		return n > 3 && s[n - 1] == ']' &&
		    strspn(s + 1, "0123456789abcdefABCDEF:.") == n - 2;
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)s[i]) && s[i] != '-' &&
		    s[i] != '.' && s[i] != '_')
			return false;
	return true;
}

/* Length of the host in the n bytes of HOST[:PORT]. */
static size_t
host_length(const char *s, size_t n)
{
	const char *from = s[0] == '[' ? memchr(s, ']', n) : s, *colon;

	if (from == NULL)
		return n;
	colon = memchr(from, ':', n - (size_t)(from - s));
	return colon == NULL ? n : (size_t)(colon - s);
}

int
url_check(const char *url, struct err *e)
{
	const char *s = skip_scheme(url);
	size_t n, host;

	if (s == NULL)
		return err_set(e, ERR_INVALID, "must be an absolute URL: "
		    "begin it with https://, smtp://, smtps://, mqtt:// or "
		    "mqtts://");
	if (url[strcspn(url, " \"<>\\^`{|}")] != '\0')
		return err_set(e, ERR_INVALID, "has a space or a character "
		    "in it that no URL may have: write it as %%20 and so on");
	n = strcspn(s, "/?#");
	if (memchr(s, '@', n) != NULL)
		return err_set(e, ERR_INVALID, "has a user or password in "
		    "it: URLs end up in logs: use the keys for user and "
		    "password of the plugin");
	host = host_length(s, n);
	if (!host_ok(s, host))
		return err_set(e, ERR_INVALID, "has no valid host: write "
		    "https://HOST/ or https://HOST:PORT/");
	if (host < n && !port_ok(s + host + 1, n - host - 1))
		return err_set(e, ERR_INVALID, "has no valid port: write a "
		    "number from 1 to 65535 behind the host");
	return 0;
}
