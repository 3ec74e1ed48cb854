/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside the x86 backend: Milenage on the CPU's AES instructions. Each kernel is compiled for its
 * instructions alone and runs only where the CPU says that it has them.
 */
#ifndef PORT_X86_X86_H
#define PORT_X86_X86_H

#include "port/crypto_batch.h"

/* AES-NI: six subscribers under way, one in each register. */
bool x86_aes_available(void);
NODISCARD enum err x86_aes_batch(const struct crypto_milenage *lanes, size_t count);

/* VAES on AVX-512: sixteen subscribers under way, four in each register. */
bool x86_vaes_available(void);
NODISCARD enum err x86_vaes_batch(const struct crypto_milenage *lanes, size_t count);

#endif
