/*
 * params: checks once, so that the services below need not. Never logs a
 * value. Called by worker.c, host.c, transfer.c and sandbox.c.
 */
#include "config.h"

#include <sys/mman.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/units.h"
#include "worker/params.h"
#include "worker/wire.h"

struct secret {
	struct secret *next;
	char *key;
	char *text;
	size_t len;
};

struct params {
	const struct lf_plugin *plugin;
	json_t *values;
	struct secret *secrets;
};

const struct lf_param *
params_param_at(const struct params *c, uint32_t i)
{
	const struct lf_plugin *p = c->plugin;

	if (i >= p->n_params)
		return NULL;
	return (const struct lf_param *)(const void *)
	    ((const char *)p->params + (size_t)i * p->param_size);
}

const struct lf_param *
params_param(const struct params *c, const char *key)
{
	const struct lf_param *q;

	for (uint32_t i = 0; (q = params_param_at(c, i)) != NULL; i++)
		if (strcmp(q->key, key) == 0)
			return q;
	return NULL;
}

static json_t *
default_int(const char *def, struct err *e)
{
	char *end;
	long long n;

	errno = 0;
	n = strtoll(def, &end, 10);
	if (errno == 0 && end != def && *end == '\0')
		return json_integer(n);
	err_set(e, ERR_INVALID, "the default \"%s\" is no number", def);
	return NULL;
}

/* The default of a row, given; NULL with the reason. */
static json_t *
default_of(const struct lf_param *q, struct err *e)
{
	const char *def = q->def;
	int64_t n = 0;

	switch (q->type) {
	case LF_PARAM_INT:
		return def != NULL ? default_int(def, e) : json_integer(0);
	case LF_PARAM_BOOL:
		return json_boolean(def != NULL && strcmp(def, "true") == 0);
	case LF_PARAM_DURATION:
		return def == NULL || units_duration(def, &n, e) == 0 ?
		    json_integer(n) : NULL;
	case LF_PARAM_SIZE:
		return def == NULL || units_size(def, &n, e) == 0 ?
		    json_integer(n) : NULL;
	default:
		return json_string(def != NULL ? def : "");
	}
}

/* Is s one of "a|b|c"? */
static bool
is_choice(const char *choices, const char *s)
{
	size_t len = strlen(s), n;

	for (const char *p = choices;; p += n + 1) {
		n = strcspn(p, "|");
		if (n == len && strncmp(p, s, n) == 0)
			return true;
		if (p[n] == '\0')
			return false;
	}
}

static bool
fits(const struct lf_param *q, const json_t *v)
{
	switch (q->type) {
	case LF_PARAM_INT:
	case LF_PARAM_DURATION:
	case LF_PARAM_SIZE:
		return json_is_integer(v) && ((q->min == 0 && q->max == 0) ||
		    (json_integer_value(v) >= q->min &&
		    json_integer_value(v) <= q->max));
	case LF_PARAM_BOOL:
		return json_is_boolean(v);
	case LF_PARAM_SECRET:
		return false;
	case LF_PARAM_ENUM:
		return json_is_string(v) &&
		    is_choice(q->choices, json_string_value(v));
	default:
		return json_is_string(v);
	}
}

static int
add_value(struct params *c, const struct lf_param *q, json_t *v, struct err *e)
{
	if (v == NULL && q->type == LF_PARAM_SECRET)
		return 0;
	if (v == NULL && (q->flags & LF_REQUIRED) != 0)
		return err_set(e, ERR_INVALID, "parameter %s is missing: "
		    "it has no default", q->key);
	if (v != NULL && !fits(q, v))
		return err_set(e, ERR_INVALID, "parameter %s has a value of "
		    "the wrong type or out of range", q->key);
	v = v != NULL ? json_incref(v) : default_of(q, e);
	if (v == NULL)
		return err_prefix(e, "parameter %s", q->key);
	json_object_set_new(c->values, q->key, v);
	return 0;
}

static int
check_known(const struct params *c, const json_t *values, struct err *e)
{
	const char *key;
	json_t *v;

	/* jansson has no const iterator; nothing is changed. */
	json_object_foreach((json_t *)(uintptr_t)values, key, v)
		if (params_param(c, key) == NULL)
			return err_set(e, ERR_INVALID, "plugin %s has no "
			    "parameter %.64s", c->plugin->name, key);
	return 0;
}

struct params *
params_new(const struct lf_plugin *plugin, const json_t *values,
    struct err *e)
{
	struct params *c = xcalloc(1, sizeof(*c));
	const struct lf_param *q;
	int rc;

	c->plugin = plugin;
	c->values = json_object();
	rc = check_known(c, values, e);
	for (uint32_t i = 0; rc == 0 && (q = params_param_at(c, i)) != NULL;
	    i++)
		rc = add_value(c, q, json_object_get(values, q->key), e);
	if (rc != 0)
		params_free(&c);
	return c;
}

static void
secret_free(struct secret *s)
{
	explicit_bzero(s->text, s->len);
	(void)munlock(s->text, s->len + 1);
	free(s->text);
	free(s->key);
	free(s);
}

void
params_free(struct params **cp)
{
	struct params *c = *cp;
	struct secret *s;

	if (c == NULL)
		return;
	*cp = NULL;
	while ((s = c->secrets) != NULL) {
		c->secrets = s->next;
		secret_free(s);
	}
	json_decref(c->values);
	free(c);
}

int
params_add_secret(struct params *c, const char *key, int fd, struct err *e)
{
	const struct lf_param *q = params_param(c, key);
	struct secret *s;
	char *text;
	size_t len;

	if (q == NULL || q->type != LF_PARAM_SECRET)
		return err_set(e, ERR_INVALID, "plugin %s has no secret "
		    "%.64s", c->plugin->name, key);
	if (wire_blob_read(fd, PARAMS_SECRET, &text, &len, e) != 0)
		return err_prefix(e, "secret %s", key);
	while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
		text[--len] = '\0';
	(void)mlock(text, len + 1); /* best effort: keep it out of swap */
	s = xcalloc(1, sizeof(*s));
	s->key = xstrdup(key);
	s->text = text;
	s->len = len;
	s->next = c->secrets;
	c->secrets = s;
	return 0;
}

const char *
params_str(const struct params *c, const char *key)
{
	const char *s = json_string_value(json_object_get(c->values, key));

	return s != NULL ? s : "";
}

int64_t
params_int(const struct params *c, const char *key)
{
	const json_t *v = json_object_get(c->values, key);

	return json_is_boolean(v) ? json_is_true(v) : json_integer_value(v);
}

const char *
params_secret(const struct params *c, const char *key)
{
	for (const struct secret *s = c->secrets; s != NULL; s = s->next)
		if (strcmp(s->key, key) == 0)
			return s->text;
	return NULL;
}
