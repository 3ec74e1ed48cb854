/* SPDX-License-Identifier: Apache-2.0 */
/* Enrolment: which chips are believed, and which of them are ours. */
#ifndef APPRAISER_ENROL_H
#define APPRAISER_ENROL_H

#include "appraiser/refusals.h"
#include "port/ek_chain.h"
#include "server/enrol.h"
#include "server/store_enrol.h"

/* What has been found of a chip that wants to be enrolled. */
struct enrol_checked {
	struct tpm_public ek, ak;
	bool endorsed; /* its endorsement key is one that a trusted maker has certified; the next two are of that */
	bool test; /* its root is a test root */
	uint8_t ek_digest[SHA256_SIZE];
	bool has_pairing_key;
	uint8_t pairing_key[EC_POINT_SIZE];
};

/* enrol_check judges what a chip shows, before any secret is made for it: the endorsement key's certificate,
 * what kind of key the attestation key is, and the pairing key's certification by it. ERR_DENIED, with the
 * reason; what was found before stands in `out`. */
NODISCARD enum err enrol_check(const struct enrol_begin *begin, const struct ek_roots *roots,
                               bool test_chips, int64_t now_s, struct enrol_checked *out,
                               struct enrol_refusal *refused);

/* enrol_check_claims judges what is said of a machine: its IMEI, which may be empty, and its model. ERR_DENIED, with the
 * reason. */
NODISCARD enum err enrol_check_claims(struct bytes imei, struct bytes model,
                                      struct enrol_refusal *refused);

/* enrol_listed tells whether a supplier has listed exactly this machine; if not, `how` says what differs. */
bool enrol_listed(const struct chip *chip, const struct listed *listed, struct room *how);

/* What enrolment needs beyond struct appraiser_ports; as in server/store_enrol.h. */
struct enrol_ports {
	enum err (*chip_by_id)(void *ctx, struct bytes id, struct chip *out);
	enum err (*challenge_add)(void *ctx, struct bytes id, uint64_t expires_s,
	                          struct bytes body);
	enum err (*challenge_take)(void *ctx, struct bytes id, uint64_t now_s, struct bytes *body);
	enum err (*listed)(void *ctx, struct bytes eid, struct listed *out);
	enum err (*manifest_add)(void *ctx, struct bytes supplier, struct bytes batch,
	                         struct bytes digest, uint64_t count, struct bytes entries);
	enum err (*chip_add)(void *ctx, const struct chip *chip, struct chip *out);
};

struct enrol_state {
	struct enrol_ports ports;
	bool test_chips;     /* chips under a test root are taken */
	uint64_t generation; /* of the items behind `roots`; 0: none */
	struct ek_roots *roots;

	/* For the audit log: strangers, who can be refused for nothing, must not use up the room of chips of makers
	 * that are trusted. */
	struct refusals of_chips, of_strangers;
};

#endif
