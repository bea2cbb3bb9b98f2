/*
 * fixture: read files of the tests whole.
 */
#ifndef TESTS_FIXTURE_H
#define TESTS_FIXTURE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"

/* The bytes, given, NUL behind them; NULL when there is no such file. */
static inline char *
fixture_read(const char *path, size_t *len_r)
{
	char block[8192];
	FILE *f = fopen(path, "rbe");
	struct buf b;
	size_t n;

	if (f == NULL)
		return NULL;
	buf_init(&b, 64 * 1024 * 1024);
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		buf_add(&b, block, n);
	fclose(f);
	*len_r = b.len;
	return buf_steal(&b);
}

/* The same numbers on every machine and in every run. */
static inline uint32_t
fixture_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* Change a few bytes, cut or double a piece; len may shrink. */
static inline void
fixture_mutate(char *s, size_t *len, uint32_t *seed)
{
	for (uint32_t i = 0; i <= fixture_random(seed) % 4 && *len > 8; i++) {
		size_t at = fixture_random(seed) % *len;
		size_t n = fixture_random(seed) % (*len - at) % 64;

		switch (fixture_random(seed) % 4) {
		case 0:
			s[at] = (char)fixture_random(seed);
			break;
		case 1:
			s[at] = "<>&\"{}[]:,\\-0"[fixture_random(seed) % 13];
			break;
		case 2:
			for (size_t k = at; k + n < *len; k++)
				s[k] = s[k + n];
			*len -= n;
			break;
		default:
			for (size_t k = 0; k < n && k < at; k++)
				s[at + k] = s[at - k];
			break;
		}
	}
}

#endif
