/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/keys.h"

#include <string.h>

/* TS 35.206 4.1, as one row: r1..r5 in bits, then the only octets of c1..c5 that are not zero. */
static const uint8_t rotation_default[5] = { 0x40, 0x00, 0x20, 0x40, 0x60 };
static const uint8_t xoring_last[5] = { 0, 1, 2, 4, 8 };

void aka_defaults(struct aka_parameter *out)
{
	*out = (struct aka_parameter){
		.algorithm = ALGORITHM_MILENAGE,
		.options = 0x01,
		.iterations = 1,
		.sqn_options = AKA_SQN_OPTIONS,
		.sqn_delta = AKA_SQN_DELTA,
		.sqn_age_limit = AKA_SQN_DELTA,
	};
	memcpy(out->rotation, rotation_default, sizeof out->rotation);
	for (size_t i = 0; i < 5; i++)
		out->xoring[16 * i + 15] = xoring_last[i];
}

void aka_parameter_clear(struct aka_parameter *aka)
{
	wipe(aka, sizeof *aka);
}

static enum err octet_read(struct cursor *in, ber_tag tag, uint8_t *out)
{
	return cursor_fixed(in, tag, out, 1);
}

static enum err key_read(struct cursor *in, ber_tag tag, struct secret *out)
{
	size_t len;

	TRY(cursor_bytes(in, tag, out->at, 0, SECRET_MAX, &len));
	out->len = (uint8_t)len;
	return ERR_NONE;
}

static bool keys_fit(const struct aka_parameter *aka)
{
	size_t k = aka->key.len, opc = aka->opc.len;

	switch (aka->algorithm) {
	case ALGORITHM_MILENAGE:
		return k == 16 && opc == 16;
	case ALGORITHM_TUAK:
		return (k == 16 || k == 32) && opc == 32 && aka->iterations > 0;
	case ALGORITHM_USIM_TEST:
		return k == 16; /* TS 34.108 8.1.2; opc is ignored */
	default:
		return false;
	}
}

static enum err mapping_read(struct cursor *in, struct aka_parameter *out)
{
	size_t len;

	out->mapped = true;
	TRY(octet_read(in, 0x80, &out->mapping_options));
	TRY(cursor_bytes(in, 0x81, out->source, 5, sizeof out->source, &len));
	out->source_len = (uint8_t)len;
	return cursor_end(in);
}

static enum err algorithm_read(struct cursor *in, struct aka_parameter *out)
{
	uint32_t at = in->at, number;

	TRY(cursor_uint(in, 0x80, 0xFF, &number));
	out->algorithm = (uint8_t)number;
	TRY(octet_read(in, 0x81, &out->options));
	TRY(key_read(in, 0x82, &out->key));
	TRY(key_read(in, 0x83, &out->opc));
	if (cursor_is(in, 0x84))
		TRY(cursor_fixed(in, 0x84, out->rotation, sizeof out->rotation));
	if (cursor_is(in, 0x85))
		TRY(cursor_fixed(in, 0x85, out->xoring, sizeof out->xoring));
	out->has_counter_max = cursor_is(in, 0x86);
	if (out->has_counter_max)
		TRY(cursor_fixed(in, 0x86, out->counter_max, sizeof out->counter_max));
	TRY(cursor_uint_or(in, 0x87, 0xFF, 1, &number));
	out->iterations = (uint8_t)number;
	if (!keys_fit(out))
		return cursor_fault(in, at, 0x80, ERR_VALUE);
	return cursor_end(in);
}

static enum err seq_read(struct cursor *in, ber_tag tag, uint64_t *out)
{
	uint8_t octets[AKA_SQN_INIT_SIZE];
	uint32_t at = in->at;
	uint64_t value;

	if (!cursor_is(in, tag))
		return ERR_NONE;
	TRY(cursor_fixed(in, tag, octets, sizeof octets));
	if (!bytes_uint(BYTES(octets), &value) || value > AKA_SEQ_MAX)
		return cursor_fault(in, at, tag, ERR_VALUE);
	*out = value;
	return ERR_NONE;
}

static enum err sqn_init_check(struct cursor *in, const struct element *list)
{
	struct cursor each = cursor_in(in, list);

	for (unsigned n = 0; n < AKA_SQN_INIT_COUNT; n++) {
		uint64_t seq;
		if (!cursor_is(&each, 0x04))
			return cursor_fault(in, each.at, 0x04, ERR_TAG);
		TRY(seq_read(&each, 0x04, &seq));
	}
	return cursor_end(&each);
}

static enum err parameter_read(struct cursor *in, struct aka_parameter *out)
{
	struct element element, choice;
	struct cursor config, body;
	bool has;

	TRY(cursor_read(in, 0xA1, &element));
	config = cursor_in(in, &element);
	bool mapped = cursor_is(&config, 0xA0);
	TRY(cursor_read(&config, mapped ? 0xA0 : 0xA1, &choice));
	TRY(cursor_end(&config));
	body = cursor_in(&config, &choice);
	TRY(mapped ? mapping_read(&body, out) : algorithm_read(&body, out));
	if (cursor_is(in, 0x82))
		TRY(octet_read(in, 0x82, &out->sqn_options));
	TRY(seq_read(in, 0x83, &out->sqn_delta));
	TRY(seq_read(in, 0x84, &out->sqn_age_limit));
	TRY(cursor_optional(in, 0xA5, &out->sqn_init, &has));
	if (has)
		TRY(sqn_init_check(in, &out->sqn_init));
	return cursor_end(in);
}

