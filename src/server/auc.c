/* SPDX-License-Identifier: Apache-2.0 */
#include "server/auc.h"

#include <assert.h>
#include <string.h>

#define NONE UINT32_MAX

void auc_init(struct auc *auc, const struct auc_ports *ports, struct auc_memory memory, uint8_t ind)
{
	assert(memory.slot_count > 0 && memory.wait_count > 0 && ind < SQN_INDS);
	*auc = (struct auc){ .ports = ports,
		             .slots = memory.slots,
		             .waits = memory.waits,
		             .slot_count = memory.slot_count,
		             .ind = ind };
	for (uint32_t i = 0; i < memory.slot_count; i++)
		memory.slots[i] = (struct auc_slot){
			.bucket = NONE,
			.next = i + 1 < memory.slot_count ? i + 1 : NONE,
		};
	for (uint32_t i = 0; i < memory.wait_count; i++)
		memory.waits[i].next = i + 1 < memory.wait_count ? i + 1 : NONE;
}

static struct bytes slot_imsi(const struct auc_slot *slot)
{
	return (struct bytes){ (const uint8_t *)slot->imsi, slot->imsi_size };
}

static struct bytes slot_sealed(const struct auc_slot *slot)
{
	return (struct bytes){ slot->sealed, slot->sealed_size };
}

static struct keeper_who slot_who(const struct auc_slot *slot)
{
	return (struct keeper_who){ slot_imsi(slot), slot_sealed(slot), BYTES(slot->permit) };
}

static uint32_t slot_index(const struct auc *auc, const struct auc_slot *slot)
{
	return (uint32_t)(slot - auc->slots);
}

/* --- finding a slot -------------------------------------------------------------------------- */

/* FNV-1a: spreads consecutive IMSIs, which is all that is asked of it. */
static uint32_t imsi_hash(struct bytes imsi)
{
	uint32_t hash = 2166136261;

	for (size_t i = 0; i < imsi.len; i++)
		hash = (hash ^ imsi.at[i]) * 16777619;
	return hash;
}

static uint32_t *bucket_of(struct auc *auc, struct bytes imsi)
{
	return &auc->slots[imsi_hash(imsi) % auc->slot_count].bucket;
}

static struct auc_slot *slot_find(struct auc *auc, struct bytes imsi)
{
	uint32_t index = *bucket_of(auc, imsi);

	while (index != NONE && !bytes_same(slot_imsi(&auc->slots[index]), imsi))
		index = auc->slots[index].next;
	return index == NONE ? NULL : &auc->slots[index];
}

/* What the subscriber had reserved is lost, not reused. */
static void slot_free(struct auc *auc, struct auc_slot *slot)
{
	uint32_t index = slot_index(auc, slot);
	uint32_t *link = bucket_of(auc, slot_imsi(slot));

	while (*link != index)
		link = &auc->slots[*link].next;
	*link = slot->next;
	*slot = (struct auc_slot){ .bucket = slot->bucket, .next = auc->free_slot };
	auc->free_slot = index;
}

static bool slot_idle(const struct auc_slot *slot)
{
	return slot->state == AUC_IDLE && !slot->advancing && slot->batched == 0;
}

/* Frees the slot of a subscriber who waits for nothing and has not asked since the hand came by last; if
 * there is none nearby, of one who waits for nothing. */
static void slot_sweep(struct auc *auc)
{
	struct auc_slot *second = NULL;

	for (uint32_t i = 0; i < AUC_SWEEP && i < auc->slot_count; i++) {
		struct auc_slot *slot = &auc->slots[auc->hand];
		auc->hand = (auc->hand + 1) % auc->slot_count;
		if (slot_idle(slot) && !slot->recent) {
			slot_free(auc, slot);
			return;
		}
		if (slot_idle(slot) && second == NULL)
			second = slot;
		slot->recent = false;
	}
	if (second != NULL)
		slot_free(auc, second);
}

/* A slot for an IMSI that has none; NULL when all nearby wait for the store. */
static struct auc_slot *slot_new(struct auc *auc, struct bytes imsi)
{
	uint32_t *bucket = bucket_of(auc, imsi), index;
	struct auc_slot *slot;

