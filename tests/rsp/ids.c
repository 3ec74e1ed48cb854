/* SPDX-License-Identifier: Apache-2.0 */
/* ICCID and EID, hashes of confirmation codes, rules, resources, and the small answers of a
 * card. */
#include "rsp/activation_code.h"
#include "rsp/local_management.h"
#include "rsp/notification.h"
#include "rsp/prepare_download.h"
#include "rsp/profile_info.h"

#include "rsp/ctx_params.h"
#include "rsp/euicc_info.h"
#include "tests/rsp/tlv.h"
#include "tests/tap.h"

static const struct {
	const char *says, *text, *octets;
	enum err want;
} iccids[] = {
	{ "20 digits", "89001234567890123419", "98002143658709214391", ERR_NONE },
	{ "19 digits", "8900123456789012341", "980021436587092143F1", ERR_NONE },
	{ "18 digits", "890012345678901234", "980021436587092143FF", ERR_NONE },
	{ "17 digits", "89001234567890123", NULL, ERR_LENGTH },
	{ "21 digits", "890012345678901234190", NULL, ERR_LENGTH },
	{ "a letter", "8900123456789012341X", NULL, ERR_VALUE },
	{ "padding inside", "8900123456F890123419", NULL, ERR_VALUE },
};

static void test_iccids(void)
{
	uint8_t store[32], octets[ICCID_SIZE], text_store[20];

	for (size_t i = 0; i < COUNT(iccids); i++) {
		struct bytes text = bytes_text(iccids[i].text);
		struct room back = ROOM(text_store);
		ok_err(rsp_iccid_read(text, octets), iccids[i].want, iccids[i].says);
		if (iccids[i].want != ERR_NONE)
			continue;
		ok_bytes(BYTES(octets), unhex(iccids[i].octets, store, sizeof store),
		         "... swapped");
		ok(rsp_iccid_text(octets, &back) == ERR_NONE && bytes_same(room_used(&back), text),
		   "... and back");
	}
	ok(rsp_iccid_read(BYTES_STR("8900123456789012341F"), octets) == ERR_NONE,
	   "19 digits with their F");
	struct room back = ROOM(text_store);
	unhex("98002143658F09214391", octets, sizeof octets);
	ok_err(rsp_iccid_text(octets, &back), ERR_VALUE, "a digit behind the padding");
}

static void test_eids(void)
{
	uint8_t eid[EID_SIZE];

	ok(rsp_eid_read(BYTES_STR("89049032123451234512345678901235"), eid) == ERR_NONE &&
	           rsp_eid_valid(eid),
	   "the EID of SGP.26 has good check digits");
	eid[15] = 0x36;
	ok(!rsp_eid_valid(eid), "the next one has not");
	ok_err(rsp_eid_read(BYTES_STR("8904903212345123451234567890123"), eid), ERR_LENGTH,
	       "31 digits");
	ok_err(rsp_eid_read(BYTES_STR("8904903212345123451234567890123A"), eid), ERR_VALUE,
	       "a letter");
}

static const struct {
	const char *says, *allowed, *owner;
	bool want;
} owners[] = {
	{ "same operator", "80(62F210)", "80(62F210)", true },
	{ "other operator", "80(62F210)", "80(62F220)", false },
	{ "any operator", "80(EEEEEE)", "80(62F210)", true },
	{ "any operator of a country", "80(62E2EE)", "80(62F210)", true },
	{ "gid must be absent", "80(EEEEEE)", "80(62F210)81(01)", false },
	{ "empty gid matches any", "80(EEEEEE)8100", "80(62F210)81(01)", true },
	{ "empty gid matches none at all", "80(EEEEEE)8100", "80(62F210)", true },
	{ "other gid", "80(EEEEEE)81(02)", "80(62F210)81(01)", false },
};

static void test_owners(void)
{
	uint8_t a[64], b[64];

	for (size_t i = 0; i < COUNT(owners); i++) {
		struct operator_id allowed, owner;
		ok(operator_id_read(tlv(owners[i].allowed, a, sizeof a), &allowed) == ERR_NONE &&
		           operator_id_read(tlv(owners[i].owner, b, sizeof b), &owner) ==
		                   ERR_NONE &&
		           operator_matches(&allowed, &owner) == owners[i].want,
		   "%s", owners[i].says);
	}
	uint8_t mcc_mnc[3], want[3];
	struct room out = ROOM(mcc_mnc);
	ok(mcc_mnc_put(&out, BYTES_STR("262"), BYTES_STR("01")) == ERR_NONE, "262 01");
	ok_bytes(room_used(&out), unhex("62F210", want, 3), "... is 62F210");
	out.len = 0;
	ok(mcc_mnc_put(&out, BYTES_STR("310"), BYTES_STR("410")) == ERR_NONE, "310 410");
	ok_bytes(room_used(&out), unhex("130014", want, 3), "... is 130014");
}

