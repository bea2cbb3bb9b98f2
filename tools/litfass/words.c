/*
 * words: the words of tables in German. What is missing stays English.
 */
#include "config.h"

#include <string.h>

#include "out.h"

static const char *const german[][2] = {
	{ "accepted", "angenommen" },
	{ "address", "Adresse" },
	{ "addresses", "Adressen" },
	{ "announcement", "Meldung" },
	{ "at", "Zeit" },
	{ "attempt", "Versuch" },
	{ "cancelled", "abgebrochen" },
	{ "cause", "Grund" },
	{ "channel", "Kanal" },
	{ "code", "Code" },
	{ "delivered", "zugestellt" },
	{ "delivery", "Zustellung" },
	{ "dispatching", "im Versand" },
	{ "done", "fertig" },
	{ "down", "gestört" },
	{ "draining", "läuft leer" },
	{ "due", "nächster" },
	{ "event", "Ereignis" },
	{ "expired", "abgelaufen" },
	{ "expires", "gilt bis" },
	{ "failed", "gescheitert" },
	{ "inflight", "unterwegs" },
	{ "lane", "Spur" },
	{ "languages", "Sprachen" },
	{ "live", "gesendet" },
	{ "off", "aus" },
	{ "partial", "teilweise" },
	{ "paused", "angehalten" },
	{ "plugin", "Plugin" },
	{ "queued", "wartet" },
	{ "queued_jobs", "Aufträge" },
	{ "ref", "Kennung" },
	{ "restarts", "Neustarts" },
	{ "retry", "wiederholt" },
	{ "scheduled", "geplant" },
	{ "starting", "startet" },
	{ "state", "Zustand" },
	{ "summary", "Zweck" },
	{ "superseded", "ersetzt" },
	{ "suppressed", "unterdrückt" },
	{ "target", "Ziel" },
	{ "text", "Auskunft" },
	{ "topics", "Themen" },
	{ "total", "gesamt" },
	{ "unknown", "ungewiss" },
	{ "up", "läuft" },
	{ "version", "Fassung" },
	{ "waiting", "wartet" },
};

const char *
out_word(const struct cli *c, const char *english)
{
	if (!c->german)
		return english;
	for (size_t i = 0; i < sizeof(german) / sizeof(german[0]); i++)
		if (strcmp(german[i][0], english) == 0)
			return german[i][1];
	return english;
}
