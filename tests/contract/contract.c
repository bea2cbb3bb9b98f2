/*
 * contract: what every plugin must keep, seen through a real worker.
 *
 *	contract PLUGIN.so [PARAMS.json [ANNOUNCEMENTS.json]]
 *
 * With no arguments it tries our plugins, one built with the first header,
 * and some that break the contract: those may only harm their own
 * worker. Prints one line a check; the peer may be absent, since every
 * outcome is an answer.
 */
#include "config.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <dirent.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "contract/puppet.h"
#include "litfass/plugin.h"
#include "worker/load.h"

#define BURST	20	/* deliveries */

static int failures;

static void
check(bool ok, const char *plugin, const char *what)
{
	const char *base = strrchr(plugin, '/');

	printf("%s %s: %s\n", ok ? "ok" : "NOT OK",
	    base != NULL ? base + 1 : plugin, what);
	if (!ok)
		failures++;
}

static const char *
text_of(const json_t *json, const char *key)
{
	const char *s = json_string_value(json_object_get(json, key));

	return s != NULL ? s : "";
}

/* Ready, or failed and ended. */
static bool
is_ready(struct puppet *p)
{
	json_t *ready = puppet_wait(p, "ready", NULL);
	bool ok = json_is_integer(json_object_get(ready, "max_inflight"));

	json_decref(ready);
	return ok;
}

static bool
answers_ping(struct puppet *p)
{
	json_t *pong;
	bool ok;

	puppet_send(p, json_pack("{s:s s:i}", "t", "ping", "n", 7), -1);
	pong = puppet_wait(p, "pong", NULL);
	ok = json_integer_value(json_object_get(pong, "n")) == 7;
	json_decref(pong);
	return ok;
}

/* ------------------------------------------------------- every plugin -- */

