/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every backend of port/crypto_batch.h gives, bit for bit, what Milenage over crypto_aes_ecb gives: over
 * random inputs, for every number of lanes, whatever the alignment; and it writes nowhere else.
 */
#include "port/crypto_batch.h"

#include "aka/aka.h"
#include "port/crypto.h"
#include "tests/tap.h"

enum { LANES_MAX = 70, ROUNDS = 20, GUARD = 0xA5 };

struct input {
	uint8_t k[17], opc[17], rand[17]; /* one octet too many: shifted for alignment */
	uint64_t sqn_amf;
};

struct output {
	uint8_t before[16], autn[16], guard[16], res[8], guard_2[16], ck[16], guard_3[16], ik[16];
	uint8_t after[16];
};

static struct input inputs[LANES_MAX];
static struct output outputs[LANES_MAX];

static bool guarded(const struct output *output)
{
	for (size_t i = 0; i < 16; i++) {
		if (output->before[i] != GUARD || output->guard[i] != GUARD ||
		    output->guard_2[i] != GUARD || output->guard_3[i] != GUARD ||
		    output->after[i] != GUARD)
			return false;
	}
	return true;
}

/* By the aka room, which knows nothing of lanes. */
static bool same(const struct crypto_milenage *lane)
{
	struct secret k, opc;
	struct milenage who = { &k, &opc, &milenage_standard };
	struct milenage_keys keys;
	uint8_t sqn[6], amf[2] = { (uint8_t)(lane->sqn_amf >> 8), (uint8_t)lane->sqn_amf };
	uint8_t mac_a[8], autn[16];

	sqn_put(lane->sqn_amf >> 16, sqn);
	if (!secret_from(&k, (struct bytes){ lane->k, 16 }) ||
	    !secret_from(&opc, (struct bytes){ lane->opc, 16 }) ||
	    milenage_f1(&who, lane->rand, sqn, amf, mac_a, NULL) != ERR_NONE ||
	    milenage_f2345(&who, lane->rand, &keys) != ERR_NONE)
		return false;
	for (size_t i = 0; i < 6; i++)
		autn[i] = sqn[i] ^ keys.ak[i];
	memcpy(autn + 6, amf, 2);
	memcpy(autn + 8, mac_a, 8);
	return memcmp(lane->autn, autn, 16) == 0 && memcmp(lane->res, keys.res, 8) == 0 &&
	       memcmp(lane->ck, keys.ck, 16) == 0 && memcmp(lane->ik, keys.ik, 16) == 0;
}

static bool run(const struct crypto_milenage_backend *backend, size_t count, size_t shift)
{
	struct crypto_milenage lanes[LANES_MAX];
	bool good = crypto_random((uint8_t *)inputs, sizeof inputs) == ERR_NONE;

	memset(outputs, GUARD, sizeof outputs);
	for (size_t i = 0; i < count; i++) {
		lanes[i] = (struct crypto_milenage){
			.k = inputs[i].k + shift,
			.opc = inputs[i].opc + shift,
			.rand = inputs[i].rand + shift,
			.sqn_amf = inputs[i].sqn_amf,
			.autn = outputs[i].autn,
			.res = outputs[i].res,
			.ck = outputs[i].ck,
			.ik = outputs[i].ik,
		};
	}
	good = good && backend->run(lanes, count) == ERR_NONE;
	for (size_t i = 0; good && i < count; i++)
		good = same(&lanes[i]) && guarded(&outputs[i]);
	return good;
}

static void backend_agrees(const struct crypto_milenage_backend *backend)
{
	bool good = true;

	if (!backend->available()) {
		skip("%s: this CPU lacks it", backend->name);
		return;
	}
	for (size_t count = 0; good && count <= LANES_MAX; count++) {
		for (size_t round = 0; good && round < ROUNDS; round++)
			good = run(backend, count, round & 1);
	}
	ok(good, "%s: 0 to %d lanes, %d random batches each, equal crypto_aes_ecb", backend->name,
	   LANES_MAX, ROUNDS);
}

static struct aka_subscriber subscriber(size_t number)
{
	struct aka_subscriber who;

	aka_subscriber_init(&who, number % 5 == 3 ? AKA_TUAK : AKA_MILENAGE);
	who.k.len = 16;
	who.opc.len = who.algorithm == AKA_TUAK ? 32 : 16;
	if (crypto_random(who.k.at, 16) != ERR_NONE || crypto_random(who.opc.at, 16) != ERR_NONE)
		who.k.len = 0;
	if (number % 7 == 2 && who.algorithm == AKA_MILENAGE)
		who.constants.c[0][0] = 0x80;
	if (number % 11 == 4)
		who.res_size = 4;
	return who;
}

/* Batches of every kind of subscriber, mixed: the vectors are those of one at a time. */
static void mixed_vectors(void)
{
	static struct aka_subscriber subscribers[LANES_MAX];
	static struct aka_request requests[LANES_MAX];
	static struct aka_vector vectors[LANES_MAX], one;
	bool good = true;

	for (size_t i = 0; i < LANES_MAX; i++) {
		subscribers[i] = subscriber(i);
		requests[i] = (struct aka_request){ .who = &subscribers[i],
			                            .rand = { (uint8_t)i },
			                            .sqn = sqn_make(i + 1, 3),
			                            .amf = AKA_AMF_SEPARATION };
	}
	ok_err(aka_vectors(requests, LANES_MAX, vectors), ERR_NONE, "a mixed batch of vectors");
	for (size_t i = 0; i < LANES_MAX; i++)
		good = good && aka_vector_make(&requests[i], &one) == ERR_NONE &&
		       memcmp(&one, &vectors[i], sizeof one) == 0;
	ok(good, "... is what they are one by one");
	requests[40].sqn = SQN_MAX + 1;
	ok_err(aka_vectors(requests, LANES_MAX, vectors), ERR_VALUE, "one bad request among them");
	memset(&one, 0, sizeof one);
	for (size_t i = 0; i < LANES_MAX; i++)
		good = good && memcmp(&one, &vectors[i], sizeof one) == 0;
	ok(good, "... and nobody gets a vector");
}

int main(void)
{
	for (size_t i = 0; i < crypto_milenage_backend_count; i++)
		backend_agrees(&crypto_milenage_backends[i]);
	mixed_vectors();
	return done();
}
