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
#define ONE(code)	(code), (code)

#define ALIEN	"an error of a call that is not ours: look at the account"

/* The first row that fits counts, so a range stands behind its members. */
static const struct fault faults[] = {
	{ ONE(0), FAULT_CHANNEL, 0, 0, "the token is not valid any more" },
	{ ONE(1), FAULT_RETRY, 3, 0, "invalid request or server error" },
	{ ONE(2), FAULT_RETRY, 0, 0, "the service is overloaded" },
	{ ONE(3), FAULT_CHANNEL, 0, 0, "the app lacks a permission" },
	{ ONE(4), FAULT_PACE, 0, 60, "call limit of the app reached" },
	{ ONE(10), FAULT_CHANNEL, 0, 0, "permission missing or taken away" },
	{ ONE(17), FAULT_PACE, 0, 60, "call limit of the user reached" },
	{ ONE(33), FAULT_CHANNEL, 0, 0, "phone_number_id is not known, or "
	    "the token has no right to it" },
	{ ONE(100), FAULT_FIX, 0, 0, "a parameter is invalid" },
	{ ONE(104), FAULT_CHANNEL, 0, 0, "the token is missing" },
	{ ONE(190), FAULT_CHANNEL, 0, 0, "the token is invalid or has "
	    "expired: make a new one" },
	{ 200, 299, FAULT_CHANNEL, 0, 0, "the token lacks a permission" },
	{ ONE(368), FAULT_CHANNEL, 0, 0, "the account is restricted for a "
	    "breach of policy" },
	{ ONE(613), FAULT_PACE, 0, 60, "call limit of this API reached" },
	{ ONE(803), FAULT_CHANNEL, 0, 0, "phone_number_id does not exist" },
	{ ONE(80007), FAULT_PACE, 0, 60, "call limit of the business account "
	    "reached" },
	{ ONE(130403), FAULT_DEAD, 0, 0, "we have blocked this user" },
	{ ONE(130429), FAULT_PACE, 0, 5, "more messages a second than "
	    "allowed" },
	{ ONE(130472), FAULT_DEFER, 0, 0, "the user is in an experiment "
	    "without advertising" },
	{ ONE(130497), FAULT_DEAD, 0, 0, "messages to this country are not "
	    "allowed" },
	{ ONE(130501), FAULT_FIX, 0, 0, "not possible in groups" },
	{ ONE(131000), FAULT_RETRY, 5, 0, "unknown error of the service" },
	{ ONE(131005), FAULT_CHANNEL, 0, 0, "access denied" },
	{ ONE(131008), FAULT_FIX, 0, 0, "a parameter is missing" },
	{ ONE(131009), FAULT_FIX, 0, 0, "the value of a parameter is "
	    "invalid" },
	{ ONE(131014), FAULT_FIX, 0, 0, "a media link could not be fetched" },
	{ ONE(131016), FAULT_RETRY, 0, 0, "the service is unavailable" },
	{ ONE(131020), FAULT_FIX, 0, 0, "the group is invalid" },
	{ ONE(131021), FAULT_DEAD, 0, 0, "this is our own number" },
	{ ONE(131026), FAULT_DEAD, 0, 0, "undeliverable: not on WhatsApp, an "
	    "old app, or terms not accepted" },
	{ ONE(131030), FAULT_FIX, 0, 0, "a test number writes only to its "
	    "list of allowed recipients" },
	{ ONE(131031), FAULT_CHANNEL, 0, 0, "the account is locked" },
	{ ONE(131037), FAULT_CHANNEL, 0, 0, "the display name is not "
	    "approved" },
	{ ONE(131041), FAULT_FIX, 0, 0, "the group is not available" },
	{ ONE(131042), FAULT_CHANNEL, 0, 0, "payment problem: check the "
	    "billing of the account" },
	{ ONE(131044), FAULT_CHANNEL, 0, 0, ALIEN },
	{ ONE(131045), FAULT_CHANNEL, 0, 0, "the number is not registered "
	    "properly" },
	{ ONE(131047), FAULT_WINDOW, 0, 0, "more than 24 hours since the "
	    "user wrote: only a template gets through, set mode" },
	{ ONE(131048), FAULT_CHANNEL, 0, 0, "limit for spam or volume on "
	    "this number" },
	{ ONE(131049), FAULT_DEFER, 0, 0, "the user has had enough "
	    "advertising" },
	{ ONE(131050), FAULT_DEAD, 0, 0, "the user wants no advertising" },
	{ ONE(131051), FAULT_FIX, 0, 0, "unsupported type of message" },
	{ ONE(131052), FAULT_FIX, 0, 0, "media of a user can't be loaded" },
	{ ONE(131053), FAULT_FIX, 0, 0, "upload or format of media failed" },
	{ ONE(131055), FAULT_FIX, 0, 0, "only marketing templates here" },
	{ ONE(131056), FAULT_PAIR, 0, 0, "too many messages to this "
	    "recipient in a short time" },
	{ ONE(131057), FAULT_RETRY, 0, 60, "the account is in maintenance" },
	{ ONE(131059), FAULT_FIX, 0, 0, "limit of groups reached" },
	{ ONE(131060), FAULT_FIX, 0, 0, "not supported at the moment" },
	{ ONE(131062), FAULT_DEAD, 0, 0, "not possible to a user id: the "
	    "phone number is needed" },
	{ ONE(131063), FAULT_CHANNEL, 0, 0, "marketing is switched off for "
	    "this account" },
	{ ONE(131064), FAULT_CHANNEL, 0, 0, "limited for templates of the "
	    "wrong category" },
	{ ONE(131208), FAULT_PACE, 0, 60, "call limit for groups reached" },
	{ 131201, 131215, FAULT_FIX, 0, 0, "not possible in this group" },
	{ ONE(132000), FAULT_TEMPLATE, 0, 0, "the template wants another "
	    "number of parameters" },
	{ ONE(132001), FAULT_TEMPLATE, 0, 0, "the template does not exist in "
	    "this language or is not approved" },
	{ ONE(132005), FAULT_FIX, 0, 0, "the text is too long for the "
	    "template" },
	{ ONE(132007), FAULT_TEMPLATE, 0, 0, "the template breaks a policy" },
	{ ONE(132008), FAULT_FIX, 0, 0, "a parameter of the template is "
	    "invalid" },
	{ ONE(132012), FAULT_TEMPLATE, 0, 0, "a parameter has another format "
	    "than in the template" },
	{ ONE(132015), FAULT_TEMPLATE, 0, 0, "the template is paused" },
	{ ONE(132016), FAULT_TEMPLATE, 0, 0, "the template is disabled for "
	    "good" },
	{ ONE(132018), FAULT_FIX, 0, 0, "a parameter has a line break or "
	    "too many spaces" },
	{ ONE(132068), FAULT_TEMPLATE, 0, 0, "the flow is blocked" },
	{ ONE(132069), FAULT_TEMPLATE, 0, 3600, "the flow is throttled" },
	{ ONE(133000), FAULT_CHANNEL, 0, 0, "an earlier deregistration is "
	    "not complete" },
	{ ONE(133004), FAULT_RETRY, 0, 0, "the server is unavailable" },
	{ ONE(133010), FAULT_CHANNEL, 0, 0, "the number is not registered" },
	{ 133005, 133016, FAULT_CHANNEL, 0, 0, ALIEN },
	{ ONE(134011), FAULT_CHANNEL, 0, 0, ALIEN },
	{ ONE(134100), FAULT_FIX, 0, 0, "only marketing templates here" },
	{ ONE(134101), FAULT_RETRY, 0, 600, "the template is not in step "
	    "yet" },
	{ ONE(134102), FAULT_CHANNEL, 0, 0, "the account may not use the "
	    "marketing API" },
	{ ONE(135000), FAULT_FIX, 0, 0, "the parameters are wrong" },
	{ 136024, 136025, FAULT_CHANNEL, 0, 0, ALIEN },
	{ ONE(137000), FAULT_DEAD, 0, 0, "the identity of the user has "
	    "changed" },
	{ 138000, 138999, FAULT_CHANNEL, 0, 0, ALIEN },
	{ 139000, 139004, FAULT_TEMPLATE, 0, 0, "error in the flow of the "
	    "template" },
	{ 139100, 139103, FAULT_CHANNEL, 0, 0, ALIEN },
	{ ONE(139200), FAULT_TEMPLATE, 0, 0, "sending without a template is "
	    "blocked" },
	{ ONE(141002), FAULT_CHANNEL, 0, 0, "this account or number can't "
	    "send" },
	{ 147001, 147005, FAULT_CHANNEL, 0, 0, ALIEN },
	{ ONE(1752041), FAULT_CHANNEL, 0, 0, ALIEN },
	{ 2388012, 2388299, FAULT_CHANNEL, 0, 0, ALIEN },
	{ ONE(2494100), FAULT_RETRY, 0, 60, "the account is in maintenance" },
	{ 2593107, 2593108, FAULT_CHANNEL, 0, 0, ALIEN },
};

