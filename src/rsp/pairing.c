/* SPDX-License-Identifier: Apache-2.0 */
#include "rsp/pairing.h"

#include <string.h>

/* docs/protocol.md numbers them: what answers, reports and orders have in common has one tag. */
enum {
	TAG_CHALLENGE = 0x80,
	TAG_EID = 0x81,
	TAG_MODE = 0x82,
	TAG_PROVEN = 0x83,
	TAG_LAST = 0x84,
	TAG_REFUSED = 0x85,
	TAG_MISSED = 0x86,
	TAG_ORDERS = 0x87,
	TAG_KEY_ID = 0x88,
	TAG_KEY = 0x89,
	TAG_PROOF = 0x80,
	TAG_ORDER = 0xA0,
	TAG_ORDER_SIGNATURE = 0x5F37,
};

static const char *const mode_names[PAIRING_MODES] = { "off", "observe", "enforce" };

static enum err octet_read(struct bytes *in, ber_tag tag, unsigned below, uint8_t *out)
{
	struct bytes value;

	TRY(rsp_sized_read(in, tag, 1, 1, &value));
	if (value.at[0] >= below)
		return ERR_VALUE;
	*out = value.at[0];
	return ERR_NONE;
}

static enum err number_read(struct bytes *in, ber_tag tag, uint32_t *out)
{
	struct bytes value;
	uint64_t number;

	TRY(rsp_sized_read(in, tag, 4, 4, &value));
	if (!bytes_uint(value, &number))
		return ERR_LENGTH;
	*out = (uint32_t)number;
	return ERR_NONE;
}

static void octet_put(struct room *out, ber_tag tag, uint8_t value)
{
	ber_put(out, tag, (struct bytes){ &value, 1 });
}

static void number_put(struct room *out, ber_tag tag, uint32_t value)
{
	ber_put_header(out, tag, 4);
	room_put_u32(out, value);
}

static enum err status_read(struct bytes *in, struct pairing_status *out)
{
	struct pairing_status status = { 0 };
	struct bytes rest = *in;
	uint8_t proven;

	TRY(octet_read(&rest, TAG_MODE, PAIRING_MODES, &status.mode));
	TRY(octet_read(&rest, TAG_PROVEN, 2, &proven));
	TRY(octet_read(&rest, TAG_LAST, PAIRING_LASTS, &status.last));
	TRY(number_read(&rest, TAG_REFUSED, &status.refused));
	TRY(number_read(&rest, TAG_MISSED, &status.missed));
	TRY(number_read(&rest, TAG_ORDERS, &status.orders));
	TRY(rsp_sized_optional(&rest, TAG_KEY_ID, PAIRING_KEY_ID_SIZE, PAIRING_KEY_ID_SIZE,
	                       &status.key_id));
	status.proven = proven == 1;
	*in = rest;
	*out = status;
	return ERR_NONE;
}

static void status_put(struct room *out, const struct pairing_status *status)
{
	octet_put(out, TAG_MODE, status->mode);
	octet_put(out, TAG_PROVEN, status->proven ? 1 : 0);
	octet_put(out, TAG_LAST, status->last);
	number_put(out, TAG_REFUSED, status->refused);
	number_put(out, TAG_MISSED, status->missed);
	number_put(out, TAG_ORDERS, status->orders);
	rsp_put_optional(out, TAG_KEY_ID, status->key_id);
}

enum err pairing_answer_read(struct bytes in, struct pairing_answer *out)
{
	struct pairing_answer answer = { 0 };
	struct bytes later;

	TRY(rsp_sized_read(&in, TAG_CHALLENGE, PAIRING_CHALLENGE_SIZE, PAIRING_CHALLENGE_SIZE,
	                   &answer.challenge));
	TRY(rsp_sized_read(&in, TAG_EID, EID_SIZE, EID_SIZE, &answer.eid));
	TRY(status_read(&in, &answer.status));
	TRY(rsp_extensions(in, &later));
	*out = answer;
	return ERR_NONE;
}

void pairing_answer_put(struct room *out, const struct pairing_answer *answer)
{
	ber_put(out, TAG_CHALLENGE, answer->challenge);
	ber_put(out, TAG_EID, answer->eid);
	status_put(out, &answer->status);
}

enum err pairing_report_find(struct bytes extensions, struct pairing_status *out)
{
	struct pairing_status status;
	struct bytes value, later;

