/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything that is CBOR in evidence. Laws: a bundle re-encodes to itself; claims of
 * the equipment or of a PSA token that are read again after they were written are the same; a message whose
 * one octet is changed does not verify (tests do that with a key); what is read lies within what
 * was given.
 */
#include "evidence/bundle.h"
#include "evidence/corim.h"
#include "evidence/cose.h"
#include "evidence/ear.h"
#include "evidence/eat.h"
#include "evidence/statement.h"

#include "fuzz/law.h"

#include <string.h>

static uint8_t store[1 << 15];

static int inside(struct bytes part, struct bytes all)
{
	return part.len == 0 || (part.at >= all.at && part.at + part.len <= all.at + all.len);
}

static void bundles(struct bytes in)
{
	struct room out = ROOM(store);
	struct equipment_claims claims, again;
	struct evidence evidence;

	if (evidence_read(in, &evidence) == ERR_NONE) {
		LAW(inside(evidence.claims, in) && inside(evidence.log, in) &&
		    inside(evidence.token, in));
		evidence_put(&out, &evidence);
		/* An empty map of PCRs is not written. */
		LAW(evidence.pcr.known == 0 || bytes_same(room_used(&out), in));
	}
	out.len = 0;
	if (equipment_claims_read(in, &claims) == ERR_NONE) {
		equipment_claims_put(&out, &claims);
		LAW(!out.full && out.len <= in.len);
		LAW(equipment_claims_read(room_used(&out), &again) == ERR_NONE);
		LAW(strcmp(claims.imei, again.imei) == 0 &&
		    bytes_same(claims.model, again.model) &&
		    bytes_same(claims.firmware, again.firmware));
	}
}

static void tokens(struct bytes in)
{
	struct room out = ROOM(store);
	struct psa_claims claims, again;
	struct cose message;
	struct ear ear;

	if (cose_read(in, COSE_TAG_SIGN1, &message) == ERR_NONE)
		LAW(inside(message.payload, in) && inside(message.signature, in) &&
		    inside(message.kid, in));
	if (psa_claims_read(in, &claims) == ERR_NONE && claims.components > 0) {
		psa_claims_put(&out, &claims);
		if (claims.certification.len == 0 || claims.profile != PSA_PROFILE_1) {
			LAW(psa_claims_read(room_used(&out), &again) == ERR_NONE);
			LAW(again.lifecycle == claims.lifecycle &&
			    again.components == claims.components &&
			    bytes_same(again.nonce, claims.nonce));
		}
	}
	out.len = 0;
	if (ear_claims_read(in, &ear) == ERR_NONE) {
		struct ear back;
		ear_claims_put(&out, &ear);
		LAW(ear_claims_read(room_used(&out), &back) == ERR_NONE &&
		    back.status == ear.status && bytes_same(back.submodule, ear.submodule));
	}
}

static void corims(struct bytes in)
{
	struct comid_environment environment;
	struct comid_measurement measurement;
	struct corim_digest digest;
	struct bytes triples, items, pem;
	struct corim corim;
	struct comid comid;

	if (corim_read(in, &corim) != ERR_NONE)
		return;
	const struct corim whole = corim;
	while (corim_next_comid(&corim, &comid) == ERR_NONE) {
		triples = comid.triples[COMID_ATTEST_KEY];
		while (comid_next(&triples, &environment, &items) == ERR_NONE)
			if (corim_attest_key(&whole, environment.instance, &pem) == ERR_NONE)
				LAW(inside(pem, in));
		triples = comid.triples[COMID_REFERENCE];
		while (comid_next(&triples, &environment, &items) == ERR_NONE) {
			while (comid_next_measurement(&items, &measurement) == ERR_NONE) {
				while (corim_next_digest(&measurement.digests, &digest) == ERR_NONE)
					LAW(inside(digest.value, in));
			}
		}
	}
}

/* What reads as a statement is the one encoding of it. */
static void statements(struct bytes in)
{
	struct room out = ROOM(store);
	struct statement read;

	if (statement_content_read(in, &read) != ERR_NONE)
		return;
	LAW(read.deviations <= STATEMENT_DEVIATIONS_MAX && inside(read.reference, in));
	statement_content_put(&out, &read);
	LAW(bytes_same(room_used(&out), in));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = { data, size };

	if (size > sizeof store / 2)
		return 0;
	bundles(in);
	tokens(in);
	corims(in);
	statements(in);
	return 0;
}
