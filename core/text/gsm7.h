/*
 * gsm7: what a text costs as SMS, and where it is split.
 *
 * Alphabet: 3GPP TS 23.038 section 6.2.1 with the default extension table.
 * Parts: 3GPP TS 23.040 with an 8-bit reference: 160 septets alone or 153
 * each, otherwise 70 or 67 UTF-16 units. An extension pair and a surrogate
 * pair are never split, a cluster only when it is longer than a part.
 */
#ifndef TEXT_GSM7_H
#define TEXT_GSM7_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* When to replace what the alphabet lacks. */
#define GSM7_NEVER	0u
#define GSM7_SAVES	1u	/* only when it saves a part */
#define GSM7_ALWAYS	2u

struct gsm7_part {
	size_t start, end;	/* bytes of the text */
	uint32_t units;		/* septets or UTF-16 units */
};

struct gsm7_sms {
	uint32_t encoding;	/* LF_SMS_GSM7 or LF_SMS_UCS2 */
	uint32_t units;
	uint32_t parts;
	bool changed;		/* text was transliterated */
	char *text;		/* given: what to send, line ends as LF */
};

/* True when every character of text is in the alphabet. */
bool
gsm7_is_plain(const char *text);

/*
 * Split text, as it is, into parts. Fills at most max of parts and returns
 * how many there are; an empty text has none.
 */
size_t
gsm7_split(const char *text, uint32_t encoding, struct gsm7_part *parts,
    size_t max);

/*
 * Choose the encoding (GSM7_*) and count. The text is composed (NFC), line
 * ends become LF and blanks at line ends go. When replaced, quotes, dashes
 * and letters become their nearest kin, pictographs and the middle dots of
 * easy language go. A text that cannot be written in the alphabet that way
 * stays as it is: nothing is ever replaced by '?'.
 */
void
gsm7_measure(const char *text, uint32_t translit, struct gsm7_sms *sms_r);
void
gsm7_fini(struct gsm7_sms *sms);

#endif
