/*
 * table: every option and every command of litfass(1). Nothing but data.
 */
#include "config.h"

#include "command.h"

#define STATES	"queued|retry|accepted|delivered|failed|expired|unknown|" \
	"cancelled|superseded|suppressed"

const struct option_row option_rows[OPTS] = {
	[OPT_CONFIG] = { "config", 'c', "FILE", "LITFASS_CONFIG", NULL,
	    "configuration to read (" LF_SYSCONFDIR "/litfass.conf)" },
	[OPT_SOCKET] = { "socket", 0, "PATH", "LITFASS_SOCKET", NULL,
	    "control socket of litfassd (control.socket)" },
	[OPT_OUTPUT] = { "output", 'o', "FORMAT", "LITFASS_OUTPUT",
	    "table|json|jsonl|id", "how to print data: table, json, jsonl "
	    "(one object a line) or id" },
	[OPT_WORDS] = { "lang", 0, "LANG", "LITFASS_LANG", "en|de",
	    "language of tables: en or de" },
	[OPT_HELP] = { "help", 'h', NULL, NULL, NULL,
	    "say what a command does" },
	[OPT_VERSION] = { "version", 'V', NULL, NULL, NULL,
	    "print the version" },
	[OPT_FILE] = { "file", 'f', "FILE", NULL, NULL,
	    "announcement as JSON, or a collection of them; - is standard "
	    "input" },
	[OPT_CAP] = { "cap", 0, "FILE", NULL, NULL,
	    "public warning as CAP 1.2; - is standard input" },
	[OPT_ID] = { "id", 0, "ID", NULL, NULL,
	    "take only this one of a collection" },
	[OPT_WAIT] = { "wait", 'w', NULL, NULL, NULL,
	    "return when everything is sent; exit 8 if some failed" },
	[OPT_DRY_RUN] = { "dry-run", 'n', NULL, NULL, NULL,
	    "check and preview, send nothing" },
	[OPT_AT] = { "at", 0, "TIME", NULL, NULL,
	    "when to send: \"tomorrow 7:00\", +2h, 2026-12-01 08:00" },
	[OPT_CHANNEL] = { "channel", 0, "NAME,...", NULL, NULL,
	    "only these channels" },
	[OPT_ONE_CHANNEL] = { "channel", 0, "NAME", NULL, NULL,
	    "only this channel" },
	[OPT_EXERCISE] = { "exercise", 0, NULL, NULL, NULL,
	    "send as an exercise: marked as such on every channel" },
	[OPT_KEY] = { "key", 0, "KEY", NULL, NULL,
	    "idempotency key: the same key never sends twice" },
	[OPT_YES] = { "yes", 'y', NULL, NULL, NULL,
	    "do not ask for confirmation" },
	[OPT_PROGRESS] = { "progress", 0, "HOW", NULL, "auto|jsonl|off",
	    "progress on standard error: auto (a bar on a terminal), jsonl "
	    "or off" },
	[OPT_LANG] = { "lang", 0, "TAG", NULL, NULL,
	    "only this language of the announcement" },
	[OPT_WATCH] = { "watch", 'w', NULL, NULL, NULL,
	    "follow until nothing changes any more" },
	[OPT_LIMIT] = { "limit", 0, "N", NULL, NULL,
	    "at most so many rows" },
	[OPT_STATE] = { "state", 0, "STATE", NULL, STATES,
	    "only deliveries in this state" },
	[OPT_RETRY_STATE] = { "state", 0, "STATE", NULL, "failed|unknown",
	    "which deliveries: failed (default) or unknown" },
	[OPT_CSV] = { "csv", 0, NULL, NULL, NULL,
	    "print comma-separated values (RFC 4180)" },
	[OPT_REASON] = { "reason", 0, "TEXT", NULL, NULL,
	    "why, for those who look later" },
	[OPT_CHECK] = { "check", 0, NULL, NULL, NULL,
	    "only check the file, change nothing" },
	[OPT_REVEAL] = { "reveal", 0, NULL, NULL, NULL,
	    "show whole addresses; this is recorded" },
	[OPT_TO] = { "to", 0, "WHOM", NULL, NULL,
	    "send it: to the subscriber of this ref, or this display group" },
	[OPT_REF] = { "ref", 0, "REF", NULL, NULL,
	    "name of the person in your own list" },
	[OPT_TOPICS] = { "topics", 0, "TOPIC,...", NULL, NULL,
	    "what the person wants to hear of; without: everything" },
	[OPT_ARS] = { "ars", 0, "CODE", NULL, NULL,
	    "regional key of where the person lives" },
	[OPT_LANGUAGES] = { "languages", 0, "TAG,...", NULL, NULL,
	    "languages, the preferred first" },
	[OPT_ADDRESS] = { "address", 0, "KIND=ADDRESS,...", NULL, NULL,
	    "addresses: email=a@example.net,sms=+4930123456" },
};

