/*
 * cap_read: from XML to a tree of structs, with expat. No DOCTYPE, no
 * entities but the five of XML, nothing is fetched. Called by cap.
 */
#include "config.h"

#include <expat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "announce/cap_encoding.h"
#include "announce/cap_tree.h"
#include "base/buf.h"
#include "base/mem.h"

#define NS_SEP	'\n'
#define DSIG	"http://www.w3.org/2000/09/xmldsig#"

/* ------------------------------------------------------------ the grammar */

enum kind {
	ONE,		/* text, at most once */
	CONTROL,	/* the same; twice is not to be guessed about */
	MANY,		/* text, any number */
	PAIRS,		/* valueName and value */
	CHILD		/* a block of its own */
};

struct block;

struct element {
	const char *name;
	enum kind kind;
	size_t offset;		/* of the member */
	const struct block *child;
	void *(*add)(void *parent);	/* a new member of that list */
};

/* Elements in the order of the schema. */
struct block {
	const struct element *list;
	size_t n;
};

/* Room for one more of n; grows in powers of two. */
static void *
grow(void *v, size_t n, size_t size)
{
	if ((n & (n - 1)) == 0)
		v = xreallocarray(v, n == 0 ? 1 : n * 2, size);
	memset((char *)v + n * size, 0, size);
	return v;
}

static void *
add_info(void *parent)
{
	struct cap_alert *a = parent;

	a->infos.v = grow(a->infos.v, a->infos.n, sizeof(*a->infos.v));
	return &a->infos.v[a->infos.n++];
}

static void *
add_resource(void *parent)
{
	struct cap_info *i = parent;

	i->resources.v = grow(i->resources.v, i->resources.n,
	    sizeof(*i->resources.v));
	return &i->resources.v[i->resources.n++];
}

static void *
add_area(void *parent)
{
	struct cap_info *i = parent;

	i->areas.v = grow(i->areas.v, i->areas.n, sizeof(*i->areas.v));
	return &i->areas.v[i->areas.n++];
}

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define ROW(n, k, type, member)						\
	{ .name = (n), .kind = (k), .offset = offsetof(struct type, member) }
#define SUB(n, c, a)							\
	{ .name = (n), .kind = CHILD, .child = (c), .add = (a) }
