/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The crypto port against bare OpenSSL: what each operation costs through port/crypto.h, and what the
 * EVP interface costs with a key object prepared beforehand (the floor) or made from the raw point each
 * time. Prints one line an operation and curve; the ratio is port to floor.
 */
#include "port/crypto.h"

#include "bench/bench.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <stdio.h>
#include <stdlib.h>

struct work {
	enum ec_curve curve;
	struct secret scalar;
	uint8_t point[EC_POINT_SIZE], signature[EC_SIGNATURE_SIZE], der[80];
	size_t der_len;
	EVP_PKEY *key;
	EVP_MD_CTX *context;
};

static const char message[] = "a message of about the size of one signed structure of SGP.22";

static void must(bool good)
{
	if (!good) {
		fprintf(stderr, "bench/crypto: an operation failed\n");
		exit(EXIT_FAILURE);
	}
}

static EVP_PKEY *key_from_point(enum ec_curve curve, uint8_t *point)
{
	static const char *const names[EC_CURVES] = { "prime256v1", "brainpoolP256r1" };
	char name[20];
	EVP_PKEY *key = NULL;
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);

	snprintf(name, sizeof name, "%s", names[curve]);
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, name, 0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, EC_POINT_SIZE),
		OSSL_PARAM_construct_end(),
	};
	must(context != NULL && EVP_PKEY_fromdata_init(context) == 1 &&
	     EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params) == 1);
	EVP_PKEY_CTX_free(context);
	return key;
}

static void evp_verify(struct work *work, EVP_PKEY *key)
{
	must(EVP_DigestVerifyInit_ex(work->context, NULL, "SHA256", NULL, NULL, key, NULL) == 1 &&
	     EVP_DigestVerify(work->context, work->der, work->der_len, (const uint8_t *)message,
	                      sizeof message) == 1);
}

static void verify_prepared(void *ctx)
{
	struct work *work = ctx;

	evp_verify(work, work->key);
}

static void verify_from_point(void *ctx)
{
	struct work *work = ctx;
	EVP_PKEY *key = key_from_point(work->curve, work->point);

	evp_verify(work, key);
	EVP_PKEY_free(key);
}

static void verify_port(void *ctx)
{
	struct work *work = ctx;
	struct bytes part = BYTES(message);

	must(crypto_ecdsa_verify(work->curve, work->point, &part, 1, work->signature) == ERR_NONE);
}

static void sign_port(void *ctx)
{
	struct work *work = ctx;
	struct bytes part = BYTES(message);

	must(crypto_ecdsa_sign(work->curve, &work->scalar, &part, 1, work->signature) == ERR_NONE);
}

static void ecdh_port(void *ctx)
{
	struct work *work = ctx;
	SECRET shared;

	must(crypto_ecdh(work->curve, &work->scalar, work->point, &shared) == ERR_NONE);
}

/* r || s as the DER SEQUENCE that EVP wants. */
static void put_der(struct work *work)
{
	uint8_t *at = work->der;

	*at++ = 0x30;
	uint8_t *len = at++;
	for (int half = 0; half < 2; half++) {
		const uint8_t *number = work->signature + 32 * half;
		size_t n = 32;
		while (n > 1 && *number == 0) {
			number++;
			n--;
		}
		bool pad = *number >= 0x80;
		*at++ = 0x02;
		*at++ = (uint8_t)(n + pad);
		if (pad)
			*at++ = 0;
		while (n-- > 0)
			*at++ = *number++;
	}
	*len = (uint8_t)(at - len - 1);
	work->der_len = (size_t)(at - work->der);
}

static void measure(enum ec_curve curve, const char *name)
{
	struct work work = { .curve = curve, .context = EVP_MD_CTX_new() };

	must(crypto_ec_generate(curve, &work.scalar, work.point) == ERR_NONE);
	sign_port(&work);
	put_der(&work);
	work.key = key_from_point(curve, work.point);

	double floor = bench_seconds_each(verify_prepared, &work, 0.5) * 1e6;
	double made = bench_seconds_each(verify_from_point, &work, 0.5) * 1e6;
	double port = bench_seconds_each(verify_port, &work, 0.5) * 1e6;
	printf("%-16s verify  port %6.1f us, EVP prepared %6.1f us, EVP from the point %6.1f us: "
	       "ratio %.2f (from the point %.2f)\n",
	       name, port, floor, made, port / floor, made / floor);
	printf("%-16s sign    port %6.1f us\n", name, bench_seconds_each(sign_port, &work, 0.5) * 1e6);
	printf("%-16s ECDH    port %6.1f us\n", name, bench_seconds_each(ecdh_port, &work, 0.5) * 1e6);
	EVP_PKEY_free(work.key);
	EVP_MD_CTX_free(work.context);
}

int main(void)
{
	measure(EC_P256, "P-256");
	measure(EC_BRAINPOOL_P256R1, "brainpoolP256r1");
	return EXIT_SUCCESS;
}
