/*
 * t_transfer: what was sent is told from what was not, on a server that
 * misbehaves as its path says.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "worker/transfer.h"

/* ------------------------------------------------------------ the server -- */

static int listener;
static int port;
static atomic_int dropped;	/* requests for /drop */
static atomic_int connections;

static int
listen_here(int *port_r)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	*port_r = ntohs(a.sin_port);
	return fd;
}

static void
say(int fd, const char *s)
{
	(void)send(fd, s, strlen(s), MSG_NOSIGNAL);
}

/* Read one request; false at the end. Only its path counts. */
static bool
read_request(int fd, char *path, size_t room)
{
	char text[65536], *end, *length;
	size_t n = 0, whole = 0;
	ssize_t got;

	do {
		got = recv(fd, text + n, sizeof(text) - 1 - n, 0);
		if (got <= 0)
			return false;
		n += (size_t)got;
		text[n] = '\0';
		end = strstr(text, "\r\n\r\n");
		length = strstr(text, "Content-Length: ");
		if (end != NULL)
			whole = (size_t)(end + 4 - text) + (length != NULL ?
			    strtoul(length + 16, NULL, 10) : 0);
	} while (end == NULL || n < whole);
	*strchr(strchr(text, ' ') + 1, ' ') = '\0';
	snprintf(path, room, "%s", strchr(text, ' ') + 1);
	return true;
}

static void
say_date(int fd)
{
	time_t t = time(NULL) + 1000;
	char head[128];
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(head, sizeof(head), "HTTP/1.1 503 Busy\r\nRetry-After: "
	    "%a, %d %b %Y %H:%M:%S GMT\r\nContent-Length: 0\r\n\r\n", &tm);
	say(fd, head);
}

static void
say_big(int fd)
{
	char block[10001] = "";	/* of this thread */

	memset(block, 'x', 10000);
	say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n");
	say(fd, block);
}

/* A head without end. */
static void
say_head(int fd)
{
	static const char line[] = "X-Line: abcdefghijklmnopqrstuvwxyz\r\n";

	say(fd, "HTTP/1.1 200 OK\r\n");
	while (send(fd, line, sizeof(line) - 1, MSG_NOSIGNAL) > 0)
		continue;
}

/* False: the connection ends. */
static bool
answer(int fd, const char *path)
{
	char byte;

	if (strcmp(path, "/ok") == 0)
		say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
	else if (strcmp(path, "/busy") == 0)
		say(fd, "HTTP/1.1 429 Slow\r\nRetry-After: 17\r\n"
		    "Content-Length: 0\r\n\r\n");
	else if (strcmp(path, "/date") == 0)
		say_date(fd);
	else if (strcmp(path, "/big") == 0)
		say_big(fd);
	else if (strcmp(path, "/head") == 0)
		say_head(fd);
	else if (strcmp(path, "/away") == 0)
		say(fd, "HTTP/1.1 302 Away\r\nLocation: http://example.net/"
		    "\r\nContent-Length: 0\r\n\r\n");
	else if (strcmp(path, "/half") == 0)
		say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhel");
	else if (strcmp(path, "/strange") == 0)
		say(fd, "hello\n");	/* no HTTP */
	else if (strcmp(path, "/drop") == 0)
		dropped++;
	else if (strcmp(path, "/stall") == 0)
		(void)recv(fd, &byte, 1, 0);
	return strcmp(path, "/half") != 0 && strcmp(path, "/drop") != 0 &&
	    strcmp(path, "/stall") != 0 && strcmp(path, "/strange") != 0;
}

static void *
serve(void *arg)
{
	int fd = (int)(intptr_t)arg;
	char path[256];

	while (read_request(fd, path, sizeof(path)) && answer(fd, path))
		;
	close(fd);
	return NULL;
}

static void *
accept_all(void *arg)
{
	pthread_t thread;
	int fd;

	(void)arg;
	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		connections++;
		if (pthread_create(&thread, NULL, serve,
		    (void *)(intptr_t)fd) == 0)
			pthread_detach(thread);
	}
	return NULL;
}

static pthread_t server;

static int
start_server(void **state)
{
	(void)state;
	listener = listen_here(&port);
	return listen(listener, 100) == 0 &&
	    pthread_create(&server, NULL, accept_all, NULL) == 0 ? 0 : -1;
}

static int
stop_server(void **state)
{
	(void)state;
	shutdown(listener, SHUT_RDWR);
	pthread_join(server, NULL);
	close(listener);
	return 0;
}

/* ------------------------------------------------------------ the client -- */

struct client {
	struct loop *loop;
	struct transfers *transfers;
	int left;
	bool inside;	/* transfer_start() */
	struct lf_reply reply;
	char body[64], text[256];
};

