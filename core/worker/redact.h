/*
 * redact: what a plugin or its peer says, without the people in it.
 */
#ifndef WORKER_REDACT_H
#define WORKER_REDACT_H

#include <stdbool.h>

#include "base/buf.h"

/*
 * Add text to out with log_redact() in place of everything that looks like a
 * mail address or an international phone number, and of address, in whatever
 * spelling. address is "" where it is nobody's.
 */
void
redact_text(const char *text, const char *address, struct buf *out);

/* Is the person's address, with or without "+", part of this id? */
bool
redact_names(const char *id, const char *address);

#endif
