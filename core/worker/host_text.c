/*
 * host_text: the texts a plugin asks for inside render. Only lends out what
 * core/text and core/announce make; decides nothing itself. Called through
 * the host's table.
 */
#include "config.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "text/compose.h"
#include "text/date.h"
#include "text/escape.h"
#include "text/gsm7.h"
#include "text/md.h"
#include "text/utf8.h"
#include "text/words.h"
#include "worker/host.h"
#include "worker/host_render.h"
#include "worker/out.h"
#include "worker/rendition.h"

#define TIME_LIMIT	INT64_C(200000000000)	/* seconds, year 8307 */
#define TEXT_MAX	RENDITION_BODY	/* nothing longer can go out */

/* A text is lent whole or not at all: nobody would miss what is cut off. */
static const char *
lend_buf(struct lf_out *out, struct buf *b)
{
	if (!buf_ok(b))
		host_broken(out->ch, 0, "render: a text is longer than "
		    "%zu bytes", b->max);
	return out_lend(out, buf_steal(b));
}

/* last: the highest unit that makes sense. */
static void
check_unit(const struct lf_out *out, const char *what, uint32_t unit,
    uint32_t last)
{
	if (unit > last)
		host_broken(out->ch, 0, "%s: unit %u: unknown, or not one "
		    "for this", what, (unsigned)unit);
}

/* In the issuer's time zone; UTC without one, and beyond all calendars. */
static void
write_time(void *arg, const char *lang, int64_t t, bool brief, struct buf *b)
{
	const struct zone *z = ((const struct lf_out *)arg)->ch->zone;
	struct civil c;

	if (z != NULL && t > -TIME_LIMIT && t < TIME_LIMIT)
		zone_civil(z, (struct wall){ t * CLOCK_SECOND }, &c);
	else
		civil_from_seconds(t, &c);
	if (brief)
		date_write_brief(lang, &c, b);
	else
		date_write(lang, &c, b);
}

/* The same thing is said once, whatever number of texts it is true for. */
static void
warn_once(void *arg, const char *slug, const char *text)
{
	struct lf_out *out = arg;
	json_t *row = json_pack("[ss]", slug, text), *it;
	bool said = false;
	size_t i;

	json_array_foreach(out->warnings, i, it)
		said |= json_equal(it, row);
	json_decref(row);
	if (!said)
		out_warn(out, slug, text);
}

const char *
out_expand(struct lf_out *out, const struct lf_announcement *a,
    const char *tmpl, uint32_t form, uint32_t unit, uint32_t max)
{
	const struct compose c = { tmpl, form, unit, max, write_time,
		warn_once, out };
	struct err e = { ERR_OK, "" };
	struct buf b;

	out_check(out, "expand");
	check_unit(out, "expand", unit, LF_UNIT_SMS);
	buf_init(&b, COMPOSE_MAX);
	if (compose(&c, a, &b, &e) == 0)
		return lend_buf(out, &b);
	buf_fini(&b);
	free(out->failure);
	out->failure = xstrdup(e.text);
	return NULL;
}

/* A text that would blow up shows as it was written: readable, and small. */
const char *
out_markdown(struct lf_out *out, const char *md, uint32_t form)
{
	struct err e = { ERR_OK, "" };
	struct buf b;

	out_check(out, "markdown");
	if (form < LF_FORM_PLAIN || form > LF_FORM_SIGN)
		host_broken(out->ch, 0, "markdown: unknown form %u",
		    (unsigned)form);
	buf_init(&b, COMPOSE_MAX);
	if (md_render(md, form, &b, &e) != 0) {
		warn_once(out, "markdown-plain", e.text);
		buf_clear(&b);
		md_escape(md, form, &b);
	}
	return lend_buf(out, &b);
}

const char *
out_escape(struct lf_out *out, const char *s, uint32_t how)
{
	struct buf b;

	out_check(out, "escape");
	if (how > LF_ESC_URL)
		host_broken(out->ch, 0, "escape: unknown escape %u",
		    (unsigned)how);
	buf_init(&b, TEXT_MAX);
	escape_write(s, strlen(s), how, &b);
	return lend_buf(out, &b);
}

const char *
out_cut(struct lf_out *out, const char *s, uint32_t unit, uint32_t max)
{
	struct buf b;

	out_check(out, "cut");
	check_unit(out, "cut", unit, LF_UNIT_UTF16);
	buf_init(&b, TEXT_MAX);
	utf8_cut(s, unit, max, &b);
	return lend_buf(out, &b);
}

uint64_t
out_length(const char *s, uint32_t unit)
{
	return compose_length(s, unit);
}

void
out_sms(struct lf_out *out, const char *text, uint32_t translit,
    struct lf_sms *sms_r)
{
	struct gsm7_sms sms;

	out_check(out, "sms");
	gsm7_measure(text, translit, &sms);
	sms_r->encoding = sms.encoding;
	sms_r->units = sms.units;
	sms_r->parts = sms.parts;
	sms_r->text = out_lend(out, sms.text);
	sms.text = NULL;
	gsm7_fini(&sms);
}

const char *
out_word(struct lf_out *out, const char *lang, const char *key)
{
	const char *word;

	out_check(out, "word");
	word = words_get(lang, key);
	if (word == NULL)
		host_broken(out->ch, 0, "word: there is no word \"%.32s\"",
		    key);
	return word;
}

const char *
out_when(struct lf_out *out, const char *lang, int64_t t)
{
	struct buf b;

	out_check(out, "when");
	buf_init(&b, TEXT_MAX);
	write_time(out, lang, t, false, &b);
	return lend_buf(out, &b);
}
