/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An LPA for tests: a card over a flash in memory, driven by whole APDUs only, as a device drives it.
 */
#ifndef TESTS_CARD_LPA_H
#define TESTS_CARD_LPA_H

#include "card/card.h"
#include "card/euicc.h"
#include "rsp/local_management.h"
#include "rsp/notification.h"
#include "rsp/profile_info.h"
#include "tests/card/dp.h"
#include "tests/flash.h"

enum { LPA_FLASH = 512 * 1024, LPA_ANSWER = 64 * 1024 };

struct lpa {
	struct mem_flash flash;
	struct card card;
	uint8_t answer[LPA_ANSWER];
	size_t answer_len;
	uint16_t sw;
	unsigned apdus;
};

/* lpa_apdu sends one command; data of the reply is appended to the answer. */
UNUSED static void lpa_apdu(struct lpa *lpa, struct bytes command)
{
	uint8_t octets[APDU_REPLY_MAX];
	struct room reply = ROOM(octets);

	lpa->apdus++;
	card_run(&lpa->card, command, &reply);
	if (reply.full || reply.len < 2) {
		printf("Bail out! a command was not answered\n");
		exit(EXIT_FAILURE);
	}
	memcpy(lpa->answer + lpa->answer_len, octets, reply.len - 2);
	lpa->answer_len += reply.len - 2;
	lpa->sw = (uint16_t)(octets[reply.len - 2] << 8 | octets[reply.len - 1]);
}

UNUSED static void lpa_collect(struct lpa *lpa)
{
	while (lpa->sw >> 8 == 0x61 && lpa->answer_len < LPA_ANSWER - 256) {
		uint8_t get[] = { 0x00, 0xC0, 0x00, 0x00, (uint8_t)lpa->sw };
		lpa_apdu(lpa, BYTES(get));
	}
}

UNUSED static void lpa_select(struct lpa *lpa)
{
	uint8_t select[5 + AID_MAX] = { 0x00, 0xA4, 0x04, 0x00, AID_MAX };

	memcpy(select + 5, isdr_aid, AID_MAX);
	lpa->answer_len = 0;
	lpa_apdu(lpa, BYTES(select));
	lpa_collect(lpa);
}

/* lpa_on switches the card on and selects the ISD-R. */
UNUSED static enum err lpa_on(struct lpa *lpa)
{
	struct card_ports ports = { mem_port(&lpa->flash), NULL };

	TRY(card_init(&lpa->card, &ports));
	(void)!card_reset(&lpa->card).len;
	lpa_select(lpa);
	return ERR_NONE;
}

/* lpa_send sends a request in STORE DATA blocks and fetches the whole answer. */
UNUSED static struct bytes lpa_send(struct lpa *lpa, struct bytes request)
{
	uint8_t block[5 + 255] = { 0x80, 0xE2 };
	uint8_t number = 0;

	lpa->answer_len = 0;
	do {
		size_t n = request.len < 255 ? request.len : 255;
		block[2] = request.len <= 255 ? 0x91 : 0x11;
		block[3] = number++;
		block[4] = (uint8_t)n;
		if (n > 0)
			memcpy(block + 5, request.at, n);
		lpa_apdu(lpa, (struct bytes){ block, 5 + n });
		request = (struct bytes){ request.at + n, request.len - n };
	} while (request.len > 0 && lpa->sw == 0x9000);
	lpa_collect(lpa);
	return (struct bytes){ lpa->answer, lpa->answer_len };
}

UNUSED static struct bytes lpa_send_hex(struct lpa *lpa, const char *hex)
{
	uint8_t octets[512];

	return lpa_send(lpa, unhex(hex, octets, sizeof octets));
}

UNUSED static void lpa_credential(struct euicc_personalisation *data, const struct dp_pki *pki)
{
	struct euicc_credential *credential = &data->credentials[data->credential_count++];

	credential->key = pki->euicc.key;
	credential->curve = pki->curve;
	credential->certificate = pki->euicc.der;
	credential->eum_certificate = pki->eum.der;
	data->anchors[data->anchor_count++] = pki->anchor;
}

