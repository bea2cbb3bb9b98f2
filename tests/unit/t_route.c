/*
 * t_route: which channels an announcement takes, and which it is kept from.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "announce/announce.h"
#include "base/mem.h"
#include "engine/route.h"
#include "unit/house.h"

/* The route of a small announcement with this list in privacy. */
static int
plan_private(struct house *h, const char *list, struct problems *p)
{
	const struct route_with with = { .channels = &h->ch, .n_channels = 1,
		.config = h->conf, .store = h->fx.store };
	char *text = xasprintf("{\"id\":\"x\",\"kind\":\"news\",\"msg_type\":"
	    "\"alert\",\"status\":\"actual\",\"severity\":\"info\",\"sent\":"
	    "\"2026-03-01T09:00:00Z\",\"expires\":\"2026-03-02T09:00:00Z\","
	    "\"content\":{\"de\":{\"headline\":\"x\"}},\"area\":{"
	    "\"display_groups\":[\"g\"]},\"link\":{\"url\":"
	    "\"https://x.example/\"},\"privacy\":{\"link_only_channels\":%s}}",
	    list);
	struct announce *a;
	struct route r;
	int rc;

	assert_int_equal(announce_parse(text, strlen(text), &a, p), 0);
	rc = route_plan(&with, a, &r, p);
	route_fini(&r);
	announce_free(&a);
	free(text);
	return rc;
}

static void
a_misspelt_channel_in_privacy_is_refused(void **state)
{
	struct problems p;
	struct house h;

	(void)state;
	house_open(&h, "", 0);
	problems_init(&p);
	assert_int_equal(plan_private(&h, "[\"File\",\"a\",\"radio\"]", &p),
	    0);
	assert_int_equal(p.n, 0);
	assert_int_equal(plan_private(&h, "[\"a\",\"fiel\"]", &p), -1);
	assert_int_equal(p.n, 1);
	assert_string_equal(p.items[0].slug, "unknown-channel");
	assert_string_equal(p.items[0].pointer,
	    "/privacy/link_only_channels/1");
	assert_non_null(strstr(p.items[0].message, "\"file\"?"));
	problems_fini(&p);
	house_close(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_misspelt_channel_in_privacy_is_refused),
	};

	return cmocka_run_group_tests_name("route", tests, NULL, NULL);
}
