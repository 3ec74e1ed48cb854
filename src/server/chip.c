/* SPDX-License-Identifier: Apache-2.0 */
#include "server/chip.h"

#include "server/pack.h"

#include <string.h>

static void pack_clock(struct room *out, const struct tpm_clock *clock)
{
	room_put_u64(out, clock->clock);
	room_put_u32(out, clock->reset_count);
	room_put_u32(out, clock->restart_count);
	room_put_u8(out, clock->safe);
}

static void pack_ima(struct room *out, const struct ima_state *ima)
{
	room_put_u8(out, (uint8_t)ima->hash);
	room_put_u8(out, ima->padded);
	room_put_u64(out, ima->entries);
	room_put(out, BYTES(ima->pcr));
}

/* Numbers of a fixed width, most significant octet first. */
static enum err take_number(struct bytes *in, size_t size, uint64_t most, uint64_t *out)
{
	struct bytes octets;

	if (!bytes_take(in, size, &octets) || !bytes_uint(octets, out))
		return ERR_TRUNCATED;
	return *out <= most ? ERR_NONE : ERR_VALUE;
}

static enum err unpack_clock(struct bytes *in, struct tpm_clock *out)
{
	uint64_t reset, restart, safe;

	TRY(take_number(in, 8, UINT64_MAX, &out->clock));
	TRY(take_number(in, 4, UINT32_MAX, &reset));
	TRY(take_number(in, 4, UINT32_MAX, &restart));
	TRY(take_number(in, 1, 1, &safe));
	out->reset_count = (uint32_t)reset;
	out->restart_count = (uint32_t)restart;
	out->safe = safe == 1;
	return ERR_NONE;
}

static enum err unpack_ima(struct bytes *in, struct ima_state *out)
{
	uint64_t hash, padded;
	struct bytes pcr;

	TRY(take_number(in, 1, ATTEST_HASHES - 1, &hash));
	TRY(take_number(in, 1, 1, &padded));
	TRY(take_number(in, 8, UINT64_MAX, &out->entries));
	if (!bytes_take(in, sizeof out->pcr, &pcr))
		return ERR_TRUNCATED;
	out->hash = (enum attest_hash)hash;
	out->padded = padded == 1;
	memcpy(out->pcr, pcr.at, sizeof out->pcr);
	return ERR_NONE;
}

void pack_chip(struct room *out, const struct chip *chip)
{
	room_put_u64(out, chip->version);
	room_put(out, BYTES(chip->id));
	room_put_u8(out, (uint8_t)chip->format);
	room_put_u8(out, (uint8_t)chip->state);
	room_put_u8(out, chip->test);
	pack_bytes(out, chip->eid);
	pack_bytes(out, chip->how);
	pack_bytes(out, chip->key);
	pack_bytes(out, chip->pairing_key);
	pack_bytes(out, chip->instance);
	pack_bytes(out, chip->ek_digest);
	pack_bytes(out, chip->imei);
	pack_bytes(out, chip->model);
	pack_bytes(out, chip->firmware);
	room_put_u8(out, chip->seen);
	pack_clock(out, &chip->clock);
	pack_ima(out, &chip->ima);
	room_put_u32(out, chip->ima_reset);
	room_put_u64(out, chip->ima_generation);
}

static enum err unpack_texts(struct bytes *in, struct chip *out)
{
	TRY(unpack_bytes(in, &out->eid));
	TRY(unpack_bytes(in, &out->how));
	TRY(unpack_bytes(in, &out->key));
	TRY(unpack_bytes(in, &out->pairing_key));
	TRY(unpack_bytes(in, &out->instance));
	TRY(unpack_bytes(in, &out->ek_digest));
	TRY(unpack_bytes(in, &out->imei));
	TRY(unpack_bytes(in, &out->model));
	return unpack_bytes(in, &out->firmware);
}

static enum err unpack_head(struct bytes *in, struct chip *out)
{
	uint64_t format, state, test;
	struct bytes id;

