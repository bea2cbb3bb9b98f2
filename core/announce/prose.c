/*
 * prose: judge texts, character by character. Never changes them. Called by
 * schema, check and cap.
 */
#include "config.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "announce/problem.h"
#include "announce/prose.h"

/* Bytes of an HTML tag; a bound, so that hostile text costs no more. */
#define TAG_MAX	2000

unsigned
prose_next(const char **s)
{
	const unsigned char *p = (const unsigned char *)*s;
	unsigned c = p[0];
	size_t more = c < 0xc0 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;

	if (c == 0)
		return 0;
	if (more > 0)
		c &= 0x3fu >> more;
	for (size_t i = 1; i <= more; i++) {
		if ((p[i] & 0xc0) != 0x80) {
			*s += i;
			return 0xfffd;
		}
		c = c << 6 | (p[i] & 0x3fu);
	}
	*s += more + 1;
	return c;
}

static bool
is_control(unsigned c, unsigned flags)
{
	if (c == '\n' || c == '\t')
		return (flags & PROSE_LINE) != 0;
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 ||
	    c == 0x2029;
}

/* How deep embeddings and isolates are (Unicode UAX 9 section 2). */
struct bidi {
	int embedded, isolated;
	bool any, broken;
};

static void
bidi_step(struct bidi *b, unsigned c)
{
	if ((c < 0x202a || c > 0x202e) && (c < 0x2066 || c > 0x2069))
		return;
	b->any = true;
	if (c == 0x202c)
		b->embedded--;
	else if (c <= 0x202e)
		b->embedded++;
	else if (c == 0x2069)
		b->isolated--;
	else
		b->isolated++;
	if (c == 0x202d || c == 0x202e || b->embedded < 0 || b->isolated < 0)
		b->broken = true;
}

static bool
bidi_bad(const struct bidi *b, unsigned flags)
{
	if (flags & PROSE_LINE)
		return b->any;
	return b->broken || b->embedded != 0 || b->isolated != 0;
}

static void
check_characters(const char *s, unsigned flags, size_t max,
    const char *pointer, struct problems *p)
{
	struct bidi bidi = { 0 };
	unsigned c, control = 0;
	size_t n = 0;

	for (; (c = prose_next(&s)) != 0; n++) {
		bidi_step(&bidi, c);
		if (control == 0 && is_control(c, flags))
			control = c;
	}
	if (control != 0)
		problem_add(p, PROBLEM_ERROR, pointer, "control-character",
		    "U+%04X has no place in a text%s: remove it", control,
		    flags & PROSE_LINE ? " of one line" : "");
	if (bidi_bad(&bidi, flags))
		problem_add(p, PROBLEM_ERROR, pointer, "bidi-override",
		    "invisible characters turn the reading direction around, "
		    "so people see something else than was approved: remove "
		    "U+202A to U+202E and U+2066 to U+2069");
	if (n > max)
		problem_add(p, PROBLEM_ERROR, pointer, "too-long",
		    "%zu characters, at most %zu are allowed: shorten it", n,
		    max);
}

/* ------------------------------------------------------- HTML and links -- */

static const char *const schemes[] = { "http://", "https://", "mailto:",
	"tel:" };

static bool
scheme_ok(const char *url)
{
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (strncasecmp(url, schemes[i], strlen(schemes[i])) == 0)
			return true;
	return false;
}

/* "<b>", "</b>", "<br/>", "<!-- -->", "<?x"; not "< 80" or "<https://x>". */
static bool
html_at(const char *s)
{
	if (s[1] == '!' || s[1] == '?')
		return true;
	s += s[1] == '/' ? 2 : 1;
	if (!isalpha((unsigned char)*s))
		return false;
	while (isalnum((unsigned char)*s) || *s == '-')
		s++;
	return *s == '>' || ((*s == '/' || isspace((unsigned char)*s)) &&
	    memchr(s, '>', strnlen(s, TAG_MAX)) != NULL);
}

