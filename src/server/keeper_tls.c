/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper's request for TLS handshakes: GnuTLS, in the worker, has hashed; only the key is here. */
#define OPENSSL_SUPPRESS_DEPRECATED /* EC_KEY: the one form that signs a bare digest without a context */
#include "server/keeper_state.h"
#include "server/pack.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/obj_mac.h>

static EC_KEY *key_new(enum ec_curve curve, const struct secret *scalar)
{
	EC_KEY *key = EC_KEY_new_by_curve_name(curve == EC_P256 ? NID_X9_62_prime256v1
	                                                        : NID_brainpoolP256r1);
	BIGNUM *number = BN_bin2bn(scalar->at, scalar->len, NULL);

	if (key != NULL && (number == NULL || EC_KEY_set_private_key(key, number) != 1)) {
		EC_KEY_free(key);
		key = NULL;
	}
	BN_clear_free(number);
	return key;
}

enum err keeper_do_tls_sign(struct keeper_state *state, struct bytes in, struct room *out)
{
	uint64_t service;
	struct bytes digest;
	ECDSA_SIG *signed_digest = NULL;
	uint8_t *at;
	EC_KEY *key;
	bool good;

	TRY(unpack_u64(&in, &service));
	TRY(unpack_bytes(&in, &digest));
	if (service >= KEEPER_TLS_SERVICES || !state->has_tls[service])
		return ERR_NOT_FOUND;
	if (digest.len != SHA256_SIZE)
		return ERR_LENGTH;
	at = room_claim(out, EC_SIGNATURE_SIZE);
	key = key_new(state->tls_curve[service], &state->tls[service]);
	if (key != NULL && at != NULL)
		signed_digest = ECDSA_do_sign(digest.at, (int)digest.len, key);
	good = signed_digest != NULL &&
	       BN_bn2binpad(ECDSA_SIG_get0_r(signed_digest), at, EC_SIGNATURE_SIZE / 2) > 0 &&
	       BN_bn2binpad(ECDSA_SIG_get0_s(signed_digest), at + EC_SIGNATURE_SIZE / 2,
	                    EC_SIGNATURE_SIZE / 2) > 0;
	ECDSA_SIG_free(signed_digest);
	EC_KEY_free(key);
	return good ? ERR_NONE : ERR_CRYPTO;
}
