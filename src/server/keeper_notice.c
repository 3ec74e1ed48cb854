/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper's request for the caller: signatures under what operators are told of their machines (R9). */
#include "server/event.h"
#include "server/keeper_state.h"
#include "server/pack.h"

#include "codec/base64.h"
#include "codec/hex.h"

#include <string.h>

enum { HEADER_MAX = 128, INPUT_MAX = 4 * (HEADER_MAX + EVENT_JSON_MAX) / 3 + 16 };

/* Whatever is signed begins as an event does: the key is no oracle for other things. */
static bool is_event(struct bytes body)
{
	static const char begins[] = "{\"number\":";

	return body.len > sizeof begins && body.len <= EVENT_JSON_MAX &&
	       memcmp(body.at, begins, sizeof begins - 1) == 0;
}

static enum err put_header(const struct keeper_state *state, struct room *out)
{
	uint8_t octets[HEADER_MAX], id[KEEPER_KEY_ID_SIZE];
	struct room header = ROOM(octets);

	TRY(keeper_key_id(state->notice_point, id));
	room_put(&header, BYTES_STR("{\"alg\":\"ES256\",\"kid\":\""));
	hex_put(&header, BYTES(id));
	room_put(&header, BYTES_STR("\"}"));
	base64url_put(out, room_used(&header));
	return ERR_NONE;
}

enum err keeper_do_notice_sign(struct keeper_state *state, struct bytes in, struct room *out)
{
	uint8_t octets[INPUT_MAX], signature[EC_SIGNATURE_SIZE];
	struct room input = ROOM(octets);
	struct bytes part;

	if (!state->has_notice)
		return ERR_NOT_FOUND;
	if (!is_event(in))
		return ERR_VALUE;
	TRY(put_header(state, &input));
	room_put(out, room_used(&input));
	room_put_u8(&input, '.');
	base64url_put(&input, in);
	if (input.full)
		return ERR_LIMIT;
	part = room_used(&input);
	TRY(crypto_ecdsa_sign(EC_P256, &state->notice, &part, 1, signature));
	room_put(out, BYTES_STR("..")); /* RFC 7515 appendix F: the payload is what was posted */
	base64url_put(out, BYTES(signature));
	return ERR_NONE;
}
