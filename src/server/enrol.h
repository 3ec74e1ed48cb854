/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Enrolment of a machine's sensitive chip (docs/protocol.md, "Enrolment"), as it goes over the link from a
 * worker to the appraiser. Who enrols shows the endorsement key's certificate and an attestation key, gets a secret
 * that only a chip with both can open, and gives it back.
 */
#ifndef SERVER_ENROL_H
#define SERVER_ENROL_H

#include "evidence/credential.h"
#include "evidence/enrolment.h"
#include "server/appraiser.h"
#include "server/chip.h"

enum {
	ENROL_CHAIN_MAX = 4, /* certificates that may come with the endorsement key's */
	ENROL_LIFE_S = 600,  /* a real chip needs seconds */
	ENROL_REASON_MAX = 48,
	ENROL_TEXT_MAX = 160,
};

struct enrol_begin {
	struct bytes eid;                        /* of the card that the machine holds, 16 octets */
	struct bytes ek_public, ak_public;       /* TPMT_PUBLIC */
	struct bytes ek_certificate;             /* DER */
	struct bytes chain[ENROL_CHAIN_MAX];     /* DER, between it and a root; empty: no more */
	struct bytes pairing_public;             /* TPMT_PUBLIC of the pairing key; empty: none */
	struct bytes certify, certify_signature; /* TPMS_ATTEST and TPMT_SIGNATURE over it */
	struct bytes imei, model;                /* digits; text */
};

/* Why it was refused: one word for programs, a phrase for people. An empty reason: it was not. */
struct enrol_refusal {
	char reason[ENROL_REASON_MAX];
	char text[ENROL_TEXT_MAX];
};

struct enrol_challenge {
	struct enrol_refusal refused;
	uint8_t id[ENROL_ID_SIZE];
	struct bytes credential, secret; /* TPM2B_ID_OBJECT, TPM2B_ENCRYPTED_SECRET without sizes */
};

struct enrol_prove {
	struct bytes id, proof;
};

struct enrol_outcome {
	struct enrol_refusal refused;
	uint8_t chip[CHIP_ID_SIZE];
	enum chip_state state;
	struct bytes how; /* why it has that state, for people */
};

/* The messages of a link. On error `out` is untouched. */
void enrol_begin_put(struct room *out, const struct enrol_begin *begin);
NODISCARD enum err enrol_begin_read(struct bytes in, struct enrol_begin *out);
void enrol_challenge_put(struct room *out, const struct enrol_challenge *challenge);
NODISCARD enum err enrol_challenge_read(struct bytes in, struct enrol_challenge *out);
void enrol_prove_put(struct room *out, const struct enrol_prove *prove);
NODISCARD enum err enrol_prove_read(struct bytes in, struct enrol_prove *out);
void enrol_outcome_put(struct room *out, const struct enrol_outcome *outcome);
NODISCARD enum err enrol_outcome_read(struct bytes in, struct enrol_outcome *out);

/* The client's calls. A refusal is no error. `out` lives as long as asker_call's answers. */
NODISCARD enum err appraiser_enrol_begin(struct appraiser *appraiser,
                                         const struct enrol_begin *begin,
                                         struct enrol_challenge *out);
NODISCARD enum err appraiser_enrol_prove(struct appraiser *appraiser,
                                         const struct enrol_prove *prove,
                                         struct enrol_outcome *out);

/* appraiser_manifest has a supplier's manifest checked against the suppliers known, and what it lists kept. `count`
 * is how many machines it lists. ERR_SIGNATURE when no supplier known has signed it; ERR_EXISTS when it lists a card
 * that another supplier has listed. */
NODISCARD enum err appraiser_manifest(struct appraiser *appraiser, struct bytes manifest,
                                      uint64_t *count);

/* appraiser_enrol_psa makes a PSA root of trust known for a card, on the operator's word `chip->how`: of `chip` its eid,
 * instance, imei, model and, as `key`, the attestation key's SubjectPublicKeyInfo are looked at. When it is refused, `why`
 * is the error, `says` what is wrong for people, and nothing has changed; otherwise `chip` is what is known now. The views
 * live as those of store_client's calls. */
struct enrol_added {
	enum err why;
	struct bytes says;
	struct chip chip;
};
NODISCARD enum err appraiser_enrol_psa(struct appraiser *appraiser, const struct chip *chip,
                                       struct enrol_added *out);

#endif
