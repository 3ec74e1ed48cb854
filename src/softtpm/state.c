/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The chip as octets, big-endian: what it is (8 octets, the last of which is the version), seed (32), clock (8), when
 * it stood so (8), reset and restart count (4 each), counter (8), floor (4), PCRs 0 to 23 (32 each), the certificate's length (2)
 * and the certificate, SHA-256 over all that (32). The hash finds damage; against people nothing is protected.
 */
#include "softtpm/key.h"

#include <string.h>

enum { HEAD = 8 + SECRET_MAX + 3 * 8 + 3 * 4 + TPM_PCRS * SHA256_SIZE + 2 };

static const uint8_t what[] = { 'S', 'O', 'F', 'T', 'T', 'P', 'M', 1 };

_Static_assert(HEAD + SOFTTPM_CERTIFICATE_MAX + SHA256_SIZE <= SOFTTPM_STATE_MAX,
               "a state fits its room");

void softtpm_state_put(struct room *out, const struct softtpm *tpm, uint64_t at_ms,
                       struct bytes certificate)
{
	uint8_t digest[SHA256_SIZE];
	size_t start = out->len;

	room_put(out, BYTES(what));
	room_put(out, secret_bytes(&tpm->seed));
	room_put_u64(out, tpm->clock.clock);
	room_put_u64(out, at_ms);
	room_put_u32(out, tpm->clock.reset_count);
	room_put_u32(out, tpm->clock.restart_count);
	room_put_u64(out, tpm->counter);
	room_put_u32(out, tpm->floor);
	for (size_t n = 0; n < TPM_PCRS; n++)
		room_put(out, (struct bytes){ tpm->bank.value[n], SHA256_SIZE });
	room_put_u16(out, (uint16_t)certificate.len);
	room_put(out, certificate);
	const struct bytes all = { out->at + start, out->len - start };
	if (out->full || certificate.len > SOFTTPM_CERTIFICATE_MAX ||
	    crypto_sha256(digest, &all, 1) != ERR_NONE)
		out->full = true;
	room_put(out, BYTES(digest));
}

static uint64_t take(struct bytes *in, size_t n)
{
	struct bytes octets = { NULL, 0 };
	uint64_t value = 0;

	(void)!bytes_take(in, n, &octets); /* the whole length was checked before */
	(void)!bytes_uint(octets, &value); /* at most 8 octets */
	return value;
}

static void read_pcrs(struct bytes *in, struct tpm_bank *bank)
{
	struct bytes value;

	for (size_t n = 0; n < TPM_PCRS; n++) {
		if (bytes_take(in, SHA256_SIZE, &value))
			memcpy(bank->value[n], value.at, SHA256_SIZE);
	}
}

/* Takes the hash off the end, if it is right. */
static bool whole(struct bytes *in)
{
	uint8_t digest[SHA256_SIZE];
	struct bytes body, hash;

	if (in->len < HEAD + SHA256_SIZE)
		return false;
	body = (struct bytes){ in->at, in->len - SHA256_SIZE };
	hash = (struct bytes){ in->at + body.len, SHA256_SIZE };
	if (crypto_sha256(digest, &body, 1) != ERR_NONE || !bytes_same(hash, BYTES(digest)))
		return false;
	*in = body;
	return true;
}

static void read_body(struct bytes *in, struct softtpm *tpm, uint64_t *at_ms)
{
	struct bytes seed;

	if (bytes_take(in, SECRET_MAX, &seed))
		(void)!secret_from(&tpm->seed, seed); /* as long as it may be */
	tpm->clock.clock = take(in, 8);
	*at_ms = take(in, 8);
	tpm->clock.reset_count = (uint32_t)take(in, 4);
	tpm->clock.restart_count = (uint32_t)take(in, 4);
	tpm->clock.safe = true;
	tpm->counter = take(in, 8);
	tpm->floor = (uint32_t)take(in, 4);
	read_pcrs(in, &tpm->bank);
}

enum err softtpm_state_read(struct bytes in, struct softtpm *tpm, uint64_t *at_ms,
                            struct bytes *certificate)
{
	struct softtpm read;
	struct bytes mark;
	uint64_t at;

	if (!whole(&in) || !bytes_take(&in, sizeof what, &mark) || !bytes_same(mark, BYTES(what)))
		return ERR_CORRUPT;
	softtpm_blank(&read);
	read_body(&in, &read, &at);
	size_t len = (size_t)take(&in, 2);
	enum err err =
		len == in.len && len <= SOFTTPM_CERTIFICATE_MAX ? softtpm_keys(&read) : ERR_CORRUPT;
	if (err == ERR_NONE) {
		*tpm = read;
		*at_ms = at;
		*certificate = in;
	}
	softtpm_clear(&read);
	return err;
}
