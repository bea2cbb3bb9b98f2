/*
 * chatmark: the *bold* _italic_ ~struck~ ```code``` of messengers.
 *
 * Messengers have no escape and no nesting rules worth the name: a pair works
 * only when it hugs its words, stands at word bounds and stays on its line.
 * So a writer puts the bytes below into the text, and chatmark_write() turns
 * them into marks where that works and drops them where it does not. Marks
 * that are meant literally are kept apart from their word by U+200B, except
 * inside words and addresses. There is no official escape: see the WhatsApp
 * formatting help.
 */
#ifndef TEXT_CHATMARK_H
#define TEXT_CHATMARK_H

#include <stddef.h>

struct buf;

/* Each opens at its number and closes at the one that follows. */
#define CHATMARK_BOLD	1
#define CHATMARK_ITALIC	3
#define CHATMARK_STRIKE	5
#define CHATMARK_CODE	7
#define CHATMARK_LAST	8

/* Add s with its marks. Openers and closers of one kind must not nest. */
void
chatmark_write(const char *s, size_t n, struct buf *out);

#endif
