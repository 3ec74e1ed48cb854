/* SPDX-License-Identifier: Apache-2.0 */
/* Attestation results and the semi-autonomous statement: written, read, refused; and the drafts'
 * examples. */
#include "evidence/ear.h"

#include "codec/base64.h"
#include "codec/cbor.h"
#include "evidence/statement.h"
#include "port/crypto.h"
#include "tests/evidence/diag.h"
#include "tests/evidence/keys.h"

static const struct ear good = {
	.audience = { (const uint8_t *)"operator", 8 },
	.issued = 1000,
	.expires = 2000,
	.nonce = { (const uint8_t *)"0123456789abcdef0123456789abcdef", 32 },
	.developer = { (const uint8_t *)"https://example.org", 19 },
	.build = { (const uint8_t *)"assay \"1\"", 9 },
	.submodule = { (const uint8_t *)"equipment", 9 },
	.status = EAR_AFFIRMING,
	.vector = { [EAR_INSTANCE_IDENTITY] = 2, [EAR_EXECUTABLES] = 3, [EAR_HARDWARE] = 2 },
	.policy = { (const uint8_t *)"management/7", 12 },
};

static void tokens(void)
{
	uint8_t store[1024], point[EC_POINT_SIZE], other[EC_POINT_SIZE];
	struct room out = ROOM(store), none = ROOM(store);
	struct ear back;
	SECRET scalar, foreign;

	(void)!crypto_ec_generate(EC_P256, &scalar, point);
	(void)!crypto_ec_generate(EC_P256, &foreign, other);
	struct attest_key key = { .kind = ATTEST_P256, .point = BYTES(point) };
	struct attest_key wrong = { .kind = ATTEST_P256, .point = BYTES(other) };
	ok_err(ear_cwt_put(&out, &scalar, BYTES_STR("v1"), &good), ERR_NONE, "result as CWT");
	struct bytes cwt = room_used(&out), aud = good.audience;
	printf("# %zu octets\n", cwt.len);
	ok_err(ear_cwt_read(cwt, &key, aud, 1500, &back), ERR_NONE, "... read by whom it is for");
	ok(back.status == EAR_AFFIRMING &&
	           memcmp(back.vector, good.vector, sizeof good.vector) == 0 &&
	           bytes_same(back.nonce, good.nonce) && bytes_same(back.policy, good.policy),
	   "... with all it says");
	ok_err(ear_cwt_read(cwt, &wrong, aud, 1500, &back), ERR_SIGNATURE,
	       "R8: a forged result is refused");
	ok_err(ear_cwt_read(cwt, &key, aud, 2000, &back), ERR_EXPIRED,
	       "R8: an expired result is refused");
	ok_err(ear_cwt_read(cwt, &key, aud, 999, &back), ERR_VALUE,
	       "R8: a result of the future is refused");
	ok_err(ear_cwt_read(cwt, &key, BYTES_STR("operatoR"), 1500, &back), ERR_DENIED,
	       "R8: a result for another audience is refused");
	struct ear endless = good;
	endless.expires = 0;
	out.len = 0;
	(void)!ear_cwt_put(&out, &scalar, BYTES_STR("v1"), &endless);
	ok_err(ear_cwt_read(room_used(&out), &key, aud, 1500, &back), ERR_VALUE,
	       "R8: a result without end is refused");
	struct ear lying = good;
	lying.vector[EAR_EXECUTABLES] = 96;
	out.len = 0;
	(void)!ear_cwt_put(&out, &scalar, BYTES_STR("v1"), &lying);
	ok_err(ear_cwt_read(room_used(&out), &key, aud, 1500, &back), ERR_VALUE,
	       "a status better than its vector is refused");
	(void)none;
	ok(ear_tier_of(-1) == EAR_NONE && ear_tier_of(2) == EAR_AFFIRMING &&
	           ear_tier_of(-32) == EAR_AFFIRMING && ear_tier_of(32) == EAR_WARNING &&
	           ear_tier_of(96) == EAR_CONTRAINDICATED &&
	           ear_tier_of(-128) == EAR_CONTRAINDICATED && ear_tier_of(-96) == EAR_WARNING,
	   "tiers");
}

