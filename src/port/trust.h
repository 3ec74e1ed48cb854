/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the machine's side asks of its sensitive chip (R1b, R5, R9, R10): who it is, signed evidence of the
 * platform state, a pairing key and sealed secrets that work in a good state only. Backends: tpm2/ for a
 * TPM 2.0, on a device or on swtpm; room softtpm for one in a file, which protects nothing.
 *
 * Structures go in and come out in the TPM's own encoding (TPMT_PUBLIC, TPMS_ATTEST, TPMT_SIGNATURE ...),
 * which room evidence reads, so that a verifier cannot tell backends apart but by their endorsement.
 *
 * Keys are primary keys: the chip makes the same ones from its seed each time, so nothing has to be
 * stored beside it. Calls are slow (up to seconds on a real chip) and not for concurrent use. ERR_IO when the
 * chip does not answer or refuses for a reason that has no cause of its own here.
 */
#ifndef PORT_TRUST_H
#define PORT_TRUST_H

#include "base/secret.h"
#include "port/crypto.h"

enum {
	TRUST_PCRS = 24,
	TRUST_BLOB_MAX = 1024, /* a sealed secret, or any public area */
	TRUST_CERTIFICATE_MAX = 4096,
	TRUST_FLOOR_MAX = 1024,
	TRUST_MESSAGE_MAX = 1024, /* every chip's TPM2_PT_INPUT_BUFFER (PC Client profile 4.1) */
};

struct trust;

/* Which platform states are good: those that `signer` has approved (TPM2_PolicyAuthorize). A signed
 * firmware update brings a new approval, and neither pairing key nor sealed secrets change. */
struct trust_policy {
	uint8_t signer[EC_POINT_SIZE]; /* P-256 key of who approves states */
};

struct trust_approval {
	uint32_t pcrs;                        /* bit n: PCR n of the SHA-256 bank */
	uint8_t digest[SHA256_SIZE];          /* of the state: trust_state_digest */
	uint8_t signature[EC_SIGNATURE_SIZE]; /* ECDSA with SHA-256 by the signer over `digest` */
};

/* trust_open connects to a chip: `name` is a TCTI configuration as tpm2-tools take it, for example
 * "device:/dev/tpmrm0" or "swtpm:path=/run/swtpm.sock", or "soft:FILE" for a software TPM. ERR_NOT_FOUND when there
 * is none, ERR_BUSY when somebody else keeps a FILE open, ERR_CORRUPT when it is damaged. trust_close flushes what was
 * loaded and frees; NULL is allowed. */
NODISCARD enum err trust_open(struct trust **trust, const char *name);

/* trust_open_text says for people what trust_open found. */
const char *trust_open_text(enum err err);

void trust_close(struct trust *trust);

/* trust_endorsement appends the endorsement key's TPMT_PUBLIC and its certificate (DER) as the maker put it
 * into the chip's NV memory; ERR_NOT_FOUND when there is no certificate, with `public` written all the same
 * for a key of the P-256 template. */
NODISCARD enum err trust_endorsement(struct trust *trust, struct room *public,
                                     struct room *certificate);

/* trust_attestation_public appends the TPMT_PUBLIC of the attestation key: a restricted P-256 signing key. */
NODISCARD enum err trust_attestation_public(struct trust *trust, struct room *public);

/* trust_activate proves that the attestation key and the endorsement key are in the same chip: it opens
 * what a verifier made for both (TPM2B_ID_OBJECT and TPM2B_ENCRYPTED_SECRET, without their sizes).
 * ERR_MAC when it was made for another pair. */
NODISCARD enum err trust_activate(struct trust *trust, struct bytes credential, struct bytes secret,
                                  struct secret *out);

/* trust_quote appends a TPMS_ATTEST over the PCRs of the SHA-256 bank with `qualifying` (at most 32 octets)
 * as extraData, and its TPMT_SIGNATURE by the attestation key. */
NODISCARD enum err trust_quote(struct trust *trust, uint32_t pcrs, struct bytes qualifying,
                               struct room *attest, struct room *signature);

/* trust_attestation_sign signs SHA-256 of the message (at most TRUST_MESSAGE_MAX octets) with the attestation key,
 * r || s. The chip hashes it itself, and refuses one that begins as what only chips make: ERR_DENIED. So nothing
 * that is signed here passes for a quote. */
NODISCARD enum err trust_attestation_sign(struct trust *trust, struct bytes message,
                                          uint8_t signature[static EC_SIGNATURE_SIZE]);

/* trust_clock appends the chip's clock and counts of starts, a TPMS_CLOCK_INFO. */
NODISCARD enum err trust_clock(struct trust *trust, struct room *clock);

/* trust_extend extends one PCR in the SHA-256 bank; trust_pcr reads it. */
NODISCARD enum err trust_extend(struct trust *trust, unsigned pcr,
                                const uint8_t digest[static SHA256_SIZE]);
NODISCARD enum err trust_pcr(struct trust *trust, unsigned pcr, uint8_t value[static SHA256_SIZE]);

/* trust_state_digest tells what an approval of these PCRs as they are now has as its digest: that of a
 * policy of one TPM2_PolicyPCR (part 3, 23.7). */
NODISCARD enum err trust_state_digest(struct trust *trust, uint32_t pcrs,
                                      uint8_t digest[static SHA256_SIZE]);

/* trust_pairing_public appends the TPMT_PUBLIC of the pairing key under the policy. */
NODISCARD enum err trust_pairing_public(struct trust *trust, const struct trust_policy *policy,
                                        struct room *public);

/* trust_pairing_certify has the attestation key certify that the pairing key is in the same chip: it appends the
 * pairing key's TPMT_PUBLIC, a TPMS_ATTEST that names it, and the TPMT_SIGNATURE over that. */
NODISCARD enum err trust_pairing_certify(struct trust *trust, const struct trust_policy *policy,
                                         struct room *public, struct room *attest,
                                         struct room *signature);

/* trust_pairing_sign signs SHA-256 of the message with the pairing key, r || s. ERR_DENIED when the state
 * now is not the approved one, ERR_SIGNATURE when the approval is not the signer's. */
NODISCARD enum err trust_pairing_sign(struct trust *trust, const struct trust_policy *policy,
                                      const struct trust_approval *approval, struct bytes message,
                                      uint8_t signature[static EC_SIGNATURE_SIZE]);

/* trust_seal makes a blob (at most TRUST_BLOB_MAX octets) that only this chip opens, in approved states;
 * trust_unseal opens it, with errors as for pairing, ERR_CORRUPT when the blob is not whole. */
NODISCARD enum err trust_seal(struct trust *trust, const struct trust_policy *policy,
                              const struct secret *secret, struct room *blob);
NODISCARD enum err trust_unseal(struct trust *trust, const struct trust_policy *policy,
                                const struct trust_approval *approval, struct bytes blob,
                                struct secret *secret);

/* trust_counter reads the chip's monotonic counter, after incrementing it when `next`. It is made at first use
 * and never goes back. The chip's memory wears: not for more than a few times a day. */
NODISCARD enum err trust_counter(struct trust *trust, bool next, uint64_t *out);

/* trust_floor reads the number below which this machine takes nothing any more, after raising it to `least` when that
 * is more; 0 at first. ERR_VALUE above TRUST_FLOOR_MAX. It never falls, unless the chip's owner has it forgotten. A
 * new number is one write of the chip's memory, one that is not above the last none. */
NODISCARD enum err trust_floor(struct trust *trust, uint32_t least, uint32_t *out);

#endif
