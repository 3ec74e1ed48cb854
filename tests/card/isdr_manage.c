/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the user does with profiles through ES10c, and what the card says of itself: information,
 * addresses, lists and searches, enabling and disabling, policy rules, test profiles, notifications,
 * memory reset.
 */
#include "tests/card/lpa.h"
#include "tests/card/package.h"

#include "rsp/euicc_info.h"

static struct dp_pki pki[EC_CURVES];
static struct lpa lpa;

static void install(uint8_t number, uint8_t profile_class, uint32_t pprs)
{
	uint8_t iccid[ICCID_SIZE], octets[2048];
	static const uint8_t proprietary[] = { 0x80, 0x03, 0x88, 0x37, 0x0A };
	struct room metadata = ROOM(octets);
	struct lpa_result result = { 0 };
	struct dp dp;

	package_iccid(iccid, number);
	package_metadata(&metadata, iccid, profile_class, pprs, true);
	dp_start(&dp, &pki[EC_P256]);
	dp.proprietary = BYTES(proprietary);
	dp_must(lpa_download(&lpa, &dp, room_used(&metadata), package_profile(iccid), &result),
	        "download");
	if (!result.success) {
		printf("Bail out! profile %u: %u/%u\n", number, result.command, result.reason);
		exit(EXIT_FAILURE);
	}
}

static int state(uint8_t number)
{
	uint8_t iccid[ICCID_SIZE];

	package_iccid(iccid, number);
	return lpa_profile(&lpa, iccid);
}

static int turn(ber_tag tag, uint8_t number)
{
	uint8_t iccid[ICCID_SIZE];

	package_iccid(iccid, number);
	return lpa_switch(&lpa, tag, iccid, false);
}

static int erase(uint8_t number)
{
	uint8_t iccid[ICCID_SIZE];

	package_iccid(iccid, number);
	return lpa_delete(&lpa, iccid);
}

static int reset(uint32_t options)
{
	uint8_t octets[16];
	struct room request = ROOM(octets);

	memory_reset_put(&request, options);
	return lpa_number(&lpa, TAG_EUICC_MEMORY_RESET, room_used(&request));
}

static void acknowledge_all(void)
{
	uint32_t last = 0;

	while (lpa_notifications(&lpa, 0, &last) > 0) {
		uint8_t octets[16];
		struct room request = ROOM(octets);
		notification_sent_request_put(&request, last);
		ok(lpa_number(&lpa, TAG_NOTIFICATION_SENT, room_used(&request)) == 0,
		   "notification %u is delivered and gone", last);
	}
}

static void information(void)
{
	struct configured_addresses addresses;
	struct euicc_info1 info1;
	struct euicc_info2 info2;
	struct bytes eid, rules, id;
	uint8_t eid_text[] = DP_EID, eid_octets[EID_SIZE];

	dp_must(rsp_eid_read((struct bytes){ eid_text, 32 }, eid_octets), "EID");
	lpa_select(&lpa);
	ok(lpa.sw == SW_OK && lpa.answer_len > 30 && lpa.answer[0] == 0x6F,
	   "SELECT answers an FCI");
	struct bytes fci = { lpa.answer, lpa.answer_len }, value, svn;
	dp_must(ber_read(&fci, 0x6F, &value), "FCI");
	ok(ber_find(value, 0xE0, &svn) == ERR_NONE, "with the ISD-R's template E0");

	ok(get_euicc_data_response_read(lpa_send_hex(&lpa, "BF3E035C015A"), &eid) == ERR_NONE &&
	           bytes_same(eid, BYTES(eid_octets)),
	   "GetEID");
	ok(euicc_info1_read(lpa_send_hex(&lpa, "BF2000"), &info1) == ERR_NONE, "GetEUICCInfo1");
	ok(ci_pkids_next(&info1.ci_pkids_for_signing, &id) == ERR_NONE &&
	           bytes_same(id, BYTES(pki[EC_P256].anchor.key_id)) &&
	           info1.ci_pkids_for_signing.len == 22,
	   "both CIs are there, the preferred one first");
	ok(euicc_info2_read(lpa_send_hex(&lpa, "BF2200"), &info2) == ERR_NONE &&
	           (info2.uicc_capability & UICC_USIM) != 0,
	   "GetEUICCInfo2");
	ok(configured_addresses_read(lpa_send_hex(&lpa, "BF3C00"), &addresses) == ERR_NONE &&
	           bytes_same(addresses.default_dp, BYTES_STR("default.example.com")) &&
	           bytes_same(addresses.root_ds, BYTES_STR("ds.example.com")),
	   "GetEuiccConfiguredAddresses");
	ok(get_rat_response_read(lpa_send_hex(&lpa, "BF4300"), &rules) == ERR_NONE && rules.len > 0,
	   "GetRAT");
}

