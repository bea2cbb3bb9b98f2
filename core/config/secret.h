/*
 * secret: files that hold a token or password, and their bytes in memory.
 *
 * A path is absolute, or a bare name in the folder that the service manager
 * names in CREDENTIALS_DIRECTORY (systemd.exec(5), LoadCredential=).
 */
#ifndef CONFIG_SECRET_H
#define CONFIG_SECRET_H

#include <stdbool.h>

#include "base/err.h"

#define SECRET_MAX	(16 * 1024)	/* bytes of a file */

struct secret;

/*
 * Open the file for reading. It must be a plain file, not a link, at most
 * SECRET_MAX bytes, owned by root or by us, and closed to group and others.
 * The mode is checked, not the access, so the answer is the same for root.
 * The descriptor, given to the caller, or -1 with the reason.
 */
int
secret_open(const char *path, struct err *e);

/* Can a path only be followed by the service itself? True for a bare name
 * while CREDENTIALS_DIRECTORY is not set. */
bool
secret_is_elsewhere(const char *path);

/* Read all of fd (borrowed) and drop one line end. NULL when it is empty, too
 * long or holds a NUL byte; otherwise given. */
struct secret *
secret_read(int fd, struct err *e);
/* Wipes the bytes. */
void
secret_free(struct secret **s);
/* Borrowed until secret_free. Never print it. */
const char *
secret_value(const struct secret *s);

#endif
