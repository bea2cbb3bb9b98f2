/*
 * disk: how often a second the disk can be made to keep 4 KiB more. Nothing
 * that promises durability one by one can be faster. Called by probe.
 */
#include "config.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "probe.h"
#include "samples.h"

#define PAGE	4096

int
disk_run(char **argv)
{
	char page[PAGE];
	struct samples s;
	int fd = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
	    0600);

	if (fd == -1)
		probe_fail(argv[1]);
	memset(page, 'x', sizeof(page));
	samples_init(&s, probe_number(argv[2], 1000000), PROBE_SECONDS);
	while (!samples_over(&s)) {
		int64_t begun = samples_now();

		if (write(fd, page, sizeof(page)) != PAGE ||
		    fdatasync(fd) == -1)
			probe_fail(argv[1]);
		samples_add(&s, begun);
	}
	samples_print(&s, 1, "");
	samples_fini(&s);
	close(fd);
	unlink(argv[1]);
	return 0;
}
