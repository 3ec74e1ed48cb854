/* SPDX-License-Identifier: Apache-2.0 */
/* Reference values and policies: their texts row by row, CoRIM files, and what appraisal makes of
 * them. */
#include "verifier/reference.h"
#include "evidence/cose.h"
#include "verifier/policy.h"

#include "tests/evidence/keys.h"

#define HEAD "assay-reference 1\nmodel M\nfirmware 1\n"
#define D32  "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static const struct {
	const char *says, *text;
	enum err want;
	uint32_t line;
} texts[] = {
	{ "a PCR value", HEAD "bank sha256\npcr 7 " D32 "\n", ERR_NONE, 5 },
	{ "comments, blank lines, quoted words",
	  "# x\n\nassay-reference 1\nmodel \"M 1\" # y\nfirmware 1\n"
	  "bank sha256\nevent 4 optional " D32 " \"boot loader\"\n",
	  ERR_NONE, 7 },
	{ "a component alone needs no bank", HEAD "component BL " D32 " " D32 " 2.1\n", ERR_NONE,
	  4 },
	{ "nothing at all", "", ERR_NOT_FOUND, 0 },
	{ "no value at all", HEAD "bank sha256\n", ERR_NOT_FOUND, 4 },
	{ "files alone vouch for no boot", HEAD "ima " D32 " /bin/sh\n", ERR_NOT_FOUND, 4 },
	{ "no model", "assay-reference 1\nfirmware 1\nbank sha256\npcr 7 " D32 "\n", ERR_NOT_FOUND,
	  4 },
	{ "another version of the format", "assay-reference 2\n", ERR_UNSUPPORTED, 1 },
	{ "an unknown line", HEAD "bnak sha256\n", ERR_TAG, 4 },
	{ "a digest before its bank", HEAD "pcr 7 " D32 "\n", ERR_ORDER, 4 },
	{ "two banks", HEAD "bank sha256\nbank sha1\n", ERR_EXISTS, 5 },
	{ "an unknown bank", HEAD "bank md5\n", ERR_VALUE, 4 },
	{ "a digest of another bank's size", HEAD "bank sha1\npcr 7 " D32 "\n", ERR_LENGTH, 5 },
	{ "a PCR that is not there", HEAD "bank sha256\npcr 24 " D32 "\n", ERR_VALUE, 5 },
	{ "a word too many", HEAD "bank sha256 sha1\n", ERR_TRAILING, 4 },
	{ "a quotation that is not closed", HEAD "bank sha256\nevent 4 " D32 " \"boot\n",
	  ERR_TRAILING, 5 },
	{ "a digest that is no hex", HEAD "bank sha256\npcr 7 xx\n", ERR_VALUE, 5 },
};

static void reference_texts(void)
{
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct references references;
		uint32_t line = 99;

		references_init(&references);
		uint64_t generation = references.generation;
		enum err err = references_add_text(&references, bytes_text(texts[i].text), &line);
		ok_err(err, texts[i].want, texts[i].says);
		ok(line == texts[i].line && references.count == (err == ERR_NONE) &&
		           (references.generation > generation) == (err == ERR_NONE),
		   "... told at line %u", line);
		references_clear(&references);
	}
}

#define RULE "assay-policy 1\nname p\npurpose access\n"

static const struct {
	const char *says, *text;
	enum err want;
} policies[] = {
	{ "a rule", RULE "formats tpm\nbanks sha256\npcrs 0 7\n", ERR_NONE },
	{ "tokens need no PCRs", RULE "formats psa\n", ERR_NONE },
	{ "I4: quotes without PCRs", RULE "formats tpm\nbanks sha256\n", ERR_NOT_FOUND },
	{ "I4: quotes without a bank", RULE "formats tpm\npcrs 0\n", ERR_NOT_FOUND },
	{ "no name", "assay-policy 1\npurpose access\nformats psa\n", ERR_NOT_FOUND },
	{ "nothing at all", "", ERR_NOT_FOUND },
	{ "a rule before its purpose", "assay-policy 1\nname p\nformats psa\n", ERR_ORDER },
	{ "a purpose twice", RULE "formats psa\npurpose access\n", ERR_EXISTS },
	{ "an unknown purpose", "assay-policy 1\nname p\npurpose all\n", ERR_VALUE },
	{ "an unknown format", RULE "formats any\n", ERR_VALUE },
	{ "an empty list", RULE "formats\n", ERR_LENGTH },
	{ "an unknown finding", RULE "formats psa\nadmit everything\n", ERR_VALUE },
	{ "I4: a forged signature admitted", RULE "formats psa\nadmit signature\n", ERR_DENIED },
	{ "I4: another session admitted", RULE "formats psa\nrestrict binding\n", ERR_DENIED },
	{ "a finding that may restrict", RULE "formats psa\nrestrict lifecycle component-changed\n",
	  ERR_NONE },
};

