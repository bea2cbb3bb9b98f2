/*
 * worker: the process that holds one plugin, between core and the plugin.
 * The packets are in litfass-worker(7).
 */
#ifndef WORKER_WORKER_H
#define WORKER_WORKER_H

/*
 * Serve core on this socket (given) until it closes it. Never returns: a
 * worker that was released exits with 0, one that met a broken rule with
 * another code.
 */
void
worker_main(int fd) __attribute__((noreturn));

#endif
