/*
 * cap_tree: what the parts of a message own. Called by cap*.c.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "announce/cap_tree.h"

const char *
cap_str(const struct cap_value *v)
{
	return v->s == NULL ? "" : v->s;
}

void
cap_value_set(struct cap_value *v, char *s)
{
	free(v->s);
	v->s = s;
}

const char *
cap_pair_get(const struct cap_pairs *pairs, const char *name)
{
	for (size_t i = 0; i < pairs->n; i++)
		if (strcmp(cap_str(&pairs->v[i].name), name) == 0)
			return cap_str(&pairs->v[i].value);
	return "";
}

static void
values_fini(struct cap_values *values)
{
	for (size_t i = 0; i < values->n; i++)
		free(values->v[i].s);
	free(values->v);
}

static void
pairs_fini(struct cap_pairs *pairs)
{
	for (size_t i = 0; i < pairs->n; i++) {
		free(pairs->v[i].name.s);
		free(pairs->v[i].value.s);
	}
	free(pairs->v);
}

static void
area_fini(struct cap_area *a)
{
	free(a->desc.s);
	free(a->altitude.s);
	free(a->ceiling.s);
	values_fini(&a->polygons);
	values_fini(&a->circles);
	pairs_fini(&a->geocodes);
}

static void
resource_fini(struct cap_resource *r)
{
	free(r->desc.s);
	free(r->mime.s);
	free(r->size.s);
	free(r->uri.s);
	free(r->deref.s);
	free(r->digest.s);
}

static void
info_fini(struct cap_info *i)
{
	struct cap_value *const texts[] = { &i->language, &i->event,
		&i->urgency, &i->severity, &i->certainty, &i->audience,
		&i->effective, &i->onset, &i->expires, &i->sender_name,
		&i->headline, &i->description, &i->instruction, &i->web,
		&i->contact };

	for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++)
		free(texts[k]->s);
	values_fini(&i->categories);
	values_fini(&i->responses);
	pairs_fini(&i->event_codes);
	pairs_fini(&i->parameters);
	for (size_t k = 0; k < i->resources.n; k++)
		resource_fini(&i->resources.v[k]);
	free(i->resources.v);
	for (size_t k = 0; k < i->areas.n; k++)
		area_fini(&i->areas.v[k]);
	free(i->areas.v);
}

void
cap_tree_fini(struct cap_alert *a)
{
	struct cap_value *const texts[] = { &a->identifier, &a->sender,
		&a->sent, &a->status, &a->msg_type, &a->source, &a->scope,
		&a->restriction, &a->addresses, &a->note, &a->references,
		&a->incidents, &a->password };

	for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++)
		free(texts[k]->s);
	values_fini(&a->codes);
	for (size_t k = 0; k < a->infos.n; k++)
		info_fini(&a->infos.v[k]);
	free(a->infos.v);
	for (size_t k = 0; k < a->refs.n; k++) {
		free(a->refs.v[k].sender);
		free(a->refs.v[k].identifier);
	}
	free(a->refs.v);
}