static const struct {
	const char *says, *text;
	enum err want;
	const char *address, *id, *oid;
	bool code;
} activation_codes[] = {
	{ "full", "LPA:1$SMDP.GSMA.COM$04386-AGYFT-A74Y8-3F815$1.3.6.1.4.1.31746$1", ERR_NONE,
	  "SMDP.GSMA.COM", "04386-AGYFT-A74Y8-3F815", "1.3.6.1.4.1.31746", true },
	{ "code required, no OID", "LPA:1$SMDP.GSMA.COM$04386-AGYFT-A74Y8-3F815$$1", ERR_NONE,
	  "SMDP.GSMA.COM", "04386-AGYFT-A74Y8-3F815", "", true },
	{ "short", "LPA:1$SMDP.GSMA.COM$04386-AGYFT-A74Y8-3F815", ERR_NONE, "SMDP.GSMA.COM",
	  "04386-AGYFT-A74Y8-3F815", "", false },
	{ "empty token", "1$SMDP.GSMA.COM$", ERR_NONE, "SMDP.GSMA.COM", "", "", false },
	{ "another format", "LPA:2$SMDP.GSMA.COM$A", ERR_UNSUPPORTED, "", "", "", false },
	{ "no token", "LPA:1$SMDP.GSMA.COM", ERR_TRUNCATED, "", "", "", false },
	{ "no address", "LPA:1$$A", ERR_VALUE, "", "", "", false },
	{ "an address with a slash", "LPA:1$a/b$A", ERR_VALUE, "", "", "", false },
	{ "an OID with letters", "LPA:1$a.b$A$x", ERR_VALUE, "", "", "", false },
	{ "flag 2", "LPA:1$a.b$A$$2", ERR_VALUE, "", "", "", false },
	{ "empty", "", ERR_TRUNCATED, "", "", "", false },
};

static bool is_text(struct bytes value, const char *want)
{
	return bytes_same(value, bytes_text(want));
}

static void test_activation_codes(void)
{
	for (size_t i = 0; i < COUNT(activation_codes); i++) {
		struct activation_code code = { .confirmation_code_required = false };
		struct bytes text = bytes_text(activation_codes[i].text);
		ok_err(activation_code_read(text, &code), activation_codes[i].want,
		       activation_codes[i].says);
		ok(is_text(code.smdp_address, activation_codes[i].address) &&
		           is_text(code.matching_id, activation_codes[i].id) &&
		           is_text(code.smdp_oid, activation_codes[i].oid) &&
		           code.confirmation_code_required == activation_codes[i].code,
		   "... with its fields");
	}
}

static void test_rest(void)
{
	uint8_t store[64], hash[32], cc[32], want[32], twice_store[80];
	struct ctx_params1 params = { .extensions = { NULL, 0 } };
	struct bytes digest, list;
	uint32_t fields, apps, flash, ram;
	uint8_t error = 0;

	/* SHA-256 of "1234", then of that and 00. */
	ok(confirmation_code_hash(BYTES_STR("1234"), hash) == ERR_NONE &&
	           bytes_same(BYTES(hash),
	                      unhex("03AC674216F3E15C761EE1A5E255F067953623C8B388B4459E13F978"
	                            "D7C846F4",
	                            want, 32)),
	   "a confirmation code is kept as its hash");
	ok(hash_cc_derive(hash, (struct bytes){ (const uint8_t *)"", 1 }, cc) == ERR_NONE &&
	           memcmp(hash, cc, 32) != 0,
	   "and hashed again with the transaction");
	ok_err(ctx_params1_evidence_digest(&params, &digest), ERR_NOT_FOUND, "R5: no digest");
	params.extensions = tlv("DF23(00)", store, sizeof store);
	ok_err(ctx_params1_evidence_digest(&params, &digest), ERR_LENGTH,
	       "R5: digest of one octet");
	struct room twice = ROOM(twice_store);
	ctx_params1_evidence_put(&twice, BYTES(hash));
	params.extensions = room_used(&twice);
	ok(ctx_params1_evidence_digest(&params, &digest) == ERR_NONE && digest.len == 32,
	   "R5: one digest");
	ctx_params1_evidence_put(&twice, BYTES(cc));
	params.extensions = room_used(&twice);
	ok_err(ctx_params1_evidence_digest(&params, &digest), ERR_VALUE, "R5: two digests");
	ok(profile_info_tags(tlv("5C(5A9F70)", store, sizeof store), &fields) == ERR_NONE,
	   "tags that are not known are ignored");
	ok(profile_info_tags(tlv("5A9F7099", store, sizeof store), &fields) == ERR_NONE &&
	           fields == (INFO_ICCID | INFO_STATE | INFO_PPRS),
	   "a tag list");
	ok_err(profile_info_tags(tlv("5A9F", store, sizeof store), &fields), ERR_TRUNCATED,
	       "a tag list cut inside a tag");
	ok(ext_card_resource_read(tlv("81(01)82(00012345)83(1000)", store, sizeof store), &apps,
	                          &flash, &ram) == ERR_NONE &&
	           apps == 1 && flash == 0x12345 && ram == 0x1000,
	   "memory resources");
	ok_err(profile_info_response_read(tlv("BF2D(81(01))", store, sizeof store), &list, &error),
	       ERR_VALUE, "a list that is an error");
	ok(error == 1, "... tells which");
	ok_err(retrieve_notifications_response_read(tlv("BF2B(81(01))", store, sizeof store),
	                                            &list),
	       ERR_NOT_FOUND, "no notification is not an error");
	ok_err(list_notification_response_read(tlv("BF28(A0(BF2F00))", store, sizeof store), &list),
	       ERR_TRUNCATED, "a list with an empty notification");
	ok_err(get_euicc_data_request_read(tlv("BF3E(5C(5A))", store, sizeof store)), ERR_NONE,
	       "asking for the EID");
	ok_err(get_euicc_data_request_read(tlv("BF3E(5C(5B))", store, sizeof store)),
	       ERR_UNSUPPORTED, "asking for something else");
}

int main(void)
{
	test_iccids();
	test_eids();
	test_owners();
	test_activation_codes();
	test_rest();
	return done();
}
