/*
 * tree: libconfig's parse tree, turned into our own. Keeps nothing of
 * libconfig afterwards. Decides nothing about keys; tables do. Called by
 * conf.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <libconfig.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "config/scan.h"
#include "config/tree.h"

/* Where a value stands, for its problems. */
struct place {
	const struct setting *setting;
	struct faults *problems;
};

static json_t *
to_list(const config_setting_t *s, const struct place *at);
static json_t *
to_object(const config_setting_t *s, const struct place *at);

static json_t *
to_string(const config_setting_t *s, const struct place *at)
{
	json_t *value = json_string(s->value.sval);

	if (value == NULL)
		faults_add(at->problems, at->setting->file,
		    at->setting->line, "%s: the text is not UTF-8: save the "
		    "file as UTF-8", at->setting->key);
	return value;
}

static json_t *
to_real(const config_setting_t *s, const struct place *at)
{
	if (isfinite(s->value.fval))
		return json_real(s->value.fval);
	faults_add(at->problems, at->setting->file, at->setting->line,
	    "%s: the number is too large: write a smaller one",
	    at->setting->key);
	return NULL;
}

/* given; NULL with a problem added. */
static json_t *
to_json(const config_setting_t *s, const struct place *at)
{
	switch (s->type) {
	case CONFIG_TYPE_INT:
		return json_integer(s->value.ival);
	case CONFIG_TYPE_INT64:
		return json_integer(s->value.llval);
	case CONFIG_TYPE_FLOAT:
		return to_real(s, at);
	case CONFIG_TYPE_BOOL:
		return json_boolean(s->value.ival);
	case CONFIG_TYPE_STRING:
		return to_string(s, at);
	case CONFIG_TYPE_GROUP:
		return to_object(s, at);
	default:
		return to_list(s, at);
	}
}

static json_t *
to_list(const config_setting_t *s, const struct place *at)
{
	json_t *list = json_array(), *value;

	for (int i = 0; i < config_setting_length(s); i++) {
		value = to_json(config_setting_get_elem(s, (unsigned)i), at);
		if (value != NULL)
			json_array_append_new(list, value);
	}
	return list;
}

/* Only for groups inside lists: those outside are settings. */
static json_t *
to_object(const config_setting_t *s, const struct place *at)
{
	const config_setting_t *m;
	json_t *object = json_object(), *value;

	for (int i = 0; i < config_setting_length(s); i++) {
		m = config_setting_get_elem(s, (unsigned)i);
		value = to_json(m, at);
		if (value != NULL)
			json_object_set_new(object, m->name, value);
	}
	return object;
}

static void
take_members(struct setting *group, const config_setting_t *from,
    struct faults *p)
{
	struct setting **tail = &group->first, *s;

	for (int i = 0; i < config_setting_length(from); i++) {
		const config_setting_t *m =
		    config_setting_get_elem(from, (unsigned)i);

		s = xcalloc(1, sizeof(*s));
		s->key = xstrdup(m->name);
		s->file = group->file;
		s->line = m->line;
		*tail = s;
		tail = &s->next;
		if (m->type == CONFIG_TYPE_GROUP) {
			take_members(s, m, p);
			continue;
		}
		s->value = to_json(m, &(struct place){ s, p });
		if (s->value == NULL)
			s->value = json_null();
	}
}

static void
free_members(struct setting *group)
{
	struct setting *s;

	while ((s = group->first) != NULL) {
		group->first = s->next;
		free_members(s);
		json_decref(s->value);
		free(s->key);
		free(s);
	}
}

/* What libconfig says, and what to do about it. */
static const struct {
	const char *text;
	const char *better;
} advice[] = {
	{ "syntax error", "syntax error: nothing makes sense here: look for "
	    "a missing ';', '=', quote or bracket on this line or the one "
	    "before" },
	{ "duplicate setting name", "the same key stands twice in one group: "
	    "only one can count: remove one" },
	{ "mismatched element type in array", "the values between [ and ] "
	    "are of different types: quote all of them or none" },
};

static void
explain(const config_t *lc, const char *file, struct faults *p)
{
	const char *text = config_error_text(lc);
	unsigned line = (unsigned)config_error_line(lc);

	for (size_t i = 0; i < sizeof(advice) / sizeof(advice[0]); i++)
		if (strcmp(text, advice[i].text) == 0) {
			faults_add(p, file, line, "%s", advice[i].better);
			return;
		}
	faults_add(p, file, line, "%s", text);
}

static struct tree *
parse(const char *file, const char *text, struct faults *p)
{
	struct tree *t = NULL;
	config_t lc;

	config_init(&lc);
	if (config_read_string(&lc, text) == CONFIG_TRUE) {
		t = xcalloc(1, sizeof(*t));
		t->file = xstrdup(file);
		t->root.file = t->file;
		take_members(&t->root, config_root_setting(&lc), p);
	} else {
		explain(&lc, file, p);
	}
	config_destroy(&lc);
	return t;
}

struct tree *
tree_parse(const char *file, const char *text, size_t len,
    struct faults *p)
{
	static const char bom[] = "\xef\xbb\xbf";

	if (strncmp(text, bom, 3) == 0) {
		faults_notice(p, file, 1, "the file begins with a byte order "
		    "mark: it is ignored: save as UTF-8 without one");
		text += 3;
		len -= 3;
	}
	if (scan_text(file, text, len, p) != 0)
		return NULL;
	return parse(file, text, p);
}

int
tree_mode(const char *path, unsigned mode, struct faults *p)
{
	if ((mode & (S_IWGRP | S_IWOTH)) == 0)
		return 0;
	return faults_add(p, path, 0, "its mode %04o lets others change "
	    "which programs run and where messages go: chmod go-w %s",
	    mode & 07777, path);
}

static int
check_stat(int fd, const char *path, struct faults *p)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return faults_add(p, path, 0, "is not a file: name a "
		    "configuration file, for example %s/litfass.conf", path);
	return tree_mode(path, st.st_mode, p);
}

static int
open_safe(const char *path, struct faults *p)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return faults_add(p, path, 0, "cannot be opened: %s: %s",
		    strerror(errno), errno == EACCES ? "let the user of "
		    "litfassd read it" : "check the path");
	if (check_stat(fd, path, p) == 0)
		return fd;
	close(fd);
	return -1;
}

static int
read_all(int fd, const char *path, struct buf *b, struct faults *p)
{
	char block[16384];
	ssize_t n;

	while ((n = read(fd, block, sizeof(block))) > 0)
		buf_add(b, block, (size_t)n);
	if (n < 0)
		return faults_add(p, path, 0, "cannot be read: %s",
		    strerror(errno));
	if (!buf_ok(b))
		return faults_add(p, path, 0, "is longer than %d bytes: a "
		    "configuration is short: split it, or check the path",
		    TREE_FILE_MAX);
	return 0;
}

struct tree *
tree_read(const char *path, struct faults *p)
{
	struct tree *t = NULL;
	struct buf b;
	int fd = open_safe(path, p);

	if (fd < 0)
		return NULL;
	buf_init(&b, TREE_FILE_MAX);
	if (read_all(fd, path, &b, p) == 0)
		t = tree_parse(path, buf_cstr(&b), b.len, p);
	buf_fini(&b);
	close(fd);
	return t;
}

void
tree_free(struct tree **tp)
{
	struct tree *t = *tp;

	*tp = NULL;
	if (t == NULL)
		return;
	free_members(&t->root);
	free(t->file);
	free(t);
}
