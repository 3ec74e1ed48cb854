/* SPDX-License-Identifier: Apache-2.0 */
#include "server/opening.h"

#include "port/crypto.h"

#include <string.h>

enum { TIME_SIZE = 5, MARK_SIZE = RSP_CHALLENGE_SIZE - TIME_SIZE };

enum err opening_challenge(const struct secret *key, uint64_t now_s,
                           const struct server_signed1 *session,
                           uint8_t out[static RSP_CHALLENGE_SIZE])
{
	const struct bytes parts[] = {
		{out, TIME_SIZE},
		session->transaction_id,
		session->euicc_challenge,
		session->server_address
	};
	uint8_t mac[SHA256_SIZE];

	if (session->transaction_id.len != TRANSACTION_ID_MAX ||
	    session->euicc_challenge.len != RSP_CHALLENGE_SIZE)
		return ERR_LENGTH;
	for (size_t i = 0; i < TIME_SIZE; i++)
		out[i] = (uint8_t)(now_s >> 8 * (TIME_SIZE - 1 - i));
	TRY(crypto_hmac_sha256(mac, key, parts, COUNT(parts)));
	memcpy(out + TIME_SIZE, mac, MARK_SIZE);
	return ERR_NONE;
}

/* Clocks are set back now and then: what was made a moment later than now is fine, too. */
static bool near(uint64_t a, uint64_t b, uint64_t most)
{
	return (a > b ? a - b : b - a) <= most;
}

enum err opening_check(const struct secret *key, struct bytes server_signed1, uint64_t now_s,
                       uint64_t life_s)
{
	uint8_t want[RSP_CHALLENGE_SIZE];
	struct server_signed1 session;
	struct bytes time, rest;
	uint64_t when_s;

	if (server_signed1_read(server_signed1, &session) != ERR_NONE || session.extensions.len > 0)
		return ERR_EXPIRED;
	rest = session.server_challenge;
	if (!bytes_take(&rest, TIME_SIZE, &time) || !bytes_uint(time, &when_s) ||
	    !near(when_s, now_s, life_s) ||
	    opening_challenge(key, when_s, &session, want) != ERR_NONE ||
	    !secret_same(BYTES(want), session.server_challenge))
		return ERR_EXPIRED;
	return ERR_NONE;
}
