/*
 * t_secret: which files are safe enough to hold a secret. The mode counts,
 * not the access, so root gets the same answers.
 */
#include "config.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "config/secret.h"

static char folder[] = "/tmp/t_secret.XXXXXX";

/* A file in the folder; its path, borrowed until the next call. */
static const char *
file(const char *name, const char *text, size_t len, mode_t mode)
{
	static char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
	return path;
}

static void
refused(const char *path, const char *why)
{
	char expected[512];
	struct err e;

	snprintf(expected, sizeof(expected), "open secret: %s: %s", path, why);
	assert_int_equal(secret_open(path, &e), -1);
	assert_string_equal(e.text, expected);
}

static void
closed_file_is_read_without_line_end(void **state)
{
	struct err e;
	struct secret *s;
	int fd = secret_open(file("a", "geheim\r\n", 8, 0600), &e);

	(void)state;
	assert_true(fd >= 0);
	s = secret_read(fd, &e);
	assert_non_null(s);
	assert_string_equal(secret_value(s), "geheim");
	secret_free(&s);
	assert_null(s);
	close(fd);
}

static void
open_modes_are_refused(void **state)
{
	static const mode_t modes[] = { 0640, 0604, 0644, 0620, 0666, 0610 };
	char why[256];

	(void)state;
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		const char *path = file("b", "x", 1, modes[i]);

		snprintf(why, sizeof(why), "its mode %04o lets others in: "
		    "chmod 0600 %s", (unsigned)modes[i], path);
		refused(path, why);
	}
}

static void
links_folders_and_holes_are_refused(void **state)
{
	char link[128], target[128];

	(void)state;
	snprintf(target, sizeof(target), "%s", file("c", "x", 1, 0600));
	snprintf(link, sizeof(link), "%s/link", folder);
	assert_int_equal(symlink(target, link), 0);
	refused(link, "it is a link, which others may bend: name the file "
	    "itself");
	unlink(link);
	assert_int_equal(mkfifo(link, 0600), 0);
	refused(link, "not a plain file: name the file that holds the secret");
	unlink(link);
	refused(link, "no such file: create it with mode 0600");
	refused(folder, "not a plain file: name the file that holds the "
	    "secret");
}

static void
odd_contents_are_refused(void **state)
{
	static char big[SECRET_MAX + 2];
	struct err e;
	int fd;

	(void)state;
	memset(big, 'x', sizeof(big));
	refused(file("d", big, SECRET_MAX + 1, 0600), "longer than 16 KiB: no "
	    "secret is: check the path");
	fd = secret_open(file("d", "\n", 1, 0600), &e);
	assert_null(secret_read(fd, &e));
	assert_string_equal(e.text, "read secret: it is empty: put the secret "
	    "into the file");
	close(fd);
	fd = secret_open(file("d", "a\0b", 3, 0600), &e);
	assert_null(secret_read(fd, &e));
	assert_string_equal(e.text, "read secret: it holds a NUL byte: write "
	    "it as text");
	close(fd);
}

static void
bare_names_are_credentials(void **state)
{
	struct err e;
	int fd;

	(void)state;
	file("token", "x", 1, 0440);
	unsetenv("CREDENTIALS_DIRECTORY");
	assert_true(secret_is_elsewhere("token"));
	assert_false(secret_is_elsewhere("/token"));
	refused("token", "there is no CREDENTIALS_DIRECTORY: add "
	    "LoadCredential=token:PATH to the unit, or write an absolute "
	    "path");
	setenv("CREDENTIALS_DIRECTORY", folder, 1);
	fd = secret_open("token", &e);
	assert_true(fd >= 0);
	close(fd);
	refused("../token", "neither an absolute path nor the bare name of a "
	    "credential: begin it with /");
	file("token", "x", 1, 0444);
	refused("token", "its mode 0444 lets others in: chmod 0600 token");
	unsetenv("CREDENTIALS_DIRECTORY");
}

static int
make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) == NULL ? -1 : 0;
}

static int
drop_folder(void **state)
{
	static const char *const names[] = { "a", "b", "c", "d", "token" };
	char path[128];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	return rmdir(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(closed_file_is_read_without_line_end),
		cmocka_unit_test(open_modes_are_refused),
		cmocka_unit_test(links_folders_and_holes_are_refused),
		cmocka_unit_test(odd_contents_are_refused),
		cmocka_unit_test(bare_names_are_credentials),
	};

	return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
