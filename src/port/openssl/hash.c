/* SPDX-License-Identifier: Apache-2.0 */
#include "port/openssl/openssl.h"

#include <openssl/core_names.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <string.h>

static struct openssl_algorithms algorithms;
static bool algorithms_complete;

static void fetch(void)
{
	algorithms = (struct openssl_algorithms){
		.sha256 = EVP_MD_fetch(NULL, "SHA256", NULL),
		.shake256 = EVP_MD_fetch(NULL, "SHAKE256", NULL),
		.cmac = EVP_MAC_fetch(NULL, "CMAC", NULL),
		.hmac = EVP_MAC_fetch(NULL, "HMAC", NULL),
		.ecb = { EVP_CIPHER_fetch(NULL, "AES-128-ECB", NULL),
                         EVP_CIPHER_fetch(NULL, "AES-256-ECB", NULL) },
		.cbc = { EVP_CIPHER_fetch(NULL, "AES-128-CBC", NULL),
                         EVP_CIPHER_fetch(NULL, "AES-256-CBC", NULL) },
		.gcm = { EVP_CIPHER_fetch(NULL, "AES-128-GCM", NULL),
                         EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL) },
	};
	algorithms_complete = algorithms.sha256 && algorithms.shake256 && algorithms.cmac &&
			      algorithms.hmac && algorithms.ecb[0] && algorithms.ecb[1] &&
			      algorithms.cbc[0] && algorithms.cbc[1] && algorithms.gcm[0] &&
			      algorithms.gcm[1];
}

const struct openssl_algorithms *openssl_algorithms(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, fetch);
	return algorithms_complete ? &algorithms : NULL;
}

enum err crypto_random(uint8_t *out, size_t len)
{
	return RAND_bytes_ex(NULL, out, len, 0) == 1 ? ERR_NONE : ERR_CRYPTO;
}

/* A context a thread, made at first use and kept: the operations are short, the making is not. */
static EVP_MD_CTX *md_context(void)
{
	static _Thread_local EVP_MD_CTX *context;

	if (context == NULL)
		context = EVP_MD_CTX_new();
	return context;
}

static bool digest_parts(EVP_MD_CTX *context, const struct bytes *parts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (EVP_DigestUpdate(context, parts[i].at, parts[i].len) != 1)
			return false;
	}
	return true;
}

enum err crypto_sha256(uint8_t out[static SHA256_SIZE], const struct bytes *parts, size_t count)
{
	const struct openssl_algorithms *known = openssl_algorithms();
	EVP_MD_CTX *context = md_context();

	if (known == NULL || context == NULL ||
	    EVP_DigestInit_ex2(context, known->sha256, NULL) != 1 ||
	    !digest_parts(context, parts, count) || EVP_DigestFinal_ex(context, out, NULL) != 1)
		return ERR_CRYPTO;
	return ERR_NONE;
}

enum err crypto_shake256(struct room *out, struct bytes in)
{
	const struct openssl_algorithms *known = openssl_algorithms();
	EVP_MD_CTX *context = md_context();
	size_t size = room_left(out);
	uint8_t *at = room_claim(out, size);

	if (at == NULL)
		return ERR_ROOM;
	if (known == NULL || context == NULL ||
	    EVP_DigestInit_ex2(context, known->shake256, NULL) != 1 ||
	    !digest_parts(context, &in, 1) || EVP_DigestFinalXOF(context, at, size) != 1)
		return ERR_CRYPTO;
	return ERR_NONE;
}

enum err crypto_shake256_block(uint8_t out[static SHAKE256_BLOCK_SIZE], struct bytes in, uint8_t n)
{
	uint8_t all[UINT8_MAX * SHAKE256_BLOCK_SIZE]; /* OpenSSL 3.0 squeezes once only */
	size_t size = (size_t)n * SHAKE256_BLOCK_SIZE;
	struct room room = { n == 1 ? out : all, size, 0, false };

	if (n == 0)
		return ERR_VALUE;
	if (in.len >= SHAKE256_BLOCK_SIZE)
		return ERR_LENGTH;
	TRY(crypto_shake256(&room, in));
	if (n > 1) {
		memcpy(out, all + size - SHAKE256_BLOCK_SIZE, SHAKE256_BLOCK_SIZE);
		wipe(all, size);
	}
	return ERR_NONE;
}

/* EVP_MAC contexts keep the key, so they are made and freed for each use. */
static enum err mac(EVP_MAC *algorithm, const OSSL_PARAM params[], const struct secret *key,
                    const struct bytes *parts, size_t count, struct room out)
{
	EVP_MAC_CTX *context = EVP_MAC_CTX_new(algorithm);
	bool good = context != NULL && EVP_MAC_init(context, key->at, key->len, params) == 1;
	size_t written;

	for (size_t i = 0; good && i < count; i++)
		good = EVP_MAC_update(context, parts[i].at, parts[i].len) == 1;
	good = good && EVP_MAC_final(context, out.at, &written, out.cap) == 1;
	EVP_MAC_CTX_free(context);
	return good ? ERR_NONE : ERR_CRYPTO;
}

enum err crypto_aes_cmac(uint8_t out[static AES_BLOCK_SIZE], const struct secret *key,
                         const struct bytes *parts, size_t count)
{
	const struct openssl_algorithms *known = openssl_algorithms();
	char name[] = "AES-128-CBC", name_256[] = "AES-256-CBC";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER,
                                                 key->len == 32 ? name_256 : name, 0),
		OSSL_PARAM_construct_end(),
	};

	if (known == NULL || openssl_cipher(known->cbc, key) == NULL)
		return ERR_CRYPTO;
	return mac(known->cmac, params, key, parts, count,
	           (struct room){ out, AES_BLOCK_SIZE, 0, false });
}

enum err crypto_hmac_sha256(uint8_t out[static SHA256_SIZE], const struct secret *key,
                            const struct bytes *parts, size_t count)
{
	const struct openssl_algorithms *known = openssl_algorithms();
	char name[] = "SHA256";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
		OSSL_PARAM_construct_end(),
	};

	if (known == NULL)
		return ERR_CRYPTO;
	return mac(known->hmac, params, key, parts, count,
	           (struct room){ out, SHA256_SIZE, 0, false });
}
