/* SPDX-License-Identifier: Apache-2.0 */
/* The beginning and the premature end of an RSP session: GetEUICCChallenge, AuthenticateServer,
 * CancelSession. */
#include "card/isdr_parts.h"

#include "card/euicc.h"
#include "rsp/authenticate_server.h"
#include "rsp/cancel_session.h"
#include "rsp/local_management.h"

#include <string.h>

enum { INFO2_MAX = 640 }; /* EUICCInfo2 with two full lists of key ids */

/* SGP.22 5.7.7: a new challenge ends whatever session there was. */
enum err isdr_get_challenge(struct card *card, struct bytes request, struct room *out)
{
	struct isdr *isdr = &card->isdr;

	TRY(empty_request_read(request, TAG_GET_EUICC_CHALLENGE));
	isdr_session_end(card);
	TRY(crypto_random(isdr->session.challenge, sizeof isdr->session.challenge));
	isdr->state = ISDR_CHALLENGED;
	get_euicc_challenge_response_put(out, BYTES(isdr->session.challenge));
	return ERR_NONE;
}

/* server_role is the role that the certificate claims: SM-DP+ or SM-DS authentication. */
static bool server_role(const struct x509 *certificate, enum cert_role *role)
{
	if (certificate->roles & 1u << ROLE_DP_AUTH)
		*role = ROLE_DP_AUTH;
	else if (certificate->roles & 1u << ROLE_DS_AUTH)
		*role = ROLE_DS_AUTH;
	else
		return false;
	return true;
}

/* check_certificate: SGP.22 5.7.13, the first two verifications; 0 or an AuthenticateErrorCode. */
static uint8_t check_certificate(struct card *card, struct bytes der, struct x509 *certificate)
{
	struct trust_anchor anchor;
	enum cert_role role;
	enum err err = x509_read(der, certificate);

	if (err != ERR_NONE)
		return err == ERR_UNSUPPORTED ? AUTHENTICATE_UNSUPPORTED_CURVE
		                              : AUTHENTICATE_INVALID_CERTIFICATE;
	if (!server_role(certificate, &role))
		return AUTHENTICATE_INVALID_OID;
	if (euicc_anchor_by_key(card, certificate->authority_key_id, &card->isdr.session.anchor) !=
	            ERR_NONE ||
	    euicc_anchor(card, card->isdr.session.anchor, &anchor) != ERR_NONE ||
	    cert_check_server(certificate, role, &anchor, CERT_NO_TIME) != ERR_NONE)
		return AUTHENTICATE_INVALID_CERTIFICATE;
	return 0;
}

/* choose_credential: SGP.22 5.7.13, euiccCiPKIdToBeUsed; an empty one leaves the choice to the eUICC. */
static uint8_t choose_credential(struct card *card, struct bytes wanted,
                                 const struct x509 *certificate)
{
	uint8_t *credential = &card->isdr.session.credential;

	if (wanted.len == 0)
		wanted = certificate->authority_key_id;
	return euicc_credential_by_key(card, wanted, credential) == ERR_NONE
	               ? 0
	               : AUTHENTICATE_CI_PK_UNKNOWN;
}

/* remember keeps what the rest of the session needs. */
static uint8_t remember(struct isdr_session *session, const struct server_signed1 *signed1,
                        const struct x509 *certificate)
{
	struct bytes oid;

	if (x509_registered_id(certificate, &oid) != ERR_NONE || oid.len > ISDR_OID_MAX)
		return AUTHENTICATE_INVALID_CERTIFICATE;
	if (signed1->server_address.len > SERVER_ADDRESS_MAX)
		return AUTHENTICATE_UNDEFINED_ERROR;
	memcpy(session->oid, oid.at, oid.len);
	session->oid_len = (uint8_t)oid.len;
	memcpy(session->address, signed1->server_address.at, signed1->server_address.len);
	session->address_len = (uint8_t)signed1->server_address.len;
	memcpy(session->transaction_id, signed1->transaction_id.at, signed1->transaction_id.len);
	session->transaction_id_len = (uint8_t)signed1->transaction_id.len;
	return 0;
}

