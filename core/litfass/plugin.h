/*
 * litfass/plugin.h: everything a channel plugin needs, ABI 1.0.
 *
 * A plugin is a translator. It turns an announcement into the bytes of its
 * channel (render), hands them to the peer (submit) and maps the peer's
 * answer to an outcome class (host->done). Queueing, retry, rate, order,
 * expiry and durability belong to litfass.
 *
 * The whole of a plugin is one shared object that exports one symbol:
 *
 *	const struct lf_plugin litfass_plugin = { LF_PLUGIN_HEAD, ... };
 *
 * It is loaded into a worker process of its own, one per channel, and links
 * nothing of litfass: every service comes through struct lf_host.
 *
 * History
 *	1.0	first version
 *
 * Promise: a higher minor version only appends members. A plugin built for
 * 1.x runs in every host 1.y with y >= x. Test members that came after 1.0
 * with LF_HAS(pointer, member). Offsets are pinned by tests/abi.
 *
 * The contract, by number; the host checks what it can and ends the worker
 * when a rule is broken.
 *
 *  1. All calls come from one thread and are never nested, except that
 *     host->done may be called inside submit or cancel.
 *  2. Nothing blocks. A call has 50 ms; longer ones are logged with their
 *     name. Wait with watch_new, timer_new or transfer.
 *  3. open reads its configuration and does no I/O. start, if present, may
 *     begin to connect; it is not called for a preview. Without start, the
 *     first submit connects.
 *  4. render is pure: no I/O, no clock, no randomness. The same announcement
 *     gives the same bytes, today and at every retry.
 *  5. After submit the delivery belongs to the plugin until it has called
 *     host->done for it, exactly once. A second call ends the worker.
 *  6. cancel only asks, because time is up or the delivery expires now. The
 *     plugin still calls done; LF_TEMPFAIL when nothing left the house,
 *     otherwise whatever the peer says.
 *  7. drain: no submit follows; finish or give back what is in flight.
 *  8. Borrowed pointers die with the call that passed them, unless the member
 *     says otherwise. Copy what you keep.
 *  9. Each side frees what it allocated.
 * 10. No signals, fork, threads, exit, stdout, setlocale, setenv.
 * 11. close is called with nothing in flight. The process ends after it.
 * 12. Never log secrets, addresses or message text; use host->redact. What
 *     looks like an address is taken out of log lines and outcomes, but
 *     only its owner knows every form of it.
 * 13. If it is unknown whether the peer got the message, say LF_UNKNOWN. Do
 *     not guess: LF_TEMPFAIL means that nothing was delivered.
 *
 * All strings are UTF-8 and end with NUL. Times are seconds since 1970 UTC
 * unless the name says otherwise; 0 means "not given".
 *
 * Licence: MIT, so that a plugin may carry any licence.
 */
#ifndef LITFASS_PLUGIN_H
#define LITFASS_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LF_MAGIC	0x3150464cu	/* "LFP1" as bytes */
#define LF_ABI_MAJOR	1
#define LF_ABI_MINOR	0

/* True when *p, which begins with its size, is new enough to have member. */
#define LF_HAS(p, member)						\
	((p)->size >= offsetof(__typeof__(*(p)), member) +		\
	    sizeof((p)->member))

/* Opaque to plugins. */
struct lf_channel;	/* this channel in its worker */
struct lf_out;		/* the rendition being made */
struct lf_timer;
struct lf_watch;
struct lf_transfer;

/* ------------------------------------------------------------ outcomes -- */

/*
 * Who is at fault decides what happens next. Any other value holds the
 * delivery and pauses the channel: it never drops a message.
 */
#define LF_DELIVERED	1	/* the peer confirmed final delivery */
#define LF_ACCEPTED	2	/* the peer took responsibility */
#define LF_TEMPFAIL	3	/* this try failed, nothing was delivered:
				 * tried again later */
#define LF_PERMFAIL	4	/* this message to this recipient will never
				 * work; others are unaffected */
#define LF_CHANNEL_DOWN	5	/* credentials, quota, configuration, endpoint:
				 * the channel pauses, nobody is blamed, the
				 * attempt does not count */
#define LF_UNKNOWN	6	/* sent, but the answer was lost */

