/* SPDX-License-Identifier: Apache-2.0 */
/* The test PKI's chips: software TPMs under a test endorsement. */
#include "cli/pki.h"
#include "cli/pki_cert.h"

#include "softtpm/file.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

enum { DAYS_CHIP = 9131 };

static EVP_PKEY *public_key(uint8_t point[static EC_POINT_SIZE])
{
	char curve[] = "prime256v1";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, curve, 0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, EC_POINT_SIZE),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *key = NULL;

	if (context != NULL && EVP_PKEY_fromdata_init(context) == 1)
		(void)EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params); /* NULL then */
	EVP_PKEY_CTX_free(context);
	return key;
}

/* TCG EK Credential Profile 2.5, 3.2: no subject, keyAgreement, tcg-kp-EKCertificate. */
static X509 *endorse(const struct softtpm *tpm, const struct pki_pair *issuer)
{
	static const struct pki_says says = {
		.key_usage = "critical,keyAgreement",
		.extended_usage = "2.23.133.8.1",
		.constraints = "critical,CA:FALSE",
		.tpm_model = "Assay software TPM",
		.days = DAYS_CHIP,
	};
	uint8_t point[EC_POINT_SIZE];
	EVP_PKEY *key =
		softtpm_endorsement_point(tpm, point) == ERR_NONE ? public_key(point) : NULL;
	X509 *certificate = key != NULL ? pki_issue(key, &says, issuer) : NULL;

	EVP_PKEY_free(key);
	return certificate;
}

static enum err key_digest(X509 *certificate, uint8_t digest[static SHA256_SIZE])
{
	unsigned char *der = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
	const struct bytes part = { der, len > 0 ? (size_t)len : 0 };
	enum err err = len > 0 ? crypto_sha256(digest, &part, 1) : ERR_CRYPTO;

	OPENSSL_free(der);
	return err;
}

static enum err write_chip(const char *path, const struct softtpm *tpm, X509 *certificate)
{
	unsigned char *der = NULL;
	int len = i2d_X509(certificate, &der);
	enum err err = len > 0 ? softtpm_file_new(path, tpm, (struct bytes){ der, (size_t)len })
	                       : ERR_CRYPTO;

	OPENSSL_free(der);
	return err;
}

bool pki_chip(const char *dir, const char *path, uint8_t digest[static SHA256_SIZE])
{
	struct pki_pair issuer;
	struct softtpm tpm;
	X509 *certificate = NULL;

	if (!pki_load(dir, "TPM_CA", &issuer))
		return pki_complain("no CERT_TPM_CA.der and SK_TPM_CA.pem there", dir);
	enum err err = softtpm_init(&tpm);
	if (err == ERR_NONE) {
		certificate = endorse(&tpm, &issuer);
		err = certificate != NULL ? key_digest(certificate, digest) : ERR_CRYPTO;
	}
	if (err == ERR_NONE)
		err = write_chip(path, &tpm, certificate);
	X509_free(certificate);
	softtpm_clear(&tpm);
	pki_pair_free(&issuer);
	return err == ERR_NONE || pki_complain(err_text(err), path);
}