/* authenticate makes the verifications of SGP.22 5.7.13 in their order; 0 or an error code. */
static uint8_t authenticate(struct card *card, const struct authenticate_server_request *request,
                            const struct server_signed1 *signed1)
{
	struct isdr_session *session = &card->isdr.session;
	struct x509 certificate;
	uint8_t error;

	if (card->isdr.state != ISDR_CHALLENGED)
		return AUTHENTICATE_NO_SESSION_CONTEXT;
	error = check_certificate(card, request->server_certificate, &certificate);
	if (error != 0)
		return error;
	if (crypto_ecdsa_verify(certificate.curve, certificate.point.at, &request->server_signed1,
	                        1, request->server_signature1.at) != ERR_NONE)
		return AUTHENTICATE_INVALID_SIGNATURE;
	if (!bytes_same(signed1->euicc_challenge, BYTES(session->challenge)))
		return AUTHENTICATE_CHALLENGE_MISMATCH;
	error = choose_credential(card, request->ci_pkid_to_be_used, &certificate);
	return error != 0 ? error : remember(session, signed1, &certificate);
}

/* answer appends euiccSigned1 and euiccSignature1; the certificates follow from flash. */
static enum err answer(struct card *card, const struct server_signed1 *server,
                       struct bytes ctx_params1, struct room *out)
{
	struct isdr_session *session = &card->isdr.session;
	uint8_t octets[INFO2_MAX];
	struct room info2 = ROOM(octets);

	TRY(isdr_put_info2(card, &info2));
	struct euicc_signed1 signed1 = {
		.transaction_id = server->transaction_id,
		.server_address = server->server_address,
		.server_challenge = server->server_challenge,
		.euicc_info2 = room_used(&info2),
		.ctx_params1 = ctx_params1,
	};
	euicc_signed1_put(out, &signed1);
	if (info2.full || out->full)
		return ERR_ROOM;
	struct bytes signed_part = room_used(out);
	TRY(euicc_sign(card, session->credential, &signed_part, 1, session->signature1));
	ber_put(out, TAG_SIGNATURE, BYTES(session->signature1));
	card->isdr.reply.kind = REPLY_AUTHENTICATED;
	card->isdr.reply.credential = session->credential;
	return out->full ? ERR_ROOM : ERR_NONE;
}

enum err isdr_authenticate_server(struct card *card, struct bytes request, struct room *out)
{
	struct authenticate_server_request message;
	struct server_signed1 signed1;

	TRY(authenticate_server_request_read(request, &message));
	TRY(server_signed1_read(message.server_signed1, &signed1));
	uint8_t error = authenticate(card, &message, &signed1);
	if (error == 0) {
		enum err err = answer(card, &signed1, message.ctx_params1, out);
		if (err == ERR_NONE)
			card->isdr.state = ISDR_AUTHENTICATED;
		else
			isdr_session_end(card);
		return err;
	}
	/* What was asked outside of a session does no harm to one that is further on. */
	if (error != AUTHENTICATE_NO_SESSION_CONTEXT)
		isdr_session_end(card);
	struct authenticate_server_response refusal = {
		.is_error = true,
		.transaction_id = signed1.transaction_id,
		.error = error,
	};
	authenticate_server_response_put(out, &refusal);
	return ERR_NONE;
}

static enum err sign_cancellation(struct card *card, const struct cancel_session_request *request,
                                  struct room *out)
{
	struct isdr_session *session = &card->isdr.session;
	uint8_t octets[96], signature[EC_SIGNATURE_SIZE];
	struct room room = ROOM(octets);
	struct euicc_cancel_session_signed value = {
		.transaction_id = request->transaction_id,
		.smdp_oid = {session->oid, session->oid_len},
		.reason = request->reason,
	};

	euicc_cancel_session_signed_put(&room, &value);
	struct bytes signed_part = room_used(&room);
	TRY(euicc_sign(card, session->credential, &signed_part, 1, signature));
	struct cancel_session_response response = {
		.signed_element = signed_part,
		.signature = BYTES(signature),
	};
	cancel_session_response_put(out, &response);
	return ERR_NONE;
}

/* SGP.22 5.7.14: only a session with an authenticated server can be cancelled, by its own id. */
enum err isdr_cancel_session(struct card *card, struct bytes request, struct room *out)
{
	struct isdr_session *session = &card->isdr.session;
	struct cancel_session_request message;

	TRY(cancel_session_request_read(request, &message));
	if (card->isdr.state < ISDR_AUTHENTICATED ||
	    !bytes_same(message.transaction_id,
	                (struct bytes){ session->transaction_id, session->transaction_id_len })) {
		struct cancel_session_response refusal = {
			.is_error = true,
			.error = CANCEL_INVALID_TRANSACTION_ID,
		};
		cancel_session_response_put(out, &refusal);
		return ERR_NONE;
	}
	TRY(sign_cancellation(card, &message, out));
	isdr_session_end(card);
	return ERR_NONE;
}
