/*
 * log: four verbs and one event, on stderr.
 *
 *	log_info	worth knowing
 *	log_warn	something is wrong, we go on
 *	log_fatal	the environment is broken: exit with a code
 *	log_bug		our own invariant is broken: abort, dump core
 *
 * Every state change of a delivery is one log_event() line with fixed field
 * names, so that grep for an id tells its whole story. Never log a secret, a
 * message body or an address: log_redact() is the only way for the latter.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stddef.h>
#include <stdint.h>

/* sysexits(3) codes a service manager understands. */
#define EXIT_SOFTWARE	70	/* own bug */
#define EXIT_IOERR	74	/* disk failed: restart and recover */
#define EXIT_TEMPFAIL	75	/* environment: restart may help */
#define EXIT_CONFIG	78	/* config: restart does not help */

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN,
	LOG_LEVEL_FATAL };
enum log_format { LOG_TEXT, LOG_JSON };

struct log_field {
	const char *name;
	const char *str;	/* NULL: the number counts */
	int64_t num;
};

#define LOG_S(name, value)	{ (name), (value), 0 }
#define LOG_N(name, value)	{ (name), NULL, (int64_t)(value) }

/* ident is kept. Lines below level are dropped. */
void
log_init(const char *ident, enum log_format format, enum log_level level);
/* Lines go to this descriptor from now on (default 2). */
void
log_to(int fd);

void
log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void
log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void
log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void
log_fatal(int exit_code, const char *fmt, ...)
    __attribute__((format(printf, 2, 3), noreturn));
void
log_bug(const char *fmt, ...)
    __attribute__((format(printf, 1, 2), noreturn));

/* One line: event name and fields. Fields with a NULL name are skipped. */
void
log_event(enum log_level level, const char *event,
    const struct log_field *fields, size_t n);

#define LOG_EVENT(level, event, ...) do {				\
	const struct log_field lf_[] = { __VA_ARGS__ };			\
	log_event((level), (event), lf_, sizeof(lf_) / sizeof(lf_[0]));	\
} while (0)

/*
 * A shape of an address that tells two apart but reveals neither: "+49…17",
 * "b…@example.net" shows as "b…@e…". out has room for n >= 32 bytes; returns
 * out.
 */
const char *
log_redact(const char *address, char *out, size_t n);

#endif
