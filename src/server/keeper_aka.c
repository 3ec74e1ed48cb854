/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper's requests for the AuC. A subscriber's keys are in clear for one request only. */
#include "server/keeper_state.h"
#include "server/pack.h"

enum { BATCH_MAX = 32 };

static enum err subscriber_read(const struct keeper_state *state, struct bytes *in,
                                struct aka_subscriber *out)
{
	uint8_t clear[AKA_RECORD_MAX];
	struct room room = ROOM(clear);
	struct bytes imsi, sealed;
	enum err err;

	TRY(unpack_bytes(in, &imsi));
	TRY(unpack_bytes(in, &sealed));
	err = seal_read(&state->seal, SEAL_SUBSCRIBER, imsi, sealed, &room);
	if (err == ERR_NONE)
		err = aka_subscriber_read(room_used(&room), out);
	wipe(clear, sizeof clear);
	return err;
}

static enum err vectors_make(const struct aka_subscriber *who, struct bytes in, struct room *out)
{
	struct aka_request requests[BATCH_MAX];
	struct aka_vector vectors[BATCH_MAX];
	uint64_t amf, count;
	enum err err;

	TRY(unpack_u64(&in, &amf));
	TRY(unpack_u64(&in, &count));
	if (count == 0 || count > BATCH_MAX || amf > UINT16_MAX)
		return ERR_VALUE;
	for (size_t i = 0; i < count; i++) {
		requests[i].who = who;
		requests[i].amf = (uint16_t)amf;
		TRY(unpack_u64(&in, &requests[i].sqn));
		TRY(crypto_random(requests[i].rand, sizeof requests[i].rand));
	}
	err = aka_vectors(requests, count, vectors);
	for (size_t i = 0; err == ERR_NONE && i < count; i++)
		room_put(out, (struct bytes){ (const uint8_t *)&vectors[i], sizeof vectors[i] });
	wipe(vectors, sizeof vectors);
	return err;
}

enum err keeper_do_vector(struct keeper_state *state, struct bytes in, struct room *out)
{
	struct aka_subscriber who;
	enum err err;

	TRY(subscriber_read(state, &in, &who));
	err = vectors_make(&who, in, out);
	aka_subscriber_clear(&who);
	return err;
}

static enum err triplets_make(const struct aka_subscriber *who, struct bytes in, struct room *out)
{
	uint8_t rand[AKA_RAND_SIZE];
	struct aka_triplet triplet;
	uint64_t count;

	TRY(unpack_u64(&in, &count));
	if (count == 0 || count > BATCH_MAX)
		return ERR_VALUE;
	for (size_t i = 0; i < count; i++) {
		TRY(crypto_random(rand, sizeof rand));
		TRY(aka_triplet_make(who, rand, &triplet));
		room_put(out, (struct bytes){ (const uint8_t *)&triplet, sizeof triplet });
	}
	wipe(&triplet, sizeof triplet);
	return ERR_NONE;
}

enum err keeper_do_triplet(struct keeper_state *state, struct bytes in, struct room *out)
{
	struct aka_subscriber who;
	enum err err;

	TRY(subscriber_read(state, &in, &who));
	err = triplets_make(&who, in, out);
	aka_subscriber_clear(&who);
	return err;
}

enum err keeper_do_resync(struct keeper_state *state, struct bytes in, struct room *out)
{
	uint8_t rand[AKA_RAND_SIZE];
	struct aka_subscriber who;
	struct bytes auts = { NULL, 0 };
	uint64_t sqn_ms = 0;
	enum err err;

	TRY(subscriber_read(state, &in, &who));
	err = unpack_exact(&in, rand, sizeof rand);
	if (err == ERR_NONE)
		err = unpack_bytes(&in, &auts);
	if (err == ERR_NONE)
		err = aka_auts_verify(&who, rand, auts, &sqn_ms);
	aka_subscriber_clear(&who);
	if (err == ERR_NONE)
		room_put_u64(out, sqn_ms);
	return err;
}
