/*
 * csv: subscribers from a table, as spreadsheets write it.
 *
 * RFC 4180: UTF-8 (a byte order mark is skipped), comma, fields in quotes
 * may hold commas, line ends and doubled quotes; lines end in CRLF or LF.
 * The first row names the columns, in any order:
 * ref,email,sms,whatsapp,languages,topics,ars; ref is needed, empty fields
 * count as not given, rows without any are skipped. languages and topics
 * hold several words, separated by spaces or ";".
 */
#ifndef STORE_CSV_H
#define STORE_CSV_H

#include <jansson.h>
#include <stddef.h>

/*
 * All subscribers of a text, as an array (given) ready for
 * store_subscriber_import(); *lines_r (given) has the line of each. Every
 * problem is appended to problems: {"line":7,"text":"..."}; the text names no
 * address. -1 when there was one; *json_r then holds the good rows.
 */
int
csv_subscribers(const char *text, size_t len, json_t **json_r,
    json_t **lines_r, json_t *problems);

#endif