static void addresses(void)
{
	uint8_t octets[64];
	struct room request = ROOM(octets);
	struct configured_addresses got;

	set_default_dp_address_put(&request, BYTES_STR("new.example.com"));
	ok(lpa_number(&lpa, TAG_SET_DEFAULT_DP_ADDRESS, room_used(&request)) == 0,
	   "SetDefaultDpAddress");
	dp_must(lpa_on(&lpa), "power");
	ok(configured_addresses_read(lpa_send_hex(&lpa, "BF3C00"), &got) == ERR_NONE &&
	           bytes_same(got.default_dp, BYTES_STR("new.example.com")),
	   "I5: the new address survives the power");
}

/* How the card takes what an LPA of version 3, or a careless one, sends. */
static const struct {
	const char *says, *hex;
	uint16_t sw;
} requests[] = {
	{"an unknown function",                         "BF5500",                               SW_NO_REFERENCED},
	{ "a request with elements of a later version", "BF200380010A",                         SW_OK           },
	{ "GetEUICCChallenge of version 3",             "BF2E038001FF",                         SW_OK           },
	{ "a request that ends inside",                 "BF2D055C01",                           SW_OK           },
	{ "octets behind the request",                  "BF20000000",                           SW_WRONG_DATA   },
	{ "no request at all",                          "",				     SW_NO_REFERENCED},
	{ "a nickname for nobody",                      "BF290F5A0A98000000000000000000900141", SW_OK           },
};

static void oddities(void)
{
	for (size_t i = 0; i < COUNT(requests); i++) {
		lpa_send_hex(&lpa, requests[i].hex);
		ok(lpa.sw == requests[i].sw, "%s: %04X", requests[i].says, lpa.sw);
	}
}

static const struct {
	const char *says, *hex;
	uint16_t sw;
} blocks[] = {
	{"a first block numbered 1",          "80E2910103BF2000", SW_WRONG_P1P2},
	{ "P1 that no block has",             "80E2900003BF2000", SW_WRONG_P1P2},
	{ "STORE DATA with class 00",         "00E2910003BF2000", SW_CLA       },
	{ "an instruction that there is not", "80F8000000",       SW_INS       },
	{ "READ BINARY, where no file is",    "00B0000001",       SW_NO_EF     },
};

static void block_order(void)
{
	uint8_t octets[64];

	for (size_t i = 0; i < COUNT(blocks); i++) {
		lpa.answer_len = 0;
		lpa_apdu(&lpa, unhex(blocks[i].hex, octets, sizeof octets));
		ok(lpa.sw == blocks[i].sw, "%s: %04X", blocks[i].says, lpa.sw);
	}
	lpa_apdu(&lpa, unhex("80E2110002BF20", octets, sizeof octets));
	lpa_apdu(&lpa, unhex("80E291020100", octets, sizeof octets));
	ok(lpa.sw == SW_WRONG_P1P2, "a block left out");
	lpa_apdu(&lpa, unhex("80E2110002BF20", octets, sizeof octets));
	lpa_apdu(&lpa, unhex("80E291010100", octets, sizeof octets));
	ok(lpa.sw >> 8 == 0x61, "two blocks in order");
	lpa_apdu(&lpa, unhex("00C0000001", octets, sizeof octets));
	ok(lpa.answer_len == 1 && lpa.sw >> 8 == 0x61, "an answer may be fetched octet by octet");
	uint8_t left = (uint8_t)lpa.sw;
	lpa_apdu(&lpa, unhex("00C0000000", octets, sizeof octets));
	ok(lpa.answer_len == 1 && lpa.sw == (SW_WRONG_LE | left),
	   "GET RESPONSE with too large an Le says how much there is: %04X", lpa.sw);
	lpa_apdu(&lpa, unhex("00C0000001AA", octets, sizeof octets));
	ok(lpa.sw == SW_WRONG_LENGTH, "GET RESPONSE brings no data");
	lpa_apdu(&lpa, unhex("00C0000100", octets, sizeof octets));
	ok(lpa.sw == SW_WRONG_P1P2, "nor parameters");
	uint8_t rest[] = { 0x00, 0xC0, 0x00, 0x00, left };
	lpa_apdu(&lpa, BYTES(rest));
	ok(lpa.answer_len == 1u + left && lpa.sw == SW_OK, "none of which loses the answer");
}