	if (auc->free_slot == NONE)
		slot_sweep(auc);
	index = auc->free_slot;
	if (index == NONE)
		return NULL;
	slot = &auc->slots[index];
	auc->free_slot = slot->next;
	*slot = (struct auc_slot){ .state = AUC_IDLE,
		                   .imsi_size = (uint8_t)imsi.len,
		                   .range = AUC_RANGE_MIN,
		                   .decision = REFUSE,
		                   .bucket = slot->bucket,
		                   .next = *bucket,
		                   .first = NONE,
		                   .last = NONE };
	memcpy(slot->imsi, imsi.at, imsi.len);
	*bucket = index;
	return slot;
}

static struct auc_slot *slot_take(struct auc *auc, struct bytes imsi)
{
	struct auc_slot *slot = slot_find(auc, imsi);

	if (slot == NULL)
		slot = slot_new(auc, imsi);
	if (slot != NULL)
		slot->recent = true;
	return slot;
}

/* --- the queue of a slot --------------------------------------------------------------------- */

static bool wait_push(struct auc *auc, struct auc_slot *slot, const struct auc_request *request,
                      const struct auc_peer *peer)
{
	uint32_t index = auc->free_wait;

	if (index == NONE)
		return false;
	auc->free_wait = auc->waits[index].next;
	auc->waits[index] = (struct auc_wait){ *request, *peer, NONE };
	if (slot->first == NONE)
		slot->first = index;
	else
		auc->waits[slot->last].next = index;
	slot->last = index;
	return true;
}

static void wait_pop(struct auc *auc, struct auc_slot *slot)
{
	uint32_t index = slot->first;

	slot->first = auc->waits[index].next;
	if (slot->first == NONE)
		slot->last = NONE;
	auc->waits[index].next = auc->free_wait;
	auc->free_wait = index;
}

static void answer(struct auc *auc, const struct auc_peer *peer, const struct room *reply)
{
	struct bytes datagram = room_used(reply);

	if (datagram.len > 0)
		auc->ports->reply(auc->ports->ctx, peer, datagram);
}

static void refuse(struct auc *auc, const struct auc_request *request, const struct auc_peer *peer)
{
	uint8_t octets[AUC_REPLY_MAX];
	struct room reply = ROOM(octets);

	auc->counts.failures += request->kind != AUC_RESYNC;
	auc_put_failure(&reply, request);
	answer(auc, peer, &reply);
}

static void refuse_all(struct auc *auc, struct auc_slot *slot)
{
	while (slot->first != NONE) {
		const struct auc_wait *wait = &auc->waits[slot->first];
		refuse(auc, &wait->request, &wait->peer);
		wait_pop(auc, slot);
	}
}

/* --- serving --------------------------------------------------------------------------------- */

static void answer_vector(struct auc *auc, const struct auc_ready *ready, enum err err,
                          const struct aka_vector *vector)
{
	uint8_t octets[AUC_REPLY_MAX];
	struct room reply = ROOM(octets);

	if (err == ERR_NONE)
		err = auc_put_vector(&reply, &ready->request, vector);
	if (err == ERR_NONE) {
		auc->counts.vectors++;
		auc->counts.restricted += ready->peer.door == AUC_DOOR_QUARANTINE;
		answer(auc, &ready->peer, &reply);
	} else {
		refuse(auc, &ready->request, &ready->peer);
	}
	wipe(octets, sizeof octets);
}

void auc_flush(struct auc *auc)
{
	struct keeper_ask asks[KEEPER_ASKS_MAX];
	struct aka_vector vectors[KEEPER_ASKS_MAX];
	enum err each[KEEPER_ASKS_MAX], err;
	size_t count = auc->batch_count;

	if (count == 0)
		return;
	for (size_t i = 0; i < count; i++) {
		struct auc_slot *slot = &auc->slots[auc->batch[i].slot];
		asks[i] = (struct keeper_ask){ slot_who(slot), auc->batch[i].sqn };
		asks[i].who.permit = BYTES(auc->batch[i].permit);
		slot->batched--;
	}
	auc->batch_count = 0;
	err = auc->ports->vectors(auc->ports->ctx, AKA_AMF_SEPARATION, asks, count, vectors, each);
	for (size_t i = 0; i < count; i++)
		answer_vector(auc, &auc->batch[i], err == ERR_NONE ? each[i] : err, &vectors[i]);
	wipe(vectors, sizeof vectors);
}

