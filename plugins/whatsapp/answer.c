/*
 * answer: reads replies of the Cloud API. It never hands on the message id
 * (wamid): the phone number of the recipient is inside, in base64. Receipts
 * carry our own key in biz_opaque_callback_data, so nothing is lost. Nor
 * does it hand on texts of the peer, which may name the recipient. Called
 * when a transfer ends.
 */
#include "config.h"

#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "fault.h"

static void
set(struct answer *a, int32_t outcome, int32_t code, const char *text)
{
	snprintf(a->text, sizeof(a->text), "%s", text);
	a->outcome = (struct lf_outcome){ .size = sizeof(a->outcome),
		.outcome = outcome, .code = code, .text = a->text };
}

static void
set_fault(struct answer *a, const struct fault *f, int32_t code,
    const struct lf_reply *reply, uint32_t attempt)
{
	set(a, fault_outcome(f), code, f->text);
	a->outcome.retry_after = reply->retry_after > 0 ?
	    reply->retry_after : fault_wait(f, attempt);
}

/* A number, also when a gateway sends it as a string; -1 when it is none. */
static int
number(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);
	const char *s = json_string_value(v);
	long long n = -1;

	if (json_is_integer(v))
		n = json_integer_value(v);
	else if (s != NULL && *s != '\0' &&
	    strspn(s, "0123456789") == strlen(s))
		n = strtoll(s, NULL, 10);
	return n < 0 || n > INT_MAX ? -1 : (int)n;
}

/* The id by which Meta's support finds the call; only if it is harmless: what
 * has no letter could be a phone number. */
static void
add_trace(struct answer *a, const json_t *error)
{
	const char *id = json_string_value(json_object_get(error,
	    "fbtrace_id"));
	size_t len = strlen(a->text);

	if (id == NULL || strlen(id) > 64 ||
	    strspn(id, "0123456789") == strlen(id) || strspn(id,
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789_-") != strlen(id))
		return;
	snprintf(a->text + len, sizeof(a->text) - len, " (fbtrace_id %s)",
	    id);
}

static void
read_error(const struct lf_reply *reply, const json_t *error,
    uint32_t attempt, struct answer *a)
{
	int code = number(error, "code");
	const struct fault *f = fault_find(code, number(error,
	    "error_subcode"));

	if (f == NULL)
		f = fault_guess(reply->status);
	set_fault(a, f, code >= 0 ? code : reply->status, reply, attempt);
	add_trace(a, error);
}

/* What message_status says about a template; it has been taken in any case. */
static const char *
held(const char *status)
{
	if (strcmp(status, "held_for_quality_assessment") == 0)
		return "held until the quality of the template is known";
	if (strcmp(status, "paused") == 0)
		return "taken, but the template is paused";
	return "";
}

/* 200 means accepted, never delivered. */
static void
read_success(const struct lf_reply *reply, const json_t *root,
    struct answer *a)
{
	const json_t *msg = json_array_get(json_object_get(root, "messages"),
	    0);
	const char *status = json_string_value(json_object_get(msg,
	    "message_status"));

	if (!json_is_string(json_object_get(msg, "id"))) {
		set(a, LF_UNKNOWN, reply->status,
		    "the answer names no message: it may have been sent");
		return;
	}
	set(a, LF_ACCEPTED, reply->status, held(status != NULL ? status : ""));
}

static void
read_body(const struct lf_reply *reply, uint32_t attempt, struct answer *a)
{
	json_t *root = json_loadb(reply->body, reply->body_len, 0, NULL);
	const json_t *error = json_object_get(root, "error");

	if (json_is_object(error))
		read_error(reply, error, attempt, a);
	else if (json_is_object(root) && reply->status / 100 == 2)
		read_success(reply, root, a);
	else
		set_fault(a, fault_foreign(reply->status), reply->status,
		    reply, attempt);
	json_decref(root);
}

void
answer_read(const struct lf_reply *reply, uint32_t attempt, struct answer *a)
{
	switch (reply->error) {
	case LF_TRANSFER_OK:
		read_body(reply, attempt, a);
		break;
	case LF_TRANSFER_NOT_SENT:
		set(a, LF_TEMPFAIL, 0, reply->text);
		break;
	case LF_TRANSFER_REFUSED:
		set(a, LF_CHANNEL_DOWN, 0, reply->text);
		break;
	default:
		/* There is no idempotency key: whether it was sent only a
		 * receipt could tell. */
		set(a, LF_UNKNOWN, 0, "sent, but the answer was lost");
	}
}
