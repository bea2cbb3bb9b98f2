/*
 * load: distrusts the file first and the plugin next; every refusal has its
 * own message. Must never dlclose: libraries of a plugin may have left
 * threads or exit handlers behind. Called by worker.c and litfassd
 * --describe.
 */
#include "config.h"

#include <sys/stat.h>
#include <dlfcn.h>
#include <errno.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "worker/load.h"
#include "worker/sandbox.h"

#define PARAMS_MAX	256
#define SUFFIX		".so"

/* Sizes of the structs at each minor version, from 1.0 on. A new minor adds
 * a row; tests/abi pins them. */
static const uint32_t plugin_sizes[] = {
	offsetof(struct lf_plugin, close) + sizeof(void (*)(void *)),
};
static const uint32_t param_sizes[] = {
	offsetof(struct lf_param, doc) + sizeof(const char *),
};

_Static_assert(sizeof(plugin_sizes) / sizeof(plugin_sizes[0]) ==
    LF_ABI_MINOR + 1, "a minor version without its size");

static const struct {
	uint64_t bit;
	const char *word;
} caps[] = {
	{ LF_CAP_TEXT, "text" },
	{ LF_CAP_LINK, "link" },
	{ LF_CAP_IMAGE, "image" },
	{ LF_CAP_VIDEO, "video" },
	{ LF_CAP_AUDIO, "audio" },
	{ LF_CAP_POLL, "poll" },
	{ LF_CAP_UPDATE, "update" },
	{ LF_CAP_RETRACT, "retract" },
	{ LF_CAP_EXPIRY, "expiry" },
	{ LF_CAP_RECEIPTS, "receipts" },
	{ LF_CAP_IDEMPOTENT, "idempotent" },
};

/* [a-z0-9_] and, where minus is true, '-'; 1 to LOAD_NAME_MAX bytes. */
static bool
is_word(const char *s, size_t len, bool minus)
{
	if (s == NULL || len == 0 || len > LOAD_NAME_MAX)
		return false;
	for (size_t i = 0; i < len; i++)
		if (strchr("abcdefghijklmnopqrstuvwxyz0123456789_",
		    s[i]) == NULL && !(minus && s[i] == '-'))
			return false;
	return true;
}

static int
check_owner(const char *path, struct err *e)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return err_set(e, ERR_NOT_FOUND, "%s: install the plugin or "
		    "correct its name", strerror(errno));
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return err_set(e, ERR_DENIED, "%s belongs to user %d, who is "
		    "neither root nor the user of litfassd: chown it", path,
		    (int)st.st_uid);
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0 &&
	    !(S_ISDIR(st.st_mode) && (st.st_mode & S_ISVTX) != 0))
		return err_set(e, ERR_DENIED, "%s may be changed by others: "
		    "chmod go-w it", path);
	return 0;
}

/* The file and the folder it lies in. */
static int
check_file(const char *path, struct err *e)
{
	char *copy = xstrdup(path);
	int rc = -1;

	if (check_owner(path, e) == 0)
		rc = check_owner(dirname(copy), e);
	free(copy);
	return rc;
}

/* The NAME of .../NAME.so into name. */
static int
name_of(const char *path, char name[LOAD_NAME_MAX + 1], struct err *e)
{
	const char *base = strrchr(path, '/');
	size_t len;

	if (path[0] != '/')
		return err_set(e, ERR_INVALID,
		    "the path has to begin with '/'");
	len = strlen(++base);
	if (len < sizeof(SUFFIX) ||
	    strcmp(base + len - strlen(SUFFIX), SUFFIX) != 0 ||
	    !is_word(base, len - strlen(SUFFIX), true))
		return err_set(e, ERR_INVALID, "a plugin is called NAME.so, "
		    "NAME out of 1 to %d of a-z 0-9 _ -", LOAD_NAME_MAX);
	snprintf(name, LOAD_NAME_MAX + 1, "%.*s",
	    (int)(len - strlen(SUFFIX)), base);
	return 0;
}

