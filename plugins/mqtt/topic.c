/*
 * topic: builds topic names and refuses what would change their meaning: a
 * group called "#" must not reach every display. Called at open and submit.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "topic.h"

/* Bytes that are safe in one level, also for the ACL files of brokers. */
#define LEVEL	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" \
	"0123456789-_."
#define LEVEL_MAX	64

static bool
level_ok(const char *s)
{
	size_t len = strlen(s);

	return len > 0 && len <= LEVEL_MAX && strspn(s, LEVEL) == len;
}

bool
topic_prefix_ok(const char *prefix)
{
	size_t len = strlen(prefix);

	return len > 0 && len <= LEVEL_MAX && *prefix != '/' &&
	    prefix[len - 1] != '/' && strstr(prefix, "//") == NULL &&
	    strspn(prefix, LEVEL "/") == len;
}

bool
topic_make(const char *prefix, const char *group, const char *chain,
    char topic[TOPIC_MAX])
{
	int len;

	if (!level_ok(group) || !level_ok(chain))
		return false;
	len = snprintf(topic, TOPIC_MAX, "%s/g/%s/a/%s", prefix, group,
	    chain);
	return len > 0 && len < TOPIC_MAX;
}
