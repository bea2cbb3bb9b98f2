/*
 * message: writes send calls. It is pure. Recipient and key are slots, so
 * one rendition serves every recipient of a language. The plugin's render
 * calls it.
 */
#include "config.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"

/* For the fixed words of an approved template, which we do not see. */
#define TEMPLATE_RESERVE	224

/* Write {"messaging_product" ... "type":TYPE,TYPE:content}. */
static int
send_write(const struct lf_host *host, const char *type, json_t *content,
    struct lf_out *out)
{
	char *s = json_dumps(content, JSON_COMPACT);

	json_decref(content);
	if (s == NULL) {
		host->out_refuse(out, "not-json", "the text is not UTF-8");
		return -1;
	}
	host->out_text(out, "{\"messaging_product\":\"whatsapp\","
	    "\"recipient_type\":\"individual\",\"to\":\"");
	host->out_slot(out, "address", LF_ESC_JSON);
	/* Comes back with every receipt: the only link to our delivery. */
	host->out_text(out, "\",\"biz_opaque_callback_data\":\"");
	host->out_slot(out, "key", LF_ESC_JSON);
	host->out_text(out, "\",\"type\":\"");
	host->out_text(out, type);
	host->out_text(out, "\",\"");
	host->out_text(out, type);
	host->out_text(out, "\":");
	host->out_text(out, s);
	host->out_text(out, "}");
	free(s);
	return 0;
}

int
message_text(const struct lf_host *host, const struct lf_announcement *a,
    const char *tmpl, struct lf_out *out)
{
	const char *s;
	json_t *text;

	/* Meta does not say what a character is: take the strictest. */
	s = host->expand(out, a, tmpl, LF_FORM_WHATSAPP, LF_UNIT_UTF16,
	    MESSAGE_TEXT);
	if (s == NULL || *s == '\0') {
		host->out_refuse(out, "no-room",
		    "headline and link do not fit in a message");
		return -1;
	}
	text = json_object();
	json_object_set_new(text, "preview_url",
	    json_boolean(*a->link != '\0'));
	json_object_set_new(text, "body", json_string(s));
	host->out_measure(out, "characters",
	    (int64_t)host->length(s, LF_UNIT_CHARS));
	return send_write(host, "text", text, out);
}

/* ----------------------------------------------------------- templates -- */

/* Bytes of the white space at s: also no-break space, line and paragraph
 * separator, which Meta's check takes for line breaks. */
static size_t
space_at(const char *s)
{
	if (strchr(" \t\n\v\f\r", *s) != NULL)
		return *s != '\0';
	if (strncmp(s, "\xc2\xa0", 2) == 0)
		return 2;
	if (strncmp(s, "\xe2\x80\xa8", 3) == 0 ||
	    strncmp(s, "\xe2\x80\xa9", 3) == 0)
		return 3;
	return 0;
}

char *
message_line(const char *s)
{
	char *line = malloc(strlen(s) + 2), *p = line;
	size_t n;

	if (line == NULL)
		return NULL;
	while (*s != '\0') {
		n = space_at(s);
		if (n == 0)
			*p++ = *s++;
		else if (p > line && p[-1] != ' ')
			*p++ = ' ';
		s += n;
	}
	if (p > line && p[-1] == ' ')
		p--;
	if (p == line)
		*p++ = '-';	/* an empty parameter is an error */
	*p = '\0';
	return line;
}

/* Copy the len bytes of a code to code_r, with Meta's underscore. */
static void
code_copy(const char *s, size_t len, char *code, size_t size)
{
	snprintf(code, size, "%.*s", (int)len, s);
	for (; *code != '\0'; code++)
		if (*code == '-')
			*code = '_';
}

bool
message_language(const char *lang, const char *languages, char *code,
    size_t size)
{
	size_t base = strcspn(lang, "-"), len;
	char wanted[36], entry[36];
	bool found = false;

	code_copy(lang, strlen(lang), wanted, sizeof(wanted));
	languages += strspn(languages, " ");
	code_copy(languages, strcspn(languages, " "), code, size);
	for (; *languages != '\0'; languages += strspn(languages, " ")) {
		len = strcspn(languages, " ");
		code_copy(languages, len, entry, sizeof(entry));
		languages += len;
		if (strcmp(entry, wanted) == 0) {
			snprintf(code, size, "%s", entry);
			return true;
		}
		/* de-simple is served by de, en by en_GB. */
		if (!found && strcspn(entry, "_") == base &&
		    strncmp(entry, wanted, base) == 0) {
			snprintf(code, size, "%s", entry);
			found = true;
		}
	}
	return found;
}

