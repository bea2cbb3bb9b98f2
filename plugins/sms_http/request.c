/*
 * request: one short message as the HTTP request its gateway wants. It must
 * never let a value out of its field. Called by sms_http.
 */
#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "common/escape.h"
#include "request.h"

#define TTL_MIN		300	/* seconds; below it gateways refuse */
#define TTL_MAX		172800	/* the usual two days */

/* What a template is filled from and for. */
struct fill {
	const struct preset *p;
	const struct message *m;
	char *why;
	bool in_path;		/* values are percent-encoded */
};

bool
number_valid(const char *s)
{
	size_t n;

	if (s[0] != '+' || s[1] == '0')
		return false;
	n = strspn(s + 1, "0123456789");
	return s[1 + n] == '\0' && n >= 8 && n <= 15;
}

/* What follows the German prefix of a number, however that is written; the
 * number itself when it has none. */
static const char *
national(const char *s)
{
	static const char *const prefixes[] = { "+49", "0049", "49", NULL };
	size_t n;

	for (int i = 0; prefixes[i] != NULL; i++) {
		n = strlen(prefixes[i]);
		if (strncmp(s, prefixes[i], n) == 0)
			return s + n;
	}
	return s[0] == '0' && s[1] != '0' ? s + 1 : s;
}

static bool
is_reserved(const char *s)
{
	static const char *const reserved[] = { "110", "112", "115", "116",
		"118", "137", "180", "900", NULL };

	s = national(s);
	for (int i = 0; reserved[i] != NULL; i++)
		if (strncmp(s, reserved[i], strlen(reserved[i])) == 0)
			return true;
	return false;
}

const char *
sender_objection(const char *s)
{
	size_t n = strlen(s), digits;
	bool letter = false;

	if (n == 0)
		return NULL;
	digits = strspn(s + (*s == '+'), "0123456789");
	if (digits > 0 && digits + (*s == '+') == n) {
		if (is_reserved(s))
			return "is a number nobody may send from";
		return digits <= 15 ? NULL :
		    "is not a number of at most 15 digits";
	}
	if (n > 11)
		return "is longer than the 11 letters phones show";
	for (size_t i = 0; i < n; i++) {
		if (!isalnum((unsigned char)s[i]) && s[i] != ' ')
			return "may hold only A-Z, a-z, 0-9 and spaces";
		letter = letter || isalpha((unsigned char)s[i]);
	}
	return letter ? NULL : "has no letter and is no number";
}

static void
basic_write(FILE *f, const struct message *m)
{
	char *pair = NULL;
	size_t len;
	FILE *b = open_memstream(&pair, &len);

	if (b == NULL)
		return;
	fprintf(b, "%s:%s", m->user, m->password);
	fclose(b);
	escape_base64(f, pair, len);
	explicit_bzero(pair, len);
	free(pair);
}

static int64_t
ttl_seconds(const struct fill *c)
{
	int64_t max = c->p->ttl_max > 0 ? c->p->ttl_max : TTL_MAX;
	int64_t ttl = c->m->ttl;

	if (ttl < TTL_MIN)
		return TTL_MIN;
	return ttl > max ? max : ttl;
}

static void
number_write(FILE *f, const struct fill *c)
{
	const char *digits = c->m->to + (c->m->to[0] == '+');

	if (strcmp(c->p->number, "plus") == 0)
		fputc('+', f);
	else if (strcmp(c->p->number, "00") == 0)
		fputs("00", f);
	fputs(digits, f);
}

/* "encoding:text|unicode": one of the two words. */
static bool
choice_write(FILE *f, const struct fill *c, const char *name, size_t n)
{
	const char *first = memchr(name, ':', n);
	const char *bar = memchr(name, '|', n);

	if (first == NULL || bar == NULL || bar < first ||
	    strncmp(name, "encoding:", 9) != 0)
		return false;
	if (c->m->ucs2)
		fwrite(bar + 1, 1, (size_t)(name + n - bar - 1), f);
	else
		fwrite(first + 1, 1, (size_t)(bar - first - 1), f);
	return true;
}

static bool
is_name(const char *name, size_t n, const char *want)
{
	return strlen(want) == n && memcmp(name, want, n) == 0;
}

