/*
 * log: one line per call, written with one write(2) so that lines of several
 * processes never mix. Control characters are escaped: a line stays a line.
 * Never blocks on anything but the descriptor. Called by everyone.
 */
#include "config.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

#define LINE_MAX_BYTES	4096
#define LINE_TAIL	512	/* kept free of text: names, quotes, the end */

struct line {
	char text[LINE_MAX_BYTES];
	size_t len;
};

static const char *log_ident = "litfass";
static enum log_format log_fmt = LOG_TEXT;
static enum log_level log_min = LOG_LEVEL_INFO;
static int log_fd = STDERR_FILENO;

static const char *const level_names[] = { "debug", "info", "warn", "fatal" };

void
log_init(const char *ident, enum log_format format, enum log_level level)
{
	log_ident = ident;
	log_fmt = format;
	log_min = level;
}

void
log_to(int fd)
{
	log_fd = fd;
}

static void
line_fmt(struct line *l, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
line_fmt(struct line *l, const char *fmt, ...)
{
	size_t room = sizeof(l->text) - 1 - l->len;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(l->text + l->len, room, fmt, ap);
	va_end(ap);
	if (n > 0)
		l->len += (size_t)n < room ? (size_t)n : room - 1;
}

static bool
is_plain(unsigned char c)
{
	return c >= 0x20 && c != 0x7f && c != '"' && c != '\\';
}

/* The plain bytes at the start of s, at most max and whole characters. */
static int
plain(const char *s, int max)
{
	int n = 0;

	while (n < max && is_plain((unsigned char)s[n]))
		n++;
	while (n == max && n > 0 && (s[n] & 0xc0) == 0x80)
		n = --max;
	return n;
}

/* Escapes as JSON does, which is also readable in text lines. What is too
 * long for a line is cut. */
static void
line_escaped(struct line *l, const char *s)
{
	const size_t end = sizeof(l->text) - LINE_TAIL;

	while (*s != '\0' && l->len < end) {
		int n = plain(s, (int)(end - l->len));

		if (n > 0)
			line_fmt(l, "%.*s", n, s);
		s += n;
		if (is_plain((unsigned char)*s))
			return;	/* no room for it */
		if (*s == '"' || *s == '\\')
			line_fmt(l, "\\%c", *s);
		else if (*s == '\n')
			line_fmt(l, "\\n");
		else if (*s != '\0')
			line_fmt(l, "\\u%04x", (unsigned char)*s);
		s += *s != '\0';
	}
}

static void
line_field(struct line *l, const struct log_field *f)
{
	bool json = log_fmt == LOG_JSON;

	line_fmt(l, json ? ",\"%s\":" : " %s=", f->name);
	if (f->str == NULL) {
		line_fmt(l, "%lld", (long long)f->num);
		return;
	}
	if (!json && *f->str != '\0' && strpbrk(f->str, " \"\\\n") == NULL) {
		line_escaped(l, f->str);
		return;
	}
	line_fmt(l, "\"");
	line_escaped(l, f->str);
	line_fmt(l, "\"");
}

static void
line_head(struct line *l, enum log_level level)
{
	int64_t us = clock_wall().us;
	time_t t = (time_t)(us / CLOCK_SECOND);
	char when[32];
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S", &tm);
	l->len = 0;
	line_fmt(l, log_fmt == LOG_JSON ?
	    "{\"time\":\"%s.%03dZ\",\"level\":\"%s\",\"who\":\"%s\"" :
	    "%s.%03dZ %s %s:", when, (int)(us % CLOCK_SECOND / 1000),
	    level_names[level], log_ident);
}

static void
line_write(struct line *l)
{
	if (log_fmt == LOG_JSON)
		line_fmt(l, "}");
	l->text[l->len++] = '\n';
	if (write(log_fd, l->text, l->len) < 0)
		return; /* nowhere left to complain */
}

static void
log_text(enum log_level level, const char *fmt, va_list ap)
{
	struct line l;
	char text[LINE_MAX_BYTES];

	if (level < log_min)
		return;
	vsnprintf(text, sizeof(text), fmt, ap);
	line_head(&l, level);
	line_fmt(&l, log_fmt == LOG_JSON ? ",\"message\":\"" : " ");
	line_escaped(&l, text);
	if (log_fmt == LOG_JSON)
		line_fmt(&l, "\"");
	line_write(&l);
}

void
log_debug(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_text(LOG_LEVEL_DEBUG, fmt, ap);
	va_end(ap);
}

void
log_info(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_text(LOG_LEVEL_INFO, fmt, ap);
	va_end(ap);
}

void
log_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_text(LOG_LEVEL_WARN, fmt, ap);
	va_end(ap);
}

void
log_fatal(int exit_code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_text(LOG_LEVEL_FATAL, fmt, ap);
	va_end(ap);
	_exit(exit_code);
}

void
log_bug(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_text(LOG_LEVEL_FATAL, fmt, ap);
	va_end(ap);
	abort();
}

void
log_event(enum log_level level, const char *event,
    const struct log_field *fields, size_t n)
{
	struct line l;

	if (level < log_min)
		return;
	line_head(&l, level);
	line_fmt(&l, log_fmt == LOG_JSON ? ",\"event\":\"%s\"" : " %s", event);
	for (size_t i = 0; i < n; i++)
		if (fields[i].name != NULL)
			line_field(&l, &fields[i]);
	line_write(&l);
}

/* The bytes of the first n characters of UTF-8. */
static int
first(const char *s, int n)
{
	int len = 0;

	while (s[len] != '\0' && ((s[len] & 0xc0) == 0x80 || n-- > 0))
		len++;
	return len;
}

const char *
log_redact(const char *address, char *out, size_t n)
{
	const char *at = strchr(address, '@');
	size_t len = strlen(address);

	if (at != NULL && at != address)
		snprintf(out, n, "%.*s…@%.*s…", first(address, 1), address,
		    first(at + 1, 1), at + 1);
	else if (len > 6 && (address[len - 2] & 0x80) == 0 &&
	    (address[len - 1] & 0x80) == 0)
		snprintf(out, n, "%.*s…%s", first(address, 3), address,
		    address + len - 2);
	else
		snprintf(out, n, "…");
	return out;
}
