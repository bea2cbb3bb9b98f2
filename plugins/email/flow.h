/*
 * flow: wraps plain text so that every mail reader may wrap it again:
 * format=flowed, RFC 3676.
 */
#ifndef EMAIL_FLOW_H
#define EMAIL_FLOW_H

/* Lines of at most 72 characters that end with a space where they go on;
 * words, and so addresses, are never cut. Given; NULL out of memory. */
char *
flow_make(const char *text);

#endif
