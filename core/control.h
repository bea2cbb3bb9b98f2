/*
 * control: the socket on which litfass(1) talks to litfassd.
 *
 * A Unix stream socket; one JSON object per line both ways, a request at most
 * CONTROL_LINE bytes. Answers come in the order of the requests.
 *
 *	{"v":1,"cmd":"status","id":"lf-2026-0001"}
 *	{"v":1,"ok":true,"result":{…}}
 *	{"v":1,"ok":false,"error":{"code":"not-found","text":"…"}}
 *
 * An error may carry a result as well: {"problems":[…]}. The answers of
 * `watch` have "more":true up to the last but one. The codes are those of
 * err_name().
 *
 * Who may talk: root, our own user, and members of the group. Everybody else
 * is told so and dropped. What a client does is audited as "uid:1000".
 */
#ifndef CONTROL_H
#define CONTROL_H

#include "base/err.h"
#include "base/loop.h"

#define CONTROL_PROTO	1
#define CONTROL_LINE	(1024 * 1024)	/* bytes of a request */
#define CONTROL_CLIENTS	64		/* at once */

struct control;
struct engine;
struct store;

/*
 * Check the configuration and swap it, or keep the old one. 0: done follows
 * once, from the loop; -1: it can't begin now.
 */
typedef void control_reloaded_fn(void *arg, const struct err *e);
typedef int control_reload_fn(void *arg, control_reloaded_fn *done,
    void *done_arg, struct err *e);

struct control_with {
	struct loop *loop;		/* kept, like all below */
	struct engine *engine;
	struct store *store;
	const char *path;		/* of the socket; copied */
	const char *group;		/* "" or NULL: nobody else; copied */
	control_reload_fn *reload;
	void *reload_arg;
};

/*
 * Listen. A socket left by a process that has gone is replaced; when somebody
 * answers there: ERR_STATE. Becomes the listener of the engine.
 */
int
control_new(const struct control_with *with, struct control **c_r,
    struct err *e);
/*
 * Drop all clients and remove the socket. Call it when the engine and the
 * store are gone, so that none of their callbacks can follow.
 */
void
control_free(struct control **c);

/* How many clients are connected now. */
unsigned
control_clients(const struct control *c);

#endif
