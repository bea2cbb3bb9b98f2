/*
 * abi: where every member of the public structs lies in ABI 1.0. A row that
 * does not hold any more means that plugins in the field would break: append
 * the new member, do not touch the row. Members that come later get rows
 * under a comment with their version.
 */
#include "config.h"

#include <stddef.h>

#include "litfass/plugin.h"

/* The pinned offsets are those of the 64-bit ABIs of Linux. */
#if defined(__LP64__)

#define AT(type, member, offset)					\
	_Static_assert(offsetof(struct type, member) == (offset),	\
	    #type "." #member " has moved: the ABI is broken")
/* A struct may only grow. */
#define AT_LEAST(type, bytes)						\
	_Static_assert(sizeof(struct type) >= (bytes),			\
	    #type " has shrunk: the ABI is broken")

/* Written once, by ABI 1.0. */
AT(lf_outcome, size, 0);
AT(lf_outcome, outcome, 4);
AT(lf_outcome, code, 8);
AT(lf_outcome, retry_after, 12);
AT(lf_outcome, peer_id, 16);
AT(lf_outcome, text, 24);

AT(lf_param, key, 0);
AT(lf_param, type, 8);
AT(lf_param, flags, 12);
AT(lf_param, def, 16);
AT(lf_param, min, 24);
AT(lf_param, max, 32);
AT(lf_param, choices, 40);
AT(lf_param, doc, 48);

AT(lf_attachment, size, 0);
AT(lf_attachment, type, 8);
AT(lf_attachment, role, 16);
AT(lf_attachment, file, 24);
AT(lf_attachment, mime, 32);
AT(lf_attachment, alt, 40);

AT(lf_option, id, 0);
AT(lf_option, label, 8);

AT(lf_announcement, size, 0);
AT(lf_announcement, flags, 4);
AT(lf_announcement, version, 8);
AT(lf_announcement, id, 16);
AT(lf_announcement, chain, 24);
AT(lf_announcement, kind, 32);
AT(lf_announcement, msg_type, 40);
AT(lf_announcement, status, 48);
AT(lf_announcement, lane, 56);
AT(lf_announcement, category, 64);
AT(lf_announcement, severity, 72);
AT(lf_announcement, urgency, 80);
AT(lf_announcement, certainty, 88);
AT(lf_announcement, lang, 96);
AT(lf_announcement, wanted, 104);
AT(lf_announcement, dir, 112);
AT(lf_announcement, mark, 120);
AT(lf_announcement, headline, 128);
AT(lf_announcement, teaser, 136);
AT(lf_announcement, body, 144);
AT(lf_announcement, instruction, 152);
AT(lf_announcement, sms, 160);
AT(lf_announcement, sign, 168);
AT(lf_announcement, voice, 176);
AT(lf_announcement, sender, 184);
AT(lf_announcement, sender_short, 192);
AT(lf_announcement, sender_domain, 200);
AT(lf_announcement, office, 208);
AT(lf_announcement, area, 216);
AT(lf_announcement, link, 224);
AT(lf_announcement, link_label, 232);
AT(lf_announcement, sent, 240);
AT(lf_announcement, starts, 248);
AT(lf_announcement, expires, 256);
AT(lf_announcement, attachments, 264);
AT(lf_announcement, n_attachments, 272);
AT(lf_announcement, n_groups, 276);
AT(lf_announcement, groups, 280);
AT(lf_announcement, references, 288);
AT(lf_announcement, n_references, 296);
AT(lf_announcement, n_options, 300);
AT(lf_announcement, question, 304);
AT(lf_announcement, options, 312);
AT(lf_announcement, all, 320);
AT(lf_announcement, n_all, 328);

AT(lf_delivery, size, 0);
AT(lf_delivery, action, 4);
AT(lf_delivery, flags, 8);
AT(lf_delivery, attempt, 12);
AT(lf_delivery, id, 16);
AT(lf_delivery, key, 24);
AT(lf_delivery, address, 32);
AT(lf_delivery, announcement, 40);
AT(lf_delivery, chain, 48);
AT(lf_delivery, lang, 56);
AT(lf_delivery, expires, 64);
AT(lf_delivery, body, 72);
AT(lf_delivery, body_len, 80);
AT(lf_delivery, data, 88);

AT(lf_request, size, 0);
AT(lf_request, timeout_ms, 4);
AT(lf_request, method, 8);
AT(lf_request, url, 16);
AT(lf_request, headers, 24);
AT(lf_request, n_headers, 32);
AT(lf_request, max_reply, 36);
AT(lf_request, body, 40);
AT(lf_request, body_len, 48);

AT(lf_reply, size, 0);
AT(lf_reply, error, 4);
AT(lf_reply, status, 8);
AT(lf_reply, retry_after, 12);
AT(lf_reply, body, 16);
AT(lf_reply, body_len, 24);
AT(lf_reply, text, 32);

AT(lf_sms, size, 0);
AT(lf_sms, encoding, 4);
AT(lf_sms, units, 8);
AT(lf_sms, parts, 12);
AT(lf_sms, text, 16);

AT(lf_host, size, 0);
AT(lf_host, abi_major, 4);
AT(lf_host, abi_minor, 6);
AT(lf_host, log, 8);
AT(lf_host, redact, 16);
AT(lf_host, wall_us, 24);
AT(lf_host, mono_us, 32);
AT(lf_host, random, 40);
AT(lf_host, metric_add, 48);
AT(lf_host, conf_str, 56);
AT(lf_host, conf_int, 64);
AT(lf_host, secret, 72);
AT(lf_host, timer_new, 80);
AT(lf_host, timer_set, 88);
AT(lf_host, timer_stop, 96);
AT(lf_host, timer_free, 104);
AT(lf_host, watch_new, 112);
AT(lf_host, watch_set, 120);
AT(lf_host, watch_free, 128);
AT(lf_host, transfer, 136);
AT(lf_host, transfer_cancel, 144);
AT(lf_host, http_outcome, 152);
AT(lf_host, state_get, 160);
AT(lf_host, state_put, 168);
AT(lf_host, done, 176);
AT(lf_host, meta, 184);
AT(lf_host, media_open, 192);
AT(lf_host, out_text, 200);
AT(lf_host, out_bytes, 208);
AT(lf_host, out_slot, 216);
AT(lf_host, out_measure, 224);
AT(lf_host, out_meta, 232);
AT(lf_host, out_warn, 240);
AT(lf_host, out_refuse, 248);
AT(lf_host, expand, 256);
AT(lf_host, markdown, 264);
AT(lf_host, escape, 272);
AT(lf_host, cut, 280);
AT(lf_host, length, 288);
AT(lf_host, sms, 296);
AT(lf_host, word, 304);
AT(lf_host, when, 312);

AT(lf_plugin, magic, 0);
AT(lf_plugin, size, 4);
AT(lf_plugin, abi_major, 8);
AT(lf_plugin, abi_minor, 10);
AT(lf_plugin, flags, 12);
AT(lf_plugin, caps, 16);
AT(lf_plugin, name, 24);
AT(lf_plugin, version, 32);
AT(lf_plugin, summary, 40);
AT(lf_plugin, licence, 48);
AT(lf_plugin, contact, 56);
AT(lf_plugin, address_kind, 64);
AT(lf_plugin, params, 72);
AT(lf_plugin, n_params, 80);
AT(lf_plugin, param_size, 84);
AT(lf_plugin, max_inflight, 88);
AT(lf_plugin, send_timeout, 92);
AT(lf_plugin, open, 96);
AT(lf_plugin, start, 104);
AT(lf_plugin, render, 112);
AT(lf_plugin, submit, 120);
AT(lf_plugin, cancel, 128);
AT(lf_plugin, drain, 136);
AT(lf_plugin, close, 144);

AT_LEAST(lf_outcome, 32);
AT_LEAST(lf_param, 56);
AT_LEAST(lf_attachment, 48);
AT_LEAST(lf_option, 16);
AT_LEAST(lf_announcement, 336);
AT_LEAST(lf_delivery, 96);
AT_LEAST(lf_request, 56);
AT_LEAST(lf_reply, 40);
AT_LEAST(lf_sms, 24);
AT_LEAST(lf_host, 320);
AT_LEAST(lf_plugin, 152);

#endif

_Static_assert(LF_MAGIC == 0x3150464cu, "the magic is for good");
_Static_assert(LF_ABI_MAJOR == 1, "a new major needs a new symbol");

int
main(void)
{
	return 0;
}
