/* SPDX-License-Identifier: Apache-2.0 */
/* A world with a server's engine and a card, and one download in it: what the benchmarks of downloads measure. */
#ifndef BENCH_DOWNLOAD_H
#define BENCH_DOWNLOAD_H

#include "bench/bench.h"
#include "tests/server/smdp_world.h"

#include <stdlib.h>
#include <string.h>

static struct world world;
static struct soft_card card;

/* The memory of certificates: the EUM's comes with every card. */
static enum err verify(void *ctx, enum ec_curve curve, const uint8_t point[static EC_POINT_SIZE],
                       const struct bytes *parts, size_t count,
                       const uint8_t signature[static EC_SIGNATURE_SIZE])
{
	static uint8_t seen[EC_SIGNATURE_SIZE];
	struct bytes ci = { world.ci[curve].point, EC_POINT_SIZE };

	(void)ctx;
	if (!bytes_same(ci, (struct bytes){ point, EC_POINT_SIZE }))
		return crypto_ecdsa_verify(curve, point, parts, count, signature);
	if (memcmp(seen, signature, sizeof seen) == 0)
		return ERR_NONE;
	if (crypto_ecdsa_verify(curve, point, parts, count, signature) != ERR_NONE)
		return ERR_SIGNATURE;
	memcpy(seen, signature, sizeof seen);
	return ERR_NONE;
}

static void one_download(void)
{
	static uint8_t store[1024];
	struct room message = { store, sizeof store, 0, false };

	if (download(&world, &card, "BENCH", NULL)[0] != 0)
		exit(EXIT_FAILURE);
	card_result(&card, 0, &message);
	if (call(&world, "handleNotification", body_pending(room_used(&message))) != NULL)
		exit(EXIT_FAILURE);
}

#endif
