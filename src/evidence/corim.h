/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reference values and endorsements as suppliers publish them: CoRIM and the CoMID tags in it
 * (draft-ietf-rats- corim). Read by iterating over views; everything is checked for form as it is
 * passed, nothing is copied.
 *
 * What a measurement key means (a PCR, a software component) is the business of the profile and of
 * who asks.
 */
#ifndef EVIDENCE_CORIM_H
#define EVIDENCE_CORIM_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/secret.h"
#include "port/attest_crypto.h"

enum { CORIM_SHA256 = 1, CORIM_SHA384 = 7, CORIM_SHA512 = 8 }; /* IANA named information hashes */
enum {
	CORIM_TAG_UNSIGNED = 501,
	CORIM_TAG_SIGNED_OLD = 500, /* drafts before -05 wrapped what is tagged anyway */
};

struct corim {
	struct bytes id;               /* text or UUID */
	struct bytes profile;          /* URI, or OID content; at == NULL when absent */
	bool bounded;                  /* a validity is given */
	int64_t not_before, not_after; /* seconds since 1970; not_before 0 when absent */
	struct bytes tags;             /* what corim_next_comid has not taken yet */
	struct bytes octets;           /* all of it: of a signed one, what is signed */
};

/* corim_read takes an unsigned CoRIM, with or without its tag 501. */
NODISCARD enum err corim_read(struct bytes in, struct corim *out);

/* corim_signed_read verifies a COSE_Sign1 and reads the CoRIM in it; its validity is what is left of it by that
 * of the signature. */
NODISCARD enum err corim_signed_read(struct bytes in, const struct attest_key *key,
                                     struct corim *out);

/* corim_sign appends a CoRIM as a COSE_Sign1 (clause 4.2) under ES256; `signer` is a name for people. ERR_ROOM;
 * causes of corim_read: nobody signs what nobody can read. */
NODISCARD enum err corim_sign(struct room *out, const struct secret *scalar, struct bytes signer,
                              struct bytes corim);

/* Triples by the keys of the triples map. */
enum comid_triples {
	COMID_REFERENCE = 0,
	COMID_ENDORSED = 1,
	COMID_IDENTITY = 2,
	COMID_ATTEST_KEY = 3,
	COMID_TRIPLES = 4, /* those above are read; others are checked for form alone */
};

struct comid {
	struct bytes id;
	uint64_t version;
	struct bytes triples[COMID_TRIPLES]; /* records left; at == NULL when absent */
};

/* corim_next_comid takes the next CoMID tag, stepping over tags of other kinds; ERR_NOT_FOUND at
 * the end. */
NODISCARD enum err corim_next_comid(struct corim *corim, struct comid *out);

/* comid_read takes a concise-mid-tag map. */
NODISCARD enum err comid_read(struct bytes in, struct comid *out);

struct comid_environment {
	uint64_t class_tag; /* 37 UUID, 111 OID, 560 bytes; 0 for none */
	struct bytes class_id;
	struct bytes vendor, model;
	/* 37 UUID, 550 UEID, 560 bytes, or a key or certificate (554 and on); 0 for none */
	uint64_t instance_tag;
	struct bytes instance;
};

/* comid_next takes a record: the environment, and the items of its second part (measurement maps of
 * reference and endorsed triples, tagged keys of the others). ERR_NOT_FOUND at the end. */
NODISCARD enum err comid_next(struct bytes *triples, struct comid_environment *environment,
                              struct bytes *items);

struct comid_measurement {
	bool has_number, key_is_text;
	uint64_t number;  /* measurement key, when a number */
	struct bytes key; /* measurement key, when text or a tagged string */
	struct bytes version, name;
	struct bytes digests;   /* items for corim_next_digest; at == NULL when absent */
	struct bytes keys;      /* items of cryptokeys */
	struct bytes registers; /* pairs of integrity registers */
};

NODISCARD enum err comid_next_measurement(struct bytes *items, struct comid_measurement *out);

/* corim_attest_key finds the key with which the device of that UEID signs its evidence (attest-key triples): the text of
 * a pkix-base64-key, a SubjectPublicKeyInfo in PEM. ERR_NOT_FOUND; ERR_UNSUPPORTED for a key of another kind, ERR_TRAILING
 * for several; otherwise causes of the readers above. */
NODISCARD enum err corim_attest_key(const struct corim *corim, struct bytes instance,
                                    struct bytes *pem);

struct corim_digest {
	int64_t algorithm; /* 0 when named by text */
	struct bytes value;
};

/* corim_next_digest: ERR_LENGTH when a hash that the port knows has another size. */
NODISCARD enum err corim_next_digest(struct bytes *digests, struct corim_digest *out);

#endif
