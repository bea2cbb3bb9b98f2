/*
 * t_config: good files give values, bad ones a message that says where, what,
 * why and what to do; byte for byte.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "config/keys.h"
#include "unit/conf_text.h"

static const struct bad bad_files[] = {
	{ HEAD "stroe: { path = \"/x\"; };\n" TAIL,
	    "x.conf:2: stroe: unknown key: did you mean \"store\"?\n" },
	{ HEAD "store: {\n pth = \"/x\"; };\n" TAIL,
	    "x.conf:3: store.pth: unknown key: did you mean \"path\"?\n" },
	{ HEAD "log: {\n smtp = 1; };\n" TAIL,
	    "x.conf:3: log.smtp: unknown key: remove it, or use one of: "
	    "format, level\n" },
	{ HEAD "store = \"/x\";\n" TAIL,
	    "x.conf:2: store: must be a group: write store: { ... };\n" },
	{ HEAD "sandbox: { };\n" TAIL,
	    "x.conf:2: sandbox: must be a value, not a group: write "
	    "sandbox = ...;\n" },
	{ HEAD "sandbox = \"of\";\n" TAIL,
	    "x.conf:2: sandbox: \"of\" is not one of required|best-effort|off"
	    ": choose one of them\n" },
	{ HEAD "sandbox = \"requierd\";\n" TAIL,
	    "x.conf:2: sandbox: \"requierd\" is not one of required|"
	    "best-effort|off: did you mean \"required\"?\n" },
	{ HEAD "drain_timeout = 30;\n" TAIL,
	    "x.conf:2: drain_timeout: must be a duration in quotes, with a "
	    "unit: \"30s\", \"10m\"\n" },
	{ HEAD "drain_timeout = \"2h\";\n" TAIL,
	    "x.conf:2: drain_timeout: out of range: write a value from "
	    "\"0ms\" to \"10m\"\n" },
	{ HEAD "allow_root = \"yes\";\n" TAIL,
	    "x.conf:2: allow_root: must be true or false, without quotes\n" },
	{ HEAD "store: { path = \"litfass.db\"; };\n" TAIL,
	    "x.conf:2: store.path: must be an absolute path: litfassd does "
	    "not keep the folder it was started in: begin it with /\n" },
	{ HEAD "media: { max_size = 5000000000; };\n" TAIL,
	    "x.conf:2: 5000000000 does not fit into a number: it would be "
	    "read as another one: write sizes and durations as \"16MB\" or "
	    "\"30s\"\n" },
	{ HEAD "media: { max_size = 0xFFFFFFFF; };\n" TAIL,
	    "x.conf:2: 0xFFFFFFFF does not fit into a number: it would be "
	    "read as another one: write sizes and durations as \"16MB\" or "
	    "\"30s\"\n" },
	{ HEAD "media: { max_size = 99999999999999999999L; };\n" TAIL,
	    "x.conf:2: 99999999999999999999L does not fit into a number: it "
	    "would be read as another one: write sizes and durations as "
	    "\"16MB\" or \"30s\"\n" },
	{ HEAD "log: { level = \"info\";\n level = \"warn\"; };\n" TAIL,
	    "x.conf:3: the same key stands twice in one group: only one can "
	    "count: remove one\n" },
	{ HEAD "@include \"/etc/passwd\"\n" TAIL,
	    "x.conf:2: @include is not followed: what is read must be "
	    "visible: put the file into conf.d or channels.d\n" },
	{ HEAD "log: { level = \"info };\n\n" TAIL,
	    "x.conf:4: there is text in quotes where none may be: look for a "
	    "missing quote, ';' or '=' before it; keys have no quotes\n" },
	{ HEAD TAIL "log: { level = \"info };\n\n",
	    "x.conf:3: the string that begins here has no end: add a closing "
	    "quote\n" },
	{ HEAD "/* log:\n\n" TAIL,
	    "x.conf:2: the comment that begins here has no end: add "
	    "\"*/\"\n" },
	{ HEAD "log: { level = info; };\n" TAIL,
	    "x.conf:2: syntax error: nothing makes sense here: look for a "
	    "missing ';', '=', quote or bracket on this line or the one "
	    "before\n" },
	{ HEAD "log: { level = [\"a\", 5]; };\n" TAIL,
	    "x.conf:2: the values between [ and ] are of different types: "
	    "quote all of them or none\n" },
	{ HEAD "channels: { y: { plugin = \"file\"; "
	    "kinds = \"root\"; }; };\n",
	    "x.conf:2: channels.y.kinds: must be a list of texts: [\"one\", "
	    "\"two\"]\n" },
	{ HEAD "control: { group = \"a\\x00b\"; };\n" TAIL,
	    "x.conf:2: \\x00 ends a string early: remove it\n" },
	{ HEAD "control: { group = \"\xff\"; };\n" TAIL,
	    "x.conf:2: group: the text is not UTF-8: save the file as "
	    "UTF-8\n" },
	{ HEAD "log: { level = 1e999; };\n" TAIL,
	    "x.conf:2: level: the number is too large: write a smaller "
	    "one\n" },
	{ HEAD "a: {b: {c: {d: {e: {f: {g: {h: {i: {j: {k: {l: {m: {n: {\n"
	    "o: {p: {q: {\n", "x.conf:3: groups are nested more than 16 deep: "
	    "no setting needs that: remove some brackets\n" },
	{ "config_version = 2;\n" TAIL,
	    "x.conf:1: config_version: out of range: write a value from 1 to "
	    "1\n"
	    "x.conf: issuer.id is missing: it has no default: add it (short "
	    "name of the authority: lindenfurt)\n"
	    "x.conf: issuer.name is missing: it has no default: add it (its "
	    "name in each language)\n"
	    "x.conf: issuer.domain is missing: it has no default: add it (its "
	    "domain, for links and message ids)\n" },
	{ HEAD "channels: { \"Mail\" = 1; };\n",
	    "x.conf:2: there is text in quotes where none may be: look for a "
	    "missing quote, ';' or '=' before it; keys have no quotes\n" },
	{ HEAD "log: { level = \"info\", \"warn\"; };\n" TAIL,
	    "x.conf:2: there is text in quotes where none may be: look for a "
	    "missing quote, ';' or '=' before it; keys have no quotes\n" },
	{ HEAD "channels: { Mail: { plugin = \"file\"; }; };\n",
	    "x.conf:2: channels.Mail: not a name for a channel: it stands in "
	    "file names and logs: use at most 32 of a-z, 0-9, - and _\n" },
	{ HEAD "channels: {\n sms: { rate = \"80\"; }; };\n",
	    "x.conf:3: channels.sms.rate: \"80\" is not a rate: write a whole "
	    "number and /s, /m or /h, like \"80/s\"\n"
	    "x.conf:3: channels.sms.plugin is missing: it has no default: add "
	    "it (the plugin that serves it: mqtt, email, sms_http ...)\n" },
	{ HEAD "channels: {\n sms: { plugin = \"../x\"; burst = 0; }; };\n",
	    "x.conf:3: channels.sms.plugin: must be a word in quotes of at "
	    "most 32 characters: a-z, 0-9, - and _\n"
	    "x.conf:3: channels.sms.burst: out of range: write a value from 1 "
	    "to 100000\n" },
	{ HEAD "channels = 5;\n",
	    "x.conf:2: channels: must be a group of channels: write "
	    "channels: { NAME: { plugin = ...; }; };\n" },
	{ "config_version = 1; issuer: { id = \"a\"; domain = \"\";\n"
	    "name: { de = 5; }; timezone = \"Europe/Berlin\"; };\n" TAIL,
	    "x.conf:1: issuer.domain: must not be empty: fill it in\n"
	    "x.conf:2: issuer.name: de: must be text in quotes\n" },
	{ "config_version = 1; issuer: { id = \"a\"; name: { de = \"A\"; };\n"
	    "domain = \"a.example>\"; };\n" TAIL,
	    "x.conf:2: issuer.domain: is no name of a domain: write "
	    "\"example.org\", with umlauts in the form xn--...\n" },
	{ HEAD "channels: {\n y: { plugin = \"file\"; "
	    "default_groups = [\"Alte Stadt\"]; }; };\n",
	    "x.conf:3: channels.y.default_groups: \"Alte Stadt\" is no name: "
	    "use at most 64 letters, digits, - and _\n" },
	{ HEAD "channels: {\n y: { plugin = \"file\"; "
	    "kinds = [\"wraning\"]; }; };\n",
	    "x.conf:3: channels.y.kinds: \"wraning\" is not one of warning|"
	    "all_clear|correction|outage|road_closure|event|service|"
	    "livestream|poll|police_notice|news: did you mean "
	    "\"warning\"?\n" },
	{ "config_version = 1; issuer: { id = \"a\"; domain = \"a.example\";\n"
	    "name: { en = \"A\"; }; };\n" TAIL,
	    "x.conf:2: issuer.name: there is no name in the default language: "
	    "add de = \"...\", or change issuer.default_language\n" },
};

