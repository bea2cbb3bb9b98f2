/*
 * wire: JSON packets between core and a worker, with descriptors.
 *
 * An AF_UNIX SOCK_SEQPACKET pair keeps packet bounds; each packet is one JSON
 * object with a string member "t", at most WIRE_BYTES, with at most WIRE_FDS
 * descriptors (core/DESIGN.md has the protocol). Neither side believes the
 * other: what is malformed closes the wire.
 */
#ifndef WORKER_WIRE_H
#define WORKER_WIRE_H

#include <stddef.h>

#include <jansson.h>

#include "base/err.h"
#include "base/loop.h"

#define WIRE_PROTO	1
#define WIRE_BYTES	(128 * 1024)
#define WIRE_FDS	16
#define WIRE_QUEUE	1024	/* packets that wait for the socket */
#define WIRE_BLOB	(16 * 1024 * 1024)	/* bytes, of any blob */

struct wire;

/* Both ends are close-on-exec and do not block. */
int
wire_pair(int fds_r[2], struct err *e);

/* fd is given. */
struct wire *
wire_new(int fd);
/* Closes the socket and drops what was not sent yet. */
void
wire_free(struct wire **wp);

/*
 * Let the loop drain the outgoing queue, and call readable(arg) when a packet
 * or the end waits. wire and arg are borrowed until wire_free().
 */
void
wire_attach(struct wire *w, struct loop *l, loop_cb *readable, void *arg);

/*
 * Queue or send. packet is borrowed; fds are given, also on failure. -1 when
 * the packet is too large, the queue is full or the peer has gone.
 */
int
wire_send(struct wire *w, const json_t *packet, const int *fds, size_t n,
    struct err *e);
/* Send what the socket takes now: 1 all sent, 0 some wait, -1 closed. */
int
wire_flush(struct wire *w, struct err *e);

/*
 * 1: a packet (given) and *n_r descriptors (given) in fds_r; 0: nothing now;
 * -1: closed by the peer (e->code ERR_UNREACHABLE) or a broken rule
 * (ERR_INVALID).
 */
int
wire_recv(struct wire *w, json_t **packet_r, int fds_r[WIRE_FDS], size_t *n_r,
    struct err *e);
/* Close those that are not -1. */
void
wire_close_fds(const int *fds, size_t n);

/* A sealed memory file with these bytes, given; -1 when there is none. */
int
wire_blob_new(const void *p, size_t len, struct err *e);
/* The same from JSON, in compact form. */
int
wire_blob_json(const json_t *json, struct err *e);
/*
 * Read a regular file of at most max bytes from its start. fd is borrowed.
 * *data_r is given and ends with a NUL that *len_r does not count.
 */
int
wire_blob_read(int fd, size_t max, char **data_r, size_t *len_r,
    struct err *e);

#endif