struct lf_outcome {
	uint32_t size;		/* sizeof(struct lf_outcome) */
	int32_t outcome;	/* LF_DELIVERED ... */
	int32_t code;		/* the peer's own code: HTTP, SMTP, MQTT ... */
	uint32_t retry_after;	/* seconds the peer asked for, 0 none;
				 * honoured up to an hour */
	const char *peer_id;	/* the peer's message id, may be NULL;
				 * at most 255 bytes are kept; none
				 * when the address is part of it */
	const char *text;	/* why, for people; may be NULL; at most 255
				 * bytes are kept; no personal data */
};

/* ------------------------------------------------------- configuration -- */

#define LF_PARAM_STRING	1u
#define LF_PARAM_INT	2u
#define LF_PARAM_BOOL	3u
#define LF_PARAM_DURATION 4u	/* "30s", "10m"; milliseconds to the plugin */
#define LF_PARAM_SIZE	5u	/* "16MB"; bytes to the plugin */
#define LF_PARAM_URL	6u	/* absolute, http(s), smtp(s) or mqtt(s) */
#define LF_PARAM_SECRET	7u	/* written as KEY_file = "path"; its value
				 * comes from host->secret(KEY) */
#define LF_PARAM_ENUM	8u	/* one of choices, separated by '|' */
#define LF_PARAM_TEXT	9u	/* text of a template; may also be written
				 * as KEY_file = "path" */

#define LF_REQUIRED	1u	/* flag: there is no default */

struct lf_param {
	const char *key;	/* [a-z0-9_]{1,32} */
	uint32_t type;
	uint32_t flags;
	const char *def;	/* as it would be written in the file, or NULL
				 * for "", 0, false */
	int64_t min, max;	/* inclusive, for INT, DURATION (ms), SIZE;
				 * both 0: no limit */
	const char *choices;	/* for ENUM: "off|starttls|tls" */
	const char *doc;	/* one line */
};

/* -------------------------------------------------------- announcement -- */

#define LF_ANN_EXERCISE	1u	/* status is exercise: mark it, everywhere */
#define LF_ANN_TEST	2u	/* status is test: mark it as well */
#define LF_ANN_FALLBACK	4u	/* there is no text in the wanted language */
#define LF_ANN_LINK_ONLY 8u	/* personal data: on this channel teaser and
				 * link only; body, instruction and the
				 * attachments are already empty */

struct lf_attachment {
	uint32_t size;
	const char *type;	/* image, video, audio, document */
	const char *role;
	const char *file;	/* a bare file name */
	const char *mime;
	const char *alt;	/* in the language of the view */
};

struct lf_option {
	const char *id;
	const char *label;
};

/*
 * One announcement as seen in one language. No string is NULL; what is not
 * there is "". headline and teaser are plain text; body and instruction are
 * Markdown (CommonMark without HTML, with tables); sms, sign and voice are
 * hand-written plain texts that replace the generated ones.
 */
struct lf_announcement {
	uint32_t size;
	uint32_t flags;		/* LF_ANN_* */
	uint32_t version;	/* 1, 2 ... within the same id */
	const char *id;		/* "lf-2026-0001" */
	const char *chain;	/* id of the first announcement of the chain;
				 * its own id when it began one */
	const char *kind;	/* warning, all_clear, event, poll ... */
	const char *msg_type;	/* alert, update, cancel */
	const char *status;	/* actual, exercise, test */
	const char *lane;	/* warning, urgent, normal, bulk */
	const char *category;	/* CAP 1.2 section 3.2.2 words */
	const char *severity;	/* extreme, severe, moderate, minor, info,
				 * unknown */
	const char *urgency;
	const char *certainty;
	const char *lang;	/* language of the texts, BCP 47 */
	const char *wanted;	/* language asked for; differs from lang only
				 * with LF_ANN_FALLBACK */
	const char *dir;	/* "ltr" or "rtl" */
	const char *mark;	/* "ÜBUNG", "TEST" ... or "" */
	const char *headline, *teaser, *body, *instruction;
	const char *sms, *sign, *voice;
	const char *sender;	/* "Stadt Lindenfurt" */
	const char *sender_short;
	const char *sender_domain;
	const char *office;
	const char *area;
	const char *link, *link_label;
	int64_t sent, starts, expires;
	const struct lf_attachment *attachments;
	uint32_t n_attachments;
	uint32_t n_groups;
	const char *const *groups;	/* display groups */
	const char *const *references;	/* ids this one updates or cancels */
	uint32_t n_references;
	uint32_t n_options;
	const char *question;		/* of a poll, or "" */
	const struct lf_option *options;
	/* The same announcement in all its languages, the issuer's default
	 * first. The views in here have n_all 0. */
	const struct lf_announcement *all;
	uint32_t n_all;
};

