/* SPDX-License-Identifier: Apache-2.0 */
#include "aka/functions.h"

#include <string.h>

static struct milenage as_milenage(const struct aka_subscriber *who)
{
	return (struct milenage){ .k = &who->k, .opc = &who->opc, .constants = &who->constants };
}

static struct tuak as_tuak(const struct aka_subscriber *who)
{
	return (struct tuak){
		.k = &who->k,
		.topc = &who->opc,
		.iterations = who->iterations,
		.mac_size = who->mac_size,
		.res_size = who->res_size,
		.ck_size = who->ck_size,
		.ik_size = who->ik_size,
	};
}

/* TS 34.108 8.1.2.1: XDOUT = K xor RAND. */
static void test_xdout(const struct aka_subscriber *who, const uint8_t *rand,
                       uint8_t xdout[static 16])
{
	for (size_t i = 0; i < 16; i++)
		xdout[i] = who->k.at[i] ^ rand[i];
}

/* ... XMAC = XDOUT[0..63] xor CDOUT, CDOUT = SQN || AMF; MAC-S is made in the same way. */
static void test_f1(const struct aka_subscriber *who, const uint8_t *rand, const uint8_t *sqn,
                    const uint8_t *amf, uint8_t *mac)
{
	uint8_t xdout[16];

	test_xdout(who, rand, xdout);
	for (size_t i = 0; i < AKA_SQN_SIZE; i++)
		mac[i] = xdout[i] ^ sqn[i];
	for (size_t i = 0; i < AKA_AMF_SIZE; i++)
		mac[AKA_SQN_SIZE + i] = xdout[AKA_SQN_SIZE + i] ^ amf[i];
}

/* ... XRES is XDOUT's beginning, CK and IK are XDOUT turned by one and two octets, AK is
 * XDOUT[24..71]. */
static void test_f2345(const struct aka_subscriber *who, const uint8_t *rand,
                       struct tuak_keys *keys)
{
	uint8_t xdout[16];

	test_xdout(who, rand, xdout);
	for (size_t i = 0; i < 16; i++) {
		keys->res[i] = xdout[i];
		keys->ck[i] = xdout[(i + 1) % 16];
		keys->ik[i] = xdout[(i + 2) % 16];
	}
	memcpy(keys->ak, xdout + 3, AKA_AK_SIZE);
	wipe(xdout, sizeof xdout);
}

enum err functions_f1(const struct aka_subscriber *who, const uint8_t *rand, const uint8_t *sqn,
                      const uint8_t *amf, uint8_t mac[static AKA_VALUE_MAX])
{
	struct milenage milenage = as_milenage(who);
	struct tuak tuak = as_tuak(who);

	wipe(mac, AKA_VALUE_MAX);
	if (!aka_subscriber_valid(who))
		return ERR_VALUE;
	switch (who->algorithm) {
	case AKA_MILENAGE:
		return milenage_f1(&milenage, rand, sqn, amf, mac, NULL);
	case AKA_TUAK:
		return tuak_f1(&tuak, rand, sqn, amf, mac);
	case AKA_TEST:
		test_f1(who, rand, sqn, amf, mac);
		return ERR_NONE;
	}
	return ERR_VALUE;
}

enum err functions_f1_star(const struct aka_subscriber *who, const uint8_t *rand,
                           const uint8_t *sqn, const uint8_t *amf,
                           uint8_t mac[static AKA_VALUE_MAX])
{
	struct milenage milenage = as_milenage(who);
	struct tuak tuak = as_tuak(who);

	wipe(mac, AKA_VALUE_MAX);
	if (!aka_subscriber_valid(who))
		return ERR_VALUE;
	switch (who->algorithm) {
	case AKA_MILENAGE:
		return milenage_f1(&milenage, rand, sqn, amf, NULL, mac);
	case AKA_TUAK:
		return tuak_f1_star(&tuak, rand, sqn, amf, mac);
	case AKA_TEST:
		test_f1(who, rand, sqn, amf, mac);
		return ERR_NONE;
	}
	return ERR_VALUE;
}

static void widen(struct milenage_keys *from, struct tuak_keys *to)
{
	memcpy(to->res, from->res, sizeof from->res);
	memcpy(to->ck, from->ck, sizeof from->ck);
	memcpy(to->ik, from->ik, sizeof from->ik);
	memcpy(to->ak, from->ak, sizeof from->ak);
	wipe(from, sizeof *from);
}

enum err functions_f2345(const struct aka_subscriber *who, const uint8_t *rand,
                         struct tuak_keys *keys)
{
	struct milenage milenage = as_milenage(who);
	struct tuak tuak = as_tuak(who);
	struct milenage_keys narrow;

	wipe(keys, sizeof *keys);
	if (!aka_subscriber_valid(who))
		return ERR_VALUE;
	switch (who->algorithm) {
	case AKA_MILENAGE:
		TRY(milenage_f2345(&milenage, rand, &narrow));
		widen(&narrow, keys);
		return ERR_NONE;
	case AKA_TUAK:
		return tuak_f2345(&tuak, rand, keys);
	case AKA_TEST:
		test_f2345(who, rand, keys);
		return ERR_NONE;
	}
	return ERR_VALUE;
}

enum err functions_f5_star(const struct aka_subscriber *who, const uint8_t *rand,
                           uint8_t ak[static AKA_AK_SIZE])
{
	struct milenage milenage = as_milenage(who);
	struct tuak tuak = as_tuak(who);
	struct tuak_keys keys;

	wipe(ak, AKA_AK_SIZE);
	if (!aka_subscriber_valid(who))
		return ERR_VALUE;
	switch (who->algorithm) {
	case AKA_MILENAGE:
		return milenage_f5_star(&milenage, rand, ak);
	case AKA_TUAK:
		return tuak_f5_star(&tuak, rand, ak);
	case AKA_TEST: /* f5* is f5 */
		test_f2345(who, rand, &keys);
		memcpy(ak, keys.ak, AKA_AK_SIZE);
		wipe(&keys, sizeof keys);
		return ERR_NONE;
	}
	return ERR_VALUE;
}

enum err functions_quintet(const struct aka_subscriber *who, const uint8_t *rand,
                           const uint8_t *sqn, const uint8_t *amf,
                           uint8_t mac[static AKA_VALUE_MAX], struct tuak_keys *keys)
{
	struct milenage milenage = as_milenage(who);
	struct milenage_keys narrow;

	if (who->algorithm == AKA_MILENAGE && aka_subscriber_valid(who)) {
		TRY(milenage_quintet(&milenage, rand, sqn, amf, mac, &narrow));
		wipe(keys, sizeof *keys);
		widen(&narrow, keys);
		return ERR_NONE;
	}
	TRY(functions_f2345(who, rand, keys));
	return functions_f1(who, rand, sqn, amf, mac);
}
