/*
 * media: attachments as opened files, for a rendition on its way to the
 * worker. A worker never opens a path of ours, and never sees an attachment
 * that privacy keeps from its channel. Called by rendition.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "announce/announce.h"
#include "base/log.h"
#include "config/conf.h"
#include "engine/channel_private.h"
#include "worker/wire.h"

/* A plain file below dir, not behind a link, not too large; or -1. */
static int
open_one(int dir, const char *name, int64_t max, const char **why_r)
{
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
	    O_CLOEXEC);
	struct stat st;

	*why_r = NULL;
	if (fd < 0) {
		*why_r = strerror(errno);
		return -1;
	}
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		*why_r = "not a plain file";
	else if (st.st_size > max)
		*why_r = "larger than media.max_size";
	if (*why_r == NULL)
		return fd;
	close(fd);
	return -1;
}

size_t
media_open(const struct channel *ch, const struct announce *a, int *fds,
    size_t max, json_t *present)
{
	const json_t *list = json_object_get(a->json, "attachments"), *v;
	const char *path = conf_str(ch->config, "media.dir"), *name, *why;
	bool may = announce_with_attachments(a, ch->cc->name,
	    ch->cc->plugin);
	size_t n = 0, i;
	int dir, failed;

	if (!may || json_array_size(list) == 0)
		return 0;
	dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	failed = errno;
	json_array_foreach(list, i, v) {
		name = json_string_value(json_object_get(v, "file"));
		if (name == NULL || strchr(name, '/') != NULL || n == max) {
			json_array_append_new(present, json_false());
			continue;
		}
		why = strerror(failed);
		fds[n] = dir < 0 ? -1 : open_one(dir, name,
		    conf_int(ch->config, "media.max_size"), &why);
		json_array_append_new(present, json_boolean(fds[n] >= 0));
		if (fds[n] >= 0)
			n++;
		else
			log_warn("announcement %s: attachment %s/%s: %s: it "
			    "is left out on channel %s", a->id, path, name,
			    why, ch->name);
	}
	if (dir >= 0)
		close(dir);
	return n;
}
