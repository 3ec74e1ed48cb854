/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret.h"
#include "port/x86/x86.h"

#include <immintrin.h>

#define TARGET __attribute__((target("aes,avx")))
/* Registers stand in arrays: only where their loops are unrolled are they registers. */
#define UNROLL _Pragma("GCC unroll 16")
#define INLINE TARGET __attribute__((always_inline)) static inline

enum {
	LANES = 6, /* subscribers under way at once, to cover the latency of an AES round */
	ROUNDS = 10,
};

/* FIPS 197 5.2 */
static const int round_constants[ROUNDS] = { 0x01, 0x02, 0x04, 0x08, 0x10,
	                                     0x20, 0x40, 0x80, 0x1B, 0x36 };

struct schedule {
	__m128i at[ROUNDS + 1][LANES];
};

bool x86_aes_available(void)
{
	return __builtin_cpu_supports("aes") && __builtin_cpu_supports("avx");
}

INLINE __m128i load_block(const uint8_t *at)
{
	return _mm_loadu_si128((const __m128i_u *)at);
}

/* IN1: the number's octets twice, the most significant first. */
INLINE __m128i load_in1(const struct crypto_milenage *lane)
{
	return _mm_set1_epi64x((long long)__builtin_bswap64(lane->sqn_amf));
}

INLINE void store_block(uint8_t *at, __m128i block)
{
	_mm_storeu_si128((__m128i_u *)at, block);
}

/* AESENCLAST of a block whose columns are all RotWord(w3) is SubWord of it in every column, with the
 * round constant added. */
INLINE __m128i next_key(__m128i key, int constant)
{
	__m128i turned = _mm_shuffle_epi8(key, _mm_set1_epi32(0x0C0F0E0D));
	__m128i word = _mm_aesenclast_si128(turned, _mm_set1_epi32(constant));

	key = _mm_xor_si128(key, _mm_slli_si128(key, 4));
	key = _mm_xor_si128(key, _mm_slli_si128(key, 8));
	return _mm_xor_si128(key, word);
}

INLINE void temp_rounds(struct schedule *schedule, __m128i *key, __m128i *temp, int lanes)
{
	UNROLL for (int i = 0; i < lanes; i++)
	{
		schedule->at[0][i] = key[i];
		temp[i] = _mm_xor_si128(temp[i], key[i]);
	}
	UNROLL for (int round = 1; round <= ROUNDS; round++)
	{
		UNROLL for (int i = 0; i < lanes; i++)
		{
			key[i] = next_key(key[i], round_constants[round - 1]);
			schedule->at[round][i] = key[i];
			temp[i] = round < ROUNDS ? _mm_aesenc_si128(temp[i], key[i])
			                         : _mm_aesenclast_si128(temp[i], key[i]);
		}
	}
}

/* OUT1..OUT4 of one subscriber from TEMP (TS 35.206 4.1). */
INLINE void outputs(const struct crypto_milenage *lane, const struct schedule *schedule, int i,
                    __m128i temp, __m128i opc)
{
	__m128i in1 = load_in1(lane);
	__m128i mixed = _mm_xor_si128(temp, opc), key = schedule->at[0][i], out[4];

	/* rotations by 64, 0, 32 and 64 bits are moves of 32-bit words */
	out[0] = _mm_xor_si128(temp, _mm_shuffle_epi32(_mm_xor_si128(in1, opc), 0x4E));
	out[1] = _mm_xor_si128(mixed, _mm_set_epi32(1 << 24, 0, 0, 0));
	out[2] = _mm_xor_si128(_mm_shuffle_epi32(mixed, 0x39), _mm_set_epi32(2 << 24, 0, 0, 0));
	out[3] = _mm_xor_si128(_mm_shuffle_epi32(mixed, 0x4E), _mm_set_epi32(4 << 24, 0, 0, 0));
	UNROLL for (int n = 0; n < 4; n++) out[n] = _mm_xor_si128(out[n], key);
	UNROLL for (int round = 1; round < ROUNDS; round++)
	{
		UNROLL for (int n = 0; n < 4; n++) out[n] =
			_mm_aesenc_si128(out[n], schedule->at[round][i]);
	}
	key = _mm_xor_si128(schedule->at[ROUNDS][i], opc); /* OPc is added in the same go */
	UNROLL for (int n = 0; n < 4; n++) out[n] = _mm_aesenclast_si128(out[n], key);
	/* AUTN = SQN xor AK || AMF || MAC-A: AK is OUT2's first six octets, MAC-A OUT1's first half. */
	in1 = _mm_xor_si128(in1, _mm_and_si128(out[1], _mm_set1_epi64x(0xFFFFFFFFFFFF)));
	store_block(lane->autn, _mm_unpacklo_epi64(in1, out[0]));
	_mm_storel_epi64((__m128i_u *)lane->res, _mm_unpackhi_epi64(out[1], out[1]));
	store_block(lane->ck, out[2]);
	store_block(lane->ik, out[3]);
}

INLINE void several(const struct crypto_milenage *lanes, struct schedule *schedule, int count)
{
	__m128i key[LANES], opc[LANES], temp[LANES];

	UNROLL for (int i = 0; i < count; i++)
	{
		key[i] = load_block(lanes[i].k);
		opc[i] = load_block(lanes[i].opc);
		temp[i] = _mm_xor_si128(load_block(lanes[i].rand), opc[i]);
	}
	temp_rounds(schedule, key, temp, count);
	UNROLL for (int i = 0; i < count; i++) outputs(&lanes[i], schedule, i, temp[i], opc[i]);
}

TARGET enum err x86_aes_batch(const struct crypto_milenage *lanes, size_t count)
{
	struct schedule schedule __attribute__((uninitialized)); /* written before it is read */
	size_t done = 0;

	for (; count - done >= LANES; done += LANES)
		several(&lanes[done], &schedule, LANES);
	for (; done < count; done++)
		several(&lanes[done], &schedule, 1);
	wipe(&schedule, sizeof schedule);
	return ERR_NONE;
}