	TRY(unpack_u64(in, &out->version));
	if (!bytes_take(in, CHIP_ID_SIZE, &id))
		return ERR_TRUNCATED;
	memcpy(out->id, id.at, CHIP_ID_SIZE);
	TRY(take_number(in, 1, EVIDENCE_FORMATS - 1, &format));
	TRY(take_number(in, 1, CHIP_STATES - 1, &state));
	TRY(take_number(in, 1, 1, &test));
	out->format = (enum evidence_format)format;
	out->state = (enum chip_state)state;
	out->test = test == 1;
	return ERR_NONE;
}

enum err unpack_chip(struct bytes *in, struct chip *out)
{
	struct bytes rest = *in;
	uint64_t seen, reset;
	struct chip read;

	TRY(unpack_head(&rest, &read));
	TRY(unpack_texts(&rest, &read));
	TRY(take_number(&rest, 1, 1, &seen));
	TRY(unpack_clock(&rest, &read.clock));
	TRY(unpack_ima(&rest, &read.ima));
	TRY(take_number(&rest, 4, UINT32_MAX, &reset));
	TRY(unpack_u64(&rest, &read.ima_generation));
	read.seen = seen == 1;
	read.ima_reset = (uint32_t)reset;
	*in = rest;
	*out = read;
	return ERR_NONE;
}

void pack_appraised(struct room *out, const struct appraised *appraised)
{
	room_put_u64(out, appraised->time_s);
	room_put_u8(out, (uint8_t)appraised->purpose);
	room_put_u8(out, (uint8_t)appraised->decision);
	room_put_u8(out, (uint8_t)appraised->format);
	pack_bytes(out, appraised->eid);
	pack_bytes(out, appraised->operator_name);
	pack_bytes(out, appraised->policy);
	pack_bytes(out, appraised->evidence_digest);
	pack_bytes(out, appraised->findings);
	pack_bytes(out, appraised->explanation);
	pack_bytes(out, appraised->result);
	pack_equipment(out, &appraised->seen);
}

enum err unpack_appraised(struct bytes *in, struct appraised *out)
{
	struct bytes rest = *in;
	uint64_t purpose, decision, format;
	struct appraised read;

	TRY(unpack_u64(&rest, &read.time_s));
	TRY(take_number(&rest, 1, PURPOSES - 1, &purpose));
	TRY(take_number(&rest, 1, DECISIONS - 1, &decision));
	TRY(take_number(&rest, 1, EVIDENCE_FORMATS - 1, &format));
	TRY(unpack_bytes(&rest, &read.eid));
	TRY(unpack_bytes(&rest, &read.operator_name));
	TRY(unpack_bytes(&rest, &read.policy));
	TRY(unpack_bytes(&rest, &read.evidence_digest));
	TRY(unpack_bytes(&rest, &read.findings));
	TRY(unpack_bytes(&rest, &read.explanation));
	TRY(unpack_bytes(&rest, &read.result));
	TRY(unpack_equipment(&rest, &read.seen));
	read.purpose = (enum purpose)purpose;
	read.decision = (enum decision)decision;
	read.format = (enum evidence_format)format;
	*in = rest;
	*out = read;
	return ERR_NONE;
}

void pack_item(struct room *out, const struct item *item)
{
	room_put_u64(out, item->kind);
	pack_bytes(out, item->name);
	pack_bytes(out, item->body);
}

enum err unpack_item(struct bytes *in, struct item *out)
{
	struct bytes rest = *in;
	struct item read;
	uint64_t kind;

	TRY(unpack_u64(&rest, &kind));
	if (kind >= ITEM_KINDS)
		return ERR_VALUE;
	read.kind = (enum item_kind)kind;
	TRY(unpack_bytes(&rest, &read.name));
	TRY(unpack_bytes(&rest, &read.body));
	*in = rest;
	*out = read;
	return ERR_NONE;
}
