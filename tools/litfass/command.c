/*
 * command: find the command and its options on the command line. Prints
 * nothing. Called by main.
 */
#include "config.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/near.h"
#include "command.h"

#define SHORT_MAX	128

bool
command_has(const struct command *cmd, enum opt o)
{
	if (o < OPTS_GLOBAL)
		return true;
	for (size_t i = 0; cmd->opts[i] != OPTS; i++)
		if (cmd->opts[i] == o)
			return true;
	return false;
}

/* ---------------------------------------------------------- the options -- */

/* The options that count, the command's own before global ones of the same
 * name. ids_r gets their number; returns how many. */
static size_t
gather(const struct command *cmd, enum opt *ids_r)
{
	size_t n = 0;

	if (cmd != NULL)
		while (cmd->opts[n] != OPTS) {
			ids_r[n] = cmd->opts[n];
			n++;
		}
	for (int o = 0; o < OPTS_GLOBAL; o++) {
		bool shadowed = false;

		for (size_t i = 0; i < n; i++)
			if (strcmp(option_rows[ids_r[i]].name,
			    option_rows[o].name) == 0)
				shadowed = true;
		if (!shadowed)
			ids_r[n++] = (enum opt)o;
	}
	return n;
}

/* Leading '+': stop at the first argument. ':': tell a missing value from an
 * unknown option. */
static void
make_tables(const struct command *cmd, const enum opt *ids, size_t n,
    struct option *longs, char *shorts)
{
	char *p = shorts;

	if (cmd == NULL)
		*p++ = '+';
	*p++ = ':';
	for (size_t i = 0; i < n; i++) {
		const struct option_row *row = &option_rows[ids[i]];

		longs[i].name = row->name;
		longs[i].has_arg = row->arg != NULL;
		longs[i].flag = NULL;
		longs[i].val = 256 + (int)ids[i];
		if (row->letter == 0)
			continue;
		*p++ = row->letter;
		if (row->arg != NULL)
			*p++ = ':';
	}
	memset(&longs[n], 0, sizeof(longs[n]));
	*p = '\0';
}

static enum opt
by_letter(const enum opt *ids, size_t n, int letter)
{
	for (size_t i = 0; i < n; i++)
		if (option_rows[ids[i]].letter == letter)
			return ids[i];
	return OPTS;
}

/* "a|b|c" has s as one of its words. */
static bool
one_of(const char *choices, const char *s)
{
	size_t len = strlen(s), part;

	for (const char *p = choices; *p != '\0'; p += part) {
		part = strcspn(p, "|");
		if (part == len && memcmp(p, s, len) == 0)
			return true;
		if (p[part] == '|')
			part++;
	}
	return false;
}

static int
take(struct cli *c, enum opt o, const char *value, struct err *e)
{
	const struct option_row *row = &option_rows[o];

	if (row->choices != NULL && !one_of(row->choices, value))
		return err_set(e, ERR_USAGE, "--%s %.40s: there is no such "
		    "word: use one of %s", row->name, value, row->choices);
	c->opt[o] = value == NULL ? "" : value;
	return 0;
}

static int
unknown_option(const enum opt *ids, size_t n, const char *word,
    struct err *e)
{
	const char *known[OPTS], *near = NULL;

	for (size_t i = 0; i < n; i++)
		known[i] = option_rows[ids[i]].name;
	if (strncmp(word, "--", 2) == 0)
		near = near_word(word + 2, known, n);
	if (near != NULL)
		return err_set(e, ERR_USAGE, "%.40s: there is no such option "
		    "here: did you mean --%s", word, near);
	return err_set(e, ERR_USAGE, "%.40s: there is no such option here: "
	    "--help lists them", word);
}

/* Read options; stops at the first argument when cmd is NULL, otherwise the
 * arguments are moved to the end. optind says where they begin. */
static int
read_options(struct cli *c, const struct command *cmd, int argc, char **argv,
    struct err *e)
{
	struct option longs[OPTS + 1];
	enum opt ids[OPTS], o;
	char shorts[SHORT_MAX];
	size_t n = gather(cmd, ids);
	int ch;

