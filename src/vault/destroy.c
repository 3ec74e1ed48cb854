/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of a vault (R1b.5). A mark of a few octets goes first, over the nonce of the head page: from then
 * on the vault does not open, and whoever tries goes on with the wiping. So a power cut stops nothing.
 */
#include "vault/inside.h"

#include <string.h>

static const uint8_t mark[GCM_NONCE_SIZE] = "destroyed\n\0";

static enum err sync_flash(const struct flash *flash)
{
	return flash->sync != NULL ? flash->sync(flash->ctx) : ERR_NONE;
}

enum err vault_destroyed(const struct flash *flash, bool *destroyed)
{
	uint8_t found[sizeof mark];

	TRY(flash->read(flash->ctx, HEAD_PAGE * VAULT_PAGE, found, sizeof found));
	*destroyed = memcmp(found, mark, sizeof mark) == 0;
	return ERR_NONE;
}

/* The rest of the head first, then the journal: what was written last is what is worth most. */
static enum err wipe_all(const struct flash *flash)
{
	static const uint8_t zeros[VAULT_PAGE];
	uint32_t at = sizeof mark;

	while (at < flash->size) {
		uint32_t n = VAULT_PAGE - at % VAULT_PAGE;
		if (n > flash->size - at)
			n = flash->size - at;
		TRY(flash->write(flash->ctx, at, (struct bytes){ zeros, n }));
		at += n;
	}
	return sync_flash(flash);
}

enum err vault_destroy(const struct flash *flash)
{
	if (flash->size < VAULT_SIZE_MIN)
		return ERR_LIMIT;
	TRY(flash->write(flash->ctx, HEAD_PAGE * VAULT_PAGE, BYTES(mark)));
	TRY(sync_flash(flash));
	return wipe_all(flash);
}