/* lpa_new_paired makes a card with both curves and a pairing. */
UNUSED static void lpa_new_paired(struct lpa *lpa, const struct dp_pki *nist,
                                  const struct dp_pki *brp,
                                  const struct pairing_settings *pairing)
{
	struct euicc_personalisation data = { .default_dp = BYTES_STR("default.example.com") };
	struct authorisation_rule rule = { .pprs = PPR1_NO_DISABLE | PPR2_NO_DELETE };
	uint8_t eid[] = DP_EID, rat_octets[64],
		operators[] = { 0x30, 0x05, 0x80, 0x03, 0x62, 0xF2, 0x24 };
	struct room rat = ROOM(rat_octets);
	struct card_ports ports;

	mem_make(&lpa->flash, LPA_FLASH);
	ports = (struct card_ports){ mem_port(&lpa->flash), NULL };
	dp_must(rsp_eid_read((struct bytes){ eid, 32 }, data.eid), "EID");
	lpa_credential(&data, nist);
	if (brp != NULL)
		lpa_credential(&data, brp);
	rule.allowed_operators = BYTES(operators);
	authorisation_rule_put(&rat, &rule);
	data.rat = room_used(&rat);
	data.root_ds = BYTES_STR("ds.example.com");
	data.sas_accreditation_number = BYTES_STR("TEST");
	data.pairing = *pairing;
	dp_must(card_format(&lpa->card, &ports), "formatting");
	dp_must(euicc_personalise(&lpa->card, &data), "personalisation");
	dp_must(lpa_on(lpa), "power");
}

UNUSED static void lpa_new(struct lpa *lpa, const struct dp_pki *nist, const struct dp_pki *brp)
{
	const struct pairing_settings none = { .mode = PAIRING_OFF };

	lpa_new_paired(lpa, nist, brp, &none);
}

/* --- a download, step by step --- */

UNUSED static enum err lpa_challenge(struct lpa *lpa, uint8_t challenge[static 16])
{
	struct bytes value;

	TRY(get_euicc_challenge_response_read(lpa_send_hex(lpa, "BF2E00"), &value));
	memcpy(challenge, value.at, 16);
	return ERR_NONE;
}

UNUSED static struct bytes lpa_authenticate(struct lpa *lpa, struct dp *dp, struct bytes challenge)
{
	uint8_t octets[2048];
	struct room request = ROOM(octets);

	dp_authenticate(dp, challenge, &request);
	return lpa_send(lpa, room_used(&request));
}

UNUSED static struct bytes lpa_prepare(struct lpa *lpa, struct dp *dp)
{
	uint8_t octets[2048];
	struct room request = ROOM(octets);

	dp_prepare(dp, &request);
	return lpa_send(lpa, room_used(&request));
}

/* lpa_load sends a package segment by segment, until the card has something to say. */
UNUSED static struct bytes lpa_load(struct lpa *lpa, struct bytes bpp)
{
	struct bpp_segments segments;
	struct bytes segment, answer = { NULL, 0 };

	dp_must(bpp_segments_start(&segments, bpp), "segments");
	while (answer.len == 0 && bpp_segments_next(&segments, &segment) == ERR_NONE) {
		answer = lpa_send(lpa, segment);
		if (lpa->sw != 0x9000)
			break;
	}
	return answer;
}

/* lpa_session goes as far as a prepared download. */
UNUSED static enum err lpa_session(struct lpa *lpa, struct dp *dp)
{
	uint8_t challenge[16];

	TRY(lpa_challenge(lpa, challenge));
	TRY(dp_accept(dp, lpa_authenticate(lpa, dp, BYTES(challenge))));
	return dp_accept_key(dp, lpa_prepare(lpa, dp));
}

/* What came out of an installation. */
struct lpa_result {
	bool success;
	uint8_t command, reason;
	uint32_t sequence;
};

/* lpa_result_read checks the signature of a ProfileInstallationResult and reads it. */
UNUSED static enum err lpa_result_read(const struct dp *dp, struct bytes answer,
                                       struct lpa_result *out)
{
	struct installation_result result;
	struct installation_result_data data;
	struct x509 euicc;

