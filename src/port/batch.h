/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the port: the backend of crypto_batch.h that needs nothing but crypto_aes_ecb. */
#ifndef PORT_BATCH_H
#define PORT_BATCH_H

#include "port/crypto_batch.h"

bool batch_portable_available(void);
NODISCARD enum err batch_portable(const struct crypto_milenage *lanes, size_t count);

#endif
