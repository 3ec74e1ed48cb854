/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of commands and states of a pairing: what a card refuses to a machine that has not proved
 * itself, and what it does not (R1a, R1c, R12). A refusal is 6985 and changes nothing but a count; every
 * other cell works as on a card that was never paired. The whole table is compared, so that a new
 * command must be thought about.
 */
#include "tests/card/pairing.h"
#include "aka/aka.h"
#include "rsp/cancel_session.h"
#include "tests/card/package.h"

static struct dp_pki pki;
static struct lpa lpa;
static struct dp dp;
static struct machine machine, authority;
static struct mem_flash base[PAIRING_MODES + 1], compare;
static uint8_t challenge[16], package_octets[64 * 1024];
static struct room package = { package_octets, sizeof package_octets, 0, false };
static struct bpp_segments segments;

static void install(uint8_t number)
{
	uint8_t iccid[ICCID_SIZE], octets[2048];
	struct room metadata = ROOM(octets);
	struct lpa_result result = { 0 };

	package_iccid(iccid, number);
	package_metadata(&metadata, iccid, CLASS_OPERATIONAL, 0, true);
	dp_start(&dp, &pki);
	dp_must(lpa_download(&lpa, &dp, room_used(&metadata), package_profile(iccid), &result),
	        "download");
}

static int turn(ber_tag tag, uint8_t number)
{
	uint8_t iccid[ICCID_SIZE];

	package_iccid(iccid, number);
	return lpa_switch(&lpa, tag, iccid, false);
}

/* A card with two profiles, the first enabled, in each mode; the last of them was never paired. */
static void make_base(unsigned which)
{
	struct pairing_settings settings = { .mode = PAIRING_OFF };

	if (which < PAIRING_MODES)
		settings = machine_pairs(&machine, (uint8_t)which, &authority);
	lpa_new_paired(&lpa, &pki, NULL, &settings);
	if (which != PAIRING_OFF && which < PAIRING_MODES)
		dp_must(machine_proves(&lpa, &machine) == SW_OK ? ERR_NONE : ERR_DENIED, "proof");
	install(1);
	install(2);
	if (turn(TAG_ENABLE_PROFILE, 1) != RESULT_OK)
		dp_must(ERR_DENIED, "enable");
	mem_power(&lpa.flash, -1, 0);
	base[which] = lpa.flash;
}

/* --- what must have gone before -------------------------------------------------------------- */

static void nothing(void)
{
}

static void challenged(void)
{
	dp_start(&dp, &pki);
	dp_must(lpa_challenge(&lpa, challenge), "challenge");
}

static void authenticated(void)
{
	challenged();
	dp_must(dp_accept(&dp, lpa_authenticate(&lpa, &dp, BYTES(challenge))), "server");
}

static void prepared(void)
{
	uint8_t iccid[ICCID_SIZE], octets[2048];
	struct room metadata = ROOM(octets);

	authenticated();
	dp_must(dp_accept_key(&dp, lpa_prepare(&lpa, &dp)), "key");
	package_iccid(iccid, 3);
	package_metadata(&metadata, iccid, CLASS_OPERATIONAL, 0, true);
	package.len = 0;
	dp_bind(&dp, room_used(&metadata), package_profile(iccid), &package);
	dp_must(bpp_segments_start(&segments, room_used(&package)), "segments");
}

static bool segment(void)
{
	struct bytes next;

	dp_must(bpp_segments_next(&segments, &next), "segment");
	lpa_send(&lpa, next);
	return lpa.sw == SW_OK;
}

static void loading(void)
{
	prepared();
	if (!segment())
		dp_must(ERR_DENIED, "first segment");
}

static void apdu_hex(const char *hex)
{
	uint8_t octets[300];

	lpa.answer_len = 0;
	lpa_apdu(&lpa, unhex(hex, octets, sizeof octets));
}

static void in_usim(void)
{
	apdu_hex("00A4040C07A0000000871002");
	if (lpa.sw != SW_OK)
		dp_must(ERR_DENIED, "USIM");
}

static void in_isim(void)
{
	apdu_hex("00A4040C07A0000000871004");
	if (lpa.sw != SW_OK)
		dp_must(ERR_DENIED, "ISIM");
}

