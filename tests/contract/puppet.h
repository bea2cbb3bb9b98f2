/*
 * puppet: core's end of one worker, for tests and for plugin authors.
 *
 * The worker is real: a fork that runs worker_main() behind a socket pair.
 * Everything here waits; a worker that says nothing for a minute is taken
 * for dead.
 */
#ifndef CONTRACT_PUPPET_H
#define CONTRACT_PUPPET_H

#include <stdbool.h>
#include <stdint.h>

#include <sys/types.h>

#include <jansson.h>

struct puppet;

struct puppet_setup {
	const char *path;		/* of the plugin, absolute */
	const char *plugin;		/* its name, NULL: that of the file */
	const json_t *params;		/* typed values, may be NULL */
	const json_t *secrets;		/* key: file name, may be NULL */
	const json_t *issuer;		/* NULL: a city of our own */
	const json_t *state;		/* may be NULL */
	const char *sandbox;		/* NULL: "off" */
	bool preview;
};

/* Start a worker and say hello. */
struct puppet *
puppet_new(const struct puppet_setup *setup);
/* Close the wire and wait for the end; returns the status of wait(2). */
int
puppet_end(struct puppet **pp);

pid_t
puppet_pid(const struct puppet *p);

/* A packet to the worker, given; fd is given, -1: none. */
void
puppet_send(struct puppet *p, json_t *packet, int fd);
/*
 * The next packet of this type, given; others before it are dropped. NULL
 * when the worker has ended. fd_r may be NULL.
 */
json_t *
puppet_wait(struct puppet *p, const char *type, int *fd_r);

/* Ask for a rendition. The packet "rendered" with the member "rendition"
 * when it went well, given; NULL when the worker has ended. */
json_t *
puppet_render(struct puppet *p, const json_t *announcement,
    const char *lang);
/* Hand over a rendition (NULL: an empty one) under the number 1, 2 ... */
int
puppet_rendition(struct puppet *p, const json_t *announcement,
    const json_t *rendition, const char *lang);
void
puppet_submit(struct puppet *p, int64_t id, int rendition, uint32_t action,
    const char *key, const char *address);
/* The next result as {id, outcome, code, retry_after, peer_id, text},
 * given; NULL when the worker has ended. */
json_t *
puppet_result(struct puppet *p);

/* "accepted"; "unknown value" for a number that is none. */
const char *
puppet_outcome(int64_t outcome);

/*
 * The announcements of a file like tests/data/announcements.json, given;
 * NULL when it can't be read. *issuer_r is given too, NULL when the file has
 * none.
 */
json_t *
puppet_load_all(const char *file, const json_t **issuer_r);
/* The one with this id, NULL: the first. */
json_t *
puppet_load(const char *file, const char *id, json_t **issuer_r);

#endif