const struct command commands[] = {
	{ "publish", "", 0, 0, { OPT_FILE, OPT_CAP, OPT_ID, OPT_WAIT,
	    OPT_DRY_RUN, OPT_AT, OPT_CHANNEL, OPT_EXERCISE, OPT_KEY,
	    OPT_YES, OPT_PROGRESS, OPTS }, publish_run,
	    "send an announcement on every channel",
	    "The announcement is checked, stored durably and then sent. A\n"
	    "collection is published in order. The same id and version never "
	    "go out\ntwice. A real announcement of severity extreme needs "
	    "your confirmation:\non a terminal you are asked, elsewhere give "
	    "--yes.\n\n"
	    "    litfass publish -f storm.json --wait\n"
	    "    litfass publish --cap warning.xml --exercise\n"
	    "    litfass publish -f closure.json --at \"tomorrow 7:00\" "
	    "--channel mqtt,email\n" },
	{ "lint", "", 0, 0, { OPT_FILE, OPT_CAP, OPT_ID, OPTS }, lint_run,
	    "check an announcement or a CAP file",
	    "Says what is wrong, where and what to do. Needs no litfassd. "
	    "Exit 0 when\nit can be published, 3 when not.\n\n"
	    "    litfass lint -f storm.json\n"
	    "    litfass lint --cap warning.xml -o json\n" },
	{ "preview", "[ID]", 0, 1, { OPT_FILE, OPT_CAP, OPT_ID,
	    OPT_ONE_CHANNEL, OPT_LANG, OPT_EXERCISE, OPTS },
	    preview_run_cli,
	    "show what each channel would send",
	    "Runs the real plugins, without their peers, and shows the exact "
	    "bytes,\ntheir measures and warnings. With -f it needs no "
	    "litfassd.\n\n"
	    "    litfass preview -f storm.json --channel sms --lang de\n"
	    "    litfass preview lf-2026-0003\n" },
	{ "status", "[ID]", 0, 1, { OPT_WATCH, OPT_LIMIT, OPT_PROGRESS,
	    OPTS }, status_run,
	    "show how announcements stand",
	    "Without ID: the newest ones. With ID: every channel in "
	    "numbers.\n\n"
	    "    litfass status\n"
	    "    litfass status lf-2026-0003 --watch\n" },
	{ "deliveries", "ID", 1, 1, { OPT_STATE, OPT_ONE_CHANNEL, OPT_CSV,
	    OPT_LIMIT, OPTS }, deliveries_run,
	    "list the deliveries of an announcement",
	    "Deliveries that nobody has touched yet are not listed. Addresses "
	    "are\nshortened.\n\n"
	    "    litfass deliveries lf-2026-0003 --state failed --csv\n" },
	{ "trace", "DELIVERY", 1, 1, { OPTS }, trace_run,
	    "tell the story of one delivery",
	    "Every attempt with its time and the answer of the other "
	    "side.\n\n"
	    "    litfass trace 17.4\n" },
	{ "retry", "ID", 1, 1, { OPT_RETRY_STATE, OPT_ONE_CHANNEL, OPTS },
	    retry_run, "send failed deliveries again",
	    "Only deliveries in the state named are tried again; what arrived "
	    "is never\nrepeated.\n\n"
	    "    litfass retry lf-2026-0003 --state failed --channel sms\n" },
	{ "cancel", "ID", 1, 1, { OPT_YES, OPTS }, cancel_run,
	    "stop an announcement and take it back where possible",
	    "Nothing further is sent, and channels that can (displays) take "
	    "back what\nthey show. To tell people that a danger is over "
	    "publish an all-clear.\n\n"
	    "    litfass cancel lf-2026-0003\n" },
	{ "pause", "CHANNEL", 1, 1, { OPT_REASON, OPTS }, pause_run,
	    "hold a channel; it keeps what it has to send",
	    "    litfass pause sms --reason \"contract ends\"\n" },
	{ "resume", "CHANNEL", 1, 1, { OPTS }, resume_run,
	    "let a paused channel go on",
	    "    litfass resume sms\n" },
	{ "channel list", "", 0, 0, { OPTS }, channel_list_run,
	    "show all channels and how they are",
	    "    litfass channel list\n" },
	{ "channel test", "NAME", 1, 1, { OPT_TO, OPT_WAIT, OPT_PROGRESS,
	    OPT_LANG, OPTS },
	    channel_test_run, "try a channel, on nobody or on one",
	    "Without --to: starts the plugin with its real configuration, "
	    "lets it make a\ntest announcement, and shows it. Nothing is "
	    "sent, and it needs no litfassd.\nWith --to: sends one, marked "
	    "as a test, to one subscriber or one display group\nand to "
	    "nobody else, and with --wait says what became of it. It may be "
	    "tried for\nten minutes; a display shows it for two. A channel "
	    "that names nobody, such as\nfile, wants \"*\".\n\n"
	    "    litfass channel test sms\n"
	    "    litfass channel test sms --to 17 --wait\n"
	    "    litfass channel test displays --to town-hall --wait\n" },
	{ "plugin list", "", 0, 0, { OPTS }, plugin_list_run,
	    "show the plugins that are installed",
	    "    litfass plugin list\n" },
	{ "plugin info", "NAME", 1, 1, { OPTS }, plugin_info_run,
	    "show a plugin and its parameters",
	    "    litfass plugin info mqtt\n" },
	{ "subscriber add", "", 0, 0, { OPT_REF, OPT_ADDRESS, OPT_LANGUAGES,
	    OPT_TOPICS, OPT_ARS, OPTS }, subscriber_add_run,
	    "add or change one subscriber",
	    "The same ref again changes the person.\n\n"
	    "    litfass subscriber add --ref 17 "
	    "--address email=a@example.net \\\n"
	    "        --languages tr,de --topics verkehr\n" },
	{ "subscriber import", "FILE.csv", 1, 1, { OPT_CHECK, OPTS },
	    subscriber_import_run, "add or change many subscribers",
	    "The first line names the columns, in any order; ref is "
	    "needed. Several\nlanguages or topics in a field are separated by "
	    "blanks. All rows are taken\nor none; each that is refused is "
	    "named with its line. --check says what\nwould happen.\n\n"
	    "    ref,email,sms,languages,topics,ars\n"
	    "    17,a@example.net,+4930123456,tr de,verkehr,\n\n"
	    "    litfass subscriber import people.csv --check\n" },
	{ "subscriber list", "", 0, 0, { OPT_LIMIT, OPT_REVEAL, OPTS },
	    subscriber_list_run, "show subscribers",
	    "    litfass subscriber list -o jsonl\n" },
	{ "stats", "", 0, 0, { OPTS }, stats_run,
	    "print counters of litfassd as JSON",
	    "    litfass stats\n" },
	{ "reload", "", 0, 0, { OPTS }, reload_run,
	    "let litfassd read its configuration again",
	    "A configuration with an error changes nothing.\n\n"
	    "    litfass reload\n" },
	{ "check-config", "[FILE]", 0, 1, { OPTS }, check_config_run,
	    "check the configuration and what plugins say to it",
	    "Needs no litfassd.\n\n"
	    "    litfass check-config /etc/litfass/litfass.conf\n" },
	{ "completion", "bash|zsh|fish", 1, 1, { OPTS }, completion_run,
	    "print the completion script of a shell",
	    "    source <(litfass completion bash)\n" },
	{ "help", "[COMMAND]", 0, 2, { OPTS }, help_run,
	    "say what a command does",
	    "    litfass help publish\n" },
};

const size_t n_commands = sizeof(commands) / sizeof(commands[0]);
