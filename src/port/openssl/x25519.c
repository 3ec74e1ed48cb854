/* SPDX-License-Identifier: Apache-2.0 */
#include "port/openssl/openssl.h"

enum err crypto_x25519_public(const struct secret *scalar, uint8_t point[static X25519_SIZE])
{
	size_t len = X25519_SIZE;
	EVP_PKEY *key;

	if (scalar->len != X25519_SIZE)
		return ERR_LENGTH;
	key = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, scalar->at, X25519_SIZE);
	bool done = key != NULL && EVP_PKEY_get_raw_public_key(key, point, &len) == 1;
	EVP_PKEY_free(key);
	return done ? ERR_NONE : ERR_CRYPTO;
}

enum err crypto_x25519(const struct secret *scalar, const uint8_t point[static X25519_SIZE],
                       struct secret *shared)
{
	EVP_PKEY *own, *peer;
	EVP_PKEY_CTX *context;
	SECRET result = { .len = X25519_SIZE };
	size_t len = X25519_SIZE;

	if (scalar->len != X25519_SIZE)
		return ERR_LENGTH;
	own = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, scalar->at, X25519_SIZE);
	peer = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, point, X25519_SIZE);
	context = own == NULL ? NULL : EVP_PKEY_CTX_new(own, NULL);
	bool ready = context != NULL && peer != NULL && EVP_PKEY_derive_init(context) == 1;
	/* RFC 7748 6.1: libcrypto refuses a shared secret of zeros. */
	bool done = ready && EVP_PKEY_derive_set_peer(context, peer) == 1 &&
	            EVP_PKEY_derive(context, result.at, &len) == 1 && len == X25519_SIZE;
	EVP_PKEY_CTX_free(context);
	EVP_PKEY_free(peer);
	EVP_PKEY_free(own);
	if (done)
		*shared = result;
	return done ? ERR_NONE : ready ? ERR_VALUE : ERR_CRYPTO;
}
