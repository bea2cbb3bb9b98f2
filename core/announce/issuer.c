/*
 * issuer: read the section. Called by config, core and the command line.
 */
#include "config.h"

#include <stdlib.h>

#include "announce/geo.h"
#include "announce/issuer.h"
#include "announce/lang.h"
#include "announce/texts.h"
#include "base/mem.h"

static const char *
string_or(const json_t *o, const char *key, const char *def)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s == NULL ? def : s;
}

static int
fault(const struct issuer *i, struct err *e)
{
	if (i->id[0] == '\0')
		return err_set(e, ERR_INVALID, "read issuer: id: missing: "
		    "give a short name such as stadt-lindenfurt");
	if (issuer_name(i, i->default_language)[0] == '\0')
		return err_set(e, ERR_INVALID, "read issuer: name: missing: "
		    "give the name of the authority per language");
	if (!lang_known(i->default_language))
		return err_set(e, ERR_INVALID, "read issuer: "
		    "default_language: \"%.40s\" is no language: write a tag "
		    "such as de", i->default_language);
	if (i->ars[0] != '\0' && !geo_ars_ok(i->ars))
		return err_set(e, ERR_INVALID, "read issuer: ars: \"%.40s\" "
		    "has not 12 digits: write the full Regionalschluessel",
		    i->ars);
	return 0;
}

struct issuer *
issuer_new(json_t *json, struct err *e)
{
	struct issuer *i = xcalloc(1, sizeof(*i));

	i->json = json_incref(json);
	i->id = string_or(json, "id", "");
	i->default_language = string_or(json, "default_language", "de");
	i->sender_short = string_or(json, "sender_short",
	    issuer_name(i, i->default_language));
	i->domain = string_or(json, "domain", "");
	i->timezone = string_or(json, "timezone", "Europe/Berlin");
	i->ars = string_or(json, "ars", "");
	if (fault(i, e) < 0)
		issuer_free(&i);
	return i;
}

void
issuer_free(struct issuer **i)
{
	if (*i == NULL)
		return;
	json_decref((*i)->json);
	free(*i);
	*i = NULL;
}

const char *
issuer_name(const struct issuer *i, const char *lang)
{
	return texts_pick(json_object_get(i->json, "name"), lang,
	    i->default_language);
}
