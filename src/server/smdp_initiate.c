/* SPDX-License-Identifier: Apache-2.0 */
/* ES9+.InitiateAuthentication, SGP.22 v2.5 5.6.1. */
#include "server/smdp.h"

#include "rsp/authenticate_server.h"
#include "server/smdp_session.h"

#include <string.h>

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 'a' - 'A') : c;
}

/* 5.6.1: the comparison of addresses is case-insensitive. */
static bool same_address(struct bytes a, struct bytes b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++) {
		if (lower(a.at[i]) != lower(b.at[i]))
			return false;
	}
	return true;
}

/* The first key of a card's list (its preference) that we have; `ours` when it must come with
 * our own certificates. */
static const struct smdp_ci *choose(const struct smdp_ports *ports, struct bytes list, bool ours)
{
	struct bytes id;

	while (ci_pkids_next(&list, &id) == ERR_NONE) {
		for (size_t i = 0; i < ports->ci_count; i++) {
			const struct smdp_ci *ci = &ports->ci[i];
			if (id.len == KEY_ID_SIZE && bytes_same(ci->key_id, id) &&
			    (!ours || (ci->dpauth.len > 0 && ci->dppb.len > 0)))
				return ci;
		}
	}
	return NULL;
}

static enum smdp_status choose_keys(const struct smdp_ports *ports, const struct euicc_info1 *info,
                                    struct initiate_authentication_ok *out)
{
	out->server = choose(ports, info->ci_pkids_for_verification, true);
	if (out->server == NULL)
		return SMDP_CERTIFICATE_UNAVAILABLE;
	/* One key for both ways when the card can sign under it. */
	if (ci_pkids_have(info->ci_pkids_for_signing, out->server->key_id))
		out->root = out->server;
	else
		out->root = choose(ports, info->ci_pkids_for_signing, false);
	return out->root != NULL ? SMDP_OK : SMDP_CI_UNSUPPORTED;
}

static enum smdp_status check_request(const struct smdp_ports *ports,
                                      const struct initiate_authentication *in,
                                      struct initiate_authentication_ok *out)
{
	struct euicc_info1 info;

	if (!same_address(in->smdp_address, ports->address))
		return SMDP_ADDRESS_REFUSED;
	if (in->euicc_challenge.len != RSP_CHALLENGE_SIZE ||
	    euicc_info1_read(in->euicc_info1, &info) != ERR_NONE)
		return SMDP_FORMAT_INVALID;
	/* Version 3 cards speak version 2 with a version 2 server (SGP.22 v3 2.5). */
	if (info.svn.at[0] != 2 && info.svn.at[0] != 3)
		return SMDP_SVN_UNSUPPORTED;
	return choose_keys(ports, &info, out);
}

/* The keeper makes serverSigned1 (5.6.1): the session is what is in it. */
static enum smdp_status open_session(const struct smdp_ports *ports,
                                     const struct initiate_authentication *in,
                                     struct smdp_session *session,
                                     struct initiate_authentication_ok *out)
{
	struct room element = ROOM(out->server_signed1_store);
	struct server_signed1 opened;

	SMDP_TRY(smdp_failure(ports->open(ports->ctx, (uint8_t)(out->server - ports->ci),
	                                  in->euicc_challenge.at, &element,
	                                  out->server_signature1)));
	if (server_signed1_read(room_used(&element), &opened) != ERR_NONE ||
	    opened.transaction_id.len != sizeof session->transaction_id)
		return SMDP_EXECUTION_ERROR;
	out->server_signed1_len = element.len;
	memcpy(session->transaction_id, opened.transaction_id.at, sizeof session->transaction_id);
	memcpy(session->server_challenge, opened.server_challenge.at, RSP_CHALLENGE_SIZE);
	return SMDP_OK;
}

enum smdp_status smdp_initiate_authentication(const struct smdp_ports *ports,
                                              const struct initiate_authentication *in,
                                              struct initiate_authentication_ok *out)
{
	struct smdp_session session = { .state = RSP_INITIATED };
	uint8_t store[SMDP_SESSION_SIZE];
	struct session row;
	struct smdp_change change = { .session = &row };

	SMDP_TRY(check_request(ports, in, out));
	memcpy(session.euicc_challenge, in->euicc_challenge.at, RSP_CHALLENGE_SIZE);
	memcpy(session.root_key_id, out->root->key_id.at, KEY_ID_SIZE);
	memcpy(session.server_key_id, out->server->key_id.at, KEY_ID_SIZE);
	SMDP_TRY(open_session(ports, in, &session, out));
	memcpy(out->transaction_id, session.transaction_id, sizeof out->transaction_id);
	smdp_session_change(&session, ports->now_ms(ports->ctx) + ports->session_ms, store, &row);
	return smdp_failure(ports->commit(ports->ctx, &change));
}
