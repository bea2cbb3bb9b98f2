/*
 * posts: libcurl alone, as many requests at once as asked for, the same kind
 * of request that a channel makes. What litfass adds is what it is slower.
 * Called by probe.
 */
#include "config.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "probe.h"
#include "samples.h"

#define AT_ONCE	1000

struct post {
	CURL *easy;
	int64_t begun;
};

struct posts {
	CURLM *multi;
	struct curl_slist *headers;
	char *body;
	size_t asked, max;
	struct samples samples;
};

static size_t
discard(char *p, size_t size, size_t n, void *arg)
{
	(void)p;
	(void)arg;
	return size * n;
}

static void
begin(struct posts *ps, struct post *p)
{
	p->begun = samples_now();
	ps->asked++;
	curl_multi_add_handle(ps->multi, p->easy);
}

static void
post_init(struct posts *ps, struct post *p, const char *url)
{
	p->easy = curl_easy_init();
	curl_easy_setopt(p->easy, CURLOPT_URL, url);
	curl_easy_setopt(p->easy, CURLOPT_HTTPHEADER, ps->headers);
	curl_easy_setopt(p->easy, CURLOPT_POSTFIELDS, ps->body);
	curl_easy_setopt(p->easy, CURLOPT_WRITEFUNCTION, discard);
	curl_easy_setopt(p->easy, CURLOPT_PRIVATE, p);
	curl_easy_setopt(p->easy, CURLOPT_PROXY, "");
}

static void
reap(struct posts *ps)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(ps->multi, &left)) != NULL) {
		struct post *p;

		if (m->data.result != CURLE_OK)
			log_fatal(EXIT_TEMPFAIL, "probe: post: %s",
			    curl_easy_strerror(m->data.result));
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &p);
		samples_add(&ps->samples, p->begun);
		curl_multi_remove_handle(ps->multi, p->easy);
		if (ps->asked < ps->max && !samples_over(&ps->samples))
			begin(ps, p);
	}
}

static void
run(struct posts *ps, struct post *posts, size_t n, const char *url)
{
	int running;

	for (size_t i = 0; i < n; i++)
		post_init(ps, &posts[i], url);
	samples_init(&ps->samples, ps->max, PROBE_SECONDS);
	for (size_t i = 0; i < n && ps->asked < ps->max; i++)
		begin(ps, &posts[i]);
	while (ps->samples.n < ps->asked) {
		curl_multi_perform(ps->multi, &running);
		reap(ps);
		if (ps->samples.n < ps->asked)
			curl_multi_poll(ps->multi, NULL, 0, 1000, NULL);
	}
	samples_print(&ps->samples, 1, "");
	samples_fini(&ps->samples);
	for (size_t i = 0; i < n; i++)
		curl_easy_cleanup(posts[i].easy);
}

int
posts_run(char **argv)
{
	struct posts ps = { .max = probe_number(argv[3], 1000000) };
	size_t n = probe_number(argv[2], AT_ONCE);
	size_t bytes = probe_number(argv[4], 65536);
	struct post *posts = xcalloc(n, sizeof(*posts));

	curl_global_init(CURL_GLOBAL_DEFAULT);
	ps.multi = curl_multi_init();
	curl_multi_setopt(ps.multi, CURLMOPT_MAXCONNECTS, (long)n);
	ps.headers = curl_slist_append(NULL, "Expect:");
	ps.headers = curl_slist_append(ps.headers,
	    "Content-Type: application/json");
	ps.headers = curl_slist_append(ps.headers,
	    "Authorization: Bearer 0123456789012345678901234567890123456789");
	ps.body = xcalloc(1, bytes + 1);
	memset(ps.body, 'x', bytes);
	run(&ps, posts, n, argv[1]);
	curl_slist_free_all(ps.headers);
	curl_multi_cleanup(ps.multi);
	curl_global_cleanup();
	free(ps.body);
	free(posts);
	return 0;
}
