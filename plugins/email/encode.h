/*
 * encode: the encodings of a mail: quoted-printable, base64, RFC 2047 words
 * in headers, RFC 2231 file names. Output is ASCII with CRLF.
 *
 * A slot is one control byte that stands for something that differs from
 * recipient to recipient. It passes the encoders untouched; any other
 * control byte in a header becomes a space, so no text can begin a header of
 * its own. Clean text of strangers with encode_clean() before slots are put
 * into it.
 */
#ifndef EMAIL_ENCODE_H
#define EMAIL_ENCODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define SLOT_ADDRESS		'\001'	/* the address as it is */
#define SLOT_ADDRESS_URL	'\002'	/* the address, percent-encoded */
#define SLOT_KEY		'\003'	/* the key of the delivery */

/* True for the bytes above. */
bool
encode_is_slot(char c);
/* Write s without control bytes; newline and tab stay. */
void
encode_clean(FILE *, const char *s);
/* RFC 2045 6.7. LF and CRLF are line ends; lines are at most 76 long, but
 * for one that holds a slot. */
void
encode_qp(FILE *, const char *s, size_t n);
/* RFC 2045 6.8 in lines of 76, without a line end behind the last. */
void
encode_base64(FILE *, const void *p, size_t n);
/* "Name: text" with words encoded as RFC 2047 asks, folded, with CRLF. */
void
encode_text(FILE *, const char *name, const char *text);
/* "Name: phrase <address>", the phrase quoted or encoded where needed. */
void
encode_mailbox(FILE *, const char *name, const char *phrase,
    const char *address);
/* "Name: value" as it is: for values whose grammar is ours. */
void
encode_field(FILE *, const char *name, const char *value);
/* True when a file name may stand in quotes as it is. */
bool
encode_name_is_plain(const char *name);
/* Content-Disposition with a file name, RFC 2183 and RFC 2231; ascii is the
 * fallback for old readers, NULL when the name itself is ASCII. */
void
encode_disposition(FILE *, const char *kind, const char *file,
    const char *ascii);

#endif