/* ------------------------------------------------------------ delivery -- */

#define LF_SEND		1u
#define LF_RETRACT	2u	/* take back what was sent (LF_CAP_RETRACT):
				 * it was cancelled or has expired; body is
				 * empty */

#define LF_DLV_RESEND	1u	/* an earlier attempt may have arrived */

/* Valid, and at the same address, from submit until done. */
struct lf_delivery {
	uint32_t size;
	uint32_t action;
	uint32_t flags;		/* LF_DLV_* */
	uint32_t attempt;	/* 1, 2 ... */
	uint64_t id;		/* unique in this worker's life */
	const char *key;	/* idempotency key, the same at every attempt:
				 * [a-z0-9.-]{1,64} */
	const char *address;	/* E.164, mail address, display group */
	const char *announcement, *chain;
	const char *lang;
	int64_t expires;
	const char *body;	/* what render wrote, slots filled */
	uint64_t body_len;
	void *data;		/* the plugin's own; NULL at submit */
};

/* ------------------------------------------------------------- the web -- */

#define LF_TRANSFER_OK		0
#define LF_TRANSFER_NOT_SENT	1	/* failed before the request was out:
					 * LF_TEMPFAIL is right */
#define LF_TRANSFER_LOST	2	/* sent, but no answer or one that is
					 * too long: LF_UNKNOWN */
#define LF_TRANSFER_REFUSED	3	/* by us, before anything was sent:
					 * host not allowed, TLS not trusted:
					 * LF_CHANNEL_DOWN */

struct lf_request {
	uint32_t size;
	uint32_t timeout_ms;	/* 0: 30 s */
	const char *method;	/* "POST" */
	const char *url;	/* its host must be that of a URL parameter */
	const char *const *headers;	/* "Name: value" */
	uint32_t n_headers;
	uint32_t max_reply;	/* bytes, 0: 1 MiB */
	const char *body;	/* copied */
	uint64_t body_len;
};

struct lf_reply {
	uint32_t size;
	uint32_t error;		/* LF_TRANSFER_* */
	int32_t status;		/* HTTP status, 0 without an answer */
	uint32_t retry_after;	/* seconds, from either form of the header */
	const char *body;	/* NUL behind the last byte */
	uint64_t body_len;
	const char *text;	/* what went wrong, for people */
};

/* ------------------------------------------------------------- texts -- */

/* Forms of a text. */
#define LF_FORM_PLAIN		1u
#define LF_FORM_WHATSAPP	2u	/* *bold*, _italic_, lists */
#define LF_FORM_HTML		3u	/* escaped, paragraphs, lists, tables */
#define LF_FORM_LINE		4u	/* plain, all on one line */
#define LF_FORM_SIGN		5u	/* plain short blocks for displays */

/* Units of a limit. */
#define LF_UNIT_NONE		0u
#define LF_UNIT_CHARS		1u	/* grapheme clusters */
#define LF_UNIT_BYTES		2u
#define LF_UNIT_UTF16		3u	/* UTF-16 code units */
#define LF_UNIT_SMS		4u	/* SMS parts, after transliteration
				 * where that saves a part */

/* Escapes. */
#define LF_ESC_NONE	0u
#define LF_ESC_JSON	1u	/* inside a JSON string */
#define LF_ESC_HTML	2u
#define LF_ESC_URL	3u	/* RFC 3986, all but unreserved */

#define LF_SMS_GSM7	1u	/* 160 or 153 units a part */
#define LF_SMS_UCS2	2u	/* 70 or 67 units a part */

struct lf_sms {
	uint32_t size;
	uint32_t encoding;	/* LF_SMS_* */
	uint32_t units;
	uint32_t parts;
	const char *text;	/* what to send, transliterated if that saves
				 * parts; borrowed until render returns */
};

/* -------------------------------------------------------------- host -- */

#define LF_LOG_DEBUG	0u
#define LF_LOG_INFO	1u
#define LF_LOG_WARN	2u

#define LF_READ		1u
#define LF_WRITE	2u

typedef void lf_timer_cb(void *arg);
typedef void lf_watch_cb(void *arg, uint32_t events);
/* reply is borrowed. Always called from the loop, never inside transfer. */
typedef void lf_transfer_cb(void *arg, const struct lf_reply *reply);

