/*
 * person: one subscriber as JSON, from options or a row of a table:
 * {"ref","languages","topics","ars","addresses":{KIND: ADDRESS}}.
 */
#ifndef LITFASS_PERSON_H
#define LITFASS_PERSON_H

#include <jansson.h>

#include "base/err.h"
#include "command.h"

/* Given on success; otherwise *e says what is wrong and what to do. The
 * value of an address is never part of a message. */
int
person_from_options(const struct cli *c, json_t **who_r, struct err *e);
/* row: an object of strings as csv_parse() gives it. */
int
person_from_row(const json_t *row, json_t **who_r, struct err *e);

#endif
