/*
 * settings: find and read the configuration for litfass(1). Called by the
 * client and by the commands that work without a daemon.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "config/conf.h"
#include "settings.h"

#define DEFAULT_CONFIG	LF_SYSCONFDIR "/litfass.conf"
#define DEFAULT_SOCKET	LF_RUNDIR "/control.sock"

const char *
settings_path(const struct cli *c)
{
	return c->opt[OPT_CONFIG] != NULL ? c->opt[OPT_CONFIG] :
	    DEFAULT_CONFIG;
}

int
settings_load(const struct cli *c, struct conf **conf_r, struct err *e)
{
	const char *path = settings_path(c);
	struct faults faults;
	int rc;

	faults_init(&faults);
	rc = conf_load(path, conf_r, &faults);
	for (size_t i = 0; i < faults.n; i++)
		fprintf(stderr, "%s%s\n", faults.list[i].notice ? "note: " :
		    "", faults.list[i].text);
	if (rc == -1)
		err_set(e, ERR_INVALID, "configuration %s: %zu problem%s: "
		    "correct it, or name another file with -c", path,
		    faults.errors, faults.errors == 1 ? "" : "s");
	faults_fini(&faults);
	return rc;
}

struct conf *
settings_try(const struct cli *c)
{
	struct conf *conf = NULL;
	struct faults faults;

	faults_init(&faults);
	if (conf_load(settings_path(c), &conf, &faults) == -1)
		conf = NULL;
	faults_fini(&faults);
	return conf;
}

char *
settings_socket(const struct cli *c)
{
	struct conf *conf;
	char *path;

	if (c->opt[OPT_SOCKET] != NULL)
		return xstrdup(c->opt[OPT_SOCKET]);
	conf = settings_try(c);
	if (conf == NULL)
		return xstrdup(DEFAULT_SOCKET);
	path = xstrdup(conf_str(conf, "control.socket"));
	conf_free(&conf);
	return path;
}

struct zone *
settings_zone(const struct cli *c)
{
	struct conf *conf = settings_try(c);
	struct zone *zone = NULL;

	if (conf != NULL)
		zone = zone_load(conf_str(conf, "issuer.timezone"), NULL);
	conf_free(&conf);
	if (zone == NULL)
		zone = zone_load("localtime", NULL);
	return zone != NULL ? zone : zone_load("UTC", NULL);
}

const char *
settings_daemon(void)
{
	const char *path = getenv("LITFASS_DAEMON");

	return path != NULL && *path != '\0' ? path : LF_SBINDIR "/litfassd";
}
