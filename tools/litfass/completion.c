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

/* Does the command take a file as its argument? */
static bool
takes_file(const struct command *cmd)
{
	return strstr(cmd->args, "FILE") != NULL;
}

/* A word that is one of several: "bash|zsh|fish". */
static bool
takes_choice(const struct command *cmd)
{
	return strchr(cmd->args, '|') != NULL;
}

/* A case of option and command: the words its value may be. */
static void
print_choice_case(const char *before, enum opt o)
{
	const struct option_row *row = &option_rows[o];

	if (row->choices == NULL)
		return;
	printf("\t--%s,%s*", row->name, before);
	if (row->letter != 0)
		printf("|-%c,%s*", row->letter, before);
	printf(")\n\t\toffer='");
	print_choices(row->choices);
	printf("' ;;\n");
}

/* Options of a command before global ones of the same name. */
static void
print_value_cases(void)
{
	char before[48];

	for (size_t i = 0; i < n_commands; i++)
		for (size_t j = 0; commands[i].opts[j] != OPTS; j++) {
			snprintf(before, sizeof(before), "'%s%s'",
			    commands[i].name, strchr(commands[i].name,
			    ' ') == NULL ? " " : "");
			print_choice_case(before, commands[i].opts[j]);
		}
	for (int o = 0; o < OPTS_GLOBAL; o++)
		print_choice_case("", (enum opt)o);
	printf("\t--file,*|--cap,*|--config,*|--socket,*|-f,*|-c,*)\n"
	    "\t\treturn ;;\n");
}

/* Shared by bash and zsh, which both know these words. Says nothing where a
 * file is wanted. */
static void
print_sh_words(void)
{
	printf("_litfass_words()\n{\n"
	    "\tlocal offer=''\n"
	    "\tcase \"$1,$2 $3\" in\n");
	print_value_cases();
	printf("\tesac\n"
	    "\tif [ -n \"$offer\" ]; then\n"
	    "\t\techo \"$offer\"\n\t\treturn\n\tfi\n"
	    "\tcase \"$2 $3\" in\n");
	for (size_t i = 0; i < n_commands; i++) {
		bool two = strchr(commands[i].name, ' ') != NULL;

		printf("\t'%s%s'*)\n\t\toffer='", commands[i].name,
		    two ? "" : " ");
		if (takes_choice(&commands[i]))
			print_choices(commands[i].args);
		print_options(&commands[i]);
		printf("' ;;\n");
	}
	print_second_words();
	printf("\t*)\n\t\toffer='");
	print_first_words();
	print_options(NULL);
	printf("' ;;\n\tesac\n\techo \"$offer\"\n}\n\n");
}

/* Where no word fits, bash itself completes files. */
static void
print_bash(void)
{
	printf("# bash completion of litfass; source it or install it as\n"
	    "# /usr/share/bash-completion/completions/litfass\n");
	print_sh_words();
	printf("_litfass()\n{\n"
	    "\tlocal cur=${COMP_WORDS[COMP_CWORD]}\n"
	    "\tlocal prev=${COMP_WORDS[COMP_CWORD-1]}\n"
	    "\tlocal first='' second=''\n"
	    "\t[ \"$COMP_CWORD\" -gt 1 ] && first=${COMP_WORDS[1]}\n"
	    "\t[ \"$COMP_CWORD\" -gt 2 ] && second=${COMP_WORDS[2]}\n"
	    "\tCOMPREPLY=($(compgen -W \"$(_litfass_words \"$prev\" "
	    "\"$first\" \"$second\")\" \\\n\t\t-- \"$cur\"))\n}\n\n"
	    "complete -o default -F _litfass litfass\n");
}

