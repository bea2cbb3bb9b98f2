/*
 * capmsg: CAP messages in tests, read whole; what is accepted must be a valid
 * announcement.
 */
#ifndef TESTS_CAPMSG_H
#define TESTS_CAPMSG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "announce/announce.h"
#include "announce/cap.h"
#include "base/mem.h"
#include "unit/fixture.h"

#define HEAD "<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\">"	\
	"<identifier>DE-TEST-0001</identifier><sender>a@b.example</sender>" \
	"<sent>2026-03-01T10:00:00+01:00</sent>"

/* One message, read; an announcement must be valid. */
struct message {
	int rc;
	json_t *json;		/* NULL: nothing to publish */
	struct announce *a;
	struct cap_report report;
};

static inline void
judge(struct message *m, const char *name)
{
	struct problems p;

	problems_init(&p);
	m->a = NULL;
	if (m->json != NULL && announce_from_json(m->json, &m->a, &p) < 0)
		fail_msg("%s: %s: %s", name, p.items[0].pointer,
		    p.items[0].message);
	problems_fini(&p);
	assert_int_equal(m->json == NULL, m->report.withheld[0] != '\0');
}

static inline void
read_text(struct message *m, const char *xml, size_t len, const char *name)
{
	struct cap_policy policy;

	cap_policy_init(&policy);
	policy.test = true;
	m->rc = cap_read(xml, len, &policy, &m->json, &m->report);
	assert_int_equal(m->rc == 0, m->report.result != CAP_REJECT);
	judge(m, name);
}

static inline bool
read_file(struct message *m, const char *folder, const char *name)
{
	char path[600], *xml;
	size_t len;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	xml = fixture_read(path, &len);
	if (xml == NULL)
		return false;
	read_text(m, xml, len, name);
	free(xml);
	return true;
}

static inline void
done(struct message *m)
{
	announce_free(&m->a);
	json_decref(m->json);
	cap_report_fini(&m->report);
}

static inline bool
has_rule(const struct cap_report *r, const char *rule)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->items[i].level != CAP_ACCEPT &&
		    strcmp(r->items[i].rule, rule) == 0)
			return true;
	return false;
}

static inline const char *
shared(void)
{
	static char path[400];
	const char *env = getenv("LITFASS_SHARED");

	snprintf(path, sizeof(path), "%s/data/cap",
	    env != NULL ? env : TEST_SHARED);
	return path;
}

static inline void
read_real(struct message *m, const char *name)
{
	if (!read_file(m, shared(), name)) {
		print_message("no collection of real warnings at %s\n",
		    shared());
		skip();
	}
}

static inline void
read_own(struct message *m, const char *name)
{
	assert_true(read_file(m, TEST_DATA "/cap", name));
	assert_non_null(m->a);
}

/* Read a message with these info blocks. */
static inline void
read_infos(struct message *m, const char *infos)
{
	char *xml = xasprintf(HEAD "<status>Actual</status>"
	    "<msgType>Alert</msgType><scope>Public</scope>%s</alert>", infos);

	read_text(m, xml, strlen(xml), infos);
	free(xml);
}

/* Borrowed text below a path of up to three keys. */
static inline const char *
at(const struct message *m, const char *a, const char *b, const char *c)
{
	json_t *j = json_object_get(m->json, a);

	if (b != NULL)
		j = json_object_get(j, b);
	if (c != NULL)
		j = json_object_get(j, c);
	return json_is_string(j) ? json_string_value(j) : "(none)";
}

#endif
