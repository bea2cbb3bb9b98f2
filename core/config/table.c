/*
 * table: check settings against their rows. Never looks at other settings;
 * what depends on two of them is checked by conf. Called by section.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "config/secret.h"
#include "config/table.h"
#include "config/value.h"

#define FILE_SUFFIX	"_file"

static const struct {
	uint32_t type;
	const char *name;
} types[] = {
	{ TABLE_STRING, "string" },
	{ TABLE_INT, "int" },
	{ TABLE_BOOL, "bool" },
	{ TABLE_DURATION, "duration" },
	{ TABLE_SIZE, "size" },
	{ TABLE_URL, "url" },
	{ TABLE_SECRET, "secret" },
	{ TABLE_ENUM, "enum" },
	{ TABLE_TEXT, "text" },
	{ TABLE_WORD, "word" },
	{ TABLE_PATH, "path" },
	{ TABLE_RATE, "rate" },
	{ TABLE_LIST, "list" },
	{ TABLE_TEXTS, "texts" },
};

const char *
table_type_name(uint32_t type)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (types[i].type == type)
			return types[i].name;
	return "unknown";
}

uint32_t
table_type_of(const char *name)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].name, name) == 0)
			return types[i].type;
	return 0;
}

bool
table_is_word(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_-");

	return n >= 1 && n <= 32 && s[n] == '\0';
}

bool
table_is_name(const char *s)
{
	size_t n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789_-");

	return n >= 1 && n <= 64 && s[n] == '\0';
}

static bool
is_file_of(const char *key, const struct table_row *row)
{
	size_t n = strlen(row->key);

	return (row->type == TABLE_SECRET || row->type == TABLE_TEXT) &&
	    strncmp(key, row->key, n) == 0 &&
	    strcmp(key + n, FILE_SUFFIX) == 0;
}

const struct table_row *
table_find(const struct table *t, const char *key)
{
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->rows[i].key, key) == 0 ||
		    is_file_of(key, &t->rows[i]))
			return &t->rows[i];
	return NULL;
}

/* The path that KEY_file names, borrowed; NULL with the reason. */
static const char *
path_of(const struct setting *s, struct err *e)
{
	if (json_is_string(s->value) && *json_string_value(s->value) != '\0')
		return json_string_value(s->value);
	err_set(e, ERR_INVALID, "must be a path in quotes");
	return NULL;
}

static json_t *
check_secret(const struct table_row *row, const char *name,
    const struct setting *s, struct faults *p)
{
	struct err e;
	const char *path;
	int fd = -1;

	if (strcmp(s->key, row->key) == 0) {
		faults_add(p, s->file, s->line, "%s: a secret does not "
		    "belong into the configuration, which many may read: put "
		    "it into a file with mode 0600 and write %s_file = "
		    "\"/path/of/the/file\"", name, s->key);
		return NULL;
	}
	path = path_of(s, &e);
	if (path != NULL && secret_is_elsewhere(path))
		faults_notice(p, s->file, s->line, "%s: %s is a credential "
		    "of the service: it can only be checked by the running "
		    "service", name, path);
	else if (path == NULL || (fd = secret_open(path, &e)) < 0) {
		faults_add(p, s->file, s->line, "%s: %s", name, e.text);
		return NULL;
	}
	if (fd >= 0)
		close(fd);
	return json_pack("{s:s}", "$secret", path);
}

/* At most max bytes of a file; the number read, or -1 with errno. */
static ssize_t
slurp(const char *path, char *to, size_t max)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	size_t len = 0;
	ssize_t n = 0;
	int saved;

	if (fd < 0)
		return -1;
	while (len < max && (n = read(fd, to + len, max - len)) > 0)
		len += (size_t)n;
	saved = errno;
	close(fd);
	errno = saved;
	return n < 0 ? -1 : (ssize_t)len;
}

static json_t *
read_text(const struct setting *s, struct err *e)
{
	static char text[TABLE_TEXT_MAX + 1];
	const char *path = path_of(s, e);
	ssize_t n;
	json_t *value;

	if (path == NULL)
		return NULL;
	n = slurp(path, text, sizeof(text));
	if (n < 0)
		err_set(e, ERR_INVALID, "read %s: %s: check the path", path,
		    strerror(errno));
	else if (n > TABLE_TEXT_MAX)
		err_set(e, ERR_INVALID, "read %s: longer than 64 KiB: shorten "
		    "it", path);
	if (n < 0 || n > TABLE_TEXT_MAX)
		return NULL;
	value = json_stringn(text, (size_t)n);
	if (value != NULL && memchr(text, '\0', (size_t)n) == NULL)
		return value;
	json_decref(value);
	err_set(e, ERR_INVALID, "read %s: it is not UTF-8 text: save it as "
	    "UTF-8", path);
	return NULL;
}

/* A group of language tags as an object, given; NULL with the reason. */
static json_t *
texts_of(const struct setting *group, struct err *e)
{
	json_t *texts = json_object();

	for (const struct setting *m = group->first; m != NULL; m = m->next) {
		if (m->value == NULL) {
			json_decref(texts);
			err_set(e, ERR_INVALID, "%s must be text in quotes, "
			    "not a group", m->key);
			return NULL;
		}
		json_object_set(texts, m->key, m->value);
	}
	return texts;
}

static json_t *
check_value(const struct table_row *row, const struct setting *s,
    struct err *e)
{
	json_t *raw, *value;

	if (s->value != NULL)
		return value_check(row, s->value, e);
	if (row->type != TABLE_TEXTS) {
		err_set(e, ERR_INVALID, "must be a value, not a group: write "
		    "%s = ...;", s->key);
		return NULL;
	}
	raw = texts_of(s, e);
	if (raw == NULL)
		return NULL;
	value = value_check(row, raw, e);
	json_decref(raw);
	return value;
}

static bool
is_empty(const json_t *value)
{
	return (json_is_string(value) && json_string_length(value) == 0) ||
	    (json_is_object(value) && json_object_size(value) == 0) ||
	    (json_is_array(value) && json_array_size(value) == 0);
}

json_t *
table_check(const struct table_row *row, const char *name,
    const struct setting *s, struct faults *p)
{
	struct err e;
	json_t *value;

	if (json_is_null(s->value))
		return NULL;
	if (row->type == TABLE_SECRET)
		return check_secret(row, name, s, p);
	if (is_file_of(s->key, row))
		value = read_text(s, &e);
	else
		value = check_value(row, s, &e);
	if (value != NULL && (row->flags & TABLE_REQUIRED) != 0 &&
	    is_empty(value)) {
		json_decref(value);
		value = NULL;
		err_set(&e, ERR_INVALID, "must not be empty: fill it in");
	}
	if (value == NULL)
		faults_add(p, s->file, s->line, "%s: %s", name, e.text);
	return value;
}
