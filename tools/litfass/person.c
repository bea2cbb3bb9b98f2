/*
 * person: build and check one subscriber. Called by subscriber.
 */
#include "config.h"

#include <stdint.h>
#include <string.h>

#include "person.h"

#define REF_MAX		100
#define ADDRESS_MAX	320
#define ARS_DIGITS	12

static bool
only(const char *s, const char *allowed)
{
	return s[strspn(s, allowed)] == '\0';
}

/* E.164: a plus and 7 to 15 digits. */
static bool
is_number(const char *s)
{
	size_t n = strlen(s);

	return n >= 8 && n <= 16 && s[0] == '+' && s[1] != '0' &&
	    only(s + 1, "0123456789");
}

static bool
is_mail(const char *s)
{
	const char *at = strrchr(s, '@');

	return at != NULL && at != s && strchr(at, '.') != NULL &&
	    at[1] != '.' && s[strlen(s) - 1] != '.' &&
	    strpbrk(s, " \t\r\n<>,;") == NULL;
}

static int
check_address(const char *kind, const char *address, struct err *e)
{
	if (strlen(address) > ADDRESS_MAX)
		return err_set(e, ERR_INVALID, "%s: the address is longer "
		    "than %d bytes: correct it", kind, ADDRESS_MAX);
	if (strcmp(kind, "email") == 0 && !is_mail(address))
		return err_set(e, ERR_INVALID, "email: this is no mail "
		    "address: write name@example.net");
	if ((strcmp(kind, "sms") == 0 || strcmp(kind, "whatsapp") == 0) &&
	    !is_number(address))
		return err_set(e, ERR_INVALID, "%s: this is no number in "
		    "international form: write +4930123456, without blanks",
		    kind);
	if (!only(kind, "abcdefghijklmnopqrstuvwxyz0123456789_-") ||
	    *kind == '\0')
		return err_set(e, ERR_INVALID, "%.32s: this is no kind of "
		    "address: write email, sms or whatsapp", kind);
	return 0;
}

/* Words separated by blanks or commas, as an array, given. */
static json_t *
words(const char *s)
{
	json_t *list = json_array();
	size_t n;

	while (s != NULL && *s != '\0') {
		s += strspn(s, " ,");
		n = strcspn(s, " ,");
		if (n > 0)
			json_array_append_new(list, json_stringn(s, n));
		s += n;
	}
	return list;
}

static int
set_common(json_t *who, const char *ref, const char *languages,
    const char *topics, const char *ars, struct err *e)
{
	if (ref == NULL || *ref == '\0' || strlen(ref) > REF_MAX)
		return err_set(e, ERR_INVALID, "ref: it is missing or longer "
		    "than %d bytes: give each person a name of your own",
		    REF_MAX);
	if (ars != NULL && *ars != '\0' && (strlen(ars) != ARS_DIGITS ||
	    !only(ars, "0123456789")))
		return err_set(e, ERR_INVALID, "ars: a regional key has %d "
		    "digits: write all of them", ARS_DIGITS);
	json_object_set_new(who, "ref", json_string(ref));
	json_object_set_new(who, "languages", words(languages));
	json_object_set_new(who, "topics", words(topics));
	if (ars != NULL && *ars != '\0')
		json_object_set_new(who, "ars", json_string(ars));
	return 0;
}

static int
set_address(json_t *who, const char *kind, const char *address,
    struct err *e)
{
	json_t *addresses = json_object_get(who, "addresses");

	if (check_address(kind, address, e) == -1)
		return -1;
	if (json_object_set_new(addresses, kind, json_string(address)) == -1)
		return err_set(e, ERR_INVALID, "%s: this is not UTF-8: "
		    "correct it", kind);
	return 0;
}

static int
finish(int rc, json_t *who, json_t **who_r, struct err *e)
{
	if (rc == 0 && json_object_size(json_object_get(who, "addresses")) ==
	    0)
		rc = err_set(e, ERR_INVALID, "address: there is none: give "
		    "at least one of email, sms, whatsapp");
	if (rc == 0)
		*who_r = who;
	else
		json_decref(who);
	return rc;
}

/* "email=a@b.de,sms=+49…" */
static int
set_addresses(json_t *who, const char *s, struct err *e)
{
	char part[ADDRESS_MAX + 40], *is;
	size_t n;

	for (; *s != '\0'; s += n + (s[n] == ',')) {
		n = strcspn(s, ",");
		if (n >= sizeof(part))
			return err_set(e, ERR_INVALID, "--address: one is "
			    "too long: correct it");
		memcpy(part, s, n);
		part[n] = '\0';
		is = strchr(part, '=');
		if (is == NULL)
			return err_set(e, ERR_USAGE, "--address: the kind is "
			    "missing: write email=name@example.net");
		*is = '\0';
		if (set_address(who, part, is + 1, e) == -1)
			return -1;
	}
	return 0;
}

int
person_from_options(const struct cli *c, json_t **who_r, struct err *e)
{
	json_t *who = json_pack("{s:{}}", "addresses");
	int rc;

	rc = set_common(who, c->opt[OPT_REF], c->opt[OPT_LANGUAGES],
	    c->opt[OPT_TOPICS], c->opt[OPT_ARS], e);
	if (rc == 0)
		rc = set_addresses(who, c->opt[OPT_ADDRESS], e);
	return finish(rc, who, who_r, e);
}

static const char *
text(const json_t *row, const char *key)
{
	return json_string_value(json_object_get(row, key));
}

static bool
is_common(const char *key)
{
	static const char *const keys[] = { "ref", "languages", "topics",
		"ars", "line" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(keys[i], key) == 0)
			return true;
	return false;
}

int
person_from_row(const json_t *row, json_t **who_r, struct err *e)
{
	json_t *who = json_pack("{s:{}}", "addresses");
	json_t *value;
	const char *key;
	int rc;

	rc = set_common(who, text(row, "ref"), text(row, "languages"),
	    text(row, "topics"), text(row, "ars"), e);
	/* jansson wants a non-const object to walk; nothing is changed. */
	json_object_foreach((json_t *)(uintptr_t)row, key, value)
		if (rc == 0 && !is_common(key) &&
		    *json_string_value(value) != '\0')
			rc = set_address(who, key, json_string_value(value),
			    e);
	return finish(rc, who, who_r, e);
}
