/*
 * preset: the gateways we know. Data only: from the vendors' documents and
 * SDKs; what an operator's contract changes is overridden in the channel's
 * configuration. Called by sms_http.
 */
#include "config.h"

#include <stddef.h>
#include <string.h>

#include "preset.h"

const struct preset presets[] = {
	{
		.name = "generic", .method = "POST", .path = "",
		.body = "json", .number = "plus",
		.fields = "{\"to\":\"{to}\",\"from\":\"{from}\","
		    "\"text\":\"{text}\",\"ref\":\"{key}\"}",
		.headers = "Authorization: Basic {basic}", .ok = "",
		.id = "$.id", .code = "$.code", .text = "$.message",
		.codes = "",
	},
	{
		.name = "twilio",
		.method = "POST",
		.path = "/2010-04-01/Accounts/{user}/Messages.json",
		.body = "form", .number = "plus",
		.fields = "To={to}&From={from}&Body={text}"
		    "&ValidityPeriod={ttl_s}",
		.headers = "Authorization: Basic {basic}",
		.ok = "$.sid", .id = "$.sid", .code = "$.code",
		.text = "$.message",
		.codes = "20003=config 20404=config 20429=retry 20500=retry "
		    "21211=permanent 21212=config 21408=config "
		    "21602=permanent 21603=config 21604=permanent "
		    "21606=config 21608=config 21610=suppress 21611=retry "
		    "21612=permanent 21614=permanent 21617=permanent "
		    "21701=config 21703=config 21705=config 30001=retry "
		    "30002=pause",
		.ttl_max = 36000,
	},
	{
		/* Says HTTP 200 to everything: only the body counts. */
		.name = "vonage",
		.method = "POST", .path = "/sms/json", .body = "form",
		.number = "digits",
		.fields = "api_key={user}&api_secret={password}&to={to}"
		    "&from={from}&text={text}&type={encoding:text|unicode}"
		    "&client-ref={key}&ttl={ttl_ms}",
		.headers = "", .ok = "$.messages[*].status=0",
		.id = "$.messages[*].message-id",
		.code = "$.messages[*].status",
		.text = "$.messages[*].error-text",
		.codes = "0=ok 1=retry 2=config 3=permanent 4=config 5=retry "
		    "6=permanent 7=suppress 8=pause 9=pause 10=retry "
		    "11=config 12=permanent 14=config 15=config 22=permanent "
		    "23=config 29=config 32=config 33=suppress",
	},
	{
		.name = "seven",
		.method = "POST", .path = "/api/sms", .body = "json",
		.number = "digits",
		.fields = "{\"to\":\"{to}\",\"from\":\"{from}\","
		    "\"text\":\"{text}\",\"foreign_id\":\"{key}\","
		    "\"ttl\":\"{#ttl_min}\"}",
		.headers = "X-Api-Key: {password}",
		.ok = "$.success=100", .id = "$.messages[*].id",
		.code = "$.success", .text = "$.messages[*].error_text",
		.codes = "100=ok 101=unknown 11=retry 201=config "
		    "202=permanent 301=permanent 305=permanent 401=permanent "
		    "402=duplicate 403=retry 500=pause 600=retry 700=retry "
		    "900=config 901=config 902=config 903=config",
	},
	{
		/* The sender is an extension such as "s0". */
		.name = "sipgate",
		.method = "POST", .path = "/v2/sessions/sms", .body = "json",
		.number = "plus",
		.fields = "{\"smsId\":\"{from}\",\"recipient\":\"{to}\","
		    "\"message\":\"{text}\"}",
		.headers = "Authorization: Basic {basic}",
		.ok = "", .id = "", .code = "", .text = "", .codes = "",
	},
	{
		/* Check the result codes against the own contract. */
		.name = "link_mobility",
		.method = "POST", .path = "/sms/send", .body = "json",
		.number = "plus",
		.fields = "{\"source\":\"{from}\",\"destination\":\"{to}\","
		    "\"userData\":\"{text}\",\"refId\":\"{key}\","
		    "\"relativeValidityTime\":\"{#ttl_ms}\"}",
		.headers = "Authorization: Basic {basic}",
		.ok = "$.resultCode=1005", .id = "$.messageId",
		.code = "$.resultCode", .text = "$.description",
		.codes = "1005=ok",
	},
	{
		.name = "messagebird",
		.method = "POST", .path = "/messages", .body = "json",
		.number = "digits",
		.fields = "{\"originator\":\"{from}\","
		    "\"recipients\":[\"{to}\"],\"body\":\"{text}\","
		    "\"datacoding\":\"{encoding:plain|unicode}\","
		    "\"reference\":\"{key}\",\"validity\":\"{#ttl_s}\"}",
		.headers = "Authorization: AccessKey {password}",
		.ok = "$.id", .id = "$.id", .code = "$.errors[0].code",
		.text = "$.errors[0].description",
		.codes = "2=config 9=config 10=permanent 20=config 25=pause",
	},
	{
		.name = "infobip",
		.method = "POST", .path = "/sms/3/messages", .body = "json",
		.number = "digits",
		.fields = "{\"messages\":[{\"sender\":\"{from}\","
		    "\"destinations\":[{\"to\":\"{to}\","
		    "\"messageId\":\"{key}\"}],"
		    "\"content\":{\"text\":\"{text}\"},"
		    "\"options\":{\"validityPeriod\":{"
		    "\"amount\":\"{#ttl_min}\","
		    "\"timeUnit\":\"MINUTES\"}}}]}",
		.headers = "Authorization: App {password}",
		.ok = "$.messages[*].status.groupId=0|1|3",
		.id = "$.messages[*].messageId",
		.code = "$.messages[*].status.name "
		    "$.messages[*].status.groupId",
		.text = "$.messages[*].status.description",
		.codes = "REJECTED_NOT_ENOUGH_CREDITS=pause "
		    "REJECTED_SENDER=config REJECTED_DESTINATION=permanent "
		    "REJECTED_NETWORK=config 0=ok 1=ok 2=permanent 3=ok "
		    "4=retry 5=config",
	},
	{
		/* The answer is "0: Accepted" or "3: Queued", HTTP 202. */
		.name = "kannel",
		.method = "GET", .path = "/cgi-bin/sendsms", .body = "query",
		.number = "plus",
		.fields = "username={user}&password={password}&to={to}"
		    "&from={from}&text={text}&charset=UTF-8"
		    "&coding={encoding:0|2}&validity={ttl_min}",
		.headers = "", .ok = "", .id = "", .code = "", .text = "",
		.codes = "",
	},
	{ .name = NULL }
};

const struct preset *
preset_find(const char *name)
{
	for (const struct preset *p = presets; p->name != NULL; p++)
		if (strcmp(p->name, name) == 0)
			return p;
	return NULL;
}