/* --- commands: true when the card did it ----------------------------------------------------- */

static bool authenticate_server(void)
{
	struct authenticate_server_response response;

	return authenticate_server_response_read(lpa_authenticate(&lpa, &dp, BYTES(challenge)),
	                                         &response) == ERR_NONE &&
	       !response.is_error;
}

static bool prepare_download(void)
{
	struct prepare_download_response response;

	return prepare_download_response_read(lpa_prepare(&lpa, &dp), &response) == ERR_NONE &&
	       !response.is_error;
}

static bool cancel(void)
{
	uint8_t octets[64];
	struct room request = ROOM(octets);
	struct cancel_session_request message = { .transaction_id = BYTES(dp.transaction_id),
		                                  .reason = CANCEL_POSTPONED };
	struct cancel_session_response response;

	cancel_session_request_put(&request, &message);
	return cancel_session_response_read(lpa_send(&lpa, room_used(&request)), &response) ==
	               ERR_NONE &&
	       !response.is_error;
}

static bool enable(void)
{
	return turn(TAG_ENABLE_PROFILE, 2) == RESULT_OK;
}

static bool disable(void)
{
	return turn(TAG_DISABLE_PROFILE, 1) == RESULT_OK;
}

static bool erase(void)
{
	uint8_t iccid[ICCID_SIZE];

	package_iccid(iccid, 2);
	return lpa_delete(&lpa, iccid) == RESULT_OK;
}

static bool memory_reset(void)
{
	uint8_t octets[16];
	struct room request = ROOM(octets);

	memory_reset_put(&request, RESET_OPERATIONAL_PROFILES | RESET_DEFAULT_DP_ADDRESS);
	return lpa_number(&lpa, TAG_EUICC_MEMORY_RESET, room_used(&request)) == RESULT_OK;
}

static bool set_nickname(void)
{
	uint8_t octets[64], iccid[ICCID_SIZE];
	struct room request = ROOM(octets);
	struct set_nickname message = { .iccid = BYTES(iccid), .nickname = BYTES_STR("mine") };

	package_iccid(iccid, 1);
	set_nickname_put(&request, &message);
	return lpa_number(&lpa, TAG_SET_NICKNAME, room_used(&request)) == RESULT_OK;
}

static bool set_default_address(void)
{
	uint8_t octets[64];
	struct room request = ROOM(octets);

	set_default_dp_address_put(&request, BYTES_STR("other.example.com"));
	return lpa_number(&lpa, TAG_SET_DEFAULT_DP_ADDRESS, room_used(&request)) == RESULT_OK;
}

static bool notification_sent(void)
{
	uint8_t octets[16];
	struct room request = ROOM(octets);

	notification_sent_request_put(&request, 1);
	return lpa_number(&lpa, TAG_NOTIFICATION_SENT, room_used(&request)) == RESULT_OK;
}

/* A fresh vector, as the home network makes it. */
static bool authenticate_3g(void)
{
	uint8_t octets[64];
	struct room command = ROOM(octets);
	struct aka_subscriber who;
	struct aka_request request = { .who = &who, .sqn = sqn_make(9, 1) };
	struct aka_vector vector;

	aka_subscriber_init(&who, AKA_MILENAGE);
	who.k = (struct secret){ PACKAGE_K, 16 };
	who.opc = (struct secret){
		{0xCD, 0x63},
                16
	};
	dp_must(aka_vector_make(&request, &vector), "vector");
	room_put(&command, BYTES_STR("\x00\x88\x00\x81\x22\x10"));
	room_put(&command, BYTES(vector.rand));
	room_put_u8(&command, 0x10);
	room_put(&command, (struct bytes){ vector.autn, 16 });
	lpa.answer_len = 0;
	lpa_apdu(&lpa, room_used(&command));
	lpa_collect(&lpa);
	return lpa.sw == SW_OK && lpa.answer_len > 10 && lpa.answer[0] == 0xDB &&
	       memcmp(lpa.answer + 2, vector.xres, 8) == 0;
}

