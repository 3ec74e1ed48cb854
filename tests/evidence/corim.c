/* SPDX-License-Identifier: Apache-2.0 */
/* CoRIM and CoMID: the published files are walked to the last digest. */
#include "evidence/corim.h"

#include "codec/cbor.h"
#include "codec/hex.h"
#include "tests/evidence/diag.h"
#include "tests/evidence/keys.h"

struct tally {
	int comids, records, measurements, digests;
};

static enum err walk_digests(struct bytes in, struct tally *tally)
{
	struct corim_digest digest;

	while (in.len > 0) {
		TRY(corim_next_digest(&in, &digest));
		tally->digests++;
	}
	return ERR_NONE;
}

static enum err walk_measurements(struct bytes in, struct tally *tally)
{
	struct comid_measurement m;

	while (in.len > 0) {
		TRY(comid_next_measurement(&in, &m));
		TRY(walk_digests(m.digests, tally));
		tally->measurements++;
	}
	return ERR_NONE;
}

static enum err walk_comid(const struct comid *comid, struct tally *tally)
{
	for (int kind = 0; kind < COMID_TRIPLES; kind++) {
		struct bytes triples = comid->triples[kind], items;
		struct comid_environment environment;

		while (triples.len > 0) {
			TRY(comid_next(&triples, &environment, &items));
			tally->records++;
			if (kind == COMID_REFERENCE || kind == COMID_ENDORSED)
				TRY(walk_measurements(items, tally));
		}
	}
	tally->comids++;
	return ERR_NONE;
}

static enum err walk(struct corim *corim, struct tally *tally)
{
	struct comid comid;
	enum err err;

	while ((err = corim_next_comid(corim, &comid)) == ERR_NONE)
		TRY(walk_comid(&comid, tally));
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

static enum err run(const char *path, struct bytes in, struct tally *tally)
{
	struct corim corim;
	struct comid comid;
	struct attest_key key;

	if (strstr(path, "/coserv/") != NULL || strstr(path, "/coev-") != NULL)
		return cbor_check(in); /* queries and evidence: only their form is of interest */
	if (strstr(path, "/comid-") != NULL) {
		TRY(comid_read(in, &comid));
		return walk_comid(&comid, tally);
	}
	if (strstr(path, "corim-signed") != NULL) {
		struct bytes jwk;
		if (!attestation_file("psa/veraison-ec.p256.pub.jwk", &jwk))
			return ERR_NOT_FOUND;
		json_t *root = json_loadb((const char *)jwk.at, jwk.len, 0, NULL);
		bool got = key_from_jwk(root, &key);
		json_decref(root);
		if (!got)
			return ERR_VALUE;
		TRY(corim_signed_read(in, &key, &corim));
		/* Both bear a signature that is good from 2021-12-31 to 2025-12-31. */
		if (!corim.bounded || corim.not_before < 0x61CE4800 || corim.not_after > 0x69546780)
			return ERR_EXPIRED;
	} else {
		TRY(corim_read(in, &corim));
	}
	return walk(&corim, tally);
}

static void judge(const struct vector *vector)
{
	static uint8_t store[1 << 16];
	struct room out = ROOM(store);
	struct tally tally = { 0 };
	struct bytes in = vector->data;

	if (strstr(vector->path, "/src/") != NULL)
		return; /* sources of the files beside them */
	if (strstr(vector->path, ".diag") != NULL) {
		if (strstr(vector->path, "cotl") != NULL) {
			ok(diag_read(in, &out) && cbor_check(room_used(&out)) == ERR_NONE,
			   "%s: well formed", vector->path);
			return;
		}
		if (!ok(diag_read(in, &out), "%s is diagnostic notation", vector->path))
			return;
		in = room_used(&out);
	}
	/* "REJECT by scheme profile" files are good CoRIMs that say what one verifier's profile of
	 * them forbids. */
	enum err err = run(vector->path, in, &tally);
	if (!ok(err == ERR_NONE, "%s: %d CoMIDs, %d records, %d measurements, %d digests",
	        vector->path, tally.comids, tally.records, tally.measurements, tally.digests))
		printf("# got %s\n", err_name(err));
}

/* RFC 9783 and draft-fdb-rats-psa-endorsements: whose key signs which instance's tokens. */
static void attest_keys(void)
{
	uint8_t octets[33];
	struct room instance = ROOM(octets);
	struct corim corim;
	struct bytes in, pem;

	if (!attestation_file("corim/scheme/corim-psa-valid.cbor", &in))
		return;
	ok_err(hex_read(BYTES_STR("014ca3e4f50bf248c39787020d68ffd05c88767751bf2645ca923f57a98becd296"),
	                &instance),
	       ERR_NONE, "an instance");
	ok_err(corim_read(in, &corim), ERR_NONE, "a CoRIM with attestation keys");
	ok(corim_attest_key(&corim, room_used(&instance), &pem) == ERR_NONE && pem.len > 160 &&
	           memmem(pem.at, pem.len, "E6Vwqe7hy3O8Ypa", 15) != NULL,
	   "R1b.4: the key of the second instance is found");
	octets[32] ^= 1;
	ok_err(corim_attest_key(&corim, room_used(&instance), &pem), ERR_NOT_FOUND,
	       "R1b.4: there is none of another");
	octets[32] ^= 1;
	if (!attestation_file("corim/scheme/corim-psa-bad-ta-cert.cbor", &in))
		return;
	ok_err(corim_read(in, &corim), ERR_NONE, "a CoRIM with a certificate instead");
	ok_err(corim_attest_key(&corim, room_used(&instance), &pem), ERR_UNSUPPORTED,
	       "that is no key");
}

int main(void)
{
	attest_keys();
	each_vector("corim/", judge);
	return done();
}
