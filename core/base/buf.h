/*
 * buf: a growing run of bytes with a cap that every user must name.
 *
 * The bytes are always followed by a NUL that len does not count. Once the
 * cap is hit the buffer stays failed: adding is ignored and buf_ok() is
 * false, so a writer may check once at the end.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>

struct buf {
	char *data;	/* NULL until the first byte */
	size_t len;
	size_t cap;
	size_t max;	/* bytes, without the NUL */
	bool failed;
};

void
buf_init(struct buf *b, size_t max);
void
buf_fini(struct buf *b);
/* Forget the bytes and the failure, keep the memory. */
void
buf_clear(struct buf *b);
bool
buf_ok(const struct buf *b);
void
buf_add(struct buf *b, const void *p, size_t n);
void
buf_str(struct buf *b, const char *s);
void
buf_chr(struct buf *b, char c);
void
buf_fmt(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Drop everything behind the first len bytes. */
void
buf_cut(struct buf *b, size_t len);
/* The string; "" when empty. Borrowed until the next change. */
const char *
buf_cstr(const struct buf *b);
/* The string, given; the buffer is empty afterwards. */
char *
buf_steal(struct buf *b);

#endif
