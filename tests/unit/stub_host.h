/*
 * stub_host: as much of a host as render needs, for tests of plugins without
 * a worker. It expands only {{name}} of a few names and does not know
 * Markdown; the real one is tested by tests/contract.
 */
#ifndef TESTS_STUB_HOST_H
#define TESTS_STUB_HOST_H

#include "litfass/plugin.h"

/* What the plugin wrote. */
struct lf_out {
	char body[65536];
	char notes[4096];	/* "warn:slug " and "refuse:slug " */
	char *strings[256];	/* lent to the plugin */
	size_t n_strings;
};

extern const struct lf_host stub_host;

/* Free what was lent and forget what was written. */
void
stub_reset(struct lf_out *out);

#endif
