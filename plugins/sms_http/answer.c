/*
 * answer: reads the answers of gateways by their preset. It must never call
 * a message sent that the gateway did not take. Called by sms_http.
 */
#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "litfass/plugin.h"

#include "answer.h"

#define CLASS_DUPLICATE	(-1)	/* not an outcome: depends on resend */
#define CLASS_NONE	0

static const struct {
	const char *name;
	int32_t outcome;
} classes[] = {
	{ "ok", LF_ACCEPTED }, { "retry", LF_TEMPFAIL },
	{ "permanent", LF_PERMFAIL }, { "suppress", LF_PERMFAIL },
	{ "pause", LF_CHANNEL_DOWN }, { "config", LF_CHANNEL_DOWN },
	{ "unknown", LF_UNKNOWN }, { "duplicate", CLASS_DUPLICATE },
};

/* Where the body says nothing: the status alone. 500, 502 and 504 come from
 * machines that may have passed the message on. */
static const struct {
	int32_t status;
	int32_t outcome;
} statuses[] = {
	{ 400, LF_PERMFAIL }, { 408, LF_TEMPFAIL }, { 409, LF_PERMFAIL },
	{ 413, LF_PERMFAIL }, { 422, LF_PERMFAIL }, { 425, LF_TEMPFAIL },
	{ 429, LF_TEMPFAIL }, { 500, LF_UNKNOWN }, { 502, LF_UNKNOWN },
	{ 503, LF_TEMPFAIL }, { 504, LF_UNKNOWN },
};

static int32_t
class_of(const char *name, size_t n)
{
	for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
		if (strlen(classes[i].name) == n &&
		    memcmp(classes[i].name, name, n) == 0)
			return classes[i].outcome;
	return CLASS_NONE;
}

/* Look a code up in "code=class code=class". */
static int32_t
code_class(const char *codes, const char *code)
{
	size_t len = strlen(code), n;

	for (; *codes != '\0'; codes += n) {
		codes += strspn(codes, " \n");
		n = strcspn(codes, " \n");
		if (n > len && codes[len] == '=' &&
		    memcmp(codes, code, len) == 0)
			return class_of(codes + len + 1, n - len - 1);
	}
	return CLASS_NONE;
}

const char *
answer_codes_objection(const char *codes)
{
	size_t n, name;

	for (codes += strspn(codes, " \n"); *codes != '\0';
	    codes += strspn(codes, " \n")) {
		n = strcspn(codes, " \n");
		name = strcspn(codes, "= \n");
		if (name >= n || class_of(codes + name + 1, n - name - 1) ==
		    CLASS_NONE)
			return codes;
		codes += n;
	}
	return NULL;
}

/* Collect what path leads to: "$.a[0].b[*].c". */
static void
path_collect(json_t *v, const char *path, json_t *found)
{
	char key[64];
	size_t n, i;
	json_t *member;

	if (*path == '$')
		path++;
	if (v == NULL)
		return;
	if (*path == '\0' || *path == ' ') {
		json_array_append(found, v);
	} else if (strncmp(path, "[*]", 3) == 0) {
		json_array_foreach(v, i, member)
			path_collect(member, path + 3, found);
	} else if (*path == '[') {
		n = strtoul(path + 1, NULL, 10);
		path += strcspn(path, "]");
		path_collect(json_array_get(v, n), path + (*path == ']'),
		    found);
	} else if (*path == '.') {
		n = strcspn(path + 1, ".[ ");
		snprintf(key, sizeof key, "%.*s", (int)n, path + 1);
		path_collect(json_object_get(v, key), path + 1 + n, found);
	}
}

/* Element i as text, "" for what has none; printable only. */
static void
element_text(const json_t *found, size_t i, char *to, size_t size)
{
	json_t *v = json_array_get(found, i);
	const char *s = json_string_value(v);
	size_t len = 0;

	if (json_is_integer(v))
		snprintf(to, size, "%lld", (long long)json_integer_value(v));
	else if (json_is_boolean(v))
		snprintf(to, size, "%s", json_is_true(v) ? "true" : "false");
	else {
		for (; s != NULL && *s != '\0' && len + 1 < size; s++)
			if ((unsigned char)*s >= 0x20)
				to[len++] = *s;
		/* Cut between characters, not inside one. */
		if (s != NULL && ((unsigned char)*s & 0xc0) == 0x80)
			while (((unsigned char)to[--len] & 0xc0) == 0x80)
				continue;
		to[len] = '\0';
	}
}

static void
first_text(json_t *root, const char *path, char *to, size_t size)
{
	json_t *found = json_array();

	if (*path != '\0')
		path_collect(root, path, found);
	element_text(found, 0, to, size);
	json_decref(found);
}

/* True when value is one of "a|b|c". */
static bool
in_list(const char *list, const char *value)
{
	size_t n, len = strlen(value);

	for (;; list += n + 1) {
		n = strcspn(list, "|");
		if (n == len && memcmp(list, value, n) == 0)
			return true;
		if (list[n] == '\0')
			return false;
	}
}

/* How many values "path=list" finds, and how many of them are good. Without
 * a list every value is. */