static void serve_vector(struct auc *auc, struct auc_slot *slot, const struct auc_wait *wait)
{
	struct auc_ready *ready = &auc->batch[auc->batch_count++];

	*ready = (struct auc_ready){
		.request = wait->request,
		.peer = wait->peer,
		.slot = slot_index(auc, slot),
		.sqn = sqn_make(slot->next_seq++, auc->ind),
	};
	memcpy(ready->permit, slot->permit, sizeof ready->permit);
	slot->batched++;
	if (auc->batch_count == KEEPER_ASKS_MAX)
		auc_flush(auc);
}

static void serve_triplets(struct auc *auc, struct auc_slot *slot, const struct auc_wait *wait)
{
	const struct keeper_who who = slot_who(slot);
	struct aka_triplet triplets[AUC_TRIPLETS_MAX];
	size_t count = wait->request.count;
	uint8_t octets[AUC_REPLY_MAX];
	struct room reply = ROOM(octets);

	if (auc->ports->triplets(auc->ports->ctx, &who, count, triplets) == ERR_NONE) {
		auc->counts.triplets += count;
		auc->counts.restricted += wait->peer.door == AUC_DOOR_QUARANTINE;
		auc_put_triplets(&reply, &wait->request, triplets, count);
		answer(auc, &wait->peer, &reply);
	} else {
		refuse(auc, &wait->request, &wait->peer);
	}
	wipe(triplets, sizeof triplets);
	wipe(octets, sizeof octets);
}

/* True when the counter has to be raised first; `seq` is then the USIM's. */
static bool resync_needed(struct auc *auc, struct auc_slot *slot, const struct auc_wait *wait,
                          uint64_t *seq)
{
	const struct keeper_who who = slot_who(slot);
	uint64_t sqn_ms;
	enum err err = auc->ports->resync(auc->ports->ctx, &who, wait->request.rand,
	                                  BYTES(wait->request.auts), &sqn_ms);

	if (err != ERR_NONE) {
		auc->counts.forged += err == ERR_MAC;
		return false;
	}
	auc->counts.resyncs++;
	*seq = sqn_seq(sqn_ms);
	/* TS 33.102 6.3.5 (3): a counter whose next number will be accepted stays. */
	return slot->next_seq == slot->end_seq || slot->next_seq <= *seq;
}

/* --- answers of store and appraiser ----------------------------------------------------------- */

/* Strangers do not push subscribers out. */
static void turn_away(struct auc *auc, struct auc_slot *slot)
{
	slot->sealed_size = 0;
	refuse_all(auc, slot);
	if (slot->batched == 0)
		slot_free(auc, slot);
}

static void ask_ruling(struct auc *auc, struct auc_slot *slot);

/* A ruling is asked for after what it rests upon was looked at, so it never is the older of the two. */
static void take_loaded(struct auc *auc, struct auc_slot *slot, enum err err, struct bytes sealed,
                        uint64_t basis)
{
	slot->state = AUC_IDLE;
	if (err != ERR_NONE || sealed.len == 0 || sealed.len > sizeof slot->sealed) {
		turn_away(auc, slot);
		return;
	}
	memcpy(slot->sealed, sealed.at, sealed.len);
	slot->sealed_size = (uint16_t)sealed.len;
	slot->loaded_ms = auc->now_ms;
	if (slot->ruled && slot->basis == basis && auc->now_ms < slot->until_ms)
		return;
	slot->basis = basis;
	ask_ruling(auc, slot);
}

static bool permit_is_good(const struct auc *auc, const struct auc_slot *slot)
{
	return slot->decision != REFUSE && auc->now_ms < slot->until_ms;
}

