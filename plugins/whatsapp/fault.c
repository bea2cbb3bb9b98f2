/*
 * fault: one table of error codes. A row never depends on a recipient, and
 * what only other calls of the API may answer (registration, templates,
 * calling) pauses the channel: it never drops a message. Called for each
 * answer that is not a success.
 */
#include "config.h"

#include <stddef.h>

#include "fault.h"
#include "litfass/plugin.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))
#define ROWS(first, last, class, text)					\
	{ first, last, FAULT_##class, 0, text }
#define ROW(code, class, text)	ROWS(code, code, class, text)
#define WAIT(code, class, wait, text)					\
	{ code, code, FAULT_##class, wait, text }

/* Somebody has to act, on this template alone; seconds. */
#define TEMPLATE_WAIT	60

#define ALIEN	"an error of a call that is not ours: look at the account"

/* The first row that fits counts, so a range stands behind its members. */
static const struct fault faults[] = {
	ROW(0, CHANNEL, "the token is not valid any more"),
	ROW(1, RETRY, "invalid request or server error"),
	ROW(2, RETRY, "the service is overloaded"),
	ROW(3, CHANNEL, "the app lacks a permission"),
	WAIT(4, PACE, 60, "call limit of the app reached"),
	ROW(10, CHANNEL, "permission missing or taken away"),
	WAIT(17, PACE, 60, "call limit of the user reached"),
	ROW(33, CHANNEL, "phone_number_id is not known, or the token has no "
	    "right to it"),
	ROW(100, FIX, "a parameter is invalid"),
	ROW(104, CHANNEL, "the token is missing"),
	ROW(190, CHANNEL, "the token is invalid or has expired: make a new "
	    "one"),
	ROWS(200, 299, CHANNEL, "the token lacks a permission"),
	ROW(368, CHANNEL, "the account is restricted for a breach of policy"),
	WAIT(613, PACE, 60, "call limit of this API reached"),
	ROW(803, CHANNEL, "phone_number_id does not exist"),
	ROW(2500, CHANNEL, "unknown path: check messages_path"),
	WAIT(80007, PACE, 60, "call limit of the business account reached"),
	ROW(130403, DEAD, "we have blocked this user"),
	WAIT(130429, PACE, 5, "more messages a second than allowed"),
	ROW(130472, DEFER, "the user is in an experiment without advertising"),
	ROW(130497, DEAD, "messages to this country are not allowed"),
	ROW(130501, FIX, "not possible in groups"),
	ROW(131000, RETRY, "unknown error of the service"),
	ROW(131005, CHANNEL, "access denied"),
	ROW(131008, FIX, "a parameter is missing"),
	ROW(131009, FIX, "the value of a parameter is invalid"),
	ROW(131014, FIX, "a media link could not be fetched"),
	ROW(131016, RETRY, "the service is unavailable"),
	ROW(131020, FIX, "the group is invalid"),
	ROW(131021, DEAD, "this is our own number"),
	ROW(131026, DEAD, "undeliverable: not on WhatsApp, an old app, or "
	    "terms not accepted"),
	ROW(131030, FIX, "a test number writes only to its list of allowed "
	    "recipients"),
	ROW(131031, CHANNEL, "the account is locked"),
	ROW(131037, CHANNEL, "the display name is not approved"),
	ROW(131041, FIX, "the group is not available"),
	ROW(131042, CHANNEL, "payment problem: check the billing of the "
	    "account"),
	ROW(131044, CHANNEL, ALIEN),
	ROW(131045, CHANNEL, "the number is not registered properly"),
	ROW(131047, WINDOW, "more than 24 hours since the user wrote: only a "
	    "template gets through, set mode"),
	ROW(131048, CHANNEL, "limit for spam or volume on this number"),
	ROW(131049, DEFER, "the user has had enough advertising"),
	ROW(131050, DEAD, "the user wants no advertising"),
	ROW(131051, FIX, "unsupported type of message"),
	ROW(131052, FIX, "media of a user can't be loaded"),
	ROW(131053, FIX, "upload or format of media failed"),
	ROW(131055, FIX, "only marketing templates here"),
	ROW(131056, PAIR, "too many messages to this recipient in a short "
	    "time"),
	WAIT(131057, RETRY, 60, "the account is in maintenance"),
	ROW(131059, FIX, "limit of groups reached"),
	ROW(131060, FIX, "not supported at the moment"),
	ROW(131062, DEAD, "not possible to a user id: the phone number is "
	    "needed"),
	ROW(131063, CHANNEL, "marketing is switched off for this account"),
	ROW(131064, CHANNEL, "limited for templates of the wrong category"),
	WAIT(131208, PACE, 60, "call limit for groups reached"),
	ROWS(131201, 131215, FIX, "not possible in this group"),
	ROW(132000, TEMPLATE, "the template wants another number of "
	    "parameters"),
	ROW(132001, TEMPLATE, "the template does not exist in this language or "
	    "is not approved"),
	ROW(132005, FIX, "the text is too long for the template"),
	ROW(132007, TEMPLATE, "the template breaks a policy"),
	ROW(132008, FIX, "a parameter of the template is invalid"),
	ROW(132012, TEMPLATE, "a parameter has another format than in the "
	    "template"),
	ROW(132015, TEMPLATE, "the template is paused"),
	ROW(132016, TEMPLATE, "the template is disabled for good"),
	ROW(132018, FIX, "a parameter has a line break or too many spaces"),
	ROW(132068, TEMPLATE, "the flow is blocked"),
	WAIT(132069, TEMPLATE, 3600, "the flow is throttled"),
	ROW(133000, CHANNEL, "an earlier deregistration is not complete"),
	ROW(133004, RETRY, "the server is unavailable"),
	ROW(133010, CHANNEL, "the number is not registered"),
	ROWS(133005, 133016, CHANNEL, ALIEN),
	ROW(134011, CHANNEL, ALIEN),
	ROW(134100, FIX, "only marketing templates here"),
	WAIT(134101, RETRY, 600, "the template is not in step yet"),
	ROW(134102, CHANNEL, "the account may not use the marketing API"),
	ROW(135000, FIX, "the parameters are wrong"),
	ROWS(136024, 136025, CHANNEL, ALIEN),
	ROW(137000, DEAD, "the identity of the user has changed"),
	ROWS(138000, 138999, CHANNEL, ALIEN),
	ROWS(139000, 139004, TEMPLATE, "error in the flow of the template"),
	ROWS(139100, 139103, CHANNEL, ALIEN),
	ROW(139200, TEMPLATE, "sending without a template is blocked"),
	ROW(141002, CHANNEL, "this account or number can't send"),
	ROWS(147001, 147005, CHANNEL, ALIEN),
	ROW(1752041, CHANNEL, ALIEN),
	ROWS(2388012, 2388299, CHANNEL, ALIEN),
	WAIT(2494100, RETRY, 60, "the account is in maintenance"),
	ROWS(2593107, 2593108, CHANNEL, ALIEN),
};

static const struct fault guess_retry = ROW(-1, RETRY,
    "an error we do not know");
static const struct fault guess_pace = WAIT(-1, PACE, 60, "too many calls");
static const struct fault guess_channel = ROW(-1, CHANNEL, "access denied");
static const struct fault foreign_unsure = ROW(-1, UNSURE,
    "an answer that is not from the API: it may have been sent");
static const struct fault foreign_channel = ROW(-1, CHANNEL,
    "an answer that is not from the API: check base_url and messages_path");

static const int32_t outcomes[FAULT_CLASSES] = {
	[FAULT_RETRY] = LF_TEMPFAIL,
	[FAULT_PACE] = LF_TEMPFAIL,
	[FAULT_PAIR] = LF_TEMPFAIL,
	[FAULT_DEFER] = LF_PERMFAIL,
	[FAULT_DEAD] = LF_PERMFAIL,
	[FAULT_WINDOW] = LF_PERMFAIL,
	[FAULT_FIX] = LF_PERMFAIL,
	[FAULT_TEMPLATE] = LF_TEMPFAIL,
	[FAULT_CHANNEL] = LF_CHANNEL_DOWN,
	[FAULT_UNSURE] = LF_UNKNOWN,
};

const struct fault *
fault_find(int code, int subcode)
{
	/* "Object does not exist": only our own number is in the path. */
	if (code == 100 && subcode == 33)
		code = 33;
	for (size_t i = 0; i < N(faults); i++)
		if (code >= faults[i].first && code <= faults[i].last)
			return &faults[i];
	return NULL;
}

/* Meta adds codes every month. One we do not know may be about this recipient
 * or about all of them, so it neither ends the delivery nor the channel. */
const struct fault *
fault_guess(int status)
{
	if (status == 429)
		return &guess_pace;
	if (status == 401 || status == 403)
		return &guess_channel;
	return &guess_retry;
}

/* A proxy or a wrong address answers, so the recipient is never to blame. */
const struct fault *
fault_foreign(int status)
{
	if (status == 429)
		return &guess_pace;
	if (status >= 500 || status / 100 == 2)
		return &foreign_unsure;
	return &foreign_channel;
}

int32_t
fault_outcome(const struct fault *f)
{
	return outcomes[f->class];
}

uint32_t
fault_wait(const struct fault *f, uint32_t attempt)
{
	/* 4, 16, 64 ... seconds, as the provider asks for. */
	if (f->class == FAULT_PAIR)
		return attempt >= 6 ? 3600 : UINT32_C(1) << (2 * attempt);
	if (f->class == FAULT_TEMPLATE && f->wait == 0)
		return TEMPLATE_WAIT;
	return f->wait;
}