static bool authenticate_gsm(void)
{
	apdu_hex("00880080111044444444444444444444444444444444");
	lpa_collect(&lpa);
	return lpa.sw == SW_OK && lpa.answer_len == 14;
}

static bool answers(const char *hex)
{
	return lpa_send_hex(&lpa, hex).len > 0 && lpa.sw == SW_OK;
}

static bool get_challenge(void)
{
	return answers("BF2E00");
}

static bool get_info1(void)
{
	return answers("BF2000");
}

static bool get_info2(void)
{
	return answers("BF2200");
}

static bool get_eid(void)
{
	return answers("BF3E035C015A");
}

static bool profiles_info(void)
{
	return answers("BF2D00");
}

static bool list_notifications(void)
{
	return answers("BF2800");
}

static bool retrieve_notifications(void)
{
	return answers("BF2B00");
}

static bool addresses(void)
{
	return answers("BF3C00");
}

static bool rules(void)
{
	return answers("BF4300");
}

static bool read_imsi(void)
{
	apdu_hex("00A4000C026F07");
	apdu_hex("00B0000009");
	return lpa.sw == SW_OK;
}

static bool terminal_profile(void)
{
	apdu_hex("8010000004FFFFFFFF");
	return lpa.sw == SW_OK;
}

/* machine_only: refused by a card that enforces, until the machine has proved itself. */
static const struct row {
	const char *command;
	void (*before)(void);
	bool (*run)(void);
	bool machine_only;
} rows[] = {
	{"ES10a.SetDefaultDpAddress",          nothing,       set_default_address,    true },
	{ "ES10b.AuthenticateServer",          challenged,    authenticate_server,    true },
	{ "ES10b.PrepareDownload",             authenticated, prepare_download,       true },
	{ "ES10b.LoadBoundProfilePackage",     prepared,      segment,                true },
	{ "... and a later segment",           loading,       segment,                true },
	{ "ES10b.RemoveNotification",          nothing,       notification_sent,      true },
	{ "ES10c.EnableProfile",               nothing,       enable,                 true },
	{ "ES10c.DisableProfile",              nothing,       disable,                true },
	{ "ES10c.DeleteProfile",               nothing,       erase,                  true },
	{ "ES10c.eUICCMemoryReset",            nothing,       memory_reset,           true },
	{ "ES10c.SetNickname",                 nothing,       set_nickname,           true },
	{ "AUTHENTICATE, 3G context",          in_usim,       authenticate_3g,        true },
	{ "AUTHENTICATE, GSM context",         in_usim,       authenticate_gsm,       true },
	{ "AUTHENTICATE, ISIM",                in_isim,       authenticate_3g,        true },
	{ "ES10a.GetEuiccConfiguredAddresses", nothing,       addresses,              false},
	{ "ES10b.GetEUICCChallenge",           nothing,       get_challenge,          false},
	{ "ES10b.GetEUICCInfo1",               nothing,       get_info1,              false},
	{ "ES10b.GetEUICCInfo2",               nothing,       get_info2,              false},
	{ "ES10b.ListNotification",            nothing,       list_notifications,     false},
	{ "ES10b.RetrieveNotificationsList",   nothing,       retrieve_notifications, false},
	{ "ES10b.CancelSession",               authenticated, cancel,                 false},
	{ "ES10b.GetRAT",                      nothing,       rules,                  false},
	{ "ES10c.GetProfilesInfo",             nothing,       profiles_info,          false},
	{ "ES10c.GetEID",                      nothing,       get_eid,                false},
	{ "READ BINARY of EF.IMSI",            in_usim,       read_imsi,              false},
	{ "TERMINAL PROFILE",                  nothing,       terminal_profile,       false},
};

static const struct state {
	const char *says;
	unsigned base;
	bool proven;
} states[] = {
	{"never paired",         PAIRING_MODES,   false},
	{ "off",		 PAIRING_OFF,     false},
	{ "observe, not proven", PAIRING_OBSERVE, false},
	{ "observe, proven",     PAIRING_OBSERVE, true },
	{ "enforce, not proven", PAIRING_ENFORCE, false},
	{ "enforce, proven",     PAIRING_ENFORCE, true },
};

