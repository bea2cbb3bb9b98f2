/*
 * completion: scripts for three shells, made from the tables. The words are
 * fixed when the script is made: completing never starts litfass.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "command.h"

struct shell {
	const char *name;
	void (*print)(void);
};

static void
print_options(const struct command *cmd)
{
	for (size_t i = 0; cmd != NULL && cmd->opts[i] != OPTS; i++)
		printf(" --%s", option_rows[cmd->opts[i]].name);
	for (int o = 0; o < OPTS_GLOBAL; o++)
		if (cmd == NULL || o != OPT_WORDS ||
		    !command_has(cmd, OPT_LANG))
			printf(" --%s", option_rows[o].name);
}

/* Each first word once; they stand together in the table. */
static void
print_first_words(void)
{
	const char *last = "";
	size_t last_len = 0, len;

	for (size_t i = 0; i < n_commands; i++) {
		len = strcspn(commands[i].name, " ");
		if (len == last_len &&
		    memcmp(commands[i].name, last, len) == 0)
			continue;
		last = commands[i].name;
		last_len = len;
		printf(" %.*s", (int)len, last);
	}
}

/* The second words of a command of two, once for its first word. */
static void
print_second_words(void)
{
	for (size_t i = 0; i < n_commands; i++) {
		const char *name = commands[i].name;
		size_t len = strcspn(name, " ");

		if (name[len] == '\0' || (i > 0 &&
		    strncmp(commands[i - 1].name, name, len + 1) == 0))
			continue;
		printf("\t%.*s*)\n\t\toffer='", (int)len, name);
		for (size_t j = i; j < n_commands &&
		    strncmp(commands[j].name, name, len + 1) == 0; j++)
			printf(" %s", commands[j].name + len + 1);
		printf("' ;;\n");
	}
}

/* "a|b" as words. */
static void
print_choices(const char *choices)
{
	for (const char *p = choices; *p != '\0'; p++)
		putchar(*p == '|' ? ' ' : *p);
}

static void
print_choice_cases(void)
{
	for (int o = 0; o < OPTS; o++) {
		if (option_rows[o].choices == NULL)
			continue;
		printf("\t--%s)\n\t\toffer='", option_rows[o].name);
		print_choices(option_rows[o].choices);
		printf("' ;;\n");
	}
}

/* Shared by bash and zsh, which both know these words. */
static void
print_sh_words(void)
{
	printf("_litfass_words()\n{\n"
	    "\tlocal offer=''\n"
	    "\tcase $1 in\n");
	print_choice_cases();
	printf("\t--file|--cap|--config|--socket|-f|-c)\n"
	    "\t\treturn 1 ;;\n"
	    "\tesac\n"
	    "\tif [ -n \"$offer\" ]; then\n"
	    "\t\techo \"$offer\"\n\t\treturn 0\n\tfi\n"
	    "\tcase \"$2 $3\" in\n");
	for (size_t i = 0; i < n_commands; i++) {
		bool two = strchr(commands[i].name, ' ') != NULL;

		printf("\t'%s%s'*)\n\t\toffer='", commands[i].name,
		    two ? "" : " ");
		print_options(&commands[i]);
		printf("' ;;\n");
	}
	print_second_words();
	printf("\t*)\n\t\toffer='");
	print_first_words();
	print_options(NULL);
	printf("' ;;\n\tesac\n\techo \"$offer\"\n}\n\n");
}

