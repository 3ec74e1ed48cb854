/* SPDX-License-Identifier: Apache-2.0 */
#include "card/apdu.h"

/* TS 102 221 10.1.1: 0X and 4X to 7X by ISO/IEC 7816-4, 8X and CX to FX the same with bit 8. */
static enum err class_read(struct apdu *out)
{
	out->proprietary = (out->cla & 0x80) != 0;
	if (out->cla == 0xFF || (out->cla & 0x60) == 0x20)
		return ERR_VALUE; /* FF is PPS; 2X, 3X, AX and BX are reserved */
	out->chained = (out->cla & 0x10) != 0;
	if (out->cla & 0x40) { /* table 10.4a: channels 4 to 19 */
		out->channel = (uint8_t)(4 + (out->cla & 0x0F));
		out->security = out->cla >> 5 & 1;
	} else { /* table 10.3 */
		out->channel = out->cla & 0x03;
		out->security = out->cla >> 2 & 3;
	}
	return ERR_NONE;
}

enum err apdu_read(struct bytes in, struct apdu *out)
{
	struct bytes header, lc;

	*out = (struct apdu){ 0 };
	if (!bytes_take(&in, 4, &header))
		return ERR_TRUNCATED;
	out->cla = header.at[0];
	out->ins = header.at[1];
	out->p1 = header.at[2];
	out->p2 = header.at[3];
	TRY(class_read(out));
	/* Case 2 is one octet; cases 3 and 4 are Lc, data and maybe Le (TS 102 221 7.3.1.1). */
	if (in.len > 1) {
		if (!bytes_take(&in, 1, &lc) || lc.at[0] == 0 ||
		    !bytes_take(&in, lc.at[0], &out->data) || in.len > 1)
			return ERR_LENGTH;
	}
	if (in.len == 1) {
		out->has_le = true;
		out->le = in.at[0] != 0 ? in.at[0] : 256;
	}
	return ERR_NONE;
}

uint16_t status_of(enum err err)
{
	static const uint16_t words[ERR_COUNT] = {
		[ERR_NONE] = SW_OK,
		[ERR_TRUNCATED] = SW_WRONG_DATA,
		[ERR_TAG] = SW_WRONG_DATA,
		[ERR_LENGTH] = SW_WRONG_LENGTH,
		[ERR_VALUE] = SW_WRONG_DATA,
		[ERR_TRAILING] = SW_WRONG_DATA,
		[ERR_DEPTH] = SW_WRONG_DATA,
		[ERR_ROOM] = SW_NO_SPACE,
		[ERR_LIMIT] = SW_NO_SPACE,
		[ERR_ORDER] = SW_CONDITIONS,
		[ERR_DENIED] = SW_SECURITY_STATUS,
		[ERR_MAC] = SW_MAC,
		[ERR_NOT_FOUND] = SW_NO_FILE,
		[ERR_FULL] = SW_NO_SPACE,
		[ERR_UNSUPPORTED] = SW_FUNCTION,
		[ERR_IO] = SW_MEMORY,
		[ERR_BUSY] = SW_BUSY,
		[ERR_CORRUPT] = SW_MEMORY,
	};

	return err < ERR_COUNT && words[err] != 0 ? words[err] : SW_TECHNICAL;
}
