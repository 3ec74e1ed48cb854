/* SPDX-License-Identifier: Apache-2.0 */
#include "server/keyfile.h"

#include "server/limits.h"
#include "server/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

enum { FILE_MAX = 64 << 10 };

enum err keyfile_text(const char *path, struct buffer *out)
{
	FILE *file = fopen(path, "rb");
	struct buffer read = { NULL, 0, 0 };
	uint8_t *at;

	if (file == NULL)
		return ERR_NOT_FOUND;
	setvbuf(file, NULL, _IONBF, 0); /* no copy of a key stays behind in a stream's buffer */
	while (read.len < FILE_MAX && (at = buffer_space(&read, 4096)) != NULL) {
		size_t n = fread(at, 1, 4096, file);
		if (n == 0)
			break;
		read.len += n;
	}
	if (ferror(file) || read.len == 0) {
		fclose(file);
		buffer_free(&read);
		return ERR_IO;
	}
	fclose(file);
	*out = read;
	return ERR_NONE;
}

static X509 *certificate_any(struct bytes in)
{
	const unsigned char *at = in.at;
	X509 *cert = d2i_X509(NULL, &at, (long)in.len);
	BIO *bio;

	if (cert != NULL)
		return cert;
	bio = BIO_new_mem_buf(in.at, (int)in.len);
	cert = bio == NULL ? NULL : PEM_read_bio_X509(bio, NULL, NULL, NULL);
	BIO_free(bio);
	ERR_clear_error();
	return cert;
}

enum err keyfile_certificate(const char *path, struct buffer *der)
{
	struct buffer text = { NULL, 0, 0 }, made = { NULL, 0, 0 };
	unsigned char *at;
	X509 *cert;
	int len;

	TRY(keyfile_text(path, &text));
	cert = certificate_any(buffer_bytes(&text));
	buffer_free(&text);
	len = cert == NULL ? 0 : i2d_X509(cert, NULL);
	at = len <= 0 || len > CERTIFICATE_MAX ? NULL : buffer_space(&made, (size_t)len);
	if (at != NULL)
		made.len = (size_t)i2d_X509(cert, &at);
	X509_free(cert);
	if (made.len == 0)
		return ERR_VALUE;
	*der = made;
	return ERR_NONE;
}

static EVP_PKEY *key_any(struct bytes in)
{
	const unsigned char *at = in.at;
	EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &at, (long)in.len);
	BIO *bio;

	if (key != NULL)
		return key;
	bio = BIO_new_mem_buf(in.at, (int)in.len);
	key = bio == NULL ? NULL : PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	BIO_free(bio);
	ERR_clear_error();
	return key;
}

static bool curve_of(const EVP_PKEY *key, enum ec_curve *curve)
{
	char name[64] = "";
	int nid;

	if (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, name, sizeof name,
	                                   NULL) != 1)
		return false;
	nid = OBJ_txt2nid(name);
	if (nid == NID_undef)
		nid = EC_curve_nist2nid(name);
	*curve = nid == NID_X9_62_prime256v1 ? EC_P256 : EC_BRAINPOOL_P256R1;
	return nid == NID_X9_62_prime256v1 || nid == NID_brainpoolP256r1;
}

enum err keyfile_key(const char *path, enum ec_curve *curve, struct secret *scalar)
{
	struct buffer text = { NULL, 0, 0 };
	BIGNUM *number = NULL;
	EVP_PKEY *key;
	enum err err = ERR_VALUE;

	TRY(keyfile_text(path, &text));
	key = key_any(buffer_bytes(&text));
	buffer_free(&text);
	if (key != NULL && !curve_of(key, curve)) {
		err = ERR_UNSUPPORTED;
	} else if (key != NULL &&
	           EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &number) == 1 &&
	           BN_bn2binpad(number, scalar->at, 32) == 32) {
		scalar->len = 32;
		err = ERR_NONE;
	}
	BN_clear_free(number);
	EVP_PKEY_free(key);
	return err;
}

enum err keyfile_point(struct bytes der, enum ec_curve *curve, uint8_t point[static EC_POINT_SIZE])
{
	X509 *cert = certificate_any(der);
	EVP_PKEY *key = cert == NULL ? NULL : X509_get0_pubkey(cert);
	size_t len = 0;
	enum err err = ERR_VALUE;

	if (key != NULL && !curve_of(key, curve))
		err = ERR_UNSUPPORTED;
	else if (key != NULL &&
	         EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, EC_POINT_SIZE,
	                                         &len) == 1 &&
	         len == EC_POINT_SIZE && point[0] == 0x04)
		err = ERR_NONE;
	X509_free(cert);
	return err;
}

enum err keyfile_master(const char *path, struct secret *out)
{
	struct buffer text = { NULL, 0, 0 };
	struct stat info;
	bool good;

	if (stat(path, &info) == 0 && (info.st_mode & 077) != 0)
		log_error("%s may be read by others: chmod 600", path);
	TRY(keyfile_text(path, &text));
	good = text.len == 32 && secret_from(out, buffer_bytes(&text));
	buffer_free(&text);
	return good ? ERR_NONE : ERR_LENGTH;
}

static enum err pem_new(const char *path, mode_t mode, EVP_PKEY *key,
                        int (*put)(FILE *file, EVP_PKEY *key))
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	FILE *file;
	bool good;

	if (fd < 0)
		return errno == EEXIST ? ERR_EXISTS : ERR_IO;
	file = fdopen(fd, "w");
	if (file == NULL) {
		close(fd);
		return ERR_IO;
	}
	setvbuf(file, NULL, _IONBF, 0); /* no copy of a key stays behind in a stream's buffer */
	good = put(file, key) == 1;
	return fclose(file) == 0 && good ? ERR_NONE : ERR_IO;
}

static int put_private(FILE *file, EVP_PKEY *key)
{
	return PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);
}

static int put_public(FILE *file, EVP_PKEY *key)
{
	return PEM_write_PUBKEY(file, key);
}

enum err keyfile_new(const char *path, const char *public_path)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	enum err err = key == NULL ? ERR_CRYPTO : pem_new(path, 0600, key, put_private);

	if (err == ERR_NONE)
		err = pem_new(public_path, 0644, key, put_public);
	EVP_PKEY_free(key);
	return err;
}