static struct bytes profile_infos(const char *hex)
{
	struct bytes list = { NULL, 0 };
	uint8_t error;

	if (profile_info_response_read(lpa_send_hex(&lpa, hex), &list, &error) != ERR_NONE)
		return (struct bytes){ NULL, 0 };
	return list;
}

static unsigned count(struct bytes list)
{
	struct bytes element;
	unsigned n = 0;

	while (list.len > 0 && ber_read(&list, TAG_PROFILE_INFO, &element) == ERR_NONE)
		n++;
	return n;
}

static void lists(void)
{
	struct profile_info info;
	struct bytes list = profile_infos("BF2D00"), element;

	ok(count(list) == 2, "GetProfilesInfo lists both");
	dp_must(ber_read_whole(&list, TAG_PROFILE_INFO, &element), "E3");
	ok(profile_info_read(element, &info) == ERR_NONE && info.icon.len == 1024 &&
	           info.has_state && info.notifications.at == NULL &&
	           bytes_same(info.service_provider_name, BYTES_STR("Provider")),
	   "with the fields of the default list, an icon of 1,024 octets too");
	list = profile_infos("BF2D085C065AB6B7B8999F");
	ok(list.len == 0, "a tag list that ends inside a tag is refused");
	list = profile_infos("BF2D095C075AB6B7B8999F70");
	dp_must(ber_read_whole(&list, TAG_PROFILE_INFO, &element), "E3");
	ok(profile_info_read(element, &info) == ERR_NONE && info.notifications.at != NULL &&
	           info.has_owner && info.dp_proprietary_data.at != NULL &&
	           info.service_provider_name.at == NULL && info.icon.at == NULL,
	   "a tag list chooses fields");
	ok(count(profile_infos("BF2D05A003950102")) == 2, "search by class finds operational ones");
	ok(count(profile_infos("BF2D05A003950100")) == 0, "and no test profile");
	ok(count(profile_infos("BF2D14A0124F10A0000005591010FFFFFFFF8900001100")) == 1,
	   "search by AID");
	ok(count(profile_infos("BF2D14A0124F10A0000005591010FFFFFFFF8900001F00")) == 0,
	   "search by an AID that is not there");
}

static void nickname(void)
{
	uint8_t iccid[ICCID_SIZE], octets[128];
	struct room request = ROOM(octets);
	struct set_nickname message = { .iccid = BYTES(iccid), .nickname = BYTES_STR("Work") };
	struct profile_info info;

	package_iccid(iccid, 1);
	set_nickname_put(&request, &message);
	ok(lpa_number(&lpa, TAG_SET_NICKNAME, room_used(&request)) == 0, "SetNickname");
	struct bytes list = profile_infos("BF2D035C0190"), element;
	dp_must(ber_read_whole(&list, TAG_PROFILE_INFO, &element), "E3");
	ok(profile_info_read(element, &info) == ERR_NONE &&
	           bytes_same(info.nickname, BYTES_STR("Work")),
	   "the nickname is shown");
	request.len = 0;
	message.nickname.len = 0;
	set_nickname_put(&request, &message);
	ok(lpa_number(&lpa, TAG_SET_NICKNAME, room_used(&request)) == 0 &&
	           count(profile_infos("BF2D035C0190")) == 2,
	   "an empty nickname removes it");
}

