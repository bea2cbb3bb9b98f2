/*
 * guard: count first, then parse. Never recurses on input. Called by announce
 * and the command line.
 */
#include "config.h"

#include <stdbool.h>
#include <string.h>

#include "announce/guard.h"
#include "announce/problem.h"

/* Strings are skipped, so brackets in texts do not count. */
static size_t
depth_of(const char *text, size_t len)
{
	size_t depth = 0, deepest = 0;
	bool in_string = false;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (in_string && c == '\\')
			i++;
		else if (c == '"')
			in_string = !in_string;
		else if (in_string)
			continue;
		else if ((c == '{' || c == '[') && ++depth > deepest)
			deepest = depth;
		else if ((c == '}' || c == ']') && depth > 0)
			depth--;
	}
	return deepest;
}

static const struct {
	enum json_error_code code;
	const char *slug, *help;
} parser_errors[] = {
	{ json_error_duplicate_key, "duplicate-key",
	    "the same key comes twice, and nobody can say which one counts: "
	    "remove one" },
	{ json_error_invalid_utf8, "invalid-utf8",
	    "the bytes are not UTF-8: save the file as UTF-8" },
	{ json_error_null_character, "control-character",
	    "a NUL character cannot be sent: remove it" },
	{ json_error_null_byte_in_key, "control-character",
	    "a NUL character cannot be sent: remove it" },
};

static int
parser_error(const json_error_t *je, struct problems *p)
{
	const char *slug = "invalid-json";
	const char *help = "this is not JSON: correct it there or shortly "
	    "before";
	size_t n = sizeof(parser_errors) / sizeof(parser_errors[0]);

	for (size_t i = 0; i < n; i++)
		if (json_error_code(je) == parser_errors[i].code) {
			slug = parser_errors[i].slug;
			help = parser_errors[i].help;
		}
	if (strstr(je->text, "Unicode") != NULL) {
		slug = "invalid-utf8";
		help = "half of a surrogate pair is missing: write the "
		    "character itself";
	}
	return problem_add(p, PROBLEM_ERROR, "", slug,
	    "line %d, column %d: %s (%.80s)", je->line, je->column, help,
	    je->text);
}

int
guard_check(const char *text, size_t len, size_t max, struct problems *p)
{
	if (len > max)
		return problem_add(p, PROBLEM_ERROR, "", "too-long",
		    "%zu bytes are more than the %zu allowed: shorten the "
		    "texts and link to the rest", len, max);
	if (depth_of(text, len) > GUARD_DEPTH)
		return problem_add(p, PROBLEM_ERROR, "", "too-deep",
		    "objects and arrays are nested more than %d levels deep: "
		    "no announcement needs that", GUARD_DEPTH);
	return 0;
}

json_t *
guard_load(const char *text, size_t len, size_t max, struct problems *p)
{
	json_error_t je;
	json_t *root;

	if (guard_check(text, len, max, p) < 0)
		return NULL;
	root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &je);
	if (root == NULL) {
		parser_error(&je, p);
		return NULL;
	}
	if (!json_is_object(root)) {
		json_decref(root);
		problem_add(p, PROBLEM_ERROR, "", "wrong-type",
		    "an announcement is a JSON object: begin with {");
		return NULL;
	}
	return root;
}
