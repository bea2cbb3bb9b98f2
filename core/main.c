/*
 * main: what litfassd was asked to be. Options are a table; --help is made
 * from it and the man page is checked against it.
 */
#include "config.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "core.h"
#include "worker/load.h"
#include "worker/worker.h"

#define WORKER_FD	3

enum role { ROLE_CORE, ROLE_CHECK, ROLE_DUMP, ROLE_WORKER, ROLE_DESCRIBE,
	ROLE_HELP, ROLE_VERSION };

static const struct {
	const char *name;
	char letter;		/* 0: long only */
	const char *value;	/* name of its argument, or NULL */
	const char *doc;	/* NULL: not for people */
} options[] = {
	{ "config", 'c', "FILE", "read this configuration (default: "
	    LF_SYSCONFDIR "/litfass.conf if it is there, else a built-in "
	    "one with a channel that writes files)" },
	{ "check", 't', NULL, "check the configuration, plugins included, "
	    "and exit" },
	{ "dump-config", 'd', NULL, "print the configuration as it is "
	    "understood, without secrets, and exit" },
	{ "allow-root", 'R', NULL, "run as root, which is otherwise "
	    "refused" },
	{ "describe", 'D', "PLUGIN", "print what a plugin file says about "
	    "itself, as JSON, and exit" },
	{ "worker", 'W', NULL, NULL },
	{ "version", 'V', NULL, "print the version and exit" },
	{ "help", 'h', NULL, "print this help and exit" },
};

#define N_OPTIONS	(sizeof(options) / sizeof(options[0]))

static void
help(FILE *out)
{
	fprintf(out, "usage: litfassd [options]\n\n"
	    "Put announcements of a city on every channel at once. It stays "
	    "in the foreground\nand logs on standard error; litfass(1) talks "
	    "to it.\n\n");
	for (size_t i = 0; i < N_OPTIONS; i++)
		if (options[i].doc != NULL)
			fprintf(out, "  -%c, --%s%s%s\n\t%s\n",
			    options[i].letter, options[i].name,
			    options[i].value != NULL ? " " : "",
			    options[i].value != NULL ? options[i].value : "",
			    options[i].doc);
	fprintf(out, "\nlitfassd(8) tells more.\n");
}

struct request {
	enum role role;
	struct core_options core;
	const char *plugin;
};

static int
take_option(int letter, struct request *r)
{
	switch (letter) {
	case 'c':
		r->core.config = optarg;
		return 0;
	case 't':
		r->role = ROLE_CHECK;
		return 0;
	case 'd':
		r->role = ROLE_DUMP;
		return 0;
	case 'R':
		r->core.allow_root = true;
		return 0;
	case 'D':
		r->role = ROLE_DESCRIBE;
		r->plugin = optarg;
		return 0;
	case 'W':
		r->role = ROLE_WORKER;
		return 0;
	case 'V':
		r->role = ROLE_VERSION;
		return 0;
	case 'h':
		r->role = ROLE_HELP;
		return 0;
	default:
		return -1;
	}
}

static int
parse(int argc, char **argv, struct request *r)
{
	struct option longs[N_OPTIONS + 1] = { { 0 } };
	char shorts[2 * N_OPTIONS + 1], *s = shorts;
	int letter;

	for (size_t i = 0; i < N_OPTIONS; i++) {
		longs[i] = (struct option){ options[i].name,
		    options[i].value != NULL, NULL, options[i].letter };
		*s++ = options[i].letter;
		if (options[i].value != NULL)
			*s++ = ':';
	}
	*s = '\0';
	while ((letter = getopt_long(argc, argv, shorts, longs, NULL)) != -1)
		if (take_option(letter, r) != 0)
			return -1;
	if (optind < argc) {
		fprintf(stderr, "litfassd: %s: unexpected argument\n",
		    argv[optind]);
		return -1;
	}
	return 0;
}

/* Workers are started from the file that runs now, wherever it is. */
static const char *
own_path(char path[PATH_MAX])
{
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 1);

	if (n < 0)
		log_fatal(EXIT_TEMPFAIL, "find our own program file: is "
		    "/proc mounted?");
	path[n] = '\0';
	return path;
}

static int
run(struct request *r)
{
	switch (r->role) {
	case ROLE_CHECK:
		return core_check(&r->core);
	case ROLE_DUMP:
		return core_dump(&r->core);
	case ROLE_WORKER:
		worker_main(WORKER_FD);
	case ROLE_DESCRIBE:
		load_describe_main(r->plugin);
	case ROLE_VERSION:
		printf("litfassd " VERSION "\n");
		return 0;
	case ROLE_HELP:
		help(stdout);
		return 0;
	default:
		return core_main(&r->core);
	}
}

int
main(int argc, char **argv)
{
	struct request r = { .role = ROLE_CORE };
	const char *standard = LF_SYSCONFDIR "/litfass.conf";
	char path[PATH_MAX];

	if (parse(argc, argv, &r) != 0) {
		fprintf(stderr, "litfassd --help tells the options\n");
		return 2;
	}
	log_init("litfassd", LOG_TEXT, LOG_LEVEL_INFO);
	r.core.program = own_path(path);
	if (r.core.config == NULL && access(standard, F_OK) == 0)
		r.core.config = standard;
	return run(&r);
}