static void
ok_count(json_t *root, const char *ok, size_t *n_r, size_t *good_r)
{
	size_t n = strcspn(ok, "=");
	char path[128], value[64];
	json_t *found = json_array();

	snprintf(path, sizeof path, "%.*s", (int)n, ok);
	path_collect(root, path, found);
	*n_r = json_array_size(found);
	*good_r = 0;
	for (size_t i = 0; i < *n_r; i++) {
		element_text(found, i, value, sizeof value);
		*good_r += ok[n] == '=' ? in_list(ok + n + 1, value) :
		    *value != '\0';
	}
	json_decref(found);
}

/* The class of the first code on these paths that we know and that is not
 * ok; the code itself in to. */
static int32_t
codes_read(const struct preset *p, json_t *root, char *to, size_t size)
{
	const char *path = p->code;
	json_t *found;
	int32_t class = CLASS_NONE;

	to[0] = '\0';
	for (; class == CLASS_NONE && *path != '\0';
	    path += strcspn(path, " "), path += *path == ' ') {
		found = json_array();
		path_collect(root, path, found);
		for (size_t i = 0; class == CLASS_NONE &&
		    i < json_array_size(found); i++) {
			element_text(found, i, to, size);
			class = code_class(p->codes, to);
			if (class == LF_ACCEPTED)
				class = CLASS_NONE;
		}
		json_decref(found);
	}
	/* Some answer an error with nothing but its number. */
	if (class == CLASS_NONE && json_is_integer(root)) {
		snprintf(to, size, "%lld",
		    (long long)json_integer_value(root));
		class = code_class(p->codes, to);
	}
	return class;
}

static int32_t
status_outcome(int32_t status)
{
	for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
		if (statuses[i].status == status)
			return statuses[i].outcome;
	return status >= 500 ? LF_UNKNOWN : LF_CHANNEL_DOWN;
}

/* 2xx: the body decides where the preset knows how. */
static int32_t
success_outcome(const struct preset *p, json_t *root, int32_t class)
{
	size_t n, good;

	if (*p->ok == '\0')
		return class == CLASS_NONE ? LF_ACCEPTED : class;
	ok_count(root, p->ok, &n, &good);
	if (n > 0 && good == n)
		return LF_ACCEPTED;
	/* Of several parts some are out: neither sent nor unsent. */
	if (good > 0)
		return LF_UNKNOWN;
	return class == CLASS_NONE ? LF_UNKNOWN : class;
}

/* An error that the preset does not know may be the account's as well as the
 * number's: it must not cost everybody the message. */
static int32_t
failure_outcome(const struct preset *p, int32_t status, const char *code)
{
	int32_t outcome = status_outcome(status);

	return outcome == LF_PERMFAIL && *code != '\0' && *p->codes != '\0' ?
	    LF_TEMPFAIL : outcome;
}

static int32_t
outcome_of(const struct preset *p, int32_t status, json_t *root,
    int32_t class, const char *code)
{
	if (status >= 200 && status < 300)
		return success_outcome(p, root, class);
	/* The account or the address is wrong, whatever the body says. */
	if (status == 401)
		return LF_CHANNEL_DOWN;
	/* Not sent, whatever the body calls it. */
	if (class == LF_ACCEPTED)
		return status_outcome(status);
	return class != CLASS_NONE ? class : failure_outcome(p, status, code);
}

/* Error texts like to repeat the number of the recipient, in their own way:
 * "+49 (0)176 040-690 12". */
static void
mask_numbers(char *s)
{
	size_t n, digits;

	for (; *s != '\0'; s += n > 0 ? n : 1) {
		n = strspn(s, "0123456789 ()/.-");
		digits = 0;
		for (size_t i = 0; i < n; i++)
			digits += isdigit((unsigned char)s[i]) != 0;
		for (size_t i = 0; digits >= 7 && i < n; i++)
			if (isdigit((unsigned char)s[i]))
				s[i] = 'x';
	}
}

void
answer_read(const struct preset *p, int32_t status, const char *body,
    size_t len, bool resend, struct answer *a)
{
	json_t *root = json_loadb(body, len, JSON_DECODE_ANY, NULL);
	char code[64], text[160];
	int32_t class = codes_read(p, root, code, sizeof code);

	memset(a, 0, sizeof *a);
	a->outcome = outcome_of(p, status, root, class, code);
	if (a->outcome == CLASS_DUPLICATE)
		a->outcome = resend ? LF_ACCEPTED : LF_PERMFAIL;
	a->code = class != CLASS_NONE && isdigit((unsigned char)code[0]) &&
	    strlen(code) < 10 ? (int32_t)strtol(code, NULL, 10) : status;
	first_text(root, p->text, text, sizeof text);
	mask_numbers(text);
	mask_numbers(code);
	if (a->outcome == LF_ACCEPTED)
		first_text(root, p->id, a->peer_id, sizeof a->peer_id);
	else
		snprintf(a->text, sizeof a->text, "HTTP %d%s%s%s%s",
		    (int)status, *code != '\0' ? ", code " : "", code,
		    *text != '\0' ? ": " : "", text);
	json_decref(root);
}
