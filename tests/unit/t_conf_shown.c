/*
 * t_conf_shown: the dump, the diff, the built-in configuration, and what is
 * shipped: example files and the man page, compared with the tables.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "config/keys.h"
#include "unit/conf_text.h"

#define LONG	HEAD "log: { level = \"debug\"; };\n" \
	"control: { group = \"a\\\"b c\\\\d\"; };\n" \
	"channels: { m: { plugin = \"mqtt\"; rate = \"30/m\"; " \
	"url = \"mqtt://a\"; many = 5000000000L; part = 0.5; two = 2.0; " \
	"list = (\"x\", 1, { y = true; }); more: { z = 1; }; " \
	"languages = [\"de\"]; }; };\n"

static void
dump_reads_back_the_same(void **state)
{
	struct conf *a = good(LONG), *b;
	struct conf_change *list;
	struct buf out;

	(void)state;
	buf_init(&out, 100000);
	conf_dump(a, &out);
	b = good(buf_cstr(&out));
	assert_int_equal(conf_diff(a, b, &list), 1);
	/* Groups inside a channel belong to no plugin and never compare. */
	assert_string_equal(list[0].key, "channels.m.more");
	conf_changes_free(&list, 1);
	buf_fini(&out);
	conf_free(&a);
	conf_free(&b);
}

static void
dump_hides_what_looks_secret(void **state)
{
	struct conf *c = good(HEAD "channels: { m: { plugin = \"x\";\n"
	    "password = \"geheim1\"; my_token = \"geheim2\";\n"
	    "url = \"https://me:geheim3@a/\"; secret_file = \"/path\";\n"
	    "list = ({ token = \"geheim4\"; }, \"mqtt://me:geheim5@a\");"
	    "}; };\n");
	struct buf out;

	(void)state;
	buf_init(&out, 100000);
	conf_dump(c, &out);
	assert_null(strstr(buf_cstr(&out), "geheim"));
	assert_non_null(strstr(buf_cstr(&out),
	    "\t\tpassword = \"(hidden)\";\t# x.conf:3\n"));
	assert_non_null(strstr(buf_cstr(&out),
	    "\t\tsecret_file = \"/path\";\t# x.conf:4\n"));
	assert_non_null(strstr(buf_cstr(&out),
	    "\nsandbox = \"best-effort\";\t# default\n"));
	buf_fini(&out);
	conf_free(&c);
}

static void
diff_names_what_a_change_needs(void **state)
{
	static const struct conf_change expected[] = {
		{ NULL, CONF_RESTART }, { NULL, CONF_WORKER },
		{ NULL, CONF_WORKER }, { NULL, CONF_RELOAD },
		{ NULL, CONF_WORKER }, { NULL, CONF_WORKER },
		{ NULL, CONF_WORKER },
	};
	static const char *const keys[] = { "store.path", "log.level",
		"channels.gone", "channels.m.rate", "channels.m.url",
		"channels.m.new", "channels.came" };
	struct conf *a = good(HEAD "drain_timeout = \"60s\"; channels: {\n"
	    "gone: { plugin = \"x\"; }; m: { plugin = \"x\"; url = \"a\"; };"
	    " };\n");
	struct conf *b = good(HEAD "drain_timeout = \"1m\"; channels: {\n"
	    "came: { plugin = \"x\"; }; m: { url = \"b\"; plugin = \"x\"; "
	    "new = 1; rate = 5; }; };\n"
	    "store: { path = \"/x\"; }; log: { level = \"warn\"; };\n");
	struct conf_change *list;
	size_t n = conf_diff(a, b, &list);

	(void)state;
	assert_int_equal(n, COUNT(keys));
	for (size_t i = 0; i < n; i++) {
		assert_string_equal(list[i].key, keys[i]);
		assert_int_equal(list[i].effect, expected[i].effect);
	}
	conf_changes_free(&list, n);
	conf_free(&a);
	conf_free(&b);
}

