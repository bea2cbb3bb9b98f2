/*
 * conf_text: configurations as text, for tests.
 */
#ifndef TESTS_UNIT_CONF_TEXT_H
#define TESTS_UNIT_CONF_TEXT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "config/conf.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/* Valid on one line, so that what follows begins in line 2. */
#define HEAD	"config_version = 1; issuer: { id = \"lindenfurt\"; " \
		"name: { de = \"Stadt Lindenfurt\"; }; " \
		"domain = \"lindenfurt.example\"; };\n"
#define TAIL	"channels: { demo: { plugin = \"file\"; }; };\n"

struct bad {
	const char *text;
	const char *message;	/* all of them, a line each */
};

/* All texts, a line each. Given. */
static inline char *
told(const struct faults *p)
{
	struct buf b;

	buf_init(&b, 100000);
	for (size_t i = 0; i < p->n; i++)
		buf_fmt(&b, "%s\n", p->list[i].text);
	return buf_steal(&b);
}

/* A configuration that must be good. Given. */
static inline struct conf *
good(const char *text)
{
	struct faults p;
	struct conf *c;
	char *said;

	faults_init(&p);
	conf_load_text("x.conf", text, &c, &p);
	said = told(&p);
	assert_string_equal(said, "");
	free(said);
	faults_fini(&p);
	return c;
}

#endif
