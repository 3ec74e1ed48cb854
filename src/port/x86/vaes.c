/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret.h"
#include "port/x86/x86.h"

#include <cpuid.h>
#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,vaes,aes")))
/* Registers stand in arrays: only where their loops are unrolled are they registers. */
#define UNROLL _Pragma("GCC unroll 16")
#define INLINE TARGET __attribute__((always_inline)) static inline

enum {
	LANES = 4,  /* subscribers in a register */
	GROUPS = 4, /* registers under way at once, to cover the latency of an AES round */
	ROUNDS = 10,
};

/* FIPS 197 5.2 */
static const int round_constants[ROUNDS] = { 0x01, 0x02, 0x04, 0x08, 0x10,
	                                     0x20, 0x40, 0x80, 0x1B, 0x36 };

/* Round keys of every group; rows of one round lie together. */
struct schedule {
	__m512i at[ROUNDS + 1][GROUPS];
};

static bool has_vaes(void)
{
	unsigned a, b, c, d;

	return __get_cpuid_count(7, 0, &a, &b, &c, &d) == 1 && (c & bit_VAES) != 0;
}

/* CPUID traps where the CPU is virtual, and costs more there than a batch: it is asked once. That the
 * system keeps AVX-512 registers is what the builtin tells; clang 14's knows no "vaes". */
