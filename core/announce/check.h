/*
 * check: what the members of an announcement mean together. Only for
 * announce.
 */
#ifndef ANNOUNCE_CHECK_H
#define ANNOUNCE_CHECK_H

struct announce;
struct problems;

/* Report every broken rule. Members of a wrong type count as missing. */
void
check_rules(const struct announce *a, struct problems *p);

#endif
