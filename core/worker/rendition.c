/*
 * rendition: cut a body at its slots and fill them. Pure: knows no plugin
 * and no wire. Called by out.c, which makes one, and by flight.c, which
 * fills it.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/mem.h"
#include "litfass/plugin.h"
#include "text/escape.h"
#include "worker/rendition.h"

enum slot_name { SLOT_ADDRESS, SLOT_KEY };

struct slot {
	size_t at;		/* byte offset in the body */
	enum slot_name name;
	uint32_t escape;
};

struct rendition {
	char *body;
	size_t len;
	struct slot *slots;
	size_t n_slots;
	json_t *meta;
};

static int
decode_body(struct rendition *r, const json_t *json, struct err *e)
{
	const char *text = json_string_value(json_object_get(json, "body"));
	const char *base64 = json_string_value(json_object_get(json,
	    "body64"));
	size_t max;

	if (text != NULL) {
		r->len = strlen(text);
		r->body = xstrdup(text);
		return 0;
	}
	if (base64 == NULL)
		return err_set(e, ERR_INVALID, "read a rendition: no body");
	max = strlen(base64) / 4 * 3 + 1;
	r->body = xcalloc(1, max + 1);
	if (sodium_base642bin((unsigned char *)r->body, max, base64,
	    strlen(base64), NULL, &r->len, NULL,
	    sodium_base64_VARIANT_ORIGINAL) != 0)
		return err_set(e, ERR_INVALID,
		    "read a rendition: its body is not Base64");
	r->body[r->len] = '\0';
	return 0;
}

static int
read_slot(struct rendition *r, const json_t *row, size_t from, struct err *e)
{
	struct slot *s = &r->slots[r->n_slots];
	const char *name = json_string_value(json_array_get(row, 1));
	json_int_t at = json_integer_value(json_array_get(row, 0));
	json_int_t how = json_integer_value(json_array_get(row, 2));

	if (name == NULL || at < (json_int_t)from ||
	    (uint64_t)at > r->len || how < 0 || how > LF_ESC_URL ||
	    (strcmp(name, "address") != 0 && strcmp(name, "key") != 0))
		return err_set(e, ERR_INVALID, "read a rendition: slot %zu "
		    "is malformed", r->n_slots + 1);
	s->at = (size_t)at;
	s->name = strcmp(name, "key") == 0 ? SLOT_KEY : SLOT_ADDRESS;
	s->escape = (uint32_t)how;
	r->n_slots++;
	return 0;
}

static int
read_slots(struct rendition *r, const json_t *rows, struct err *e)
{
	size_t n = json_array_size(rows), from = 0;

	if (n > RENDITION_SLOTS)
		return err_set(e, ERR_INVALID,
		    "read a rendition: more than %d slots", RENDITION_SLOTS);
	r->slots = xcalloc(n + 1, sizeof(*r->slots));
	for (size_t i = 0; i < n; i++) {
		if (read_slot(r, json_array_get(rows, i), from, e) != 0)
			return -1;
		from = r->slots[i].at;
	}
	return 0;
}

struct rendition *
rendition_new(const json_t *json, struct err *e)
{
	struct rendition *r = xcalloc(1, sizeof(*r));

	r->meta = json_incref(json_object_get(json, "meta"));
	if (decode_body(r, json, e) == 0 &&
	    read_slots(r, json_object_get(json, "slots"), e) == 0)
		return r;
	rendition_free(&r);
	return NULL;
}

void
rendition_free(struct rendition **rp)
{
	struct rendition *r = *rp;

	if (r == NULL)
		return;
	*rp = NULL;
	free(r->body);
	free(r->slots);
	json_decref(r->meta);
	free(r);
}

static void
set_body64(json_t *json, const void *body, size_t len)
{
	size_t max = sodium_base64_ENCODED_LEN(len,
	    sodium_base64_VARIANT_ORIGINAL);
	char *text = xmalloc(max);

	sodium_bin2base64(text, max, body, len,
	    sodium_base64_VARIANT_ORIGINAL);
	json_object_set_new(json, "body64", json_string(text));
	free(text);
}

json_t *
rendition_json(const void *body, size_t len, json_t *slots,
    json_t *measures, json_t *meta, json_t *warnings)
{
	json_t *json = json_pack("{s:o s:o s:o s:o}", "slots", slots,
	    "measures", measures, "meta", meta, "warnings", warnings);
	json_t *text = memchr(body, '\0', len) == NULL ?
	    json_stringn(body, len) : NULL;

	if (text != NULL)
		json_object_set_new(json, "body", text);
	else
		set_body64(json, body, len);
	return json;
}

bool
rendition_has_slots(const struct rendition *r)
{
	return r->n_slots > 0;
}

const char *
rendition_body(const struct rendition *r, size_t *len_r)
{
	*len_r = r->len;
	return r->body;
}

void
rendition_fill(const struct rendition *r, const char *address,
    const char *key, struct buf *out)
{
	size_t from = 0;

	for (size_t i = 0; i < r->n_slots; i++) {
		const struct slot *s = &r->slots[i];
		const char *value = s->name == SLOT_KEY ? key : address;

		buf_add(out, r->body + from, s->at - from);
		escape_write(value, strlen(value), s->escape, out);
		from = s->at;
	}
	buf_add(out, r->body + from, r->len - from);
}

const char *
rendition_meta(const struct rendition *r, const char *key)
{
	const char *s = json_string_value(json_object_get(r->meta, key));

	return s != NULL ? s : "";
}
