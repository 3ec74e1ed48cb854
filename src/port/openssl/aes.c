/* SPDX-License-Identifier: Apache-2.0 */
#include "port/openssl/openssl.h"

#include <limits.h>

const EVP_CIPHER *openssl_cipher(EVP_CIPHER *const sizes[2], const struct secret *key)
{
	if (key->len == 16)
		return sizes[0];
	return key->len == 32 ? sizes[1] : NULL;
}

static EVP_CIPHER_CTX *cipher_context(void)
{
	static _Thread_local EVP_CIPHER_CTX *context;

	if (context == NULL)
		context = EVP_CIPHER_CTX_new();
	return context;
}

/* The context outlives the call, so the key schedule in it is wiped before leaving. */
static enum err leave(EVP_CIPHER_CTX *context, enum err err)
{
	EVP_CIPHER_CTX_reset(context);
	return err;
}

/* One pass over whole blocks; direction as EVP_CipherInit_ex2 wants it: 1 enciphers, 0 deciphers. */
static enum err blocks(const EVP_CIPHER *cipher, const struct secret *key, const uint8_t *iv,
                       int direction, struct bytes in, uint8_t *out)
{
	EVP_CIPHER_CTX *context = cipher_context();
	int written;

	if (in.len % AES_BLOCK_SIZE != 0 || in.len > INT_MAX)
		return ERR_LENGTH;
	if (cipher == NULL || context == NULL)
		return ERR_CRYPTO;
	if (EVP_CipherInit_ex2(context, cipher, key->at, iv, direction, NULL) != 1 ||
	    EVP_CIPHER_CTX_set_padding(context, 0) != 1 ||
	    EVP_CipherUpdate(context, out, &written, in.at, (int)in.len) != 1)
		return leave(context, ERR_CRYPTO);
	return leave(context, ERR_NONE);
}

enum err crypto_aes_ecb(const struct secret *key, struct bytes in, uint8_t *out)
{
	const struct openssl_algorithms *known = openssl_algorithms();

	if (known == NULL)
		return ERR_CRYPTO;
	return blocks(openssl_cipher(known->ecb, key), key, NULL, 1, in, out);
}

enum err crypto_aes_cbc_encrypt(const struct secret *key, const uint8_t iv[static AES_BLOCK_SIZE],
                                struct bytes in, uint8_t *out)
{
	const struct openssl_algorithms *known = openssl_algorithms();

	if (known == NULL)
		return ERR_CRYPTO;
	return blocks(openssl_cipher(known->cbc, key), key, iv, 1, in, out);
}

enum err crypto_aes_cbc_decrypt(const struct secret *key, const uint8_t iv[static AES_BLOCK_SIZE],
                                struct bytes in, uint8_t *out)
{
	const struct openssl_algorithms *known = openssl_algorithms();

	if (known == NULL)
		return ERR_CRYPTO;
	return blocks(openssl_cipher(known->cbc, key), key, iv, 0, in, out);
}

static EVP_CIPHER_CTX *gcm_start(const struct secret *key, const uint8_t *nonce, int direction,
                                 struct bytes aad)
{
	const struct openssl_algorithms *known = openssl_algorithms();
	const EVP_CIPHER *cipher = known == NULL ? NULL : openssl_cipher(known->gcm, key);
	EVP_CIPHER_CTX *context = cipher_context();
	int written;

	if (cipher == NULL || context == NULL || aad.len > INT_MAX)
		return NULL;
	if (EVP_CipherInit_ex2(context, cipher, key->at, nonce, direction, NULL) == 1 &&
	    (aad.len == 0 ||
	     EVP_CipherUpdate(context, NULL, &written, aad.at, (int)aad.len) == 1))
		return context;
	EVP_CIPHER_CTX_reset(context);
	return NULL;
}

enum err crypto_gcm_seal(const struct secret *key, const uint8_t nonce[static GCM_NONCE_SIZE],
                         struct bytes aad, struct bytes in, uint8_t *out)
{
	EVP_CIPHER_CTX *context = gcm_start(key, nonce, 1, aad);
	int written = 0;

	if (context == NULL || in.len > INT_MAX)
		return ERR_CRYPTO;
	if ((in.len > 0 && EVP_CipherUpdate(context, out, &written, in.at, (int)in.len) != 1) ||
	    EVP_CipherFinal_ex(context, out + written, &written) != 1 ||
	    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, GCM_TAG_SIZE, out + in.len) != 1) {
		wipe(out, in.len + GCM_TAG_SIZE);
		return leave(context, ERR_CRYPTO);
	}
	return leave(context, ERR_NONE);
}

enum err crypto_gcm_open(const struct secret *key, const uint8_t nonce[static GCM_NONCE_SIZE],
                         struct bytes aad, struct bytes in, uint8_t *out)
{
	if (in.len < GCM_TAG_SIZE)
		return ERR_LENGTH;
	if (in.len > INT_MAX)
		return ERR_CRYPTO;

	size_t size = in.len - GCM_TAG_SIZE;
	EVP_CIPHER_CTX *context = gcm_start(key, nonce, 0, aad);
	int written = 0;

	if (context == NULL)
		return ERR_CRYPTO;
	/* OpenSSL only reads the tag, but its signature says void *. */
	uint8_t tag[GCM_TAG_SIZE];
	for (size_t i = 0; i < sizeof tag; i++)
		tag[i] = in.at[size + i];
	if (EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, GCM_TAG_SIZE, tag) != 1 ||
	    (size > 0 && EVP_CipherUpdate(context, out, &written, in.at, (int)size) != 1))
		return leave(context, ERR_CRYPTO);
	if (EVP_CipherFinal_ex(context, out + written, &written) != 1) {
		wipe(out, size);
		return leave(context, ERR_MAC);
	}
	return leave(context, ERR_NONE);
}
