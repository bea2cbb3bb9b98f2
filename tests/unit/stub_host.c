/*
 * stub_host: see stub_host.h. Only for unit tests of plugins.
 */
#include "config.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stub_host.h"

static const char *
lend(struct lf_out *out, char *s)
{
	assert(out->n_strings < 256);
	out->strings[out->n_strings++] = s;
	return s;
}

void
stub_reset(struct lf_out *out)
{
	for (size_t i = 0; i < out->n_strings; i++)
		free(out->strings[i]);
	memset(out, 0, sizeof(*out));
}

static void
add(char *to, size_t size, const char *a, const char *b, const char *c)
{
	size_t len = strlen(to);

	snprintf(to + len, size - len, "%s%s%s", a, b, c);
}

static void
out_text(struct lf_out *out, const char *s)
{
	add(out->body, sizeof(out->body), s, "", "");
}

static void
out_slot(struct lf_out *out, const char *name, uint32_t escape)
{
	(void)escape;
	add(out->body, sizeof(out->body), "<", name, ">");
}

static void
out_measure(struct lf_out *out, const char *name, int64_t n)
{
	(void)out;
	(void)name;
	(void)n;
}

static void
out_warn(struct lf_out *out, const char *slug, const char *text)
{
	(void)text;
	add(out->notes, sizeof(out->notes), "warn:", slug, " ");
}

static void
out_refuse(struct lf_out *out, const char *slug, const char *text)
{
	(void)text;
	add(out->notes, sizeof(out->notes), "refuse:", slug, " ");
}

/* One character is one code point here. */
static const char *
cut(struct lf_out *out, const char *s, uint32_t unit, uint32_t max)
{
	size_t size = strlen(s) + sizeof("…"), end = 0;
	uint32_t chars = 0;
	char *copy = malloc(size);

	(void)unit;
	for (size_t i = 0; s[i] != '\0'; i++) {
		if (((unsigned char)s[i] & 0xc0) == 0x80)
			continue;
		if (++chars == max)
			end = i;
	}
	if (chars > max)
		snprintf(copy, size, "%.*s%s", (int)end, s,
		    max > 0 ? "…" : "");
	else
		memcpy(copy, s, strlen(s) + 1);
	return lend(out, copy);
}

static const char *
field(const struct lf_announcement *a, const char *name, size_t len)
{
	const struct {
		const char *name, *value;
	} fields[] = {
		{ "headline", a->headline }, { "teaser", a->teaser },
		{ "body", a->body }, { "instruction", a->instruction },
		{ "sign", a->sign }, { "area", a->area },
		{ "link", a->link },
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (strlen(fields[i].name) == len &&
		    strncmp(fields[i].name, name, len) == 0)
			return fields[i].value;
	return "";
}

static const char *
expand(struct lf_out *out, const struct lf_announcement *a,
    const char *tmpl, uint32_t form, uint32_t unit, uint32_t max)
{
	char s[16384] = "";
	const char *end;
	size_t len;

	(void)form;
	while (*tmpl != '\0') {
		end = strstr(tmpl, "}}");
		if (strncmp(tmpl, "{{", 2) == 0 && end != NULL) {
			len = (size_t)(end - tmpl) - 2;
			add(s, sizeof(s), field(a, tmpl + 2, len), "", "");
			tmpl = end + 2;
			continue;
		}
		len = strlen(s);
		s[len] = *tmpl++;
		s[len + 1] = '\0';
	}
	return cut(out, s, unit, max == 0 ? UINT32_MAX : max);
}

static uint64_t
length(const char *s, uint32_t unit)
{
	uint64_t n = 0;

	for (; *s != '\0'; s++)
		n += unit == LF_UNIT_BYTES ||
		    ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

const struct lf_host stub_host = {
	.size = sizeof(stub_host),
	.abi_major = LF_ABI_MAJOR, .abi_minor = LF_ABI_MINOR,
	.out_text = out_text, .out_slot = out_slot,
	.out_measure = out_measure, .out_warn = out_warn,
	.out_refuse = out_refuse, .cut = cut, .expand = expand,
	.length = length,
};
