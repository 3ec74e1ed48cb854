/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates from files. */
#include "cli/assay-card.h"

#include <errno.h>
#include <stdio.h>

#include <openssl/bio.h>
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
