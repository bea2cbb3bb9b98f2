/*
 * address: whether a mail address may go into an SMTP command.
 */
#ifndef EMAIL_ADDRESS_H
#define EMAIL_ADDRESS_H

#include <stdbool.h>

/*
 * True for local@domain without space, control byte, bracket, quote or
 * backslash, within the lengths of RFC 5321 4.5.3.1. UTF-8 is let through:
 * see address_is_ascii().
 */
bool
address_valid(const char *s);
/* False: the relay must offer SMTPUTF8 (RFC 6531). */
bool
address_is_ascii(const char *s);

#endif
