/*
 * message: the JSON body of a send call, POST /PHONE-NUMBER-ID/messages of
 * the Cloud API, with places for the recipient and our key.
 */
#ifndef WHATSAPP_MESSAGE_H
#define WHATSAPP_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "litfass/plugin.h"

/* Limits of the API: characters of a text, and of a filled template. */
#define MESSAGE_TEXT		4096
#define MESSAGE_TEMPLATE	1024

/* A line that is only a tag leaves no line behind. */
#define MESSAGE_INSTRUCTION						\
	"{{#instruction}}\n"						\
	"\n*{{w.what_to_do}}*\n"					\
	"{{instruction}}\n"						\
	"{{/instruction}}\n"

/* In a warning, what to do comes before what is going on. */
#define MESSAGE_DEFAULT							\
	"*{{#mark}}[{{mark}}] {{/mark}}"				\
	"{{#label}}{{label}} – {{/label}}{{headline}}*\n"		\
	"{{#is_fallback}}\n"						\
	"_{{fallback_hint}}_\n"						\
	"{{/is_fallback}}\n"						\
	"{{#is_warning}}\n"						\
	"{{#severity_text}}\n"						\
	"{{w.severity}}: {{severity_text}}\n"				\
	"{{/severity_text}}\n"						\
	"{{#area}}\n"							\
	"{{w.area}}: {{area}}\n"					\
	"{{/area}}\n"							\
	"{{#expires}}\n"						\
	"{{w.until}}: {{expires}}\n"					\
	"{{/expires}}\n"						\
	"{{/is_warning}}\n"						\
	"{{#teaser}}\n"							\
	"\n{{teaser}}\n"						\
	"{{/teaser}}\n"							\
	"{{#is_warning}}\n"						\
	MESSAGE_INSTRUCTION						\
	"{{/is_warning}}\n"						\
	"{{#body}}\n"							\
	"\n{{body}}\n"							\
	"{{/body}}\n"							\
	"{{#question}}\n"						\
	"\n*{{question}}*\n"						\
	"{{/question}}\n"						\
	"{{#options}}\n"						\
	"{{number}}. {{label}}\n"					\
	"{{/options}}\n"						\
	"{{^is_warning}}\n"						\
	MESSAGE_INSTRUCTION						\
	"{{/is_warning}}\n"						\
	"{{#link}}\n"							\
	"\n{{#link_label}}{{link_label}}: {{/link_label}}{{link}}\n"	\
	"{{/link}}\n"							\
	"\n_{{sender}}_"

/* Free text, by a template of ours. 0, or -1 after out_refuse. */
int
message_text(const struct lf_host *host, const struct lf_announcement *a,
    const char *tmpl, struct lf_out *out);

/*
 * A template that Meta has approved. spec is its name on the first line,
 * then one line for each parameter: "{{headline}}", or "title={{headline}}"
 * when the parameters have names. languages are those in which templates are
 * approved, separated by spaces. 0, or -1 after out_refuse.
 */
int
message_template(const struct lf_host *host,
    const struct lf_announcement *a, const char *spec,
    const char *languages, struct lf_out *out);

/* NULL, or what is wrong with a spec, for people; static. */
const char *
message_spec_check(const char *spec);

/* Make s a parameter: one line without tabs and runs of spaces, no spaces at
 * its ends, never empty. The result is given. */
char *
message_line(const char *s);

/* The language code of a template, "de" or "pt_BR": the one of languages that
 * fits lang best, else the first, and then false. */
bool
message_language(const char *lang, const char *languages, char *code_r,
    size_t size);

#endif
