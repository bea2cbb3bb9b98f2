/*
 * cap_encoding: the two single-byte encodings that offices in western Europe
 * still write. Others are refused: to guess would change words. Called by
 * expat.
 */
#include "config.h"

#include <strings.h>

#include "announce/cap_encoding.h"

struct change {
	unsigned char byte;
	int code;
};

/* Where they differ from ISO-8859-1; -1 is no character. */
static const struct change windows_1252[] = {
	{ 0x80, 0x20ac }, { 0x81, -1 }, { 0x82, 0x201a }, { 0x83, 0x0192 },
	{ 0x84, 0x201e }, { 0x85, 0x2026 }, { 0x86, 0x2020 },
	{ 0x87, 0x2021 }, { 0x88, 0x02c6 }, { 0x89, 0x2030 },
	{ 0x8a, 0x0160 }, { 0x8b, 0x2039 }, { 0x8c, 0x0152 }, { 0x8d, -1 },
	{ 0x8e, 0x017d }, { 0x8f, -1 }, { 0x90, -1 }, { 0x91, 0x2018 },
	{ 0x92, 0x2019 }, { 0x93, 0x201c }, { 0x94, 0x201d },
	{ 0x95, 0x2022 }, { 0x96, 0x2013 }, { 0x97, 0x2014 },
	{ 0x98, 0x02dc }, { 0x99, 0x2122 }, { 0x9a, 0x0161 },
	{ 0x9b, 0x203a }, { 0x9c, 0x0153 }, { 0x9d, -1 }, { 0x9e, 0x017e },
	{ 0x9f, 0x0178 },
};

static const struct change iso_8859_15[] = {
	{ 0xa4, 0x20ac }, { 0xa6, 0x0160 }, { 0xa8, 0x0161 },
	{ 0xb4, 0x017d }, { 0xb8, 0x017e }, { 0xbc, 0x0152 },
	{ 0xbd, 0x0153 }, { 0xbe, 0x0178 },
};

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static const struct {
	const char *name;
	const struct change *changes;
	size_t n;
} encodings[] = {
	{ "windows-1252", windows_1252, COUNT(windows_1252) },
	{ "iso-8859-15", iso_8859_15, COUNT(iso_8859_15) },
};

int
cap_encoding(void *arg, const XML_Char *name, XML_Encoding *encoding_r)
{
	(void)arg;
	for (size_t e = 0; e < COUNT(encodings); e++) {
		if (strcasecmp(encodings[e].name, name) != 0)
			continue;
		for (int i = 0; i < 256; i++)
			encoding_r->map[i] = i;
		for (size_t i = 0; i < encodings[e].n; i++)
			encoding_r->map[encodings[e].changes[i].byte] =
			    encodings[e].changes[i].code;
		encoding_r->data = NULL;
		encoding_r->convert = NULL;
		encoding_r->release = NULL;
		return XML_STATUS_OK;
	}
	return XML_STATUS_ERROR;
}
