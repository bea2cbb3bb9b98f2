/*
 * main: which role this process plays. Called by people, by the service
 * manager and by litfassd itself.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "worker/load.h"
#include "worker/worker.h"

#define WORKER_FD	3

int
main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "--worker") == 0)
		worker_main(WORKER_FD);
	if (argc == 3 && strcmp(argv[1], "--describe") == 0)
		return load_describe_main(argv[2]);
	fputs("usage: litfassd --describe FILE\n", stderr);
	return ERR_USAGE;
}