	TRY(ber_find(extensions, TAG_PAIRING_REPORT, &value));
	TRY(status_read(&value, &status));
	TRY(rsp_extensions(value, &later));
	*out = status;
	return ERR_NONE;
}

void pairing_report_put(struct room *out, const struct pairing_status *status)
{
	size_t mark = ber_open(out, TAG_PAIRING_REPORT);

	status_put(out, status);
	ber_close(out, mark);
}

void pairing_proof_parts(struct bytes challenge, struct bytes eid,
                         struct bytes parts[static PAIRING_PARTS])
{
	parts[0] = BYTES_STR("assay pairing v1");
	parts[1] = challenge;
	parts[2] = eid;
}

enum err pairing_proof_read(struct bytes in, struct bytes *signature)
{
	struct bytes value;

	TRY(rsp_sized_read(&in, TAG_PROOF, EC_SIGNATURE_SIZE, EC_SIGNATURE_SIZE, &value));
	TRY(ber_end(in));
	*signature = value;
	return ERR_NONE;
}

void pairing_proof_put(struct room *out, struct bytes signature)
{
	ber_put(out, TAG_PROOF, signature);
}

void pairing_order_signed_put(struct room *out, const struct pairing_order *order)
{
	size_t mark = ber_open(out, TAG_ORDER);

	ber_put(out, TAG_EID, order->eid);
	octet_put(out, TAG_MODE, order->mode);
	number_put(out, TAG_ORDERS, order->number);
	rsp_put_optional(out, TAG_KEY, order->key);
	ber_close(out, mark);
}

void pairing_order_parts(struct bytes signed_part, struct bytes parts[static PAIRING_ORDER_PARTS])
{
	parts[0] = BYTES_STR("assay pairing order v1");
	parts[1] = signed_part;
}

/* An order is read to the last octet: what a card does not understand it must not carry out. */
enum err pairing_order_read(struct bytes in, struct pairing_order *out)
{
	struct pairing_order order = { 0 };
	struct bytes element, value;

	TRY(ber_read_whole(&in, TAG_ORDER, &order.signed_part));
	TRY(rsp_sized_read(&in, TAG_ORDER_SIGNATURE, EC_SIGNATURE_SIZE, EC_SIGNATURE_SIZE,
	                   &order.signature));
	TRY(ber_end(in));
	element = order.signed_part;
	TRY(ber_read(&element, TAG_ORDER, &value));
	TRY(rsp_sized_read(&value, TAG_EID, EID_SIZE, EID_SIZE, &order.eid));
	TRY(octet_read(&value, TAG_MODE, PAIRING_MODES, &order.mode));
	TRY(number_read(&value, TAG_ORDERS, &order.number));
	TRY(rsp_sized_optional(&value, TAG_KEY, EC_POINT_SIZE, EC_POINT_SIZE, &order.key));
	TRY(ber_end(value));
	*out = order;
	return ERR_NONE;
}

void pairing_order_put(struct room *out, struct bytes signed_part, struct bytes signature)
{
	room_put(out, signed_part);
	ber_put(out, TAG_ORDER_SIGNATURE, signature);
}

enum err pairing_key_id(const uint8_t point[static EC_POINT_SIZE],
                        uint8_t id[static PAIRING_KEY_ID_SIZE])
{
	struct bytes whole = { point, EC_POINT_SIZE };
	uint8_t digest[SHA256_SIZE];

	TRY(crypto_sha256(digest, &whole, 1));
	memcpy(id, digest, PAIRING_KEY_ID_SIZE);
	return ERR_NONE;
}

const char *pairing_mode_name(uint8_t mode)
{
	return mode < PAIRING_MODES ? mode_names[mode] : "unknown";
}

static bool named(struct bytes name, const char *mode)
{
	size_t i = 0;

	while (i < name.len && mode[i] != 0 && name.at[i] == (uint8_t)mode[i])
		i++;
	return i == name.len && mode[i] == 0;
}

enum err pairing_mode_read(struct bytes name, uint8_t *mode)
{
	for (unsigned i = 0; i < PAIRING_MODES; i++) {
		if (named(name, mode_names[i])) {
			*mode = (uint8_t)i;
			return ERR_NONE;
		}
	}
	return ERR_VALUE;
}
