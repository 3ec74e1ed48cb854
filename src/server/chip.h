/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the store keeps of a machine's sensitive chip and of the last appraisal of its card's session, and of
 * what the verifier goes by. As in records.h: views of a record that was read live as long as the reply.
 */
#ifndef SERVER_CHIP_H
#define SERVER_CHIP_H

#include "base/err.h"
#include "base/limits.h"
#include "evidence/bundle.h"
#include "evidence/decision.h"
#include "evidence/ima.h"
#include "evidence/tpm.h"
#include "server/equipment.h"

enum { CHIP_ID_SIZE = 16 };

enum chip_state {
	CHIP_PENDING,  /* it has proved itself, and nobody has said that it is one of ours */
	CHIP_APPROVED, /* by a supplier's manifest, or by hand */
	CHIP_REVOKED,
	CHIP_STATES
};

struct chip {
	uint64_t version; /* of the row: a change names the version that it was based on; 0: new */
	uint8_t id[CHIP_ID_SIZE]; /* first octets of SHA-256 of the attestation key's TPMT_PUBLIC */
	enum evidence_format format; /* EVIDENCE_TPM or EVIDENCE_PSA */
	enum chip_state state;
	bool test;                  /* a software root of trust, under a test endorsement */
	struct bytes eid;           /* of its card, or, while pending, of the one it claims; or empty */
	struct bytes how;           /* text: what its approval rests on */
	struct bytes key;           /* TPMT_PUBLIC of the attestation key; of PSA the point */
	struct bytes pairing_key;   /* P-256 point; empty when not known */
	struct bytes instance;      /* PSA: UEID */
	struct bytes ek_digest;     /* SHA-256 of the endorsement key's SubjectPublicKeyInfo */
	struct bytes imei, model;   /* as registered; empty when not */
	struct bytes firmware;      /* as it last claimed */

	/* What makes the next evidence newer than the last. */
	bool seen;
	struct tpm_clock clock;
	struct ima_state ima;
	uint32_t ima_reset;
	uint64_t ima_generation;
};

/* The last appraisal in a card's session. */
struct appraised {
	uint64_t time_s;
	enum purpose purpose;
	enum decision decision;
	enum evidence_format format; /* EVIDENCE_NONE when none came */
	struct bytes eid, operator_name;
	struct bytes policy;          /* its name */
	struct bytes evidence_digest; /* SHA-256 of the bundle; empty when none came */
	struct bytes findings;        /* as the appraiser packs them */
	struct bytes explanation;     /* for people, lines */
	struct bytes result;          /* the attestation result (EAR): CWT, its claims alone where
	                               * there is no key to sign results with */
	struct equipment_seen seen;   /* the machine, as it was found */
};

/* What the verifier goes by. */
enum item_kind {
	ITEM_POLICY,    /* text; name: the operator's, "" for all others */
	ITEM_REFERENCE, /* reference values, native text */
	ITEM_CORIM,
	ITEM_ROOT,      /* certificate (DER) of who endorses chips */
	ITEM_TEST_ROOT, /* the same, for chips that protect nothing */
	ITEM_SUPPLIER,  /* P-256 public key (SPKI, DER) of who signs manifests */
	ITEM_REVOKED, /* firmware that is not accepted any more; name: MODEL, a NUL octet, VERSION */
	ITEM_KINDS
};

struct item {
	enum item_kind kind;
	struct bytes name, body;
};

/* As they lie in the store and go over its links. On error `in` and `out` are untouched. */
void pack_chip(struct room *out, const struct chip *chip);
NODISCARD enum err unpack_chip(struct bytes *in, struct chip *out);
void pack_appraised(struct room *out, const struct appraised *appraised);
NODISCARD enum err unpack_appraised(struct bytes *in, struct appraised *out);
void pack_item(struct room *out, const struct item *item);
NODISCARD enum err unpack_item(struct bytes *in, struct item *out);

#endif