static int
set_up(void **state)
{
	struct client *c = xcalloc(1, sizeof(*c));

	c->loop = loop_new();
	c->transfers = transfers_new(c->loop, NULL, NULL);
	assert_int_equal(transfers_allow(c->transfers, "http://127.0.0.1/",
	    NULL), 0);
	*state = c;
	return 0;
}

static int
tear_down(void **state)
{
	struct client *c = *state;

	transfers_free(&c->transfers);
	loop_free(&c->loop);
	free(c);
	return 0;
}

static void
on_reply(void *arg, const struct lf_reply *reply)
{
	struct client *c = arg;

	assert_false(c->inside);
	c->reply = *reply;
	snprintf(c->body, sizeof(c->body), "%s", reply->body);
	snprintf(c->text, sizeof(c->text), "%s", reply->text);
	if (--c->left == 0)
		loop_stop(c->loop);
}

static struct lf_transfer *
start(struct client *c, const char *url, uint32_t timeout_ms, uint32_t max)
{
	static const char *const headers[] = { "Content-Type: text/plain" };
	struct lf_request q = { .size = sizeof(q), .method = "POST",
		.url = url, .headers = headers, .n_headers = 1,
		.body = "body", .body_len = 4, .timeout_ms = timeout_ms,
		.max_reply = max };
	struct lf_transfer *x;

	c->inside = true;
	x = transfer_start(c->transfers, &q, on_reply, c);
	c->inside = false;
	return x;
}

static void
get(struct client *c, const char *path, uint32_t timeout_ms, uint32_t max)
{
	char url[128];

	snprintf(url, sizeof(url), "http://127.0.0.1:%d%s", port, path);
	c->left = 1;
	assert_non_null(start(c, url, timeout_ms, max));
	loop_run(c->loop);
}

static void
an_answer_comes_back_whole(void **state)
{
	struct client *c = *state;

	get(c, "/ok", 0, 0);
	assert_int_equal(c->reply.error, LF_TRANSFER_OK);
	assert_int_equal(c->reply.status, 200);
	assert_int_equal(c->reply.body_len, 5);
	assert_string_equal(c->body, "hello");
}

static void
connections_are_used_again(void **state)
{
	struct client *c = *state;
	int before = connections;

	for (int i = 0; i < 5; i++)
		get(c, "/ok", 0, 0);
	assert_int_equal(connections - before, 1);
}

static void
retry_after_is_read_in_both_forms(void **state)
{
	struct client *c = *state;

	get(c, "/busy", 0, 0);
	assert_int_equal(c->reply.status, 429);
	assert_int_equal(c->reply.retry_after, 17);
	get(c, "/date", 0, 0);
	assert_int_equal(c->reply.status, 503);
	assert_in_range(c->reply.retry_after, 900, 1000);
}

static void
redirects_are_not_followed(void **state)
{
	struct client *c = *state;

	get(c, "/away", 0, 0);
	assert_int_equal(c->reply.error, LF_TRANSFER_OK);
	assert_int_equal(c->reply.status, 302);
}

static void
a_long_answer_is_lost(void **state)
{
	struct client *c = *state;

	get(c, "/big", 0, 100);
	assert_int_equal(c->reply.error, LF_TRANSFER_LOST);
	assert_int_equal(c->reply.status, 200);
	assert_string_equal(c->text, "the answer is longer than 100 bytes");
	get(c, "/head", 0, 0);
	assert_int_equal(c->reply.error, LF_TRANSFER_LOST);
	assert_string_equal(c->text, "the answer is longer than 65536 bytes");
	get(c, "/big", 0, 0);
	assert_int_equal(c->reply.body_len, 10000);
}

static void
sent_without_an_answer_is_lost(void **state)
{
	struct client *c = *state;

	get(c, "/stall", 200, 0);
	assert_int_equal(c->reply.error, LF_TRANSFER_LOST);
	get(c, "/half", 0, 0);
	assert_int_equal(c->reply.error, LF_TRANSFER_LOST);
	get(c, "/drop", 0, 0);
	assert_int_equal(c->reply.error, LF_TRANSFER_LOST);
	get(c, "/strange", 0, 0);
	assert_int_equal(c->reply.error, LF_TRANSFER_LOST);
}

/* curl would send it a second time by itself. */
static void
a_kept_connection_that_ends_sends_nothing_twice(void **state)
{
	struct client *c = *state;
	int before;

	get(c, "/ok", 0, 0);
	before = dropped;
	get(c, "/drop", 0, 0);
	assert_int_equal(c->reply.error, LF_TRANSFER_LOST);
	assert_int_equal(dropped - before, 1);
	get(c, "/ok", 0, 0);
	assert_int_equal(c->reply.status, 200);
}

