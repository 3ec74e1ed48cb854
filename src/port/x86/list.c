/* SPDX-License-Identifier: Apache-2.0 */
#include "port/batch.h"
#include "port/x86/x86.h"

const struct crypto_milenage_backend crypto_milenage_backends[] = {
	{ "portable", batch_portable_available, batch_portable },
	{ "AES-NI", x86_aes_available, x86_aes_batch },
	{ "VAES-512", x86_vaes_available, x86_vaes_batch },
};
const size_t crypto_milenage_backend_count = COUNT(crypto_milenage_backends);
