/* SPDX-License-Identifier: Apache-2.0 */
/* Event logs as firmware writes them (TCG PC Client Platform Firmware Profile 10.2), for tests: a crypto-agile header
 * with SHA-1 and SHA-256, and its events. */
#ifndef TESTS_EVENTLOG_H
#define TESTS_EVENTLOG_H

#include "evidence/eventlog.h"
#include "tests/tap.h"

UNUSED static void put_le(struct room *out, size_t n, uint32_t value)
{
	for (size_t i = 0; i < n; i++)
		room_put_u8(out, (uint8_t)(value >> 8 * i));
}

/* `sha256_size` is what the header says of a SHA-256 digest: 32, or a lie. */
UNUSED static void put_header(struct room *out, unsigned sha256_size)
{
	static const uint8_t zeros[20];

	put_le(out, 4, 0);
	put_le(out, 4, EV_NO_ACTION);
	room_put(out, BYTES(zeros));
	put_le(out, 4, 37);
	room_put(out, (struct bytes){ (const uint8_t *)"Spec ID Event03", 16 });
	put_le(out, 4, 0);
	put_le(out, 4, 0x02000200);
	put_le(out, 4, 2);
	put_le(out, 2, TPM_ALG_SHA1);
	put_le(out, 2, 20);
	put_le(out, 2, TPM_ALG_SHA256);
	put_le(out, 2, sha256_size);
	put_le(out, 1, 0);
}

/* `second` is the algorithm of the second digest, TPM_ALG_SHA256 or what it is called; 0: there is only the first. */
UNUSED static void put_event(struct room *out, uint32_t pcr, uint32_t type, uint16_t second,
                      struct bytes data)
{
	uint8_t digest[2][ATTEST_HASH_MAX];

	(void)!attest_digest(ATTEST_SHA1, digest[0], &data, 1);
	(void)!attest_digest(ATTEST_SHA256, digest[1], &data, 1);
	put_le(out, 4, pcr);
	put_le(out, 4, type);
	put_le(out, 4, second ? 2 : 1);
	put_le(out, 2, TPM_ALG_SHA1);
	room_put(out, (struct bytes){ digest[0], 20 });
	if (second) {
		put_le(out, 2, second);
		room_put(out, (struct bytes){ digest[1], 32 });
	}
	put_le(out, 4, (uint32_t)data.len);
	room_put(out, data);
}

#endif