	TRY(installation_result_read(answer, &result));
	TRY(x509_read(dp->pki->euicc.der, &euicc));
	TRY(crypto_ecdsa_verify(euicc.curve, euicc.point.at, &result.data, 1, result.signature.at));
	TRY(installation_result_data_read(result.data, &data));
	if (!bytes_same(data.transaction_id, BYTES(dp->transaction_id)))
		return ERR_VALUE;
	*out = (struct lpa_result){ data.success, data.command, data.reason,
		                    data.notification.seq_number };
	return ERR_NONE;
}

/* lpa_download does the whole of it. */
UNUSED static enum err lpa_download(struct lpa *lpa, struct dp *dp, struct bytes metadata,
                                    struct bytes profile, struct lpa_result *result)
{
	struct room bpp = { malloc(256 * 1024), 256 * 1024, 0, false };
	enum err err = lpa_session(lpa, dp);

	if (err == ERR_NONE) {
		dp_bind(dp, metadata, profile, &bpp);
		err = lpa_result_read(dp, lpa_load(lpa, room_used(&bpp)), result);
	}
	free(bpp.at);
	return err;
}

/* --- questions to the card --- */

/* lpa_profile gives the state of the profile of that ICCID: 0, 1, or -1 when it is not there. */
UNUSED static int lpa_profile(struct lpa *lpa, const uint8_t iccid[static ICCID_SIZE])
{
	uint8_t octets[64], error;
	struct room request = ROOM(octets);
	struct profile_info_request ask = {
		.search = TAG_ICCID,
		.wanted = {iccid, ICCID_SIZE},
	};
	struct profile_info info;
	struct bytes list, element;

	profile_info_request_put(&request, &ask);
	dp_must(profile_info_response_read(lpa_send(lpa, room_used(&request)), &list, &error),
	        "list");
	if (list.len == 0)
		return -1;
	dp_must(ber_read_whole(&list, TAG_PROFILE_INFO, &element), "ProfileInfo");
	dp_must(profile_info_read(element, &info), "ProfileInfo");
	return info.state;
}

/* lpa_number sends a request that is answered by one number. */
UNUSED static int lpa_number(struct lpa *lpa, ber_tag tag, struct bytes request)
{
	uint8_t result;

	if (rsp_result_read(lpa_send(lpa, request), tag, &result) != ERR_NONE)
		return -1;
	return result;
}

UNUSED static int lpa_switch(struct lpa *lpa, ber_tag tag, const uint8_t iccid[static ICCID_SIZE],
                             bool refresh)
{
	uint8_t octets[64];
	struct room request = ROOM(octets);
	struct switch_profile message = { { .iccid = { iccid, ICCID_SIZE } }, refresh };

	switch_profile_put(&request, tag, &message);
	return lpa_number(lpa, tag, room_used(&request));
}

UNUSED static int lpa_delete(struct lpa *lpa, const uint8_t iccid[static ICCID_SIZE])
{
	uint8_t octets[64];
	struct room request = ROOM(octets);
	struct profile_identifier message = {
		.iccid = {iccid, ICCID_SIZE}
	};

	delete_profile_put(&request, &message);
	return lpa_number(lpa, TAG_DELETE_PROFILE, room_used(&request));
}

/* lpa_notifications counts the pending notifications, and in *last gives the last one's number. */
UNUSED static unsigned lpa_notifications(struct lpa *lpa, uint32_t events, uint32_t *last)
{
	uint8_t octets[16];
	struct room request = ROOM(octets);
	struct notification_metadata metadata;
	struct bytes list, element;
	unsigned count = 0;

	list_notification_request_put(&request, events);
	dp_must(list_notification_response_read(lpa_send(lpa, room_used(&request)), &list), "list");
	for (; list.len > 0; count++) {
		dp_must(ber_read_whole(&list, TAG_NOTIFICATION_METADATA, &element), "BF2F");
		dp_must(notification_metadata_read(element, &metadata), "metadata");
		*last = metadata.seq_number;
	}
	return count;
}

#endif
