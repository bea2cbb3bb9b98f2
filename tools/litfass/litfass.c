/*
 * litfass: the command a press office uses. Finds the command, runs it, says
 * what went wrong and turns the kind of error into the exit code.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "command.h"
#include "out.h"

/* Data that could not be written is an error, whatever the command says. */
static int
finish_output(struct err *e)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	return err_set(e, ERR_FAILED, "standard output: %s: make room or "
	    "write elsewhere", strerror(errno));
}

static int
run(int argc, char **argv, struct err *e)
{
	struct cli c;
	int rc;

	if (command_parse(&c, argc, argv, e) == -1)
		return -1;
	if (c.opt[OPT_VERSION] != NULL) {
		printf("litfass %s\n", PACKAGE_VERSION);
		return 0;
	}
	if (c.opt[OPT_HELP] != NULL) {
		help_print(c.command);
		return 0;
	}
	if (c.command == NULL)
		return err_set(e, ERR_USAGE, "litfass: a command is missing: "
		    "litfass help lists them");
	rc = c.command->run(&c, e);
	return rc == 0 ? finish_output(e) : rc;
}

int
main(int argc, char **argv)
{
	struct err e = { ERR_OK, "" };

	log_init("litfass", LOG_TEXT, LOG_LEVEL_WARN);
	if (run(argc, argv, &e) == 0)
		return ERR_OK;
	fflush(stdout);
	fputs("litfass: ", stderr);
	out_safe(stderr, e.text, true);
	fputc('\n', stderr);
	return e.code == ERR_OK ? ERR_FAILED : (int)e.code;
}
