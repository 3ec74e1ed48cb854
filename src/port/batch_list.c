/* SPDX-License-Identifier: Apache-2.0 */
/* The backends of a build for a CPU without one of its own. */
#include "port/batch.h"

const struct crypto_milenage_backend crypto_milenage_backends[] = {
	{ "portable", batch_portable_available, batch_portable },
};
const size_t crypto_milenage_backend_count = COUNT(crypto_milenage_backends);