struct lf_host {
	uint32_t size;
	uint16_t abi_major, abi_minor;

	/* Any time. */
	void (*log)(struct lf_channel *, uint32_t level, const char *text);
	/* "+49…17": safe to log. Borrowed until the next call. */
	const char *(*redact)(struct lf_channel *, const char *address);
	int64_t (*wall_us)(struct lf_channel *);
	int64_t (*mono_us)(struct lf_channel *);
	void (*random)(struct lf_channel *, void *buf, uint64_t len);
	/* Add to a counter that litfass shows as channel stats; at most 64
	 * of them, with names of 1 to 64 bytes. */
	void (*metric_add)(struct lf_channel *, const char *name, int64_t n);

	/* Configuration, by key; defaults are filled in. Valid until close.
	 * Asking for a key that is not in params ends the worker. */
	const char *(*conf_str)(struct lf_channel *, const char *key);
	int64_t (*conf_int)(struct lf_channel *, const char *key);
	/* NULL when not configured, and in a preview. Never print it.
	 * Valid until close. */
	const char *(*secret)(struct lf_channel *, const char *key);

	/* Waiting. */
	struct lf_timer *(*timer_new)(struct lf_channel *, lf_timer_cb *,
	    void *arg);
	void (*timer_set)(struct lf_timer *, int64_t ms); /* fires once */
	void (*timer_stop)(struct lf_timer *);
	void (*timer_free)(struct lf_timer *);
	struct lf_watch *(*watch_new)(struct lf_channel *, int fd,
	    uint32_t events, lf_watch_cb *, void *arg);
	void (*watch_set)(struct lf_watch *, uint32_t events);
	void (*watch_free)(struct lf_watch *);

	/* One HTTP exchange. TLS is verified; redirects are not followed.
	 * NULL and no callback only when the request is malformed. */
	struct lf_transfer *(*transfer)(struct lf_channel *,
	    const struct lf_request *, lf_transfer_cb *, void *arg);
	/* No callback follows. */
	void (*transfer_cancel)(struct lf_transfer *);
	/* The usual class of an HTTP status: 2xx ACCEPTED; 408, 425, 429, 5xx
	 * TEMPFAIL; 400, 413, 422 PERMFAIL; anything else CHANNEL_DOWN. */
	int32_t (*http_outcome)(int32_t status);

	/* Small durable state, 64 KiB a channel in all, counted as JSON;
	 * survives restarts. Keys have 1 to 64 bytes. get: "" when absent,
	 * borrowed until the next put. put: "" removes. */
	const char *(*state_get)(struct lf_channel *, const char *key);
	void (*state_put)(struct lf_channel *, const char *key,
	    const char *value);

	/* Deliveries. */
	void (*done)(struct lf_channel *, struct lf_delivery *,
	    const struct lf_outcome *);
	/* What render noted with out_meta; "" when absent. */
	const char *(*meta)(const struct lf_delivery *, const char *key);
	/* Attachment i as a read-only descriptor that the plugin closes, or
	 * -1 when the file is not there. All descriptors of a file share one
	 * position: read with pread(2). */
	int (*media_open)(const struct lf_delivery *, uint32_t i);

	/*
	 * Only inside render. Returned strings are borrowed until render
	 * returns.
	 */
	void (*out_text)(struct lf_out *, const char *s);
	void (*out_bytes)(struct lf_out *, const void *p, uint64_t len);
	/* A place that is filled per recipient: "address" or "key". */
	void (*out_slot)(struct lf_out *, const char *name, uint32_t escape);
	/* A number for people: "parts", 2. */
	void (*out_measure)(struct lf_out *, const char *name, int64_t n);
	/* A note for the plugin's own submit. */
	void (*out_meta)(struct lf_out *, const char *key, const char *value);
	/* Something the press office should know: what was cut, dropped,
	 * transliterated. slug is stable: "body-shortened". */
	void (*out_warn)(struct lf_out *, const char *slug, const char *text);
	/* This announcement can't go on this channel; render returns -1
	 * after it. */
	void (*out_refuse)(struct lf_out *, const char *slug,
	    const char *text);

