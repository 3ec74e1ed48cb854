/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside the OpenSSL backend: algorithms fetched once a process. Fetching by name for every call
 * costs more than most of the operations.
 */
#ifndef PORT_OPENSSL_OPENSSL_H
#define PORT_OPENSSL_OPENSSL_H

#include "base/err.h"
#include "port/crypto.h"

#include <openssl/evp.h>

struct openssl_algorithms {
	EVP_MD *sha256, *shake256;
	EVP_MAC *cmac, *hmac;
	EVP_CIPHER *ecb[2], *cbc[2], *gcm[2]; /* 128 and 256 bits */
};

/* openssl_algorithms is NULL when the library lacks one of them. */
const struct openssl_algorithms *openssl_algorithms(void);

/* openssl_cipher picks the key size; NULL for a key that is neither 16 nor 32 octets. */
const EVP_CIPHER *openssl_cipher(EVP_CIPHER *const sizes[2], const struct secret *key);

#endif
