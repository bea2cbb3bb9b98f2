/*
 * help: what --help and `litfass help` print, made from the tables.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/near.h"
#include "command.h"

#define COLUMN	26	/* where the explanations begin */

static void
print_option(enum opt o)
{
	const struct option_row *row = &option_rows[o];
	char left[64], letter[8] = "    ";

	if (row->letter != 0)
		snprintf(letter, sizeof(letter), "-%c, ", row->letter);
	snprintf(left, sizeof(left), "  %s--%s%s%s", letter, row->name,
	    row->arg == NULL ? "" : " ", row->arg == NULL ? "" : row->arg);
	printf("%-*s", COLUMN, left);
	if (strlen(left) >= COLUMN)
		printf("\n%*s", COLUMN, "");
	printf("%s\n", row->doc);
}

static void
print_all(void)
{
	printf("litfass %s: write an announcement once, and it goes out on "
	    "every channel.\n\nUsage: litfass [OPTION ...] COMMAND "
	    "[ARGUMENT ...]\n\nCommands:\n", PACKAGE_VERSION);
	for (size_t i = 0; i < n_commands; i++)
		printf("  %-*s%s\n", COLUMN - 2, commands[i].name,
		    commands[i].doc);
	printf("\nOptions:\n");
	for (int o = 0; o < OPTS_GLOBAL; o++)
		print_option((enum opt)o);
	printf("\nBegin with\n\n"
	    "    litfass lint -f storm.json       is it complete?\n"
	    "    litfass preview -f storm.json    what will people read?\n"
	    "    litfass publish -f storm.json    send it\n"
	    "    litfass status                   did it arrive?\n\n"
	    "Data goes to standard output, talk to standard error. Exit "
	    "codes:\n0 ok, 1 error, 2 usage, 3 refused, 4 not found, 5 not "
	    "allowed, 6 wrong state,\n7 litfassd not reachable, 8 some "
	    "deliveries failed, 9 deadline passed.\n"
	    "litfass help COMMAND says more.\n");
}

void
help_print(const struct command *cmd)
{
	if (cmd == NULL) {
		print_all();
		return;
	}
	printf("litfass %s: %s.\n\nUsage: litfass %s%s%s%s\n\n%s", cmd->name,
	    cmd->doc, cmd->name, cmd->opts[0] == OPTS ? "" : " [OPTION ...]",
	    *cmd->args == '\0' ? "" : " ", cmd->args, cmd->more);
	if (cmd->opts[0] != OPTS)
		printf("\nOptions:\n");
	for (size_t i = 0; cmd->opts[i] != OPTS; i++)
		print_option(cmd->opts[i]);
	printf("\nlitfass --help lists the options that every command "
	    "has.\n");
}

int
help_run(const struct cli *c, struct err *e)
{
	char name[64] = "";

	if (c->n_args == 0) {
		help_print(NULL);
		return 0;
	}
	snprintf(name, sizeof(name), "%s%s%s", c->args[0],
	    c->n_args > 1 ? " " : "", c->n_args > 1 ? c->args[1] : "");
	for (size_t i = 0; i < n_commands; i++) {
		if (strcmp(commands[i].name, name) == 0) {
			help_print(&commands[i]);
			return 0;
		}
	}
	return err_set(e, ERR_USAGE, "help %.40s: there is no such command: "
	    "litfass help lists them", name);
}
