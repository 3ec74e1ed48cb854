/* SPDX-License-Identifier: Apache-2.0 */
/* Keys in files, PEM or DER, as the rooms want them: a scalar, a point. */
#ifndef CLI_KEY_FILE_H
#define CLI_KEY_FILE_H

#include "port/crypto.h"

/* key_file_private reads a private key on P-256 or brainpoolP256r1. ERR_NOT_FOUND, ERR_IO, ERR_VALUE when
 * there is no key; ERR_UNSUPPORTED for another curve. */
NODISCARD enum err key_file_private(const char *path, enum ec_curve *curve, struct secret *key);

/* key_file_public reads a public key on P-256, alone or that of a private key, as its point. Errors as
 * before. */
NODISCARD enum err key_file_public(const char *path, uint8_t point[static EC_POINT_SIZE]);

/* key_file_public_new writes a P-256 point as PEM into a new file. ERR_EXISTS, ERR_IO, ERR_VALUE. */
NODISCARD enum err key_file_public_new(const char *path, const uint8_t point[static EC_POINT_SIZE]);

#endif
