/*
 * file: write each message into a folder, one file a delivery. The smallest
 * complete plugin: litfass-plugin(7) walks through it.
 *
 * It never blocks longer than a disk does, and has no peer: what is renamed
 * into place has arrived.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "litfass/plugin.h"

struct file {
	const struct lf_host *host;
	struct lf_channel *ch;
	const char *dir;	/* borrowed: configuration stays until close */
	const char *template;
};

/* A line that is only a tag leaves no line behind. */
#define WHERE_WHEN "\n{{#area}}\n{{w.area}}: {{area}}\n{{/area}}\n"	\
	"{{#expires}}\n{{w.until}}: {{expires}}\n{{/expires}}\n"
#define TO_DO "{{#instruction}}\n\n{{w.what_to_do}}:\n{{instruction}}\n" \
	"{{/instruction}}\n"

static const struct lf_param params[] = {
	{ .key = "dir", .type = LF_PARAM_STRING, .flags = LF_REQUIRED,
	  .doc = "folder that gets one file per message; absolute" },
	{ .key = "template", .type = LF_PARAM_TEXT,
	  .def = "{{#label}}{{label}} – {{/label}}{{headline}}\n"
	    "{{#teaser}}\n\n{{teaser}}\n{{/teaser}}\n"
	    "{{#is_warning}}\n" WHERE_WHEN TO_DO "{{/is_warning}}\n"
	    "{{#body}}\n\n{{body}}\n{{/body}}\n"
	    "{{#question}}\n\n{{question}}\n{{/question}}\n"
	    "{{#options}}\n{{number}}. {{label}}\n{{/options}}\n"
	    "{{^is_warning}}\n" TO_DO "{{/is_warning}}\n"
	    "{{#link}}\n\n{{link}}\n{{/link}}\n\n{{sender}}\n",
	  .doc = "the text that is written, see litfass-plugin(7)" },
};

static int
file_open(const struct lf_host *host, struct lf_channel *ch, void **self_r)
{
	struct file *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return -1;
	f->host = host;
	f->ch = ch;
	f->dir = host->conf_str(ch, "dir");
	f->template = host->conf_str(ch, "template");
	if (f->dir[0] != '/') {
		host->log(ch, LF_LOG_WARN, "dir has to begin with '/'");
		free(f);
		return -1;
	}
	*self_r = f;
	return 0;
}

static int
file_render(void *self, const struct lf_announcement *a, struct lf_out *out)
{
	struct file *f = self;
	const char *text = f->host->expand(out, a, f->template,
	    LF_FORM_PLAIN, LF_UNIT_NONE, 0);

	if (text == NULL) {
		f->host->out_refuse(out, "template",
		    "the template can't be expanded");
		return -1;
	}
	f->host->out_text(out, text);
	f->host->out_measure(out, "characters",
	    (int64_t)f->host->length(text, LF_UNIT_CHARS));
	return 0;
}

/* What reaches the disk only half stays under its temporary name. */
static int
write_file(const char *path, const char *temp, const struct lf_delivery *d)
{
	int fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	bool ok;

	if (fd < 0)
		return -1;
	ok = write(fd, d->body, d->body_len) == (ssize_t)d->body_len &&
	    fsync(fd) == 0;
	return close(fd) == 0 && ok && rename(temp, path) == 0 ? 0 : -1;
}

/* Idempotent: the chain names the file, so an update takes the place of what
 * it follows and taking back finds either. */
static void
file_submit(void *self, struct lf_delivery *d)
{
	struct file *f = self;
	struct lf_outcome o = { .size = sizeof(o), .outcome = LF_DELIVERED };
	char path[PATH_MAX], temp[PATH_MAX];
	int rc;

	snprintf(path, sizeof(path), "%s/%s.txt", f->dir, d->chain);
	snprintf(temp, sizeof(temp), "%s/.%s.part", f->dir, d->chain);
	if (d->action == LF_RETRACT)
		rc = unlink(path) != 0 && errno != ENOENT ? -1 : 0;
	else
		rc = write_file(path, temp, d);
	if (rc != 0) {
		o.outcome = LF_CHANNEL_DOWN;
		o.code = errno;
		o.text = strerror(errno);
	}
	f->host->done(f->ch, d, &o);
}

const struct lf_plugin litfass_plugin = {
	LF_PLUGIN_HEAD,
	.caps = LF_CAP_TEXT | LF_CAP_LINK | LF_CAP_RETRACT |
	    LF_CAP_IDEMPOTENT,
	.name = "file",
	.version = "1.0",
	.summary = "writes messages into a folder",
	.licence = "MIT",
	.contact = "https://litfass.example/",
	.address_kind = "none",
	.params = params,
	.n_params = sizeof(params) / sizeof(params[0]),
	.max_inflight = 1,
	.send_timeout = 30,
	.open = file_open,
	.render = file_render,
	.submit = file_submit,
	.close = free,
};
