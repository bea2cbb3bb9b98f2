/*
 * command: what litfass(1) can do, as two tables. Parsing, --help, completion
 * and the test of the man page are made from them, so they cannot disagree.
 */
#ifndef LITFASS_COMMAND_H
#define LITFASS_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum opt {
	/* Everywhere. */
	OPT_CONFIG, OPT_SOCKET, OPT_OUTPUT, OPT_WORDS, OPT_HELP,
	OPT_VERSION,
	/* Of some commands. */
	OPT_FILE, OPT_CAP, OPT_ID, OPT_WAIT, OPT_DRY_RUN, OPT_AT,
	OPT_CHANNEL, OPT_ONE_CHANNEL, OPT_EXERCISE, OPT_KEY, OPT_YES,
	OPT_PROGRESS, OPT_LANG, OPT_WATCH, OPT_LIMIT, OPT_STATE,
	OPT_RETRY_STATE, OPT_CSV, OPT_REASON, OPT_CHECK, OPT_REVEAL,
	OPT_TO, OPT_REF, OPT_TOPICS, OPT_ARS, OPT_LANGUAGES, OPT_ADDRESS,
	OPTS
};

#define OPTS_GLOBAL	OPT_FILE	/* the first that is not */

struct option_row {
	const char *name;	/* without dashes */
	char letter;		/* 0: none */
	const char *arg;	/* "FILE"; NULL: a switch */
	const char *env;	/* variable that stands in for it, or NULL */
	const char *choices;	/* "a|b|c", or NULL */
	const char *doc;
};

extern const struct option_row option_rows[OPTS];

enum out_format { OUT_TABLE, OUT_JSON, OUT_JSONL, OUT_ID };

/* One call of litfass. Strings are borrowed from argv and environment. */
struct cli {
	const struct command *command;
	const char *opt[OPTS];	/* NULL: not given; "": a switch that was */
	char **args;
	int n_args;
	enum out_format format;
	bool german;
};

/* 0, or -1 with *e: its code is the exit code, its text what to say. */
typedef int command_fn(const struct cli *c, struct err *e);

#define COMMAND_OPTS	12

struct command {
	const char *name;	/* "channel list": two words at most */
	const char *args;	/* "ID", "[ID]" */
	int min_args, max_args;
	enum opt opts[COMMAND_OPTS];	/* ends with OPTS */
	command_fn *run;
	const char *doc;	/* one line */
	const char *more;	/* what --help teaches, with an example */
};

extern const struct command commands[];
extern const size_t n_commands;

bool
command_has(const struct command *cmd, enum opt o);
/*
 * Fill *c from the command line: global options, the command's words, its
 * options and arguments in any order. ERR_USAGE says what is wrong and what
 * may have been meant. *c may be incomplete then.
 */
int
command_parse(struct cli *c, int argc, char **argv, struct err *e);

/* The number of --limit, 0 when it was not given. */
int
command_limit(const struct cli *c, long *n_r, struct err *e);

/* Print what --help says about a command; NULL: about all of them. */
void
help_print(const struct command *cmd);
int
help_run(const struct cli *c, struct err *e);
/* Print the completion script of a shell. */
int
completion_run(const struct cli *c, struct err *e);

/* The functions of the table, each in the file of its noun. */
command_fn publish_run, lint_run, preview_run_cli, status_run,
    deliveries_run, trace_run, retry_run, cancel_run, pause_run, resume_run,
    channel_list_run, channel_test_run, plugin_list_run, plugin_info_run,
    subscriber_add_run, subscriber_import_run, subscriber_list_run,
    stats_run, reload_run, check_config_run;

#endif