static void take_refusal(struct auc *auc, struct auc_slot *slot)
{
	slot->decision = REFUSE;
	slot->until_ms = auc->now_ms + AUC_REFUSED_MS;
	wipe(slot->permit, sizeof slot->permit);
}

static void take_ruling(struct auc *auc, struct auc_slot *slot, enum err err,
                        const struct auc_ruling *ruling)
{
	slot->state = AUC_IDLE;
	slot->ruled = err == ERR_NONE && (ruling->decision == REFUSE || ruling->good_ms > 0);
	auc->counts.without_ruling += err != ERR_NONE;
	if (err == ERR_BUSY && permit_is_good(auc, slot))
		return;
	if (err != ERR_NONE || ruling->decision == REFUSE || ruling->good_ms == 0) {
		take_refusal(auc, slot);
		return;
	}
	slot->decision = ruling->decision;
	slot->until_ms = auc->now_ms + ruling->good_ms;
	memcpy(slot->permit, ruling->permit, sizeof slot->permit);
}

static void take_reserved(struct auc *auc, struct auc_slot *slot, enum err err, uint64_t first,
                          uint32_t count)
{
	slot->state = AUC_IDLE;
	/* A number beyond SEQ_MAX would wrap into one that was used. */
	if (err != ERR_NONE || count == 0 || first == 0 || first > SEQ_MAX - count) {
		refuse_all(auc, slot);
		return;
	}
	slot->next_seq = first;
	slot->end_seq = first + count;
	slot->range = slot->range < AUC_RANGE_MAX ? 2 * slot->range : AUC_RANGE_MAX;
}

static void take_raised(struct auc *auc, struct auc_slot *slot, enum err err)
{
	slot->state = AUC_IDLE;
	if (err != ERR_NONE)
		refuse_all(auc, slot);
	else
		wait_pop(auc, slot); /* the AUTS itself */
}

/* --- asking ---------------------------------------------------------------------------------- */

static void ask_subscription(struct auc *auc, struct auc_slot *slot)
{
	const struct auc_ports *ports = auc->ports;
	enum err err;

	slot->state = AUC_LOADING;
	err = ports->load(ports->ctx, slot_index(auc, slot), slot_imsi(slot));
	if (err != ERR_NONE)
		take_loaded(auc, slot, err, (struct bytes){ NULL, 0 }, 0);
}

static void ask_ruling(struct auc *auc, struct auc_slot *slot)
{
	const struct auc_ports *ports = auc->ports;
	enum err err;

	slot->state = AUC_ASKING;
	err = ports->rule(ports->ctx, slot_index(auc, slot), slot_imsi(slot));
	if (err != ERR_NONE)
		take_ruling(auc, slot, err, NULL);
}

static void ask_numbers(struct auc *auc, struct auc_slot *slot)
{
	const struct auc_ports *ports = auc->ports;
	enum err err;

	slot->state = AUC_RESERVING;
	err = ports->reserve(ports->ctx, slot_index(auc, slot), slot_imsi(slot), slot->range);
	if (err != ERR_NONE)
		take_reserved(auc, slot, err, 0, 0);
}

static void ask_raise(struct auc *auc, struct auc_slot *slot, uint64_t seq)
{
	const struct auc_ports *ports = auc->ports;
	enum err err;

	slot->next_seq = slot->end_seq = 0; /* the rest of the range is behind the USIM */
	slot->state = AUC_RAISING;
	err = ports->raise(ports->ctx, slot_index(auc, slot), slot_imsi(slot), seq);
	if (err != ERR_NONE)
		take_raised(auc, slot, err);
}

/* Whether the subscriber belongs behind that door. An AUTS gives nothing away and may come through either. */
static bool lets_in(struct auc *auc, const struct auc_slot *slot, const struct auc_wait *wait)
{
	enum auc_door door = slot->decision == ADMIT ? AUC_DOOR_NETWORK : AUC_DOOR_QUARANTINE;

	if (slot->decision == REFUSE) {
		auc->counts.kept_out++;
		return false;
	}
	if (wait->request.kind == AUC_RESYNC || wait->peer.door == door)
		return true;
	auc->counts.wrong_door++;
	return false;
}

