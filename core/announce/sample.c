/*
 * sample: words for a test of a channel. Names nobody and nothing real.
 * Called by the engine and by litfass channel test.
 */
#include "config.h"

#include "announce/sample.h"
#include "base/when.h"

json_t *
sample_announcement(const char *id, const char *group, struct wall now,
    int seconds)
{
	struct wall end = { now.us + seconds * CLOCK_SECOND };
	char sent[WHEN_MAX], expires[WHEN_MAX];
	json_t *a;

	a = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,"
	    "s:{s:{s:s,s:s},s:{s:s,s:s}}}",
	    "id", id, "kind", "service", "msg_type", "alert",
	    "status", "test", "category", "Other", "severity", "minor",
	    "urgency", "future", "certainty", "observed", "priority",
	    "normal", "sent", when_format(now, sent, sizeof(sent)),
	    "expires", when_format(end, expires, sizeof(expires)), "content",
	    "de", "headline", "Test des Kanals", "body",
	    "Dies ist eine Probe mit Umlauten: äöüÄÖÜß. Es ist nichts zu "
	    "tun.",
	    "en", "headline", "Test of the channel", "body",
	    "This is only a test. There is nothing to do.");
	if (group != NULL)
		json_object_set_new(a, "area", json_pack("{s:[s]}",
		    "display_groups", group));
	return a;
}
