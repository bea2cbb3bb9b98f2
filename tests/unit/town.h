/*
 * town: an engine over a real store with one channel, a, whose worker does as
 * it is told, on virtual time. Stands in for engine/hello.c. Only for tests.
 */
#ifndef TESTS_UNIT_TOWN_H
#define TESTS_UNIT_TOWN_H

#include <jansson.h>
#include <stdbool.h>

#include "engine/engine.h"
#include "unit/store_fixture.h"

#define CONF(more)							\
	HEAD "channels: { a: { plugin = \"file\"; " more " }; };\n"

struct town {
	struct fx fx;
	struct conf *conf, *next;
	struct engine *engine;
	/* The last answer. */
	int answers;
	enum err_code code;
	char text[512];
	json_t *result;
	bool drained;
};

/* kind: of address that the plugin has. No engine yet. */
void
town_open(struct town *t, const char *kind);
void
town_start(struct town *t);
void
town_close(struct town *t);
/* For requests; one answer. */
void
town_answered(void *arg, const struct err *e, json_t *result);
/* Turn the loop until there is one more answer than before, and once more. */
void
town_wait(struct town *t, int before);
/* A request, given, with an announcement of ours under an id of the test and
 * what else the test puts in. */
void
town_ask(struct town *t, const char *id, json_t *members, json_t *request);
void
town_publish(struct town *t, const char *id);

#endif
