/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper's requests for the AuC. A subscriber's keys are in clear for one request only, and not opened
 * without a permit that lets the subscriber in at the door that asks. */
#include "server/keeper_state.h"
#include "server/log.h"
#include "server/pack.h"

#include <string.h>
#include <time.h>

enum { TRIPLETS_MAX = 32 };

/* Doors, as the decisions with which one is let in: bit n, enum decision n. */
enum { NETWORK = 1u << ADMIT, QUARANTINE = 1u << RESTRICT, EITHER = NETWORK | QUARANTINE };

static enum err who_read(struct bytes *in, struct keeper_who *who)
{
	TRY(unpack_bytes(in, &who->imsi));
	TRY(unpack_bytes(in, &who->sealed_subscriber));
	return unpack_bytes(in, &who->permit);
}

/* Where a subscriber's permit is remembered; another's may be there. */
static struct keeper_seen *seen_at(struct keeper_state *state, struct bytes imsi)
{
	uint32_t hash = 2166136261; /* FNV-1a */

	for (size_t i = 0; i < imsi.len; i++)
		hash = (hash ^ imsi.at[i]) * 16777619;
	return &state->seen[hash % KEEPER_SEEN];
}

static bool is_seen(const struct keeper_seen *seen, const struct keeper_who *who, uint64_t now_s)
{
	return seen->expires_s > now_s &&
	       bytes_same((struct bytes){ seen->imsi, seen->imsi_size }, who->imsi) &&
	       secret_same(BYTES(seen->permit), who->permit);
}

static void see(struct keeper_seen *seen, const struct keeper_who *who,
                const struct permit *permit)
{
	if (who->imsi.len > sizeof seen->imsi)
		return;
	seen->imsi_size = (uint8_t)who->imsi.len;
	memcpy(seen->imsi, who->imsi.at, who->imsi.len);
	memcpy(seen->permit, who->permit.at, sizeof seen->permit);
	seen->expires_s = permit->expires_s;
	seen->decision = permit->decision;
}

/* Once a second: whoever asks so has been taken over, and shall not fill the disk as well. */
static void complain(struct keeper_state *state, uint64_t now_s)
{
	state->denied++;
	if (state->complained_s == now_s)
		return;
	state->complained_s = now_s;
	log_error("vectors were asked for without a good permit, %llu times by now",
	          (unsigned long long)state->denied);
}

static enum err let_in(struct keeper_state *state, enum decision decision, unsigned door,
                       uint64_t now_s)
{
	if (door >> decision & 1)
		return ERR_NONE;
	complain(state, now_s);
	return ERR_DENIED;
}

/* I4: the very permit that is shown, for this subscriber, now, at this door. */
static enum err permitted(struct keeper_state *state, const struct keeper_who *who, unsigned door)
{
	struct keeper_seen *seen = seen_at(state, who->imsi);
	uint64_t now_s = (uint64_t)time(NULL);
	uint8_t subject[PERMIT_SUBJECT_SIZE];
	struct permit permit;
	enum err err;

	if (is_seen(seen, who, now_s))
		return let_in(state, seen->decision, door, now_s);
	TRY(permit_subject_access(who->imsi, subject));
	err = permit_check(&state->seal.key[SEAL_PERMIT], who->permit, PURPOSE_ACCESS, subject,
	                   now_s, &permit);
	if (err != ERR_NONE) {
		complain(state, now_s);
		return err;
	}
	see(seen, who, &permit);
	return let_in(state, permit.decision, door, now_s);
}

static enum err subscriber_open(struct keeper_state *state, const struct keeper_who *who,
                                unsigned door, struct aka_subscriber *out)
{
	uint8_t clear[AKA_RECORD_MAX];
	struct room room = ROOM(clear);
	enum err err;

	TRY(permitted(state, who, door));
	err = seal_read(&state->seal, SEAL_SUBSCRIBER, who->imsi, who->sealed_subscriber, &room);
	if (err == ERR_NONE)
		err = aka_subscriber_read(room_used(&room), out);
	wipe(clear, sizeof clear);
	return err;
}

static enum err subscriber_read(struct keeper_state *state, struct bytes *in, unsigned door,
                                struct aka_subscriber *out)
{
	struct keeper_who who;

	TRY(who_read(in, &who));
	return subscriber_open(state, &who, door, out);
}

/* What one message asks for, opened. Rows of blobs that did not open are left out of the batch. */
struct batch {
	struct aka_subscriber who[KEEPER_ASKS_MAX];
	struct aka_request requests[KEEPER_ASKS_MAX];
	struct aka_vector vectors[KEEPER_ASKS_MAX];
	uint8_t row[KEEPER_ASKS_MAX]; /* of each request, where its answer belongs */
	size_t count;
	unsigned door;
};

NODISCARD static enum err batch_add(struct keeper_state *state, struct batch *batch, uint64_t amf,
                                    uint8_t row, struct bytes *in, enum err *why)
{
	struct aka_subscriber *who = &batch->who[batch->count];
	struct aka_request *request = &batch->requests[batch->count];
	struct keeper_who whose;

	TRY(who_read(in, &whose));
	TRY(unpack_u64(in, &request->sqn));
	request->who = who;
	request->amf = (uint16_t)amf;
	*why = subscriber_open(state, &whose, batch->door, who);
	if (*why == ERR_NONE && request->sqn > SQN_MAX)
		*why = ERR_VALUE;
	if (*why == ERR_NONE)
		batch->row[batch->count++] = row;
	return ERR_NONE;
}

