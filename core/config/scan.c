/*
 * scan: refuse what libconfig would misread. Knows strings, comments,
 * numbers and brackets, not the grammar: that stays libconfig's. Never
 * changes the text. Called by tree.
 */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "config/scan.h"

struct scan {
	const char *file;
	const char *at;		/* the text ends with a NUL */
	unsigned line;
	unsigned depth;
	char open[SCAN_DEPTH + 1];	/* the brackets around us */
	char last;		/* the character that ended the last token */
	struct faults *problems;
};

static void
scan_line_comment(struct scan *s)
{
	while (*s->at != '\0' && *s->at != '\n')
		s->at++;
}

static int
scan_block_comment(struct scan *s)
{
	unsigned first = s->line;

	for (s->at += 2; *s->at != '\0'; s->at++) {
		if (s->at[0] == '*' && s->at[1] == '/') {
			s->at += 2;
			return 0;
		}
		s->line += *s->at == '\n';
	}
	return faults_add(s->problems, s->file, first, "the comment that "
	    "begins here has no end: add \"*/\"");
}

static int
scan_string(struct scan *s)
{
	unsigned first = s->line;
	int rc = 0;

	for (s->at++; *s->at != '\0'; s->at++) {
		if (*s->at == '"') {
			s->at++;
			return rc;
		}
		s->line += *s->at == '\n';
		if (*s->at != '\\' || s->at[1] == '\0')
			continue;
		s->at++;
		s->line += *s->at == '\n';
		if (strncmp(s->at, "x00", 3) == 0)
			rc = faults_add(s->problems, s->file, s->line,
			    "\\x00 ends a string early: remove it");
	}
	return faults_add(s->problems, s->file, first, "the string that "
	    "begins here has no end: add a closing quote");
}

/*
 * Where a value may stand. Anywhere else libconfig would say "syntax error"
 * and lose the memory of the string.
 */
static bool
string_fits(const struct scan *s)
{
	if (s->last == ',')
		return s->open[s->depth] == '[' || s->open[s->depth] == '(';
	return s->last != '\0' && strchr("=:[(\"", s->last) != NULL;
}

static int
scan_value(struct scan *s)
{
	if (string_fits(s))
		return scan_string(s);
	faults_add(s->problems, s->file, s->line, "there is text in quotes "
	    "where none may be: look for a missing quote, ';' or '=' before "
	    "it; keys have no quotes");
	/* What is inside and outside of quotes is guesswork from here. */
	s->at += strlen(s->at);
	return -1;
}

static bool
in_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '*';
}

/* Whole numbers only; fractions cannot wrap. */
static int
scan_number(struct scan *s)
{
	const char *from = s->at;
	bool hex = from[0] == '0' && (from[1] == 'x' || from[1] == 'X');
	char *end;
	unsigned long long n, max = INT32_MAX;

	errno = 0;
	n = strtoull(from, &end, hex ? 16 : 10);
	s->at = end;
	while (in_word(*s->at) || *s->at == '.')
		s->at++;
	if (!hex && (*end == '.' || *end == 'e' || *end == 'E'))
		return 0;
	if (*end == 'L')
		max = INT64_MAX;
	if (errno == 0 && n <= max)
		return 0;
	return faults_add(s->problems, s->file, s->line,
	    "%.*s does not fit into a number: it would be read as another "
	    "one: write sizes and durations as \"16MB\" or \"30s\"",
	    (int)(s->at - from > 40 ? 40 : s->at - from), from);
}

static int
scan_open(struct scan *s)
{
	if (s->depth < SCAN_DEPTH) {
		s->open[++s->depth] = *s->at++;
		return 0;
	}
	s->depth++;
	s->at++;
	return faults_add(s->problems, s->file, s->line, "groups are nested "
	    "more than %u deep: no setting needs that: remove some brackets",
	    SCAN_DEPTH);
}

static int
scan_at_sign(struct scan *s)
{
	scan_line_comment(s);
	return faults_add(s->problems, s->file, s->line, "@include is not "
	    "followed: what is read must be visible: put the file into "
	    "conf.d or channels.d");
}

static int
scan_token(struct scan *s)
{
	switch (*s->at) {
	case '"':
		return scan_value(s);
	case '@':
		return scan_at_sign(s);
	case '{': case '[': case '(':
		return scan_open(s);
	case '}': case ']': case ')':
		s->depth -= s->depth > 0;
		break;
	default:
		break;
	}
	s->at++;
	return 0;
}

/* The token or blank at s->at. */
static int
scan_next(struct scan *s)
{
	if (isdigit((unsigned char)*s->at))
		return scan_number(s);
	if (!in_word(*s->at) || *s->at == '-')
		return scan_token(s);
	while (in_word(*s->at))
		s->at++;
	return 0;
}

static int
scan_step(struct scan *s)
{
	int rc;

	if (*s->at == '#' || (s->at[0] == '/' && s->at[1] == '/')) {
		scan_line_comment(s);
		return 0;
	}
	if (s->at[0] == '/' && s->at[1] == '*')
		return scan_block_comment(s);
	if (isspace((unsigned char)*s->at)) {
		s->line += *s->at++ == '\n';
		return 0;
	}
	rc = scan_next(s);
	s->last = s->at[-1];
	return rc;
}

static unsigned
line_of(const char *text, const char *at)
{
	unsigned line = 1;

	for (; text < at; text++)
		line += *text == '\n';
	return line;
}

int
scan_text(const char *file, const char *text, size_t len,
    struct faults *p)
{
	struct scan s = { .file = file, .at = text, .line = 1,
	    .problems = p };
	const char *nul = memchr(text, '\0', len);
	int rc = 0;

	if (nul != NULL)
		return faults_add(p, file, line_of(text, nul), "there is a "
		    "NUL byte: this is not a text file: save it as UTF-8");
	while (*s.at != '\0' && s.depth <= SCAN_DEPTH)
		if (scan_step(&s) != 0)
			rc = -1;
	return rc;
}
