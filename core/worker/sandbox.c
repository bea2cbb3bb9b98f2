/*
 * sandbox: shut the doors. Must never fail silently: what is not enforced is
 * said. Called by worker.c before the plugin is opened.
 */
#include "config.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifdef HAVE_LINUX_LANDLOCK_H
#include <linux/landlock.h>
#endif

#include "base/log.h"
#include "worker/sandbox.h"

#define FILES_MAX	16384	/* descriptors, if the hard limit allows */

static const char *const words[] = { "off", "best-effort", "required" };

int
sandbox_mode(const char *word)
{
	for (int i = 0; i < 3; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	return -1;
}

void
sandbox_descriptors(int keep)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
	}
	for (int fd = STDERR_FILENO + 1; fd < keep; fd++)
		close(fd);
	/* Unlike close_range() it does not fail on an old kernel. */
	closefrom(keep + 1);
}

static void
set_limits(void)
{
	struct rlimit none = { 0, 0 }, files;

	if (setrlimit(RLIMIT_CORE, &none) != 0)
		log_warn("sandbox: core files stay on: %s", strerror(errno));
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max < FILES_MAX ?
		    files.rlim_max : FILES_MAX;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
}

#ifdef HAVE_LINUX_LANDLOCK_H

/* Later than the headers of Debian 12. */
#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER	(1ull << 13)
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE	(1ull << 14)
#endif

#define ACCESS_READ	(LANDLOCK_ACCESS_FS_READ_FILE |			\
	LANDLOCK_ACCESS_FS_READ_DIR)
#define ACCESS_1	((1ull << 13) - 1)	/* all of ABI 1 */
#define ACCESS_FILE	(LANDLOCK_ACCESS_FS_READ_FILE |			\
	LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_EXECUTE |	\
	LANDLOCK_ACCESS_FS_TRUNCATE)	/* what a rule for a file may say */
#define ACCESS_WRITE	(ACCESS_READ | LANDLOCK_ACCESS_FS_WRITE_FILE |	\
	LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE |	\
	LANDLOCK_ACCESS_FS_TRUNCATE)

/* What name resolution, TLS, time zones and shared libraries need. */
static const char *const readable[] = {
	"/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf",
	"/etc/host.conf", "/etc/gai.conf", "/etc/services",
	"/etc/ld.so.cache", "/etc/localtime", "/etc/ssl",
	"/run/systemd/resolve",
	"/usr/lib", "/usr/lib64", "/usr/local/lib", "/lib", "/lib64",
	"/usr/share/ca-certificates", "/usr/local/share/ca-certificates",
	"/usr/share/zoneinfo", "/dev/urandom",
};

static int
add_path(int ruleset, const char *path, uint64_t access)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = access };
	struct stat st;
	long rc;

	rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return 0;	/* not there: nothing to allow */
	if (fstat(rule.parent_fd, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.allowed_access &= ACCESS_FILE;
	rc = syscall(SYS_landlock_add_rule, ruleset,
	    LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	close(rule.parent_fd);
	return (int)rc;
}

static int
add_paths(int ruleset, uint64_t handled, const struct sandbox_path *paths,
    size_t n)
{
	int rc = add_path(ruleset, "/dev/null", handled & ACCESS_WRITE);

	for (size_t i = 0; i < sizeof(readable) / sizeof(readable[0]); i++)
		rc |= add_path(ruleset, readable[i], ACCESS_READ);
	for (size_t i = 0; i < n; i++)
		rc |= add_path(ruleset, paths[i].path, paths[i].writable ?
		    handled & ACCESS_WRITE : ACCESS_READ);
	return rc;
}

/* The ABI that is enforced now, or -1. */
static int
landlock(const struct sandbox_path *paths, size_t n)
{
	struct landlock_ruleset_attr attr = { .handled_access_fs = ACCESS_1 };
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	int ruleset;
	bool ok;

	if (abi < 1)
		return -1;
	if (abi >= 2)
		attr.handled_access_fs |= LANDLOCK_ACCESS_FS_REFER;
	if (abi >= 3)
		attr.handled_access_fs |= LANDLOCK_ACCESS_FS_TRUNCATE;
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr,
	    sizeof(attr.handled_access_fs), 0);
	if (ruleset < 0)
		return -1;
	ok = add_paths(ruleset, attr.handled_access_fs, paths, n) == 0 &&
	    syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
	close(ruleset);
	return ok ? (int)abi : -1;
}

#else

static int
landlock(const struct sandbox_path *paths, size_t n)
{
	(void)paths;
	(void)n;
	errno = ENOSYS;
	return -1;
}

#endif

int
sandbox_enter(enum sandbox_mode mode, const struct sandbox_path *paths,
    size_t n, const char **what_r, struct err *e)
{
	static char what[128];
	int abi;

	*what_r = "nothing: sandbox = off";
	if (mode == SANDBOX_OFF)
		return 0;
	set_limits();
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return err_set(e, ERR_FAILED, "enter the sandbox: %s",
		    strerror(errno));
	abi = landlock(paths, n);
	if (abi < 0 && mode == SANDBOX_REQUIRED)
		return err_set(e, ERR_FAILED, "enter the sandbox: Landlock: "
		    "%s: use a kernel with Landlock or set sandbox = "
		    "\"best-effort\"", strerror(errno));
	if (abi < 0)
		snprintf(what, sizeof(what), "no new privileges, no core "
		    "files; files are NOT restricted (no Landlock)");
	else
		snprintf(what, sizeof(what), "no new privileges, no core "
		    "files, files (Landlock ABI %d)", abi);
	*what_r = what;
	return 0;
}