static void policy_texts(void)
{
	for (size_t i = 0; i < COUNT(policies); i++) {
		struct policy policy;
		uint32_t line;

		ok_err(policy_read(bytes_text(policies[i].text), &policy, &line), policies[i].want,
		       policies[i].says);
	}
	for (int i = 0; i < FINDINGS; i++) {
		const char *word = finding_word((enum finding_cause)i);
		if (finding_by_word(bytes_text(word)) != (enum finding_cause)i)
			ok(false, "%s is found by its word", word);
	}
}

/* CoRIMs of the schemes that this verifier knows, taken as reference values; the index says what a
 * verifier with exactly their profile does. */
static const struct {
	const char *path;
	enum err want;
} schemes[] = {
	{ "corim/scheme/corim-psa-valid.cbor", ERR_NONE },
	{ "corim/scheme/corim-psa-bad-refval-instance.cbor", ERR_VALUE },
	{ "corim/scheme/corim-psa-bad-refval-mval.cbor", ERR_VALUE },
	{ "corim/scheme/corim-psa-bad-refval-mkey.cbor", ERR_VALUE },
	{ "corim/scheme/corim-psa-bad-class.cbor", ERR_NOT_FOUND },
	{ "corim/scheme/corim-psa-bad-instance.cbor", ERR_NOT_FOUND },
	{ "corim/scheme/corim-psa-bad-ta-cert.cbor", ERR_NOT_FOUND },
	{ "corim/scheme/corim-psa-bad-ta-no-instance.cbor", ERR_NOT_FOUND },
	{ "corim/scheme/corim-parsec-tpm-valid.cbor", ERR_NONE },
	{ "corim/scheme/corim-parsec-tpm-bad-no-pcr.cbor", ERR_VALUE },
	{ "corim/scheme/corim-parsec-tpm-bad-pcr.cbor", ERR_VALUE },
	{ "corim/scheme/corim-parsec-tpm-bad-no-digests.cbor", ERR_VALUE },
	{ "corim/scheme/corim-parsec-tpm-bad-no-class.cbor", ERR_NOT_FOUND },
	{ "corim/scheme/corim-parsec-tpm-bad-no-class-id.cbor", ERR_NOT_FOUND },
	{ "corim/scheme/corim-parsec-tpm-bad-class-id.cbor", ERR_NOT_FOUND },
	{ "corim/scheme/corim-parsec-tpm-bad-instance.cbor", ERR_NOT_FOUND },
	{ "corim/scheme/corim-parsec-tpm-bad-no-instance.cbor", ERR_NOT_FOUND },
	{ "corim/scheme/corim-parsec-tpm-bad-multiple-keys.cbor", ERR_NOT_FOUND },
};

static void judge(const struct vector *vector)
{
	for (size_t i = 0; i < COUNT(schemes); i++) {
		struct references references;

		if (strcmp(schemes[i].path, vector->path) != 0)
			continue;
		references_init(&references);
		enum err err = references_add_corim(&references, vector->data, NULL);
		ok_err(err, schemes[i].want, vector->path);
		if (err == ERR_NONE)
			printf("# %s: %zu PCR values, %zu components\n", references.sets[0].model,
			       references.sets[0].pcr_count, references.sets[0].component_count);
		ok((references.count > 0) == (err == ERR_NONE),
		   "... and nothing is left of what is refused");
		references_clear(&references);
	}
}

