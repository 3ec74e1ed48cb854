/* SPDX-License-Identifier: Apache-2.0 */
/* PrepareDownload: the server that binds packages is checked, and gets a one-time key (SGP.22 5.7.5). */
#include "card/isdr_parts.h"

#include "card/euicc.h"
#include "rsp/local_management.h"
#include "rsp/prepare_download.h"
#include "vault/record.h"

#include <string.h>

/* The one-time key as it is kept for a retry: curve, private key, public key, OID of the SM-DP+. */
enum {
	KEPT_PRIVATE = 1,
	KEPT_PUBLIC = KEPT_PRIVATE + 32,
	KEPT_OID = KEPT_PUBLIC + EC_POINT_SIZE,
	KEPT_MAX = KEPT_OID + ISDR_OID_MAX,
};

static struct bytes session_oid(const struct isdr_session *session)
{
	return (struct bytes){ session->oid, session->oid_len };
}

/* check_certificate: CERT.DPpb under the CI of the session, and of the same SM-DP+ as CERT.DPauth; 0
 * or a DownloadErrorCode. */
static uint8_t check_certificate(struct card *card, struct bytes der, struct x509 *certificate)
{
	const struct isdr_session *session = &card->isdr.session;
	struct trust_anchor anchor;
	struct bytes oid;
	enum err err = x509_read(der, certificate);

	if (err != ERR_NONE)
		return err == ERR_UNSUPPORTED ? DOWNLOAD_UNSUPPORTED_CURVE
		                              : DOWNLOAD_INVALID_CERTIFICATE;
	if (euicc_anchor(card, session->anchor, &anchor) != ERR_NONE ||
	    cert_check_server(certificate, ROLE_DP_PB, &anchor, CERT_NO_TIME) != ERR_NONE ||
	    x509_registered_id(certificate, &oid) != ERR_NONE ||
	    !bytes_same(oid, session_oid(session)))
		return DOWNLOAD_INVALID_CERTIFICATE;
	return 0;
}

/* smdpSignature2 is over smdpSigned2 and the element euiccSignature1 (SGP.22 5.6.2): so it belongs to
 * this very session. */
static uint8_t check_signature(const struct isdr_session *session, const struct x509 *certificate,
                               const struct prepare_download_request *request)
{
	uint8_t element[3 + EC_SIGNATURE_SIZE];
	struct room room = ROOM(element);

	ber_put(&room, TAG_SIGNATURE, BYTES(session->signature1));
	struct bytes parts[] = { request->smdp_signed2, room_used(&room) };
	return crypto_ecdsa_verify(certificate->curve, certificate->point.at, parts, COUNT(parts),
	                           request->smdp_signature2.at) == ERR_NONE
	               ? 0
	               : DOWNLOAD_INVALID_SIGNATURE;
}

static uint8_t check(struct card *card, const struct prepare_download_request *request,
                     const struct smdp_signed2 *signed2)
{
	struct isdr_session *session = &card->isdr.session;
	struct x509 certificate;
	uint8_t error;

	if (card->isdr.state != ISDR_AUTHENTICATED)
		return DOWNLOAD_NO_SESSION_CONTEXT;
	if (!bytes_same(signed2->transaction_id,
	                (struct bytes){ session->transaction_id, session->transaction_id_len }))
		return DOWNLOAD_INVALID_TRANSACTION_ID;
	error = check_certificate(card, request->smdp_certificate, &certificate);
	if (error == 0)
		error = check_signature(session, &certificate, request);
	if (error != 0)
		return error;
	/* SGP.22 5.7.5: without the hash a confirmation code that is required cannot be right. */
	if (signed2->cc_required && request->hash_cc.at == NULL)
		return DOWNLOAD_UNDEFINED_ERROR;
	session->curve = (uint8_t)certificate.curve;
	memcpy(session->dppb, certificate.point.at, EC_POINT_SIZE);
	return 0;
}

/* same_key tells whether what was kept is the key pair that the SM-DP+ has bound a package to. */
static bool same_key(const struct isdr_session *session, struct bytes kept, struct bytes otpk)
{
	struct bytes public, oid;

	return kept.len >= KEPT_OID && kept.at[0] == session->curve &&
	       bytes_slice(kept, KEPT_PUBLIC, EC_POINT_SIZE, &public) &&
	       bytes_slice(kept, KEPT_OID, kept.len - KEPT_OID, &oid) && bytes_same(public, otpk) &&
	       bytes_same(oid, session_oid(session));
}

