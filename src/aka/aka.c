/* SPDX-License-Identifier: Apache-2.0 */
#include "aka/aka.h"

#include "aka/functions.h"

#include <string.h>

static const uint8_t amf_resync[AKA_AMF_SIZE]; /* TS 33.102 6.3.3: AMF* is all zeros */

static void conceal(uint8_t *out, uint64_t sqn, const uint8_t *ak)
{
	sqn_put(sqn, out);
	for (size_t i = 0; i < AKA_SQN_SIZE; i++)
		out[i] ^= ak[i];
}

static uint64_t uncover(const uint8_t *concealed, const uint8_t *ak)
{
	uint8_t sqn[AKA_SQN_SIZE];

	for (size_t i = 0; i < AKA_SQN_SIZE; i++)
		sqn[i] = concealed[i] ^ ak[i];
	return sqn_get(sqn);
}

void aka_vector_assemble(const struct aka_request *request, const uint8_t *mac_a, const uint8_t *ak,
                         struct aka_vector *out)
{
	const struct aka_subscriber *who = request->who;

	/* TS 33.102 6.3.2: AUTN = SQN xor AK || AMF || MAC. */
	memcpy(out->rand, request->rand, AKA_RAND_SIZE);
	conceal(out->autn, request->sqn, ak);
	out->autn[AKA_SQN_SIZE] = (uint8_t)(request->amf >> 8);
	out->autn[AKA_SQN_SIZE + 1] = (uint8_t)request->amf;
	memcpy(out->autn + AKA_SQN_SIZE + AKA_AMF_SIZE, mac_a, who->mac_size);
	out->autn_size = (uint8_t)(AKA_SQN_SIZE + AKA_AMF_SIZE + who->mac_size);
	out->xres_size = who->res_size;
	out->ck_size = who->ck_size;
	out->ik_size = who->ik_size;
}

enum err aka_vector_make(const struct aka_request *request, struct aka_vector *out)
{
	uint8_t amf[AKA_AMF_SIZE] = { (uint8_t)(request->amf >> 8), (uint8_t)request->amf };
	uint8_t sqn[AKA_SQN_SIZE], mac[AKA_VALUE_MAX];
	struct tuak_keys keys;
	enum err err;

	memset(out, 0, sizeof *out);
	if (request->sqn > SQN_MAX)
		return ERR_VALUE;
	sqn_put(request->sqn, sqn);
	err = functions_quintet(request->who, request->rand, sqn, amf, mac, &keys);
	if (err == ERR_NONE) {
		aka_vector_assemble(request, mac, keys.ak, out);
		memcpy(out->xres, keys.res, out->xres_size);
		memcpy(out->ck, keys.ck, out->ck_size);
		memcpy(out->ik, keys.ik, out->ik_size);
	}
	wipe(&keys, sizeof keys);
	return err;
}

/* TS 33.102 6.8.1.2, c3: Kc = CK1 xor CK2 xor IK1 xor IK2, each of 64 bits. Keys of 256 bits have more
 * such parts, and all take part. */
static void make_kc(const struct aka_subscriber *who, const struct tuak_keys *keys,
                    uint8_t kc[static AKA_KC_SIZE])
{
	memset(kc, 0, AKA_KC_SIZE);
	for (size_t i = 0; i < who->ck_size; i++)
		kc[i % AKA_KC_SIZE] ^= keys->ck[i];
	for (size_t i = 0; i < who->ik_size; i++)
		kc[i % AKA_KC_SIZE] ^= keys->ik[i];
}

/* TS 33.102 6.8.1.2, c2: SRES is the xor of the 32-bit parts of XRES, padded with zeros. */
static void make_sres(const struct aka_subscriber *who, const struct tuak_keys *keys,
                      uint8_t sres[static AKA_SRES_SIZE])
{
	memset(sres, 0, AKA_SRES_SIZE);
	for (size_t i = 0; i < who->res_size; i++)
		sres[i % AKA_SRES_SIZE] ^= keys->res[i];
}

enum err aka_triplet_make(const struct aka_subscriber *who,
                          const uint8_t rand[static AKA_RAND_SIZE], struct aka_triplet *out)
{
	struct tuak_keys keys;
	enum err err = functions_f2345(who, rand, &keys);

	memset(out, 0, sizeof *out);
	if (err == ERR_NONE) {
		memcpy(out->rand, rand, AKA_RAND_SIZE);
		make_sres(who, &keys, out->sres);
		make_kc(who, &keys, out->kc);
	}
	wipe(&keys, sizeof keys);
	return err;
}

