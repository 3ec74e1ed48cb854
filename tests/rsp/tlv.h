/* SPDX-License-Identifier: Apache-2.0 */
/* A notation for test rows: `BF20(82(020500)A900)` is hex digits, and a tag before a
 * parenthesis gets the length of what stands inside. White space is ignored. */
#ifndef TESTS_RSP_TLV_H
#define TESTS_RSP_TLV_H

#include "codec/ber.h"
#include "tests/tap.h"

static int tlv_nibble(char c)
{
	const char *digits = "0123456789ABCDEF", *at = c != 0 ? strchr(digits, c) : NULL;

	return at != NULL ? (int)(at - digits) : -1;
}

/* How many octets at the end of `out` are the tag before a parenthesis: the last element there that
 * could be one, as rows never put raw octets directly before a tag without a parenthesis. */
static const char *tlv_text(const char *text, struct room *out)
{
	ber_tag tag = 0;
	size_t tag_at = out->len;

	while (*text != 0 && *text != ')') {
		if (*text == ' ') {
			text++;
			tag = 0;
			tag_at = out->len;
		} else if (*text == '(') {
			out->len = tag_at;
			size_t mark = ber_open(out, tag);
			text = tlv_text(text + 1, out);
			if (*text != ')') {
				printf("Bail out! unbalanced row\n");
				exit(EXIT_FAILURE);
			}
			ber_close(out, mark);
			text++;
			tag = 0;
			tag_at = out->len;
		} else {
			int high = tlv_nibble(text[0]), low = tlv_nibble(text[1]);
			if (high < 0 || low < 0) {
				printf("Bail out! bad row: %s\n", text);
				exit(EXIT_FAILURE);
			}
			room_put_u8(out, (uint8_t)(high << 4 | low));
			tag = tag << 8 | (ber_tag)(high << 4 | low);
			text += 2;
		}
	}
	return text;
}

UNUSED static struct bytes tlv(const char *text, uint8_t *store, size_t cap)
{
	struct room out = { store, cap, 0, false };

	if (*tlv_text(text, &out) != 0 || out.full) {
		printf("Bail out! bad row: %s\n", text);
		exit(EXIT_FAILURE);
	}
	return (struct bytes){ store, out.len };
}

#endif