static void
print_bash(void)
{
	printf("# bash completion of litfass; source it or install it as\n"
	    "# /usr/share/bash-completion/completions/litfass\n");
	print_sh_words();
	printf("_litfass()\n{\n"
	    "\tlocal cur=${COMP_WORDS[COMP_CWORD]} all\n"
	    "\tlocal prev=${COMP_WORDS[COMP_CWORD-1]}\n"
	    "\tlocal first='' second=''\n"
	    "\t[ \"$COMP_CWORD\" -gt 1 ] && first=${COMP_WORDS[1]}\n"
	    "\t[ \"$COMP_CWORD\" -gt 2 ] && second=${COMP_WORDS[2]}\n"
	    "\tif all=$(_litfass_words \"$prev\" \"$first\" \"$second\"); "
	    "then\n"
	    "\t\tCOMPREPLY=($(compgen -W \"$all\" -- \"$cur\"))\n"
	    "\telse\n"
	    "\t\tCOMPREPLY=($(compgen -f -- \"$cur\"))\n"
	    "\tfi\n}\n\n"
	    "complete -o filenames -F _litfass litfass\n");
}

static void
print_zsh(void)
{
	printf("#compdef litfass\n"
	    "# zsh completion of litfass; install it as _litfass in a folder\n"
	    "# of $fpath\n");
	print_sh_words();
	printf("_litfass()\n{\n"
	    "\tlocal all first='' second=''\n"
	    "\t(( CURRENT > 2 )) && first=${words[2]}\n"
	    "\t(( CURRENT > 3 )) && second=${words[3]}\n"
	    "\tif all=$(_litfass_words \"${words[CURRENT-1]}\" \"$first\" "
	    "\"$second\"); then\n"
	    "\t\tcompadd -- ${=all}\n"
	    "\telse\n"
	    "\t\t_files\n"
	    "\tfi\n}\n\n"
	    "compdef _litfass litfass\n");
}

/* Text within single quotes of fish. */
static void
print_quoted(const char *s)
{
	putchar('\'');
	for (; *s != '\0'; s++) {
		if (*s == '\'' || *s == '\\')
			putchar('\\');
		putchar(*s);
	}
	putchar('\'');
}

static void
print_fish_option(const struct command *cmd, enum opt o)
{
	const struct option_row *row = &option_rows[o];

	printf("complete -c litfass -l %s", row->name);
	if (row->letter != 0)
		printf(" -s %c", row->letter);
	if (row->arg != NULL)
		printf(" -r");
	if (row->choices != NULL) {
		printf(" -f -a '");
		print_choices(row->choices);
		putchar('\'');
	}
	if (cmd != NULL)
		printf(" -n '__fish_seen_subcommand_from %.*s'",
		    (int)strcspn(cmd->name, " "), cmd->name);
	printf(" -d ");
	print_quoted(row->doc);
	putchar('\n');
}

static void
print_fish(void)
{
	printf("# fish completion of litfass; install it as\n"
	    "# ~/.config/fish/completions/litfass.fish\n");
	for (size_t i = 0; i < n_commands; i++) {
		const char *space = strchr(commands[i].name, ' ');

		if (space == NULL)
			printf("complete -c litfass -f -n "
			    "__fish_use_subcommand -a %s -d ",
			    commands[i].name);
		else
			printf("complete -c litfass -f -n "
			    "__fish_use_subcommand -a %.*s\n"
			    "complete -c litfass -f -n "
			    "'__fish_seen_subcommand_from %.*s' -a %s -d ",
			    (int)(space - commands[i].name),
			    commands[i].name,
			    (int)(space - commands[i].name),
			    commands[i].name, space + 1);
		print_quoted(commands[i].doc);
		putchar('\n');
		for (size_t j = 0; commands[i].opts[j] != OPTS; j++)
			print_fish_option(&commands[i], commands[i].opts[j]);
	}
	for (int o = 0; o < OPTS_GLOBAL; o++)
		print_fish_option(NULL, (enum opt)o);
}

int
completion_run(const struct cli *c, struct err *e)
{
	static const struct shell shells[] = {
		{ "bash", print_bash }, { "zsh", print_zsh },
		{ "fish", print_fish },
	};

	for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++) {
		if (strcmp(shells[i].name, c->args[0]) == 0) {
			shells[i].print();
			return 0;
		}
	}
	return err_set(e, ERR_USAGE, "completion %.40s: this shell is not "
	    "known: use bash, zsh or fish", c->args[0]);
}
