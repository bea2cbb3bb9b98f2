/*
 * preset: what a gateway wants to hear and how it answers, as data.
 *
 * Places to fill, in fields, headers and path:
 *	{to} {from} {text} {key} {user} {password}
 *	{basic}			base64 of user:password
 *	{encoding:A|B}		A for GSM-7, B for UCS-2
 *	{ttl_s} {ttl_min} {ttl_ms}	how long the message is worth sending
 * In JSON a string of just {#name} becomes a number. A field that comes out
 * empty is left out.
 *
 * Classes, in codes: ok, retry, permanent, suppress (this number is dead or
 * said stop), pause (credit), config (account, sender), unknown (perhaps
 * sent), duplicate (sent already, if we repeat ourselves). A code that is not
 * in codes never makes a failure permanent.
 */
#ifndef SMS_HTTP_PRESET_H
#define SMS_HTTP_PRESET_H

struct preset {
	const char *name;
	const char *method;
	const char *path;	/* appended to a url without a path */
	const char *body;	/* "form", "json" or "query" */
	const char *number;	/* "plus" +49…, "digits" 49…, "00" 0049… */
	const char *fields;	/* "a={to}&b={text}", or JSON */
	const char *headers;	/* lines */
	const char *ok;		/* "$.path=value|value": all must match;
				 * "$.path": something must be there; "" when
				 * 2xx says enough */
	const char *id;		/* path of the message id */
	const char *code;	/* paths of the error code */
	const char *text;	/* path of the error text */
	const char *codes;	/* "code=class code=class" */
	unsigned ttl_max;	/* seconds, 0 no limit known */
};

extern const struct preset presets[];

/* NULL when there is none of this name. */
const struct preset *
preset_find(const char *name);

#endif
