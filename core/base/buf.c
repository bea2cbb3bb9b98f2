/*
 * buf: growing bytes with a cap. Never grows past max, never truncates
 * silently: a failed buffer says so. Called by everyone who builds text.
 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

void
buf_init(struct buf *b, size_t max)
{
	memset(b, 0, sizeof(*b));
	b->max = max;
}

void
buf_fini(struct buf *b)
{
	free(b->data);
	buf_init(b, b->max);
}

void
buf_clear(struct buf *b)
{
	b->failed = false;
	buf_cut(b, 0);
}

bool
buf_ok(const struct buf *b)
{
	return !b->failed;
}

static bool
buf_room(struct buf *b, size_t n)
{
	size_t want;

	if (b->failed || n > b->max - b->len) {
		b->failed = true;
		return false;
	}
	if (b->data != NULL && b->len + n < b->cap)
		return true;
	want = b->cap < 64 ? 64 : b->cap * 2;
	while (want <= b->len + n)
		want *= 2;
	b->data = xreallocarray(b->data, want, 1);
	b->cap = want;
	return true;
}

void
buf_add(struct buf *b, const void *p, size_t n)
{
	if (!buf_room(b, n))
		return;
	if (n > 0)
		memcpy(b->data + b->len, p, n);
	b->len += n;
	b->data[b->len] = '\0';
}

void
buf_str(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_chr(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void
buf_fmt(struct buf *b, const char *fmt, ...)
{
	char small[256], *s = small;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(small, sizeof(small), fmt, ap);
	va_end(ap);
	if (n >= (int)sizeof(small)) {
		va_start(ap, fmt);
		n = vasprintf(&s, fmt, ap);
		va_end(ap);
	}
	if (n < 0) {
		b->failed = true;
		return;
	}
	buf_add(b, s, (size_t)n);
	if (s != small)
		free(s);
}

void
buf_cut(struct buf *b, size_t len)
{
	if (len >= b->len && len != 0)
		return;
	b->len = len;
	if (b->data != NULL)
		b->data[len] = '\0';
}

const char *
buf_cstr(const struct buf *b)
{
	return b->data == NULL ? "" : b->data;
}

char *
buf_steal(struct buf *b)
{
	char *s = b->data == NULL ? xstrdup("") : b->data;

	buf_init(b, b->max);
	return s;
}
