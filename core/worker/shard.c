/*
 * shard: passes descriptors and timers between curl and the loop, nothing
 * else. Called by transfer.c.
 */
#include "config.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "worker/shard.h"

/* More than can be busy: curl's own limit follows the number of handles and
 * would close warm connections whenever concurrency dips. */
#define CONNECTIONS	(SHARD_BUSY + SHARD_BUSY / 10)

struct shard {
	struct shard *next;
	struct shards *all;
	CURLM *multi;
	struct loop_timer *timer;
	unsigned busy;
};

struct shards {
	struct loop *loop;
	struct shard *list;
	shard_done_cb *done;
};

/* One socket of curl's. */
struct sock {
	struct shard *shard;
	curl_socket_t fd;
	struct loop_fd *watch;
};

static void
finish(struct shard *s)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(s->multi, &left)) != NULL) {
		CURL *easy = m->easy_handle;
		CURLcode code = m->data.result;

		/* m is gone with the next call into curl. */
		shard_remove(s, easy);
		s->all->done(easy, code);
	}
}

static void
sock_ready(void *arg, unsigned events)
{
	struct sock *k = arg;
	struct shard *s = k->shard;	/* k may go away inside curl */
	int mask = ((events & LOOP_READ) != 0 ? CURL_CSELECT_IN : 0) |
	    ((events & LOOP_WRITE) != 0 ? CURL_CSELECT_OUT : 0);
	int running;

	curl_multi_socket_action(s->multi, k->fd, mask, &running);
	finish(s);
}

static void
timer_ready(void *arg)
{
	struct shard *s = arg;
	int running;

	curl_multi_socket_action(s->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	finish(s);
}

/* CURLMOPT_TIMERFUNCTION: never into curl from here, only by the loop. */
static int
on_timer(CURLM *multi, long ms, void *arg)
{
	struct shard *s = arg;

	(void)multi;
	if (ms < 0)
		loop_timer_stop(s->timer);
	else
		loop_timer_set(s->timer, (int64_t)ms * 1000);
	return 0;
}

static void
sock_free(struct shard *s, struct sock *k)
{
	curl_multi_assign(s->multi, k->fd, NULL);
	loop_fd_free(&k->watch);
	free(k);
}

/* CURLMOPT_SOCKETFUNCTION. */
static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *sock)
{
	struct shard *s = arg;
	struct sock *k = sock;
	unsigned events = ((what & CURL_POLL_IN) != 0 ? LOOP_READ : 0) |
	    ((what & CURL_POLL_OUT) != 0 ? LOOP_WRITE : 0);

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (k != NULL)
			sock_free(s, k);
		return 0;
	}
	if (k != NULL) {
		loop_fd_set(k->watch, events);
		return 0;
	}
	k = xcalloc(1, sizeof(*k));
	k->shard = s;
	k->fd = fd;
	k->watch = loop_fd_new(s->all->loop, fd, events, sock_ready, k);
	curl_multi_assign(s->multi, fd, k);
	return 0;
}

static struct shard *
shard_new(struct shards *all)
{
	struct shard *s = xcalloc(1, sizeof(*s));

	s->all = all;
	s->multi = curl_multi_init();
	if (s->multi == NULL)
		log_fatal(EXIT_TEMPFAIL, "start curl: out of memory");
	s->timer = loop_timer_new(all->loop, timer_ready, s);
	curl_multi_setopt(s->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(s->multi, CURLMOPT_SOCKETDATA, s);
	curl_multi_setopt(s->multi, CURLMOPT_TIMERFUNCTION, on_timer);
	curl_multi_setopt(s->multi, CURLMOPT_TIMERDATA, s);
	curl_multi_setopt(s->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS);
	curl_multi_setopt(s->multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
	return s;
}

struct shards *
shards_new(struct loop *loop, shard_done_cb *done)
{
	struct shards *all = xcalloc(1, sizeof(*all));

	all->loop = loop;
	all->done = done;
	return all;
}

void
shards_free(struct shards **sp)
{
	struct shards *all = *sp;
	struct shard *s;

	if (all == NULL)
		return;
	*sp = NULL;
	while ((s = all->list) != NULL) {
		all->list = s->next;
		curl_multi_cleanup(s->multi);
		loop_timer_free(&s->timer);
		free(s);
	}
	free(all);
}

struct shard *
shards_add(struct shards *all, CURL *easy)
{
	struct shard **sp = &all->list, *s;

	while (*sp != NULL && (*sp)->busy >= SHARD_BUSY)
		sp = &(*sp)->next;
	if (*sp == NULL)
		*sp = shard_new(all);
	s = *sp;
	if (curl_multi_add_handle(s->multi, easy) != CURLM_OK)
		return NULL;
	s->busy++;
	return s;
}

void
shard_remove(struct shard *s, CURL *easy)
{
	curl_multi_remove_handle(s->multi, easy);
	s->busy--;
}
