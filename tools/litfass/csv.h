/*
 * csv: a table in a text file, RFC 4180, with its first line as headings.
 * Comma or semicolon, whichever comes first in the headings; a byte order
 * mark is skipped.
 */
#ifndef LITFASS_CSV_H
#define LITFASS_CSV_H

#include <jansson.h>
#include <stddef.h>

#include "base/err.h"

/* An array of objects whose members are the headings, all strings; member
 * "line" is the number of the line. Given; NULL names the line that is
 * wrong. text ends with NUL. */
json_t *
csv_parse(const char *text, size_t len, struct err *e);

#endif
