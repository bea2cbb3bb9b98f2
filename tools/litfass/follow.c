/*
 * follow: read one status after another from litfassd. Called by publish
 * --wait and status --watch.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "client.h"
#include "follow.h"
#include "out.h"
#include "progress.h"

int
follow(const struct cli *c, const char *id, bool until_live,
    json_t **status_r, struct err *e)
{
	bool print = c->format == OUT_JSONL && !until_live, more = true;
	struct progress p;
	struct client *cl;
	int rc;

	*status_r = NULL;
	if (client_open(c, &cl, e) == -1)
		return -1;
	progress_init(&p, c);
	rc = client_ask(cl, "watch", json_pack("{s:s,s:s*}", "id", id,
	    "until", until_live ? "live" : NULL), status_r, &more, e);
	while (rc == 0) {
		progress_show(&p, *status_r, clock_mono().us);
		if (print)
			out_json(c, *status_r);
		if (print)
			fflush(stdout);
		if (!more)
			break;
		json_decref(*status_r);
		rc = client_next(cl, status_r, &more, e);
	}
	progress_end(&p);
	client_close(&cl);
	return rc;
}

int
follow_verdict(const json_t *status, struct err *e)
{
	const char *id = json_string_value(json_object_get(status, "id"));
	const char *state = json_string_value(json_object_get(status,
	    "state"));
	struct progress_sum sum;

	progress_sum(status, &sum);
	if (state != NULL && strcmp(state, "cancelled") == 0)
		return err_set(e, ERR_STATE, "%s: it was cancelled while "
		    "being sent: litfass status %s", id, id);
	if (state != NULL && strcmp(state, "expired") == 0)
		return err_set(e, ERR_DEADLINE, "%s: it expired before it "
		    "was sent: litfass deliveries %s tells why", id, id);
	if (sum.failed > 0 && sum.arrived > 0)
		return err_set(e, ERR_PARTIAL, "%s: %lld deliveries failed, "
		    "%lld succeeded: litfass deliveries %s --state failed "
		    "tells why", id, (long long)sum.failed,
		    (long long)sum.arrived, id);
	if (sum.failed > 0)
		return err_set(e, ERR_PARTIAL, "%s: no delivery succeeded: "
		    "litfass deliveries %s tells why", id, id);
	if (sum.done > 0 && sum.arrived == 0)
		return err_set(e, ERR_PARTIAL, "%s: nobody got it: litfass "
		    "deliveries %s tells why", id, id);
	return 0;
}
