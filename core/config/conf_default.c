/*
 * conf_default: the configuration for a first try, when there is no file yet.
 * Sends nothing anywhere: its one channel writes files.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "config/conf.h"
#include "config/value.h"

/* The argument is the folder with an opening quote only. */
#define TEXT \
    "# Built in: all below one folder, one channel that writes files.\n" \
    "config_version = 1;\n" \
    "issuer: {\n" \
    "	id = \"musterstadt\";\n" \
    "	name: { de = \"Musterstadt\"; en = \"Model City\"; };\n" \
    "	sender_short = \"Musterstadt\";\n" \
    "	domain = \"musterstadt.example\";\n" \
    "};\n" \
    "store: { path = %1$s/litfass.db\"; };\n" \
    "control: { socket = %1$s/control.sock\"; };\n" \
    "media: { dir = %1$s/media\"; };\n" \
    "channels: {\n" \
    "	file: { plugin = \"file\"; dir = %1$s/spool\"; };\n" \
    "};\n"

char *
conf_default(const char *folder)
{
	char *quoted = value_quoted(folder), *made;

	quoted[strlen(quoted) - 1] = '\0';
	made = xasprintf(TEXT, quoted);
	free(quoted);
	return made;
}
