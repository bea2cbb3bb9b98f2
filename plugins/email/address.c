/*
 * address: the last look at an address before it goes to the relay. It must
 * never let through what could end a command. Called by email and message.
 */
#include "config.h"

#include <string.h>

#include "address.h"

#define LOCAL_MAX	64	/* RFC 5321 4.5.3.1.1 */
#define DOMAIN_MAX	255	/* 4.5.3.1.2 */
#define PATH_MAX_LEN	254	/* 4.5.3.1.3 less the brackets */

static bool
is_forbidden(unsigned char c)
{
	return c <= 0x20 || c == 0x7f || strchr("<>()[]\\\",;:", c) != NULL;
}

static bool
dots_are_right(const char *s, size_t n)
{
	if (n == 0 || s[0] == '.' || s[n - 1] == '.')
		return false;
	for (size_t i = 1; i < n; i++)
		if (s[i] == '.' && s[i - 1] == '.')
			return false;
	return true;
}

static bool
labels_are_right(const char *s)
{
	size_t n;

	for (;;) {
		n = strcspn(s, ".");
		if (n == 0 || n > 63 || s[0] == '-' || s[n - 1] == '-')
			return false;
		if (s[n] == '\0')
			return true;
		s += n + 1;
	}
}

bool
address_valid(const char *s)
{
	const char *at = strchr(s, '@');

	if (at == NULL || strchr(at + 1, '@') != NULL ||
	    strlen(s) > PATH_MAX_LEN)
		return false;
	for (const char *p = s; *p != '\0'; p++)
		if (is_forbidden((unsigned char)*p))
			return false;
	if ((size_t)(at - s) > LOCAL_MAX || strlen(at + 1) > DOMAIN_MAX)
		return false;
	return dots_are_right(s, (size_t)(at - s)) &&
	    labels_are_right(at + 1);
}

bool
address_is_ascii(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s > 0x7e)
			return false;
	return true;
}
