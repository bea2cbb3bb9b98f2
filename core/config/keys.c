/*
 * keys: the tables behind litfass.conf(5). Nothing else in core writes down a
 * key's default or bounds. A test compares the man page with them.
 */
#include "config.h"

#include "config/keys.h"

#define KIB	INT64_C(1024)
#define MIB	(1024 * KIB)
#define MINUTE	INT64_C(60000)

static const struct table_row main_rows[] = {
	{ "config_version", TABLE_INT, TABLE_REQUIRED, NULL, 1, 1, NULL,
	    "version of this format: 1", "0.1" },
	{ "drain_timeout", TABLE_DURATION, TABLE_RELOAD, "25s",
	    0, 10 * MINUTE, NULL,
	    "time to finish what is in flight when stopping", "0.1" },
	{ "allow_root", TABLE_BOOL, TABLE_RESTART, "false", 0, 0, NULL,
	    "run as root although nothing needs it", "0.1" },
	{ "sandbox", TABLE_ENUM, 0, "best-effort", 0, 0,
	    "required|best-effort|off",
	    "what to do when the kernel cannot confine a worker", "0.1" },

	{ "issuer.id", TABLE_WORD, TABLE_REQUIRED, NULL, 0, 0, NULL,
	    "short name of the authority: lindenfurt", "0.1" },
	{ "issuer.name", TABLE_TEXTS, TABLE_REQUIRED, NULL, 0, 0, NULL,
	    "its name in each language", "0.1" },
	{ "issuer.sender_short", TABLE_STRING, 0, NULL, 0, 0, NULL,
	    "its name where room is scarce: SMS, displays", "0.1" },
	{ "issuer.domain", TABLE_STRING, TABLE_REQUIRED, NULL, 0, 0, NULL,
	    "its domain, for links and message ids", "0.1" },
	{ "issuer.default_language", TABLE_STRING, 0, "de", 0, 0, NULL,
	    "language of those who chose none (BCP 47)", "0.1" },
	{ "issuer.timezone", TABLE_STRING, 0, "Europe/Berlin", 0, 0, NULL,
	    "time zone of the texts (IANA name)", "0.1" },
	{ "issuer.ars", TABLE_STRING, 0, NULL, 0, 0, NULL,
	    "official regional key of the area it speaks for", "0.1" },

	{ "store.path", TABLE_PATH, TABLE_RESTART,
	    LF_STATEDIR "/litfass.db", 0, 0, NULL,
	    "the database", "0.1" },

	{ "control.socket", TABLE_PATH, TABLE_RESTART,
	    LF_RUNDIR "/control.sock", 0, 0, NULL,
	    "where litfass(1) talks to litfassd(8)", "0.1" },
	{ "control.group", TABLE_STRING, TABLE_RESTART, NULL, 0, 0, NULL,
	    "group that may open the socket; empty: only our user", "0.1" },

	{ "log.format", TABLE_ENUM, 0, "text", 0, 0, "text|json",
	    "form of a line", "0.1" },
	{ "log.level", TABLE_ENUM, 0, "info", 0, 0,
	    "debug|info|warn", "the least that is written", "0.1" },

	{ "plugins.dir", TABLE_PATH, 0, LF_LIBDIR "/plugins", 0, 0, NULL,
	    "folder of the plugins", "0.1" },
	{ "media.dir", TABLE_PATH, TABLE_RESTART, LF_STATEDIR "/media", 0, 0,
	    NULL, "folder of the attachments", "0.1" },
	{ "media.max_size", TABLE_SIZE, TABLE_RELOAD, "64MiB", KIB, 1024 * MIB,
	    NULL, "a larger attachment is left out", "0.1" },
};

static const struct table_row channel_rows[] = {
	{ "plugin", TABLE_WORD, TABLE_REQUIRED, NULL, 0, 0, NULL,
	    "the plugin that serves it: mqtt, email, sms_http ...", "0.1" },
	{ "enabled", TABLE_BOOL, TABLE_RELOAD, "true", 0, 0, NULL,
	    "false: not used, and its plugin not asked", "0.1" },
	{ "rate", TABLE_RATE, TABLE_RELOAD, NULL, 0, 0, NULL,
	    "most deliveries per second; 0: no limit", "0.1" },
	{ "burst", TABLE_INT, TABLE_RELOAD, "1", 1, 100000, NULL,
	    "deliveries that may go at once within the rate", "0.1" },
	{ "window", TABLE_INT, TABLE_RELOAD, "0", 0, 100000, NULL,
	    "deliveries in flight at most; 0: what the plugin takes", "0.1" },
	{ "languages", TABLE_LIST, TABLE_RELOAD, NULL, 0, 0, NULL,
	    "languages it carries, the preferred first; empty: all", "0.1" },
	{ "kinds", TABLE_LIST, TABLE_RELOAD, NULL, 0, 0,
	    "warning|all_clear|correction|outage|road_closure|event|service|"
	    "livestream|poll|police_notice|news",
	    "kinds of announcement it carries; empty: all", "0.1" },
	{ "default_groups", TABLE_LIST, TABLE_RELOAD, NULL, 0, 0, NULL,
	    "displays for announcements that name no groups, such as CAP",
	    "0.1" },
	{ "min_severity", TABLE_ENUM, TABLE_RELOAD, "unknown", 0, 0,
	    "unknown|info|minor|moderate|severe|extreme",
	    "the least severity it carries", "0.1" },
	{ "in_doubt", TABLE_ENUM, TABLE_RELOAD, "default", 0, 0,
	    "default|resend|hold",
	    "when it is unknown whether a message arrived; default: warnings "
	    "are sent again, others held", "0.1" },
};

const struct table keys_main = {
	main_rows, sizeof(main_rows) / sizeof(main_rows[0])
};

const struct table keys_channel = {
	channel_rows, sizeof(channel_rows) / sizeof(channel_rows[0])
};