static void signed_corim(void)
{
	struct references references;
	struct attest_key key;
	struct bytes in, jwk;

	if (!attestation_file("corim/corim-signed-good-corim.cbor", &in) ||
	    !attestation_file("psa/veraison-ec.p256.pub.jwk", &jwk)) {
		skip("the signed CoRIM is not here");
		return;
	}
	json_t *root = json_loadb((const char *)jwk.at, jwk.len, 0, NULL);
	(void)key_from_jwk(root, &key);
	json_decref(root);
	references_init(&references);
	enum err err = references_add_corim(&references, in, NULL);
	ok(err != ERR_NONE && references.count == 0, "a signed CoRIM is not taken without its key");
	err = references_add_corim(&references, in, &key);
	printf("# %s\n", err_name(err));
	if (attestation_file("corim/corim-unsigned-good-corim.cbor", &in))
		ok(references_add_corim(&references, in, &key) != ERR_NONE,
		   "an unsigned CoRIM is not taken where a signature is asked for");
	references_clear(&references);
}

static enum err key_new(struct secret *scalar, uint8_t point[static EC_POINT_SIZE],
                        struct attest_key *key)
{
	*key = (struct attest_key){
		.kind = ATTEST_P256, .point = {point, EC_POINT_SIZE}
	};
	return crypto_ec_generate(EC_P256, scalar, point);
}

#define VALUES HEAD "bank sha256\npcr 7 " D32 "\n"

/* R7: in whichever form, what nobody has signed, or somebody else, is taken by no machine. */
static void signed_by(struct bytes text, const char *what)
{
	static uint8_t store[1 << 14];
	uint8_t point[EC_POINT_SIZE], other_point[EC_POINT_SIZE], digest[SHA256_SIZE];
	struct attest_key key, other;
	struct room out = ROOM(store);
	struct references references;
	size_t intact = 0;
	SECRET scalar, stranger;
	uint32_t line;

	ok(key_new(&scalar, point, &key) == ERR_NONE &&
	           key_new(&stranger, other_point, &other) == ERR_NONE &&
	           references_sign(&out, &scalar, BYTES_STR("Acme"), text) == ERR_NONE &&
	           references_are_signed(room_used(&out)) && !references_are_signed(text),
	   "%s: signed", what);
	references_init(&references);
	ok(references_add_signed(&references, room_used(&out), &key, &line) == ERR_NONE &&
	           references.count == 1 && crypto_sha256(digest, &text, 1) == ERR_NONE &&
	           memcmp(references.sets[0].digest, digest, sizeof digest) == 0,
	   "%s: taken, and named by what was signed", what);
	references_clear(&references);
	ok(references_add_signed(&references, room_used(&out), &other, &line) == ERR_SIGNATURE,
	   "R2: %s: signed by another is refused", what);
	ok(references_add_signed(&references, text, &key, &line) != ERR_NONE,
	   "R2: %s: unsigned is refused", what);
	for (size_t i = 0; i < out.len; i++) {
		store[i] ^= 4;
		intact += references_add_signed(&references, room_used(&out), &key, &line) ==
		          ERR_NONE;
		store[i] ^= 4;
	}
	ok(intact == 0 && references.count == 0, "R2: %s: with any octet altered it is refused",
	   what);
	references_clear(&references);
}

/* A manifest's signature, or a bare COSE_Sign1, is none for reference values. */
static void signed_for_something_else(void)
{
	uint8_t store[512], point[EC_POINT_SIZE];
	struct room out = ROOM(store);
	struct references references;
	struct attest_key key;
	SECRET scalar;
	uint32_t line;

	references_init(&references);
	ok(key_new(&scalar, point, &key) == ERR_NONE &&
	           cose_sign1_put(&out, &scalar, (struct bytes){ NULL, 0 },
	                          BYTES_STR("assay manifest v1"), BYTES_STR(VALUES)) == ERR_NONE &&
	           references_add_signed(&references, room_used(&out), &key, &line) ==
	                   ERR_SIGNATURE,
	   "what was signed for another purpose is refused");
	ok(references_sign(&out, &scalar, BYTES_STR("Acme"), BYTES_STR("assay-reference 1\n")) !=
	           ERR_NONE,
	   "nobody signs what nobody can read");
	references_clear(&references);
}

static void signed_values(void)
{
	struct bytes corim;

	signed_by(BYTES_STR(VALUES), "native form");
	signed_for_something_else();
	if (attestation_file("corim/scheme/corim-parsec-tpm-valid.cbor", &corim))
		signed_by(corim, "CoRIM");
	else
		skip("no CoRIM with reference values is here");
}

int main(void)
{
	reference_texts();
	policy_texts();
	signed_corim();
	signed_values();
	each_vector("corim/scheme/", judge);
	return done();
}