/* bring makes the state: the session is begun by the machine, which then, maybe, is no longer the one that
 * the card knows: a fresh order makes every proof void without a reset. */
static void bring(const struct row *row, const struct state *state)
{
	mem_copy(&lpa.flash, &base[state->base]);
	dp_must(lpa_on(&lpa), "power");
	if (state->base == PAIRING_OBSERVE || state->base == PAIRING_ENFORCE)
		dp_must(machine_proves(&lpa, &machine) == SW_OK ? ERR_NONE : ERR_DENIED, "proof");
	row->before();
	if (state->base < PAIRING_MODES && !state->proven &&
	    order_send(&lpa, &authority, (uint8_t)state->base, 1, NULL) != SW_OK)
		dp_must(ERR_DENIED, "order");
}

/* A refusal leaves the flash as it was, once the session has been counted. */
static bool refused_and_still(const struct row *row)
{
	if (row->run() || lpa.sw != SW_CONDITIONS)
		return false;
	mem_copy(&compare, &lpa.flash);
	if (row->run != segment && (row->run() || lpa.sw != SW_CONDITIONS))
		return false;
	return memcmp(compare.now, lpa.flash.now, compare.size) == 0;
}

static void cell(const struct row *row, const struct state *state)
{
	bool refuses = state->base == PAIRING_ENFORCE && !state->proven && row->machine_only;

	bring(row, state);
	if (refuses)
		ok(refused_and_still(row), "R12: %s, %s: 6985, and nothing changes", row->command,
		   state->says);
	else
		ok(row->run(), "%s, %s: done", row->command, state->says);
}

/* A session lasts from reset to reset: what else ends does not end it. */
static void lasting(void)
{
	mem_copy(&lpa.flash, &base[PAIRING_ENFORCE]);
	dp_must(lpa_on(&lpa), "power");
	dp_must(machine_proves(&lpa, &machine) == SW_OK ? ERR_NONE : ERR_DENIED, "proof");
	ok(enable(), "a profile is switched without a reset");
	in_usim();
	ok(authenticate_3g(), "R1a: the new one authenticates with the proof of before");
	(void)!card_reset(&lpa.card).len;
	in_usim();
	ok(!authenticate_3g() && lpa.sw == SW_CONDITIONS, "R12: after a reset it does not");
}

/* --- off is off ------------------------------------------------------------------------------ */

/* What both cards answer to the same commands; the random parts of an answer are left out by asking for
 * none. */
static void off_is_as_never_paired(void)
{
	static const char *const questions[] = { "BF2000", "BF2200", "BF2D00", "BF2800",
		                                 "BF2B00", "BF3C00", "BF4300", "BF3E035C015A" };
	static uint8_t first[LPA_ANSWER];

	for (size_t i = 0; i < COUNT(questions); i++) {
		mem_copy(&lpa.flash, &base[PAIRING_MODES]);
		dp_must(lpa_on(&lpa), "power");
		struct bytes never = lpa_send_hex(&lpa, questions[i]);
		memcpy(first, never.at, never.len);
		mem_copy(&lpa.flash, &base[PAIRING_OFF]);
		dp_must(lpa_on(&lpa), "power");
		struct bytes off = lpa_send_hex(&lpa, questions[i]);
		/* Signatures of two cards differ, and free memory does by the pairing's records. */
		ok(off.len == never.len, "off answers %s in as many octets", questions[i]);
		if (strcmp(questions[i], "BF2B00") != 0 && strcmp(questions[i], "BF2200") != 0)
			ok(memcmp(first, off.at, off.len) == 0, "... and in the same");
	}
}

int main(void)
{
	dp_pki_make(&pki, EC_P256);
	machine_make(&machine);
	machine_make(&authority);
	mem_make(&compare, LPA_FLASH);
	for (unsigned i = 0; i <= PAIRING_MODES; i++)
		make_base(i);
	mem_make(&lpa.flash, LPA_FLASH);
	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t s = 0; s < COUNT(states); s++)
			cell(&rows[i], &states[s]);
	lasting();
	off_is_as_never_paired();
	return done();
}
