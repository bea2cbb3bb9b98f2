/*
 * control_stand: a control socket on an engine and a store that only remember
 * what they were asked, and a client of it. Only for tests.
 */
#ifndef TESTS_UNIT_CONTROL_STAND_H
#define TESTS_UNIT_CONTROL_STAND_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "control.h"
#include "engine/engine.h"
#include "store/store.h"

struct engine {
	engine_listener *moved;
	void *moved_arg;
	engine_cb *cb;		/* the call that waits for its answer */
	void *arg;
	char actor[32];
	bool busy;
};

struct store {
	const char *state;	/* of announcement lf-1 */
	int lists;		/* how often store_list() was called */
	size_t list_bytes;
	struct loop *interrupt;	/* a turn with a store_list() is the last */
	char audit[64];
	json_t *refused;	/* rows of an import */
};

struct control_stand {
	char dir[64];
	char path[80];
	struct loop *loop;
	struct engine engine;
	struct store store;
	struct control *control;
	enum err_code reload;
};

/* Fixture of cmocka: *state is a struct control_stand. */
int
cs_set_up(void **state);
int
cs_tear_down(void **state);
int
cs_listen(struct control_stand *st, const char *path, struct err *e);

/* Some turns of the loop; pass: the clock moves on by us. */
void
cs_turn(struct control_stand *st);
void
cs_pass(struct control_stand *st, int64_t us);
/* Let the call of the engine that waits have its answer. result is given. */
void
cs_answer(struct engine *e, enum err_code code, const char *text,
    json_t *result);

/* A client that never blocks. */
int
cs_dial(struct control_stand *st);
void
cs_say(struct control_stand *st, int fd, const char *text);
/* The next answer, given; NULL when there is none now or the end. */
json_t *
cs_hear(struct control_stand *st, int fd);
json_t *
cs_ask(struct control_stand *st, int fd, const char *line);
bool
cs_closed(struct control_stand *st, int fd);
/* The code of a refusal; borrowed from answer. */
const char *
cs_error_of(const json_t *answer);
/* Compare an answer with its bytes in canonical form; takes answer. */
void
cs_expect(json_t *answer, const char *want);

#define CONTROL_TEST(f)							\
	cmocka_unit_test_setup_teardown(f, cs_set_up, cs_tear_down)

#endif
