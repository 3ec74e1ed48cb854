/* SPDX-License-Identifier: Apache-2.0 */
#include "aka/milenage.h"

#include "port/crypto.h"

#include <string.h>

enum { BLOCK = AES_BLOCK_SIZE, OUTPUTS = 5 };

const struct milenage_constants milenage_standard = {
	.r = {64,     0,            32,           64,           96          },
	.c = { { 0 }, { [15] = 1 }, { [15] = 2 }, { [15] = 4 }, { [15] = 8 }},
};

static void block_xor(uint8_t *into, const uint8_t *other)
{
	for (size_t i = 0; i < BLOCK; i++)
		into[i] ^= other[i];
}

/* TS 35.206 2.3: rotation of a block by r bits towards the most significant one. */
static void block_rotate(uint8_t *out, const uint8_t *in, unsigned r)
{
	unsigned octets = r / 8, bits = r % 8;

	for (unsigned i = 0; i < BLOCK; i++) {
		unsigned high = in[(i + octets) % BLOCK], low = in[(i + octets + 1) % BLOCK];
		out[i] = (uint8_t)((high << 8 | low) >> (8 - bits));
	}
}

bool milenage_constants_usable(const struct milenage_constants *constants)
{
	for (size_t i = 0; i < OUTPUTS; i++) {
		if (constants->r[i] >= 8 * BLOCK)
			return false;
		for (size_t j = 0; j < i; j++) {
			if (constants->r[i] == constants->r[j] &&
			    memcmp(constants->c[i], constants->c[j], BLOCK) == 0)
				return false;
		}
	}
	return true;
}

enum err milenage_opc(const struct secret *k, const struct secret *op, struct secret *opc)
{
	SECRET result = { .len = BLOCK };

	if (k->len != MILENAGE_KEY_SIZE || op->len != MILENAGE_KEY_SIZE)
		return ERR_LENGTH;
	/* TS 35.206 4.1: OPc = OP xor E[OP]_K. */
	TRY(crypto_aes_ecb(k, secret_bytes(op), result.at));
	block_xor(result.at, op->at);
	*opc = result;
	return ERR_NONE;
}

/* TS 35.206 4.1: TEMP = E[RAND xor OPc]_K. */
static enum err make_temp(const struct milenage *who, const uint8_t *rand,
                          uint8_t temp[static BLOCK])
{
	if (who->k->len != MILENAGE_KEY_SIZE || who->opc->len != MILENAGE_KEY_SIZE)
		return ERR_LENGTH;
	memcpy(temp, rand, BLOCK);
	block_xor(temp, who->opc->at);
	return crypto_aes_ecb(who->k, (struct bytes){ temp, BLOCK }, temp);
}

/* TS 35.206 4.1: what is enciphered for OUT1: TEMP xor rot(IN1 xor OPc, r1) xor c1. */
static void prepare_out1(const struct milenage *who, const uint8_t *temp, const uint8_t *sqn,
                         const uint8_t *amf, uint8_t *in)
{
	uint8_t in1[BLOCK];

	for (size_t half = 0; half < BLOCK; half += BLOCK / 2) {
		memcpy(in1 + half, sqn, AKA_SQN_SIZE);
		memcpy(in1 + half + AKA_SQN_SIZE, amf, AKA_AMF_SIZE);
	}
	block_xor(in1, who->opc->at);
	block_rotate(in, in1, who->constants->r[0]);
	block_xor(in, temp);
	block_xor(in, who->constants->c[0]);
}

/* ... and for OUTn, n = 2..5: rot(TEMP xor OPc, rn) xor cn. */
static void prepare_out(const struct milenage *who, const uint8_t *temp, size_t n, uint8_t *in)
{
	uint8_t mixed[BLOCK];

	memcpy(mixed, temp, BLOCK);
	block_xor(mixed, who->opc->at);
	block_rotate(in, mixed, who->constants->r[n - 1]);
	block_xor(in, who->constants->c[n - 1]);
	wipe(mixed, sizeof mixed);
}

/* Enciphers prepared blocks in place and adds OPc: they become OUTn. */
static enum err finish(const struct milenage *who, uint8_t *blocks, size_t count)
{
	enum err err = crypto_aes_ecb(who->k, (struct bytes){ blocks, count * BLOCK }, blocks);

