/* SPDX-License-Identifier: Apache-2.0 */
/* Many vectors at once: what is standard Milenage goes through the port's lanes, the rest one by one. */
#include "aka/functions.h"
#include "port/crypto_batch.h"

#include <string.h>

enum {
	LANES = 16, /* what the widest backend takes at once; keeps the frame small */
	AUTN_SIZE = AKA_SQN_SIZE + AKA_AMF_SIZE + MILENAGE_MAC_SIZE,
};

/* The 85 octets of r and c by eights, the last overlapping: memcmp would be a call for every vector, and
 * the answer is almost always that all are equal. */
static bool constants_standard(const struct milenage_constants *constants)
{
	const uint8_t *a = (const uint8_t *)constants, *b = (const uint8_t *)&milenage_standard;
	uint64_t differ = 0, x, y;

	_Static_assert(sizeof *constants == 85, "no padding between the constants");
#pragma GCC unroll 11
	for (size_t at = 0; at < 11; at++) {
		size_t from = at < 10 ? 8 * at : sizeof *constants - 8;
		memcpy(&x, a + from, sizeof x);
		memcpy(&y, b + from, sizeof y);
		differ |= x ^ y;
	}
	return differ == 0;
}

/* The port's lanes know the standard constants and the usual sizes. */
static bool batchable(const struct aka_request *request)
{
	const struct aka_subscriber *who = request->who;

	return who->algorithm == AKA_MILENAGE && request->sqn <= SQN_MAX &&
	       who->k.len == MILENAGE_KEY_SIZE && who->opc.len == MILENAGE_KEY_SIZE &&
	       who->mac_size == MILENAGE_MAC_SIZE && who->res_size == MILENAGE_RES_SIZE &&
	       who->ck_size == MILENAGE_KEY_SIZE && who->ik_size == MILENAGE_KEY_SIZE &&
	       who->iterations == 0 && constants_standard(&who->constants);
}

static void prepare(const struct aka_request *request, struct crypto_milenage *lane,
                    struct aka_vector *out)
{
	/* What the lane does not write, and no more: the whole would cost as much as the cipher. */
	memset(out->autn + AUTN_SIZE, 0, sizeof out->autn - AUTN_SIZE);
	memset(out->xres + MILENAGE_RES_SIZE, 0, sizeof out->xres - MILENAGE_RES_SIZE);
	memset(out->ck + MILENAGE_KEY_SIZE, 0, sizeof out->ck - MILENAGE_KEY_SIZE);
	memset(out->ik + MILENAGE_KEY_SIZE, 0, sizeof out->ik - MILENAGE_KEY_SIZE);
	memcpy(out->rand, request->rand, AKA_RAND_SIZE);
	out->autn_size = AUTN_SIZE;
	out->xres_size = MILENAGE_RES_SIZE;
	out->ck_size = out->ik_size = MILENAGE_KEY_SIZE;
	*lane = (struct crypto_milenage){
		.k = request->who->k.at,
		.opc = request->who->opc.at,
		.rand = request->rand,
		.sqn_amf = request->sqn << (8 * AKA_AMF_SIZE) | request->amf,
		.autn = out->autn,
		.res = out->xres,
		.ck = out->ck,
		.ik = out->ik,
	};
}

static size_t run_length(const struct aka_request *requests, size_t count)
{
	size_t length = 0;

	while (length < count && length < LANES && batchable(&requests[length]))
		length++;
	return length;
}

enum err aka_vectors(const struct aka_request *requests, size_t count, struct aka_vector *out)
{
	struct crypto_milenage lanes[LANES] __attribute__((uninitialized)); /* prepare writes all */
	enum err err = ERR_NONE;

	for (size_t done = 0; err == ERR_NONE && done < count;) {
		size_t length = run_length(requests + done, count - done);
		if (length > 0) {
			for (size_t i = 0; i < length; i++)
				prepare(&requests[done + i], &lanes[i], &out[done + i]);
			err = crypto_milenage_batch(lanes, length);
			done += length;
		} else {
			err = aka_vector_make(&requests[done], &out[done]);
			done++;
		}
	}
	if (err != ERR_NONE)
		wipe(out, count * sizeof *out);
	return err;
}
