/* SPDX-License-Identifier: Apache-2.0 */
#include "aka/tuak.h"

#include "port/crypto.h"

enum {
	/* INSTANCE[0..1], the most significant bits of its octet (TS 35.231 6.3 to 6.6) */
	INSTANCE_F1 = 0x00,
	INSTANCE_F2345 = 0x40,
	INSTANCE_F1_STAR = 0x80,
	INSTANCE_F5_STAR = 0xC0,
	/* INSTANCE[5], [6] and [7] */
	INSTANCE_CK_256 = 0x04,
	INSTANCE_IK_256 = 0x02,
	INSTANCE_K_256 = 0x01,

	INPUT_SIZE = 96, /* bits 0..767 of IN; the rest is the padding of SHAKE256 */
	ALGONAME_SIZE = 7,
};

/* TS 35.231 5.1: the five values that distinguish calls and subscribers. */
struct call {
	const struct secret *k;
	const struct secret *top; /* TOP, or TOPc */
	uint8_t instance, iterations;
	const uint8_t *rand, *amf, *sqn; /* NULL stands for zeros */
};

/* IN[i] = FIELD[n-1-i]: a field stands in Keccak's octet order with its last octet first. */
static void put_reversed(struct room *out, const uint8_t *field, size_t size)
{
	for (size_t i = size; i > 0; i--)
		room_put_u8(out, field == NULL ? 0 : field[i - 1]);
}

/* TS 35.231 6.1: TOP, INSTANCE, ALGONAME, RAND, AMF, SQN, KEY, and the n-th Keccak's OUT. */
static enum err keccak(const struct call *call, uint8_t out[static SHAKE256_BLOCK_SIZE])
{
	static const uint8_t algoname[ALGONAME_SIZE] = { 'T', 'U', 'A', 'K', '1', '.', '0' };
	uint8_t input[INPUT_SIZE];
	struct room in = ROOM(input);
	uint8_t k_256 = call->k->len == 32 ? INSTANCE_K_256 : 0;
	enum err err;

	if ((call->k->len != 16 && call->k->len != 32) || call->top->len != TUAK_TOP_SIZE)
		return ERR_LENGTH;
	put_reversed(&in, call->top->at, TUAK_TOP_SIZE);
	room_put_u8(&in, call->instance | k_256);
	put_reversed(&in, algoname, sizeof algoname);
	put_reversed(&in, call->rand, AKA_RAND_SIZE);
	put_reversed(&in, call->amf, AKA_AMF_SIZE);
	put_reversed(&in, call->sqn, AKA_SQN_SIZE);
	put_reversed(&in, call->k->at, call->k->len);
	put_reversed(&in, NULL, room_left(&in)); /* IN[640..767] is zero for a K of 128 bits */
	err = crypto_shake256_block(out, room_used(&in), call->iterations);
	wipe(input, sizeof input);
	return err;
}

/* VALUE[i] = OUT[from+n-1-i]. */
static void take_reversed(uint8_t *value, const uint8_t *out, size_t from, size_t size)
{
	for (size_t i = 0; i < size; i++)
		value[i] = out[from + size - 1 - i];
}

bool tuak_sizes_valid(const struct tuak *who)
{
	bool mac = who->mac_size == 8 || who->mac_size == 16 || who->mac_size == 32;
	bool res = who->res_size == 4 || who->res_size == 8 || who->res_size == 16 ||
	           who->res_size == 32;
	bool keys = (who->ck_size == 16 || who->ck_size == 32) &&
	            (who->ik_size == 16 || who->ik_size == 32);

	return mac && res && keys && who->iterations > 0;
}

enum err tuak_topc(const struct secret *k, const struct secret *top, uint8_t iterations,
                   struct secret *topc)
{
	struct call call = { .k = k, .top = top, .iterations = iterations };
	uint8_t out[SHAKE256_BLOCK_SIZE];