bool x86_vaes_available(void)
{
	static _Atomic signed char known; /* 0: not asked yet */

	if (known == 0)
		known = has_vaes() ? 1 : -1;
	return known == 1 && __builtin_cpu_supports("avx512f") &&
	       __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
	       __builtin_cpu_supports("avx512dq");
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

INLINE __m512i join(__m128i a, __m128i b, __m128i c, __m128i d)
{
	__m512i all = _mm512_castsi128_si512(a);

	all = _mm512_inserti64x2(all, b, 1);
	all = _mm512_inserti64x2(all, c, 2);
	return _mm512_inserti64x2(all, d, 3);
}

/* FIPS 197 5.2, four schedules at once: AESENCLAST of a block whose columns are all RotWord(w3) is
 * SubWord of it in every column, with the round constant added. */
INLINE __m512i next_key(__m512i key, int constant)
{
	__m512i turned = _mm512_shuffle_epi8(key, _mm512_set1_epi32(0x0C0F0E0D));
	__m512i word = _mm512_aesenclast_epi128(turned, _mm512_set1_epi32(constant));

	key = _mm512_xor_si512(key, _mm512_bslli_epi128(key, 4));
	key = _mm512_xor_si512(key, _mm512_bslli_epi128(key, 8));
	return _mm512_xor_si512(key, word);
}

/* The constants c2..c4: 1, 2 or 4 in the last octet of each block. */
INLINE __m512i last_octet(int value)
{
	return _mm512_broadcast_i32x4(_mm_set_epi32(value << 24, 0, 0, 0));
}

INLINE void store(__m512i all, uint8_t *a, uint8_t *b, uint8_t *c, uint8_t *d)
{
	_mm_storeu_si128((__m128i_u *)a, _mm512_castsi512_si128(all));
	_mm_storeu_si128((__m128i_u *)b, _mm512_extracti64x2_epi64(all, 1));
	_mm_storeu_si128((__m128i_u *)c, _mm512_extracti64x2_epi64(all, 2));
	_mm_storeu_si128((__m128i_u *)d, _mm512_extracti64x2_epi64(all, 3));
}

INLINE void store_high_half(__m128i block, uint8_t *at)
{
	_mm_storel_epi64((__m128i_u *)at, _mm_unpackhi_epi64(block, block));
}

INLINE void store_high(__m512i all, uint8_t *a, uint8_t *b, uint8_t *c, uint8_t *d)
{
	store_high_half(_mm512_castsi512_si128(all), a);
	store_high_half(_mm512_extracti64x2_epi64(all, 1), b);
	store_high_half(_mm512_extracti64x2_epi64(all, 2), c);
	store_high_half(_mm512_extracti64x2_epi64(all, 3), d);
}

/* TEMP of one round after the other, the keys being made on the way and kept. */
INLINE void temp_rounds(struct schedule *schedule, __m512i *key, __m512i *temp, int groups)
{
	UNROLL for (int g = 0; g < groups; g++)
	{
		schedule->at[0][g] = key[g];
		temp[g] = _mm512_xor_si512(temp[g], key[g]);
	}
	UNROLL for (int round = 1; round <= ROUNDS; round++)
	{
		UNROLL for (int g = 0; g < groups; g++)
		{
			key[g] = next_key(key[g], round_constants[round - 1]);
			schedule->at[round][g] = key[g];
			temp[g] = round < ROUNDS ? _mm512_aesenc_epi128(temp[g], key[g])
			                         : _mm512_aesenclast_epi128(temp[g], key[g]);
		}
	}
}

/* OUT1..OUT4 of one group from TEMP (TS 35.206 4.1). */
INLINE void outputs(const struct crypto_milenage *lane, const struct schedule *schedule, int g,
                    __m512i temp, __m512i opc)
{
	__m512i in1 = join(load_in1(&lane[0]), load_in1(&lane[1]), load_in1(&lane[2]),
	                   load_in1(&lane[3]));
	__m512i turned = _mm512_shuffle_epi32(_mm512_xor_si512(in1, opc), _MM_PERM_BADC);
	__m512i mixed = _mm512_xor_si512(temp, opc), key = schedule->at[0][g], out[4];

	/* rotations by 64, 0, 32 and 64 bits are moves of 32-bit words */
	out[0] = _mm512_xor_si512(temp, turned);
	out[1] = _mm512_xor_si512(mixed, last_octet(1));
	out[2] = _mm512_xor_si512(_mm512_shuffle_epi32(mixed, _MM_PERM_ADCB), last_octet(2));
	out[3] = _mm512_xor_si512(_mm512_shuffle_epi32(mixed, _MM_PERM_BADC), last_octet(4));
	UNROLL for (int i = 0; i < 4; i++) out[i] = _mm512_xor_si512(out[i], key);
	UNROLL for (int round = 1; round < ROUNDS; round++)
	{
		UNROLL for (int i = 0; i < 4; i++) out[i] =
			_mm512_aesenc_epi128(out[i], schedule->at[round][g]);
	}
	key = _mm512_xor_si512(schedule->at[ROUNDS][g], opc); /* OPc is added in the same go */
	UNROLL for (int i = 0; i < 4; i++) out[i] = _mm512_aesenclast_epi128(out[i], key);
	/* AUTN = SQN xor AK || AMF || MAC-A: AK is OUT2's first six octets, MAC-A OUT1's first half. */
	in1 = _mm512_xor_si512(in1, _mm512_and_si512(out[1], _mm512_set1_epi64(0xFFFFFFFFFFFF)));
	store(_mm512_unpacklo_epi64(in1, out[0]), lane[0].autn, lane[1].autn, lane[2].autn,
	      lane[3].autn);
	store_high(out[1], lane[0].res, lane[1].res, lane[2].res, lane[3].res);
	store(out[2], lane[0].ck, lane[1].ck, lane[2].ck, lane[3].ck);
	store(out[3], lane[0].ik, lane[1].ik, lane[2].ik, lane[3].ik);
}

INLINE void several(const struct crypto_milenage *lanes, struct schedule *schedule, int groups)
{
	__m512i key[GROUPS], opc[GROUPS], temp[GROUPS];

	UNROLL for (int g = 0; g < groups; g++)
	{
		const struct crypto_milenage *l = &lanes[LANES * g];
		key[g] = join(load_block(l[0].k), load_block(l[1].k), load_block(l[2].k),
		              load_block(l[3].k));
		opc[g] = join(load_block(l[0].opc), load_block(l[1].opc), load_block(l[2].opc),
		              load_block(l[3].opc));
		temp[g] = join(load_block(l[0].rand), load_block(l[1].rand), load_block(l[2].rand),
		               load_block(l[3].rand));
		temp[g] = _mm512_xor_si512(temp[g], opc[g]);
	}
	temp_rounds(schedule, key, temp, groups);
	UNROLL for (int g = 0; g < groups; g++)
		outputs(&lanes[LANES * g], schedule, g, temp[g], opc[g]);
}

/* Fewer than LANES: the last one fills the register up, and its copies go nowhere. */
TARGET static void remainder_of(const struct crypto_milenage *lanes, size_t count,
                                struct schedule *schedule)
{
	struct crypto_milenage full[LANES];
	uint8_t nowhere[4][16];

	for (size_t i = 0; i < LANES; i++) {
		full[i] = lanes[i < count ? i : count - 1];
		if (i >= count) {
			full[i].autn = nowhere[0];
			full[i].res = nowhere[1];
			full[i].ck = nowhere[2];
			full[i].ik = nowhere[3];
		}
	}
	several(full, schedule, 1);
	wipe(nowhere, sizeof nowhere);
}

/* wipe, but in line: a call of it for every sixteen vectors would cost a tenth of them. */
INLINE void schedule_wipe(struct schedule *schedule)
{
	for (int round = 0; round <= ROUNDS; round++) {
		for (int g = 0; g < GROUPS; g++)
			schedule->at[round][g] = _mm512_setzero_si512();
	}
	__asm__ __volatile__("" : : "r"(schedule) : "memory");
}

TARGET enum err x86_vaes_batch(const struct crypto_milenage *lanes, size_t count)
{
	struct schedule schedule __attribute__((uninitialized)); /* written before it is read */
	size_t done = 0;

	for (; count - done >= LANES * GROUPS; done += LANES * GROUPS)
		several(&lanes[done], &schedule, GROUPS);
	for (; count - done >= LANES; done += LANES)
		several(&lanes[done], &schedule, 1);
	if (done < count)
		remainder_of(&lanes[done], count - done, &schedule);
	schedule_wipe(&schedule);
	return ERR_NONE;
}
