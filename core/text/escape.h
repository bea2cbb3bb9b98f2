/*
 * escape: text inside JSON, HTML and addresses (LF_ESC_* of litfass/plugin.h).
 */
#ifndef TEXT_ESCAPE_H
#define TEXT_ESCAPE_H

#include <stddef.h>
#include <stdint.h>

struct buf;

/* Add n bytes at s escaped; what is not an escape adds them as they are. */
void
escape_write(const char *s, size_t n, uint32_t how, struct buf *out);

#endif