static int
check_abi(const struct lf_plugin *p, struct err *e)
{
	if (p->magic != LF_MAGIC)
		return err_set(e, ERR_INVALID, "wrong magic %#x: begin "
		    "litfass_plugin with LF_PLUGIN_HEAD", (unsigned)p->magic);
	if (p->abi_major != LF_ABI_MAJOR)
		return err_set(e, ERR_INVALID, "made for ABI %d.%d, this "
		    "litfass has %d.%d: get a plugin for ABI %d",
		    p->abi_major, p->abi_minor, LF_ABI_MAJOR, LF_ABI_MINOR,
		    LF_ABI_MAJOR);
	if (p->abi_minor > LF_ABI_MINOR)
		return err_set(e, ERR_INVALID, "made for ABI %d.%d, newer "
		    "than %d.%d of this litfass: update litfass",
		    p->abi_major, p->abi_minor, LF_ABI_MAJOR, LF_ABI_MINOR);
	if (p->size < plugin_sizes[p->abi_minor])
		return err_set(e, ERR_INVALID, "its description has %u bytes "
		    "where ABI %d.%d has %u: build it again",
		    (unsigned)p->size, p->abi_major, p->abi_minor,
		    (unsigned)plugin_sizes[p->abi_minor]);
	return 0;
}

static int
check_words(const struct lf_plugin *p, const char *name, struct err *e)
{
	if (p->name == NULL || strcmp(p->name, name) != 0)
		return err_set(e, ERR_INVALID, "it calls itself \"%.64s\": "
		    "name and file have to agree",
		    p->name != NULL ? p->name : "");
	if (p->version == NULL || p->summary == NULL || p->licence == NULL ||
	    p->contact == NULL || p->address_kind == NULL)
		return err_set(e, ERR_INVALID, "version, summary, licence, "
		    "contact and address_kind are needed");
	if (!is_word(p->address_kind, strlen(p->address_kind), true))
		return err_set(e, ERR_INVALID, "address_kind has to be a "
		    "word out of a-z 0-9 _ -");
	return 0;
}

static int
check_members(const struct lf_plugin *p, const char *name, struct err *e)
{
	if (check_words(p, name, e) != 0)
		return -1;
	if (p->open == NULL || p->render == NULL || p->submit == NULL ||
	    p->close == NULL)
		return err_set(e, ERR_INVALID, "open, render, submit and "
		    "close are needed");
	if (p->max_inflight == 0 || p->send_timeout == 0)
		return err_set(e, ERR_INVALID, "max_inflight and "
		    "send_timeout have to be at least 1");
	if (p->flags != 0)
		return err_set(e, ERR_INVALID, "unknown flags %#x",
		    (unsigned)p->flags);
	return 0;
}

static const struct lf_param *
param_at(const struct lf_plugin *p, uint32_t i)
{
	return (const struct lf_param *)(const void *)
	    ((const char *)p->params + (size_t)i * p->param_size);
}

static int
check_param(const struct lf_param *q, struct err *e)
{
	if (q->key == NULL || !is_word(q->key, strlen(q->key), false))
		return err_set(e, ERR_INVALID,
		    "a key is 1 to %d of a-z 0-9 _", LOAD_NAME_MAX);
	if (q->type < LF_PARAM_STRING || q->type > LF_PARAM_TEXT)
		return err_set(e, ERR_INVALID, "%s: unknown type %u", q->key,
		    (unsigned)q->type);
	if (q->doc == NULL || *q->doc == '\0')
		return err_set(e, ERR_INVALID, "%s: no doc", q->key);
	if (q->type == LF_PARAM_ENUM && q->choices == NULL)
		return err_set(e, ERR_INVALID, "%s: an ENUM needs choices",
		    q->key);
	if (q->min > q->max)
		return err_set(e, ERR_INVALID, "%s: min is above max",
		    q->key);
	if (q->def != NULL && ((q->flags & LF_REQUIRED) != 0 ||
	    q->type == LF_PARAM_SECRET))
		return err_set(e, ERR_INVALID, "%s: a required parameter or "
		    "a secret has no default", q->key);
	return 0;
}

