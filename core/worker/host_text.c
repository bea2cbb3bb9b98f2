/*
 * host_text: the texts a plugin asks for inside render. Only lends out what
 * core/text and core/announce make; decides nothing itself. Called through
 * the host's table.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "text/date.h"
#include "text/gsm7.h"
#include "text/utf8.h"
#include "text/words.h"
#include "worker/host.h"
#include "worker/host_render.h"
#include "worker/out.h"
#include "worker/rendition.h"

#define TIME_LIMIT	INT64_C(200000000000)	/* seconds, year 8307 */
#define TEXT_MAX	(1024 * 1024)	/* bytes of any text made here */

static const char *
lend_buf(struct lf_out *out, struct buf *b)
{
	return out_lend(out, buf_steal(b));
}

const char *
out_expand(struct lf_out *out, const struct lf_announcement *a,
    const char *tmpl, uint32_t form, uint32_t unit, uint32_t max)
{
	struct buf b;

	out_check(out, "expand");
	(void)tmpl;
	(void)form;
	buf_init(&b, TEXT_MAX);
	buf_fmt(&b, "%s%s%s\n\n%s", a->mark, *a->mark != '\0' ? "\n" : "",
	    a->headline, a->body);
	if (unit == LF_UNIT_NONE)
		return lend_buf(out, &b);
	out_lend(out, buf_steal(&b));
	return out_cut(out, out->strings->s, unit, max);
}

const char *
out_markdown(struct lf_out *out, const char *md, uint32_t form)
{
	out_check(out, "markdown");
	(void)form;
	return out_lend(out, xstrdup(md));
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
	rendition_escape(s, how, &b);
	return lend_buf(out, &b);
}

const char *
out_cut(struct lf_out *out, const char *s, uint32_t unit, uint32_t max)
{
	struct buf b;

	out_check(out, "cut");
	buf_init(&b, TEXT_MAX);
	utf8_cut(s, unit, max, &b);
	return lend_buf(out, &b);
}

uint64_t
out_length(const char *s, uint32_t unit)
{
	struct gsm7_sms sms;
	uint32_t parts;

	if (unit != LF_UNIT_SMS)
		return utf8_length(s, unit);
	gsm7_measure(s, GSM7_SAVES, &sms);
	parts = sms.parts;
	gsm7_fini(&sms);
	return parts;
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

/* In the issuer's time zone; UTC without one, and beyond all calendars. */
static void
write_time(void *arg, const char *lang, int64_t t, struct buf *b)
{
	const struct zone *z = arg;
	struct civil c;

	if (z != NULL && t > -TIME_LIMIT && t < TIME_LIMIT)
		zone_civil(z, (struct wall){ t * CLOCK_SECOND }, &c);
	else
		civil_from_seconds(t, &c);
	date_write(lang, &c, b);
}

const char *
out_when(struct lf_out *out, const char *lang, int64_t t)
{
	struct buf b;

	out_check(out, "when");
	buf_init(&b, TEXT_MAX);
	write_time(out->ch->zone, lang, t, &b);
	return lend_buf(out, &b);
}