static void
bad_files_are_refused_with_advice(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad_files); i++) {
		struct faults p;
		struct conf *c;
		char *text;

		faults_init(&p);
		assert_int_equal(conf_load_text("x.conf", bad_files[i].text,
		    &c, &p), -1);
		assert_null(c);
		text = told(&p);
		assert_string_equal(text, bad_files[i].message);
		free(text);
		faults_fini(&p);
	}
}

/* ------------------------------------------------- every key at once -- */

/* A value that no key of this type takes. */
static const char *
wrong_type(const struct table_row *row)
{
	switch (row->type) {
	case TABLE_INT:
	case TABLE_WORD:
		return "\"A B\"";
	case TABLE_ENUM:
		return "\"nonsense\"";
	case TABLE_PATH:
		return "\"not/absolute\"";
	case TABLE_RATE:
		return "true";
	default:
		return "5";
	}
}

/* One more than the most, as it is written. Given; NULL without a bound. */
static char *
too_much(const struct table_row *row)
{
	long long n = row->max + 1;

	if (row->max == 0)
		return NULL;
	if (row->type == TABLE_INT)
		return xasprintf("%lld", n);
	return xasprintf("\"%lld%s\"", n, row->type == TABLE_SIZE ? "B" :
	    "ms");
}

/* A file that holds this one setting must be told so: "KEY: ...". */
static void
expect_told(const char *prefix, const char *key, const char *value,
    const char *words)
{
	const char *dot = strchr(key, '.');
	int group = dot == NULL ? 0 : (int)(dot - key);
	char *inner = xasprintf(group > 0 ? "%.*s: { %s = %s; };" :
	    "%.*s%s = %s;", group, key, group > 0 ? dot + 1 : key, value);
	char *text = xasprintf(*prefix == '\0' ? "%s" :
	    "channels: { c: { %s }; };", inner);
	char *head = xasprintf("x.conf:1: %s%s: ", prefix, key), *all, *at;
	struct faults p;
	struct conf *c;

	faults_init(&p);
	assert_int_equal(conf_load_text("x.conf", text, &c, &p), -1);
	all = told(&p);
	at = strstr(all, head);
	if (at == NULL || strncmp(at + strlen(head), words, strlen(words)) != 0)
		fail_msg("%s: not \"%s%s\" but: %s", text, head, words, all);
	faults_fini(&p);
	free(all);
	free(head);
	free(text);
	free(inner);
}

