/*
 * date: a time for people, in their language: "Montag, 9. März 2026,
 * 18:00 Uhr". The languages are those of words.h.
 */
#ifndef TEXT_DATE_H
#define TEXT_DATE_H

#include "base/buf.h"
#include "base/civil.h"

/* Add c (valid), as local clocks show it. */
void
date_write(const char *lang, const struct civil *c, struct buf *out);
/* The same without weekday and year, for SMS: "9.3., 18:00 Uhr". */
void
date_write_brief(const char *lang, const struct civil *c, struct buf *out);

#endif