/* Answers once; with the second request it takes its leave altogether. */
static void *
serve_once(void *arg)
{
	int *leaving = arg, fd = accept(*leaving, NULL, NULL);
	char path[256];

	if (read_request(fd, path, sizeof(path)) && answer(fd, path))
		(void)read_request(fd, path, sizeof(path));
	close(*leaving);
	close(fd);
	return NULL;
}

/* curl connects again by itself; that nobody is there any more does not undo
 * what was sent before. */
static void
sent_before_the_server_went_is_lost(void **state)
{
	struct client *c = *state;
	int here, fd = listen_here(&here);
	pthread_t thread;
	char url[64];

	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(pthread_create(&thread, NULL, serve_once, &fd), 0);
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/ok", here);
	for (int i = 0; i < 2; i++) {
		c->left = 1;
		assert_non_null(start(c, url, 0, 0));
		loop_run(c->loop);
	}
	pthread_join(thread, NULL);
	assert_int_equal(c->reply.error, LF_TRANSFER_LOST);
	assert_string_equal(c->text,
	    "the connection ended before the answer");
}

static void
nobody_there_is_not_sent(void **state)
{
	struct client *c = *state;
	char url[64];
	int unused, fd = listen_here(&unused);	/* bound, not listening */

	snprintf(url, sizeof(url), "http://127.0.0.1:%d/", unused);
	c->left = 1;
	assert_non_null(start(c, url, 0, 0));
	loop_run(c->loop);
	assert_int_equal(c->reply.error, LF_TRANSFER_NOT_SENT);
	assert_int_equal(c->reply.status, 0);
	close(fd);
}

static void
other_hosts_are_refused(void **state)
{
	static const char *const urls[] = { "http://localhost/",
		"http://127.0.0.1.example.net/", "http://127.0.0.2/",
		"http://127.0.0.1@example.net/" };
	struct client *c = *state;

	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		c->left = 1;
		assert_non_null(start(c, urls[i], 0, 0));
		loop_run(c->loop);
		assert_int_equal(c->reply.error, LF_TRANSFER_REFUSED);
	}
}

static void
https_is_never_lowered_to_http(void **state)
{
	struct client *c = *state;

	assert_int_equal(transfers_allow(c->transfers,
	    "https://localhost/api", NULL), 0);
	c->left = 1;
	assert_non_null(start(c, "http://localhost/", 0, 0));
	loop_run(c->loop);
	assert_int_equal(c->reply.error, LF_TRANSFER_REFUSED);
}

static void
malformed_requests_are_not_started(void **state)
{
	static const char *const smuggled[] = { "A: b\r\nC: d" };
	struct client *c = *state;
	struct lf_request q = { .size = sizeof(q), .method = "POST",
		.url = "http://127.0.0.1/" };

	q.method = "GET / HTTP";
	assert_null(transfer_start(c->transfers, &q, on_reply, c));
	q.method = "POST";
	q.url = "::";
	assert_null(transfer_start(c->transfers, &q, on_reply, c));
	q.url = "http://127.0.0.1/";
	q.headers = smuggled;
	q.n_headers = 1;
	assert_null(transfer_start(c->transfers, &q, on_reply, c));
	assert_int_equal(transfers_allow(c->transfers, "nonsense", NULL), -1);
}

static void
a_cancelled_transfer_says_nothing(void **state)
{
	struct client *c = *state;
	char url[64];

	snprintf(url, sizeof(url), "http://127.0.0.1:%d/stall", port);
	transfer_cancel(start(c, url, 0, 0));
	transfer_cancel(start(c, "http://example.net/", 0, 0));
	get(c, "/ok", 0, 0);
	assert_int_equal(c->left, 0);
	/* And one that is simply left behind. */
	assert_non_null(start(c, url, 0, 0));
}

static atomic_bool looking, found;

/* In place of the C library's: one name is not found before we say so. */
__attribute__((visibility("default"))) int
getaddrinfo(const char *node, const char *service,
    const struct addrinfo *hints, struct addrinfo **res)
{
	int (*real)(const char *, const char *, const struct addrinfo *,
	    struct addrinfo **);

	if (node != NULL && strcmp(node, "slow.example") == 0) {
		looking = true;
		while (!found)
			sched_yield();
		looking = false;
		return EAI_FAIL;
	}
	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	return real(node, service, hints, res);
}