static void
try_row(const char *prefix, const struct table_row *row)
{
	char *much = too_much(row);

	expect_told(prefix, row->key, wrong_type(row), "");
	if (much != NULL)
		expect_told(prefix, row->key, much, "out of range: ");
	free(much);
}

/* In a channel only the plugin's schema tells what is unknown. */
static void
try_typo(const struct table_row *row)
{
	const char *dot = strrchr(row->key, '.');
	char *typo = xasprintf("%s%c", row->key,
	    row->key[strlen(row->key) - 1]);
	char *better = xasprintf("unknown key: did you mean \"%s\"?",
	    dot == NULL ? row->key : dot + 1);

	expect_told("", typo, "5", better);
	free(typo);
	free(better);
}

static void
no_key_takes_what_does_not_fit(void **state)
{
	(void)state;
	for (size_t i = 0; i < keys_main.n; i++) {
		try_row("", &keys_main.rows[i]);
		try_typo(&keys_main.rows[i]);
	}
	for (size_t i = 0; i < keys_channel.n; i++)
		try_row("channels.c.", &keys_channel.rows[i]);
}

static void
good_file_gives_values(void **state)
{
	struct conf *c = good(HEAD
	    "// three kinds\n/* of\n comment */ # all work\r\n"
	    "drain_timeout = \"1m\"\r\nallow_root = TRUE\r\n"
	    "media: { max_size = \"64KiB\"; };\r\n"
	    TAIL);
	json_t *issuer;

	(void)state;
	assert_int_equal(conf_int(c, "drain_timeout"), 60000);
	assert_true(conf_bool(c, "allow_root"));
	assert_int_equal(conf_int(c, "media.max_size"), 65536);
	assert_string_equal(conf_str(c, "sandbox"), "best-effort");
	assert_string_equal(conf_str(c, "store.path"),
	    LF_STATEDIR "/litfass.db");
	issuer = conf_issuer(c);
	assert_string_equal(json_string_value(json_object_get(
	    json_object_get(issuer, "name"), "de")), "Stadt Lindenfurt");
	assert_string_equal(json_string_value(json_object_get(issuer,
	    "timezone")), "Europe/Berlin");
	json_decref(issuer);
	conf_free(&c);
}