static void switching(void)
{
	uint32_t last = 0;

	acknowledge_all();
	ok(turn(TAG_ENABLE_PROFILE, 1) == RESULT_OK && state(1) == 1, "EnableProfile");
	ok(turn(TAG_ENABLE_PROFILE, 1) == ENABLE_NOT_DISABLED,
	   "what is enabled is not enabled again");
	ok(turn(TAG_ENABLE_PROFILE, 77) == ENABLE_NOT_FOUND, "what is not there is not enabled");
	ok(turn(TAG_DISABLE_PROFILE, 2) == DISABLE_NOT_ENABLED, "what is disabled is not disabled");
	ok(erase(1) == DELETE_NOT_DISABLED, "what is enabled is not deleted");
	ok(turn(TAG_ENABLE_PROFILE, 2) == RESULT_OK && state(1) == 0 && state(2) == 1,
	   "I1: enabling one disables the other");
	ok(lpa_notifications(&lpa, NOTIFY_ENABLE, &last) == 2 &&
	           lpa_notifications(&lpa, NOTIFY_DISABLE, &last) == 1,
	   "each change left its notification");
	ok(turn(TAG_DISABLE_PROFILE, 2) == RESULT_OK && state(2) == 0, "DisableProfile");
	ok(erase(2) == RESULT_OK && state(2) == -1, "DeleteProfile");
	ok(lpa_notifications(&lpa, NOTIFY_DELETE, &last) == 2,
	   "both addresses hear of the deletion");
	ok(lpa_notifications(&lpa, NOTIFY_INSTALL, &last) == 0, "filters by event");
	dp_must(lpa_on(&lpa), "power");
	ok(lpa_notifications(&lpa, 0, &last) == 6 && state(1) == 0 && state(2) == -1,
	   "I5: all of it survives the power");
}

/* The signature and chain of a notification, as the SM-DP+ will check them. */
static void notifications(void)
{
	struct other_notification other;
	struct notification_metadata metadata;
	struct bytes list, pending;
	struct x509 euicc, eum;
	uint8_t eid[EID_SIZE];
	unsigned n = 0;

	dp_must(retrieve_notifications_response_read(lpa_send_hex(&lpa, "BF2B00"), &list), "list");
	while (list.len > 0) {
		dp_must(pending_notification_next(&list, &pending), "pending");
		dp_must(other_notification_read(pending, &other), "OtherSignedNotification");
		dp_must(x509_read(other.eum_certificate, &eum), "EUM");
		dp_must(x509_read(other.euicc_certificate, &euicc), "eUICC");
		n += cert_check_eum(&eum, &pki[EC_P256].anchor, CERT_NO_TIME) == ERR_NONE &&
		     cert_check_euicc(&euicc, &eum, CERT_NO_TIME, eid) == ERR_NONE &&
		     crypto_ecdsa_verify(euicc.curve, euicc.point.at, &other.tbs, 1,
		                         other.signature.at) == ERR_NONE &&
		     notification_metadata_read(other.tbs, &metadata) == ERR_NONE;
	}
	ok(n == 6, "R8: all six notifications are signed under the CI");
	ok(retrieve_notifications_response_read(lpa_send_hex(&lpa, "BF2B06A00480027FFF"), &list) ==
	           ERR_NOT_FOUND,
	   "a number that is not pending gives noResultAvailable");
	acknowledge_all();
	uint8_t sent[] = { 0xBF, 0x30, 0x03, 0x80, 0x01, 0x01 };
	ok(lpa_number(&lpa, TAG_NOTIFICATION_SENT, BYTES(sent)) == NOTIFICATION_NOTHING_TO_DELETE,
	   "what was delivered cannot be delivered again");
}

