/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/key_file.h"

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

static EVP_PKEY *read_private(BIO *bio)
{
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);

	if (key == NULL && BIO_seek(bio, 0) >= 0)
		key = d2i_PrivateKey_bio(bio, NULL);
	return key;
}

static EVP_PKEY *read_public(BIO *bio)
{
	EVP_PKEY *key = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);

	if (key == NULL && BIO_seek(bio, 0) >= 0)
		key = d2i_PUBKEY_bio(bio, NULL);
	if (key == NULL && BIO_seek(bio, 0) >= 0)
		key = read_private(bio);
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

enum err key_file_private(const char *path, enum ec_curve *curve, struct secret *out)
{
	BIO *bio;

	TRY(open_file(path, &bio));
	EVP_PKEY *key = read_private(bio);
	BIO_free(bio);
	if (key == NULL)
		return ERR_VALUE;
	enum err err = curve_of(key, curve);
	if (err == ERR_NONE)
		err = scalar_of(key, out);
	EVP_PKEY_free(key);
	return err;
}

static enum err point_of(const EVP_PKEY *key, uint8_t point[static EC_POINT_SIZE])
{
	enum ec_curve curve;
	size_t len = 0;

	TRY(curve_of(key, &curve));
	if (curve != EC_P256)
		return ERR_UNSUPPORTED;
	if (EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, EC_POINT_SIZE,
	                                    &len) != 1)
		return ERR_VALUE;
	return len == EC_POINT_SIZE && point[0] == 0x04 ? ERR_NONE : ERR_UNSUPPORTED;
}

enum err key_file_public(const char *path, uint8_t point[static EC_POINT_SIZE])
{
	BIO *bio;

	TRY(open_file(path, &bio));
	EVP_PKEY *key = read_public(bio);
	BIO_free(bio);
	if (key == NULL)
		return ERR_VALUE;
	enum err err = point_of(key, point);
	EVP_PKEY_free(key);
	return err;
}

enum err key_file_public_new(const char *path, const uint8_t point[static EC_POINT_SIZE])
{
	/* RFC 5480: SubjectPublicKeyInfo of id-ecPublicKey on prime256v1, up to the point. */
	static const uint8_t head[] = { 0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48,
		                        0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48,
		                        0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00 };
	uint8_t der[sizeof head + EC_POINT_SIZE];
	const unsigned char *at = der;

	memcpy(der, head, sizeof head);
	memcpy(der + sizeof head, point, EC_POINT_SIZE);
	EVP_PKEY *key = d2i_PUBKEY(NULL, &at, sizeof der);
	if (key == NULL)
		return ERR_VALUE;
	FILE *file = fopen(path, "wxe");
	enum err err = file != NULL ? ERR_NONE : errno == EEXIST ? ERR_EXISTS : ERR_IO;
	if (file != NULL) {
		bool put = PEM_write_PUBKEY(file, key) == 1;
		if (fclose(file) != 0 || !put)
			err = ERR_IO;
	}
	EVP_PKEY_free(key);
	return err;
}
