/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/appraiser/card.h"

#include "rsp/authenticate_server.h"
#include "rsp/pairing.h"
#include "tests/server/smdp_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct soft_card cards[SIGNER_FOREIGNER + 1];
static struct pair ci;
static struct smdp_card known;

static void must(bool good)
{
	if (good)
		return;
	printf("Bail out! a card for the tests cannot be made\n");
	exit(EXIT_FAILURE);
}

struct smdp_ci card_begin(const uint8_t eid[static EID_SIZE])
{
	static const char stranger[] = "89049032000000000000000000000163";
	char text[2 * EID_SIZE + 1], ours[256], theirs[256];
	struct x509 certificate;
	struct smdp_ci out = { .curve = EC_P256 };

	for (size_t i = 0; i < EID_SIZE; i++)
		snprintf(text + 2 * i, 3, "%02x", eid[i]);
	world_pki(ours, sizeof ours);
	world_pki(theirs, sizeof theirs);
	card_init(&cards[SIGNER_CARD], ours, text, EC_P256);
	card_init(&cards[SIGNER_STRANGER], ours, stranger, EC_P256);
	card_init(&cards[SIGNER_FOREIGNER], theirs, text, EC_P256);
	cards[SIGNER_STRANGER].euicc.len = cards[SIGNER_CARD].euicc.len;
	memcpy(cards[SIGNER_STRANGER].euicc.der, cards[SIGNER_CARD].euicc.der,
	       cards[SIGNER_CARD].euicc.len);
	must(memcmp(cards[SIGNER_CARD].eid, eid, EID_SIZE) == 0);
	pair_load(ours, "CI", EC_P256, &ci);
	out.certificate = (struct bytes){ ci.der, ci.len };
	must(x509_read(out.certificate, &certificate) == ERR_NONE);
	out.key_id = certificate.subject_key_id;
	memcpy(out.point, certificate.point.at, EC_POINT_SIZE);
	must(x509_read((struct bytes){ cards[SIGNER_CARD].euicc.der, cards[SIGNER_CARD].euicc.len },
	               &certificate) == ERR_NONE);
	known = (struct smdp_card){ .curve = EC_P256 };
	memcpy(known.eid, eid, EID_SIZE);
	memcpy(known.point, certificate.point.at, EC_POINT_SIZE);
	return out;
}

const struct smdp_card *card_key(void)
{
	return &known;
}

static void put_info2(const struct said *said, struct room *out)
{
	static const uint8_t version[] = { 2, 3, 0 };
	uint8_t report_octets[64];
	struct room report = ROOM(report_octets);
	struct euicc_info2 info = { .profile_version = BYTES(version),
		                    .svn = BYTES(version),
		                    .firmware_version = BYTES(version),
		                    .ext_card_resource = BYTES_STR(""),
		                    .pp_version = BYTES(version),
		                    .sas_accreditation_number = BYTES_STR("XX-YY") };

	if (said->report.len > 0)
		ber_put(&report, TAG_PAIRING_REPORT, said->report);
	info.extensions = room_used(&report);
	euicc_info2_put(out, &info);
}

static void put_context(const struct said *said, struct room *out)
{
	static const uint8_t tac[] = { 0x35, 0x29, 0x06, 0x11 };
	uint8_t octets[64], imei[8] = { 0 };
	struct room extensions = ROOM(octets);
	struct ctx_params1 params = {
		.matching_id = {(const uint8_t *)said->matching_id, strlen(said->matching_id) },
		.device_info = { .tac = BYTES(tac)                                },
	};

	for (size_t i = 0; i < 16 && said->imei.len == 15; i++)
		imei[i / 2] |= (uint8_t)((i < 15 ? said->imei.at[i] - '0' : 0xF) << i % 2 * 4);
	if (said->imei.len == 15)
		params.device_info.imei = BYTES(imei);
	if (said->digest.len > 0)
		ctx_params1_evidence_put(&extensions, said->digest);
	params.extensions = room_used(&extensions);
	ctx_params1_put(out, &params);
}

void card_says(const struct said *said, struct room *out)
{
	const struct soft_card *card = &cards[said->signer];
	uint8_t info_octets[512], context_octets[256], element_octets[1024];
	uint8_t signature[EC_SIGNATURE_SIZE];
	struct room info = ROOM(info_octets), context = ROOM(context_octets);
	struct room element = ROOM(element_octets);
	struct server_signed1 session;
	struct bytes part;

	must(server_signed1_read(said->session, &session) == ERR_NONE);
	put_info2(said, &info);
	put_context(said, &context);
	euicc_signed1_put(&element,
	                  &(struct euicc_signed1){ .transaction_id = session.transaction_id,
	                                           .server_address = session.server_address,
	                                           .server_challenge = session.server_challenge,
	                                           .euicc_info2 = room_used(&info),
	                                           .ctx_params1 = room_used(&context) });
	part = room_used(&element);
	must(crypto_ecdsa_sign(EC_P256, &card->euicc.key, &part, 1, signature) == ERR_NONE);
	authenticate_server_response_put(
		out, &(struct authenticate_server_response){
			     .euicc_signed1 = part,
			     .euicc_signature1 = BYTES(signature),
			     .euicc_certificate = {card->euicc.der, card->euicc.len},
			     .eum_certificate = { card->eum.der,  card->eum.len  }
        });
	must(!out->full);
}
