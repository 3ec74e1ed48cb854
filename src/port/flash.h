/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that outlives the power. To the rooms above it is octets 0 to size-1 that can be read and
 * overwritten; erase blocks, wear of single cells and files are the backend's business.
 *
 * What a backend promises: a read sees the last write, durable or not. When the power fails, every
 * write since the last sync may be there, not be there, or be torn at any octet, each on its own;
 * what was synced stays. What it does not promise, the vault supplies.
 */
#ifndef PORT_FLASH_H
#define PORT_FLASH_H

#include "base/bytes.h"
#include "base/err.h"

struct flash {
	void *ctx;
	uint32_t size;
	/* ERR_IO when the medium fails; ERR_VALUE when the range is not inside it. */
	enum err (*read)(void *ctx, uint32_t at, uint8_t *out, size_t len);
	enum err (*write)(void *ctx, uint32_t at, struct bytes data);
	/* NULL where each write is durable, in order, when it returns. */
	enum err (*sync)(void *ctx);
};

#endif
