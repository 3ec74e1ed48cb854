/* SPDX-License-Identifier: Apache-2.0 */
/* Profile metadata from JSON: the METADATA of docs/admin-api.md as StoreMetadataRequest. */
#ifndef SERVER_ADMIN_METADATA_H
#define SERVER_ADMIN_METADATA_H

#include "base/bytes.h"
#include "base/err.h"
#include "server/keeper.h"

#include <jansson.h>

enum { METADATA_MAX = 8 << 10 };

/* metadata_from_json appends a StoreMetadataRequest; what `from` (may be NULL) leaves out is taken from the
 * package. ERR_VALUE with `detail` naming the member. */
NODISCARD enum err metadata_from_json(const struct keeper_sealed *sealed, json_t *from,
                                      struct room *out, const char **detail);

#endif
