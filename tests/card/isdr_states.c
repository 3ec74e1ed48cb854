/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of states and events of an RSP session: every event in every state. What is not lawful is
 * refused and changes nothing; the whole table is compared, so that a new row must be thought about.
 */
#include "rsp/cancel_session.h"
#include "tests/card/lpa.h"
#include "tests/card/package.h"

static struct dp_pki pki;
static struct lpa lpa;
static struct dp dp;
static uint8_t challenge[16], package_octets[64 * 1024];
static struct room package;

static const char *const state_name[ISDR_STATES] = { "idle", "challenged", "authenticated",
	                                             "prepared", "loading" };

/* bring takes a fresh session to that state. */
static void bring(enum isdr_state state)
{
	dp_must(lpa_on(&lpa), "power");
	dp_start(&dp, &pki);
	if (state >= ISDR_CHALLENGED)
		dp_must(lpa_challenge(&lpa, challenge), "challenge");
	if (state >= ISDR_AUTHENTICATED)
		dp_must(dp_accept(&dp, lpa_authenticate(&lpa, &dp, BYTES(challenge))), "server");
	if (state >= ISDR_PREPARED)
		dp_must(dp_accept_key(&dp, lpa_prepare(&lpa, &dp)), "key");
	if (state >= ISDR_LOADING) {
		struct bpp_segments segments;
		struct bytes segment;
		uint8_t metadata_octets[2048], iccid[ICCID_SIZE];
		struct room metadata = ROOM(metadata_octets);
		package_iccid(iccid, 1);
		package_metadata(&metadata, iccid, CLASS_OPERATIONAL, 0, true);
		package.len = 0;
		dp_bind(&dp, room_used(&metadata), package_profile(iccid), &package);
		dp_must(bpp_segments_start(&segments, room_used(&package)), "segments");
		dp_must(bpp_segments_next(&segments, &segment), "segment");
		lpa_send(&lpa, segment);
	}
}

/* Events: each returns 0 when the card accepted, or the code or status word with which it did not. */
static unsigned on_challenge(void)
{
	return lpa_challenge(&lpa, challenge) == ERR_NONE ? 0 : lpa.sw;
}

static unsigned on_authenticate(void)
{
	struct authenticate_server_response response;
	struct dp other;

	dp_start(&other, &pki);
	struct bytes answer = lpa_authenticate(&lpa, &other, BYTES(challenge));
	if (authenticate_server_response_read(answer, &response) != ERR_NONE)
		return lpa.sw;
	return response.is_error ? response.error : 0;
}

static unsigned on_prepare(void)
{
	struct prepare_download_response response;

	if (prepare_download_response_read(lpa_prepare(&lpa, &dp), &response) != ERR_NONE)
		return lpa.sw;
	return response.is_error ? response.error : 0;
}

/* The first segment of a package for this session. */
static unsigned on_package(void)
{
	uint8_t metadata_octets[2048], iccid[ICCID_SIZE], octets[EC_POINT_SIZE];
	struct room metadata = ROOM(metadata_octets);
	struct bpp_segments segments;
	struct bytes segment;
	SECRET scalar = { .len = 0 };

	package_iccid(iccid, 1);
	package_metadata(&metadata, iccid, CLASS_OPERATIONAL, 0, true);
	if (dp.euicc_otpk[0] != 4) { /* no key was given yet: bind to any */
		dp_must(crypto_ec_generate(pki.curve, &scalar, octets), "key");
		memcpy(dp.euicc_otpk, octets, sizeof octets);
	}
	package.len = 0;
	dp_bind(&dp, room_used(&metadata), package_profile(iccid), &package);
	dp_must(bpp_segments_start(&segments, room_used(&package)), "segments");
	dp_must(bpp_segments_next(&segments, &segment), "segment");
	struct bytes answer = lpa_send(&lpa, segment);
	struct lpa_result result;
	if (answer.len > 0 && lpa_result_read(&dp, answer, &result) == ERR_NONE)
		return 100u + result.reason;
	return lpa.sw == SW_OK ? 0 : lpa.sw;
}

/* A segment from the middle of a package, authentic for nobody. */
static unsigned on_segment(void)
{
	struct lpa_result result;
	struct bytes answer =
		lpa_send_hex(&lpa, "A01A8718000102030405060708090A0B0C0D0E0F0001020304050607");

	if (answer.len > 0 && lpa_result_read(&dp, answer, &result) == ERR_NONE)
		return 100u + result.reason;
	return lpa.sw == SW_OK ? 0 : lpa.sw;
}

