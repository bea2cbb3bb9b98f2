/*
 * progress: draw a bar. Pure but for the printing; the caller brings the
 * time. Called by publish --wait and status --watch.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "progress.h"

#define BAR	24	/* columns, where there is room */
#define COLUMNS	80	/* of a terminal that does not tell */
#define MOMENT	1000000	/* us before a rate means anything */

static bool
can_draw(void)
{
	const char *term = getenv("TERM");

	return isatty(STDERR_FILENO) && term != NULL &&
	    strcmp(term, "dumb") != 0;
}

void
progress_init(struct progress *p, const struct cli *c)
{
	const char *how = c->opt[OPT_PROGRESS];

	memset(p, 0, sizeof(*p));
	if (how != NULL && strcmp(how, "jsonl") == 0)
		p->how = PROGRESS_JSONL;
	else if (how != NULL && strcmp(how, "off") == 0)
		p->how = PROGRESS_OFF;
	else
		p->how = can_draw() ? PROGRESS_BAR : PROGRESS_OFF;
}

/* Taking back what expired is not part of what people wait for. */
static bool
is_send(const json_t *channel)
{
	const char *action = json_string_value(json_object_get(channel,
	    "action"));

	return action == NULL || strcmp(action, "retract") != 0;
}

static int64_t
add_up(const json_t *channel, const char *const *keys)
{
	int64_t n = 0;

	for (; *keys != NULL; keys++)
		n += json_integer_value(json_object_get(channel, *keys));
	return n;
}

void
progress_sum(const json_t *status, struct progress_sum *sum)
{
	static const char *const arrived[] = { "accepted", "delivered",
		NULL };
	static const char *const failed[] = { "failed", "expired", "unknown",
		NULL };
	static const char *const others[] = { "cancelled", "superseded",
		"suppressed", NULL };
	const json_t *channel;
	size_t i;

	memset(sum, 0, sizeof(*sum));
	json_array_foreach(json_object_get(status, "channels"), i, channel) {
		if (!is_send(channel))
			continue;
		sum->total += json_integer_value(json_object_get(channel,
		    "total"));
		sum->arrived += add_up(channel, arrived);
		sum->failed += add_up(channel, failed);
		sum->done += add_up(channel, others);
	}
	sum->done += sum->arrived + sum->failed;
}

static void
time_left(const struct progress_sum *sum, double rate, char *out, size_t n)
{
	double s;

	out[0] = '\0';
	if (rate <= 0 || sum->total <= sum->done)
		return;
	s = (double)(sum->total - sum->done) / rate;
	if (s < 100)
		snprintf(out, n, "  %.0f s left", s);
	else if (s < 6000)
		snprintf(out, n, "  %.0f min left", s / 60);
	else
		snprintf(out, n, "  %.1f h left", s / 3600);
}

const char *
progress_text(const struct progress_sum *sum, double rate, char *out,
    size_t n)
{
	char left[32], total[24] = "?", speed[32] = "", failed[40] = "";

	time_left(sum, rate, left, sizeof(left));
	if (sum->total > 0)
		snprintf(total, sizeof(total), "%lld",
		    (long long)sum->total);
	if (rate > 0)
		snprintf(speed, sizeof(speed), "  %.*f/s", rate < 10, rate);
	if (sum->failed > 0)
		snprintf(failed, sizeof(failed), "  %lld failed",
		    (long long)sum->failed);
	snprintf(out, n, "%lld/%s%s%s%s", (long long)sum->done, total, speed,
	    left, failed);
	return out;
}

static size_t
terminal_columns(void)
{
	struct winsize w;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == -1 || w.ws_col == 0)
		return COLUMNS;
	return w.ws_col;
}

/* Never wider than the terminal: a line that wraps can't be drawn over. */
static void
draw(struct progress *p, const struct progress_sum *sum, double rate)
{
	size_t room = terminal_columns() - 1, len, bar, full = 0;
	char text[160], out[BAR + 1];

	len = strlen(progress_text(sum, rate, text, sizeof(text)));
	bar = room > len + 3 ? room - len - 3 : 0;
	bar = bar > BAR ? BAR : bar;
	if (sum->total > 0)
		full = (size_t)(sum->done * (int64_t)bar / sum->total);
	memset(out, '.', bar);
	memset(out, '#', full < bar ? full : bar);
	out[bar] = '\0';
	fputc('\r', stderr);
	if (bar > 0)
		fprintf(stderr, "[%s] ", out);
	fprintf(stderr, "%.*s\033[K", (int)room, text);
	fflush(stderr);
	p->drawn = true;
}

static void
print_line(const json_t *status, const struct progress_sum *sum, double rate)
{
	json_t *line;
	char *s;

	line = json_pack("{s:O*,s:O*,s:I,s:I,s:I,s:I}", "id",
	    json_object_get(status, "id"), "state",
	    json_object_get(status, "state"), "total",
	    (json_int_t)sum->total, "done", (json_int_t)sum->done,
	    "arrived", (json_int_t)sum->arrived, "failed",
	    (json_int_t)sum->failed);
	if (rate >= 0)
		json_object_set_new(line, "per_second", json_real(rate));
	s = json_dumps(line, JSON_COMPACT | JSON_REAL_PRECISION(4));
	fprintf(stderr, "%s\n", s == NULL ? "{}" : s);
	free(s);
	json_decref(line);
}

void
progress_show(struct progress *p, const json_t *status, int64_t now)
{
	struct progress_sum sum;
	double rate = -1;

	if (p->how == PROGRESS_OFF)
		return;
	progress_sum(status, &sum);
	if (p->began == 0) {
		p->began = now;
		p->done_then = sum.done;
	} else if (now - p->began >= MOMENT) {
		rate = (double)(sum.done - p->done_then) * 1e6 /
		    (double)(now - p->began);
	}
	if (p->how == PROGRESS_BAR)
		draw(p, &sum, rate);
	else
		print_line(status, &sum, rate);
}

void
progress_end(struct progress *p)
{
	if (p->drawn)
		fputc('\n', stderr);
	p->drawn = false;
}
