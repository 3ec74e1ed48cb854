/* SPDX-License-Identifier: Apache-2.0 */
/* Each message of SGP.22: a good one comes back octet for octet, bad ones are named. */
#include "tests/rsp/laws.h"
#include "tests/rsp/tlv.h"

#define ID16  "000102030405060708090A0B0C0D0E0F"
#define ICC   "5A(98001032547698103214)"
#define SIG   "5F37(" ID16 ID16 ID16 ID16 ")"
#define POINT "5F49(04" ID16 ID16 ID16 ID16 ")"
#define AT    "612E622E636F"
#define NOTE  "BF2F(80(05)81(0640)0C(" AT ")" ICC ")"
#define INFO2 "81(020301)82(020500)83(010000)8400"
#define LISTS "A9(04(01020304)04(11121314))AA(04(212223242526))"

static const struct {
	const char *law, *says, *text;
	enum err want;
} rows[] = {
	{ "euicc_info1", "two CI keys for verification, one for signing",
	  "BF20(82(020500)" LISTS ")", ERR_NONE },
	{ "euicc_info1", "key lists may be empty", "BF20(82(020500)A900 AA00)", ERR_NONE },
	{ "euicc_info1", "a later element is kept", "BF20(82(020500)A900 AA00 8B(0102))",
	  ERR_NONE },
	{ "euicc_info1", "svn of two octets", "BF20(82(0205)A900 AA00)", ERR_LENGTH },
	{ "euicc_info1", "no list for signing", "BF20(82(020500)A900)", ERR_TRUNCATED },
	{ "euicc_info1", "a list of something else", "BF20(82(020500)A9(0100)AA00)", ERR_TAG },
	{ "euicc_info1", "an extension that is cut off", "BF20(82(020500)A900 AA00 8B02)",
	  ERR_TRUNCATED },
	{ "euicc_info1", "octets behind the message", "BF20(82(020500)A900 AA00)00", ERR_TRAILING },

	{ "euicc_info2", "the least that is allowed",
	  "BF22(" INFO2 "85(0560)88(0780)" LISTS "04(010000)0C(612D62))", ERR_NONE },
	{ "euicc_info2", "category, forbidden rules, certification data, treProperties",
	  "BF22(" INFO2 "85(0560)86(030000)87(020300)88(0780)" LISTS
	  "8B(02)99(0640)04(010000)0C(612D62)AC(80(41)81(42))8D(0540))",
	  ERR_NONE },
	{ "euicc_info2", "no ppVersion", "BF22(" INFO2 "85(0560)88(0780)" LISTS "0C(612D62))",
	  ERR_TAG },
	{ "euicc_info2", "unused bits of a bit string are set",
	  "BF22(" INFO2 "85(0561)88(0780)" LISTS "04(010000)0C(612D62))", ERR_VALUE },
	{ "euicc_info2", "a bit string of eight unused bits",
	  "BF22(" INFO2 "85(0800)88(0780)" LISTS "04(010000)0C(612D62))", ERR_VALUE },
	{ "euicc_info2", "a bit string without its first octet",
	  "BF22(" INFO2 "8500 88(0780)" LISTS "04(010000)0C(612D62))", ERR_LENGTH },

	{ "ctx_params1", "no matching id: default SM-DP+", "A0(A1(80(00112233)A100))", ERR_NONE },
	{ "ctx_params1", "an empty matching id", "A0(8000 A1(80(00112233)A100))", ERR_NONE },
	{ "ctx_params1", "R5: releases, IMEI and the evidence digest",
	  "A0(80(41422D)A1(80(00112233)A1(85(100000)8B(020500)8C00)82(0011223344556677))DF23(" ID16
	          ID16 "))",
	  ERR_NONE },
	{ "ctx_params1", "tac of three octets", "A0(A1(80(001122)A100))", ERR_LENGTH },
	{ "ctx_params1", "no device info", "A0(8000)", ERR_TRUNCATED },
	{ "ctx_params1", "a matching id that is not UTF-8", "A0(80(FF)A1(80(00112233)A100))",
	  ERR_VALUE },
	{ "ctx_params1", "another alternative", "A100", ERR_TAG },

	{ "server_signed1", "as the SM-DP+ sends it",
	  "30(80(" ID16 ")81(" ID16 ")83(" AT ")84(" ID16 "))", ERR_NONE },
	{ "server_signed1", "a challenge of 15 octets",
	  "30(80(" ID16 ")81(000102030405060708090A0B0C0D0E)83(" AT ")84(" ID16 "))", ERR_LENGTH },
	{ "server_signed1", "a transaction id of 17 octets",
	  "30(80(00" ID16 ")81(" ID16 ")83(" AT ")84(" ID16 "))", ERR_LENGTH },
	{ "server_signed1", "an empty transaction id",
	  "30(8000 81(" ID16 ")83(" AT ")84(" ID16 "))", ERR_LENGTH },
	{ "server_signed1", "components in another order",
	  "30(81(" ID16 ")80(" ID16 ")83(" AT ")84(" ID16 "))", ERR_TAG },

	{ "authenticate_server_request", "whole elements are kept",
	  "BF38(30(010100)" SIG "04(0A0B)30(0500)A0(3000))", ERR_NONE },
	{ "authenticate_server_request", "a signature of no octets",
	  "BF38(30(010100)5F3700 04(0A0B)30(0500)A0(3000))", ERR_LENGTH },
	{ "authenticate_server_response", "error with its number", "BF38(A1(80(" ID16 ")02(02)))",
	  ERR_NONE },
	{ "authenticate_server_response", "ok with two certificates",
	  "BF38(A0(30(010100)" SIG "30(0500)30(0500)))", ERR_NONE },
	{ "authenticate_server_response", "ok without the EUM certificate",
	  "BF38(A0(30(010100)" SIG "30(0500)))", ERR_TRUNCATED },
	{ "authenticate_server_response", "neither ok nor error", "BF38(A200)", ERR_TAG },
	{ "authenticate_server_response", "both", "BF38(A1(80(" ID16 ")02(02))A000)",
	  ERR_TRAILING },
	{ "euicc_signed1", "as a card sends it",
	  "30(80(" ID16 ")83(" AT ")84(" ID16 ")BF2200 A000)", ERR_NONE },
	{ "euicc_signed1", "without ctxParams1", "30(80(" ID16 ")83(" AT ")84(" ID16 ")BF2200)",
	  ERR_TRUNCATED },

	{ "smdp_signed2", "confirmation code required", "30(80(" ID16 ")01(FF))", ERR_NONE },
	{ "smdp_signed2", "a bound package exists", "30(80(" ID16 ")01(00)" POINT ")", ERR_NONE },
	{ "smdp_signed2", "a flag that is neither 00 nor FF", "30(80(" ID16 ")01(01))", ERR_VALUE },
	{ "smdp_signed2", "no flag", "30(80(" ID16 "))", ERR_TRUNCATED },
	{ "smdp_signed2", "a compressed key", "30(80(00)01(00)5F49(02" ID16 ID16 "))", ERR_LENGTH },
	{ "prepare_download_request", "with hash",
	  "BF21(30(010100)" SIG "04(" ID16 ID16 ")30(0500))", ERR_NONE },
	{ "prepare_download_request", "without hash", "BF21(30(010100)" SIG "30(0500))", ERR_NONE },
	{ "prepare_download_request", "a hash of 16 octets",
	  "BF21(30(010100)" SIG "04(" ID16 ")30(0500))", ERR_LENGTH },
	{ "prepare_download_response", "ok", "BF21(A0(30(010100)" SIG "))", ERR_NONE },
	{ "prepare_download_response", "error", "BF21(A1(80(01)02(7F)))", ERR_NONE },
	{ "euicc_signed2", "without hash", "30(80(" ID16 ")" POINT ")", ERR_NONE },
	{ "euicc_signed2", "with hash", "30(80(" ID16 ")" POINT "04(" ID16 ID16 "))", ERR_NONE },
	{ "euicc_signed2", "no key", "30(80(" ID16 "))", ERR_TRUNCATED },

	{ "store_metadata", "the least", "BF25(" ICC "91(41)92(42))", ERR_NONE },
	{ "store_metadata", "all of it",
	  "BF25(" ICC "91(41)92(42)93(01)94(CAFE)95(00)B6(30(80(0640)81(" AT "))30(80(0490)81(" AT
	  ")))B7(80(62F210)81(01)82(FF))99(0560)BF2200)",
	  ERR_NONE },
	{ "store_metadata", "an icon without type", "BF25(" ICC "91(41)92(42)94(FF))", ERR_VALUE },
	{ "store_metadata", "class 3", "BF25(" ICC "91(41)92(42)95(03))", ERR_VALUE },
	{ "store_metadata", "no ICCID", "BF25(91(41)92(42))", ERR_TAG },
	{ "store_metadata", "overlong UTF-8 in a name", "BF25(" ICC "91(C080)92(42))", ERR_VALUE },
	{ "store_metadata", "a surrogate in a name", "BF25(" ICC "91(EDA080)92(42))", ERR_VALUE },
	{ "store_metadata", "a name of 33 octets", "BF25(" ICC "91(" ID16 ID16 "41)92(42))",
	  ERR_LENGTH },
	{ "update_metadata", "nothing", "BF2A00", ERR_NONE },
	{ "update_metadata", "a rule", "BF2A(99(0560))", ERR_NONE },

	{ "notification_metadata", "enable, with ICCID", NOTE, ERR_NONE },
	{ "notification_metadata", "no event", "BF2F(80(05)81(00)0C(61))", ERR_VALUE },
	{ "notification_metadata", "two events", "BF2F(80(05)81(0560)0C(61))", ERR_VALUE },
	{ "notification_metadata", "a negative number", "BF2F(80(FF)81(0640)0C(61))", ERR_VALUE },
	{ "installation_result_data", "success",
	  "BF27(80(" ID16 ")" NOTE "06(883703)A2(A0(4F(A000000559)04(3000))))", ERR_NONE },
	{ "installation_result_data", "failure while loading",
	  "BF27(80(" ID16 ")" NOTE "A2(A1(80(05)81(0C)82(3000))))", ERR_NONE },
	{ "installation_result_data", "an AID of four octets",
	  "BF27(80(" ID16 ")" NOTE "A2(A0(4F(A0000005)04(3000))))", ERR_LENGTH },
	{ "installation_result_data", "two results",
	  "BF27(80(" ID16 ")" NOTE "A2(A1(80(05)81(0C))A0(4F(A000000559)04(3000))))",
	  ERR_TRAILING },
	{ "installation_result", "data and signature", "BF37(BF2700 " SIG ")", ERR_NONE },
	{ "installation_result", "no signature", "BF37(BF2700)", ERR_TRUNCATED },
	{ "other_notification", "as a card sends it", "30(BF2F00 " SIG "30(0500)30(0500))",
	  ERR_NONE },
	{ "other_notification", "signed before what is signed",
	  "30(" SIG "BF2F00 30(0500)30(0500))", ERR_TAG },

	{ "cancel_session_request", "end user rejection", "BF41(80(" ID16 ")81(00))", ERR_NONE },
	{ "cancel_session_request", "no reason", "BF41(80(" ID16 "))", ERR_TRUNCATED },
	{ "cancel_session_response", "error", "BF41(81(05))", ERR_NONE },
	{ "cancel_session_response", "ok", "BF41(A0(30(0500)" SIG "))", ERR_NONE },
	{ "euicc_cancel_session_signed", "as a card signs it", "30(80(" ID16 ")81(883703)82(01))",
	  ERR_NONE },

	{ "initialise_secure_channel", "as an SM-DP+ sends it",
	  "BF23(82(01)80(" ID16 ")A6(80(88)81(10)84(6D61686C7A656974))" POINT SIG ")", ERR_NONE },
	{ "initialise_secure_channel", "a host id of 17 octets",
	  "BF23(82(01)80(" ID16 ")A6(80(88)81(10)84(00" ID16 "))" POINT SIG ")", ERR_LENGTH },
	{ "configure_isdp", "empty", "BF2400", ERR_NONE },
	{ "configure_isdp", "proprietary data", "BF24(B8(80(883703)))", ERR_NONE },
	{ "configure_isdp", "too much proprietary data",
	  "BF24(B8(" ID16 ID16 ID16 ID16 ID16 ID16 ID16 ID16 "))", ERR_LENGTH },
	{ "replace_session_keys", "three times 16 octets",
	  "BF26(80(" ID16 ")81(" ID16 ")82(" ID16 "))", ERR_NONE },
	{ "replace_session_keys", "a key of 32 octets",
	  "BF26(80(" ID16 ")81(" ID16 ID16 ")82(" ID16 "))", ERR_LENGTH },

	{ "profile_info_request", "all, default tags", "BF2D00", ERR_NONE },
	{ "profile_info_request", "by ICCID with a tag list", "BF2D(A0(" ICC ")5C(9F7090))",
	  ERR_NONE },
	{ "profile_info_request", "by class", "BF2D(A0(95(02)))", ERR_NONE },
	{ "profile_info_request", "by class 3", "BF2D(A0(95(03)))", ERR_VALUE },
	{ "profile_info_request", "by nickname", "BF2D(A0(90(41)))", ERR_TAG },
	{ "profile_info", "what a list shows",
	  "E3(" ICC "4F(A000000559)9F70(01)90(41)95(02)99(0560))", ERR_NONE },
	{ "profile_info", "state 2", "E3(9F70(02))", ERR_VALUE },
	{ "enable_profile", "by ICCID, with refresh", "BF31(A0(" ICC ")81(FF))", ERR_NONE },
	{ "enable_profile", "by AID", "BF31(A0(4F(A000000559))81(00))", ERR_NONE },
	{ "enable_profile", "no flag", "BF31(A0(" ICC "))", ERR_TRUNCATED },
	{ "enable_profile", "two identifiers", "BF31(A0(" ICC "4F(A000000559))81(FF))",
	  ERR_TRAILING },
	{ "delete_profile", "by ICCID", "BF33(" ICC ")", ERR_NONE },
	{ "delete_profile", "an ICCID of nine octets", "BF33(5A(980010325476981032))", ERR_LENGTH },
	{ "set_nickname", "empty nickname", "BF29(" ICC "9000)", ERR_NONE },
	{ "list_notification", "all", "BF2800", ERR_NONE },
	{ "list_notification", "installs", "BF28(81(0780))", ERR_NONE },
	{ "retrieve_notifications_request", "by number", "BF2B(A0(80(05)))", ERR_NONE },
	{ "retrieve_notifications_request", "by event", "BF2B(A0(81(0640)))", ERR_NONE },
	{ "retrieve_notifications_request", "all", "BF2B00", ERR_NONE },
	{ "retrieve_notifications_request", "an empty criterion", "BF2B(A000)", ERR_TRUNCATED },
	{ "notification_sent", "number 300", "BF30(80(012C))", ERR_NONE },
	{ "notification_sent", "a number in too many octets", "BF30(80(002C))", ERR_LENGTH },
	{ "notification_sent", "a number of 33 bits", "BF30(80(0100000000))", ERR_VALUE },
	{ "memory_reset", "operational profiles", "BF34(82(0780))", ERR_NONE },
	{ "euicc_data", "an EID", "BF3E(5A(" ID16 "))", ERR_NONE },
	{ "euicc_challenge", "a challenge", "BF2E(80(" ID16 "))", ERR_NONE },
	{ "configured_addresses", "only the root SM-DS", "BF3C(81(61))", ERR_NONE },
	{ "default_dp_address", "an address", "BF3F(80(61))", ERR_NONE },
	{ "rat", "every operator may set PPR1 with consent",
	  "BF43(A0(30(80(0640)A1(30(80(EEEEEE)8100 8200))82(0780))))", ERR_NONE },
	{ "rat", "an operator without its code", "BF43(A0(30(80(0640)A1(30(8100))82(0780))))",
	  ERR_TAG },
	{ "result", "ok", "BF31(80(00))", ERR_NONE },
	{ "result", "no number", "BF3100", ERR_TRUNCATED },
	{ "result", "of another function", "BF32(80(00))", ERR_TAG },
};