/* Loaded in a child: foreign code stays out of here. */
static bool
describes_itself(const char *path)
{
	struct err e = { ERR_OK, "" };
	const struct lf_plugin *p;
	pid_t pid = fork();
	int status = 1;

	if (pid == 0) {
		p = load_plugin(path, &e);
		if (p == NULL)
			fprintf(stderr, "%s\n", e.text);
		_exit(p != NULL && load_describe(p) != NULL ? 0 : 1);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

/* One line of nm per symbol. */
static bool
exports_one_symbol(const char *path)
{
	char *command = xasprintf("nm -D --defined-only '%s'", path);
	FILE *nm = popen(command, "r");
	char line[256];
	int n = 0, ours = 0;

	free(command);
	if (nm == NULL)
		return false;
	while (fgets(line, sizeof(line), nm) != NULL) {
		n++;
		ours += strstr(line, " litfass_plugin\n") != NULL;
	}
	pclose(nm);
	return n == 1 && ours == 1;
}

/* Is this inode among the sockets of the network? */
static bool
is_on_the_net(pid_t pid, unsigned long inode)
{
	static const char *const tables[] = { "tcp", "tcp6", "udp", "udp6" };
	char line[256], *path;
	unsigned long here;
	bool found = false;
	FILE *f;

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		path = xasprintf("/proc/%d/net/%s", (int)pid, tables[i]);
		f = fopen(path, "r");
		free(path);
		while (f != NULL && fgets(line, sizeof(line), f) != NULL)
			found |= sscanf(line, "%*s %*s %*s %*s %*s %*s %*s "
			    "%*s %*s %lu", &here) == 1 && here == inode;
		if (f != NULL)
			fclose(f);
	}
	return found;
}

/* Pairs inside the process are its own business. */
static bool
contacts_nobody(pid_t pid)
{
	char *folder = xasprintf("/proc/%d/fd", (int)pid), *path;
	DIR *d = opendir(folder);
	struct dirent *f;
	struct stat st;
	bool quiet = d != NULL;

	while (d != NULL && (f = readdir(d)) != NULL) {
		path = xasprintf("%s/%s", folder, f->d_name);
		if (stat(path, &st) == 0 && S_ISSOCK(st.st_mode) &&
		    is_on_the_net(pid, (unsigned long)st.st_ino))
			quiet = false;
		free(path);
	}
	if (d != NULL)
		closedir(d);
	free(folder);
	return quiet;
}

static bool
renders_the_same(struct puppet *a, struct puppet *b, const json_t *one,
    const char *lang)
{
	json_t *x = puppet_render(a, one, lang);
	json_t *y = puppet_render(b, one, lang);
	bool ok = x != NULL && json_equal(x, y) &&
	    (json_object_get(x, "rendition") != NULL ||
	    *text_of(x, "slug") != '\0');

	json_decref(x);
	json_decref(y);
	return ok;
}

/* Every announcement in every language, in two workers. */
static void
check_renders(const struct puppet_setup *setup, const json_t *all)
{
	struct puppet_setup quiet = *setup;
	struct puppet *a, *b;
	const char *lang;
	json_t *one, *texts;
	size_t i;
	bool ok;

	quiet.preview = true;
	a = puppet_new(&quiet);
	b = puppet_new(&quiet);
	ok = is_ready(a) && is_ready(b);
	check(ok, setup->path, "opens twice");
	json_array_foreach(all, i, one)
		json_object_foreach(json_object_get(one, "content"), lang,
		    texts)
			ok = ok && renders_the_same(a, b, one, lang);
	check(ok, setup->path, "renders the same bytes in two workers");
	check(contacts_nobody(puppet_pid(a)), setup->path,
	    "a preview contacts nobody");
	check(puppet_end(&a) == 0 && puppet_end(&b) == 0, setup->path,
	    "closes after a preview");
}

/* Ids 1 to BURST, each exactly once, with an outcome that exists. */
static bool
collect(struct puppet *p)
{
	bool seen[BURST + 1] = { false };
	json_int_t id, outcome;
	json_t *r;

	for (int i = 0; i < BURST; i++) {
		r = puppet_result(p);
		id = json_integer_value(json_object_get(r, "id"));
		outcome = json_integer_value(json_object_get(r, "outcome"));
		json_decref(r);
		if (r == NULL || id < 1 || id > BURST || seen[id] ||
		    outcome < LF_DELIVERED || outcome > LF_UNKNOWN)
			return false;
		seen[id] = true;
	}
	return true;
}

static void
submit_burst(struct puppet *p, int rendition, uint32_t action)
{
	char key[32], address[32];

	for (int i = 1; i <= BURST; i++) {
		snprintf(key, sizeof(key), "contract-%d", i);
		snprintf(address, sizeof(address), "+4930231250%02d", i);
		puppet_submit(p, i, rendition, action, key, address);
	}
}

static void
cancel_burst(struct puppet *p)
{
	json_t *ids = json_array();

	for (int i = 1; i <= BURST; i++)
		json_array_append_new(ids, json_integer(i));
	puppet_send(p, json_pack("{s:s s:o}", "t", "cancel", "d", ids), -1);
}

static void
check_deliveries(const struct puppet_setup *setup, const json_t *one)
{
	struct puppet *p = puppet_new(setup);
	json_t *rendered = NULL, *end;
	int r;

	if (is_ready(p))
		rendered = puppet_render(p, one, "de");
	r = puppet_rendition(p, one, json_object_get(rendered, "rendition"),
	    "de");
	json_decref(rendered);
	submit_burst(p, r, LF_SEND);
	check(collect(p), setup->path, "ends every delivery exactly once");
	submit_burst(p, r, LF_SEND);
	cancel_burst(p);
	check(collect(p), setup->path, "ends cancelled deliveries as well");
	puppet_send(p, json_pack("{s:s}", "t", "drain"), -1);
	end = puppet_wait(p, "drained", NULL);
	check(end != NULL, setup->path, "drains");
	json_decref(end);
	check(puppet_end(&p) == 0, setup->path, "closes and exits with 0");
}

static void
check_plugin(const char *path, const json_t *params, const char *file)
{
	struct puppet_setup setup = { .path = path, .params = params };
	json_t *all = puppet_load_all(file, &setup.issuer);

	check(describes_itself(path), path, "describes itself");
	check(exports_one_symbol(path), path, "exports one symbol");
	if (all == NULL) {
		check(false, file, "cannot be read");
		return;
	}
	check_renders(&setup, all);
	check_deliveries(&setup, json_array_get(all, 0));
	json_decref(all);
	json_decref((json_t *)(uintptr_t)setup.issuer);
}

/* ------------------------------------------------------- the evil ones -- */

struct evil_case {
	const char *how;
	bool survives;		/* the worker answers a ping afterwards */
	int64_t outcome;	/* of the delivery, 0: none comes */
	const char *what;
};

static const struct evil_case evil_cases[] = {
	{ "not", true, LF_ACCEPTED, "behaves when not told otherwise" },
	{ "crash", false, 0, "a crash ends only its worker" },
	{ "double", false, -1, "a second done ends the worker" },
	{ "stray", false, 0, "a made-up delivery ends the worker" },
	{ "state", false, 0, "too much state ends the worker" },
	{ "escaped", false, 0, "state counts as the wire writes it" },
	{ "name", false, 0, "a counter without a name ends the worker" },
	{ "outcome", true, LF_CHANNEL_DOWN,
	  "an unknown outcome holds the channel" },
	{ "utf8", true, LF_ACCEPTED, "a text that is not UTF-8 is dropped" },
};

static json_t *
how_params(const char *how)
{
	return json_pack("{s:s}", "how", how);
}

/* Hand over one delivery, with an empty rendition. */
static struct puppet *
start_evil(const char *path, const char *how, const json_t *one)
{
	json_t *params = how_params(how);
	struct puppet_setup setup = { .path = path, .params = params };
	struct puppet *p = puppet_new(&setup);

	json_decref(params);
	(void)is_ready(p);
	puppet_submit(p, 1, puppet_rendition(p, one, NULL, "de"), LF_SEND,
	    "evil-1", "");
	return p;
}

static void
check_evil(const char *path, const struct evil_case *c, const json_t *one)
{
	struct puppet *p = start_evil(path, c->how, one);
	json_t *r;
	bool ok = true;

	/* Whether the result of a worker that then ends still arrives is
	 * open: -1. */
	if (c->outcome >= 0) {
		r = puppet_result(p);
		ok = json_integer_value(json_object_get(r, "outcome")) ==
		    c->outcome;
		json_decref(r);
	}
	ok = ok && answers_ping(p) == c->survives;
	ok = (puppet_end(&p) == 0) == c->survives && ok;
	check(ok, path, c->what);
}

/* What its peer quotes reaches neither core nor the log. */
static void
check_gossip(const char *path, const json_t *one)
{
	int fd = memfd_create("stderr", MFD_CLOEXEC), old = dup(STDERR_FILENO);
	char log[4096] = "";
	struct puppet *p;
	json_t *r;

	dup2(fd, STDERR_FILENO);
	p = start_evil(path, "gossip", one);
	r = puppet_result(p);
	(void)puppet_end(&p);
	dup2(old, STDERR_FILENO);
	close(old);
	check(pread(fd, log, sizeof(log) - 1, 0) > 0 &&
	    strstr(log, "a…@e… and +49…15 were not at home") != NULL, path,
	    "addresses are taken out of its log");
	close(fd);
	check(strcmp(text_of(r, "text"),
	    "a…@e… and +49…15 were not at home") == 0, path,
	    "addresses are taken out of its results");
	json_decref(r);
}

/* It does not even see the end of its wire: core has to kill it. */
static void
check_hang(const char *path, struct puppet *neighbour, const json_t *one)
{
	struct puppet *p = start_evil(path, "hang", one);
	int status;

	check(answers_ping(neighbour), path, "a hang leaves others alone");
	kill(puppet_pid(p), SIGKILL);
	status = puppet_end(&p);
	check(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, path,
	    "a worker that hangs can be killed");
}

/* The packet "failed" with these words in its text. */
static void
check_refused(const char *path, const char *how, const char *code,
    const char *words)
{
	json_t *params = how != NULL ? how_params(how) : NULL, *failed;
	struct puppet_setup setup = { .path = path, .params = params };
	struct puppet *p = puppet_new(&setup);
	char *what = xasprintf("is refused (%s): %s", code, words);

	failed = puppet_wait(p, "failed", NULL);
	check(strcmp(text_of(failed, "code"), code) == 0 &&
	    strstr(text_of(failed, "text"), words) != NULL, path, what);
	check(puppet_end(&p) != 0, path, "and its worker ends");
	json_decref(failed);
	json_decref(params);
	free(what);
}

static void
check_wrong_name(void)
{
	struct puppet_setup setup = { .path = TEST_PLUGINS "/evil.so",
		.plugin = "good" };
	struct puppet *p = puppet_new(&setup);
	json_t *failed = puppet_wait(p, "failed", NULL);

	check(strcmp(text_of(failed, "text"),
	    "load plugin: this is evil, the channel wants good") == 0 &&
	    puppet_end(&p) != 0, setup.path, "is not taken for another");
	json_decref(failed);
}

static void
check_bad_ones(void)
{
	static const char *const bad[][2] = {
		{ "bad_magic", "wrong magic" },
		{ "bad_major", "made for ABI 2.0" },
		{ "bad_minor", "newer than 1.0" },
		{ "bad_size", "16 bytes where ABI 1.0 has" },
		{ "bad_name", "calls itself \"other\"" },
		{ "missing", "No such file" },
	};
	char *path;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		path = xasprintf(TEST_PLUGINS "/%s.so", bad[i][0]);
		check_refused(path, NULL, "load", bad[i][1]);
		free(path);
	}
}

