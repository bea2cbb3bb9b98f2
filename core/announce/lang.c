/*
 * lang: judge and choose language tags. Pure tables and comparisons. Called
 * by schema, view, cap and whoever picks a language for a subscriber.
 */
#include "config.h"

#include <ctype.h>
#include <string.h>

#include "announce/lang.h"

/* ISO 639-1, and the three-letter languages a German city may meet: Upper
 * and Lower Sorbian, Low German, North Frisian, Sorani, Kurmanji, Zazaki,
 * Romani, Filipino, Dari, Aramaic, Swiss German; "und" is undetermined. */
static const char languages[] =
    " aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce"
    " ch co cr cs cu cv cy da de dv dz ee el en eo es et eu fa ff fi fj fo fr"
    " fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is"
    " it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln"
    " lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv"
    " ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk"
    " sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw"
    " ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu"
    " arc ckb dsb fil frr gsw hsb kmr mul nds prs rom und zza ";

/* Right to left by default. */
static const char rtl[] = " ar arc ckb dv fa he ks prs ps sd ug ur yi ";

static char
fold(char c)
{
	if (c == '_')
		return '-';
	return (char)tolower((unsigned char)c);
}

/* Bytes of the first subtag. */
static size_t
primary_len(const char *tag)
{
	return strcspn(tag, "-_");
}

static bool
listed(const char *list, const char *tag)
{
	size_t n = primary_len(tag);
	char word[6] = " ";

	if (n < 2 || n > 3)
		return false;
	for (size_t i = 0; i < n; i++)
		word[i + 1] = fold(tag[i]);
	word[n + 1] = ' ';
	word[n + 2] = '\0';
	return strstr(list, word) != NULL;
}

/* RFC 5646 section 2.1: subtags of one to eight letters and digits, and
 * something behind each single letter. */
static bool
well_formed(const char *tag)
{
	size_t n = 0;
	const char *p = tag;

	if (strlen(tag) >= LANG_MAX)
		return false;
	for (bool first = true;; first = false, p += n + 1) {
		n = primary_len(p);
		if (n == 0 || n > 8)
			return false;
		for (size_t i = 0; i < n; i++)
			if (first ? !isalpha((unsigned char)p[i]) :
			    !isalnum((unsigned char)p[i]))
				return false;
		if (p[n] == '\0')
			return n > 1;
	}
}

bool
lang_known(const char *tag)
{
	return well_formed(tag) && listed(languages, tag);
}

bool
lang_same(const char *a, const char *b)
{
	char x[LANG_MAX], y[LANG_MAX];

	return strcmp(lang_normal(a, x), lang_normal(b, y)) == 0;
}

const char *
lang_normal(const char *tag, char out[LANG_MAX])
{
	size_t n = 0;

	for (; n < LANG_MAX - 1 && tag[n] != '\0'; n++)
		out[n] = fold(tag[n]);
	out[n] = '\0';
	if (strcmp(out, "de-ls") == 0 || strcmp(out, "de-x-ls") == 0)
		memcpy(out, LANG_SIMPLE, sizeof(LANG_SIMPLE));
	return out;
}

bool
lang_related(const char *a, const char *b)
{
	size_t n = primary_len(a);

	if (n != primary_len(b))
		return false;
	for (size_t i = 0; i < n; i++)
		if (fold(a[i]) != fold(b[i]))
			return false;
	return true;
}

bool
lang_special(const char *tag)
{
	char out[LANG_MAX];

	lang_normal(tag, out);
	return strcmp(out, LANG_SIMPLE) == 0 || strstr(out, "-x-") != NULL;
}

const char *
lang_dir(const char *tag)
{
	return listed(rtl, tag) ? "rtl" : "ltr";
}

static int
find_same(const char *tag, const char *const *have, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (lang_same(tag, have[i]))
			return (int)i;
	return -1;
}

/* The tag itself, then without its last subtags, one after the other. */
static int
find_shorter(const char *tag, const char *const *have, size_t n)
{
	char t[LANG_MAX];
	int i;

	lang_normal(tag, t);
	for (;;) {
		char *cut = strrchr(t, '-');

		i = find_same(t, have, n);
		if (i >= 0 || cut == NULL)
			return i;
		*cut = '\0';
	}
}

static int
find_related(const char *tag, const char *const *have, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (lang_related(tag, have[i]) && !lang_special(have[i]))
			return (int)i;
	return -1;
}

static int
find(const char *tag, const char *const *have, size_t n)
{
	int i = find_shorter(tag, have, n);

	return i >= 0 ? i : find_related(tag, have, n);
}

struct lang_choice
lang_choose(const char *const *wanted, size_t n_wanted,
    const char *const *have, size_t n_have, const char *def)
{
	const char *const spare[] = { def, "de", "en" };
	struct lang_choice c = { -1, true };

	for (size_t i = 0; i < n_wanted && c.index < 0; i++) {
		c.index = find(wanted[i], have, n_have);
		if (c.index >= 0)
			c.fallback = lang_special(wanted[i]) &&
			    !lang_same(wanted[i], have[c.index]);
	}
	for (size_t i = 0; i < 3 && c.index < 0; i++)
		if (spare[i] != NULL)
			c.index = find(spare[i], have, n_have);
	if (c.index < 0 && n_have > 0)
		c.index = 0;
	return c;
}