#define BLOCK(name)							\
	static const struct block name = { name##_list, COUNT(name##_list) }

static const struct element pair_list[] = {
	ROW("valueName", ONE, cap_pair, name),
	ROW("value", ONE, cap_pair, value),
};
BLOCK(pair);

static const struct element area_list[] = {
	ROW("areaDesc", ONE, cap_area, desc),
	ROW("polygon", MANY, cap_area, polygons),
	ROW("circle", MANY, cap_area, circles),
	ROW("geocode", PAIRS, cap_area, geocodes),
	ROW("altitude", ONE, cap_area, altitude),
	ROW("ceiling", ONE, cap_area, ceiling),
};
BLOCK(area);

static const struct element resource_list[] = {
	ROW("resourceDesc", ONE, cap_resource, desc),
	ROW("mimeType", ONE, cap_resource, mime),
	ROW("size", ONE, cap_resource, size),
	ROW("uri", ONE, cap_resource, uri),
	ROW("derefUri", ONE, cap_resource, deref),
	ROW("digest", ONE, cap_resource, digest),
};
BLOCK(resource);

static const struct element info_list[] = {
	ROW("language", ONE, cap_info, language),
	ROW("category", MANY, cap_info, categories),
	ROW("event", ONE, cap_info, event),
	ROW("responseType", MANY, cap_info, responses),
	ROW("urgency", ONE, cap_info, urgency),
	ROW("severity", ONE, cap_info, severity),
	ROW("certainty", ONE, cap_info, certainty),
	ROW("audience", ONE, cap_info, audience),
	ROW("eventCode", PAIRS, cap_info, event_codes),
	ROW("effective", ONE, cap_info, effective),
	ROW("onset", ONE, cap_info, onset),
	ROW("expires", ONE, cap_info, expires),
	ROW("senderName", ONE, cap_info, sender_name),
	ROW("headline", ONE, cap_info, headline),
	ROW("description", ONE, cap_info, description),
	ROW("instruction", ONE, cap_info, instruction),
	ROW("web", ONE, cap_info, web),
	ROW("contact", ONE, cap_info, contact),
	ROW("parameter", PAIRS, cap_info, parameters),
	SUB("resource", &resource, add_resource),
	SUB("area", &area, add_area),
};
BLOCK(info);

static const struct element alert_list[] = {
	ROW("identifier", CONTROL, cap_alert, identifier),
	ROW("sender", CONTROL, cap_alert, sender),
	ROW("password", ONE, cap_alert, password),
	ROW("sent", CONTROL, cap_alert, sent),
	ROW("status", CONTROL, cap_alert, status),
	ROW("msgType", CONTROL, cap_alert, msg_type),
	ROW("source", ONE, cap_alert, source),
	ROW("scope", CONTROL, cap_alert, scope),
	ROW("restriction", ONE, cap_alert, restriction),
	ROW("addresses", ONE, cap_alert, addresses),
	ROW("code", MANY, cap_alert, codes),
	ROW("note", ONE, cap_alert, note),
	ROW("references", ONE, cap_alert, references),
	ROW("incidents", ONE, cap_alert, incidents),
	SUB("info", &info, add_info),
};
BLOCK(alert);

/* ------------------------------------------------------------- the walk -- */

/* An element that contains others, while it is open. */
struct frame {
	const struct block *block;
	void *object;
	size_t last;		/* row of the latest child */
	uint32_t seen;		/* bit per row */
};

struct reader {
	XML_Parser parser;
	struct cap_alert *alert;
	struct cap_report *report;
	char ns[64];		/* of the root */
	struct frame frames[5];
	size_t depth;		/* frames in use */
	size_t open;		/* elements open */
	size_t skip;		/* elements open inside one we skip */
	size_t inside;		/* elements open inside the leaf */
	const struct element *leaf;	/* whose text is read, or NULL */
	struct buf text;
	char told[24][32];	/* what was warned about already */
	size_t n_told;
	bool stopped;
};

static const struct {
	const char *uri;
	int version;
} versions[] = {
	{ "urn:oasis:names:tc:emergency:cap:1.2", 12 },
	{ "urn:oasis:names:tc:emergency:cap:1.1", 11 },
	{ "http://www.incident.com/cap/1.0", 10 },
};

static unsigned long
line_of(const struct reader *r)
{
	return XML_GetCurrentLineNumber(r->parser);
}

static void
warn(struct reader *r, const char *rule, const char *what, const char *name)
{
	cap_found(r->report, CAP_WARN, rule, line_of(r), "%s: %.60s", what,
	    name);
}

static void
stop(struct reader *r, const char *rule, const char *why)
{
	if (r->stopped)
		return;
	r->stopped = true;
	cap_found(r->report, CAP_REJECT, rule, line_of(r), "%s", why);
	XML_StopParser(r->parser, XML_FALSE);
}

static struct frame *
top(struct reader *r)
{
	return &r->frames[r->depth - 1];
}

static void
push(struct reader *r, const struct block *block, void *object)
{
	r->frames[r->depth++] = (struct frame){ block, object, 0, 0 };
	buf_clear(&r->text);
}

/* A feed makes the same mistake in every area: say it once. */
static void
warn_once(struct reader *r, const char *what, const char *name)
{
	char key[32];

	snprintf(key, sizeof(key), "%c%s", what[0], name);
	for (size_t i = 0; i < r->n_told; i++)
		if (strcmp(r->told[i], key) == 0)
			return;
	if (r->n_told == COUNT(r->told))
		return;
	memcpy(r->told[r->n_told++], key, sizeof(key));
	warn(r, "R04", what, name);
}

static void
start_root(struct reader *r, const char *uri, size_t n, const char *local)
{
	if (strcmp(local, "alert") != 0) {
		stop(r, "R03", "the root element is not alert: one message a "
		    "document is read");
		return;
	}
	for (size_t i = 0; i < COUNT(versions); i++)
		if (strlen(versions[i].uri) == n &&
		    memcmp(versions[i].uri, uri, n) == 0)
			r->alert->version = versions[i].version;
	if (r->alert->version == 0) {
		stop(r, "R02", "the namespace is not that of CAP 1.2, 1.1 or "
		    "1.0");
		return;
	}
	if (r->alert->version == 10)
		warn(r, "R02", "this is an old version", "CAP 1.0");
	memcpy(r->ns, uri, n);
	push(r, &alert, r->alert);
}

static const struct element *
find(const struct block *b, const char *name)
{
	for (size_t i = 0; i < b->n; i++)
		if (strcmp(b->list[i].name, name) == 0)
			return &b->list[i];
	return NULL;
}

static bool
may_repeat(const struct element *e)
{
	return e->kind == MANY || e->kind == PAIRS || e->kind == CHILD;
}

/* Order and number. False: leave this one out. */
static bool
in_place(struct reader *r, const struct element *e)
{
	struct frame *f = top(r);
	size_t row = (size_t)(e - f->block->list);
	bool again = (f->seen >> row & 1) != 0;

	f->seen |= UINT32_C(1) << row;
	if (row < f->last)
		warn_once(r, "out of order", e->name);
	else
		f->last = row;
	if (!again || may_repeat(e))
		return true;
	if (e->kind == CONTROL)
		stop(r, "R04", "an element that decides about publication "
		    "comes twice");
	else
		warn_once(r, "comes twice, the first counts", e->name);
	return false;
}

static void *
member(const struct frame *f, const struct element *e)
{
	return (char *)f->object + e->offset;
}

static bool
within_limits(struct reader *r)
{
	if (r->alert->infos.n > CAP_INFOS)
		stop(r, "R30", "more than 64 info blocks");
	else if (r->alert->areas > CAP_AREAS)
		stop(r, "R30", "more than 20000 areas");
	return !r->stopped;
}

static void
start_child(struct reader *r, const struct element *e)
{
	struct frame *f = top(r);
	struct cap_pairs *pairs;

	if (e->kind == CHILD) {
		r->alert->areas += e->child == &area;
		push(r, e->child, e->add(f->object));
		within_limits(r);
	} else if (e->kind == PAIRS) {
		pairs = member(f, e);
		pairs->v = grow(pairs->v, pairs->n, sizeof(*pairs->v));
		push(r, &pair, &pairs->v[pairs->n++]);
	} else {
		r->leaf = e;
		buf_clear(&r->text);
	}
}

static bool
is_signature(const char *uri, size_t n)
{
	return n == strlen(DSIG) && memcmp(uri, DSIG, n) == 0;
}

static void
start_known(struct reader *r, const char *uri, size_t n, const char *local)
{
	const struct element *e = NULL;

	if (is_signature(uri, n) && r->depth == 1) {
		r->alert->signatures++;
		top(r)->last = top(r)->block->n;	/* nothing follows */
		r->skip = 1;
		return;
	}
	if (strlen(r->ns) == n && memcmp(r->ns, uri, n) == 0)
		e = find(top(r)->block, local);
	if (e == NULL)
		warn_once(r, "not an element of CAP, skipped", local);
	if (e == NULL || !in_place(r, e))
		r->skip = 1;
	else
		start_child(r, e);
}

/*
 * "Do <b>not</b> drink": skipping would turn the sense around. The tags stay
 * in the text as if they had been escaped: made plain there where HTML is
 * expected (R28), a fault in a word, a time or a number.
 */
static void
start_inside(struct reader *r, const char *local, const char **attributes)
{
	r->inside++;
	warn_once(r, "an element inside a text", local);
	buf_fmt(&r->text, "<%s", local);
	for (; attributes[0] != NULL; attributes += 2)
		if (strcmp(attributes[0], "href") == 0 &&
		    strpbrk(attributes[1], "\"<>") == NULL)
			buf_fmt(&r->text, " href=\"%s\"", attributes[1]);
	buf_chr(&r->text, '>');
}

static const char *
local_of(const char *name)
{
	const char *sep = strchr(name, NS_SEP);

	return sep == NULL ? name : sep + 1;
}

static void
on_start(void *arg, const char *name, const char **attributes)
{
	struct reader *r = arg;
	const char *local = local_of(name);
	size_t n = local == name ? 0 : (size_t)(local - name - 1);

	if (r->stopped)
		return;
	if (++r->open > CAP_DEPTH)
		stop(r, "R30", "elements are nested more than 64 levels deep");
	else if (r->skip > 0)
		r->skip++;
	else if (r->leaf != NULL)
		start_inside(r, local, attributes);
	else if (r->depth == 0)
		start_root(r, name, n, local);
	else
		start_known(r, name, n, local);
}

static bool
blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static char *
trimmed(const struct buf *b)
{
	const char *s = buf_cstr(b), *end = s + b->len;

	while (s < end && blank(*s))
		s++;
	while (end > s && blank(end[-1]))
		end--;
	return xstrndup(s, (size_t)(end - s));
}

static void
end_leaf(struct reader *r)
{
	struct cap_value value = { trimmed(&r->text), line_of(r) };
	struct cap_values *many;

	if (may_repeat(r->leaf)) {
		many = member(top(r), r->leaf);
		many->v = grow(many->v, many->n, sizeof(*many->v));
		many->v[many->n++] = value;
	} else {
		*(struct cap_value *)member(top(r), r->leaf) = value;
	}
	r->leaf = NULL;
	buf_clear(&r->text);
}

/* CAP 1.0 wrote pairs as "name=value". */
static void
end_pair(struct reader *r, struct cap_pair *p)
{
	const char *eq;
	char *text;

	if (p->name.s != NULL || p->value.s != NULL)
		return;
	text = trimmed(&r->text);
	eq = strchr(text, '=');
	if (eq != NULL) {
		p->name = (struct cap_value){ xstrndup(text,
		    (size_t)(eq - text)), line_of(r) };
		p->value = (struct cap_value){ xstrdup(eq + 1), line_of(r) };
	}
	free(text);
}

/* An empty one, "<br/>", has no end of its own. */
static void
end_inside(struct reader *r, const char *local)
{
	char *tag = xasprintf("<%s>", local);
	size_t n = strlen(tag);

	if (r->text.len < n ||
	    memcmp(r->text.data + r->text.len - n, tag, n) != 0)
		buf_fmt(&r->text, "</%s>", local);
	free(tag);
}

static void
on_end(void *arg, const char *name)
{
	struct reader *r = arg;

	if (r->stopped)
		return;
	r->open--;
	if (r->skip > 0) {
		r->skip--;
	} else if (r->inside > 0) {
		r->inside--;
		end_inside(r, local_of(name));
	} else if (r->leaf != NULL) {
		end_leaf(r);
	} else if (r->depth > 0) {
		if (top(r)->block == &pair)
			end_pair(r, top(r)->object);
		r->depth--;
		buf_clear(&r->text);
	}
}

static void
on_text(void *arg, const char *s, int len)
{
	struct reader *r = arg;

	if (r->stopped || r->skip > 0 || r->depth == 0)
		return;
	if (r->leaf != NULL || top(r)->block == &pair)
		buf_add(&r->text, s, (size_t)len);
}

static void
on_doctype(void *arg, const char *name, const char *system_id,
    const char *public_id, int has_internal_subset)
{
	(void)name;
	(void)system_id;
	(void)public_id;
	(void)has_internal_subset;
	stop(arg, "R01", "there is a DOCTYPE: it could define entities and "
	    "is never needed");
}

int
cap_tree_read(const char *xml, size_t len, struct cap_alert *a,
    struct cap_report *report)
{
	struct reader r = { .alert = a, .report = report };
	enum XML_Status status;

	r.parser = XML_ParserCreateNS(NULL, NS_SEP);
	if (r.parser == NULL)
		abort();
	buf_init(&r.text, CAP_BYTES_MAX);
	XML_SetUserData(r.parser, &r);
	XML_SetElementHandler(r.parser, on_start, on_end);
	XML_SetCharacterDataHandler(r.parser, on_text);
	XML_SetStartDoctypeDeclHandler(r.parser, on_doctype);
	XML_SetUnknownEncodingHandler(r.parser, cap_encoding, NULL);
	status = XML_Parse(r.parser, xml, (int)len, 1);
	if (status != XML_STATUS_OK && !r.stopped)
		cap_found(report, CAP_REJECT, "R01", line_of(&r),
		    "this is not well-formed XML: %s",
		    XML_ErrorString(XML_GetErrorCode(r.parser)));
	XML_ParserFree(r.parser);
	buf_fini(&r.text);
	return status == XML_STATUS_OK && !r.stopped ? 0 : -1;
}
