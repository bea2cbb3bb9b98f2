/*
 * eighteen: the announcements of tests/data, parsed, for tests that need
 * them. setup and teardown are for cmocka.
 */
#ifndef TESTS_EIGHTEEN_H
#define TESTS_EIGHTEEN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "announce/announce.h"
#include "announce/guard.h"
#include "announce/issuer.h"
#include "unit/fixture.h"

static json_t *file, *list;
static struct issuer *issuer;

static inline int
setup(void **state)
{
	struct problems p;
	json_t *who;
	size_t len;
	char *text = fixture_read(TEST_DATA "/announcements.json", &len);

	(void)state;
	if (text == NULL)
		return -1;
	problems_init(&p);
	file = guard_load(text, len, GUARD_FILE, &p);
	free(text);
	problems_fini(&p);
	list = announce_split(file, &who);
	issuer = issuer_new(who, NULL);
	return issuer == NULL ? -1 : 0;
}

static inline int
teardown(void **state)
{
	(void)state;
	issuer_free(&issuer);
	json_decref(list);
	json_decref(file);
	return 0;
}

/* Number n of the fixture (from 1), which must be without an error. */
static inline struct announce *
fixture(size_t n)
{
	struct announce *a;
	struct problems p;

	problems_init(&p);
	if (announce_from_json(json_array_get(list, n - 1), &a, &p) < 0)
		fail_msg("%zu: %s %s", n, p.items[0].pointer,
		    p.items[0].message);
	problems_fini(&p);
	return a;
}

/* The evacuation, changed at one place. */
static inline json_t *
changed(const char *change)
{
	json_t *base = json_deep_copy(json_array_get(list, 9));
	json_t *patch = json_loads(change, 0, NULL);

	if (patch == NULL)
		fail_msg("not JSON: %s", change);
	json_object_update_recursive(base, patch);
	json_decref(patch);
	return base;
}

#endif