static enum err reuse_key(struct card *card, struct bytes otpk)
{
	struct isdr_session *session = &card->isdr.session;
	uint8_t octets[KEPT_MAX];
	struct room kept = ROOM(octets);
	enum err err = record_get(&card->vault, record_key(EUICC_ONE_TIME_KEY, 0), &kept);

	if (err == ERR_NONE && !same_key(session, room_used(&kept), otpk))
		err = ERR_NOT_FOUND;
	if (err == ERR_NONE) {
		memcpy(session->otpk, octets + KEPT_PUBLIC, EC_POINT_SIZE);
		memcpy(session->otsk.at, octets + KEPT_PRIVATE, 32);
		session->otsk.len = 32;
	}
	wipe(octets, sizeof octets);
	return err;
}

/* new_key makes a one-time key and keeps it, so that a bound package can still be installed when the
 * download is taken up again after a power cut. */
static enum err new_key(struct card *card)
{
	struct isdr_session *session = &card->isdr.session;
	uint8_t octets[KEPT_MAX];
	struct room kept = ROOM(octets);

	TRY(crypto_ec_generate((enum ec_curve)session->curve, &session->otsk, session->otpk));
	room_put_u8(&kept, session->curve);
	room_put(&kept, secret_bytes(&session->otsk));
	room_put(&kept, BYTES(session->otpk));
	room_put(&kept, session_oid(session));
	enum err err = vault_begin(&card->vault);
	if (err == ERR_NONE)
		err = record_put(&card->vault, record_key(EUICC_ONE_TIME_KEY, 0), room_used(&kept));
	wipe(octets, sizeof octets);
	return isdr_settle(card, err);
}

static enum err choose_key(struct card *card, struct bytes bpp_otpk)
{
	if (bpp_otpk.at != NULL) {
		enum err err = reuse_key(card, bpp_otpk);
		if (err != ERR_NOT_FOUND)
			return err;
	}
	return new_key(card);
}

/* euiccSignature2 is over euiccSigned2 and the element smdpSignature2 (SGP.22 5.7.5). */
static enum err answer(struct card *card, const struct prepare_download_request *request,
                       const struct smdp_signed2 *smdp, struct room *out)
{
	struct isdr_session *session = &card->isdr.session;
	uint8_t octets[160], element[3 + EC_SIGNATURE_SIZE], signature[EC_SIGNATURE_SIZE];
	struct room signed_part = ROOM(octets), smdp_signature = ROOM(element);
	struct euicc_signed2 signed2 = {
		.transaction_id = smdp->transaction_id,
		.euicc_otpk = BYTES(session->otpk),
		.hash_cc = request->hash_cc,
	};

	euicc_signed2_put(&signed_part, &signed2);
	ber_put(&smdp_signature, TAG_SIGNATURE, request->smdp_signature2);
	struct bytes parts[] = { room_used(&signed_part), room_used(&smdp_signature) };
	TRY(euicc_sign(card, session->credential, parts, COUNT(parts), signature));
	struct prepare_download_response response = {
		.euicc_signed2 = parts[0],
		.euicc_signature2 = BYTES(signature),
	};
	prepare_download_response_put(out, &response);
	return signed_part.full ? ERR_ROOM : ERR_NONE;
}

enum err isdr_prepare_download(struct card *card, struct bytes request, struct room *out)
{
	struct prepare_download_request message;
	struct smdp_signed2 signed2;

	TRY(prepare_download_request_read(request, &message));
	TRY(smdp_signed2_read(message.smdp_signed2, &signed2));
	uint8_t error = check(card, &message, &signed2);
	if (error == 0 && choose_key(card, signed2.bpp_euicc_otpk) == ERR_NONE &&
	    answer(card, &message, &signed2, out) == ERR_NONE) {
		card->isdr.state = ISDR_PREPARED;
		return ERR_NONE;
	}
	out->len = 0;
	if (error == 0)
		error = DOWNLOAD_UNDEFINED_ERROR;
	/* A request that is not for the session under way leaves it alone. */
	if (error != DOWNLOAD_NO_SESSION_CONTEXT && error != DOWNLOAD_INVALID_TRANSACTION_ID)
		isdr_session_end(card);
	struct prepare_download_response refusal = {
		.is_error = true,
		.transaction_id = signed2.transaction_id,
		.error = error,
	};
	prepare_download_response_put(out, &refusal);
	return ERR_NONE;
}
