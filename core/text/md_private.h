/*
 * md_private: what the parser tells those who write a form. Only for md*.c.
 */
#ifndef TEXT_MD_PRIVATE_H
#define TEXT_MD_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <md4c.h>

struct buf;

/* Bytes of one block, and of one address; more is an attack. */
#define MD_BLOCK_MAX	((size_t)4 * 1024 * 1024)
#define MD_HREF_MAX	((size_t)2048)

/* Every enter is followed by its leave, even behind the stop. */
struct md_ops {
	void (*enter_block)(void *self, MD_BLOCKTYPE, const void *detail);
	void (*leave_block)(void *self, MD_BLOCKTYPE, const void *detail);
	void (*enter_span)(void *self, MD_SPANTYPE, const void *detail);
	void (*leave_span)(void *self, MD_SPANTYPE, const void *detail);
	/* Decoded text without control characters; a line break is "\n". */
	void (*text)(void *self, const char *s, size_t n);
};

/* -1 when the parser gave up. */
int
md_walk(const char *md, uint32_t form, size_t stop, const struct md_ops *ops,
    void *self);

/*
 * The address of a link; false when it is not safe to follow. out is empty
 * before, and holds MD_HREF_MAX bytes.
 */
bool
md_href(const MD_SPAN_A_DETAIL *a, struct buf *out);

/* Text without control characters; tabs become blanks. */
void
md_clean(const char *s, size_t n, struct buf *out);

/* The writers: -1 when the parser gave up. */
int
md_html(const char *md, size_t stop, struct buf *out);
int
md_plain(const char *md, uint32_t form, size_t stop, struct buf *out);

#endif