/* RAND of all in one go: a call of the generator costs more than what it gives. */
static enum err batch_run(struct batch *batch)
{
	uint8_t rands[KEEPER_ASKS_MAX][AKA_RAND_SIZE];

	TRY(crypto_random(rands[0], sizeof rands));
	for (size_t i = 0; i < batch->count; i++)
		memcpy(batch->requests[i].rand, rands[i], AKA_RAND_SIZE);
	return aka_vectors(batch->requests, batch->count, batch->vectors);
}

static void batch_put(const struct batch *batch, const enum err *each, size_t count,
                      struct room *out)
{
	static const struct aka_vector none;

	for (size_t row = 0, i = 0; row < count; row++) {
		bool made = i < batch->count && batch->row[i] == row;
		const struct aka_vector *vector = made ? &batch->vectors[i] : &none;
		room_put(out, (struct bytes){ (const uint8_t *)vector, sizeof *vector });
		i += made;
	}
	for (size_t row = 0; row < count; row++)
		room_put_u8(out, (uint8_t)each[row]);
}

static enum err vectors(struct keeper_state *state, struct batch *batch, struct bytes in,
                        struct room *out)
{
	enum err each[KEEPER_ASKS_MAX];
	uint64_t amf;
	uint8_t count = 0;

	TRY(unpack_u64(&in, &amf));
	if (amf > UINT16_MAX)
		return ERR_VALUE;
	while (in.len > 0) {
		if (count == KEEPER_ASKS_MAX)
			return ERR_LIMIT;
		TRY(batch_add(state, batch, amf, count, &in, &each[count]));
		count++;
	}
	TRY(batch_run(batch));
	batch_put(batch, each, count, out);
	return ERR_NONE;
}

static enum err vectors_at(struct keeper_state *state, unsigned door, struct bytes in,
                           struct room *out)
{
	struct batch batch __attribute__((uninitialized)); /* filled up to its count */
	enum err err;

	batch.count = 0;
	batch.door = door;
	err = vectors(state, &batch, in, out);
	wipe(&batch, sizeof batch);
	return err;
}

enum err keeper_do_vector(struct keeper_state *state, struct bytes in, struct room *out)
{
	return vectors_at(state, NETWORK, in, out);
}

enum err keeper_do_restricted_vector(struct keeper_state *state, struct bytes in, struct room *out)
{
	return vectors_at(state, QUARANTINE, in, out);
}

static enum err triplets_make(const struct aka_subscriber *who, struct bytes in, struct room *out)
{
	uint8_t rand[AKA_RAND_SIZE];
	struct aka_triplet triplet;
	uint64_t count;

	TRY(unpack_u64(&in, &count));
	if (count == 0 || count > TRIPLETS_MAX)
		return ERR_VALUE;
	for (size_t i = 0; i < count; i++) {
		TRY(crypto_random(rand, sizeof rand));
		TRY(aka_triplet_make(who, rand, &triplet));
		room_put(out, (struct bytes){ (const uint8_t *)&triplet, sizeof triplet });
	}
	wipe(&triplet, sizeof triplet);
	return ERR_NONE;
}

static enum err triplets_at(struct keeper_state *state, unsigned door, struct bytes in,
                            struct room *out)
{
	struct aka_subscriber who;
	enum err err;

	TRY(subscriber_read(state, &in, door, &who));
	err = triplets_make(&who, in, out);
	aka_subscriber_clear(&who);
	return err;
}

enum err keeper_do_triplet(struct keeper_state *state, struct bytes in, struct room *out)
{
	return triplets_at(state, NETWORK, in, out);
}

enum err keeper_do_restricted_triplet(struct keeper_state *state, struct bytes in, struct room *out)
{
	return triplets_at(state, QUARANTINE, in, out);
}

enum err keeper_do_resync(struct keeper_state *state, struct bytes in, struct room *out)
{
	uint8_t rand[AKA_RAND_SIZE];
	struct aka_subscriber who;
	struct bytes auts = { NULL, 0 };
	uint64_t sqn_ms = 0;
	enum err err;

	TRY(subscriber_read(state, &in, EITHER, &who));
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

enum err keeper_do_permits_access(struct keeper_state *state, struct bytes in, struct room *out)
{
	struct permit permit = { .purpose = PURPOSE_ACCESS };
	uint8_t octets[PERMIT_SIZE];
	uint64_t decision;

	for (size_t count = 0; in.len > 0; count++) {
		TRY(unpack_u64(&in, &decision));
		TRY(unpack_u64(&in, &permit.expires_s));
		TRY(unpack_exact(&in, permit.subject, sizeof permit.subject));
		TRY(unpack_exact(&in, permit.result, sizeof permit.result));
		if (decision >= DECISIONS)
			return ERR_VALUE;
		if (count == KEEPER_PERMITS_MAX)
			return ERR_LIMIT;
		permit.decision = (enum decision)decision;
		TRY(permit_make(&state->seal.key[SEAL_PERMIT], &permit, octets));
		room_put(out, BYTES(octets));
	}
	return out->full ? ERR_ROOM : ERR_NONE;
}
