/*
 * secret: open and hold secrets. Never logs one, never copies one to the
 * heap outside struct secret. Core opens the files and passes descriptors;
 * only the worker reads them.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "config/secret.h"

struct secret {
	size_t len;
	char bytes[SECRET_MAX + 1];
};

static const char *
credentials_folder(void)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");

	return folder == NULL || *folder != '/' ? NULL : folder;
}

bool
secret_is_elsewhere(const char *path)
{
	return *path != '/' && credentials_folder() == NULL;
}

/* The full path, given, or NULL. */
static char *
resolve(const char *path, struct err *e)
{
	const char *folder = credentials_folder();

	if (*path == '/')
		return xstrdup(path);
	if (*path == '\0' || *path == '.' || strchr(path, '/') != NULL) {
		err_set(e, ERR_INVALID, "open secret: %s: neither an absolute "
		    "path nor the bare name of a credential: begin it with /",
		    path);
		return NULL;
	}
	if (folder == NULL) {
		err_set(e, ERR_INVALID, "open secret: %s: there is no "
		    "CREDENTIALS_DIRECTORY: add LoadCredential=%s:PATH to the "
		    "unit, or write an absolute path", path, path);
		return NULL;
	}
	return xasprintf("%s/%s", folder, path);
}

static int
check_owner(const struct stat *st, const char *path, struct err *e)
{
	/* Root checks the configuration for the user of the service. */
	if (st->st_uid == 0 || st->st_uid == geteuid() || geteuid() == 0)
		return 0;
	return err_set(e, ERR_INVALID, "open secret: %s: it belongs to "
	    "another user, who could change it: chown it to root or to the "
	    "user of litfassd", path);
}

/*
 * systemd gives the service access to a credential by an ACL, and the mask
 * of an ACL shows as the group bits: 0440. Its folder is closed to others.
 */
static mode_t
forbidden_bits(const char *path)
{
	return *path == '/' ? 077 : 037;
}

static int
check_stat(int fd, const char *path, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return err_set(e, ERR_FAILED, "open secret: %s: %s", path,
		    strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_INVALID, "open secret: %s: not a plain "
		    "file: name the file that holds the secret", path);
	if ((st.st_mode & forbidden_bits(path)) != 0)
		return err_set(e, ERR_INVALID, "open secret: %s: its mode %04o "
		    "lets others in: chmod 0600 %s", path,
		    (unsigned)(st.st_mode & 07777), path);
	if (st.st_size > SECRET_MAX)
		return err_set(e, ERR_INVALID, "open secret: %s: longer than "
		    "16 KiB: no secret is: check the path", path);
	return check_owner(&st, path, e);
}

static const char *
open_hint(int error)
{
	switch (error) {
	case ELOOP:
		return "it is a link, which others may bend: name the file "
		    "itself";
	case ENOENT:
		return "no such file: create it with mode 0600";
	case EACCES:
		return "not allowed: chown it to the user of litfassd";
	default:
		return strerror(error);
	}
}

int
secret_open(const char *path, struct err *e)
{
	char *full = resolve(path, e);
	int fd;

	if (full == NULL)
		return -1;
	fd = open(full, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK |
	    O_NOCTTY);
	free(full);
	if (fd < 0)
		return err_set(e, ERR_INVALID, "open secret: %s: %s", path,
		    open_hint(errno));
	if (check_stat(fd, path, e) == 0)
		return fd;
	close(fd);
	return -1;
}

/* Bytes read, at most one more than allowed; -1 with errno. */
static ssize_t
read_upto(int fd, char *to, size_t max)
{
	size_t len = 0;
	ssize_t n;

	while (len < max && (n = read(fd, to + len, max - len)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

/* "\n" or "\r\n", once. */
static void
drop_line_end(struct secret *s)
{
	if (s->len > 0 && s->bytes[s->len - 1] == '\n')
		s->len--;
	if (s->len > 0 && s->bytes[s->len - 1] == '\r')
		s->len--;
	s->bytes[s->len] = '\0';
}

/* Why this is no secret, or NULL. */
static const char *
complaint(struct secret *s)
{
	if (s->len > SECRET_MAX)
		return "longer than 16 KiB: no secret is: check the path";
	drop_line_end(s);
	if (s->len == 0)
		return "it is empty: put the secret into the file";
	if (memchr(s->bytes, '\0', s->len) != NULL)
		return "it holds a NUL byte: write it as text";
	return NULL;
}

struct secret *
secret_read(int fd, struct err *e)
{
	struct secret *s = xcalloc(1, sizeof(*s));
	ssize_t n;
	const char *why;

	/* Best effort: a small limit on locked memory is no reason to fail. */
	(void)mlock(s, sizeof(*s));
	n = read_upto(fd, s->bytes, sizeof(s->bytes));
	s->len = n < 0 ? 0 : (size_t)n;
	if (n < 0)
		why = strerror(errno);
	else
		why = complaint(s);
	if (why == NULL)
		return s;
	err_set(e, ERR_INVALID, "read secret: %s", why);
	secret_free(&s);
	return NULL;
}

void
secret_free(struct secret **sp)
{
	struct secret *s = *sp;

	*sp = NULL;
	if (s == NULL)
		return;
	explicit_bzero(s, sizeof(*s));
	(void)munlock(s, sizeof(*s));
	free(s);
}

const char *
secret_value(const struct secret *s)
{
	return s->bytes;
}
