/* SPDX-License-Identifier: Apache-2.0 */
#include "appraiser/rulings.h"

#include <assert.h>
#include <string.h>

#define NONE UINT32_MAX

enum { DETAIL_MAX = 1024, ANSWER_MAX = 64 + PERMIT_SIZE + APPRAISE_WHY_MAX };

void rulings_begin(struct rulings *rulings, struct appraiser_state *state,
                   const struct ruling_ports *ports)
{
	*rulings = (struct rulings){ .state = state, .ports = *ports, .first = NONE, .last = NONE };
	for (uint32_t i = 0; i < RULINGS_MAX; i++)
		rulings->slots[i].next = i + 1 < RULINGS_MAX ? i + 1 : NONE;
}

/* --- those that can go on --------------------------------------------------------------------- */

static void ready_push(struct rulings *rulings, struct ruling_slot *slot, enum ruling_step step,
                       enum err err)
{
	uint32_t index = (uint32_t)(slot - rulings->slots);

	slot->step = step;
	slot->err = err;
	slot->next = NONE;
	if (rulings->first == NONE)
		rulings->first = index;
	else
		rulings->slots[rulings->last].next = index;
	rulings->last = index;
}

static struct ruling_slot *ready_pop(struct rulings *rulings)
{
	struct ruling_slot *slot = &rulings->slots[rulings->first];

	rulings->first = slot->next;
	return slot;
}

/* An answer that nobody asked for is our own mistake. */
static struct ruling_slot *slot_asked(struct rulings *rulings, uint32_t index,
                                      enum ruling_step step)
{
	assert(index < RULINGS_MAX && rulings->slots[index].step == step);
	return &rulings->slots[index];
}

void rulings_loaded(struct rulings *rulings, uint32_t slot, enum err err, struct bytes reply)
{
	struct ruling_slot *at = slot_asked(rulings, slot, RULING_LOADING);

	if (err == ERR_NONE && !buffer_add(&at->facts, reply))
		err = ERR_FULL;
	ready_push(rulings, at, RULING_LOADED, err);
}

void rulings_recorded(struct rulings *rulings, uint32_t slot, enum err err)
{
	ready_push(rulings, slot_asked(rulings, slot, RULING_RECORDING), RULING_RECORDED, err);
}

bool rulings_ask(struct rulings *rulings, struct bytes imsi, const struct serve_ticket *ticket)
{
	uint32_t index = rulings->free;
	struct ruling_slot *slot;
	enum err err;

	if (index == NONE)
		return false;
	slot = &rulings->slots[index];
	rulings->free = slot->next;
	*slot = (struct ruling_slot){ .step = RULING_LOADING, .ticket = *ticket };
	rulings->under_way++;
	err = imsi.len == 0 || imsi.len > sizeof slot->imsi ? ERR_LENGTH : ERR_NONE;
	if (err == ERR_NONE) {
		slot->imsi_size = (uint8_t)imsi.len;
		memcpy(slot->imsi, imsi.at, imsi.len);
		err = rulings->ports.load(rulings->ports.ctx, index, imsi);
	}
	if (err != ERR_NONE)
		ready_push(rulings, slot, RULING_LOADED, err);
	return true;
}

/* --- answers ---------------------------------------------------------------------------------- */

static void slot_end(struct rulings *rulings, struct ruling_slot *slot, enum err err,
                     struct bytes reply)
{
	const struct serve_ticket ticket = slot->ticket;

	buffer_free(&slot->facts);
	*slot = (struct ruling_slot){ .next = rulings->free };
	rulings->free = (uint32_t)(slot - rulings->slots);
	rulings->under_way--;
	rulings->ports.answer(rulings->ports.ctx, &ticket, err, reply);
}

/* `permit` NULL: there is none, and needs to be none. */
static void slot_answer(struct rulings *rulings, struct ruling_slot *slot, const uint8_t *permit)
{
	struct appraise_answer answer = { .decision = slot->permit.decision,
		                          .expires_s = slot->permit.expires_s };
	uint8_t octets[ANSWER_MAX];
	struct room room = ROOM(octets);

	if (permit != NULL)
		memcpy(answer.permit, permit, sizeof answer.permit);
	memcpy(answer.why, slot->why, sizeof answer.why);
	appraise_answer_put(&room, &answer);
	slot_end(rulings, slot, room.full ? ERR_ROOM : ERR_NONE, room_used(&room));
}

