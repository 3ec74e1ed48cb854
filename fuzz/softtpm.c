/* SPDX-License-Identifier: Apache-2.0 */
/* Laws: what a software TPM's file is read as is written as the same octets, and what is no such file moves nothing.
 * The input is a file without its hash, so that what is behind that is reached. */
#include "softtpm/softtpm.h"

#include "fuzz/law.h"

#include <string.h>

static void read_it(struct bytes in)
{
	static uint8_t store[SOFTTPM_STATE_MAX];
	static struct softtpm tpm, untouched;
	struct bytes certificate = { NULL, 0 };
	struct room again = ROOM(store);
	uint64_t at_ms = 0;

	memset(&tpm, 0x5A, sizeof tpm);
	memset(&untouched, 0x5A, sizeof untouched);
	if (softtpm_state_read(in, &tpm, &at_ms, &certificate) != ERR_NONE) {
		LAW(memcmp(&tpm, &untouched, sizeof tpm) == 0 && certificate.at == NULL);
		return;
	}
	softtpm_state_put(&again, &tpm, at_ms, certificate);
	LAW(bytes_same(room_used(&again), in));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t store[SOFTTPM_STATE_MAX + 64];
	struct room whole = ROOM(store);
	struct bytes body = { data, size };
	uint8_t digest[SHA256_SIZE];

	read_it(body);
	LAW(crypto_sha256(digest, &body, 1) == ERR_NONE);
	room_put(&whole, body);
	room_put(&whole, BYTES(digest));
	read_it(room_used(&whole));
	return 0;
}
