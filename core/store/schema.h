/*
 * schema: the tables, and the steps from any older version to this one.
 */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include "store/db.h"

/*
 * Set the pragmas and bring the file to our version, in one transaction.
 * Fails on a foreign, damaged or newer file. durable: false gives up the
 * sync at commit, for simulation.
 */
int
schema_open(struct db *d, const char *path, bool durable, struct err *e);

#endif
