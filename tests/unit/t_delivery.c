/*
 * t_delivery: every state with every event, against a table written down a
 * second time as letters.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/delivery.h"
#include "litfass/plugin.h"

/*
 * Rows are states, columns events, in the order of the header. A letter names
 * the next state: q s c R a d F X U N P Z for queued, sending, cancelling,
 * retry, accepted, delivered, failed, expired, unknown, cancelled,
 * superseded, suppressed; a dot is impossible.
 */
static const char letters[] = "qscRadFXUNPZ";
static const char *const expected[DELIVERY_STATES] = {
	/* submit overdue delivered accepted temp perm down resend hold
	 * refused claim giveup expire cancel supersede suppress again */
	"s.....R..F.FXNPZ.",	/* queued */
	".cdaRFRRU........",	/* sending */
	"..daRFRRU........",	/* cancelling */
	"..........qFXNPZ.",	/* retry */
	"..d..F...........",	/* accepted */
	".................",	/* delivered */
	"................R",	/* failed */
	".................",	/* expired */
	"..da............R",	/* unknown */
	".................",	/* cancelled */
	".................",	/* superseded */
	".................",	/* suppressed */
};

static void
every_state_with_every_event(void **state)
{
	(void)state;
	for (int st = 0; st < DELIVERY_STATES; st++)
		for (int ev = 0; ev < DELIVERY_EVENTS; ev++) {
			enum delivery_state next;
			bool may = delivery_may((enum delivery_state)st,
			    (enum delivery_event)ev, &next);
			char want = expected[st][ev];

			assert_int_equal(may, want != '.');
			if (may)
				assert_int_equal(letters[next], want);
		}
}

static void
only_a_person_or_a_receipt_moves_a_final_state(void **state)
{
	(void)state;
	for (int st = 0; st < DELIVERY_STATES; st++) {
		enum delivery_state next;

		if (!delivery_final((enum delivery_state)st))
			continue;
		for (int ev = 0; ev < DELIVERY_EVENTS; ev++)
			if (delivery_may((enum delivery_state)st,
			    (enum delivery_event)ev, &next))
				assert_true(ev == DELIVERY_E_AGAIN ||
				    ev == DELIVERY_E_DELIVERED ||
				    ev == DELIVERY_E_ACCEPTED ||
				    ev == DELIVERY_E_PERMFAIL);
	}
}

static void
an_unknown_outcome_holds_and_never_drops(void **state)
{
	static const int32_t odd[] = { 0, -1, 7, 99, INT32_MAX, INT32_MIN };

	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		enum delivery_event ev = delivery_event_of(odd[i],
		    STORE_DOUBT_HOLD);

		assert_int_equal(ev, DELIVERY_E_DOWN);
		assert_int_equal(delivery_next(DELIVERY_SENDING, ev),
		    DELIVERY_RETRY);
	}
}

static void
doubt_follows_the_policy_of_the_job(void **state)
{
	(void)state;
	assert_int_equal(delivery_event_of(LF_UNKNOWN, STORE_DOUBT_RESEND),
	    DELIVERY_E_DOUBT_RESEND);
	assert_int_equal(delivery_event_of(LF_UNKNOWN, STORE_DOUBT_HOLD),
	    DELIVERY_E_DOUBT_HOLD);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_state_with_every_event),
		cmocka_unit_test(
		    only_a_person_or_a_receipt_moves_a_final_state),
		cmocka_unit_test(an_unknown_outcome_holds_and_never_drops),
		cmocka_unit_test(doubt_follows_the_policy_of_the_job),
	};

	return cmocka_run_group_tests_name("delivery", tests, NULL, NULL);
}
