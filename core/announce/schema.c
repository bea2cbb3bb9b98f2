/*
 * schema: the tables of announcement v1. What members mean together is
 * check.c. Called by announce.
 */
#include "config.h"

#include <ctype.h>
#include <string.h>

#include "announce/field.h"
#include "announce/prose.h"
#include "announce/schema.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define REQUIRED	FIELD_REQUIRED

bool
schema_id_ok(const char *id)
{
	size_t n = strlen(id);

	if (n == 0 || n > SCHEMA_ID_MAX || !isalnum((unsigned char)id[0]))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)id[i]) && !strchr("._-", id[i]))
			return false;
	return true;
}

bool
schema_name_ok(const char *name)
{
	size_t n = strlen(name);

	if (n == 0 || n > 64)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)name[i]) && name[i] != '_' &&
		    name[i] != '-')
			return false;
	return true;
}

/* --------------------------------------------------------------- tables -- */

/* One row; what is not named is 0. */
#define ROW(k, c, ...)	{ .key = (k), .check = (c), __VA_ARGS__ }
#define TABLE(name)							\
	static const struct fields name##_fields = { name##_list,	\
		COUNT(name##_list) }

static const struct field text_list[] = {
	ROW("headline", field_string, .max = SCHEMA_HEADLINE,
	    .flags = PROSE_LINE | REQUIRED),
	ROW("teaser", field_string, .max = SCHEMA_TEASER, .flags = PROSE_LINE),
	ROW("body", field_string, .max = SCHEMA_BODY, .flags = PROSE_MARKUP),
	ROW("instruction", field_string, .max = SCHEMA_INSTRUCTION,
	    .flags = PROSE_MARKUP),
	ROW("sms", field_string, .max = SCHEMA_SMS, .flags = PROSE_MARKUP),
	ROW("sign", field_string, .max = SCHEMA_SIGN, .flags = PROSE_MARKUP),
	ROW("voice", field_string, .max = SCHEMA_VOICE, .flags = PROSE_MARKUP),
};
TABLE(text);

static const struct field area_list[] = {
	ROW("name", field_text_or_texts),
	ROW("ars", field_ars_list, .slug = "bad-area"),
	ROW("districts", field_strings),
	ROW("polygon", field_polygons, .slug = "bad-area"),
	ROW("circle", field_circles, .slug = "bad-area"),
	ROW("display_groups", field_groups, .slug = "bad-display-group"),
};
TABLE(area);

static const struct field link_list[] = {
	ROW("url", field_url, .flags = REQUIRED),
	ROW("label", field_text_or_texts),
};
TABLE(link);

static const struct field attachment_list[] = {
	ROW("type", field_word, .words = "image|video|audio|document",
	    .flags = REQUIRED),
	ROW("role", field_string),
	ROW("file", field_file, .max = 255),
	ROW("mime", field_string, .max = 127),
	ROW("width", field_int, .max = 100000),
	ROW("height", field_int, .max = 100000),
	ROW("duration_s", field_int, .max = 86400),
	ROW("bytes", field_int, .max = 1000000000),
	ROW("captions", field_strings),
	ROW("transcript_of", field_string),
	ROW("alt", field_text_or_texts, .max = 2000, .flags = PROSE_MARKUP),
};
TABLE(attachment);

static const struct field option_list[] = {
	ROW("id", field_id, .slug = "bad-id", .flags = REQUIRED),
	ROW("label", field_text_or_texts, .flags = REQUIRED),
};
TABLE(option);

static const struct field poll_list[] = {
	ROW("question", field_text_or_texts, .flags = REQUIRED),
	ROW("options", field_objects, .fields = &option_fields,
	    .flags = REQUIRED),
	ROW("multiple", field_bool),
	ROW("closes_at", field_time),
	ROW("anonymous", field_bool),
	ROW("min_age_note", field_text_or_texts),
	ROW("publish_results_at", field_time),
	ROW("vote_url", field_url),
};
TABLE(poll);

static const struct field event_list[] = {
	ROW("uid", field_string),
	ROW("sequence", field_int, .max = 1000000),
	ROW("ical_status", field_word,
	    .words = "CONFIRMED|TENTATIVE|CANCELLED"),
	ROW("start", field_time),
	ROW("end", field_time),
	ROW("location", field_text_or_texts),
};
TABLE(event);

static const struct field approval_list[] = {
	ROW("required", field_bool),
	ROW("approvers", field_int, .max = 9),
	ROW("fast_lane", field_bool),
};
TABLE(approval);

static const struct field privacy_list[] = {
	ROW("contains_personal_data", field_bool),
	ROW("legal_basis", field_string),
	ROW("takedown_on", field_strings),
	ROW("full_text_channels", field_groups),
	ROW("link_only_channels", field_groups),
	ROW("no_attachment_channels", field_groups),
	ROW("erase_referenced_content", field_bool),
};
TABLE(privacy);

static const struct field source_list[] = {
	ROW("name", field_string),
	ROW("note", field_string),
	ROW("format", field_string),
	ROW("sender", field_string),
	ROW("identifier", field_string),
	ROW("sent", field_string),
};
TABLE(source);

static const struct field announcement_list[] = {
	ROW("id", field_id, .slug = "bad-id", .flags = REQUIRED),
	ROW("issuer", field_id, .slug = "bad-id"),
	ROW("slug", field_string, .max = 100),
	ROW("version", field_int, .max = 1000000),
	ROW("kind", field_word, .words = "warning|all_clear|correction|outage|"
	    "road_closure|event|service|livestream|poll|police_notice|news",
	    .flags = REQUIRED),
	ROW("msg_type", field_word, .words = "alert|update|cancel",
	    .flags = REQUIRED),
	ROW("status", field_word, .words = "actual|exercise|test",
	    .flags = REQUIRED),
	ROW("references", field_ids, .slug = "bad-id"),
	ROW("chain", field_id, .slug = "bad-id"),
	ROW("category", field_word, .words = "Geo|Met|Safety|Security|Rescue|"
	    "Fire|Health|Env|Transport|Infra|CBRNE|Other"),
	ROW("event_code", field_string),
	ROW("severity", field_word,
	    .words = "extreme|severe|moderate|minor|info|unknown",
	    .flags = REQUIRED),
	ROW("urgency", field_word,
	    .words = "immediate|expected|future|past|unknown"),
	ROW("certainty", field_word,
	    .words = "observed|likely|possible|unlikely|unknown"),
	ROW("priority", field_word, .words = "urgent|high|normal|low"),
	ROW("topics", field_groups, .slug = "bad-topic"),
	ROW("audience", field_any),
	ROW("author", field_string),
	ROW("office", field_text_or_texts),
	ROW("approval", field_one_object, .fields = &approval_fields),
	ROW("source", field_one_object, .fields = &source_fields),
	ROW("area", field_one_object, .fields = &area_fields),
	ROW("sent", field_time, .flags = REQUIRED),
	ROW("starts", field_time),
	ROW("expires", field_time),
	ROW("content", field_content, .fields = &text_fields,
	    .flags = REQUIRED),
	ROW("link", field_one_object, .fields = &link_fields),
	ROW("attachments", field_objects, .fields = &attachment_fields),
	ROW("poll", field_one_object, .fields = &poll_fields),
	ROW("event", field_one_object, .fields = &event_fields),
	ROW("privacy", field_one_object, .fields = &privacy_fields),
	ROW("fixture_note", field_any),
};
TABLE(announcement);

void
schema_check(json_t *a, struct problems *p)
{
	struct walk w = { .problems = p };

	_Static_assert(COUNT(announcement_list) <= FIELDS_MAX,
	    "FIELDS_MAX is too small");
	fields_check(&w, &announcement_fields, a);
}
