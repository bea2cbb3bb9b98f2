/*
 * bad: plugins that must not be loaded; BAD says why. The functions are
 * never called.
 */
#include "litfass/plugin.h"

#define BAD_MAGIC	1
#define BAD_MAJOR	2
#define BAD_MINOR	3
#define BAD_SIZE	4
#define BAD_NAME	5

static int
bad_open(const struct lf_host *host, struct lf_channel *ch, void **self_r)
{
	(void)host;
	(void)ch;
	*self_r = 0;
	return 0;
}

static int
bad_render(void *self, const struct lf_announcement *a, struct lf_out *out)
{
	(void)self;
	(void)a;
	(void)out;
	return 0;
}

static void
bad_submit(void *self, struct lf_delivery *d)
{
	(void)self;
	(void)d;
}

static void
bad_close(void *self)
{
	(void)self;
}

const struct lf_plugin litfass_plugin = {
	.magic = BAD == BAD_MAGIC ? 1 : LF_MAGIC,
	.size = BAD == BAD_SIZE ? 16 : sizeof(struct lf_plugin),
	.abi_major = BAD == BAD_MAJOR ? LF_ABI_MAJOR + 1 : LF_ABI_MAJOR,
	.abi_minor = BAD == BAD_MINOR ? LF_ABI_MINOR + 1 : LF_ABI_MINOR,
	.param_size = sizeof(struct lf_param),
	.name = BAD == BAD_NAME ? "other" : BAD_FILE,
	.version = "1.0", .summary = "must not be loaded",
	.licence = "MIT", .contact = "none", .address_kind = "none",
	.max_inflight = 1, .send_timeout = 1,
	.open = bad_open, .render = bad_render, .submit = bad_submit,
	.close = bad_close,
};
