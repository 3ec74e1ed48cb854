/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Law: whatever an LPA sends to the ISD-R, in whatever state of a session, each request is answered by a
 * status word, and an answer is one whole element under the request's own tag (or an installation
 * result). What is refused by a status word left the flash as it was. No profile appears without keys,
 * at most one is enabled, and the card can be switched off and on.
 *
 * Input: the state, then requests, each behind its length in two octets.
 */
#include "tests/card/lpa.h"
#include "tests/card/package.h"

#include "fuzz/law.h"

static struct dp_pki pki;
static struct lpa lpa;

/* A card with two profiles, one of them enabled, in each state of a session. */
static struct {
	struct mem_flash flash;
	struct card card;
} bases[ISDR_STATES];

static void keep(enum isdr_state state)
{
	mem_make(&bases[state].flash, LPA_FLASH);
	mem_power(&lpa.flash, -1, 0);
	mem_copy(&bases[state].flash, &lpa.flash);
	bases[state].card = lpa.card;
}

static void install(uint8_t number)
{
	uint8_t iccid[ICCID_SIZE], octets[2048];
	struct room metadata = ROOM(octets);
	struct lpa_result result;
	struct dp dp;

	package_iccid(iccid, number);
	package_metadata(&metadata, iccid, CLASS_OPERATIONAL, 0, true);
	dp_start(&dp, &pki);
	dp_must(lpa_download(&lpa, &dp, room_used(&metadata), package_profile(iccid), &result),
	        "download");
	if (number == 1 && lpa_switch(&lpa, TAG_ENABLE_PROFILE, iccid, false) != RESULT_OK)
		dp_must(ERR_DENIED, "enable");
}

static void make_bases(void)
{
	static uint8_t octets[64 * 1024];
	uint8_t challenge[16], iccid[ICCID_SIZE], metadata_octets[2048];
	struct room bpp = ROOM(octets), metadata = ROOM(metadata_octets);
	struct bpp_segments segments;
	struct bytes segment;
	struct dp dp;

	dp_pki_make(&pki, EC_P256);
	lpa_new(&lpa, &pki, NULL);
	install(1);
	install(2);
	keep(ISDR_IDLE);
	dp_start(&dp, &pki);
	dp_must(lpa_challenge(&lpa, challenge), "challenge");
	keep(ISDR_CHALLENGED);
	dp_must(dp_accept(&dp, lpa_authenticate(&lpa, &dp, BYTES(challenge))), "server");
	keep(ISDR_AUTHENTICATED);
	dp_must(dp_accept_key(&dp, lpa_prepare(&lpa, &dp)), "key");
	keep(ISDR_PREPARED);
	package_iccid(iccid, 3);
	package_metadata(&metadata, iccid, CLASS_OPERATIONAL, 0, true);
	dp_bind(&dp, room_used(&metadata), package_profile(iccid), &bpp);
	dp_must(bpp_segments_start(&segments, room_used(&bpp)), "segments");
	for (unsigned i = 0; i < 5; i++) {
		dp_must(bpp_segments_next(&segments, &segment), "segment");
		lpa_send(&lpa, segment);
	}
	keep(ISDR_LOADING);
}

/* profiles_hold: what must be true of the profiles after anything. */
static void profiles_hold(void)
{
	struct profile_head head;
	unsigned count = 0, enabled = 0;

	for (uint8_t slot = 0; profile_next(&lpa.card, &slot) == ERR_NONE; count++) {
		LAW(profile_head_read(&lpa.card, slot, &head) == ERR_NONE);
		enabled += head.enabled;
	}
	LAW(count <= 2);
	LAW(enabled <= 1);
}

static void one(struct bytes request)
{
	static uint8_t before[LPA_FLASH];
	uint8_t state = lpa.card.isdr.state;
	struct bytes value;
	ber_tag asked = 0, answered;

	memcpy(before, lpa.flash.now, LPA_FLASH);
	struct bytes answer = lpa_send(&lpa, request);
	bool served = lpa.sw == SW_OK || lpa.sw >> 8 == 0x91;
	LAW(served || lpa.sw >> 12 == 6);
	LAW(served || answer.len == 0);
	if (!served && state < ISDR_PREPARED)
		LAW(memcmp(before, lpa.flash.now, LPA_FLASH) == 0);
	if (answer.len > 0) {
		LAW(ber_next(&answer, &answered, &value) == ERR_NONE);
		LAW(answer.len == 0);
		(void)!ber_peek(request, &asked); /* no tag: then nothing may be answered */
		LAW(answered == asked ||
		    (answered == TAG_INSTALLATION_RESULT && state == ISDR_LOADING) ||
		    (answered == TAG_INSTALLATION_RESULT && state == ISDR_PREPARED));
	}
	LAW(lpa.card.isdr.state < ISDR_STATES);
	profiles_hold();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	struct bytes in = { data, size }, head, request;
	uint64_t state, len;

	if (!ready)
		make_bases();
	ready = true;
	if (!bytes_take(&in, 1, &head) || !bytes_uint(head, &state))
		return 0;
	state %= ISDR_STATES;
	mem_copy(&lpa.flash, &bases[state].flash);
	lpa.card = bases[state].card;
	for (unsigned n = 0; n < 8 && bytes_take(&in, 2, &head) && bytes_uint(head, &len); n++) {
		if (!bytes_take(&in, len < in.len ? (size_t)len : in.len, &request))
			break;
		one(request);
	}
	mem_power(&lpa.flash, -1, 0);
	LAW(lpa_on(&lpa) == ERR_NONE);
	profiles_hold();
	return 0;
}
