/*
 * checkup: is a configuration fit to be started? Changes nothing and loads no
 * plugin. Called by core at start and at reload, by litfassd --check and by
 * litfass check-config.
 */
#include "config.h"

#include "announce/issuer.h"
#include "announce/lang.h"
#include "config/conf.h"
#include "engine/checkup.h"
#include "engine/hello.h"
#include "engine/preview.h"

/* Workers refuse to run for an issuer that makes no sense. */
void
checkup_issuer(const struct conf *c, struct faults *f)
{
	struct err e = { ERR_OK, "" };
	json_t *json = conf_issuer(c);
	struct issuer *issuer = issuer_new(json, &e);

	if (issuer == NULL)
		faults_add(f, conf_origin(c, "issuer.id"), 0, "%s", e.text);
	issuer_free(&issuer);
	json_decref(json);
}

/* A tag that means nothing would keep every announcement off the channel. */
static void
check_languages(const struct conf_channel *cc, struct faults *f)
{
	const json_t *tag;
	size_t i;

	json_array_foreach(cc->languages, i, tag)
		if (!lang_known(json_string_value(tag)))
			faults_add(f, cc->file, cc->line, "channels.%s."
			    "languages: \"%.40s\" is no language: write tags "
			    "like \"de\", \"en\", \"de-simple\"", cc->name,
			    json_string_value(tag));
}

json_t *
checkup_channel(const struct conf *c, const struct conf_channel *cc,
    const char *program, struct faults *f)
{
	struct err e = { ERR_OK, "" };
	json_t *meta = NULL;

	check_languages(cc, f);
	if (hello_describe(c, cc, program, &meta, &e) != 0) {
		faults_add(f, cc->file, cc->line, "channel %s: %s", cc->name,
		    e.text);
		return NULL;
	}
	json_decref(conf_check_channel(c, cc->name, json_object_get(meta,
	    "params"), f));
	return meta;
}

void
checkup_open(const struct conf *c, const struct conf_channel *cc,
    const char *program, struct faults *f)
{
	struct err e = { ERR_OK, "" };

	if (preview_open(c, cc, program, &e) != 0)
		faults_add(f, cc->file, cc->line, "%s", e.text);
}