static const struct fault guess_retry = { ONE(-1), FAULT_RETRY, 0, 0,
	"a passing error we do not know" };
static const struct fault guess_pace = { ONE(-1), FAULT_PACE, 0, 60,
	"too many calls" };
static const struct fault guess_channel = { ONE(-1), FAULT_CHANNEL, 0, 0,
	"access denied" };
static const struct fault guess_fix = { ONE(-1), FAULT_FIX, 0, 0,
	"an error we do not know" };
static const struct fault foreign_unsure = { ONE(-1), FAULT_UNSURE, 0, 0,
	"an answer that is not from the API: it may have been sent" };
static const struct fault foreign_channel = { ONE(-1), FAULT_CHANNEL, 0, 0,
	"an answer that is not from the API: check base_url and "
	"messages_path" };

static const int32_t outcomes[FAULT_CLASSES] = {
	[FAULT_RETRY] = LF_TEMPFAIL,
	[FAULT_PACE] = LF_TEMPFAIL,
	[FAULT_PAIR] = LF_TEMPFAIL,
	[FAULT_DEFER] = LF_PERMFAIL,
	[FAULT_DEAD] = LF_PERMFAIL,
	[FAULT_WINDOW] = LF_PERMFAIL,
	[FAULT_FIX] = LF_PERMFAIL,
	[FAULT_TEMPLATE] = LF_CHANNEL_DOWN,
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

const struct fault *
fault_guess(int status, int transient)
{
	if (status == 429)
		return &guess_pace;
	if (transient || status >= 500)
		return &guess_retry;
	if (status == 401 || status == 403)
		return &guess_channel;
	return &guess_fix;
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
fault_outcome(const struct fault *f, uint32_t attempt)
{
	if (f->tries > 0 && attempt >= f->tries)
		return LF_PERMFAIL;
	return outcomes[f->class];
}

uint32_t
fault_wait(const struct fault *f, uint32_t attempt)
{
	/* 4, 16, 64 ... seconds, as the provider asks for. */
	if (f->class == FAULT_PAIR)
		return attempt >= 6 ? 3600 : UINT32_C(1) << (2 * attempt);
	return f->wait;
}