/* Works when it is sourced, and when zsh loads it from $fpath. */
static void
print_zsh(void)
{
	printf("#compdef litfass\n"
	    "# zsh completion of litfass; install it as _litfass in a folder\n"
	    "# of $fpath, or source it after compinit\n");
	print_sh_words();
	printf("_litfass()\n{\n"
	    "\tlocal all first='' second=''\n"
	    "\t(( CURRENT > 2 )) && first=${words[2]}\n"
	    "\t(( CURRENT > 3 )) && second=${words[3]}\n"
	    "\tall=$(_litfass_words \"${words[CURRENT-1]}\" \"$first\" "
	    "\"$second\")\n"
	    "\tcompadd -- ${=all} || _files\n}\n\n"
	    "if [ \"${funcstack[1]}\" = _litfass ]; then\n"
	    "\t_litfass \"$@\"\n"
	    "else\n"
	    "\tcompdef _litfass litfass\n"
	    "fi\n");
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

/* As a condition of fish: the words of this command have been written. */
static void
print_seen(const struct command *cmd)
{
	size_t len = strcspn(cmd->name, " ");

	printf(" -n '__fish_seen_subcommand_from %.*s", (int)len, cmd->name);
	if (cmd->name[len] == ' ')
		printf("; and __fish_seen_subcommand_from %s",
		    cmd->name + len + 1);
	putchar('\'');
}

/* The global --lang means something else after some commands. */
static void
print_not_shadowed(void)
{
	printf(" -n 'not __fish_seen_subcommand_from");
	for (size_t i = 0; i < n_commands; i++)
		if (command_has(&commands[i], OPT_LANG))
			printf(" %s", strrchr(commands[i].name, ' ') == NULL ?
			    commands[i].name :
			    strrchr(commands[i].name, ' ') + 1);
	putchar('\'');
}

static void
print_fish_option(const struct command *cmd, enum opt o)
{
	const struct option_row *row = &option_rows[o];
	bool file = row->arg != NULL && (strcmp(row->arg, "FILE") == 0 ||
	    strcmp(row->arg, "PATH") == 0);

	printf("complete -c litfass -l %s", row->name);
	if (row->letter != 0)
		printf(" -s %c", row->letter);
	if (row->arg != NULL)
		printf(file ? " -r -F" : " -x");
	if (row->choices != NULL) {
		printf(" -a '");
		print_choices(row->choices);
		putchar('\'');
	}
	if (cmd != NULL)
		print_seen(cmd);
	else if (o == OPT_WORDS)
		print_not_shadowed();
	printf(" -d ");
	print_quoted(row->doc);
	putchar('\n');
}

/* A command is offered where its first word may stand, or after it; of those
 * with two words the first is offered once. */
static void
print_fish_command(size_t i)
{
	const char *name = commands[i].name;
	size_t len = strcspn(name, " ");

	if (name[len] == '\0')
		printf("complete -c litfass -n __fish_use_subcommand -a %s -d ",
		    name);
	else {
		if (i == 0 || strncmp(commands[i - 1].name, name,
		    len + 1) != 0)
			printf("complete -c litfass -n __fish_use_subcommand "
			    "-a %.*s\n", (int)len, name);
		printf("complete -c litfass -n 'test (count (commandline "
		    "-opc)) -eq 2; and __fish_seen_subcommand_from %.*s' "
		    "-a %s -d ", (int)len, name, name + len + 1);
	}
	print_quoted(commands[i].doc);
	putchar('\n');
}

static void
print_fish_arguments(const struct command *cmd)
{
	if (!takes_file(cmd) && !takes_choice(cmd))
		return;
	printf("complete -c litfass");
	print_seen(cmd);
	if (takes_file(cmd))
		printf(" -F");
	else {
		printf(" -a '");
		print_choices(cmd->args);
		putchar('\'');
	}
	putchar('\n');
}

static void
print_fish(void)
{
	printf("# fish completion of litfass; install it as\n"
	    "# ~/.config/fish/completions/litfass.fish\n"
	    "complete -c litfass -f\n");
	for (size_t i = 0; i < n_commands; i++) {
		print_fish_command(i);
		print_fish_arguments(&commands[i]);
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