/* The value of one place; false when there is none of this name. */
static bool
value_write(FILE *f, const struct fill *c, const char *name, size_t n)
{
	const struct message *m = c->m;
	const struct { const char *name, *value; } texts[] = {
		{ "from", m->from }, { "text", m->text }, { "key", m->key },
		{ "user", m->user }, { "password", m->password },
	};

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (is_name(name, n, texts[i].name)) {
			fputs(texts[i].value, f);
			return true;
		}
	if (is_name(name, n, "to"))
		number_write(f, c);
	else if (is_name(name, n, "basic"))
		basic_write(f, m);
	else if (is_name(name, n, "ttl_s"))
		fprintf(f, "%lld", (long long)ttl_seconds(c));
	else if (is_name(name, n, "ttl_min"))
		fprintf(f, "%lld", (long long)ttl_seconds(c) / 60);
	else if (is_name(name, n, "ttl_ms"))
		fprintf(f, "%lld", (long long)ttl_seconds(c) * 1000);
	else
		return choice_write(f, c, name, n);
	return true;
}

static bool
place_write(FILE *f, const struct fill *c, const char *name, size_t n)
{
	char *value = NULL;
	size_t len;
	FILE *v;
	bool good;

	if (!c->in_path)
		return value_write(f, c, name, n);
	v = open_memstream(&value, &len);
	if (v == NULL)
		return false;
	good = value_write(v, c, name, n);
	fclose(v);
	escape_percent(f, value);
	explicit_bzero(value, len);
	free(value);
	return good;
}

/* Template of n bytes with its places filled, given; NULL on a bad one. */
static char *
fill_text(const struct fill *c, const char *t, size_t n)
{
	char *text = NULL;
	size_t len, name;
	FILE *f = open_memstream(&text, &len);
	bool good = f != NULL;

	for (size_t i = 0; good && i < n; i++) {
		if (t[i] != '{') {
			fputc(t[i], f);
			continue;
		}
		for (name = i + 1; name < n && t[name] != '}'; name++)
			continue;
		good = name < n && place_write(f, c, t + i + 1, name - i - 1);
		if (!good)
			snprintf(c->why, 128, "%.*s is not a place to fill",
			    (int)(name - i < 40 ? name - i + 1 : 40), t + i);
		i = name;
	}
	if (f != NULL)
		fclose(f);
	if (good)
		return text;
	free(text);
	return NULL;
}

/* "a={to}&b={text}"; every value percent-encoded, empty ones left out. */
static int
form_write(FILE *f, const struct fill *c, const char *fields)
{
	size_t n, name;
	char *value;
	const char *join = "";

	for (; *fields != '\0'; fields += n + (fields[n] == '&')) {
		n = strcspn(fields, "&");
		name = strcspn(fields, "=&");
		if (name == n) {
			snprintf(c->why, 128, "%.*s lacks a value", (int)n,
			    fields);
			return -1;
		}
		value = fill_text(c, fields + name + 1, n - name - 1);
		if (value == NULL)
			return -1;
		if (*value != '\0') {
			fprintf(f, "%s%.*s=", join, (int)name, fields);
			escape_percent(f, value);
			join = "&";
		}
		explicit_bzero(value, strlen(value));
		free(value);
	}
	return 0;
}

static json_t *
json_fill(const struct fill *c, json_t *t);

/* A string with places; "{#ttl_s}" becomes a number. "" gives null. */
static json_t *
json_fill_string(const struct fill *c, json_t *t)
{
	const char *s = json_string_value(t);
	size_t n = json_string_length(t);
	bool number = n > 3 && strncmp(s, "{#", 2) == 0;
	char *name = NULL, *value;
	json_t *j;

	if (n == 0)
		return json_string("");
	if (number && asprintf(&name, "{%s", s + 2) < 0)
		return NULL;
	value = number ? fill_text(c, name, strlen(name)) :
	    fill_text(c, s, n);
	free(name);
	if (value == NULL)
		return NULL;
	if (*value == '\0')
		j = json_null();
	else if (number)
		j = json_integer(strtoll(value, NULL, 10));
	else
		j = json_string(value);
	free(value);
	return j;
}

static json_t *
json_fill_object(const struct fill *c, json_t *t)
{
	json_t *o = json_object(), *v, *member;
	const char *key;

	json_object_foreach(t, key, member) {
		v = json_fill(c, member);
		if (v == NULL) {
			json_decref(o);
			return NULL;
		}
		if (json_is_null(v))
			json_decref(v);
		else
			json_object_set_new(o, key, v);
	}
	return o;
}

static json_t *
json_fill_array(const struct fill *c, json_t *t)
{
	json_t *a = json_array(), *v, *member;
	size_t i;

	json_array_foreach(t, i, member) {
		v = json_fill(c, member);
		if (v == NULL || json_array_append_new(a, v) != 0) {
			json_decref(a);
			return NULL;
		}
	}
	return a;
}

static json_t *
json_fill(const struct fill *c, json_t *t)
{
	if (json_is_object(t))
		return json_fill_object(c, t);
	if (json_is_array(t))
		return json_fill_array(c, t);
	if (json_is_string(t))
		return json_fill_string(c, t);
	return json_incref(t);
}

