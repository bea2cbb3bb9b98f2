/*
 * value: one value against the type, the bounds and the choices of its row.
 */
#ifndef CONFIG_VALUE_H
#define CONFIG_VALUE_H

#include "base/err.h"
#include "config/table.h"

/* The typed value of what was written, given; NULL with the reason and what
 * to do in *e. For every type but SECRET. */
json_t *
value_check(const struct table_row *row, json_t *raw, struct err *e);

/* The default of a row as if it had been written; given, null when there is
 * none, NULL with the reason when it does not fit the type. */
json_t *
value_default(const struct table_row *row, struct err *e);

/* A typed value as it is written in a file, with quotes. Given. */
char *
value_text(const struct table_row *row, json_t *value);

/* Text in quotes, escaped for libconfig. Given. */
char *
value_quoted(const char *s);

#endif
