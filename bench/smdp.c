/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CPU of the SM-DP+ engine for one complete download (five posts, JSON and base64 included, no TLS, no
 * store) against the sum of the bare OpenSSL operations that SGP.22 makes necessary on the server:
 *
 *   3 signatures      serverSigned1, smdpSigned2, initialiseSecureChannel      5.6.1, 5.6.3, 5.5.1
 *   4 verifications   CERT.EUICC, euiccSigned1, euiccSigned2, the result       5.6.2 to 5.6.4
 *   1 one-time key, 1 key agreement                                            5.6.2
 *   AES-128-CBC and CMAC over the profile                                      2.6.4
 *
 * CERT.EUM is verified once per maker, not once per card, in both.
 */
#include "bench/download.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PROFILE_SIZE = 3000, RUNS = 400 };

static double engine_seconds(const char *dir, enum ec_curve curve)
{
	static struct stored_order fresh;

	world_init(&world, dir);
	world.ports.verify = verify;
	card_init(&card, dir, NULL, curve);
	struct stored_order *row = world_profile(&world, "8949000000000000017", "op", "basic");
	world_release(&world, row, "BENCH");
	fresh = *row;
	one_download();
	world.seconds = 0;
	for (int i = 0; i < RUNS; i++) {
		fresh.order.version = row->order.version;
		*row = fresh;
		one_download();
	}
	return world.seconds / RUNS;
}

/* --- the floor -------------------------------------------------------------------------------- */

static EVP_PKEY *key;
static uint8_t der[80], text[300], profile[PROFILE_SIZE + 64];
static size_t der_len;

static void need(int good)
{
	if (good <= 0)
		exit(EXIT_FAILURE);
}

static void bare_sign(void *ctx)
{
	EVP_MD_CTX *md = ctx;

	der_len = sizeof der;
	need(EVP_DigestSignInit(md, NULL, EVP_sha256(), NULL, key));
	need(EVP_DigestSign(md, der, &der_len, text, sizeof text));
	need(EVP_MD_CTX_reset(md));
}

static void bare_verify(void *ctx)
{
	EVP_MD_CTX *md = ctx;

	need(EVP_DigestVerifyInit(md, NULL, EVP_sha256(), NULL, key));
	need(EVP_DigestVerify(md, der, der_len, text, sizeof text));
	need(EVP_MD_CTX_reset(md));
}

static void bare_generate(void *ctx)
{
	EVP_PKEY *made = EVP_EC_gen(ctx);

	need(made != NULL);
	EVP_PKEY_free(made);
}

static void bare_derive(void *ctx)
{
	EVP_PKEY_CTX *derive = EVP_PKEY_CTX_new(key, NULL);
	uint8_t shared[32];
	size_t len = sizeof shared;

	need(EVP_PKEY_derive_init(derive));
	need(EVP_PKEY_derive_set_peer_ex(derive, ctx, 0)); /* the point is known to be good */
	need(EVP_PKEY_derive(derive, shared, &len));
	EVP_PKEY_CTX_free(derive);
}

static void bare_protect(void *ctx)
{
	EVP_CIPHER_CTX *cipher = ctx;
	static EVP_MAC *mac;
	OSSL_PARAM params[] = { OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER,
		                                                 (char[]){ "AES-128-CBC" }, 0),
		                OSSL_PARAM_construct_end() };
	int len;
	size_t mac_len;
	uint8_t tag[16];

	need(EVP_EncryptInit_ex(cipher, EVP_aes_128_cbc(), NULL, text, text));
	need(EVP_EncryptUpdate(cipher, profile, &len, profile, PROFILE_SIZE / 16 * 16));
	if (mac == NULL)
		mac = EVP_MAC_fetch(NULL, "CMAC", NULL);
	EVP_MAC_CTX *cmac = EVP_MAC_CTX_new(mac);
	need(EVP_MAC_init(cmac, text, 16, params));
	need(EVP_MAC_update(cmac, profile, PROFILE_SIZE));
	need(EVP_MAC_final(cmac, tag, &mac_len, sizeof tag));
	EVP_MAC_CTX_free(cmac);
}

static double floor_seconds(const char *curve)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
	EVP_PKEY *peer = EVP_EC_gen(curve);
	char name[32];

	snprintf(name, sizeof name, "%s", curve);
	key = EVP_EC_gen(curve);
	double sign = bench_seconds_each(bare_sign, md, 0.3);
	double check = bench_seconds_each(bare_verify, md, 0.3);
	double generate = bench_seconds_each(bare_generate, name, 0.3);
	double derive = bench_seconds_each(bare_derive, peer, 0.3);
	double protect = bench_seconds_each(bare_protect, cipher, 0.2);

	printf("%s: sign %.1f, verify %.1f, generate %.1f, derive %.1f, protect %.1f us\n", curve,
	       sign * 1e6, check * 1e6, generate * 1e6, derive * 1e6, protect * 1e6);
	EVP_PKEY_free(key);
	EVP_PKEY_free(peer);
	EVP_CIPHER_CTX_free(cipher);
	EVP_MD_CTX_free(md);
	return 3 * sign + 4 * check + generate + derive + protect;
}

int main(void)
{
	static const char *const curves[] = { "P-256", "brainpoolP256r1" };
	char dir[256];

	world_pki(dir, sizeof dir);
	for (unsigned i = 0; i < WORLD_CURVES; i++) {
		double bare = floor_seconds(curves[i]);
		double engine = engine_seconds(dir, (enum ec_curve)i);
		printf("%s: a download of %d octets takes %.0f us, the bare operations %.0f us: "
		       "%.2f times\n",
		       curves[i], PROFILE_SIZE, engine * 1e6, bare * 1e6, engine / bare);
	}
	return EXIT_SUCCESS;
}