	if (err != ERR_NONE)
		wipe(blocks, count * BLOCK);
	for (size_t i = 0; err == ERR_NONE && i < count; i++)
		block_xor(blocks + i * BLOCK, who->opc->at);
	return err;
}

/* f2: OUT2[64..127], f5: OUT2[0..47], f3: OUT3, f4: OUT4. */
static void split_keys(const uint8_t out2[static 3 * BLOCK], struct milenage_keys *keys)
{
	memcpy(keys->ak, out2, AKA_AK_SIZE);
	memcpy(keys->res, out2 + BLOCK / 2, MILENAGE_RES_SIZE);
	memcpy(keys->ck, out2 + BLOCK, MILENAGE_KEY_SIZE);
	memcpy(keys->ik, out2 + (size_t)2 * BLOCK, MILENAGE_KEY_SIZE);
}

enum err milenage_f1(const struct milenage *who, const uint8_t rand[static AKA_RAND_SIZE],
                     const uint8_t sqn[static AKA_SQN_SIZE], const uint8_t amf[static AKA_AMF_SIZE],
                     uint8_t *mac_a, uint8_t *mac_s)
{
	uint8_t temp[BLOCK], out1[BLOCK];
	enum err err = make_temp(who, rand, temp);

	if (err == ERR_NONE) {
		prepare_out1(who, temp, sqn, amf, out1);
		err = finish(who, out1, 1);
	}
	/* f1: OUT1[0..63], f1*: OUT1[64..127]. */
	if (err == ERR_NONE && mac_a != NULL)
		memcpy(mac_a, out1, MILENAGE_MAC_SIZE);
	if (err == ERR_NONE && mac_s != NULL)
		memcpy(mac_s, out1 + BLOCK / 2, MILENAGE_MAC_SIZE);
	wipe(temp, sizeof temp);
	wipe(out1, sizeof out1);
	return err;
}

enum err milenage_f2345(const struct milenage *who, const uint8_t rand[static AKA_RAND_SIZE],
                        struct milenage_keys *out)
{
	uint8_t temp[BLOCK], outs[3 * BLOCK];
	enum err err = make_temp(who, rand, temp);

	if (err == ERR_NONE) {
		for (size_t n = 2; n <= 4; n++)
			prepare_out(who, temp, n, outs + (n - 2) * BLOCK);
		err = finish(who, outs, 3);
	}
	if (err == ERR_NONE)
		split_keys(outs, out);
	else
		wipe(out, sizeof *out);
	wipe(temp, sizeof temp);
	wipe(outs, sizeof outs);
	return err;
}

enum err milenage_quintet(const struct milenage *who, const uint8_t rand[static AKA_RAND_SIZE],
                          const uint8_t sqn[static AKA_SQN_SIZE],
                          const uint8_t amf[static AKA_AMF_SIZE],
                          uint8_t mac_a[static MILENAGE_MAC_SIZE], struct milenage_keys *out)
{
	uint8_t temp[BLOCK], outs[4 * BLOCK];
	enum err err = make_temp(who, rand, temp);

	if (err == ERR_NONE) {
		prepare_out1(who, temp, sqn, amf, outs);
		for (size_t n = 2; n <= 4; n++)
			prepare_out(who, temp, n, outs + (n - 1) * BLOCK);
		err = finish(who, outs, 4);
	}
	if (err == ERR_NONE) {
		memcpy(mac_a, outs, MILENAGE_MAC_SIZE);
		split_keys(outs + BLOCK, out);
	} else {
		wipe(mac_a, MILENAGE_MAC_SIZE);
		wipe(out, sizeof *out);
	}
	wipe(temp, sizeof temp);
	wipe(outs, sizeof outs);
	return err;
}

enum err milenage_f5_star(const struct milenage *who, const uint8_t rand[static AKA_RAND_SIZE],
                          uint8_t ak[static AKA_AK_SIZE])
{
	uint8_t temp[BLOCK], out5[BLOCK];
	enum err err = make_temp(who, rand, temp);

	if (err == ERR_NONE) {
		prepare_out(who, temp, 5, out5);
		err = finish(who, out5, 1);
	}
	/* f5*: OUT5[0..47]. */
	if (err == ERR_NONE)
		memcpy(ak, out5, AKA_AK_SIZE);
	else
		wipe(ak, AKA_AK_SIZE);
	wipe(temp, sizeof temp);
	wipe(out5, sizeof out5);
	return err;
}