	/*
	 * Expand a template (Mustache subset: litfass-plugin(7)) with the
	 * announcement; Markdown fields come in the form asked for. With a
	 * unit and max, text is shortened until it fits: the body first, by
	 * sentences, then the teaser, the area, the headline's tail and,
	 * last, the instruction; every cut is noted with out_warn. The
	 * exercise mark is put first if the template forgot it. NULL when it
	 * can't fit or the template is wrong.
	 */
	const char *(*expand)(struct lf_out *, const struct lf_announcement *,
	    const char *tmpl, uint32_t form, uint32_t unit, uint32_t max);
	const char *(*markdown)(struct lf_out *, const char *md,
	    uint32_t form);
	const char *(*escape)(struct lf_out *, const char *s, uint32_t how);
	/* Cut at a grapheme bound; ends with an ellipsis when cut. Not in
	 * LF_UNIT_SMS: expand does that. */
	const char *(*cut)(struct lf_out *, const char *s, uint32_t unit,
	    uint32_t max);
	uint64_t (*length)(const char *s, uint32_t unit);
	/* translit: 0 never, 1 only if it saves a part, 2 always. */
	void (*sms)(struct lf_out *, const char *text, uint32_t translit,
	    struct lf_sms *sms_r);
	/* A fixed word in a language: litfass-plugin(7) has the table. */
	const char *(*word)(struct lf_out *, const char *lang,
	    const char *key);
	/* A time for people, in the issuer's time zone and the language:
	 * "Montag, 9. März 2026, 18:00 Uhr". */
	const char *(*when)(struct lf_out *, const char *lang, int64_t t);
};

/* ------------------------------------------------------------- plugin -- */

/* What the channel can do. */
#define LF_CAP_TEXT		(UINT64_C(1) << 0)
#define LF_CAP_LINK		(UINT64_C(1) << 1)
#define LF_CAP_IMAGE		(UINT64_C(1) << 2)
#define LF_CAP_VIDEO		(UINT64_C(1) << 3)
#define LF_CAP_AUDIO		(UINT64_C(1) << 4)
#define LF_CAP_POLL		(UINT64_C(1) << 5)
#define LF_CAP_UPDATE		(UINT64_C(1) << 6)	/* a later message of
					 * the chain replaces the earlier */
#define LF_CAP_RETRACT		(UINT64_C(1) << 7)	/* LF_RETRACT works */
#define LF_CAP_EXPIRY		(UINT64_C(1) << 8)	/* the peer drops what
					 * has expired */
#define LF_CAP_RECEIPTS		(UINT64_C(1) << 9)
#define LF_CAP_IDEMPOTENT	(UINT64_C(1) << 10)	/* a second submit with
					 * the same key does no harm */

struct lf_plugin {
	uint32_t magic;		/* LF_MAGIC */
	uint32_t size;		/* sizeof(struct lf_plugin) */
	uint16_t abi_major, abi_minor;
	uint32_t flags;		/* 0 */
	uint64_t caps;		/* LF_CAP_* */
	const char *name;	/* that of the file: [a-z0-9_-]{1,32} */
	const char *version, *summary, *licence, *contact;
	/*
	 * Whom the channel reaches: "email", "sms", "whatsapp" or another
	 * kind of address that subscribers have; "group" for the display
	 * groups of the announcement; "none" for one delivery in all.
	 */
	const char *address_kind;
	const struct lf_param *params;
	uint32_t n_params;
	uint32_t param_size;	/* sizeof(struct lf_param) */
	uint32_t max_inflight;	/* deliveries the plugin takes at once */
	uint32_t send_timeout;	/* seconds after which a delivery without an
				 * outcome is in doubt */

	/* 0, or -1 after a log line that says what is wrong. host, channel
	 * and the strings of the configuration stay until close. */
	int (*open)(const struct lf_host *, struct lf_channel *,
	    void **self_r);
	void (*start)(void *self);	/* may be NULL */
	/* 0, or -1 after out_refuse. */
	int (*render)(void *self, const struct lf_announcement *,
	    struct lf_out *);
	void (*submit)(void *self, struct lf_delivery *);
	void (*cancel)(void *self, struct lf_delivery *); /* may be NULL */
	void (*drain)(void *self);	/* may be NULL */
	void (*close)(void *self);
};

#define LF_PLUGIN_HEAD							\
	.magic = LF_MAGIC, .size = sizeof(struct lf_plugin),		\
	.abi_major = LF_ABI_MAJOR, .abi_minor = LF_ABI_MINOR,		\
	.param_size = sizeof(struct lf_param)

/* Give the one exported symbol its visibility. */
extern const struct lf_plugin litfass_plugin
    __attribute__((visibility("default")));

#ifdef __cplusplus
}
#endif

#endif
