/*
 * cap_encoding: what expat does not read by itself. Only for cap_read.c.
 */
#ifndef ANNOUNCE_CAP_ENCODING_H
#define ANNOUNCE_CAP_ENCODING_H

#include <expat.h>

/* For XML_SetUnknownEncodingHandler(): windows-1252 and ISO-8859-15. */
int
cap_encoding(void *arg, const XML_Char *name, XML_Encoding *encoding_r);

#endif