static int
check_params(const struct lf_plugin *p, struct err *e)
{
	if (p->n_params == 0)
		return 0;
	if (p->params == NULL || p->n_params > PARAMS_MAX ||
	    p->param_size < param_sizes[p->abi_minor] ||
	    p->param_size % _Alignof(struct lf_param) != 0)
		return err_set(e, ERR_INVALID, "the table of parameters is "
		    "malformed: build it again");
	for (uint32_t i = 0; i < p->n_params; i++) {
		if (check_param(param_at(p, i), e) != 0)
			return err_prefix(e, "parameter %u", (unsigned)i + 1);
		for (uint32_t j = 0; j < i; j++)
			if (strcmp(param_at(p, i)->key,
			    param_at(p, j)->key) == 0)
				return err_set(e, ERR_INVALID, "parameter %s "
				    "is there twice", param_at(p, i)->key);
	}
	return 0;
}

int
load_check(const struct lf_plugin *p, const char *name, struct err *e)
{
	if (check_abi(p, e) != 0 || check_members(p, name, e) != 0)
		return -1;
	return check_params(p, e);
}

/* RTLD_LOCAL: two plugins' libraries must not see each other's symbols. */
static const struct lf_plugin *
open_file(const char *path, struct err *e)
{
	void *h = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	const struct lf_plugin *p;

	if (h == NULL) {
		err_set(e, ERR_FAILED, "%s", dlerror());
		return NULL;
	}
	p = dlsym(h, "litfass_plugin");
	if (p == NULL)
		err_set(e, ERR_INVALID, "no symbol litfass_plugin: it is not "
		    "a litfass plugin, or hides its description");
	return p;
}

const struct lf_plugin *
load_plugin(const char *path, struct err *e)
{
	char name[LOAD_NAME_MAX + 1];
	const struct lf_plugin *p;

	if (name_of(path, name, e) == 0 && check_file(path, e) == 0 &&
	    (p = open_file(path, e)) != NULL && load_check(p, name, e) == 0)
		return p;
	err_prefix(e, "load plugin %s", path);
	return NULL;
}

static json_t *
describe_param(const struct lf_param *q)
{
	return json_pack("{s:s s:i s:i s:s? s:I s:I s:s? s:s}",
	    "key", q->key, "type", (int)q->type, "flags", (int)q->flags,
	    "default", q->def, "min", (json_int_t)q->min,
	    "max", (json_int_t)q->max, "choices", q->choices, "doc", q->doc);
}

static json_t *
describe_caps(uint64_t bits)
{
	json_t *words = json_array();

	for (size_t i = 0; i < sizeof(caps) / sizeof(caps[0]); i++)
		if ((bits & caps[i].bit) != 0)
			json_array_append_new(words,
			    json_string(caps[i].word));
	return words;
}

json_t *
load_describe(const struct lf_plugin *p)
{
	json_t *params = json_array();
	char abi[16];

	snprintf(abi, sizeof(abi), "%d.%d", p->abi_major, p->abi_minor);
	for (uint32_t i = 0; i < p->n_params; i++)
		if (json_array_append_new(params,
		    describe_param(param_at(p, i))) != 0) {
			json_decref(params);
			return NULL;
		}
	return json_pack("{s:s s:s s:s s:s s:s s:s s:I s:o s:s s:I s:I s:o}",
	    "name", p->name, "version", p->version, "summary", p->summary,
	    "licence", p->licence, "contact", p->contact, "abi", abi,
	    "caps", (json_int_t)p->caps, "can", describe_caps(p->caps),
	    "address_kind", p->address_kind,
	    "max_inflight", (json_int_t)p->max_inflight,
	    "send_timeout", (json_int_t)p->send_timeout, "params", params);
}

void
load_describe_main(const char *path)
{
	struct sandbox_path own = { path, false };
	struct err e = { ERR_OK, "" };
	const struct lf_plugin *p = NULL;
	const char *what;
	json_t *json;

	/* Loading runs code of the plugin already: its constructors. */
	if (sandbox_enter(SANDBOX_BEST_EFFORT, &own, 1, &what, &e) == 0)
		p = load_plugin(path, &e);
	json = p != NULL ? load_describe(p) : NULL;
	if (json == NULL) {
		log_warn("%s", p == NULL ? e.text :
		    "describe plugin: a text in it is not UTF-8");
		_exit(p == NULL ? (int)e.code : ERR_INVALID);
	}
	json_dumpf(json, stdout, JSON_INDENT(2));
	putchar('\n');
	/* Exit handlers may be foreign code, too. */
	_exit(fflush(stdout) == 0 ? 0 : ERR_FAILED);
}
