/* SPDX-License-Identifier: Apache-2.0 */
#include "server/smdp_session.h"

#include <string.h>

static bool take(struct bytes *in, uint8_t *out, size_t n)
{
	struct bytes octets;

	if (!bytes_take(in, n, &octets))
		return false;
	memcpy(out, octets.at, n);
	return true;
}

static enum err read_body(struct bytes in, struct smdp_session *out)
{
	uint8_t head[2], cc;

	if (in.len != SMDP_SESSION_SIZE || !take(&in, head, sizeof head) ||
	    !take(&in, out->root_key_id, KEY_ID_SIZE) ||
	    !take(&in, out->server_key_id, KEY_ID_SIZE) ||
	    !take(&in, out->server_challenge, RSP_CHALLENGE_SIZE) ||
	    !take(&in, out->eid, EID_SIZE) || !take(&in, out->iccid, ICCID_SIZE) ||
	    !take(&in, out->euicc_point, EC_POINT_SIZE) ||
	    !take(&in, out->smdp_signature2, EC_SIGNATURE_SIZE) ||
	    !take(&in, out->order_digest, SHA256_SIZE) || !take(&in, &cc, 1) ||
	    !take(&in, out->euicc_challenge, RSP_CHALLENGE_SIZE) ||
	    !take(&in, out->permit, PERMIT_SIZE))
		return ERR_CORRUPT;
	if (head[0] >= RSP_ENDED || head[1] >= EC_CURVES || cc > 1)
		return ERR_CORRUPT;
	out->state = (enum rsp_state)head[0];
	out->curve = head[1];
	out->cc_required = cc == 1;
	return ERR_NONE;
}

static void put_body(struct room *out, const struct smdp_session *session)
{
	room_put_u8(out, (uint8_t)session->state);
	room_put_u8(out, session->curve);
	room_put(out, BYTES(session->root_key_id));
	room_put(out, BYTES(session->server_key_id));
	room_put(out, BYTES(session->server_challenge));
	room_put(out, BYTES(session->eid));
	room_put(out, BYTES(session->iccid));
	room_put(out, BYTES(session->euicc_point));
	room_put(out, BYTES(session->smdp_signature2));
	room_put(out, BYTES(session->order_digest));
	room_put_u8(out, session->cc_required);
	room_put(out, BYTES(session->euicc_challenge));
	room_put(out, BYTES(session->permit));
}

enum smdp_status smdp_failure(enum err err)
{
	return err == ERR_NONE ? SMDP_OK : SMDP_EXECUTION_ERROR;
}

enum smdp_status smdp_session_load(const struct smdp_ports *ports, struct bytes transaction_id,
                                   enum rsp_event event, struct smdp_session *out)
{
	struct smdp_session value = { .version = 0 };
	struct session row = { .version = 0 };
	enum err err;

	/* Ours have sixteen octets (5.6.1): nothing else can be one. */
	if (transaction_id.len != TRANSACTION_ID_MAX)
		return SMDP_TRANSACTION_UNKNOWN;
	err = ports->session_load(ports->ctx, transaction_id, &row);
	if (err == ERR_NOT_FOUND)
		return SMDP_TRANSACTION_UNKNOWN;
	if (err == ERR_NONE)
		err = read_body(row.body, &value);
	if (err != ERR_NONE)
		return smdp_failure(err);
	value.was = value.state;
	if (row.expires_ms <= ports->now_ms(ports->ctx) ||
	    rsp_move(&value.state, event) != ERR_NONE)
		return SMDP_TRANSACTION_UNKNOWN;
	memcpy(value.transaction_id, transaction_id.at, TRANSACTION_ID_MAX);
	value.version = row.version;
	*out = value;
	return SMDP_OK;
}

struct server_signed1 smdp_session_opened(const struct smdp_ports *ports,
                                          const struct smdp_session *session)
{
	return (struct server_signed1){
		.transaction_id = BYTES(session->transaction_id),
		.euicc_challenge = BYTES(session->euicc_challenge),
		.server_address = ports->address,
		.server_challenge = BYTES(session->server_challenge),
	};
}

void smdp_session_change(const struct smdp_session *session, uint64_t expires_ms,
                         uint8_t store[static SMDP_SESSION_SIZE], struct session *row)
{
	struct room body = { store, SMDP_SESSION_SIZE, 0, false };

	if (session->state != RSP_ENDED)
		put_body(&body, session);
	*row = (struct session){ .transaction_id = BYTES(session->transaction_id),
		                 .version = session->version,
		                 .expires_ms = expires_ms,
		                 .body = room_used(&body) };
}

const struct smdp_ci *smdp_ci_by_key(const struct smdp_ports *ports,
                                     const uint8_t key_id[static KEY_ID_SIZE])
{
	for (size_t i = 0; i < ports->ci_count; i++) {
		if (bytes_same(ports->ci[i].key_id, (struct bytes){ key_id, KEY_ID_SIZE }))
			return &ports->ci[i];
	}
	return NULL;
}

enum err smdp_order_digest(const struct order *order, uint8_t digest[static SHA256_SIZE])
{
	return crypto_sha256(digest, &order->matching_id, 1);
}