enum err aka_parameter_read(const struct pe *pe, struct aka_parameter *out)
{
	struct cursor in = pe->body;

	aka_defaults(out);
	enum err err = parameter_read(&in, out);
	if (err != ERR_NONE)
		aka_parameter_clear(out);
	return err;
}

enum err aka_sqn_init(const struct pe *pe, const struct aka_parameter *aka, unsigned n,
                      uint64_t *seq)
{
	struct cursor each = cursor_in(&pe->body, &aka->sqn_init);

	if (n >= AKA_SQN_INIT_COUNT)
		return ERR_LIMIT;
	*seq = 0;
	if (aka->sqn_init.len == 0)
		return ERR_NONE;
	each.at += n * (2 + AKA_SQN_INIT_SIZE); /* sqn_init_check saw that all are alike */
	return seq_read(&each, 0x04, seq);
}

static void seq_put(struct room *out, ber_tag tag, uint64_t value)
{
	if (value == AKA_SQN_DELTA)
		return; /* X.690 11.5: a default is not encoded */
	ber_put_header(out, tag, AKA_SQN_INIT_SIZE);
	room_put_u16(out, (uint16_t)(value >> 32));
	room_put_u32(out, (uint32_t)value);
}

static void algorithm_put(struct room *out, const struct aka_parameter *aka)
{
	struct aka_parameter plain;
	size_t mark = ber_open(out, 0xA1);

	aka_defaults(&plain);
	ber_put_uint(out, 0x80, aka->algorithm);
	ber_put(out, 0x81, (struct bytes){ &aka->options, 1 });
	ber_put(out, 0x82, secret_bytes(&aka->key));
	ber_put(out, 0x83, secret_bytes(&aka->opc));
	if (!bytes_same(BYTES(aka->rotation), BYTES(plain.rotation)))
		ber_put(out, 0x84, BYTES(aka->rotation));
	if (!bytes_same(BYTES(aka->xoring), BYTES(plain.xoring)))
		ber_put(out, 0x85, BYTES(aka->xoring));
	if (aka->has_counter_max)
		ber_put(out, 0x86, BYTES(aka->counter_max));
	if (aka->iterations != 1)
		ber_put_uint(out, 0x87, aka->iterations);
	ber_close(out, mark);
}

static void mapping_put(struct room *out, const struct aka_parameter *aka)
{
	size_t mark = ber_open(out, 0xA0);

	ber_put(out, 0x80, (struct bytes){ &aka->mapping_options, 1 });
	ber_put(out, 0x81, (struct bytes){ aka->source, aka->source_len });
	ber_close(out, mark);
}

void aka_parameter_put(struct room *out, bool mandated, uint16_t identification,
                       const struct aka_parameter *aka, struct bytes sqn_init)
{
	size_t element = pe_open(out, PE_AKA_PARAMETER, mandated, identification);
	size_t config = ber_open(out, 0xA1);
	bool zero = true;

	if (aka->mapped)
		mapping_put(out, aka);
	else
		algorithm_put(out, aka);
	ber_close(out, config);
	if (aka->sqn_options != AKA_SQN_OPTIONS)
		ber_put(out, 0x82, (struct bytes){ &aka->sqn_options, 1 });
	seq_put(out, 0x83, aka->sqn_delta);
	seq_put(out, 0x84, aka->sqn_age_limit);
	for (size_t i = 0; i < sqn_init.len; i++)
		zero = zero && sqn_init.at[i] == 0;
	if (!zero) {
		size_t list = ber_open(out, 0xA5);
		for (size_t i = 0; i + AKA_SQN_INIT_SIZE <= sqn_init.len; i += AKA_SQN_INIT_SIZE)
			ber_put(out, 0x04, (struct bytes){ sqn_init.at + i, AKA_SQN_INIT_SIZE });
		ber_close(out, list);
	}
	ber_close(out, element);
}

/* Three bits of RES, three of MAC, one of CK and IK; only TUAK and the test algorithm have a choice. */
enum err aka_sizes_of(const struct aka_parameter *aka, struct aka_sizes *out)
{
	static const uint8_t res[8] = { 4, 8, 16, 32, 32, 0, 0, 0 };
	static const uint8_t mac[8] = { 8, 16, 32, 0, 32, 0, 0, 0 };
	struct aka_sizes sizes = { 8, 8, 16, 16 };

	if (aka->algorithm != ALGORITHM_MILENAGE)
		sizes.res = res[aka->options & 7];
	if (aka->algorithm == ALGORITHM_TUAK) {
		sizes.mac = mac[aka->options >> 3 & 7];
		sizes.ck = sizes.ik = aka->options & 0x40 ? 32 : 16;
	}
	if (sizes.res == 0 || sizes.mac == 0 ||
	    (aka->algorithm == ALGORITHM_USIM_TEST && sizes.res > 16))
		return ERR_VALUE;
	*out = sizes;
	return ERR_NONE;
}
