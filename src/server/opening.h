/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the keeper knows a session that it opened, without keeping it: by the serverChallenge of its serverSigned1
 * (SGP.22 v2.5 5.6.1), which is
 *
 *     seconds since 1970 (5) || HMAC-SHA-256 over them, transactionId, euiccChallenge and server address, under a
 *     key of the keeper's own, first 11 octets
 *
 * For all others it is as good as random: who opens a session, a worker that was taken over too, can neither
 * choose nor foresee it, and what a card has signed in one session proves nothing in another (I7).
 */
#ifndef SERVER_OPENING_H
#define SERVER_OPENING_H

#include "base/secret.h"
#include "rsp/authenticate_server.h"

/* opening_challenge makes the challenge of `session`, whose own is not looked at; its transactionId has 16 octets. */
NODISCARD enum err opening_challenge(const struct secret *key, uint64_t now_s,
                                     const struct server_signed1 *session,
                                     uint8_t out[static RSP_CHALLENGE_SIZE]);

/* opening_check reads a serverSigned1: ERR_EXPIRED unless it was made with this key, at most life_s seconds from
 * now_s. */
NODISCARD enum err opening_check(const struct secret *key, struct bytes server_signed1,
                                 uint64_t now_s, uint64_t life_s);

#endif
