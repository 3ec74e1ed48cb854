/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and certificates from files. */
#include "cli/assay-card.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

static enum err open_file(const char *path, BIO **bio)
{
	errno = 0;
	*bio = BIO_new_file(path, "rb");
	if (*bio != NULL)
		return ERR_NONE;
	return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
}

/* read_either tries PEM first, then DER from the beginning. */
static X509 *read_certificate(BIO *bio)
{
	X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);

	if (certificate == NULL && BIO_seek(bio, 0) >= 0)
		certificate = d2i_X509_bio(bio, NULL);
	return certificate;
}

enum err card_certificate(struct card_files *files, const char *path, struct bytes *der)
{
	unsigned char *octets = NULL;
	BIO *bio;

	if (files->count == CARD_FILES_MAX)
		return ERR_LIMIT;
	TRY(open_file(path, &bio));
	X509 *certificate = read_certificate(bio);
	BIO_free(bio);
	if (certificate == NULL)
		return ERR_VALUE;
	int len = i2d_X509(certificate, &octets);
	X509_free(certificate);
	if (len <= 0)
		return ERR_VALUE;
	files->read[files->count++] = octets;
	*der = (struct bytes){ octets, (size_t)len };
	return ERR_NONE;
}

void card_files_end(struct card_files *files)
{
	while (files->count > 0)
		OPENSSL_free(files->read[--files->count]);
}

static EVP_PKEY *read_key(BIO *bio)
{
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);

	if (key == NULL && BIO_seek(bio, 0) >= 0)
		key = d2i_PrivateKey_bio(bio, NULL);
	return key;
}

static enum err curve_of(const EVP_PKEY *key, enum ec_curve *curve)
{
	char name[64];

	if (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, name, sizeof name,
	                                   NULL) != 1)
		return ERR_UNSUPPORTED;
	if (strcmp(name, "prime256v1") == 0)
		*curve = EC_P256;
	else if (strcmp(name, "brainpoolP256r1") == 0)
		*curve = EC_BRAINPOOL_P256R1;
	else
		return ERR_UNSUPPORTED;
	return ERR_NONE;
}

static enum err scalar_of(const EVP_PKEY *key, struct secret *out)
{
	BIGNUM *scalar = NULL;

	if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &scalar) != 1)
		return ERR_VALUE;
	int n = BN_bn2binpad(scalar, out->at, SECRET_MAX);
	BN_clear_free(scalar);
	out->len = SECRET_MAX;
	return n == SECRET_MAX ? ERR_NONE : ERR_VALUE;
}

enum err card_private_key(const char *path, enum ec_curve *curve, struct secret *out)
{
	BIO *bio;

	TRY(open_file(path, &bio));
	EVP_PKEY *key = read_key(bio);
	BIO_free(bio);
	if (key == NULL)
		return ERR_VALUE;
	enum err err = curve_of(key, curve);
	if (err == ERR_NONE)
		err = scalar_of(key, out);
	EVP_PKEY_free(key);
	return err;
}
