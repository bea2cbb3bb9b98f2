/*
 * store_stats: numbers for metrics and benches. Called by the engine.
 */
#include "config.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "store/store_private.h"

static int64_t
file_bytes(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (int64_t)st.st_size : 0;
}

json_t *
store_stats(struct store *s)
{
	char *wal = xasprintf("%s-wal", s->path);
	struct writer_stats st;
	json_t *j;

	writer_stats(s->writer, &st);
	j = json_pack("{s:I, s:I, s:I, s:I, s:I}",
	    "commits", (json_int_t)st.commits, "ops", (json_int_t)st.ops,
	    "queued", (json_int_t)st.queued,
	    "database_bytes", (json_int_t)file_bytes(s->path),
	    "wal_bytes", (json_int_t)file_bytes(wal));
	free(wal);
	return j;
}