/* Deliveries of the whole channel would stand still. */
static void
a_cancel_does_not_wait_for_a_name(void **state)
{
	struct client *c = *state;
	struct lf_transfer *x;

	assert_int_equal(transfers_allow(c->transfers,
	    "http://slow.example/", NULL), 0);
	alarm(60);	/* it would wait for ever */
	x = start(c, "http://slow.example/", 0, 0);
	while (!looking)
		loop_once(c->loop, 1000);
	transfer_cancel(x);
	assert_true(looking);
	alarm(0);
	found = true;
	while (looking)
		sched_yield();
}

/* More than one shard takes. */
static void
many_at_once_all_come_back(void **state)
{
	struct client *c = *state;
	char url[64];

	snprintf(url, sizeof(url), "http://127.0.0.1:%d/ok", port);
	c->left = 300;
	for (int i = 0; i < 300; i++)
		assert_non_null(start(c, url, 0, 0));
	loop_run(c->loop);
	assert_int_equal(c->reply.status, 200);
}

/* ------------------------------------------------------------------ TLS -- */

/* "openssl s_server" with a fresh certificate; prints where it listens. */
#define TLS_SERVER "cd %s && openssl req -x509 -newkey rsa:2048 -nodes " \
	"-keyout k.pem -out c.pem -days 1 -subj /CN=localhost -addext " \
	"subjectAltName=DNS:localhost 2>/dev/null && exec openssl s_server " \
	"-accept 127.0.0.1:0 -key k.pem -cert c.pem -www 2>/dev/null"

static pid_t
start_tls(const char *folder, int *port_r)
{
	char command[512], line[256];
	int fds[2];
	pid_t pid;
	FILE *f;

	*port_r = 0;
	snprintf(command, sizeof(command), TLS_SERVER, folder);
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (pid == 0) {
		dup2(fds[1], STDOUT_FILENO);
		close(fds[0]);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	close(fds[1]);
	f = fdopen(fds[0], "r");
	while (*port_r == 0 && fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, "ACCEPT ", 7) == 0)
			*port_r = (int)strtol(strrchr(line, ':') + 1, NULL, 10);
	fclose(f);
	return pid;
}

/* s_server answers nothing but GET. */
static void
try_tls(struct client *c, int tls_port)
{
	char url[64];
	struct lf_request q = { .size = sizeof(q), .method = "GET",
		.url = url };

	snprintf(url, sizeof(url), "https://localhost:%d/", tls_port);
	c->left = 1;
	assert_non_null(transfer_start(c->transfers, &q, on_reply, c));
	loop_run(c->loop);
}

static void
a_certificate_nobody_vouches_for_is_refused(void **state)
{
	struct client *c = *state;
	char folder[] = "/tmp/litfass-tls-XXXXXX", ca[64], key[64];
	int tls_port;
	pid_t pid;

	assert_non_null(mkdtemp(folder));
	pid = start_tls(folder, &tls_port);
	snprintf(ca, sizeof(ca), "%s/c.pem", folder);
	snprintf(key, sizeof(key), "%s/k.pem", folder);
	assert_int_equal(transfers_allow(c->transfers, "https://localhost/",
	    NULL), 0);
	if (tls_port != 0) {
		try_tls(c, tls_port);
		assert_int_equal(c->reply.error, LF_TRANSFER_REFUSED);
		transfers_ca_file(c->transfers, ca);
		try_tls(c, tls_port);
		assert_int_equal(c->reply.error, LF_TRANSFER_OK);
		kill(pid, SIGTERM);
	}
	waitpid(pid, NULL, 0);
	(void)unlink(ca);
	(void)unlink(key);
	assert_int_equal(rmdir(folder), 0);
	if (tls_port == 0) {
		print_message("openssl s_server is missing\n");
		skip();
	}
}

int
main(void)
{
#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(an_answer_comes_back_whole),
		TEST(connections_are_used_again),
		TEST(retry_after_is_read_in_both_forms),
		TEST(redirects_are_not_followed),
		TEST(a_long_answer_is_lost),
		TEST(sent_without_an_answer_is_lost),
		TEST(a_kept_connection_that_ends_sends_nothing_twice),
		TEST(sent_before_the_server_went_is_lost),
		TEST(nobody_there_is_not_sent),
		TEST(other_hosts_are_refused),
		TEST(https_is_never_lowered_to_http),
		TEST(malformed_requests_are_not_started),
		TEST(a_cancelled_transfer_says_nothing),
		TEST(a_cancel_does_not_wait_for_a_name),
		TEST(many_at_once_all_come_back),
		TEST(a_certificate_nobody_vouches_for_is_refused),
	};

	return cmocka_run_group_tests_name("transfer", tests, start_server,
	    stop_server);
}
