/*
 * utf8: measuring and cutting text that people read.
 *
 * A "cluster" is an extended grapheme cluster (Unicode UAX 29): what a reader
 * takes for one character. An emoji family, a flag or a letter with its
 * combining marks is one cluster and is never split. Every function is total:
 * a byte that is not UTF-8 counts as one cluster of its own.
 */
#ifndef TEXT_UTF8_H
#define TEXT_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

/* U+FFFD, what utf8_decode() gives for a byte that is not UTF-8. */
#define UTF8_BAD	0xfffd
/* The ellipsis that marks a cut: one character, three bytes. */
#define UTF8_ELLIPSIS	"\xe2\x80\xa6"

/* True when len bytes at s are UTF-8 (RFC 3629: no surrogates, shortest). */
bool
utf8_valid(const char *s, size_t len);

/* Bytes of the first code point, 0 only when len is 0. */
size_t
utf8_decode(const char *s, size_t len, int32_t *cp_r);

/* Add one code point. */
void
utf8_put(struct buf *out, int32_t cp);

/* Bytes of the first cluster, 0 only when len is 0. */
size_t
utf8_cluster(const char *s, size_t len);

/* A letter, mark or digit of any script. */
bool
utf8_is_word(int32_t cp);
/* A pictograph, or one of the marks that only build pictographs. */
bool
utf8_is_emoji(int32_t cp);

/* Add s without its pictographs and the blanks that would be left around
 * them: two in a row, at the begin of a line, before a full stop. */
void
utf8_drop_emoji(const char *s, size_t len, struct buf *out);

/* Length in LF_UNIT_CHARS, _BYTES or _UTF16; LF_UNIT_NONE counts bytes. */
uint64_t
utf8_length(const char *s, uint32_t unit);

/* Bytes of the longest run of whole clusters that measures at most max. */
size_t
utf8_fit(const char *s, size_t len, uint32_t unit, uint64_t max);

/*
 * Add s, cut to max units. A cut is made between clusters, at the end of a
 * word when one is near, and is marked with UTF8_ELLIPSIS, which counts.
 * Returns true when something was cut. Adds nothing when not even the
 * ellipsis fits.
 */
bool
utf8_cut(const char *s, uint32_t unit, uint64_t max, struct buf *out);

#endif