enum err aka_auts_verify(const struct aka_subscriber *who, const uint8_t rand[static AKA_RAND_SIZE],
                         struct bytes auts, uint64_t *sqn_ms)
{
	uint8_t ak[AKA_AK_SIZE], sqn[AKA_SQN_SIZE], mac_s[AKA_VALUE_MAX];
	struct bytes concealed, mac;

	if (!bytes_take(&auts, AKA_SQN_SIZE, &concealed) ||
	    !bytes_take(&auts, who->mac_size, &mac) || auts.len > 0)
		return ERR_LENGTH;
	/* TS 33.102 6.3.3: AUTS = SQN_MS xor AK* || MAC-S. */
	TRY(functions_f5_star(who, rand, ak));
	uint64_t reported = uncover(concealed.at, ak);
	sqn_put(reported, sqn);
	TRY(functions_f1_star(who, rand, sqn, amf_resync, mac_s));
	if (!secret_same(mac, (struct bytes){ mac_s, who->mac_size }))
		return ERR_MAC;
	*sqn_ms = reported;
	return ERR_NONE;
}

NODISCARD static enum err make_auts(const struct aka_subscriber *who, const uint8_t *rand,
                                    uint64_t sqn_ms, struct aka_answer *out)
{
	uint8_t ak[AKA_AK_SIZE], sqn[AKA_SQN_SIZE];

	sqn_put(sqn_ms, sqn);
	TRY(functions_f5_star(who, rand, ak));
	TRY(functions_f1_star(who, rand, sqn, amf_resync, out->auts + AKA_SQN_SIZE));
	conceal(out->auts, sqn_ms, ak);
	out->auts_size = (uint8_t)(AKA_SQN_SIZE + who->mac_size);
	return ERR_SYNC;
}

static void give_keys(const struct aka_subscriber *who, const struct tuak_keys *keys,
                      struct aka_answer *out)
{
	memcpy(out->res, keys->res, who->res_size);
	memcpy(out->ck, keys->ck, who->ck_size);
	memcpy(out->ik, keys->ik, who->ik_size);
	make_kc(who, keys, out->kc);
	out->res_size = who->res_size;
	out->ck_size = who->ck_size;
	out->ik_size = who->ik_size;
}

/* TS 33.102 6.3.3, in its order: AK, SQN, XMAC, freshness. */
NODISCARD static enum err verify_autn(const struct aka_subscriber *who, const uint8_t *rand,
                                      const uint8_t *autn, struct tuak_keys *keys, uint64_t *sqn)
{
	uint8_t plain[AKA_SQN_SIZE], xmac[AKA_VALUE_MAX];
	const uint8_t *amf = autn + AKA_SQN_SIZE, *mac = amf + AKA_AMF_SIZE;

	TRY(functions_f2345(who, rand, keys));
	*sqn = uncover(autn, keys->ak);
	sqn_put(*sqn, plain);
	TRY(functions_f1(who, rand, plain, amf, xmac));
	if (!secret_same((struct bytes){ mac, who->mac_size },
	                 (struct bytes){ xmac, who->mac_size }))
		return ERR_MAC;
	return ERR_NONE;
}

enum err aka_usim_check(const struct aka_subscriber *who, struct sqn_array *seen,
                        const struct sqn_rules *rules, const uint8_t rand[static AKA_RAND_SIZE],
                        struct bytes autn, struct aka_answer *out)
{
	struct tuak_keys keys;
	uint64_t sqn;
	enum err err;

	wipe(out, sizeof *out);
	if (autn.len != (size_t)AKA_SQN_SIZE + AKA_AMF_SIZE + who->mac_size)
		return ERR_LENGTH;
	err = verify_autn(who, rand, autn.at, &keys, &sqn);
	if (err == ERR_NONE)
		err = sqn_accept(seen, rules, sqn);
	if (err == ERR_NONE)
		give_keys(who, &keys, out);
	else if (err == ERR_SYNC)
		err = make_auts(who, rand, sqn_highest(seen), out);
	wipe(&keys, sizeof keys);
	return err;
}