static void
channels_have_our_values(void **state)
{
	struct conf *c = good(HEAD "channels: {\n"
	    "b: { plugin = \"file\"; folder = \"/x\"; };\n"
	    "a: { plugin = \"sms_http\"; rate = \"30/m\"; burst = 5;\n"
	    "     window = 8; languages = [\"de\", \"en\"];\n"
	    "     min_severity = \"severe\"; enabled = false; };\n};\n");
	const struct conf_channel *a = conf_channel(c, "a");

	(void)state;
	assert_int_equal(conf_n_channels(c), 2);
	assert_string_equal(conf_channel_at(c, 0)->name, "b");
	assert_true(conf_channel_at(c, 0)->enabled);
	assert_null(conf_channel_at(c, 2));
	assert_null(conf_channel(c, "c"));
	assert_string_equal(a->plugin, "sms_http");
	assert_true(a->rate > 0.499 && a->rate < 0.501);
	assert_int_equal(a->burst, 5);
	assert_int_equal(a->window, 8);
	assert_int_equal(json_array_size(a->languages), 2);
	assert_int_equal(json_array_size(a->kinds), 0);
	assert_string_equal(a->min_severity, "severe");
	assert_string_equal(a->in_doubt, "default");
	assert_false(a->enabled);
	assert_int_equal(a->line, 4);
	conf_free(&c);
}

static void
byte_order_mark_is_only_noted(void **state)
{
	struct faults p;
	struct conf *c;

	(void)state;
	faults_init(&p);
	assert_int_equal(conf_load_text("x.conf", "\xef\xbb\xbf" HEAD TAIL,
	    &c, &p), 0);
	assert_int_equal(p.n, 1);
	assert_true(p.list[0].notice);
	assert_string_equal(p.list[0].text, "x.conf:1: the file begins with a "
	    "byte order mark: it is ignored: save as UTF-8 without one");
	faults_fini(&p);
	conf_free(&c);
}

/* ------------------------------------------------------------ files -- */

static char folder[] = "/tmp/t_config.d.XXXXXX";

static void
put(const char *name, const char *text)
{
	char *path = xasprintf("%s/%s", folder, name);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	free(path);
}

static void
take_away(const char *name)
{
	char *path = xasprintf("%s/%s", folder, name);

	unlink(path);
	free(path);
}

/* What is told about the main file, with the folder as "D". Given. */
static char *
load(const char *name, struct conf **c_r)
{
	char *path = xasprintf("%s/%s", folder, name), *text, *at;
	struct faults p;

	faults_init(&p);
	conf_load(path, c_r, &p);
	text = told(&p);
	while ((at = strstr(text, folder)) != NULL) {
		*at = 'D';
		memmove(at + 1, at + strlen(folder),
		    strlen(at + strlen(folder)) + 1);
	}
	faults_fini(&p);
	free(path);
	return text;
}

static void
expect_load(const char *name, const char *expected)
{
	struct conf *c;
	char *text = load(name, &c);

	assert_string_equal(text, expected);
	free(text);
	conf_free(&c);
}

static void
drop_ins_are_read_in_order(void **state)
{
	struct conf *c;
	char *text;

	(void)state;
	put("main.conf", HEAD TAIL);
	put("conf.d/10-log.conf", "log: { level = \"debug\"; };\n");
	put("conf.d/20-log.conf", "log: { format = \"json\"; };\n");
	put("conf.d/README", "not read");
	put("conf.d/.hidden.conf", "not read");
	put("channels.d/b.conf", "b: { plugin = \"mqtt\"; };\n");
	put("channels.d/a.conf", "a: { plugin = \"email\"; };\n");
	text = load("main.conf", &c);
	assert_string_equal(text, "");
	free(text);
	assert_string_equal(conf_str(c, "log.level"), "debug");
	assert_string_equal(conf_str(c, "log.format"), "json");
	assert_int_equal(conf_n_channels(c), 3);
	assert_string_equal(conf_channel_at(c, 0)->name, "demo");
	assert_string_equal(conf_channel_at(c, 1)->name, "a");
	assert_string_equal(conf_channel_at(c, 2)->name, "b");
	conf_free(&c);
}

