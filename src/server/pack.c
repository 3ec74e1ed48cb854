/* SPDX-License-Identifier: Apache-2.0 */
#include "server/pack.h"

#include <string.h>

static const uint32_t absent = 0xFFFFFFFF;

void pack_bytes(struct room *out, struct bytes value)
{
	room_put_u32(out, value.at == NULL ? absent : (uint32_t)value.len);
	if (value.at != NULL)
		room_put(out, value);
}

enum err unpack_u64(struct bytes *in, uint64_t *out)
{
	struct bytes octets;

	if (!bytes_take(in, 8, &octets) || !bytes_uint(octets, out))
		return ERR_TRUNCATED;
	return ERR_NONE;
}

enum err unpack_bytes(struct bytes *in, struct bytes *out)
{
	struct bytes rest = *in, head, value = { NULL, 0 };
	uint64_t len;

	if (!bytes_take(&rest, 4, &head) || !bytes_uint(head, &len))
		return ERR_TRUNCATED;
	if (len != absent && !bytes_take(&rest, (size_t)len, &value))
		return ERR_TRUNCATED;
	*in = rest;
	*out = value;
	return ERR_NONE;
}

enum err unpack_exact(struct bytes *in, uint8_t *out, size_t n)
{
	struct bytes rest = *in, value;

	TRY(unpack_bytes(&rest, &value));
	if (value.len != n)
		return ERR_LENGTH;
	memcpy(out, value.at, n);
	*in = rest;
	return ERR_NONE;
}

static enum err unpack_u32(struct bytes *in, uint32_t *out)
{
	uint64_t wide;

	TRY(unpack_u64(in, &wide));
	if (wide > UINT32_MAX)
		return ERR_VALUE;
	*out = (uint32_t)wide;
	return ERR_NONE;
}

void pack_order(struct room *out, const struct order *order)
{
	room_put_u64(out, order->version);
	pack_bytes(out, BYTES(order->iccid));
	room_put_u64(out, order->state);
	room_put_u64(out, order->confirmations_left);
	room_put_u64(out, order->downloads_left);
	room_put_u64(out, order->expires_ms);
	pack_bytes(out, order->operator_name);
	pack_bytes(out, order->profile_type);
	pack_bytes(out, order->imsi);
	pack_bytes(out, order->metadata);
	pack_bytes(out, order->matching_id);
	pack_bytes(out, order->eid);
	pack_bytes(out, order->confirmation);
	pack_bytes(out, order->smds_address);
	pack_bytes(out, order->sealed_ppk);
	pack_bytes(out, order->bound_eid);
	pack_bytes(out, order->bound_transaction);
	pack_bytes(out, order->euicc_otpk);
	pack_bytes(out, order->sealed_otsk);
}

enum err unpack_order(struct bytes *in, struct order *out)
{
	struct bytes rest = *in;
	struct order read = { .version = 0 };
	uint32_t state;

	TRY(unpack_u64(&rest, &read.version));
	TRY(unpack_exact(&rest, read.iccid, ICCID_SIZE));
	TRY(unpack_u32(&rest, &state));
	if (state >= PROFILE_STATES)
		return ERR_VALUE;
	read.state = (enum profile_state)state;
	TRY(unpack_u32(&rest, &read.confirmations_left));
	TRY(unpack_u32(&rest, &read.downloads_left));
	TRY(unpack_u64(&rest, &read.expires_ms));
	TRY(unpack_bytes(&rest, &read.operator_name));
	TRY(unpack_bytes(&rest, &read.profile_type));
	TRY(unpack_bytes(&rest, &read.imsi));
	TRY(unpack_bytes(&rest, &read.metadata));
	TRY(unpack_bytes(&rest, &read.matching_id));
	TRY(unpack_bytes(&rest, &read.eid));
	TRY(unpack_bytes(&rest, &read.confirmation));
	TRY(unpack_bytes(&rest, &read.smds_address));
	TRY(unpack_bytes(&rest, &read.sealed_ppk));
	TRY(unpack_bytes(&rest, &read.bound_eid));
	TRY(unpack_bytes(&rest, &read.bound_transaction));
	TRY(unpack_bytes(&rest, &read.euicc_otpk));
	TRY(unpack_bytes(&rest, &read.sealed_otsk));
	*in = rest;
	*out = read;
	return ERR_NONE;
}

enum err unpack_order_row(struct bytes *in, struct order *out)
{
	struct bytes rest = *in;
	uint64_t version;

	TRY(unpack_u64(&rest, &version));
	TRY(unpack_order(&rest, out));
	out->version = version;
	*in = rest;
	return ERR_NONE;
}

void pack_session(struct room *out, const struct session *session)
{
	pack_bytes(out, session->transaction_id);
	room_put_u64(out, session->version);
	room_put_u64(out, session->expires_ms);
	pack_bytes(out, session->body);
}

enum err unpack_session(struct bytes *in, struct session *out)
{
	struct bytes rest = *in;
	struct session read;

	TRY(unpack_bytes(&rest, &read.transaction_id));
	TRY(unpack_u64(&rest, &read.version));
	TRY(unpack_u64(&rest, &read.expires_ms));
	TRY(unpack_bytes(&rest, &read.body));
	*in = rest;
	*out = read;
	return ERR_NONE;
}

void pack_audit(struct room *out, const struct audit *audit)
{
	pack_bytes(out, audit->event);
	pack_bytes(out, audit->iccid);
	pack_bytes(out, audit->eid);
	pack_bytes(out, audit->detail);
	pack_bytes(out, audit->evidence);
	pack_bytes(out, audit->policy);
	pack_bytes(out, audit->result);
}

enum err unpack_audit(struct bytes *in, struct audit *out)
{
	struct bytes rest = *in;
	struct audit read;

	TRY(unpack_bytes(&rest, &read.event));
	TRY(unpack_bytes(&rest, &read.iccid));
	TRY(unpack_bytes(&rest, &read.eid));
	TRY(unpack_bytes(&rest, &read.detail));
	TRY(unpack_bytes(&rest, &read.evidence));
	TRY(unpack_bytes(&rest, &read.policy));
	TRY(unpack_bytes(&rest, &read.result));
	*in = rest;
	*out = read;
	return ERR_NONE;
}

void pack_callback(struct room *out, const struct callback *callback)
{
	pack_bytes(out, callback->operator_name);
	pack_bytes(out, callback->function);
	pack_bytes(out, callback->body);
}

enum err unpack_callback(struct bytes *in, struct callback *out)
{
	struct bytes rest = *in;
	struct callback read;

	TRY(unpack_bytes(&rest, &read.operator_name));
	TRY(unpack_bytes(&rest, &read.function));
	TRY(unpack_bytes(&rest, &read.body));
	*in = rest;
	*out = read;
	return ERR_NONE;
}

void pack_subscription(struct room *out, const struct subscription *subscription)
{
	pack_bytes(out, subscription->imsi);
	pack_bytes(out, BYTES(subscription->iccid));
	pack_bytes(out, subscription->sealed);
	room_put_u64(out, subscription->barred ? 1 : 0);
}

enum err unpack_subscription(struct bytes *in, struct subscription *out)
{
	struct bytes rest = *in;
	struct subscription read;
	uint64_t barred;

	TRY(unpack_bytes(&rest, &read.imsi));
	TRY(unpack_exact(&rest, read.iccid, ICCID_SIZE));
	TRY(unpack_bytes(&rest, &read.sealed));
	TRY(unpack_u64(&rest, &barred));
	if (barred > 1)
		return ERR_VALUE;
	read.barred = barred == 1;
	*in = rest;
	*out = read;
	return ERR_NONE;
}