static void
check_all_evil(const char *file)
{
	const char *path = TEST_PLUGINS "/evil.so";
	struct puppet_setup setup = { .path = path };
	struct puppet *neighbour = puppet_new(&setup);
	json_t *issuer, *one = puppet_load(file, NULL, &issuer);

	check(is_ready(neighbour), path, "a neighbour works");
	for (size_t i = 0; i < sizeof(evil_cases) / sizeof(evil_cases[0]);
	    i++)
		check_evil(path, &evil_cases[i], one);
	check_gossip(path, one);
	check_hang(path, neighbour, one);
	check_refused(path, "open", "open", "refuses");
	check_refused(path, "elsewhere", "config", "how");
	check(answers_ping(neighbour) && puppet_end(&neighbour) == 0, path,
	    "the neighbour never noticed");
	json_decref(one);
	json_decref(issuer);
}

/* ------------------------------------------------------------- by itself -- */

static void
remove_folder(const char *folder)
{
	DIR *d = opendir(folder);
	struct dirent *f;
	char *path;

	while (d != NULL && (f = readdir(d)) != NULL) {
		path = xasprintf("%s/%s", folder, f->d_name);
		(void)unlink(path);
		free(path);
	}
	if (d != NULL)
		closedir(d);
	rmdir(folder);
}