static void
each_key_is_set_once(void **state)
{
	(void)state;
	put("conf.d/30.conf", "\nlog: { level = \"warn\"; };\n");
	put("channels.d/c.conf", "b: { plugin = \"email\"; };\n"
	    "channels: { };\nx = 5;\n");
	expect_load("main.conf",
	    "D/conf.d/30.conf:2: log.level: already set at "
	    "D/conf.d/10-log.conf:1: each key is set once: remove one of the "
	    "two\n"
	    "D/channels.d/c.conf:1: channels.b: there is already a channel of "
	    "this name at D/channels.d/b.conf:1: rename one of the two\n"
	    "D/channels.d/c.conf:2: channels: is not needed here: files in "
	    "channels.d hold channels only: write NAME: { plugin = ...; };\n"
	    "D/channels.d/c.conf:3: channels.x: must be a group: write "
	    "x: { plugin = ...; };\n");
	take_away("conf.d/30.conf");
	take_away("channels.d/c.conf");
}

static void
broken_drop_in_hides_no_other_problem(void **state)
{
	(void)state;
	put("conf.d/30.conf", "log: {\n");
	put("channels.d/c.conf", "c: { rate = true; };\n");
	expect_load("main.conf",
	    "D/conf.d/30.conf:2: syntax error: nothing makes sense here: look "
	    "for a missing ';', '=', quote or bracket on this line or the one "
	    "before\n"
	    "D/channels.d/c.conf:1: channels.c.rate: must be a rate: a number "
	    "per second, or \"80/s\", \"10/m\", \"500/h\"\n");
	take_away("conf.d/30.conf");
	take_away("channels.d/c.conf");
}

static void
what_is_no_file_is_named(void **state)
{
	(void)state;
	expect_load("none.conf", "D/none.conf: cannot be opened: No such file "
	    "or directory: check the path\n");
	expect_load("conf.d", "D/conf.d: is not a file: name a configuration "
	    "file, for example D/conf.d/litfass.conf\n");
}

/* Whoever may write there decides which programs run. */
static void
what_others_may_change_is_refused(void **state)
{
	static const struct {
		const char *name;
		unsigned bad, good;
	} rows[] = {
		{ "main.conf", 0664, 0644 },
		{ "conf.d/10-log.conf", 0602, 0600 },
		{ "channels.d/a.conf", 0620, 0640 },
		{ "conf.d", 0775, 0755 },
		{ "channels.d", 0777, 0755 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *path = xasprintf("%s/%s", folder, rows[i].name);
		char *said = xasprintf("D/%s: its mode %04o lets others "
		    "change which programs run and where messages go: chmod "
		    "go-w D/%s\n", rows[i].name, rows[i].bad, rows[i].name);

		assert_int_equal(chmod(path, rows[i].bad), 0);
		expect_load("main.conf", said);
		assert_int_equal(chmod(path, rows[i].good), 0);
		expect_load("main.conf", "");
		free(said);
		free(path);
	}
}

static void
nul_byte_is_named_with_its_line(void **state)
{
	char *path = xasprintf("%s/nul.conf", folder);
	FILE *f = fopen(path, "w");

	(void)state;
	assert_non_null(f);
	assert_int_equal(fwrite("a = 1;\nb\0c\n", 1, 11, f), 11);
	assert_int_equal(fclose(f), 0);
	expect_load("nul.conf", "D/nul.conf:2: there is a NUL byte: this is "
	    "not a text file: save it as UTF-8\n");
	unlink(path);
	free(path);
}

static int
folder_path(const char *name, int make)
{
	char *path = xasprintf("%s/%s", folder, name);
	int rc = make ? mkdir(path, 0700) : rmdir(path);

	free(path);
	return rc;
}

static int
make_folder(void **state)
{
	(void)state;
	umask(022);
	if (mkdtemp(folder) == NULL)
		return -1;
	return folder_path("conf.d", 1) | folder_path("channels.d", 1);
}

static int
drop_folder(void **state)
{
	static const char *const names[] = { "main.conf", "conf.d/10-log.conf",
		"conf.d/20-log.conf", "conf.d/README", "conf.d/.hidden.conf",
		"channels.d/a.conf", "channels.d/b.conf" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++)
		take_away(names[i]);
	return folder_path("conf.d", 0) | folder_path("channels.d", 0) |
	    rmdir(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_files_are_refused_with_advice),
		cmocka_unit_test(no_key_takes_what_does_not_fit),
		cmocka_unit_test(good_file_gives_values),
		cmocka_unit_test(channels_have_our_values),
		cmocka_unit_test(byte_order_mark_is_only_noted),
		cmocka_unit_test(drop_ins_are_read_in_order),
		cmocka_unit_test(each_key_is_set_once),
		cmocka_unit_test(broken_drop_in_hides_no_other_problem),
		cmocka_unit_test(what_is_no_file_is_named),
		cmocka_unit_test(what_others_may_change_is_refused),
		cmocka_unit_test(nul_byte_is_named_with_its_line),
	};

	return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
