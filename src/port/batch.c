/* SPDX-License-Identifier: Apache-2.0 */
#include "port/batch.h"

#include "port/crypto.h"

#include <string.h>

enum { BLOCK = AES_BLOCK_SIZE };

static void mix(uint8_t *out, const uint8_t *a, const uint8_t *b, unsigned rotate, uint8_t constant)
{
	for (unsigned i = 0; i < BLOCK; i++)
		out[i] = a[(i + rotate) % BLOCK] ^ b[(i + rotate) % BLOCK];
	out[BLOCK - 1] ^= constant;
}

/* OUT1 to OUT4 of TS 35.206 4.1 with r1..r4 = 64, 0, 32, 64 bits and c1..c4 = 0, 1, 2, 4. */
static enum err outputs(const struct crypto_milenage *lane, const uint8_t in1[static BLOCK],
                        uint8_t outs[static 4][BLOCK])
{
	uint8_t temp[BLOCK];
	SECRET key;

	if (!secret_from(&key, (struct bytes){ lane->k, BLOCK }))
		return ERR_LENGTH;
	mix(temp, lane->rand, lane->opc, 0, 0);
	TRY(crypto_aes_ecb(&key, BYTES(temp), temp));
	mix(outs[0], in1, lane->opc, 8, 0);
	for (size_t i = 0; i < BLOCK; i++)
		outs[0][i] ^= temp[i];
	mix(outs[1], temp, lane->opc, 0, 1);
	mix(outs[2], temp, lane->opc, 4, 2);
	mix(outs[3], temp, lane->opc, 8, 4);
	wipe(temp, sizeof temp);
	TRY(crypto_aes_ecb(&key, (struct bytes){ outs[0], (size_t)4 * BLOCK }, outs[0]));
	for (size_t i = 0; i < 4; i++)
		mix(outs[i], outs[i], lane->opc, 0, 0);
	return ERR_NONE;
}

static enum err one(const struct crypto_milenage *lane)
{
	uint8_t in1[BLOCK], outs[4][BLOCK];
	enum err err;

	for (unsigned i = 0; i < BLOCK; i++)
		in1[i] = (uint8_t)(lane->sqn_amf >> (8 * (7 - i % 8)));
	err = outputs(lane, in1, outs);
	if (err == ERR_NONE) {
		/* AUTN = SQN xor AK || AMF || MAC-A: AK is OUT2's first six octets. */
		memcpy(lane->autn, in1, BLOCK / 2);
		for (size_t i = 0; i < 6; i++)
			lane->autn[i] ^= outs[1][i];
		memcpy(lane->autn + BLOCK / 2, outs[0], BLOCK / 2);
		memcpy(lane->res, outs[1] + BLOCK / 2, BLOCK / 2);
		memcpy(lane->ck, outs[2], BLOCK);
		memcpy(lane->ik, outs[3], BLOCK);
	}
	wipe(outs, sizeof outs);
	return err;
}

static void wipe_results(const struct crypto_milenage *lane)
{
	wipe(lane->autn, BLOCK);
	wipe(lane->res, BLOCK / 2);
	wipe(lane->ck, BLOCK);
	wipe(lane->ik, BLOCK);
}

bool batch_portable_available(void)
{
	return true;
}

enum err batch_portable(const struct crypto_milenage *lanes, size_t count)
{
	enum err err = ERR_NONE;

	for (size_t i = 0; err == ERR_NONE && i < count; i++)
		err = one(&lanes[i]);
	for (size_t i = 0; err != ERR_NONE && i < count; i++)
		wipe_results(&lanes[i]);
	return err;
}

enum err crypto_milenage_batch(const struct crypto_milenage *lanes, size_t count)
{
	size_t best = crypto_milenage_backend_count - 1;

	while (best > 0 && !crypto_milenage_backends[best].available())
		best--;
	return crypto_milenage_backends[best].run(lanes, count);
}