static const struct law *find(const char *name)
{
	for (size_t i = 0; i < COUNT(laws); i++) {
		if (strcmp(laws[i].name, name) == 0)
			return &laws[i];
	}
	printf("Bail out! no law %s\n", name);
	exit(EXIT_FAILURE);
}

/* R10: what deviceInfo says is compared, so no coding of it in use may pass for none. */
static void imei(void)
{
	static const struct {
		const char *says, *octets, *digits;
	} codings[] = {
		{ "as SGP.22 4.2 has it, the check digit above F", "941045022373158F",
		  "490154203237518" },
		{ "as TS 29.002 has it, F above the check digit", "94104502237315F8", "490154203237518" },
		{ "with a software version", "9410450223731518", "4901542032375181" },
		{ "no digit in the last octet", "94104502237315FF", NULL },
		{ "F elsewhere", "9F1045022373158F", NULL },
		{ "a letter", "94104502237315A8", NULL },
	};

	for (size_t i = 0; i < COUNT(codings); i++) {
		uint8_t octets[8], digits[16];
		struct room room = ROOM(digits);
		struct device_info info = { .imei = tlv(codings[i].octets, octets, sizeof octets) };
		enum err err = device_info_imei(&info, &room);
		const char *want = codings[i].digits;
		bool good = want == NULL ? err == ERR_VALUE && room.len == 0
		                         : err == ERR_NONE && bytes_same(room_used(&room), bytes_text(want));
		ok(good, "R10: an IMEI %s%s", codings[i].says, want == NULL ? ": refused" : "");
	}
}

int main(void)
{
	static uint8_t store[4096];
	bool canonical;
	enum err err;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct bytes in = tlv(rows[i].text, store, sizeof store);
		bool holds = law_holds(find(rows[i].law), in, &err, &canonical);
		bool good = holds && err == rows[i].want && (err != ERR_NONE || canonical);
		ok(good, "%s: %s: %s", rows[i].law, rows[i].says,
		   rows[i].want == ERR_NONE ? "comes back as it was" : err_text(rows[i].want));
		if (!good)
			printf("# got %s%s\n", err_name(err),
			       err == ERR_NONE && !canonical ? ", other octets" : "");
	}
	for (size_t i = 0; i < COUNT(laws); i++) {
		bool seen = false;
		for (size_t k = 0; k < COUNT(rows); k++)
			seen |= strcmp(rows[k].law, laws[i].name) == 0 && rows[k].want == ERR_NONE;
		ok(seen, "%s has a good row", laws[i].name);
	}
	imei();
	return done();
}