static char *
json_make(const struct fill *c, const char *fields)
{
	json_error_t e;
	json_t *t = json_loads(fields, JSON_REJECT_DUPLICATES, &e), *filled;
	char *text;

	if (t == NULL) {
		snprintf(c->why, 128, "fields are not JSON: line %d: %.80s",
		    e.line, e.text);
		return NULL;
	}
	filled = json_fill(c, t);
	json_decref(t);
	if (filled == NULL)
		return NULL;
	text = json_dumps(filled, JSON_COMPACT);
	json_decref(filled);
	if (text == NULL)
		snprintf(c->why, 128, "a value is not UTF-8");
	return text;
}

static char *
form_make(const struct fill *c, const char *fields)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	int rc;

	if (f == NULL)
		return NULL;
	rc = form_write(f, c, fields);
	fclose(f);
	if (rc == 0)
		return text;
	free(text);
	return NULL;
}

/* True when the address ends behind its host: "https://host:1/". */
static bool
lacks_path(const char *url)
{
	const char *host = strstr(url, "://");
	const char *path = strchr(host != NULL ? host + 3 : url, '/');

	return path == NULL || strcmp(path, "/") == 0;
}

/* The address; what is filled into its path is percent-encoded. */
static char *
url_make(const struct fill *c, const char *url, const char *query)
{
	const char *path = lacks_path(url) ? c->p->path : "";
	size_t base = strlen(url) - (*path != '\0' && *url != '\0' &&
	    url[strlen(url) - 1] == '/');
	const struct fill in_path = { c->p, c->m, c->why, true };
	char *filled = fill_text(&in_path, path, strlen(path));
	char *text = NULL;
	size_t len;
	FILE *f;

	if (filled == NULL)
		return NULL;
	f = open_memstream(&text, &len);
	if (f != NULL) {
		fprintf(f, "%.*s%s", (int)base, url, filled);
		if (*query != '\0')
			fprintf(f, "%c%s", strchr(url, '?') ? '&' : '?',
			    query);
		fclose(f);
	}
	free(filled);
	return text;
}

static int
header_add(struct request *r, char *line, char *why)
{
	if (line == NULL)
		return -1;
	for (const char *s = line; *s != '\0'; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f) {
			snprintf(why, 128, "a header holds a control byte");
			free(line);
			return -1;
		}
	if (r->n_headers == REQUEST_HEADERS_MAX) {
		snprintf(why, 128, "more than %d headers",
		    REQUEST_HEADERS_MAX);
		free(line);
		return -1;
	}
	r->headers[r->n_headers++] = line;
	return 0;
}

/* A header for a login that is not configured. */
static bool
is_idle_login(const struct fill *c, const char *line, size_t n)
{
	return *c->m->user == '\0' && *c->m->password == '\0' &&
	    memmem(line, n, "{basic}", 7) != NULL;
}

static int
headers_make(const struct fill *c, struct request *r)
{
	const char *line = c->p->headers;
	const char *type = NULL;
	size_t n;

	if (strcmp(c->p->body, "json") == 0)
		type = "Content-Type: application/json";
	else if (strcmp(c->p->body, "form") == 0)
		type = "Content-Type: application/x-www-form-urlencoded";
	if (type != NULL && header_add(r, strdup(type), c->why) != 0)
		return -1;
	for (; *line != '\0'; line += n + (line[n] == '\n')) {
		n = strcspn(line, "\n");
		if (n == 0 || is_idle_login(c, line, n))
			continue;
		if (header_add(r, fill_text(c, line, n), c->why) != 0)
			return -1;
	}
	return 0;
}

int
request_make(const struct preset *p, const char *url, const struct message *m,
    struct request *r, char why[128])
{
	const struct fill c = { p, m, why, false };
	bool query = strcmp(p->body, "query") == 0;

	memset(r, 0, sizeof *r);
	snprintf(why, 128, "out of memory");
	r->body = strcmp(p->body, "json") == 0 ? json_make(&c, p->fields) :
	    form_make(&c, p->fields);
	if (r->body == NULL)
		return -1;
	r->url = url_make(&c, url, query ? r->body : "");
	if (r->url == NULL)
		return -1;
	if (query) {
		explicit_bzero(r->body, strlen(r->body));
		r->body[0] = '\0';
	}
	return headers_make(&c, r);
}

static void
wipe(char **s)
{
	if (*s != NULL)
		explicit_bzero(*s, strlen(*s));
	free(*s);
	*s = NULL;
}

void
request_fini(struct request *r)
{
	wipe(&r->url);
	wipe(&r->body);
	for (uint32_t i = 0; i < r->n_headers; i++)
		wipe(&r->headers[i]);
	r->n_headers = 0;
}
