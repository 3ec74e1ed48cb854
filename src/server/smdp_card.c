/* SPDX-License-Identifier: Apache-2.0 */
#include "server/smdp_card.h"

#include "rsp/cert.h"

#include <string.h>

enum smdp_status smdp_card_read(struct bytes euicc_certificate, struct smdp_card *out)
{
	struct x509 certificate;
	struct smdp_card card;

	if (x509_read(euicc_certificate, &certificate) != ERR_NONE ||
	    cert_eid(&certificate, card.eid) != ERR_NONE)
		return SMDP_EUICC_CERTIFICATE_INVALID;
	card.curve = certificate.curve;
	memcpy(card.point, certificate.point.at, EC_POINT_SIZE);
	*out = card;
	return SMDP_OK;
}

static enum smdp_status check(const struct smdp_card *card, const struct bytes *parts, size_t count,
                              struct bytes signature)
{
	if (signature.len != EC_SIGNATURE_SIZE ||
	    crypto_ecdsa_verify(card->curve, card->point, parts, count, signature.at) != ERR_NONE)
		return SMDP_EUICC_UNVERIFIED;
	return SMDP_OK;
}

enum smdp_status smdp_card_verify(const struct smdp_card *card, struct bytes element,
                                  struct bytes signature)
{
	return check(card, &element, 1, signature);
}

enum smdp_status smdp_card_verify_signed2(const struct smdp_card *card, struct bytes euicc_signed2,
                                          struct bytes smdp_signature2,
                                          struct bytes euicc_signature2)
{
	uint8_t store[3 + EC_SIGNATURE_SIZE];
	struct room ours = ROOM(store);

	ber_put(&ours, TAG_SIGNATURE, smdp_signature2);
	if (ours.full)
		return SMDP_EUICC_UNVERIFIED;
	const struct bytes parts[] = { euicc_signed2, room_used(&ours) };
	return check(card, parts, COUNT(parts), euicc_signature2);
}