static void
overwrite(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void
what_changed_in_a_named_file_is_a_change(void **state)
{
	char path[] = "/tmp/t_conf_shown.XXXXXX";
	int fd = mkstemp(path);
	char *text = xasprintf(HEAD "channels: { m: { plugin = \"x\"; "
	    "password_file = \"%s\"; dir = \"/tmp\"; }; };\n", path);
	struct conf_change *list;
	struct conf *a, *b;

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	overwrite(path, "old");
	a = good(text);
	b = good(text);
	assert_int_equal(conf_diff(a, b, &list), 0);
	conf_free(&b);
	overwrite(path, "newer");
	b = good(text);
	assert_int_equal(conf_diff(a, b, &list), 1);
	assert_string_equal(list[0].key, "channels.m.password_file");
	assert_int_equal(list[0].effect, CONF_WORKER);
	conf_changes_free(&list, 1);
	conf_free(&a);
	conf_free(&b);
	unlink(path);
	free(text);
}

static void
built_in_configuration_is_good(void **state)
{
	char *text = conf_default("/var/tmp/it's a \"folder\"");
	struct conf *c = good(text);

	(void)state;
	assert_string_equal(conf_str(c, "store.path"),
	    "/var/tmp/it's a \"folder\"/litfass.db");
	assert_string_equal(conf_channel_at(c, 0)->plugin, "file");
	conf_free(&c);
	free(text);
}

/* A file of the source tree. Given. */
static char *
source(const char *name)
{
	char *path = xasprintf("%s/%s", TEST_TOP, name);
	FILE *f = fopen(path, "r");
	char block[4096];
	struct buf b;
	size_t n;

	assert_non_null(f);
	free(path);
	buf_init(&b, 1000000);
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		buf_add(&b, block, n);
	fclose(f);
	return buf_steal(&b);
}

/* The entry of a key in the page, up to the next. Given. */
static char *
entry_of(const char *page, const struct table_row *row)
{
	char *head = xasprintf("\n.It Ic %s Pq %s%s\n", row->key,
	    table_type_name(row->type),
	    (row->flags & TABLE_REQUIRED) != 0 ? ", required" : "");
	const char *at = strstr(page, head), *end;

	if (at == NULL) {
		fail_msg("litfass.conf(5) lacks %s", head);
		return NULL;
	}
	end = strstr(at + 1, "\n.It Ic ");
	if (end == NULL)
		end = strstr(at, "\n.El");
	free(head);
	return xstrndup(at, (size_t)(end - at));
}

static void
man_page_has_every_key_and_default(void **state)
{
	static const struct table *const tables[] = { &keys_main,
		&keys_channel };
	char *page = source("core/litfass.conf.5"), *entry, *def;

	(void)state;
	for (size_t t = 0; t < COUNT(tables); t++)
		for (size_t i = 0; i < tables[t]->n; i++) {
			const struct table_row *row = &tables[t]->rows[i];

			entry = entry_of(page, row);
			def = xasprintf("Default\n.Ql %s",
			    row->def == NULL ? "" : row->def);
			if (row->def != NULL && row->type != TABLE_PATH &&
			    strstr(entry, def) == NULL)
				fail_msg("litfass.conf(5): %s: no default %s",
				    row->key, row->def);
			free(def);
			free(entry);
		}
	free(page);
}

static void
shipped_file_is_good_and_has_every_key(void **state)
{
	char *text = source("conf/litfass.conf"), *key;
	struct faults p;
	struct conf *c;

	(void)state;
	faults_init(&p);
	assert_int_equal(conf_load_text("litfass.conf", text, &c, &p), 0);
	assert_int_equal(p.n, 1);
	assert_string_equal(p.list[0].text, "litfass.conf: there is no "
	    "channel: nothing will be sent: add one in channels.d");
	for (size_t i = 0; i < keys_main.n; i++) {
		const char *dot = strrchr(keys_main.rows[i].key, '.');

		key = xasprintf("%s%s", dot == NULL ? keys_main.rows[i].key :
		    dot + 1, keys_main.rows[i].type == TABLE_TEXTS ? ": {" :
		    " = ");
		if (strstr(text, key) == NULL)
			fail_msg("conf/litfass.conf lacks %s", key);
		free(key);
	}
	faults_fini(&p);
	conf_free(&c);
	free(text);
}

static void
shipped_channels_are_good(void **state)
{
	static const char *const names[] = { "email", "file", "mqtt", "sms",
		"whatsapp" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		char *name = xasprintf("conf/channels.d/%s.conf.example",
		    names[i]);
		char *text = source(name);
		char *whole = xasprintf(HEAD "channels: {%s};\n", text);
		struct conf *c = good(whole);

		assert_int_equal(conf_n_channels(c), 1);
		conf_free(&c);
		free(whole);
		free(text);
		free(name);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dump_reads_back_the_same),
		cmocka_unit_test(dump_hides_what_looks_secret),
		cmocka_unit_test(diff_names_what_a_change_needs),
		cmocka_unit_test(what_changed_in_a_named_file_is_a_change),
		cmocka_unit_test(built_in_configuration_is_good),
		cmocka_unit_test(man_page_has_every_key_and_default),
		cmocka_unit_test(shipped_file_is_good_and_has_every_key),
		cmocka_unit_test(shipped_channels_are_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