/* Bytes of the name before a parameter's template, or 0: [a-z0-9_]+= */
static size_t
name_len(const char *line)
{
	size_t len = strspn(line, "abcdefghijklmnopqrstuvwxyz0123456789_");

	return line[len] == '=' ? len : 0;
}

/* The line behind this one, or the end. */
static const char *
next_line(const char *s)
{
	s += strcspn(s, "\n");
	return s + (*s == '\n');
}

static size_t
count_lines(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s = next_line(s))
		n++;
	return n;
}

const char *
message_spec_check(const char *spec)
{
	size_t name = strcspn(spec, "\n"), named = 0, n = 0;

	if (name == 0 || name > 512 || name !=
	    strspn(spec, "abcdefghijklmnopqrstuvwxyz0123456789_"))
		return "the first line is the template's name: a-z, 0-9, _";
	for (spec = next_line(spec); *spec != '\0'; spec = next_line(spec)) {
		if (*spec == '\n')
			return "a parameter is an empty line";
		named += name_len(spec) > 0;
		n++;
	}
	if (named != 0 && named != n)
		return "either all parameters have names or none";
	return NULL;
}

/* The parameter of one line of a spec, or NULL when it can't fit. */
static json_t *
parameter(const struct lf_host *host, const struct lf_announcement *a,
    const char *line, uint32_t max, struct lf_out *out)
{
	size_t name = name_len(line);
	const char *from = name > 0 ? line + name + 1 : line;
	char *tmpl = strndup(from, strcspn(from, "\n")), *text = NULL;
	const char *s = NULL;
	json_t *o = NULL;

	if (tmpl != NULL)
		s = host->expand(out, a, tmpl, LF_FORM_LINE, LF_UNIT_UTF16,
		    max);
	if (s != NULL)
		text = message_line(s);
	if (text != NULL) {
		o = json_object();
		json_object_set_new(o, "type", json_string("text"));
		if (name > 0)
			json_object_set_new(o, "parameter_name",
			    json_stringn(line, name));
		json_object_set_new(o, "text", json_string(text));
	}
	free(text);
	free(tmpl);
	return o;
}

/* All parameters, or NULL. What one leaves of its share, the next may use: an
 * instruction is not cut while there is room. */
static json_t *
parameters(const struct lf_host *host, const struct lf_announcement *a,
    const char *lines, struct lf_out *out)
{
	struct lf_announcement unmarked = *a;
	uint64_t room = MESSAGE_TEMPLATE - TEMPLATE_RESERVE;
	json_t *list = json_array(), *p;

	for (size_t n = count_lines(lines); n > 0; n--) {
		p = parameter(host, a, lines, (uint32_t)(room / n), out);
		if (p == NULL) {
			json_decref(list);
			return NULL;
		}
		json_array_append_new(list, p);
		room -= host->length(json_string_value(json_object_get(p,
		    "text")), LF_UNIT_UTF16);
		lines = next_line(lines);
		/* The mark of an exercise stands in the first. */
		unmarked.mark = "";
		a = &unmarked;
	}
	return list;
}

static json_t *
template_json(const char *spec, const char *code, json_t *params)
{
	json_t *t = json_object(), *language = json_object();
	json_t *list = json_array(), *body = json_object();

	json_object_set_new(t, "name", json_stringn(spec,
	    strcspn(spec, "\n")));
	json_object_set_new(language, "code", json_string(code));
	json_object_set_new(language, "policy", json_string("deterministic"));
	json_object_set_new(t, "language", language);
	/* A component without variables is not sent. */
	if (json_array_size(params) > 0) {
		json_object_set_new(body, "type", json_string("body"));
		json_object_set(body, "parameters", params);
		json_array_append(list, body);
		json_object_set(t, "components", list);
	}
	json_decref(params);
	json_decref(body);
	json_decref(list);
	return t;
}

int
message_template(const struct lf_host *host, const struct lf_announcement *a,
    const char *spec, const char *languages, struct lf_out *out)
{
	char code[36];
	json_t *params;

	if (!message_language(a->lang, languages, code, sizeof(code)))
		host->out_warn(out, "template-language",
		    "no template in this language: its fixed words come in "
		    "the first one of template_languages");
	if (*next_line(spec) == '\0' && *a->mark != '\0') {
		host->out_refuse(out, "no-mark", "the template has no "
		    "parameter that could say that this is an exercise");
		return -1;
	}
	params = parameters(host, a, next_line(spec), out);
	if (params == NULL) {
		host->out_refuse(out, "no-room",
		    "a parameter does not fit in the template");
		return -1;
	}
	host->out_measure(out, "parameters", (int64_t)json_array_size(params));
	return send_write(host, "template", template_json(spec, code, params),
	    out);
}