/* Serves the first request that waits, or asks for what it lacks. */
static void serve_first(struct auc *auc, struct auc_slot *slot)
{
	const struct auc_wait *wait = &auc->waits[slot->first];
	uint64_t seq;

	if (!lets_in(auc, slot, wait)) {
		refuse(auc, &wait->request, &wait->peer);
		wait_pop(auc, slot);
		return;
	}
	if (wait->request.kind == AUC_VECTOR && slot->next_seq == slot->end_seq) {
		ask_numbers(auc, slot);
		return;
	}
	if (wait->request.kind == AUC_RESYNC && resync_needed(auc, slot, wait, &seq)) {
		ask_raise(auc, slot, seq);
		return;
	}
	if (wait->request.kind == AUC_VECTOR)
		serve_vector(auc, slot, wait);
	if (wait->request.kind == AUC_TRIPLETS)
		serve_triplets(auc, slot, wait);
	wait_pop(auc, slot);
}

static bool slot_fresh(const struct auc *auc, const struct auc_slot *slot)
{
	return slot->sealed_size > 0 && auc->now_ms - slot->loaded_ms < AUC_FRESH_MS &&
	       (slot->decision == REFUSE || permit_is_good(auc, slot));
}

/* Goes on until nothing waits or the store has to answer. A port may answer before it returns: then the
 * inner call finds `advancing` and leaves the work to this one. */
static void advance(struct auc *auc, struct auc_slot *slot)
{
	if (slot->advancing)
		return;
	slot->advancing = true;
	while (slot->state == AUC_IDLE && slot->first != NONE) {
		if (slot_fresh(auc, slot))
			serve_first(auc, slot);
		else
			ask_subscription(auc, slot);
	}
	slot->advancing = false;
}

void auc_datagram(struct auc *auc, uint64_t now_ms, const struct auc_peer *peer,
                  struct bytes datagram)
{
	struct auc_request request;
	struct auc_slot *slot;

	auc->now_ms = now_ms;
	if (auc_request_read(datagram, &request) != ERR_NONE) {
		auc->counts.malformed++;
		return;
	}
	auc->counts.requests++;
	slot = slot_take(auc, auc_imsi(&request));
	if (slot == NULL || !wait_push(auc, slot, &request, peer)) {
		auc->counts.busy++;
		refuse(auc, &request, peer);
		return;
	}
	advance(auc, slot);
}

/* The slot whose answer this is. An answer that nobody asked for is our own mistake. */
static struct auc_slot *slot_asked(struct auc *auc, uint64_t now_ms, uint32_t index,
                                   enum auc_state state)
{
	assert(index < auc->slot_count && auc->slots[index].state == state);
	auc->now_ms = now_ms;
	return &auc->slots[index];
}

void auc_loaded(struct auc *auc, uint64_t now_ms, uint32_t index, enum err err, struct bytes sealed,
                uint64_t basis)
{
	struct auc_slot *slot = slot_asked(auc, now_ms, index, AUC_LOADING);

	take_loaded(auc, slot, err, sealed, basis);
	advance(auc, slot);
}

void auc_ruled(struct auc *auc, uint64_t now_ms, uint32_t index, enum err err,
               const struct auc_ruling *ruling)
{
	struct auc_slot *slot = slot_asked(auc, now_ms, index, AUC_ASKING);

	take_ruling(auc, slot, err, ruling);
	advance(auc, slot);
}

void auc_reserved(struct auc *auc, uint64_t now_ms, uint32_t index, enum err err, uint64_t first,
                  uint32_t count)
{
	struct auc_slot *slot = slot_asked(auc, now_ms, index, AUC_RESERVING);

	take_reserved(auc, slot, err, first, count);
	advance(auc, slot);
}

void auc_raised(struct auc *auc, uint64_t now_ms, uint32_t index, enum err err)
{
	struct auc_slot *slot = slot_asked(auc, now_ms, index, AUC_RAISING);

	take_raised(auc, slot, err);
	advance(auc, slot);
}