	TRY(keccak(&call, out));
	take_reversed(topc->at, out, 0, TUAK_TOP_SIZE);
	topc->len = TUAK_TOP_SIZE;
	wipe(out, sizeof out);
	return ERR_NONE;
}

/* INSTANCE[2..4] tells a length: 32, 64, 128, 256 bits are 0, 1, 2, 4. */
static uint8_t instance_length(uint8_t octets)
{
	return (uint8_t)(octets / 8 << 3);
}

static enum err mac(const struct tuak *who, uint8_t function, const uint8_t *rand,
                    const uint8_t *sqn, const uint8_t *amf, uint8_t *result)
{
	struct call call = {
		.k = who->k,
		.top = who->topc,
		.instance = function | instance_length(who->mac_size),
		.iterations = who->iterations,
		.rand = rand,
		.amf = amf,
		.sqn = sqn,
	};
	uint8_t out[SHAKE256_BLOCK_SIZE];
	enum err err = tuak_sizes_valid(who) ? keccak(&call, out) : ERR_VALUE;

	if (err == ERR_NONE)
		take_reversed(result, out, 0, who->mac_size);
	wipe(out, sizeof out);
	return err;
}

enum err tuak_f1(const struct tuak *who, const uint8_t rand[static AKA_RAND_SIZE],
                 const uint8_t sqn[static AKA_SQN_SIZE], const uint8_t amf[static AKA_AMF_SIZE],
                 uint8_t *result)
{
	return mac(who, INSTANCE_F1, rand, sqn, amf, result);
}

enum err tuak_f1_star(const struct tuak *who, const uint8_t rand[static AKA_RAND_SIZE],
                      const uint8_t sqn[static AKA_SQN_SIZE],
                      const uint8_t amf[static AKA_AMF_SIZE], uint8_t *result)
{
	return mac(who, INSTANCE_F1_STAR, rand, sqn, amf, result);
}

enum err tuak_f2345(const struct tuak *who, const uint8_t rand[static AKA_RAND_SIZE],
                    struct tuak_keys *keys)
{
	struct call call = {
		.k = who->k,
		.top = who->topc,
		.instance = INSTANCE_F2345,
		.iterations = who->iterations,
		.rand = rand,
	};
	uint8_t out[SHAKE256_BLOCK_SIZE];

	call.instance |= instance_length(who->res_size);
	call.instance |= who->ck_size == 32 ? INSTANCE_CK_256 : 0;
	call.instance |= who->ik_size == 32 ? INSTANCE_IK_256 : 0;

	enum err err = tuak_sizes_valid(who) ? keccak(&call, out) : ERR_VALUE;
	wipe(keys, sizeof *keys);
	if (err == ERR_NONE) {
		/* RES, CK, IK and AK begin at OUT[0], [256], [512] and [768]. */
		take_reversed(keys->res, out, 0, who->res_size);
		take_reversed(keys->ck, out, 32, who->ck_size);
		take_reversed(keys->ik, out, 64, who->ik_size);
		take_reversed(keys->ak, out, 96, AKA_AK_SIZE);
	}
	wipe(out, sizeof out);
	return err;
}

enum err tuak_f5_star(const struct tuak *who, const uint8_t rand[static AKA_RAND_SIZE],
                      uint8_t ak[static AKA_AK_SIZE])
{
	struct call call = {
		.k = who->k,
		.top = who->topc,
		.instance = INSTANCE_F5_STAR,
		.iterations = who->iterations,
		.rand = rand,
	};
	uint8_t out[SHAKE256_BLOCK_SIZE];
	enum err err = tuak_sizes_valid(who) ? keccak(&call, out) : ERR_VALUE;

	if (err == ERR_NONE)
		take_reversed(ak, out, 96, AKA_AK_SIZE);
	else
		wipe(ak, AKA_AK_SIZE);
	wipe(out, sizeof out);
	return err;
}