static unsigned cancel(struct bytes id)
{
	uint8_t octets[64];
	struct room request = ROOM(octets);
	struct cancel_session_request message = { .transaction_id = id,
		                                  .reason = CANCEL_POSTPONED };
	struct cancel_session_response response;
	struct euicc_cancel_session_signed value;
	struct x509 euicc;

	cancel_session_request_put(&request, &message);
	if (cancel_session_response_read(lpa_send(&lpa, room_used(&request)), &response) !=
	    ERR_NONE)
		return lpa.sw;
	if (response.is_error)
		return response.error;
	dp_must(x509_read(pki.euicc.der, &euicc), "certificate");
	dp_must(crypto_ecdsa_verify(pki.curve, euicc.point.at, &response.signed_element, 1,
	                            response.signature.at),
	        "signature of CancelSession");
	dp_must(euicc_cancel_session_signed_read(response.signed_element, &value), "CancelSession");
	return bytes_same(value.transaction_id, id) && value.reason == CANCEL_POSTPONED ? 0 : 999;
}

static unsigned on_cancel(void)
{
	return cancel(BYTES(dp.transaction_id));
}

static unsigned on_cancel_other(void)
{
	return cancel(BYTES_STR("another session"));
}

static unsigned on_list(void)
{
	struct bytes list;
	uint8_t error;

	return profile_info_response_read(lpa_send_hex(&lpa, "BF2D00"), &list, &error) == ERR_NONE
	               ? 0
	               : lpa.sw;
}

static unsigned on_reset(void)
{
	(void)!card_reset(&lpa.card).len;
	lpa_select(&lpa);
	return 0;
}

/* code[s]: 0 accepted, else the refusal; to[s]: the state afterwards. Five states each: idle, challenged,
 * authenticated, prepared, loading. 100 + n is a signed installation result with reason n. */
static const struct {
	const char *event;
	unsigned (*run)(void);
	unsigned code[ISDR_STATES];
	uint8_t to[ISDR_STATES];
} rows[] = {
	{"GetEUICCChallenge",         on_challenge,    { 0, 0, 0, 0, 0 },                       { 1, 1, 1, 1, 1 }},
	{ "AuthenticateServer",       on_authenticate, { 4, 0, 4, 4, 4 },                       { 0, 2, 2, 3, 4 }},
	{ "PrepareDownload",          on_prepare,      { 4, 4, 0, 4, 4 },                       { 0, 1, 3, 3, 4 }},
	{ "LoadBoundProfilePackage",
         on_package,	                           { 0x6985, 0x6985, 0x6985, 0, 107 },
         { 0, 1, 2, 4, 0 }										       },
	{ "a segment",                on_segment,      { 0x6A88, 0x6A88, 0x6A88, 0x6A88, 108 }, { 0, 1, 2, 3, 0 }},
	{ "CancelSession",            on_cancel,       { 5, 5, 0, 0, 0 },                       { 0, 1, 0, 0, 0 }},
	{ "CancelSession of another", on_cancel_other, { 5, 5, 5, 5, 5 },                       { 0, 1, 2, 3, 4 }},
	{ "GetProfilesInfo",          on_list,         { 0, 0, 0, 0, 0 },                       { 0, 1, 2, 3, 4 }},
	{ "reset",		    on_reset,        { 0, 0, 0, 0, 0 },                       { 0, 0, 0, 0, 0 }},
};

int main(void)
{
	package = ROOM(package_octets);
	dp_pki_make(&pki, EC_P256);
	lpa_new(&lpa, &pki, NULL);
	for (size_t i = 0; i < COUNT(rows); i++) {
		for (enum isdr_state s = ISDR_IDLE; s < ISDR_STATES; s++) {
			bring(s);
			unsigned code = rows[i].run();
			uint8_t to = lpa.card.isdr.state;
			ok(code == rows[i].code[s] && to == rows[i].to[s],
			   "%s when %s: %s, then %s (%u)", rows[i].event, state_name[s],
			   rows[i].code[s] == 0 ? "accepted" : "refused", state_name[rows[i].to[s]],
			   code);
			if (to != rows[i].to[s])
				printf("# is %s\n", state_name[to]);
		}
	}
	return done();
}
