/* SPDX-License-Identifier: Apache-2.0 */
/* Law: what is read of a TPM's structures writes back to the same octets; on error nothing was
 * written to. */
#include "evidence/tpm.h"

#include "fuzz/law.h"

#include <string.h>

static uint8_t store[1 << 13];

/* Selections are written with three octets of mask, so only those that came so come back alike; of several, two and
 * four make the same length. */
static int plain(const struct tpm_attest *attest, size_t size, size_t written)
{
	return attest->type != TPM_ST_ATTEST_QUOTE ||
	       (attest->selection.count <= 1 && size == written);
}

static void attests(struct bytes in)
{
	struct tpm_attest a;
	struct room out = ROOM(store);

	if (tpm_attest_read(in, &a) != ERR_NONE)
		return;
	tpm_attest_put(&out, &a);
	LAW(!out.full);
	if (plain(&a, in.len, out.len))
		LAW(bytes_same(room_used(&out), in));
	struct tpm_attest again;
	LAW(tpm_attest_read(room_used(&out), &again) == ERR_NONE);
	LAW(again.selection.count == a.selection.count &&
	    bytes_same(again.pcr_digest, a.pcr_digest));
	for (uint32_t i = 0; i < a.selection.count; i++)
		LAW(again.selection.bank[i].hash == a.selection.bank[i].hash &&
		    again.selection.bank[i].mask == a.selection.bank[i].mask);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = { data, size };
	struct tpm_signature s;
	struct tpm_public p;
	struct room out = ROOM(store);

	if (size > 2048)
		return 0;
	attests(in);
	if (tpm_signature_read(in, &s) == ERR_NONE) {
		tpm_signature_put(&out, &s);
		LAW(bytes_same(room_used(&out), in));
	}
	out.len = 0;
	if (tpm_public_read(in, false, &p) == ERR_NONE) {
		tpm_public_put(&out, &p);
		LAW(bytes_same(room_used(&out), in));
	}
	return 0;
}