static void permits_ask(struct rulings *rulings)
{
	uint8_t made[KEEPER_PERMITS_MAX][PERMIT_SIZE];
	struct permit permits[KEEPER_PERMITS_MAX];
	size_t count = rulings->batch_count;
	enum err err;

	if (count == 0)
		return;
	for (size_t i = 0; i < count; i++)
		permits[i] = rulings->slots[rulings->batch[i]].permit;
	rulings->batch_count = 0;
	err = rulings->ports.permits(rulings->ports.ctx, permits, count, made);
	for (size_t i = 0; i < count; i++) {
		struct ruling_slot *slot = &rulings->slots[rulings->batch[i]];
		if (err == ERR_NONE)
			slot_answer(rulings, slot, made[i]);
		else
			slot_end(rulings, slot, err, (struct bytes){ NULL, 0 });
	}
}

/* --- steps ------------------------------------------------------------------------------------ */

static enum err record(struct rulings *rulings, struct ruling_slot *slot,
                       const struct ruling *ruling)
{
	const struct appraiser_record record = {
		.purpose = PURPOSE_ACCESS,
		.decision = ruling->decision,
		.policy = ruling->policy,
		.evidence_digest = ruling->facts.has_appraised
		                           ? ruling->facts.appraised.evidence_digest
		                           : (struct bytes){NULL, 0},
		.result_digest = ruling->result_digest,
		.why = ruling->why,
	};
	struct audit line = { .event = BYTES_STR("access"), .eid = ruling->facts.eid };
	uint8_t octets[DETAIL_MAX];
	struct room detail = ROOM(octets);

	room_put(&detail, BYTES_STR("IMSI "));
	room_put(&detail, (struct bytes){ slot->imsi, slot->imsi_size });
	room_put(&detail, BYTES_STR(" "));
	appraiser_detail(&record, &detail);
	line.detail = room_used(&detail);
	appraiser_digests(&record, &line);
	return rulings->ports.record(rulings->ports.ctx, (uint32_t)(slot - rulings->slots),
	                             &(struct chip_change){ .audit = &line });
}

static enum err rule(struct rulings *rulings, struct ruling_slot *slot)
{
	struct ruling ruling = { .why = "" };
	struct access_facts facts;

	TRY(slot->err);
	TRY(store_access_read(buffer_bytes(&slot->facts), &facts));
	TRY(access_rule(rulings->state, &facts, &ruling));
	slot->permit = (struct permit){ .purpose = PURPOSE_ACCESS,
		                        .decision = ruling.decision,
		                        .expires_s = ruling.until_s };
	memcpy(slot->permit.result, ruling.result_octets, sizeof slot->permit.result);
	memcpy(slot->why, ruling.why, sizeof slot->why);
	slot->cause = ruling.cause;
	TRY(permit_subject_access((struct bytes){ slot->imsi, slot->imsi_size },
	                          slot->permit.subject));
	slot->step = RULING_RECORDING;
	return record(rulings, slot, &ruling);
}

static void go_on(struct rulings *rulings, struct ruling_slot *slot)
{
	if (slot->step == RULING_LOADED) {
		slot->err = rule(rulings, slot);
		buffer_free(&slot->facts);
		if (slot->err == ERR_NONE)
			return; /* until it is recorded */
	}
	if (slot->err == ERR_NONE)
		appraiser_count(rulings->state, PURPOSE_ACCESS, slot->permit.decision, slot->cause);
	if (slot->err != ERR_NONE)
		slot_end(rulings, slot, slot->err, (struct bytes){ NULL, 0 });
	else if (slot->permit.decision == REFUSE)
		slot_answer(rulings, slot, NULL);
	else
		rulings->batch[rulings->batch_count++] = (uint32_t)(slot - rulings->slots);
}

void rulings_turn(struct rulings *rulings)
{
	while (rulings->first != NONE) {
		go_on(rulings, ready_pop(rulings));
		if (rulings->batch_count == KEEPER_PERMITS_MAX)
			permits_ask(rulings);
	}
	permits_ask(rulings);
}
