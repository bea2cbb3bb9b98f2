/*
 * subscriber: checks one subscriber by tables of small rules. Reads no
 * database and never repairs what it is given. Called by the store and by
 * litfass subscriber import --check.
 */
#include "config.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "store/subscriber.h"

#define LOWER	"abcdefghijklmnopqrstuvwxyz"
#define DIGITS	"0123456789"

/* Only these characters, min to max of them. */
static bool
made_of(const char *s, const char *set, size_t min, size_t max)
{
	size_t n = strlen(s);

	return n >= min && n <= max && strspn(s, set) == n;
}

static bool
plain(const char *s, size_t max)
{
	size_t n = 0;

	for (; s[n] != '\0'; n++)
		if ((unsigned char)s[n] < 0x20 || s[n] == 0x7f)
			return false;
	return n >= 1 && n <= max;
}

static bool
good_ref(const char *s)
{
	return plain(s, 64);
}

static bool
good_topic(const char *s)
{
	return made_of(s, LOWER DIGITS "-_", 1, 48);
}

static bool
good_ars(const char *s)
{
	return made_of(s, DIGITS, 12, 12);
}

/* BCP 47 in outline: letters first, then subtags. */
static bool
good_language(const char *s)
{
	size_t part = strspn(s, LOWER);

	if (part < 2 || part > 3 || strlen(s) > 35)
		return false;
	for (s += part; *s == '-'; s += part) {
		s++;
		part = strspn(s, LOWER "ABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGITS);
		if (part < 1 || part > 8)
			return false;
	}
	return *s == '\0';
}

static bool
good_phone(const char *s)
{
	return s[0] == '+' && s[1] != '0' && made_of(s + 1, DIGITS, 7, 15);
}

static bool
good_domain(const char *s)
{
	size_t n = strlen(s);

	if (n < 1 || s[0] == '.' || s[0] == '-' || s[n - 1] == '.' ||
	    s[n - 1] == '-' || strstr(s, "..") != NULL)
		return false;
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < 0x80 && !isalnum((unsigned char)*s) &&
		    *s != '-' && *s != '.')
			return false;
	return true;
}

static bool
good_email(const char *s)
{
	size_t local = strcspn(s, "@");

	return plain(s, 254) && strpbrk(s, " ,<>()[]\\\";:") == NULL &&
	    local >= 1 && local <= 64 && s[local] == '@' && s[0] != '.' &&
	    s[local - 1] != '.' && good_domain(s + local + 1);
}

static bool
good_address(const char *s)
{
	return plain(s, 319);
}

static const struct rule {
	const char *kind;
	bool (*good)(const char *s);
	const char *want;
} addresses[] = {
	{ "email", good_email, "a mail address like amt@stadt.example" },
	{ "sms", good_phone, "a number like +4930123456" },
	{ "whatsapp", good_phone, "a number like +4930123456" },
};

static const char *const members[] = { "ref", "languages", "topics", "ars",
	"addresses" };

static int
bad(struct err *e, const char *what, const char *want)
{
	return err_set(e, ERR_INVALID, "subscriber: %s: not valid: give %s",
	    what, want);
}

static int
check_address(const char *kind, const json_t *v, struct err *e)
{
	const char *s = json_string_value(v);

	if (!made_of(kind, LOWER DIGITS "_-", 1, 32))
		return bad(e, "addresses", "kinds of a-z, 0-9, - and _");
	if (s == NULL || strlen(s) != json_string_length(v))
		return bad(e, kind, "a text");
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++)
		if (strcmp(addresses[i].kind, kind) == 0)
			return addresses[i].good(s) ? 0 :
			    bad(e, kind, addresses[i].want);
	return good_address(s) ? 0 : bad(e, kind, "at most 319 bytes without "
	    "control characters");
}

static int
check_addresses(const json_t *all, struct err *e)
{
	const char *kind;
	json_t *v;

	if (json_object_size(all) == 0)
		return bad(e, "addresses", "at least one, like "
		    "{\"email\":\"amt@stadt.example\"}");
	json_object_foreach((json_t *)(uintptr_t)all, kind, v)
		if (check_address(kind, v, e) == -1)
			return -1;
	return 0;
}

/* A list of strings, or nothing. total: of all its bytes and commas. */
static int
check_list(const json_t *list, const char *name, bool (*good)(const char *),
    size_t max, size_t total, const char *want, struct err *e)
{
	size_t i, bytes = 0;
	json_t *v;

	if (list == NULL)
		return 0;
	if (!json_is_array(list) || json_array_size(list) > max)
		return bad(e, name, want);
	json_array_foreach(list, i, v) {
		if (!json_is_string(v) || !good(json_string_value(v)))
			return bad(e, name, want);
		bytes += json_string_length(v) + 1;
	}
	return bytes <= total ? 0 : bad(e, name, want);
}

static int
check_members(const json_t *s, struct err *e)
{
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)(uintptr_t)s, key, v) {
		size_t i, n = sizeof(members) / sizeof(members[0]);

		for (i = 0; i < n && strcmp(members[i], key) != 0; i++)
			continue;
		if (i == n)
			return err_set(e, ERR_INVALID, "subscriber: %s: not "
			    "known: there are ref, languages, topics, ars "
			    "and addresses", strlen(key) > 40 ? "a member" :
			    key);
	}
	return 0;
}

int
subscriber_check(const json_t *s, struct err *e)
{
	const json_t *ref = json_object_get(s, "ref");
	const json_t *ars = json_object_get(s, "ars");

	if (!json_is_object(s))
		return bad(e, "it", "an object");
	if (check_members(s, e) == -1)
		return -1;
	if (!json_is_string(ref) || !good_ref(json_string_value(ref)))
		return bad(e, "ref", "1 to 64 bytes without control "
		    "characters");
	if (ars != NULL && (!json_is_string(ars) ||
	    !good_ars(json_string_value(ars))))
		return bad(e, "ars", "12 digits, as a text");
	if (check_list(json_object_get(s, "languages"), "languages",
	    good_language, 16, 63, "tags like \"de\", at most 62 bytes in "
	    "all", e) == -1 ||
	    check_list(json_object_get(s, "topics"), "topics", good_topic,
	    64, 64 * 49, "at most 64 of a-z, 0-9, - and _", e) == -1)
		return -1;
	return check_addresses(json_object_get(s, "addresses"), e);
}
