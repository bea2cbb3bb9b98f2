/*
 * show: what channels would send, for people.
 */
#ifndef LITFASS_SHOW_H
#define LITFASS_SHOW_H

#include <jansson.h>
#include <stdio.h>

#include "command.h"

/* Render an announcement for the channels that --channel names, as
 * preview_run() gives it. */
int
show_render(const struct cli *c, json_t *item, json_t **previews_r,
    struct err *e);
void
show_print(const struct cli *c, const json_t *previews);
/* "a,b" as an array of two, given; NULL stays NULL. */
json_t *
show_split(const char *s);
/* "lf-1: Storm warning", a line. */
void
show_headline(FILE *f, const json_t *item);
/* The channels and numbers of recipients, a line; says so when litfassd is
 * not there to count. */
void
show_audience(const struct cli *c, json_t *item, FILE *f);

#endif