/* Nobody listens on port 1: every outcome is an answer. */
static void
check_with_absent_peers(const char *file)
{
	static const char *const ours[][2] = {
		{ "mqtt", "{\"url\":\"mqtt://127.0.0.1:1\"}" },
		{ "email", "{\"relay\":\"smtp://127.0.0.1:1\",\"tls\":"
		  "\"off\",\"from\":\"presse@lindenfurt.example\"}" },
		{ "sms_http", "{\"preset\":\"generic\",\"url\":"
		  "\"http://127.0.0.1:1/\"}" },
		{ "whatsapp", "{\"base_url\":\"http://127.0.0.1:1\","
		  "\"phone_number_id\":\"123\"}" },
	};
	json_t *params;
	char *path;

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		path = xasprintf(PLUGINS "/%s.so", ours[i][0]);
		params = json_loads(ours[i][1], 0, NULL);
		check_plugin(path, params, file);
		json_decref(params);
		free(path);
	}
}

static void
check_ourselves(void)
{
	const char *file = TEST_DATA "/announcements.json";
	char folder[] = "/tmp/litfass-contract-XXXXXX";
	json_t *params;

	if (mkdtemp(folder) == NULL)
		exit(99);
	params = json_pack("{s:s}", "dir", folder);
	check_plugin(PLUGINS "/file.so", params, file);
	json_decref(params);
	remove_folder(folder);
	check_with_absent_peers(file);
	check_plugin(TEST_PLUGINS "/old.so", NULL, file);
	check_all_evil(file);
	check_bad_ones();
	check_wrong_name();
}

int
main(int argc, char *argv[])
{
	json_t *params = NULL;
	char path[PATH_MAX];

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 1) {
		check_ourselves();
		return failures == 0 ? 0 : 1;
	}
	if (realpath(argv[1], path) == NULL || (argc > 2 && (params =
	    json_load_file(argv[2], 0, NULL)) == NULL)) {
		fputs("usage: contract PLUGIN.so [PARAMS.json "
		    "[ANNOUNCEMENTS.json]]\n", stderr);
		return 2;
	}
	check_plugin(path, params, argc > 3 ? argv[3] :
	    TEST_DATA "/announcements.json");
	json_decref(params);
	return failures == 0 ? 0 : 1;
}
