/*
 * core: the role of litfassd that holds the queue. It loads no plugin and
 * opens no network connection.
 */
#ifndef CORE_CORE_H
#define CORE_CORE_H

#include <stdbool.h>

struct core_options {
	const char *config;	/* path, NULL: the built-in configuration */
	const char *program;	/* our own path, to start workers */
	bool allow_root;
};

/* Run until told to stop. An exit code. */
int
core_main(const struct core_options *o);
/* Check the configuration, plugins included, and say what is wrong with it
 * on standard error. An exit code. */
int
core_check(const struct core_options *o);
/* Print the configuration as it is understood, without secrets. */
int
core_dump(const struct core_options *o);

#endif