static void test_profiles(void)
{
	install(3, CLASS_TEST, 0);
	install(4, CLASS_TEST, 0);
	install(5, CLASS_OPERATIONAL, 0);
	ok(turn(TAG_ENABLE_PROFILE, 1) == RESULT_OK, "an operational profile is enabled");
	ok(turn(TAG_ENABLE_PROFILE, 3) == RESULT_OK && state(1) == 0,
	   "a test profile displaces it");
	ok(turn(TAG_ENABLE_PROFILE, 5) == ENABLE_WRONG_REENABLING,
	   "from there no other operational profile can be enabled");
	ok(erase(1) == DELETE_NOT_DISABLED, "nor can the displaced one be deleted");
	ok(turn(TAG_ENABLE_PROFILE, 4) == RESULT_OK, "another test profile can");
	ok(turn(TAG_DISABLE_PROFILE, 4) == RESULT_OK && state(1) == 1,
	   "disabling the test profile brings the displaced one back");
	ok(turn(TAG_DISABLE_PROFILE, 1) == RESULT_OK && state(1) == 0,
	   "which can be disabled as ever");
}

static void resets(void)
{
	uint32_t last = 0;

	acknowledge_all();
	ok(turn(TAG_ENABLE_PROFILE, 3) == RESULT_OK, "a test profile is enabled");
	ok(reset(RESET_TEST_PROFILES) == RESULT_OK && state(3) == -1 && state(4) == -1 &&
	           state(1) == 0,
	   "memory reset of test profiles takes the enabled one too, and no other");
	dp_must(lpa_on(&lpa), "power");
	ok(reset(RESET_TEST_PROFILES) == MEMORY_RESET_NOTHING_TO_DELETE, "once");
	ok(reset(RESET_OPERATIONAL_PROFILES | RESET_DEFAULT_DP_ADDRESS) == RESULT_OK &&
	           state(1) == -1 && state(5) == -1,
	   "memory reset of operational profiles");
	struct configured_addresses got;
	ok(configured_addresses_read(lpa_send_hex(&lpa, "BF3C00"), &got) == ERR_NONE &&
	           got.default_dp.at == NULL && got.root_ds.at != NULL,
	   "and of the default SM-DP+");
	ok(lpa_notifications(&lpa, NOTIFY_DELETE, &last) == 8, "each deletion is notified");
	acknowledge_all();
}

static void policies(void)
{
	install(6, CLASS_OPERATIONAL, PPR1_NO_DISABLE | PPR2_NO_DELETE);
	install(7, CLASS_OPERATIONAL, 0);
	install(8, CLASS_TEST, 0);
	ok(turn(TAG_ENABLE_PROFILE, 6) == RESULT_OK, "a profile with PPR1 and PPR2 is enabled");
	ok(turn(TAG_DISABLE_PROFILE, 6) == DISABLE_DISALLOWED_BY_POLICY,
	   "PPR1: it is not disabled");
	ok(turn(TAG_ENABLE_PROFILE, 7) == ENABLE_DISALLOWED_BY_POLICY, "PPR1: nor displaced");
	ok(turn(TAG_ENABLE_PROFILE, 8) == RESULT_OK, "but by a test profile");
	ok(turn(TAG_DISABLE_PROFILE, 8) == RESULT_OK && state(6) == 1, "after which it is back");
	ok(reset(RESET_OPERATIONAL_PROFILES) == RESULT_OK && state(6) == -1,
	   "a memory reset is stronger than policy rules");
	dp_must(lpa_on(&lpa), "power");
	install(9, CLASS_OPERATIONAL, PPR2_NO_DELETE);
	ok(erase(9) == DELETE_DISALLOWED_BY_POLICY, "PPR2: it is not deleted");
}

static void send_hex(const char *hex)
{
	uint8_t octets[64];

	lpa.answer_len = 0;
	lpa_apdu(&lpa, unhex(hex, octets, sizeof octets));
}

/* SGP.22 3.2.1: with the refresh flag the terminal hears of the switch through REFRESH. */
static void refreshing(void)
{
	uint8_t iccid[ICCID_SIZE];

	package_iccid(iccid, 9);
	send_hex("8010000003FFFFFF"); /* TERMINAL PROFILE */
	ok(lpa_switch(&lpa, TAG_ENABLE_PROFILE, iccid, true) == RESULT_OK && lpa.sw >> 8 == 0x91,
	   "EnableProfile with the refresh flag ends in 91xx (%04X)", lpa.sw);
	ok(lpa_switch(&lpa, TAG_DISABLE_PROFILE, iccid, true) == DISABLE_CAT_BUSY,
	   "catBusy until the terminal has fetched and answered");
	send_hex("801200000B");
	ok(lpa.answer_len == 11 && lpa.answer[5] == 0x01, "FETCH gives a REFRESH");
	send_hex("801400000C810301010402028281030100");
	ok(lpa.sw == SW_OK, "TERMINAL RESPONSE ends the proactive session");
	dp_must(lpa_on(&lpa), "power");
	ok(state(9) == 1, "the profile is enabled");
	ok(turn(TAG_DISABLE_PROFILE, 9) == RESULT_OK, "and disabled without REFRESH");
}

