/* SPDX-License-Identifier: Apache-2.0 */
#include "port/trust_backend.h"

#include <string.h>

enum err trust_open(struct trust **trust, const char *name)
{
	static const char soft[] = "soft:";

	if (strncmp(name, soft, sizeof soft - 1) == 0)
		return trust_soft.open(trust, name + sizeof soft - 1);
	return trust_tpm2.open(trust, name);
}

void trust_close(struct trust *trust)
{
	if (trust != NULL)
		trust->on->close(trust);
}

enum err trust_endorsement(struct trust *trust, struct room *public, struct room *certificate)
{
	return trust->on->endorsement(trust, public, certificate);
}

enum err trust_attestation_public(struct trust *trust, struct room *public)
{
	return trust->on->attestation_public(trust, public);
}

enum err trust_activate(struct trust *trust, struct bytes credential, struct bytes secret,
                        struct secret *out)
{
	return trust->on->activate(trust, credential, secret, out);
}

enum err trust_quote(struct trust *trust, uint32_t pcrs, struct bytes qualifying,
                     struct room *attest, struct room *signature)
{
	if (qualifying.len > SHA256_SIZE)
		return ERR_LENGTH;
	return trust->on->quote(trust, pcrs, qualifying, attest, signature);
}

enum err trust_attestation_sign(struct trust *trust, struct bytes message,
                                uint8_t signature[static EC_SIGNATURE_SIZE])
{
	if (message.len == 0 || message.len > TRUST_MESSAGE_MAX)
		return ERR_LENGTH;
	return trust->on->attestation_sign(trust, message, signature);
}

enum err trust_clock(struct trust *trust, struct room *clock)
{
	return trust->on->clock(trust, clock);
}

enum err trust_extend(struct trust *trust, unsigned pcr, const uint8_t digest[static SHA256_SIZE])
{
	return pcr < TRUST_PCRS ? trust->on->extend(trust, pcr, digest) : ERR_VALUE;
}

enum err trust_pcr(struct trust *trust, unsigned pcr, uint8_t value[static SHA256_SIZE])
{
	return pcr < TRUST_PCRS ? trust->on->pcr(trust, pcr, value) : ERR_VALUE;
}

enum err trust_state_digest(struct trust *trust, uint32_t pcrs, uint8_t digest[static SHA256_SIZE])
{
	return trust->on->state_digest(trust, pcrs, digest);
}

enum err trust_pairing_public(struct trust *trust, const struct trust_policy *policy,
                              struct room *public)
{
	return trust->on->pairing_public(trust, policy, public);
}

enum err trust_pairing_certify(struct trust *trust, const struct trust_policy *policy,
                               struct room *public, struct room *attest, struct room *signature)
{
	return trust->on->pairing_certify(trust, policy, public, attest, signature);
}

enum err trust_pairing_sign(struct trust *trust, const struct trust_policy *policy,
                            const struct trust_approval *approval, struct bytes message,
                            uint8_t signature[static EC_SIGNATURE_SIZE])
{
	return trust->on->pairing_sign(trust, policy, approval, message, signature);
}

enum err trust_seal(struct trust *trust, const struct trust_policy *policy,
                    const struct secret *secret, struct room *blob)
{
	return trust->on->seal(trust, policy, secret, blob);
}

enum err trust_unseal(struct trust *trust, const struct trust_policy *policy,
                      const struct trust_approval *approval, struct bytes blob,
                      struct secret *secret)
{
	return trust->on->unseal(trust, policy, approval, blob, secret);
}

enum err trust_counter(struct trust *trust, bool next, uint64_t *out)
{
	return trust->on->counter(trust, next, out);
}

enum err trust_floor(struct trust *trust, uint32_t least, uint32_t *out)
{
	return least <= TRUST_FLOOR_MAX ? trust->on->floor(trust, least, out) : ERR_VALUE;
}

const char *trust_open_text(enum err err)
{
	return err == ERR_NOT_FOUND ? "no chip answers there" : err_text(err);
}
