/*
 * out: data on standard output, in the format asked for.
 *
 * A table is as wide as its content, so nothing is ever cut off. Control
 * characters of foreign text never reach the terminal. Colours only on a
 * terminal and without NO_COLOR.
 */
#ifndef LITFASS_OUT_H
#define LITFASS_OUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "command.h"

enum out_kind {
	OUT_TEXT,
	OUT_NUMBER,	/* to the right */
	OUT_STATE,	/* a word of ours: translated and coloured */
	OUT_TIME,	/* microseconds since 1970, shown in local time */
};

struct out_column {
	const char *key;	/* of the object; also the heading */
	enum out_kind kind;
};

/* An array of objects: a table, or JSON as it is; with -o id the values of
 * id_key, one a line. */
void
out_rows(const struct cli *c, const json_t *rows,
    const struct out_column *columns, size_t n, const char *id_key);
/* As RFC 4180: comma-separated values with a line of headings. */
void
out_csv(const json_t *rows, const struct out_column *columns, size_t n);
/* JSON for -o json and jsonl; false when a table or id was asked for. */
bool
out_json(const struct cli *c, const json_t *data);
/* A value with a name before it, "id  lf-1"; absent ones are left out. */
void
out_field(const struct cli *c, const json_t *object, const char *key,
    enum out_kind kind);
/* Text of others without control characters; newlines stay if wanted. */
void
out_safe(FILE *f, const char *s, bool lines);
/* A text of an object, "" when it is not there. Borrowed. */
const char *
out_text(const json_t *object, const char *key);
/* The word in the language of the tables. Borrowed. */
const char *
out_word(const struct cli *c, const char *english);
/* [{"level","pointer","slug","message"}] on standard error. */
void
out_problems(const json_t *problems);

#endif
