/*
 * mime: the tree of a message. It must never invent anything: no dates, no
 * random boundaries. Called by message.
 */
#include "config.h"

#include <string.h>

#include "encode.h"
#include "mime.h"

static const char *const encoding_names[] = {
	[MIME_QP] = "quoted-printable",
	[MIME_BASE64] = "base64",
};

static void
type_write(FILE *f, const struct mime_part *p)
{
	fprintf(f, "Content-Type: %s", p->type);
	if (p->encoding == MIME_MULTIPART)
		fprintf(f, "; boundary=\"%s\"", p->boundary);
	if (p->start != NULL)
		fprintf(f, "; type=\"%s\"", p->start);
	/* Mail readers look here for the name of an inline image. */
	if (p->cid != NULL && p->file != NULL && encode_name_is_plain(p->file))
		fprintf(f, "; name=\"%s\"", p->file);
	fputs("\r\n", f);
}

static void
headers_write(FILE *f, const struct mime_part *p)
{
	type_write(f, p);
	if (p->cid != NULL)
		fprintf(f, "Content-ID: <%s>\r\n", p->cid);
	if (p->lang != NULL)
		encode_field(f, "Content-Language", p->lang);
	if (p->disposition != NULL)
		encode_disposition(f, p->disposition, p->file, p->file_ascii);
	if (p->encoding != MIME_MULTIPART)
		fprintf(f, "Content-Transfer-Encoding: %s\r\n",
		    encoding_names[p->encoding]);
}

static void
parts_write(FILE *f, const struct mime_part *p)
{
	for (size_t i = 0; i < p->n_parts; i++) {
		fprintf(f, "%s--%s\r\n", i > 0 ? "\r\n" : "", p->boundary);
		mime_write(f, &p->parts[i]);
	}
	fprintf(f, "\r\n--%s--\r\n", p->boundary);
}

void
mime_write(FILE *f, const struct mime_part *p)
{
	headers_write(f, p);
	fputs("\r\n", f);
	switch (p->encoding) {
	case MIME_MULTIPART:
		parts_write(f, p);
		break;
	case MIME_QP:
		encode_qp(f, p->body, p->len);
		break;
	case MIME_BASE64:
		encode_base64(f, p->body, p->len);
		break;
	}
}
