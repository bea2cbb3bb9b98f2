/*
 * control_private: what the files of the control socket share. Only for
 * control*.c.
 */
#ifndef CONTROL_PRIVATE_H
#define CONTROL_PRIVATE_H

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"
#include "control.h"

struct control_peer;
struct control_watch;

struct control {
	struct control_with with;
	char *path;
	char *group;
	gid_t gid;			/* of the group; -1: none */
	int fd;
	bool bound;			/* the socket at path is ours */
	struct loop_fd *watch_fd;
	struct loop_timer *pause;	/* accept again after EMFILE */
	struct control_peer *peers;
	struct control_request *requests; /* asked, not answered yet */
	unsigned n_peers;
};

/* A request that waits for its answer. Outlives its peer. */
struct control_request {
	struct control_request *next, **self;
	struct control *control;
	struct control_peer *peer;	/* NULL: it has gone */
	struct control_watch *watch;	/* of a watch or idle, else NULL */
	const char *actor;		/* borrowed from the peer; only valid
					 * while the request is being asked */
};

/* ------------------------------------------------------------- peers -- */

/* Serve a connection; fd is given. */
void
control_peer_new(struct control *c, int fd, uid_t uid);
/* Also forgets its request. */
void
control_peer_free(struct control_peer **p);
struct control_peer *
control_peer_next(struct control_peer *p);
/* Has it taken everything we wrote? */
bool
control_peer_drained(const struct control_peer *p);

/* ----------------------------------------------------------- answers -- */

/* The last answer; ends the request. result may be NULL; given. */
void
control_answer(struct control_request *r, const struct err *e,
    json_t *result);
/* One of several answers. result is given. */
void
control_answer_more(struct control_request *r, json_t *result);

/* ---------------------------------------------------------- commands -- */

/* Do what the line asks for; r is answered now or later. */
void
control_command(struct control_request *r, const char *line, size_t len);

/* Follow an announcement until it is settled; {"id","until":"live"}. */
void
control_watch_new(struct control_request *r, const json_t *args);
/* Answer when the engine has nothing to do. */
void
control_idle_new(struct control_request *r);
void
control_watch_free(struct control_watch **w);
/* Deliveries of uid moved. */
void
control_watch_moved(struct control_request *r, const char *uid);

#endif