/* The ISD-R on a logical channel, as a modem drives it, while another channel has it too. */
static void channels(void)
{
	uint8_t select[5 + AID_MAX] = { 0x01, 0xA4, 0x04, 0x00, AID_MAX };
	uint8_t iccid[ICCID_SIZE];

	memcpy(select + 5, isdr_aid, AID_MAX);
	send_hex("0070000001");
	ok(lpa.answer_len == 1 && lpa.answer[0] == 1, "MANAGE CHANNEL opens channel 1");
	lpa_apdu(&lpa, BYTES(select));
	ok(lpa.sw >> 8 == 0x61, "the ISD-R is selected there");
	send_hex("81E2110002BF3E");
	send_hex("80E2910003BF2000");
	ok(lpa.sw >> 8 == 0x61, "a request on channel 0 begins while channel 1 is half way");
	send_hex("81E2910104035C015A");
	ok(lpa.sw == SW_WRONG_P1P2, "what channel 1 had sent does not mix with it");
	send_hex("01C0000010");
	ok(lpa.sw != SW_OK && lpa.answer_len == 0, "nor does channel 1 get channel 0's answer");
	send_hex("81E2910006BF3E035C015A");
	send_hex("01C0000015");
	ok(lpa.sw == SW_OK && lpa.answer_len == 21, "GetEID on channel 1");
	package_iccid(iccid, 9);
	uint8_t enable[5 + 20] = { 0x81, 0xE2, 0x91, 0x00, 20,   0xBF,
		                   0x31, 0x11, 0xA0, 0x0C, 0x5A, 10 };
	memcpy(enable + 12, iccid, ICCID_SIZE);
	memcpy(enable + 22, "\x81\x01\x00", 3);
	lpa.answer_len = 0;
	lpa_apdu(&lpa, BYTES(enable));
	send_hex("01C0000006");
	ok(lpa.sw == SW_OK && lpa.answer_len == 6 && lpa.answer[5] == 0,
	   "after a switch without REFRESH the answer still comes on the LPA's channel");
	send_hex("0070800100");
	lpa_select(&lpa);
	ok(turn(TAG_DISABLE_PROFILE, 9) == RESULT_OK, "channel 1 is closed, channel 0 goes on");
}

/* An LPA that never delivers: the oldest notifications make way, the card goes on. */
static void hoarding(void)
{
	uint32_t last = 0, before = 0;

	(void)lpa_notifications(&lpa, 0, &before);
	for (unsigned i = 0; i < 30; i++) {
		dp_must(turn(TAG_ENABLE_PROFILE, 9) == RESULT_OK ? ERR_NONE : ERR_DENIED, "enable");
		dp_must(turn(TAG_DISABLE_PROFILE, 9) == RESULT_OK ? ERR_NONE : ERR_DENIED,
		        "disable");
	}
	ok(lpa_notifications(&lpa, 0, &last) == ISDR_LIST_MAX && last == before + 60,
	   "sixty undelivered notifications: the newest are kept, no number is used twice");
}

int main(void)
{
	dp_pki_make(&pki[EC_P256], EC_P256);
	dp_pki_make(&pki[EC_BRAINPOOL_P256R1], EC_BRAINPOOL_P256R1);
	lpa_new(&lpa, &pki[EC_P256], &pki[EC_BRAINPOOL_P256R1]);
	information();
	addresses();
	oddities();
	block_order();
	install(1, CLASS_OPERATIONAL, 0);
	install(2, CLASS_OPERATIONAL, 0);
	lists();
	nickname();
	switching();
	notifications();
	test_profiles();
	resets();
	policies();
	refreshing();
	channels();
	hoarding();
	return done();
}