/* The JWT is understood by a JSON library, and its signature by the port. */
static void jwt(void)
{
	uint8_t store[2048], point[EC_POINT_SIZE], json[1024], signature[64];
	struct room out = ROOM(store), claims = ROOM(json), sig = ROOM(signature);
	SECRET scalar;

	(void)!crypto_ec_generate(EC_P256, &scalar, point);
	ok_err(ear_jwt_put(&out, &scalar, BYTES_STR("v1"), &good), ERR_NONE, "result as JWT");
	printf("# %zu octets\n", out.len);
	const uint8_t *first = memchr(store, '.', out.len);
	const uint8_t *second = memchr(first + 1, '.', out.len - (size_t)(first + 1 - store));
	struct bytes over = { store, (size_t)(second - store) };
	ok(base64url_read((struct bytes){ first + 1, (size_t)(second - first - 1) }, &claims) ==
	                   ERR_NONE &&
	           base64url_read(
			   (struct bytes){ second + 1, (size_t)(store + out.len - second - 1) },
			   &sig) == ERR_NONE,
	   "... three parts of base64url");
	ok_err(crypto_ecdsa_verify(EC_P256, point, &over, 1, signature), ERR_NONE, "... signed");
	json_t *root = json_loadb((const char *)json, claims.len, 0, NULL);
	json_t *sub = json_object_get(json_object_get(root, "submods"), "equipment");
	ok(root != NULL && json_integer_value(json_object_get(root, "exp")) == 2000 &&
	           strcmp(json_string_value(json_object_get(sub, "ear_status")), "affirming") ==
	                   0 &&
	           json_integer_value(json_object_get(
			   json_object_get(sub, "ear_trustworthiness_vector"), "executables")) ==
	                   3 &&
	           strcmp(json_string_value(json_object_get(
				  json_object_get(root, "ear_verifier_id"), "build")),
	                  "assay \"1\"") == 0,
	   "... and JSON that says the same");
	json_decref(root);
}

static void judge(const struct vector *vector)
{
	uint8_t store[4096];
	struct room out = ROOM(store);
	struct ear ear;

	if (strstr(vector->path, "cbor") == NULL || strstr(vector->path, "cmw") != NULL)
		return; /* JSON is read by the verifier room, and tested there */
	if (ok(diag_read(vector->data, &out), "%s is diagnostic notation", vector->path))
		ok_err(ear_claims_read(room_used(&out), &ear), ERR_NONE, vector->path);
}

static enum err sign(void *ctx, struct bytes message, uint8_t signature[static EC_SIGNATURE_SIZE])
{
	return crypto_ecdsa_sign(EC_P256, ctx, &message, 1, signature);
}

static void statements(void)
{
	uint8_t store[1024], point[EC_POINT_SIZE], bind[32] = { 1 }, twin[32] = { 2 };
	static const uint8_t digest[STATEMENT_SHORT] = { 7 };
	struct room out = ROOM(store);
	struct statement say = { .reference = BYTES(digest), .clock = { 123456, 3, 0, true } },
			 back;
	SECRET scalar;
	const struct cose_signer signer = { &scalar, sign };

	(void)!crypto_ec_generate(EC_P256, &scalar, point);
	struct attest_key key = { .kind = ATTEST_P256, .point = BYTES(point) };
	ok_err(statement_put(&out, &signer, BYTES(bind), &say), ERR_NONE,
	       "R11: statement of an intact machine");
	printf("# %zu octets\n", out.len);
	ok(out.len <= 128, "... is not above 128 octets");
	ok(statement_read(room_used(&out), &key, BYTES(bind), &back) == ERR_NONE &&
	           back.deviations == 0 && back.clock.clock == 123456 &&
	           back.clock.reset_count == 3,
	   "... and reads back");
	ok_err(statement_read(room_used(&out), &key, BYTES(twin), &back), ERR_SIGNATURE,
	       "I7: a statement for another session is refused");
	for (size_t n = 1; n <= STATEMENT_DEVIATIONS_MAX; n++) {
		say.deviation[n - 1] = (struct deviation){ 4, 14 + (int64_t)n, { 7 } };
		if (n > 6)
			say.deviation[n - 1].index = n == 7 ? DEVIATION_MISSING : DEVIATION_VALUE;
		say.deviations = n;
		out.len = 0;
		if (statement_put(&out, &signer, BYTES(bind), &say) != ERR_NONE ||
		    statement_read(room_used(&out), &key, BYTES(bind), &back) != ERR_NONE ||
		    back.deviations != n ||
		    back.deviation[n - 1].index != say.deviation[n - 1].index ||
		    memcmp(back.deviation[n - 1].digest, digest, STATEMENT_SHORT) != 0)
			break;
	}
	ok(back.deviations == STATEMENT_DEVIATIONS_MAX, "up to eight deviations are carried");
	printf("# %zu octets\n", out.len);
	say.deviations = STATEMENT_DEVIATIONS_MAX + 1;
	ok_err(statement_put(&out, &signer, BYTES(bind), &say), ERR_LIMIT, "... not nine");
}

int main(void)
{
	tokens();
	jwt();
	statements();
	each_vector("ear/", judge);
	return done();
}
