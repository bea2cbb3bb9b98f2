/*
 * judge: what lint says about announcements.
 */
#ifndef LITFASS_JUDGE_H
#define LITFASS_JUDGE_H

#include <jansson.h>
#include <stdbool.h>

#include "command.h"
#include "source.h"

/*
 * Judge every announcement of a source, with the issuer of the configuration
 * or else of the collection:
 * [{"id","result":"accept|accept+warn|reject","problems":[…]}]. For CAP the
 * result is that of its rules, there are also "rules", "findings",
 * "signature" and "withheld", and there is always one verdict. publish: an
 * announcement that is over is refused. Given.
 */
json_t *
judge_source(const struct cli *c, const struct source *s, bool publish);
/* How many were refused. */
size_t
judge_refused(const json_t *verdicts);
/* Say on standard error what is wrong with which. */
void
judge_say(const json_t *verdicts);

#endif
