/* SPDX-License-Identifier: Apache-2.0 */
/* The pairing key in the sensitive chip, and the approval of a platform state as a file. */
#include "agent/pairing.h"

#include "codec/ber.h"
#include "evidence/tpm.h"

#include <string.h>

static enum err chip_sign(void *ctx, struct bytes message,
                          uint8_t signature[static EC_SIGNATURE_SIZE])
{
	struct pairing_chip *chip = ctx;

	return trust_pairing_sign(chip->trust, &chip->policy, &chip->approval, message, signature);
}

struct pairing_signer pairing_chip_signer(struct pairing_chip *chip)
{
	return (struct pairing_signer){ chip, chip_sign };
}

enum err pairing_chip_public(struct trust *trust, const struct trust_policy *policy,
                             uint8_t point[static EC_POINT_SIZE])
{
	uint8_t store[TRUST_BLOB_MAX], point_store[EC_POINT_SIZE];
	struct room public = ROOM(store), room = ROOM(point_store);
	struct tpm_public key;
	struct attest_key ignored;

	TRY(trust_pairing_public(trust, policy, &public));
	TRY(tpm_public_read(room_used(&public), false, &key));
	TRY(tpm_public_key(&key, &room, &ignored));
	if (room.len != EC_POINT_SIZE)
		return ERR_UNSUPPORTED;
	memcpy(point, point_store, EC_POINT_SIZE);
	return ERR_NONE;
}

static enum err sized(struct bytes *in, ber_tag tag, size_t len, struct bytes *out)
{
	TRY(ber_read(in, tag, out));
	return out->len == len ? ERR_NONE : ERR_LENGTH;
}

enum err pairing_approval_read(struct bytes in, struct trust_approval *out)
{
	struct bytes value, pcrs, digest, signature;
	uint64_t mask;

	TRY(ber_read(&in, 0x30, &value));
	TRY(ber_end(in));
	TRY(sized(&value, 0x80, 4, &pcrs));
	TRY(sized(&value, 0x81, SHA256_SIZE, &digest));
	TRY(sized(&value, 0x82, EC_SIGNATURE_SIZE, &signature));
	TRY(ber_end(value));
	if (!bytes_uint(pcrs, &mask) || mask == 0 || mask >> TRUST_PCRS != 0)
		return ERR_VALUE;
	out->pcrs = (uint32_t)mask;
	memcpy(out->digest, digest.at, SHA256_SIZE);
	memcpy(out->signature, signature.at, EC_SIGNATURE_SIZE);
	return ERR_NONE;
}

void pairing_approval_put(struct room *out, const struct trust_approval *approval)
{
	size_t mark = ber_open(out, 0x30);

	ber_put_header(out, 0x80, 4);
	room_put_u32(out, approval->pcrs);
	ber_put(out, 0x81, BYTES(approval->digest));
	ber_put(out, 0x82, BYTES(approval->signature));
	ber_close(out, mark);
}
