/*
 * scan: a look at the bytes of a configuration file before libconfig sees
 * them.
 *
 * libconfig 1.5 (Debian 12) reads 5000000000 as 705032704 and 0xFFFFFFFF as
 * -1, cuts strings at \x00, follows @include to anywhere, and says "syntax
 * error" for a quote that was never closed. Measured; all of it is refused
 * here with the line where it begins.
 */
#ifndef CONFIG_SCAN_H
#define CONFIG_SCAN_H

#include "config/fault.h"

#define SCAN_DEPTH	16	/* nested groups and lists */

/* 0, or -1 with the problems added. text has len bytes and a NUL behind. */
int
scan_text(const char *file, const char *text, size_t len,
    struct faults *p);

#endif
