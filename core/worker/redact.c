/*
 * redact: peers quote addresses in their answers, and answers go to logs and
 * reports. Must never let an address through for the sake of a readable text.
 * Called by worker.c and host.c.
 */
#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "worker/redact.h"

#define TAIL		6u	/* digits that all spellings share */
#define DIGITS_MAX	32u
#define PHONE_MIN	7u	/* digits behind "+" or "00" */

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A byte of a mail address outside quotes, or of a letter beyond ASCII. */
static bool
is_mail(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80 ||
	    (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~.@", c) != NULL);
}

/* The bytes of a mail address that begins here, or 0. */
static size_t
mail_at(const char *s)
{
	size_t n = 0, at = 0;

	for (; is_mail(s[n]); n++)
		if (s[n] == '@' || strncmp(s + n, "%40", 3) == 0)
			at = n;
	return at > 0 && at + 1 < n ? n : 0;
}

/* Only the digits of s, up to len bytes of it. */
static size_t
digits_of(const char *s, size_t len, char digits[DIGITS_MAX + 1])
{
	size_t n = 0;

	for (size_t i = 0; i < len && s[i] != '\0' && n < DIGITS_MAX; i++)
		if (is_digit(s[i]))
			digits[n++] = s[i];
	digits[n] = '\0';
	return n;
}

/* The bytes of a number with what people put between its digits, or 0. */
static size_t
number_at(const char *s)
{
	size_t n = 0, last = 0;

	if (!is_digit(*s) && (*s != '+' || !is_digit(s[1])))
		return 0;
	for (n = 1; s[n] != '\0' &&
	    (is_digit(s[n]) || strchr(" -/.()", s[n]) != NULL); n++)
		if (is_digit(s[n]))
			last = n;
	return last + 1;
}

/* The same for a phone number: anybody's that is international, or this
 * one's, of which the country may be missing or written otherwise. */
static size_t
phone_at(const char *s, const char *address)
{
	char here[DIGITS_MAX + 1], own[DIGITS_MAX + 1];
	size_t len = number_at(s), n = digits_of(s, len, here);
	size_t n_own = digits_of(address, strlen(address), own);

	if ((*s == '+' && n >= PHONE_MIN) ||
	    (strncmp(s, "00", 2) == 0 && n >= PHONE_MIN + 2))
		return len;
	return n_own >= TAIL && strstr(here, own + n_own - TAIL) != NULL ?
	    len : 0;
}

static size_t
own_at(const char *s, const char *address)
{
	size_t len = strlen(address);

	return len > 0 && strncasecmp(s, address, len) == 0 ? len : 0;
}

/* What is no address goes by words, or the rest of one would look like it. */
static size_t
word_at(const char *s)
{
	size_t n = 0;

	if (is_digit(*s))
		while (is_digit(s[n]))
			n++;
	else
		while (isalpha((unsigned char)s[n]) ||
		    (unsigned char)s[n] >= 0x80)
			n++;
	return n > 0 ? n : 1;
}

void
redact_text(const char *text, const char *address, struct buf *out)
{
	char found[512], shape[64];
	size_t n;

	while (*text != '\0') {
		if ((n = own_at(text, address)) > 0 ||
		    (n = mail_at(text)) > 0 ||
		    (n = phone_at(text, address)) > 0) {
			snprintf(found, sizeof(found), "%.*s", (int)n, text);
			buf_str(out, log_redact(found, shape,
			    sizeof(shape)));
		} else {
			n = word_at(text);
			buf_add(out, text, n);
		}
		text += n;
	}
}

bool
redact_names(const char *id, const char *address)
{
	if (*address == '+')
		address++;
	return *address != '\0' && strcasestr(id, address) != NULL;
}
