/* SPDX-License-Identifier: Apache-2.0 */
/* The backend of port/trust.h that is no chip: "soft:FILE". */
#include "port/trust_backend.h"

#include "softtpm/file.h"

#include <stdlib.h>
#include <string.h>

struct soft {
	struct trust trust; /* first: chip */
	struct softtpm_file file;
};

static struct softtpm_file *chip(struct trust *trust)
{
	return &((struct soft *)trust)->file;
}

static void soft_close(struct trust *trust)
{
	softtpm_file_close(chip(trust));
	free(trust);
}

static enum err soft_open(struct trust **trust, const char *name)
{
	struct soft *soft = calloc(1, sizeof *soft);

	if (soft == NULL)
		return ERR_FULL;
	enum err err = softtpm_file_open(&soft->file, name);
	if (err != ERR_NONE) {
		free(soft);
		return err;
	}
	soft->trust.on = &trust_soft;
	*trust = &soft->trust;
	return ERR_NONE;
}

static enum err soft_endorsement(struct trust *trust, struct room *public, struct room *certificate)
{
	const struct softtpm_file *file = chip(trust);

	TRY(softtpm_endorsement_public(&file->tpm, public));
	if (file->certificate_len == 0)
		return ERR_NOT_FOUND;
	room_put(certificate, (struct bytes){ file->certificate, file->certificate_len });
	return certificate->full ? ERR_ROOM : ERR_NONE;
}

static enum err soft_attestation_public(struct trust *trust, struct room *public)
{
	softtpm_public(&chip(trust)->tpm, public);
	return public->full ? ERR_ROOM : ERR_NONE;
}

static enum err soft_activate(struct trust *trust, struct bytes credential, struct bytes secret,
                              struct secret *out)
{
	return softtpm_activate(&chip(trust)->tpm, credential, secret, out);
}

/* What shows the clock has saved it before: no later statement may be older, not even after a crash. */
static enum err clock_save(struct softtpm_file *file)
{
	softtpm_file_tick(file);
	return softtpm_file_save(file, &file->tpm);
}

static enum err soft_quote(struct trust *trust, uint32_t pcrs, struct bytes qualifying,
                           struct room *attest, struct room *signature)
{
	TRY(clock_save(chip(trust)));
	return softtpm_quote(&chip(trust)->tpm, pcrs, qualifying, attest, signature);
}

static enum err soft_attestation_sign(struct trust *trust, struct bytes message,
                                      uint8_t signature[static EC_SIGNATURE_SIZE])
{
	return softtpm_attestation_sign(&chip(trust)->tpm, message, signature);
}

static enum err soft_clock(struct trust *trust, struct room *clock)
{
	TRY(clock_save(chip(trust)));
	tpm_clock_put(clock, &chip(trust)->tpm.clock);
	return clock->full ? ERR_ROOM : ERR_NONE;
}

/* Software runs at locality 0, from which the PCRs of a dynamic launch cannot be extended (platform profile 4.6.2). */
static enum err soft_extend(struct trust *trust, unsigned pcr,
                            const uint8_t digest[static SHA256_SIZE])
{
	struct softtpm_file *file = chip(trust);
	struct softtpm next = file->tpm;

	if (pcr >= 17 && pcr <= 22)
		return ERR_IO;
	enum err err = softtpm_extend(&next, pcr, digest);
	if (err == ERR_NONE)
		err = softtpm_file_save(file, &next);
	softtpm_clear(&next);
	return err;
}

static enum err soft_pcr(struct trust *trust, unsigned pcr, uint8_t value[static SHA256_SIZE])
{
	memcpy(value, chip(trust)->tpm.bank.value[pcr], SHA256_SIZE);
	return ERR_NONE;
}

static enum err soft_state_digest(struct trust *trust, uint32_t pcrs,
                                  uint8_t digest[static SHA256_SIZE])
{
	return softtpm_state_digest(&chip(trust)->tpm, pcrs, digest);
}

static enum err soft_pairing_public(struct trust *trust, const struct trust_policy *policy,
                                    struct room *public)
{
	return softtpm_pairing_public(&chip(trust)->tpm, policy, public);
}

static enum err soft_pairing_certify(struct trust *trust, const struct trust_policy *policy,
                                     struct room *public, struct room *attest,
                                     struct room *signature)
{
	TRY(clock_save(chip(trust)));
	return softtpm_pairing_certify(&chip(trust)->tpm, policy, public, attest, signature);
}

static enum err soft_pairing_sign(struct trust *trust, const struct trust_policy *policy,
                                  const struct trust_approval *approval, struct bytes message,
                                  uint8_t signature[static EC_SIGNATURE_SIZE])
{
	return softtpm_pairing_sign(&chip(trust)->tpm, policy, approval, message, signature);
}

static enum err soft_seal(struct trust *trust, const struct trust_policy *policy,
                          const struct secret *secret, struct room *blob)
{
	return softtpm_seal(&chip(trust)->tpm, policy, secret, blob);
}

static enum err soft_unseal(struct trust *trust, const struct trust_policy *policy,
                            const struct trust_approval *approval, struct bytes blob,
                            struct secret *secret)
{
	return softtpm_unseal(&chip(trust)->tpm, policy, approval, blob, secret);
}

static enum err soft_counter(struct trust *trust, bool next, uint64_t *out)
{
	struct softtpm_file *file = chip(trust);
	struct softtpm now = file->tpm;
	uint64_t value;

	softtpm_counter(&now, next, &value);
	enum err err = now.counter == file->tpm.counter ? ERR_NONE : softtpm_file_save(file, &now);
	softtpm_clear(&now);
	if (err == ERR_NONE)
		*out = value;
	return err;
}

static enum err soft_floor(struct trust *trust, uint32_t least, uint32_t *out)
{
	struct softtpm_file *file = chip(trust);
	struct softtpm next = file->tpm;
	enum err err = ERR_NONE;

	if (least > next.floor) {
		next.floor = least;
		err = softtpm_file_save(file, &next);
	}
	softtpm_clear(&next);
	if (err == ERR_NONE)
		*out = file->tpm.floor;
	return err;
}

const struct trust_backend trust_soft = {
	.open = soft_open,
	.close = soft_close,
	.endorsement = soft_endorsement,
	.attestation_public = soft_attestation_public,
	.activate = soft_activate,
	.quote = soft_quote,
	.attestation_sign = soft_attestation_sign,
	.clock = soft_clock,
	.extend = soft_extend,
	.pcr = soft_pcr,
	.state_digest = soft_state_digest,
	.pairing_public = soft_pairing_public,
	.pairing_certify = soft_pairing_certify,
	.pairing_sign = soft_pairing_sign,
	.seal = soft_seal,
	.unseal = soft_unseal,
	.counter = soft_counter,
	.floor = soft_floor,
};
