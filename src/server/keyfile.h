/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and certificates from files, DER or PEM (SGP.26 ships both). */
#ifndef SERVER_KEYFILE_H
#define SERVER_KEYFILE_H

#include "port/crypto.h"
#include "server/buffer.h"

/* keyfile_certificate reads one certificate as DER; ERR_NOT_FOUND, ERR_VALUE. */
NODISCARD enum err keyfile_certificate(const char *path, struct buffer *der);

/* keyfile_key reads an EC private key on one of the two curves; ERR_NOT_FOUND, ERR_VALUE,
 * ERR_UNSUPPORTED for any other. */
NODISCARD enum err keyfile_key(const char *path, enum ec_curve *curve, struct secret *scalar);

/* keyfile_text reads a whole file as it is. */
NODISCARD enum err keyfile_text(const char *path, struct buffer *out);

/* keyfile_master reads the 32 octets of the master key; warns when others may read the file. */
NODISCARD enum err keyfile_master(const char *path, struct secret *out);

/* keyfile_point gives the public key of a certificate. */
NODISCARD enum err keyfile_point(struct bytes der, enum ec_curve *curve,
                                 uint8_t point[static EC_POINT_SIZE]);

/* keyfile_new draws a P-256 key and writes it, PEM, into two new files: the private key for its owner only, the
 * public key for everybody. ERR_EXISTS, ERR_IO. */
NODISCARD enum err keyfile_new(const char *path, const char *public_path);

#endif
