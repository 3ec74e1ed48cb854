/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/measure.h"

#include "evidence/eventlog.h"

static void put_le(struct room *out, size_t octets, uint32_t value)
{
	for (size_t i = 0; i < octets; i++)
		room_put_u8(out, (uint8_t)(value >> 8 * i));
}

void measure_put_header(struct room *out)
{
	static const uint8_t no_digest[20], signature[16] = "Spec ID Event03";

	put_le(out, 4, 0);
	put_le(out, 4, EV_NO_ACTION);
	room_put(out, BYTES(no_digest));
	put_le(out, 4, sizeof signature + 4 + 4 + 4 + 4 + 1); /* what follows */
	room_put(out, BYTES(signature));
	put_le(out, 4, 0);          /* platform class: client */
	put_le(out, 4, 0x02000200); /* version 2.0, errata 0; UINTN of 64 bits */
	put_le(out, 4, 1);
	put_le(out, 2, TPM_ALG_SHA256);
	put_le(out, 2, SHA256_SIZE);
	room_put_u8(out, 0); /* no vendor information */
}

void measure_put(struct room *out, unsigned pcr, const uint8_t digest[static SHA256_SIZE],
                 struct bytes what)
{
	put_le(out, 4, pcr);
	put_le(out, 4, EV_IPL);
	put_le(out, 4, 1);
	put_le(out, 2, TPM_ALG_SHA256);
	room_put(out, (struct bytes){ digest, SHA256_SIZE });
	put_le(out, 4, (uint32_t)what.len);
	room_put(out, what);
}
