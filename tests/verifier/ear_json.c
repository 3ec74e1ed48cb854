/* SPDX-License-Identifier: Apache-2.0 */
/* Results in JSON: our own JWT, what is refused of it, and the published claims sets. */
#include "verifier/ear_json.h"

#include "port/crypto.h"
#include "tests/evidence/diag.h"
#include "tests/evidence/index.h"

static void jwt(void)
{
	static const struct ear say = {
		.audience = { (const uint8_t *)"operator", 8 },
		.issued = 1000,
		.expires = 2000,
		.nonce = { (const uint8_t *)"0123456789abcdef0123456789abcdef", 32 },
		.developer = { (const uint8_t *)"d", 1 },
		.build = { (const uint8_t *)"b\n", 2 },
		.submodule = { (const uint8_t *)"equipment", 9 },
		.status = EAR_WARNING,
		.vector = { [EAR_EXECUTABLES] = 33 },
		.policy = { (const uint8_t *)"p/1", 3 },
	};
	uint8_t store[2048], point[EC_POINT_SIZE];
	struct room out = ROOM(store);
	struct ear_json back;
	SECRET scalar;

	(void)!crypto_ec_generate(EC_P256, &scalar, point);
	struct attest_key key = { .kind = ATTEST_P256, .point = BYTES(point) };
	(void)!ear_jwt_put(&out, &scalar, BYTES_STR("k"), &say);
	struct bytes token = room_used(&out);
	ok_err(ear_jwt_read(token, &key, say.audience, 1500, &back), ERR_NONE, "our JWT is read");
	ok(back.ear.status == EAR_WARNING && back.ear.vector[EAR_EXECUTABLES] == 33 &&
	           bytes_same(back.ear.nonce, say.nonce) && bytes_same(back.ear.build, say.build) &&
	           bytes_same(back.ear.policy, say.policy),
	   "... with all it says");
	ear_json_clear(&back);
	ok_err(ear_jwt_read(token, &key, say.audience, 2000, &back), ERR_EXPIRED, "R8: expired");
	ok_err(ear_jwt_read(token, &key, BYTES_STR("x"), 1500, &back), ERR_DENIED,
	       "R8: another audience");
	ok_err(ear_jwt_read(token, &key, say.audience, 999, &back), ERR_VALUE, "R8: of the future");
	int accepted = 0;
	for (size_t i = 0; i < token.len; i++) {
		store[i] ^= 1;
		if (ear_jwt_read(token, &key, say.audience, 1500, &back) == ERR_NONE) {
			accepted++;
			ear_json_clear(&back);
		}
		store[i] ^= 1;
	}
	ok(accepted == 0, "R8: no character of it can be changed (%d can)", accepted);
	struct bytes none = BYTES_STR("eyJhbGciOiJub25lIn0.e30.");
	ok_err(ear_jwt_read(none, &key, say.audience, 1500, &back), ERR_UNSUPPORTED,
	       "R8: algorithm \"none\"");
}

/* Judged differently, with the reason in docs/attestation-vectors.md. */
static const struct {
	const char *path;
	enum err want;
} rows[] = {
	{ "ear/pkey.json", ERR_NOT_FOUND }, /* a key, no claims set */
	{ "ear/ear-claims-key-attestation-ko.json",
	  ERR_NONE }, /* what is wrong is in an extension */
};

static void judge(const struct vector *vector)
{
	struct ear_json ear;
	enum err want = ERR_NONE;

	if (strstr(vector->path, "json") == NULL || strstr(vector->path, "cmw") != NULL)
		return;
	if (strncmp(vector->path, "ear/result-", 11) == 0)
		want = ERR_NOT_FOUND; /* templates of results: without time, without verifier */
	for (size_t i = 0; i < COUNT(rows); i++)
		want = strcmp(rows[i].path, vector->path) == 0 ? rows[i].want : want;
	enum err err = ear_json_read(vector->data, &ear);
	ok_err(err, want, vector->path);
	if (err == ERR_NONE) {
		printf("# %.*s: %s\n", (int)ear.ear.submodule.len,
		       (const char *)ear.ear.submodule.at, ear_tier_text(ear.ear.status));
		ear_json_clear(&ear);
	}
}

int main(void)
{
	jwt();
	each_vector("ear/", judge);
	return done();
}