/* "<scheme:...>" of CommonMark section 6.5. */
static bool
autolink_at(const char *s)
{
	size_t n;

	if (!isalpha((unsigned char)s[1]))
		return false;
	n = 1 + strspn(s + 1, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-");
	return s[n] == ':' && s[n + strcspn(s + n, " <>\n")] == '>';
}

/* Code ends with as many backticks, in the same paragraph. */
static const char *
skip_code(const char *s)
{
	size_t n = strspn(s, "`");
	const char *p = s + n;

	while (*(p += strcspn(p, "`\n")) != '\0') {
		size_t m = strspn(p, "`");

		if (*p == '\n' && p[1 + strspn(p + 1, " \t")] == '\n')
			break;
		if (m == n)
			return p + m;
		p += m + (m == 0);
	}
	return s + n;
}

static size_t
target_len(const char *s)
{
	return strcspn(s, " \t\n<>()\"");
}

/* What a scan over a text reports. */
struct scan {
	void (*target)(void *arg, const char *url, size_t len);
	void (*html)(void *arg);
	void *arg;
};

static void
report(const struct scan *scan, const char *s)
{
	s += strspn(s, " \t\n");
	s += *s == '<';
	scan->target(scan->arg, s, target_len(s));
}

/*
 * "[x]: target" alone on its line, perhaps with a title (CommonMark section
 * 4.7); "[Note]: a sentence" is a text. Returns the target, or NULL.
 */
static const char *
definition_at(const char *begin, const char *s)
{
	const char *line = s, *target;

	if (*s != '[')
		return NULL;
	while (line > begin && line[-1] == ' ' && s - line < 4)
		line--;
	if (line > begin && line[-1] != '\n')
		return NULL;
	s += strcspn(s, "]\n");
	if (s[0] != ']' || s[1] != ':')
		return NULL;
	target = s + 2 + strspn(s + 2, " \t\n<");
	s = target + target_len(target);
	s += strspn(s, "> \t");
	return *s == '\0' || strchr("\n\"'(", *s) != NULL ? target : NULL;
}

/* Handle what begins at s; returns where to go on. */
static const char *
scan_step(const struct scan *scan, const char *begin, const char *s)
{
	const char *target;

	if (*s == '\\' && s[1] != '\0')
		return s + 2;
	if (*s == '`')
		return skip_code(s);
	target = s[0] == ']' && s[1] == '(' ? s + 2 : definition_at(begin, s);
	if (target != NULL) {
		report(scan, target);
		return target;
	}
	if (*s == '<' && autolink_at(s))
		report(scan, s);
	else if (*s == '<' && html_at(s) && scan->html != NULL)
		scan->html(scan->arg);
	return s + 1;
}

static void
scan_text(const struct scan *scan, const char *s)
{
	const char *begin = s;

	while (*s != '\0')
		s = scan_step(scan, begin, s);
}

struct judge {
	bool html, link;
};

static void
judge_target(void *arg, const char *url, size_t len)
{
	struct judge *j = arg;

	/* An entity could hide a scheme. */
	if (!scheme_ok(url) || memmem(url, len, "&#", 2) != NULL)
		j->link = true;
}

static void
judge_html(void *arg)
{
	((struct judge *)arg)->html = true;
}

static void
check_markup(const char *s, unsigned flags, const char *pointer,
    struct problems *p)
{
	struct judge j = { false, false };
	struct scan scan = { judge_target, judge_html, &j };

	scan_text(&scan, s);
	if (j.html)
		problem_add(p, PROBLEM_ERROR, pointer, "raw-html",
		    "HTML does not reach most channels: write Markdown, or "
		    "\\< for the sign itself");
	if (j.link && (flags & PROSE_MARKUP))
		problem_add(p, PROBLEM_ERROR, pointer, "bad-link",
		    "a link leads neither to http, https, mailto nor tel: "
		    "write the full address");
}

void
prose_check(const char *s, unsigned flags, size_t max, const char *pointer,
    struct problems *p)
{
	check_characters(s, flags, max, pointer, p);
	check_markup(s, flags, pointer, p);
}

bool
prose_blank(const char *s)
{
	unsigned c;

	while ((c = prose_next(&s)) != 0)
		if (c > ' ' && c != 0xa0 && c != 0xad && c != 0x2060 &&
		    c != 0xfeff && (c < 0x2000 || c > 0x200f))
			return false;
	return true;
}

/* "|---|--|": the row below the head of a table, with a short column. */
static bool
short_column(const char *line, size_t n)
{
	const char *end = line + n;
	bool found = false;

	if (memchr(line, '|', n) == NULL || strspn(line, "|-: \t") < n)
		return false;
	while (line < end) {
		size_t w, blank = strspn(line, " \t|");

		if (blank > (size_t)(end - line))
			break;
		line += blank;
		w = strcspn(line, " \t|\n");
		found = found || (w > 0 && w < 3 && memchr(line, '-', w));
		line += w;
	}
	return found;
}

bool
prose_table_broken(const char *s)
{
	bool head = false;

	for (;;) {
		size_t n = strcspn(s, "\n");

		if (head && short_column(s, n))
			return true;
		head = memchr(s, '|', n) != NULL;
		if (s[n] == '\0')
			return false;
		s += n + 1;
	}
}

bool
prose_url_ok(const char *url)
{
	const char *host;
	size_t n;

	for (const char *c = url; *c != '\0'; c++)
		if ((unsigned char)*c <= ' ' || *c == 0x7f || strchr("<>\"\\",
		    *c) != NULL)
			return false;
	host = prose_url_host(url, &n);
	return host != NULL && n > 0 && memchr(host, '@', n) == NULL;
}

const char *
prose_url_host(const char *url, size_t *len_r)
{
	size_t skip = 0;

	for (size_t i = 0; i < 2; i++)
		if (strncasecmp(url, schemes[i], strlen(schemes[i])) == 0)
			skip = strlen(schemes[i]);
	if (skip == 0)
		return NULL;
	*len_r = strcspn(url + skip, "/?#");
	return url + skip;
}

void
prose_links(const char *s, prose_link_cb *cb, void *arg)
{
	const char *p = s;

	while ((p = strcasestr(p, "http")) != NULL) {
		size_t n = target_len(p);

		if (scheme_ok(p))
			cb(arg, p, n);
		p += n > 0 ? n : 1;
	}
}

/* ------------------------------------------------------------ Sie or du -- */

static const char *const informal[] = { "du", "dich", "dir", "dein", "deine",
	"deinen", "deinem", "deiner", "deines", "euch", "euer", "eure",
	"euren", "eurem", "eurer" };
/* Only inside a sentence: at its beginning "Sie" may be "they". */
static const char *const formal[] = { "Sie", "Ihnen", "Ihre", "Ihren",
	"Ihrem", "Ihrer", "Ihres" };

static bool
in_list(const char *word, size_t n, const char *const *list, size_t count,
    int (*cmp)(const char *, const char *, size_t))
{
	for (size_t i = 0; i < count; i++)
		if (strlen(list[i]) == n && cmp(word, list[i], n) == 0)
			return true;
	return false;
}

static bool
word_byte(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

void
prose_address(const char *s, struct prose_address *a)
{
	bool inside = false;

	while (*s != '\0') {
		size_t n = 0;

		while (word_byte(s[n]))
			n++;
		if (n == 0) {
			if (strchr(".!?:\n", *s) != NULL)
				inside = false;
			s++;
			continue;
		}
		if (in_list(s, n, informal, sizeof(informal) /
		    sizeof(informal[0]), strncasecmp))
			a->informal = true;
		if (inside && in_list(s, n, formal, sizeof(formal) /
		    sizeof(formal[0]), strncmp))
			a->formal = true;
		inside = true;
		s += n;
	}
}