	make_tables(cmd, ids, n, longs, shorts);
	optind = 0;
	opterr = 0;
	while ((ch = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (ch == ':')
			return err_set(e, ERR_USAGE, "%.40s: its value is "
			    "missing: give one", argv[optind - 1]);
		if (ch == '?')
			return unknown_option(ids, n, argv[optind - 1], e);
		o = ch >= 256 ? (enum opt)(ch - 256) : by_letter(ids, n, ch);
		if (take(c, o, optarg, e) == -1)
			return -1;
	}
	return 0;
}

/* ---------------------------------------------------------- the command -- */

/* The command these words begin with; *used_r is how many of them. */
static const struct command *
find(int argc, char **argv, int *used_r)
{
	for (size_t i = 0; i < n_commands; i++) {
		const char *name = commands[i].name;
		const char *second = strchr(name, ' ');
		size_t len = strcspn(name, " ");

		if (strlen(argv[0]) != len || memcmp(name, argv[0], len) != 0)
			continue;
		*used_r = second == NULL ? 1 : 2;
		if (second == NULL ||
		    (argc > 1 && strcmp(second + 1, argv[1]) == 0))
			return &commands[i];
	}
	return NULL;
}

/* The second words that may follow the first, or nothing. */
static void
list_second(const char *first, struct buf *out)
{
	size_t len = strlen(first);

	for (size_t i = 0; i < n_commands; i++)
		if (strncmp(commands[i].name, first, len) == 0 &&
		    commands[i].name[len] == ' ')
			buf_fmt(out, "%s%s", out->len > 0 ? ", " : "",
			    commands[i].name + len + 1);
}

static int
unknown_command(const char *word, struct err *e)
{
	const char *known[64], *near;
	struct buf seconds;

	buf_init(&seconds, 256);
	list_second(word, &seconds);
	if (seconds.len > 0) {
		err_set(e, ERR_USAGE, "litfass %s: the second word is "
		    "missing or unknown: use %s", word,
		    buf_cstr(&seconds));
		buf_fini(&seconds);
		return -1;
	}
	buf_fini(&seconds);
	for (size_t i = 0; i < n_commands; i++)
		known[i] = commands[i].name;
	near = near_word(word, known, n_commands);
	return err_set(e, ERR_USAGE, "litfass %.40s: there is no such "
	    "command: %s%s", word, near == NULL ? "litfass help lists them" :
	    "did you mean ", near == NULL ? "" : near);
}

static int
check_count(const struct cli *c, struct err *e)
{
	const struct command *cmd = c->command;

	if (c->opt[OPT_HELP] != NULL)
		return 0;
	if (c->n_args < cmd->min_args)
		return err_set(e, ERR_USAGE, "litfass %s: %s is missing: "
		    "litfass help %s shows an example", cmd->name, cmd->args,
		    cmd->name);
	if (c->n_args > cmd->max_args)
		return err_set(e, ERR_USAGE, "litfass %s: %.40s: an argument "
		    "too many: litfass help %s shows an example", cmd->name,
		    c->args[cmd->max_args], cmd->name);
	return 0;
}

static int
take_environment(struct cli *c, struct err *e)
{
	const char *value;

	for (int o = 0; o < OPTS; o++) {
		if (option_rows[o].env == NULL || c->opt[o] != NULL)
			continue;
		value = getenv(option_rows[o].env);
		if (value != NULL && *value != '\0' &&
		    take(c, (enum opt)o, value, e) == -1)
			return err_prefix(e, "%s", option_rows[o].env);
	}
	return 0;
}

static void
take_settings(struct cli *c)
{
	static const char *const formats[] = { [OUT_TABLE] = "table",
		[OUT_JSON] = "json", [OUT_JSONL] = "jsonl",
		[OUT_ID] = "id" };

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (c->opt[OPT_OUTPUT] != NULL &&
		    strcmp(formats[i], c->opt[OPT_OUTPUT]) == 0)
			c->format = (enum out_format)i;
	c->german = c->opt[OPT_WORDS] != NULL &&
	    strcmp(c->opt[OPT_WORDS], "de") == 0;
}

int
command_parse(struct cli *c, int argc, char **argv, struct err *e)
{
	int used = 0, at;

	memset(c, 0, sizeof(*c));
	if (read_options(c, NULL, argc, argv, e) == -1)
		return -1;
	at = optind;
	if (at < argc) {
		c->command = find(argc - at, argv + at, &used);
		if (c->command == NULL)
			return unknown_command(argv[at], e);
		/* The last word stands where getopt expects a name. */
		at += used - 1;
		if (read_options(c, c->command, argc - at, argv + at, e) ==
		    -1)
			return -1;
		c->args = argv + at + optind;
		c->n_args = argc - at - optind;
		if (check_count(c, e) == -1)
			return -1;
	}
	if (take_environment(c, e) == -1)
		return -1;
	take_settings(c);
	return 0;
}

int
command_limit(const struct cli *c, long *n_r, struct err *e)
{
	const char *s = c->opt[OPT_LIMIT];
	char *end;

	*n_r = 0;
	if (s == NULL)
		return 0;
	*n_r = strtol(s, &end, 10);
	if (end == s || *end != '\0' || *n_r < 1 || *n_r > 100000000)
		return err_set(e, ERR_USAGE, "--limit %.20s: this is not a "
		    "number: give one from 1 on", s);
	return 0;
}
